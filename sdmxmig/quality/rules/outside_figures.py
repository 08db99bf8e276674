"""Figures next to a total that are not its parts: omitted by the mapping, or with codes outside the total."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.words import FIRST_LANGUAGE, find_code_name
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, NO_COUNTS, OF_ANOTHER_FLOW
from sdmxmig.statistics.demography.amounts import NUMBER_PATTERN, Amounts

Line = tuple[str, str, str, int]
"""A row or column of a sheet: file, sheet, ``row`` or ``column``, and its number."""
OutsideCell = tuple[int, int, str, str, int | None]
"""A figure outside a total: row, column, reason, value and observation, None if the mapping does not read it."""
Figures = Iterator[tuple[str, str, int, int, str, str, int | None]]
SKIPPED_OUTCOME = "skipped"
MAX_OMITTED = 20
"""Maximum number of omitted figures next to a total whose sums are compared; with more, some sum fits by chance."""
OUTSIDE_CODES = {"PROT_ITEM": frozenset({"CLOSED", "WITHDRAWN"})}
"""Codes outside a total that a table may still count in it, such as closed cases in the total of decisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFigures:
    """The cell of each observation, and figures outside totals by row and column.

    `key` are the dimensions.
    """

    places: Mapping[int, tuple[str, str, int, int]]
    lines: Mapping[Line, Sequence[OutsideCell]]
    amounts: Amounts
    key: Sequence[str]

    def beside(self, total: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[OutsideCell]]]:
        """Yield the figures in the row and in the column that a total shares with all its parts."""
        cells = [self.places.get(row) for row in (total["row"], *total["rows"])]
        known_cells = [cell for cell in cells if cell is not None]
        if len(known_cells) < len(cells):
            return
        for kind in ("row", "column"):
            shared = {(file, sheet, row if kind == "row" else column) for file, sheet, row, column in known_cells}
            if len(shared) == 1:
                file, sheet, line = shared.pop()
                if figures := self.lines.get((file, sheet, kind, line)):
                    yield kind, figures

    def explain(self, total: Mapping[str, Any]) -> bool:
        """Check whether figures beside a total account for its excess over its parts."""
        more = total["amount"] - total["sum"]
        amounts = (amount for _, cells in self.beside(total) for amount in self.list_amounts(total, cells))
        return more > 0 and any(abs(more - amount) * 2 <= total["slack"] for amount in amounts)

    def may_explain(self, total: Mapping[str, Any]) -> bool:
        """Check whether a total exceeds its parts, and a figure beside it was omitted by an answer."""
        cells = (cell for _, cells in self.beside(total) for cell in cells)
        return total["amount"] > total["sum"] and any(cell[2] == LEFT_OUT_BY_ANSWER for cell in cells)

    def list_amounts(self, total: Mapping[str, Any], cells: Sequence[OutsideCell]) -> Iterator[Decimal]:
        """Yield amounts that a total may also include: figures with outside codes, and sums of omitted figures."""
        numbers = [number for *_, number in cells if number is not None]
        key = self.amounts.frame.row(total["row"], named=True)
        same = [pl.col(name).is_in([key[name], "_Z"]) for name in self.key if name not in OUTSIDE_CODES]
        beside = self.amounts.frame.filter(pl.int_range(pl.len()).is_in(numbers)).filter(same)["amount"].drop_nulls()
        if len(beside):
            yield Decimal(beside.sum())
        texts = [
            value
            for _, _, reason, value, _ in cells
            if reason == LEFT_OUT_BY_ANSWER and re.match(NUMBER_PATTERN, value)
        ]
        if len(texts) > MAX_OMITTED:
            return
        omitted = [Decimal(text).scaleb(total["power"] + self.amounts.scale) for text in texts]
        yield from (sum(omitted[first:last], Decimal(0)) for first, last in combinations(range(len(omitted) + 1), 2))
        yield from map(sum, combinations(omitted, 2))


def find_outside_figures(check: Check) -> OutsideFigures:
    places = map_places(check)
    held = {line for place in places.values() for line in list_lines(*place)}
    lines: dict[Line, list[OutsideCell]] = {}
    for file, sheet, row, column, reason, value, number in (*list_skipped(check), *list_outside_codes(check, places)):
        for line in list_lines(file, sheet, row, column):
            if line in held:
                lines.setdefault(line, []).append((row, column, reason, value, number))
    return OutsideFigures(places=places, lines=lines, amounts=check.amounts, key=check.structure.key)


def list_skipped(check: Check) -> Figures:
    if check.unused_cells is not None:
        why = pl.col("reason").cast(pl.String)
        may_be_part = ~why.str.ends_with(OF_ANOTHER_FLOW) & ~why.str.ends_with(NO_COUNTS)
        left_out = check.unused_cells.filter((pl.col("fate") == SKIPPED_OUTCOME) & may_be_part)
        yield from left_out.select("file", "sheet", "row", "column", "reason", "value", number=None).iter_rows()


def list_outside_codes(check: Check, places: Mapping[int, tuple[str, str, int, int]]) -> Figures:
    for dimension in OUTSIDE_CODES.keys() & {*check.structure.series_key}:
        for number, code in enumerate(check.frame[dimension]):
            if code in OUTSIDE_CODES[dimension] and number in places:
                yield (*places[number], find_code_name(check.flow, dimension, code, FIRST_LANGUAGE), "", number)


def list_lines(file: str, sheet: str, row: int, column: int) -> tuple[Line, Line]:
    return (file, sheet, "row", row), (file, sheet, "column", column)


def map_places(check: Check) -> Mapping[int, tuple[str, str, int, int]]:
    origins = check.dataset.origins.filter(pl.col("component").cast(pl.String) == check.measure)
    single = origins.filter(pl.col("observation").is_unique())
    cells = single.select("observation", pl.col("file", "sheet").cast(pl.String), "row", "column")
    return {number: (file, sheet, row, column) for number, file, sheet, row, column in cells.iter_rows()}
