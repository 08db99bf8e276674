"""Columns with an empty cell in the table head, which no neighbour may name.

They are totals where their own column and the sums of figures both say so; otherwise they stay out and are asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.recognition import APPLIED, Candidate
from sdmxmig.conversion.suggestion.components import OUT, ComponentReading
from sdmxmig.conversion.suggestion.line_sources import LeftOut, line_source
from sdmxmig.conversion.suggestion.lines import TOTAL, Fit, is_total
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Basis, Question, decided
from sdmxmig.conversion.suggestion.sums_of_parts import number_of
from sdmxmig.conversion.suggestion.unread import NOT_RECOGNISED
from sdmxmig.primitives.places import cell_name

EMPTY = "no head of these figures is certain"
BY_LEFT = Candidate(AS_IT_IS, 0.5, reason="the head on its left applies")
BY_ONE_KIND = 0.6


@dataclass(frozen=True, slots=True)
class EmptyHeads:
    """The empty cells of a header row that nothing is certain to name."""

    row: int
    columns: tuple[int, ...]
    basis: Basis

    @property
    def cells(self) -> str:
        number = self.basis.region.table.row_number(self.row)
        return ", ".join(cell_name(number, column) for column in self.columns)

    def answer(self, component: str) -> str:
        return decided(self.basis.decisions, self.basis.sheet, f"codes {component}", self.cells)


def empty_heads(basis: Basis) -> Iterator[EmptyHeads]:
    for row, columns in basis.region.unsure_heads.items():
        yield EmptyHeads(row, columns, basis)


def with_heads_filled(basis: Basis) -> Basis:
    """Let the head on the left apply to the empty cells for which a person said so."""
    key = basis.known.flow.structure.key
    rows = {heads.row for heads in empty_heads(basis) if AS_IT_IS in map(heads.answer, key)}
    return replace(basis, region=replace(basis.region, filled_heads=frozenset(rows))) if rows else basis


def with_empty_heads(reading: ComponentReading, fit: Fit, basis: Basis) -> ComponentReading:
    """Ask about the empty cells in the head of a dimension, or read them as totals."""
    for heads in heads_of(fit, basis):
        asked = question(heads, fit)
        code = asked.chosen.code if asked.chosen.code != LEAVE_OUT else ""
        component = replace(reading.component, empty=code)
        reading = replace(reading, component=component, questions=(*reading.questions, asked))
    return reading


def heads_of(fit: Fit, basis: Basis) -> Iterator[EmptyHeads]:
    rows = {basis.region.top + (part.number or 1) - 1 for part in fit.line.source.parts if part.kind == "header"}
    if fit.component in basis.known.flow.structure.key:
        yield from (heads for heads in empty_heads(basis) if heads.row in rows)


def left_out(readings: Sequence[ComponentReading], fits: Sequence[Fit], basis: Basis) -> Iterator[LeftOut]:
    """Yield the empty heads of dimensions for which no code is proposed, and the heads of a row that may be shifted."""
    for fit, reading in zip(fits, readings, strict=True):
        for heads in heads_of(fit, basis) if not reading.component.empty else ():
            texts = fit.line.texts if heads.columns == basis.region.values else ()
            source = line_source(f"header {heads.row - basis.region.top + 1}")
            yield from ((source, text, NOT_RECOGNISED) for text in (*texts, ""))


def question(heads: EmptyHeads, fit: Fit) -> Question:
    part, basis = f"codes {fit.component}", heads.basis
    total = Candidate(TOTAL, BY_ONE_KIND, reason="a total")
    has_total = TOTAL in (basis.known.flow.codelist(fit.component) or ())
    kinds = (is_called_total(heads) + is_sum(heads)) if has_total and len(heads.columns) == 1 else 0
    chosen = (
        replace(total, confidence=APPLIED if kinds > 1 else BY_ONE_KIND) if kinds else Candidate("", 0.0, reason=EMPTY)
    )
    others = (*([] if kinds or not has_total else [total]), BY_LEFT, OUT)
    answer = heads.answer(fit.component)
    if answer:
        chosen, others = Candidate(answer, 1.0, reason="decided by a person"), ()
    return Question(basis.sheet, part, label=heads.cells, chosen=chosen, others=others)


def is_called_total(heads: EmptyHeads) -> bool:
    region, recogniser = heads.basis.region, heads.basis.known.recogniser
    texts = [text for text in region.over(heads.columns[0]) if text]
    return bool(texts) and all(is_total(text, recogniser) for text in texts)


def is_sum(heads: EmptyHeads) -> bool:
    """Whether the figures of the column are the sums of all others."""
    region = heads.basis.region
    (column,) = heads.columns
    rows: dict[int, dict[int, str]] = {}
    for row, at, text in region.figures:
        rows.setdefault(row, {})[at] = text
    listed = [
        {at: number_of(text, is_stored=(row, at) in region.table.numeric) for at, text in cells.items()}
        for row, cells in rows.items()
        if len(cells) == len(region.values)
    ]
    full = [numbers for numbers in listed if len(numbers) > 2 and None not in numbers.values()]
    return bool(full) and all(
        numbers[column] == sum(number or 0 for at, number in numbers.items() if at != column) for numbers in full
    )
