"""Formulas that depend on cells; indirect references are treated as reading every cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.primitives.places import parse_cell
from sdmxmig.sdmx.model.tables import Cell

VOLATILE_FUNCTIONS = frozenset(
    {"INDIRECT", "OFFSET", "ANCHORARRAY", "_XLFN.ANCHORARRAY", "GETPIVOTDATA", "SUBTOTAL", "AGGREGATE"}
)
TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    | (?P<function>[^\W\d][\w.]*)\(
    | (?:(?P<sheet>'(?:[^']|'')+'|(?:\[\d+\])?[\w.]+)!)?
      (?:(?P<cells>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?)
        |(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})
        |(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7}))(?![\w.(!:\[\#])
    | (?P<plain>[0-9]+(?:\.[0-9]*)?(?:[Ee][+-]?[0-9]+)?|\.[0-9]+|(?:TRUE|FALSE)\b(?![.(!])|\#(?:N/A|[A-Z0/]+[!?])
        |[-+*/^&=<>(),;{}%@\s])""",
    re.VERBOSE,
)
MAX_RANGES = 8
"""Maximum number of separate cells; more are replaced by the rectangle around them."""
MAX_CHAIN = 25


@dataclass(frozen=True, slots=True)
class Range:
    sheet: str
    _: KW_ONLY
    first: Cell
    last: Cell

    def meets(self, other: Range) -> bool:
        return self.sheet == other.sheet and all(
            self.first[axis] <= other.last[axis] and other.first[axis] <= self.last[axis] for axis in (0, 1)
        )

    def shift_range(self, steps_back: Cell, steps_on: Cell) -> Range:
        first = (max(1, self.first[0] - steps_back[0]), max(1, self.first[1] - steps_back[1]))
        return Range(self.sheet, first=first, last=(self.last[0] + steps_on[0], self.last[1] + steps_on[1]))


@dataclass(frozen=True, slots=True)
class FormulaCell:
    sheet: str
    cell: Cell
    _: KW_ONLY
    text: str
    attributes: Mapping[str, str]

    @property
    def group(self) -> str:
        return self.attributes.get("si", "") if self.attributes.get("t") == "shared" else ""

    @property
    def fills(self) -> Range:
        if self.attributes.get("t") == "array" and (filled := self.spread):
            return filled
        return Range(self.sheet, first=self.cell, last=self.cell)

    @property
    def spread(self) -> Range | None:
        first, _, last = self.attributes.get("ref", "").partition(":")
        try:
            return Range(self.sheet, first=parse_cell(first), last=parse_cell(last or first)) if first else None
        except ValueError:
            return None


def list_ranges_read(text: str, sheet: str, sheets: Collection[str]) -> tuple[Range, ...] | None:
    """Return the ranges that a formula reads; None if uncertain.

    >>> list_ranges_read("SUM(A1:B2)*2", "T", ["T"])
    (Range(sheet='T', first=(1, 1), last=(2, 2)),)
    >>> list_ranges_read("INDIRECT(A1)", "T", ["T"]) is list_ranges_read("rate*2", "T", ["T"]) is None
    True
    """
    names = {name.casefold(): name for name in sheets}
    ranges, at = [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or (token["function"] or "").upper() in VOLATILE_FUNCTIONS:
            return None
        at = token.end()
        reference = token["cells"] or token["columns"] or token["rows"]
        if not reference:
            continue
        written = (token["sheet"] or sheet).strip("'").replace("''", "'") if token["sheet"] else sheet
        if "[" in written:  # a cell of another workbook
            continue
        if written.casefold() not in names:
            return None
        ranges.append(parse_range(reference.replace("$", "").upper(), names[written.casefold()]))
    return tuple(ranges)


def parse_range(reference: str, sheet: str) -> Range:
    """Convert a reference to a rectangle; whole columns or rows have all their cells."""
    first, _, last = reference.partition(":")
    last = last or first
    if first.isdigit():
        first, last = f"A{first}", f"A{last}"
        corners = [parse_cell(first), parse_cell(last)]
        corners = [(corners[0][0], 1), (corners[1][0], LAST_COLUMN)]
    elif first.isalpha():
        corners = [(1, parse_cell(f"{first}1")[1]), (LAST_ROW, parse_cell(f"{last}1")[1])]
    else:
        corners = [parse_cell(first), parse_cell(last)]
    rows, columns = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    return Range(sheet, first=(rows[0], columns[0]), last=(rows[1], columns[1]))


def list_dependents(
    changed: Collection[tuple[str, Cell]], formulas: Sequence[FormulaCell], sheets: Collection[str]
) -> list[FormulaCell]:
    heads = {(formula.sheet, formula.group): formula for formula in formulas if formula.group and formula.text}
    reads = [list_precedents(formula, heads, sheets) for formula in formulas]
    stale = {at for at, ranges in enumerate(reads) if ranges is None}
    front = [Range(sheet, first=cell, last=cell) for sheet, cell in changed]
    front += [formulas[at].fills for at in sorted(stale)]
    for _ in range(MAX_CHAIN):
        around = list(merge_ranges(front))
        reached = [
            at
            for at, ranges in enumerate(reads)
            if at not in stale and any(each.meets(other) for each in ranges or () for other in around)
        ]
        stale.update(reached)
        front = [formulas[at].fills for at in reached]
        if not front:
            return [formulas[at] for at in sorted(stale)]
    return list(formulas)


def list_precedents(
    formula: FormulaCell, heads: Mapping[tuple[str, str], FormulaCell], sheets: Collection[str]
) -> tuple[Range, ...] | None:
    """Return the cells that a formula reads; for shared formulas, those of all sharing cells."""
    if not formula.group:
        is_plain = bool(formula.text) and formula.attributes.get("t") in (None, "normal", "array")
        return list_ranges_read(formula.text, formula.sheet, sheets) if is_plain else None
    head = heads.get((formula.sheet, formula.group))
    spread = head.spread if head else None
    if head is None or spread is None:
        return None
    ranges = list_ranges_read(head.text, head.sheet, sheets)
    back = (head.cell[0] - spread.first[0], head.cell[1] - spread.first[1])
    on = (spread.last[0] - head.cell[0], spread.last[1] - head.cell[1])
    return None if ranges is None else tuple(each.shift_range(back, on) for each in ranges)


def merge_ranges(ranges: Sequence[Range]) -> Iterator[Range]:
    if len(ranges) <= MAX_RANGES:
        yield from ranges
        return
    for sheet in sorted({each.sheet for each in ranges}):
        own = [each for each in ranges if each.sheet == sheet]
        first = (min(each.first[0] for each in own), min(each.first[1] for each in own))
        yield Range(sheet, first=first, last=(max(each.last[0] for each in own), max(each.last[1] for each in own)))
