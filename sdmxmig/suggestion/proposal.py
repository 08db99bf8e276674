"""A proposed mapping: what was recognised in a workbook, and what a person must confirm."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from sdmxmig.mapping.block_keys import only_codes
from sdmxmig.mapping.sources import parts_of
from sdmxmig.model.data import Attributes, Block, Mapping, SectionTitle, Skip, Values
from sdmxmig.model.tables import Table
from sdmxmig.places import cell_name
from sdmxmig.recognition import Candidate
from sdmxmig.recognition.recogniser import WHOLE_WORLD, WORLD
from sdmxmig.suggestion.assignment import assign
from sdmxmig.suggestion.components import read_line
from sdmxmig.suggestion.doubts import doubted, in_fractions
from sdmxmig.suggestion.figures import has_fractions, values_of
from sdmxmig.suggestion.fixed import Setting, settings
from sdmxmig.suggestion.glued import is_part, skip_of
from sdmxmig.suggestion.lines import Fit, Known, Line, lines_of, titles_over
from sdmxmig.suggestion.other_measures import other_measures, told_elsewhere
from sdmxmig.suggestion.parts import find_regions
from sdmxmig.suggestion.questions import Decisions, Question
from sdmxmig.suggestion.questions import settled as with_decisions
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.rivals import Labels, Rival, without_rivals
from sdmxmig.suggestion.unread import same_lines, unused
from sdmxmig.suggestion.year_and_month import with_parts_of_years


@dataclass(frozen=True, slots=True)
class Draft:
    """The block that is proposed for one region of a sheet, with its questions.

    `elsewhere` says why the region is not proposed, if its titles speak of the figures of other dataflows.
    """

    region: Region
    block: Block
    questions: tuple[Question, ...]
    labels: Labels
    elsewhere: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that is proposed, all its lines with their scores, and the regions of the sheets that it reads."""

    mapping: Mapping
    questions: tuple[Question, ...]
    regions: tuple[Region, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """What a person should confirm or decide."""
        return tuple(one for one in self.questions if one.is_open)


def suggest(tables: Sequence[Table], known: Known, area: str = "", decisions: Decisions | None = None) -> Proposal:
    """A mapping for the sheets of a workbook that hold figures of a dataflow.

    `area` is the reporting country, if it is known, `decisions` what a person said in a review. What is not certain is
    left out of the mapping or stands in the questions with the nearest candidates.
    """
    said = decisions or {}
    regions = [region for table in tables for region in find_regions(table, known.recogniser.vocabulary)]
    drafts = [draft(region, known, area, said) for region in regions]
    drafts = [one for one in drafts if any(each.component in known.flow.structure.key for each in one.block.components)]
    elsewhere = [question for one in drafts for question in one.elsewhere]
    drafts = [one for one in drafts if not one.elsewhere]
    kept, told = without_rivals([Rival(one.block, one.region, one.labels) for one in drafts], known.flow)
    blocks = tuple(keyed(drafts[at].block, number) for number, at in enumerate(kept, start=1))
    told_of = {one.sheet for one in told}
    listed = [one for at, one in enumerate(drafts) if at in kept or (one.region.is_part and one.region.name in told_of)]
    questions = [question for one in listed for question in one.questions]
    file = PurePath(tables[0].file).name if tables else ""
    name = re.sub(r"[^A-Z0-9]+", "_", PurePath(file).stem.upper()).strip("_") or "TABLE"
    mapping = Mapping(f"MAP_{name}", known.flow.id, file, blocks)
    return Proposal(
        mapping, with_decisions([*questions, *told, *elsewhere], said), tuple(drafts[at].region for at in kept)
    )


def keyed(block: Block, number: int) -> Block:
    """A block with the keys of its place in the file."""
    key = f"block[{number}]"
    components = tuple(replace(one, key=f"{key}.components.{one.component}") for one in block.components)
    return replace(block, key=key, components=components)


def draft(region: Region, known: Known, area: str, decisions: Decisions) -> Draft:
    """The block of one region, and its questions."""
    flow, sheet = known.flow, region.name
    found = lines_of(region)
    others = other_measures(found, known)
    lines, sums = with_parts_of_years(without_texts(found, others.labels), known)
    titles = titles_of(region, lines)
    closed = {"FREQ", *only_codes(flow), *(["REF_AREA"] if area else [])}
    wanted = [one for one in flow.structure.key if one not in closed]
    orders = {
        part.removeprefix("line "): said
        for (where, part, _), said in decisions.items()
        if where == sheet and part[:5] == "line "
    }
    fits = assign(lines, wanted, titles, known, decided=orders, same=same_lines(region, lines, known))
    sources = [one.line.source for one in fits]
    readings = [read_line(one, sheet, known, decisions, alone=sources.count(one.line.source) < 2) for one in fits]
    apart = [line for line in found if line.source in others.labels]
    stray, asked = unused(region, fits, lines, known, apart)
    left = [(one.line.source, *pair) for one, reading in zip(fits, readings, strict=True) for pair in reading.left_out]
    rows, columns = left_out((*left, *stray, *sums), others.labels)
    values, doubts = cell_values(region, known, decisions)
    if not region.labels_right and max(region.labels, default=0) > min(region.values):
        values = replace(values, columns=tuple(" ".join(region.head(column).split()) for column in region.values))
    freq = next((reading.freq for reading in readings if reading.freq), "")
    given = [*(one.component for one in fits), *(one.component for one in others.carried)]
    told = (*titles, *titles_over(lines))
    found_values = settings(flow, given, told, area or whole_world(fits), freq, known.recogniser)
    found_values = doubted(found_values, lines, titles, known)
    if has_fractions(text for _, column, text in region.figures if not others.holds(region.over(column))):
        found_values = in_fractions(found_values)
    fixed, settled = fixed_values(sheet, found_values, decisions)
    block = replace(
        placed(region),
        components=(*(reading.component for reading in readings), *others.carried),
        values=values,
        skip_rows=(*others.rows, *rows),
        skip_columns=(*others.columns, *columns),
        fixed=fixed,
        sections=tuple(section_title(lines) for one in fits if "section" in parts_of(one.line.source))[:1],
    )
    questions = [question for reading in readings for question in reading.questions]
    labels = {one.component: frozenset(one.line.texts) for one in fits}
    elsewhere = told_elsewhere(region, found, known)
    return Draft(region, block, (*questions, *asked, *settled, *doubts), labels, elsewhere)


def without_texts(lines: Sequence[Line], gone: abc.Mapping[str, frozenset[str]]) -> tuple[Line, ...]:
    """The lines without the labels of rows and columns that stay out anyway."""
    kept = ((line, tuple(text for text in line.texts if text not in gone.get(line.source, ()))) for line in lines)
    return tuple(replace(line, texts=texts) for line, texts in kept if texts)


def section_title(lines: Sequence[Line]) -> SectionTitle:
    """How titles between the rows are known: they stand alone, or are none of the labels that stand below them."""
    lower = next((line.texts for line in lines if line.upper), ())
    none_of = "|".join(re.escape(text) for text in lower)
    return SectionTitle(f"/^(?!(?:{none_of})$)/", alone=False) if lower else SectionTitle()


def titles_of(region: Region, lines: Sequence[Line]) -> tuple[str, ...]:
    """What tells about a whole region: titles, the names of sheet and file, headers over all."""
    over = [line.texts[0] for line in lines if len(line.texts) == 1]
    file = re.sub(r"[_\W]+", " ", PurePath(region.table.file).stem)
    return (*region.titles, *region.corner, region.table.sheet, file, *over)


def left_out(
    labels: Sequence[tuple[str, str, str]], gone: abc.Mapping[str, frozenset[str]]
) -> tuple[tuple[Skip, ...], tuple[Skip, ...]]:
    """The rows and columns that stay out by their labels, without those that do so already."""
    rows: list[Skip] = []
    columns: list[Skip] = []
    for source, text, reason in labels:
        kind, _, number = source.partition(" ")
        if is_part(source):
            rows.append(skip_of(source, text, reason))
        elif number.isdecimal() and text not in gone.get(source, ()):
            (columns if kind == "header" else rows).append(Skip(text, reason, int(number)))
    return tuple(rows), tuple(columns)


def fixed_values(sheet: str, found: Sequence[Setting], decisions: Decisions) -> tuple[Attributes, tuple[Question, ...]]:
    """The components with one value, as proposed or decided, and their questions."""
    pairs, asked = [], []
    for one in found:
        said = decisions.get((sheet, f"fixed {one.component}", ""), "").strip()
        if said or one.chosen.code:
            pairs.append((one.component, said or one.chosen.code))
        asked.append(Question(sheet, f"fixed {one.component}", "", one.chosen, one.others))
    return tuple(pairs), tuple(asked)


def whole_world(fits: Sequence[Fit]) -> str:
    """The code of the world if countries of origin are listed with their total for the world."""
    worlds = [many[0] for one in fits for many in one.meanings.values() if many and many[0].reason == WHOLE_WORLD]
    return WORLD if worlds else ""


def cell_values(region: Region, known: Known, decisions: Decisions) -> tuple[Values, tuple[Question, ...]]:
    """How the value cells of a region are written, and what is uncertain about it."""
    table = region.table
    texts = [text for row, column, text in region.figures if (row, column) not in table.numeric]
    stored = not any(sign.isdigit() for text in texts for sign in text)
    values, doubts = values_of(texts, dict(table.said), known.recogniser.vocabulary, stored=stored)
    for what in list(doubts):
        said = decisions.get((region.name, "values", what), "").strip()
        sign = re.search("“(.*)”", what)
        if said and sign and what.startswith("the mark"):
            values = replace(values, marks=(*values.marks, (sign[1], (("OBS_STATUS", said),))))
        elif said and sign and said.lstrip("-").isdecimal():
            values = replace(values, numbers=tuple({**dict(values.numbers), sign[1]: said}.items()))
        elif said and sign:
            numbers = tuple(pair for pair in values.numbers if pair[0] != sign[1])
            missing = {**dict(values.missing), sign[1]: (("OBS_STATUS", said),)}
            values = replace(values, numbers=numbers, missing=tuple(missing.items()))
    status = [Candidate(code, 0.2, "an observation status") for code in ("O", "P", "E")]
    asked = [Question(region.name, "values", what, doubt, tuple(status)) for what, doubt in doubts.items()]
    return values, tuple(asked)


def placed(region: Region) -> Block:
    """Where the block lies: from its outermost header cell, by text if that text is the only one, else by its name."""
    used = {*region.labels, *region.values}
    far = min(used) if region.labels_right else max(used)
    beside = max(region.values) if region.labels_right else min(region.values)
    corner = " ".join(region.table.text(region.top, region.side).split())
    same = sum(" ".join(text.split()) == corner for cells in region.table.rows.values() for text in cells.values())
    rows = [row for row in region.table.rows if region.first <= row <= region.last]
    gaps = len(rows) < region.last - region.first + 1 or len(used) < abs(far - region.side) + 1
    by_text = bool(corner) and same == 1 and not region.is_part
    return Block(
        sheet=region.table.sheet or "*",
        anchors=(corner,) if by_text else (),
        cell="" if by_text else cell_name(region.top, region.side),
        header_rows=region.first - region.top,
        header_columns=abs(beside - region.side),
        components=(),
        gaps=gaps,
        last=cell_name(region.last, far) if gaps or region.below or region.is_part else "",
        labels_right=region.labels_right,
    )
