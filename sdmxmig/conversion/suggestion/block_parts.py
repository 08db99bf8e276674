"""Parts of a block besides lines: omissions, cell values, table-wide values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.recognition.labels import best
from sdmxmig.conversion.suggestion.cell_values import CellValues, cell_values
from sdmxmig.conversion.suggestion.compound_labels import skip_of
from sdmxmig.conversion.suggestion.fixed_values import FixedValues, fixed_values
from sdmxmig.conversion.suggestion.line_sources import LeftOut, LineSource
from sdmxmig.conversion.suggestion.lines import is_time, lines_of, meanings_of
from sdmxmig.conversion.suggestion.period_statuses import PeriodStatuses, PeriodSurroundings, period_statuses
from sdmxmig.conversion.suggestion.questions import Basis, Question, decided
from sdmxmig.conversion.suggestion.read_regions import ReadRegion
from sdmxmig.conversion.suggestion.unread import unused
from sdmxmig.sdmx.model.data import Attributes, ComponentMap, Skip
from sdmxmig.sdmx.model.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsLeftOut:
    """Rows and columns left out because of unread labels, and questions about lines."""

    rows: tuple[Skip, ...]
    columns: tuple[Skip, ...]
    questions: tuple[Question, ...]

    @property
    def labels(self) -> frozenset[tuple[Source, str]]:
        rows = ((Source("column", skip.header), skip.match) for skip in self.rows)
        columns = ((Source("header", skip.header), skip.match) for skip in self.columns if not skip.column)
        return frozenset((*rows, *columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBeside:
    """Other sources: sheet names and words next to periods."""

    by_sheet: tuple[ComponentMap, ...]
    statuses: PeriodStatuses

    @property
    def components(self) -> frozenset[str]:
        return frozenset(component_map.component for component_map in (*self.by_sheet, *self.statuses.components))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockParts:
    """A region as read, with all parts of its block."""

    read: ReadRegion
    left_out: LabelsLeftOut
    cells: CellValues
    beside: ReadBeside
    fixed: FixedValues

    @property
    def codes(self) -> Attributes:
        return tuple(pair for pair in self.fixed.codes if pair[0] not in self.beside.components)


def block_parts(read: ReadRegion) -> BlockParts:
    cells = cell_values(read)
    return BlockParts(
        read=read,
        left_out=labels_left_out(read),
        cells=cells,
        beside=ReadBeside(by_sheet=by_sheet(read.basis), statuses=beside_periods(read, cells.marks)),
        fixed=fixed_values(read),
    )


def labels_left_out(read: ReadRegion) -> LabelsLeftOut:
    basis, lines = read.basis, read.periods.lines
    pairs = zip(read.fits, read.readings, strict=True)
    unread = [(fit.line.source, *label) for fit, reading in pairs for label in reading.left_out]
    unused_labels, questions = unused(basis, read.fits, lines, read.apart.of_others)
    rows, columns = skips_of((*unread, *unused_labels, *read.periods.left_out), read.apart.other_measures.labels)
    return LabelsLeftOut(rows=rows, columns=columns, questions=questions)


def skips_of(
    labels: Sequence[LeftOut], gone: Mapping[LineSource, frozenset[str]]
) -> tuple[tuple[Skip, ...], tuple[Skip, ...]]:
    rows: list[Skip] = []
    columns: list[Skip] = []
    for source, text, reason in labels:
        if source.is_numbered and text not in gone.get(source, ()):
            (columns if source.kind == "header" else rows).append(skip_of(source, text, reason))
    return tuple(rows), tuple(columns)


def by_sheet(basis: Basis) -> tuple[ComponentMap, ...]:
    known, sheet = basis.known, basis.region.table.sheet
    name = decided(basis.decisions, basis.sheet, "sheet")
    if name not in known.flow.structure.key:
        return ()
    meaning = best(meanings_of((sheet,), name, known.flow, known.recogniser)[sheet])
    codes = ((sheet, meaning.code),) if meaning and meaning.is_applied and meaning.code != sheet else ()
    return (ComponentMap(name, Source("sheet"), codes=codes),)


def beside_periods(read: ReadRegion, marks: Sequence[str]) -> PeriodStatuses:
    basis, flow = read.basis, read.basis.known.flow
    components_by_source = [(part, fit.component) for fit in read.fits for part in fit.line.source.parts]
    of_time = {source for source, component in components_by_source if is_time(component, flow)}
    around = PeriodSurroundings(
        flow=flow,
        vocabulary=basis.known.recogniser.vocabulary,
        notes=basis.region.notes,
        marks=marks,
        components_by_source=components_by_source,
    )
    lines = [line for line in lines_of(basis.region) if line.source in of_time and not line.source.part]
    return period_statuses(lines, basis.sheet, around, basis.decisions)
