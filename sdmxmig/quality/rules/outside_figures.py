"""Figures next to a total that are not its parts: omitted by the mapping, or with codes outside the total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.words import FIRST_LANGUAGE, find_code_name
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, NO_COUNTS, OF_ANOTHER_FLOW

Line = tuple[str, str, str, int]
"""A row or column of a sheet: file, sheet, ``row`` or ``column``, and its number."""
OutsideCell = tuple[int, int, str, int | None]
"""A figure outside a total: row, column, reason and observation, None if the mapping does not read it."""
Figures = Iterator[tuple[str, str, int, int, str, int | None]]
SKIPPED_OUTCOME = "skipped"
OUTSIDE_CODES = {"PROT_ITEM": frozenset({"CLOSED", "WITHDRAWN"})}
"""Codes of figures that a table may count in a total, such as that of decisions, which does not have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFigures:
    """The cell of each observation, and figures outside totals by row and column.

    Figures omitted for one of the `telling` reasons are known to be included in totals.
    """

    places: Mapping[int, tuple[str, str, int, int]]
    lines: Mapping[Line, Sequence[OutsideCell]]
    telling: frozenset[str]
    observations: pl.DataFrame

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

    def explain(self, total: Mapping[str, Any], *, most_wrong: bool) -> bool:
        """Check whether the figures beside a total explain its excess over its parts.

        Amounts of omitted figures are unknown: they explain any excess if most totals exceed their parts.
        """
        more = total["amount"] - total["sum"]
        for _, cells in self.beside(total):
            numbers = [number for _, _, reason, number in cells if reason in self.telling]
            known = [number for number in numbers if number is not None]
            if len(known) < len(numbers):
                return most_wrong and more > 0
            beside = self.observations.filter(pl.int_range(pl.len()).is_in(known))
            key = self.observations.drop("amount").row(total["row"], named=True)
            same = [pl.col(name).is_in([code, "_Z"]) for name, code in key.items() if name not in OUTSIDE_CODES]
            amounts = beside.filter(same)["amount"].drop_nulls()
            if len(amounts) and abs(more - amounts.sum()) * 2 <= total["slack"]:
                return True
        return False


def find_outside_figures(check: Check) -> OutsideFigures:
    places = map_places(check)
    held = {line for place in places.values() for line in list_lines(*place)}
    of_codes = list(list_outside_codes(check, places))
    lines: dict[Line, list[OutsideCell]] = {}
    for file, sheet, row, column, reason, number in (*list_skipped(check), *of_codes):
        for line in list_lines(file, sheet, row, column):
            if line in held:
                lines.setdefault(line, []).append((row, column, reason, number))
    telling = frozenset((LEFT_OUT_BY_ANSWER, *(reason for *_, reason, _ in of_codes)))
    observations = check.amounts.frame.select(*check.structure.key, "amount")
    return OutsideFigures(places=places, lines=lines, telling=telling, observations=observations)


def list_skipped(check: Check) -> Figures:
    if check.unused_cells is not None:
        why = pl.col("reason").cast(pl.String)
        may_be_part = ~why.str.ends_with(OF_ANOTHER_FLOW) & ~why.str.ends_with(NO_COUNTS)
        left_out = check.unused_cells.filter((pl.col("fate") == SKIPPED_OUTCOME) & may_be_part)
        yield from left_out.select("file", "sheet", "row", "column", "reason", number=None).iter_rows()


def list_outside_codes(check: Check, places: Mapping[int, tuple[str, str, int, int]]) -> Figures:
    for dimension in OUTSIDE_CODES.keys() & {*check.structure.series_key}:
        for number, code in enumerate(check.frame[dimension]):
            if code in OUTSIDE_CODES[dimension] and number in places:
                yield (*places[number], find_code_name(check.flow, dimension, code, FIRST_LANGUAGE), number)


def list_lines(file: str, sheet: str, row: int, column: int) -> tuple[Line, Line]:
    return (file, sheet, "row", row), (file, sheet, "column", column)


def map_places(check: Check) -> Mapping[int, tuple[str, str, int, int]]:
    origins = check.dataset.origins.filter(pl.col("component").cast(pl.String) == check.measure)
    single = origins.filter(pl.col("observation").is_unique())
    cells = single.select("observation", pl.col("file", "sheet").cast(pl.String), "row", "column")
    return {number: (file, sheet, row, column) for number, file, sheet, row, column in cells.iter_rows()}
