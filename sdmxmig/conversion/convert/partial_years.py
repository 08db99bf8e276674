"""Labels and notes that name part of a year, which must not be sent as whole years.

A mapping that takes the year from a label ignores “(to September)” after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.component_texts import telling_cells, text_of_block
from sdmxmig.conversion.mapping.grid import folded, matches_any
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.recognition.named_parts import CONCEPTS, YEAR, names_part_of_year
from sdmxmig.conversion.recognition.words import Vocabulary, read_vocabulary
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.rule_ids import RuleId

LETTERS = re.compile(r"[^\W\d_]|\d[^\d]*[-–—]\s*\d|[IVX]\s*[-–—]")
LONGEST_MARK, LONGEST_NOTE = 5, 300
MOST_WORDS = 8
"""Longer notes may mention months for other reasons."""
REF_DATE = "REF_DATE"


PartialText = tuple[str, str, tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class YearLabel:
    """A label that is read as a year, its cell, and whether the mapping lists the whole label."""

    text: str
    year: str
    _: KW_ONLY
    cell: tuple[int | None, int | None]
    is_listed: bool


def check_years(layouts: Sequence[Layout], context: ConversionContext) -> None:
    """Report labels and notes that name part of a year sent as a whole.

    Ignores figures at a reference day.
    """
    time = context.flow.structure.time
    if time is None or is_on_a_day(context.flow):
        return
    reported: dict[tuple[str, str], tuple[Place, str]] = {}
    for layout in layouts:
        labels = list(year_labels(layout, time.id, context.flow))
        of_labels = ((text, year, (place_of(layout, cell), time.id)) for text, year, cell in partial_labels(labels))
        of_notes = (
            (text, year, (place_of(layout, cell), "")) for text, year, cell in partial_notes(layout, labels, context)
        )
        for text, year, at in (*of_labels, *of_notes):
            if not is_accepted(layout, text, year, time.id):
                reported.setdefault((text, year), at)
    for (text, year), (place, component) in reported.items():
        context.collector.add(RuleId.YEAR_IN_PART, [place], component, value=text, period=year)


def place_of(layout: Layout, cell: tuple[int | None, int | None]) -> Place:
    row, column = cell
    return layout.table.place(row, column) if row and column else Place(layout.table.file, layout.table.sheet)


def is_on_a_day(flow: Flow) -> bool:
    return any(component.id == REF_DATE and component.mandatory for component in flow.structure.attributes())


def year_labels(layout: Layout, time: str, flow: Flow) -> Iterator[YearLabel]:
    for component_map in layout.block.components:
        if component_map.component != time:
            continue
        meanings = Meanings(
            component_map, flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        if component_map.source.is_of_block:
            text, (row, column) = text_of_block(layout, component_map.source)
            listed = [(text or "", row, column)]
        else:
            cells = telling_cells(component_map, layout, layout.values()).select("text", "row", "column").drop_nulls()
            listed = list(cells.unique("text", keep="first", maintain_order=True).iter_rows())
        for text, row, column in listed:
            year = meanings.of(text) or ""
            if YEAR.fullmatch(year):
                yield YearLabel(text, year, cell=(row, column), is_listed=meanings.knows(folded(text)))


def partial_labels(labels: Sequence[YearLabel]) -> Iterator[PartialText]:
    for label in labels:
        rest = YEAR.sub(" ", label.text)
        if not label.is_listed and LETTERS.search(rest) and names_part_of_year(label.text, vocabulary(), is_label=True):
            yield label.text, label.year, label.cell


def partial_notes(layout: Layout, labels: Sequence[YearLabel], context: ConversionContext) -> Iterator[PartialText]:
    """Find texts around a block that name part of a year, by mark or by year.

    Texts sent as comments of their figures are ignored.
    """
    for label in labels:
        row, column = label.cell
        for text in layout.table.notes.get((row or 0, column or 0), ()):
            if names_part_of_year(text, vocabulary(), is_label=True):
                yield text, label.year, label.cell
    marked = {mark: label.year for label in labels if (mark := mark_of(label.text))}
    years, commented = {label.year for label in labels}, marks_with_text(layout, context.flow)
    is_short_text = (pl.col("kind") != "number") & (pl.col("text").str.len_chars() <= LONGEST_NOTE)
    outside = layout.grid.cells.filter(is_short_text & ~layout.held) if labels else layout.grid.cells.clear()
    for text, row, column in outside.select("text", "row", "column").iter_rows():
        mark = next((each for each in marked if "".join(text.split()).startswith(each)), "")
        named = {match[0] for match in YEAR.finditer(text)}
        subject = {marked[mark]} if mark else named
        if mark in commented or len(subject) != 1 or not named <= subject <= years:
            continue
        is_label = bool(mark) and len(text.split()) <= MOST_WORDS
        if names_part_of_year(text.strip().removeprefix(mark), vocabulary(), is_label=is_label):
            yield text, *subject, (row, column)


def mark_of(label: str) -> str:
    rest = "".join(YEAR.sub(" ", label, count=1).split())
    return rest if len(rest) <= LONGEST_MARK else ""


def marks_with_text(layout: Layout, flow: Flow) -> frozenset[str]:
    marks = layout.block.values.marks
    return frozenset(mark for mark, pairs in marks if any(not flow.structure[name].is_coded for name, _ in pairs))


def is_accepted(layout: Layout, text: str, year: str, time: str) -> bool:
    block = layout.block
    return matches_any(text, block.required_texts) or any((time, year) in noted.where for noted in block.notes)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return read_vocabulary(concepts=CONCEPTS)
