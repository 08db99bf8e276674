"""Sums of a published table, by the planters' own arithmetic, independent of the engine.

A `Grid` holds the figures of one dataflow, of one year unless more are requested. A `Line` is a total with its parts.
Whether a line fits after a plant is decided by the bound of README.md: H = (n + 1) · b / 2 for n parts in a table
rounded to b, and 0 for exact tables.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path

import polars as pl

Key = tuple[str, ...]
TOTAL, UNKNOWN, REST, STATELESS = "_T", "_U", "_O", "STLS"
SEX, AGE, BIRTH, CITIZENSHIP, REGION = "SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "REGION"
FOREIGN, FOREIGN_BORN = "FC", "FB"
JOINT = f"{BIRTH} x {CITIZENSHIP}"
PARTNERS = ("C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "C_FORMER")
NEEDED = {
    SEX: {"F", "M"},
    BIRTH: {"NB", "FB"},
    CITIZENSHIP: {"NC", "FC"},
    "PROT_STATUS": {"REFUGEE", "SUBS", "HUM"},
    "DECISION_ACTION": {"GRANT", "REJECT"},
    "REASON": {"EMP", "FAM", "EDU", "OTH"},
    "DURATION": {"M3T5", "M6T11", "M_GE12"},
}
"""Without these a breakdown is not complete."""
SMALLER = {
    CITIZENSHIP: {"FC": {"FC_CTZ", "STLS", "UNDET"}},
    "PROT_STATUS": {"NEED": {"REFUGEE", "SUBS", "HUM"}},
    "MOB_TYPE": {"TMP_SI": {"TMP_LAB", "TMP_EDU", "TMP_HLT", "TMP_PROT"}},
}
"""Codes that are inside others, where neither ages nor countries say so."""
RULES = {
    SEX: "MIG-1-101",
    AGE: "MIG-1-102",
    CITIZENSHIP: "MIG-1-103",
    BIRTH: "MIG-1-104",
    "C_RESIDENCE": "MIG-1-105",
    REGION: "MIG-1-108",
    JOINT: "MIG-1-117",
    "PROT_STATUS": "MIG-1-121",
    "DECISION_ACTION": "MIG-1-121",
    "REASON": "MIG-1-123",
    "DURATION": "MIG-1-123",
    "MOB_TYPE": "MIG-1-107",
    "STAY_DUR": "MIG-2-033",
    "C_BIRTH": "MIG-1-129",
    "C_CITIZEN": "MIG-1-128",
}
OF_GROUPS = {AGE: "MIG-1-106", REGION: "MIG-1-108"}
GROUP_OF_COUNTRIES = "MIG-1-107"
SPAN = re.compile(r"Y(\d+)(?:T(\d+))?|Y_GE(\d+)")
OLDEST = 1000
PARTNER_LIST = Path(__file__).parents[2] / "codelists" / "SDMXMIG" / "CL_PARTNER.1.0.0.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A total and its parts by `dimension`, checked by `rule`.

    The parts of a line that is not `whole` may add up to less than the total.
    """

    total: Key
    parts: tuple[Key, ...]
    dimension: str
    rule: str
    whole: bool = True

    @property
    def cells(self) -> tuple[Key, ...]:
        return (self.total, *self.parts)


class Grid:
    """The figures of a table by key with their rows; None is unpublished."""

    def __init__(self, dimensions: tuple[str, ...], rows: Mapping[Key, int], values: dict[Key, int | None]) -> None:
        self.dimensions = dimensions
        self.rows = rows
        self.values = values
        self.place = {name: number for number, name in enumerate(dimensions)}

    def at(self, key: Key, dimension: str) -> str:
        return key[self.place[dimension]] if dimension in self.place else TOTAL

    def moved(self, key: Key, **codes: str) -> Key:
        return tuple(codes.get(name, code) for name, code in zip(self.dimensions, key, strict=True))

    @cached_property
    def _beside(self) -> dict[tuple[str, Key], list[str]]:
        beside: dict[tuple[str, Key], list[str]] = {}
        for key in self.values:
            for number, name in enumerate(self.dimensions):
                beside.setdefault((name, (*key[:number], *key[number + 1 :])), []).append(key[number])
        return beside

    def beside(self, key: Key, dimension: str) -> list[str]:
        number = self.place[dimension]
        return self._beside.get((dimension, (*key[:number], *key[number + 1 :])), [])

    def with_values(self, values: Mapping[Key, int | None]) -> Grid:
        changed = Grid(self.dimensions, self.rows, {**self.values, **values})
        changed.__dict__["_beside"] = self._beside
        return changed

    def lines(self, total: Key, dimensions: Iterable[str] = ()) -> Iterator[Line]:
        """The lines of which a figure is the total."""
        for name in dimensions or self.dimensions:
            if name in self.place and name in (*RULES, *OF_GROUPS, *PARTNERS):
                for codes, whole in ways(name, self.at(total, name), self.beside(total, name)):
                    parts = tuple(self.moved(total, **{name: code}) for code in codes)
                    yield Line(total=total, parts=parts, dimension=name, rule=rule_of(name, total, self), whole=whole)
        if JOINT in dimensions or not dimensions:
            yield from self._joint(total)

    def _joint(self, total: Key) -> Iterator[Line]:
        """The line of the groups by birth and citizenship together."""
        if not {BIRTH, CITIZENSHIP} <= set(self.place) or {self.at(total, BIRTH), self.at(total, CITIZENSHIP)} != {
            TOTAL
        }:
            return
        pairs = [(b, c) for b in ("NB", "FB", UNKNOWN) for c in ("NC", "FC", UNKNOWN)]
        parts = [self.moved(total, **{BIRTH: b, CITIZENSHIP: c}) for b, c in pairs]
        told = tuple(key for key in parts if key in self.values)
        if all(
            self.moved(total, **{BIRTH: b, CITIZENSHIP: c}) in self.values for b in ("NB", "FB") for c in ("NC", "FC")
        ):
            yield Line(total=total, parts=told, dimension=JOINT, rule=RULES[JOINT])

    def through(self, key: Key) -> Iterator[Line]:
        """The lines of which a figure is the total or a part."""
        yield from self.lines(key)
        for name in self.dimensions:
            code = self.at(key, name)
            for above in self.beside(key, name):
                if is_inside(name, code, above):
                    total = self.moved(key, **{name: above})
                    yield from (line for line in self.lines(total, (name,)) if key in line.parts)
        if {BIRTH, CITIZENSHIP} <= set(self.place) and TOTAL not in (self.at(key, BIRTH), self.at(key, CITIZENSHIP)):
            total = self.moved(key, **{BIRTH: TOTAL, CITIZENSHIP: TOTAL})
            if total in self.values:
                yield from self._joint(total)

    def residual(self, line: Line) -> int | None:
        """Return the total less its parts; None if one is unpublished."""
        told = [self.values.get(key) for key in line.cells]
        if any(value is None for value in told):
            return None
        total, *parts = (value for value in told if value is not None)
        return total - sum(parts)

    def is_broken(self, line: Line, base: int) -> bool:
        """Check whether a line is off beyond rounding; False if undecidable."""
        residual = self.residual(line)
        if residual is None:
            return False
        return (abs(residual) if line.whole else -residual) > allowance(len(line.parts), base)

    def broken(self, keys: Iterable[Key], base: int) -> list[Line]:
        """The broken lines through some figures, each once, in order."""
        seen = {(line.total, line.parts): line for key in keys for line in self.through(key)}
        return [line for _, line in sorted(seen.items()) if self.is_broken(line, base)]


def grid_of(frame: pl.DataFrame, key: Iterable[str], *, period: str = "", measure: str = "OBS_VALUE") -> Grid:
    dimensions = tuple(key)
    time = "TIME_PERIOD"
    numbered = frame.with_row_index("n")
    wanted = period or latest(frame)
    numbered = numbered.filter(pl.col(time) == wanted)
    rows: dict[Key, int] = {}
    values: dict[Key, int | None] = {}
    for number, text, *codes in numbered.select("n", measure, *dimensions).iter_rows():
        place = tuple(code or "" for code in codes)
        rows.setdefault(place, number)
        values.setdefault(place, int(text) if text is not None and re.fullmatch(r"-?\d+", text) else None)
    return Grid(dimensions, rows, values)


def latest(frame: pl.DataFrame) -> str:
    years = frame.filter(pl.col("TIME_PERIOD").str.len_chars() == 4)["TIME_PERIOD"]
    return str(years.max())


def allowance(parts: int, base: int) -> Fraction:
    """How far a total and so many parts may be apart: half a step for each figure, nothing where they are exact.

    >>> allowance(2, 5), allowance(2, 1)
    (Fraction(15, 2), Fraction(0, 1))
    """
    return Fraction((parts + 1) * base, 2) if base > 1 else Fraction(0)


def smallest_above(bound: Fraction | int, base: int) -> int:
    """The smallest multiple of the base above a bound.

    >>> smallest_above(Fraction(15, 2), 5), smallest_above(0, 1)
    (10, 1)
    """
    return (int(bound // base) + 1) * base


def rule_of(dimension: str, total: Key, grid: Grid) -> str:
    """The rule on a line over a dimension: groups inside a breakdown have rules of their own."""
    if grid.at(total, dimension) == TOTAL:
        return RULES.get(dimension, "")
    return OF_GROUPS.get(dimension, GROUP_OF_COUNTRIES)


def ways(dimension: str, whole: str, codes: Iterable[str]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The ways in which a code is divided by others: the parts, and whether they are all there are."""
    inside = sorted(code for code in codes if is_inside(dimension, code, whole))
    if not inside:
        return
    if dimension == AGE:
        yield from ((way, True) for way in age_ways(whole, inside))
    elif dimension == REGION:
        yield from ((way, True) for way in region_ways(whole, inside))
    elif dimension in PARTNERS:
        finest = tuple(c for c in inside if not any(is_inside(dimension, other, c) for other in inside))
        widest = tuple(c for c in inside if not any(is_inside(dimension, c, other) for other in inside))
        for way in dict.fromkeys((widest, finest)):
            yield way, (REST in way if whole == TOTAL else set(children().get(whole, ())) <= set(way))
    else:
        parts = tuple(c for c in inside if not any(is_inside(dimension, c, other) for other in inside))
        needed = NEEDED.get(dimension, set()) if whole == TOTAL else SMALLER.get(dimension, {}).get(whole)
        if needed is not None and set(parts) >= needed:
            yield parts, True


def age_ways(whole: str, inside: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the finest and widest age groups that fill another, or all ages and unknown age."""
    codes = list(inside)
    spans = {code: found for code in codes if (found := span(code))}
    first, end = span(whole) or (0, OLDEST)
    unknown = tuple(code for code in codes if code not in spans)
    filled = (chain(spans, first, end, widest=widest) for widest in (False, True))
    yield from dict.fromkeys((*way, *unknown) for way in filled if way)


def chain(spans: Mapping[str, tuple[int, int]], first: int, end: int, *, widest: bool) -> tuple[str, ...]:
    """Return adjacent age groups from one age to another; empty if incomplete."""
    way: list[str] = []
    while first < end:
        following = sorted((to, code) for code, (start, to) in spans.items() if start == first and to <= end)
        if not following:
            return ()
        first, code = following[-1 if widest else 0]
        way.append(code)
    return tuple(way)


def region_ways(whole: str, inside: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The regions of the next level inside one, or those of each level inside the country."""
    codes = [code for code in inside if not code.startswith("_")]
    unknown = tuple(code for code in inside if code.startswith("_"))
    lengths = sorted({len(code) for code in codes})
    for length in lengths if whole == TOTAL else lengths[:1]:
        level = tuple(code for code in codes if len(code) == length)
        yield (*level, *unknown) if whole == TOTAL else level


def is_inside(dimension: str, code: str, above: str) -> bool:
    """Whether a code is a part of another one of its dimension.

    >>> is_inside("AGE", "Y5T9", "Y0T14"), is_inside("C_BIRTH", "AM", "142"), is_inside("SEX", "F", "M")
    (True, True, False)
    """
    if code in (above, TOTAL) or (above.startswith("_") and above != TOTAL):
        return False
    if above == TOTAL:
        return dimension in (*RULES, *PARTNERS, "ACCOMPANIED", "STAY_DUR", "CTZ_MODE")
    if dimension == AGE:
        inner, outer = span(code), span(above)
        return bool(inner and outer and outer[0] <= inner[0] and inner[1] <= outer[1])
    if dimension in PARTNERS:
        return above in ancestors(code)
    if dimension == REGION:
        return code.startswith(above)
    return code in SMALLER.get(dimension, {}).get(above, set())


def span(code: str) -> tuple[int, int] | None:
    """The ages of a group: the first and the one after the last.

    >>> span("Y5T9"), span("Y7"), span("Y_GE85"), span("_U")
    ((5, 10), (7, 8), (85, 1000), None)
    """
    match = SPAN.fullmatch(code)
    if match is None:
        return None
    first, last, open_from = match.groups()
    if open_from:
        return int(open_from), OLDEST
    return int(first), int(last or first) + 1


@cache
def parents() -> Mapping[str, str]:
    with PARTNER_LIST.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row["parent"] for row in csv.DictReader(lines) if row["parent"]}


@cache
def children() -> Mapping[str, tuple[str, ...]]:
    inside: dict[str, list[str]] = {}
    for code in parents():
        if code not in set(parents().values()):
            for above in ancestors(code):
                inside.setdefault(above, []).append(code)
    return {code: tuple(codes) for code, codes in inside.items()}


@cache
def ancestors(code: str) -> tuple[str, ...]:
    above: list[str] = []
    while (code := parents().get(code, "")) and code not in above:
        above.append(code)
    return tuple(above)
