"""Draft of a block for a region, with questions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.block_parts import BlockParts, block_parts
from sdmxmig.conversion.suggestion.competing_tables import Labels
from sdmxmig.conversion.suggestion.draft_questions import questions_of
from sdmxmig.conversion.suggestion.figure_notes import notes_decided
from sdmxmig.conversion.suggestion.line_sources import SECTION
from sdmxmig.conversion.suggestion.lines import Line, is_time
from sdmxmig.conversion.suggestion.other_measures import figures_elsewhere, only_shares
from sdmxmig.conversion.suggestion.period_marks import beside_marks
from sdmxmig.conversion.suggestion.placing import placed
from sdmxmig.conversion.suggestion.questions import Question, lines_decided, only_label
from sdmxmig.conversion.suggestion.read_regions import ReadRegion, read_region
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.says import heads_of, says_of
from sdmxmig.conversion.suggestion.texts_around import NOTE, ROW, TITLE
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Block, ComponentMap, SectionTitle
from sdmxmig.sdmx.model.sources import Source


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of a region; `elsewhere` explains why it is not proposed."""

    basis: Basis
    block: Block
    _: KW_ONLY
    questions: tuple[Question, ...]
    labels: Labels
    elsewhere: tuple[Question, ...]

    @property
    def region(self) -> Region:
        return self.basis.region


def draft_of(basis: Basis) -> Draft:
    """The block of one region, and its questions."""
    read = read_region(basis)
    parts = block_parts(read)
    return Draft(
        basis,
        block_of(parts),
        questions=questions_of(parts),
        labels={fit.component: labels_in(fit.line) for fit in read.fits},
        elsewhere=reasons_elsewhere(read),
    )


def block_of(parts: BlockParts) -> Block:
    read, others = parts.read, parts.read.apart.other_measures
    block = placed(read.basis.region)
    sections = [section_title(read.periods.lines) for fit in read.fits if SECTION in fit.line.source.parts]
    return replace(
        block,
        components=each_once(components_of(parts), read.basis),
        values=parts.cells.values,
        skip_rows=(*others.rows, *parts.left_out.rows),
        skip_columns=(*others.columns, *parts.left_out.columns),
        fixed=parts.codes,
        sections=tuple(sections[:1]),
        required_texts=(*deciding(read), *heads_of(read.fits, read.basis.region, block.anchors)),
        notes=notes_decided(read.basis.decisions, read.basis.sheet),
    )


def components_of(parts: BlockParts) -> tuple[ComponentMap, ...]:
    read, marks = parts.read, parts.cells.marks
    left_out, flow = parts.left_out.labels, read.basis.known.flow
    of_lines = [without_codes(reading.component, left_out) for reading in read.readings]
    return (
        *(
            beside_marks(component_map, marks) if is_time(component_map.component, flow) else component_map
            for component_map in of_lines
        ),
        *read.apart.other_measures.carried,
        *parts.beside.by_sheet,
        *parts.beside.statuses.components,
        *(beside_marks(reading.group, marks) for reading in read.readings if reading.group),
    )


def reasons_elsewhere(read: ReadRegion) -> tuple[Question, ...]:
    region, lines, known = read.basis.region, read.apart.every, read.basis.known
    is_in_units = any(fit.component == "UNIT_MEASURE" for fit in read.fits)
    return figures_elsewhere(region, lines, known) or (() if is_in_units else only_shares(region, lines, known))


def deciding(read: ReadRegion) -> tuple[str, ...]:
    """Return patterns of titles and notes that future tables must match.

    Years count if no line gives periods.
    """
    region, known = read.basis.region, read.basis.known
    time, components = known.flow.structure.time, {fit.component for fit in read.fits}
    by_title = time is None or time.id not in components
    dated = by_title or any(fit.line.year for fit in read.fits)
    comments = {text for texts in region.table.notes.values() for text in texts}
    titles = [text.text for text in read.around.texts if text.where in (TITLE, ROW)]
    notes = [text.text for text in read.around.texts if text.where == NOTE and text.text not in comments]
    return says_of(titles, notes, known.recogniser, dated=dated)


def labels_in(line: Line) -> frozenset[str]:
    return frozenset(dict(line.periods).values()) or frozenset(line.texts)


def without_codes(component_map: ComponentMap, left_out: Collection[tuple[Source, str]]) -> ComponentMap:
    return replace(
        component_map,
        codes=tuple((text, code) for text, code in component_map.codes if (component_map.source, text) not in left_out),
    )


def each_once(components: tuple[ComponentMap, ...], basis: Basis) -> tuple[ComponentMap, ...]:
    component_names = [component_map.component for component_map in components]
    for source, component in lines_decided(basis.decisions, basis.sheet).items():
        if component_names.count(component) > 1:
            message = f"The line {source} is said to give {component}, which labels of another line give already."
            hint = f"Let it give another dimension, or write “{only_label('LABEL')}” to read one of its labels."
            raise InputError(message, Place(basis.region.table.file, basis.region.table.sheet), hint)
    return components


def section_title(lines: Sequence[Line]) -> SectionTitle:
    lower = next((line.texts for line in lines if line.upper), ())
    none_of = "|".join(re.escape(text) for text in lower)
    return SectionTitle(f"/^(?!(?:{none_of})$)/", alone=False) if lower else SectionTitle()
