"""Faults of the family totals in one table: each kind changes figures, and its rules name the sums that break.

A rule on a sum is one on a dimension (`sums.RULES`). A plant is a figure in such a sum that is changed so that the
sum breaks by the planter's own arithmetic; a finding must name the total of such a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.cells import first_flow
from benchmarks.planted_kinds.drawn import (
    MAX_OFF,
    Table,
    draw_item,
    residual_to_leave,
    shuffled,
    step_between,
    table_of,
)
from benchmarks.planted_kinds.planting import Plant, kinds, planter
from benchmarks.planted_kinds.sums import AGE, BIRTH, CITIZENSHIP, SEX, TOTAL, UNKNOWN, Key, Line, allowance, span
from benchmarks.planted_kinds.suppressed import MIN_COUNTS, suppress, with_pattern
from benchmarks.planted_kinds.tables import Published
from benchmarks.planted_kinds.tables_of_more_people import CHANGEABLE

SUBTOTALS = ("Y0T14", "Y_GE65")
COARSE = (100, 1000)
CHILDREN = "Y0T17"
Figures = Mapping[Key, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A figure to change, and a sum of which it is the total or a part."""

    table: Table
    key: Key
    line: Line
    rng: Generator

    @property
    def value(self) -> int:
        return self.table.grid.values[self.key] or 0

    @property
    def base(self) -> int:
        return self.table.base


def exchange_digits(place: Place) -> Figures:
    text = str(place.value)
    first = int(place.rng.integers(max(1, len(text) - 1)))
    new = text[:first] + text[first : first + 2][::-1] + text[first + 2 :]
    fits = new[0] != "0" and int(new) % place.base == 0 and abs(int(new) - place.value) >= 9
    return {place.key: int(new)} if fits else {}


def lose_or_add_digit(place: Place) -> Figures:
    new = place.value * 10 if place.rng.integers(2) else place.value // 10 // place.base * place.base
    return {place.key: new} if place.value >= 10 else {}


def leave_residual(place: Place) -> Figures:
    """Change a part so that its sum is off by the smallest number that is a fault, or by up to 30 % of the total."""
    grid, line = place.table.grid, place.line
    off = residual_to_leave(place.rng, len(line.parts), grid.values[line.total] or 0, place.base)
    change = (grid.residual(line) or 0) + (off or 0) * draw_item(place.rng, (-1, 1))
    return {place.key: place.value + change} if off else {}


def write_zero(place: Place) -> Figures:
    return {place.key: 0}


def round_coarsely(place: Place) -> Figures:
    coarse = draw_item(place.rng, COARSE)
    new = (place.value + coarse // 2) // coarse * coarse
    return {place.key: new} if new % place.base == 0 else {}


def add_subtotal(place: Place) -> Figures:
    grid = place.table.grid
    more = grid.values.get(grid.moved(place.key, AGE=draw_item(place.rng, SUBTOTALS)))
    return {place.key: place.value + more} if more else {}


def shift_ages(place: Place) -> Figures:
    """Move the figures of a block one row of ages down, from some row on."""
    grid = place.table.grid
    block = [part for part in place.line.parts if span(grid.at(part, AGE))]
    first = int(place.rng.integers(max(1, len(block))))
    return dict(zip(block[first + 1 :], (grid.values[part] or 0 for part in block[first:-1]), strict=True))


def exchange_sexes(place: Place, *, sex: str) -> Figures:
    grid = place.table.grid
    other = grid.moved(place.key, SEX=sex)
    second = grid.values.get(other)
    return {} if second is None else {place.key: second, other: place.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """How a figure goes wrong, in one of these dataflows.

    The figure is the total of the sum or a part of it, with this code in the dimension of the sum, and these `others`.
    """

    flows: tuple[str, ...]
    change: Callable[[Place], Figures]
    is_total: bool = False
    code: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""


MOVES, TABLES = ("DF_IMM", "DF_EMI"), ("DF_POP", "DF_IMM", "DF_EMI")
SLIPS = {
    "digits-transposed": Slip(flows=(*TABLES, "DF_DEATHS"), change=exchange_digits),
    "digit-lost-or-added": Slip(flows=TABLES, change=lose_or_add_digit),
    "total-stale-sex": Slip(flows=TABLES, change=leave_residual),
    "total-stale-age": Slip(flows=(*TABLES, "DF_DEATHS"), change=leave_residual),
    "total-stale-citizenship": Slip(flows=TABLES, change=leave_residual, others={CITIZENSHIP: "FC"}),
    "total-stale-birth": Slip(flows=TABLES, change=leave_residual, others={BIRTH: "FB"}),
    "total-stale-partner": Slip(flows=MOVES, change=leave_residual),
    "region-total-stale": Slip(flows=("DF_POP_TOPIC",), change=leave_residual),
    "decisions-not-adding": Slip(flows=("DF_PROTECTION",), change=leave_residual, others={"DECISION_ACTION": "GRANT"}),
    "purpose-total-stale": Slip(
        flows=("DF_TEMPMOB",), change=leave_residual, others={"UNIT_MEASURE": "STAY"}, variant=CHANGEABLE
    ),
    "unknown-forgotten": Slip(flows=TABLES, change=write_zero, code=UNKNOWN),
    "permit-reason-left-out": Slip(flows=("DF_PERMIT",), change=write_zero),
    "sex-swapped-one-row": Slip(flows=TABLES, change=partial(exchange_sexes, sex="M"), others={SEX: "F"}),
    "total-and-part-swapped": Slip(
        flows=(*TABLES, "DF_CTZ_ACQ"), change=partial(exchange_sexes, sex="F"), is_total=True
    ),
    "subtotal-added-twice": Slip(flows=(*TABLES, "DF_DEATHS"), change=add_subtotal, is_total=True, code=TOTAL),
    "total-rounded-coarsely": Slip(flows=TABLES, change=round_coarsely, is_total=True),
    "total-zero": Slip(flows=(*TABLES, "DF_PERMIT"), change=write_zero, is_total=True, code=TOTAL),
    "values-shifted-one-row": Slip(flows=("DF_POP", "DF_DEATHS"), change=shift_ages, is_total=True, code=TOTAL),
}


def plant_slip(published: Published, rng: Generator, *, kind: str) -> Plant | None:
    """Change a figure in a sum that a rule of the kind is about."""
    slip, table = SLIPS[kind], table_of(published, first_flow(published))
    grid, rules = table.grid, set(kinds()[kind].rules)

    def fits(line: Line, key: Key) -> bool:
        is_there = key == line.total if slip.is_total else key in line.parts
        code = grid.at(key, line.dimension)
        return line.rule in rules and line.whole and is_there and slip.code in ("", code)

    places = [
        key for key, value in grid.values.items() if value and all(grid.at(key, n) == c for n, c in slip.others.items())
    ]
    for key in shuffled(rng, sorted(places)):
        lines = grid.lines(key) if slip.is_total else grid.through(key)
        for line in [line for line in lines if fits(line, key) and grid.residual(line) is not None]:
            figures = slip.change(Place(table=table, key=key, line=line, rng=rng))
            if not figures or min(figures.values()) < 0:
                continue
            broken = [one for one in grid.with_values(figures).broken(figures, table.base) if one.rule in rules]
            if line in broken:
                totals = [one.total for one in broken]
                keys = [*totals, *(figures if line.total in figures else ())]
                return plant_of(table, figures, keys, note=f"{key} in {line.dimension}")
    return None


def plant_of(table: Table, figures: Figures, keys: Iterable[Key], *, note: str = "") -> Plant:
    """A plant that writes figures into a table, of which one of some keys must be named."""
    size = ", ".join(f"{table.grid.values[key]} -> {value}" for key, value in list(figures.items())[:2])
    note = f"{table.flow} {table.period}, {note}"
    return Plant(table.written(figures), table.flow, table.named(keys), clean=table.published, size=size, note=note)


for _kind, _slip in SLIPS.items():
    planter(_kind, *((flow,) for flow in _slip.flows), variant=_slip.variant)(partial(plant_slip, kind=_kind))


def part_above(
    table: Table, rng: Generator, wholes: Mapping[Key, Key], most: Fraction = Fraction(1, 2)
) -> Plant | None:
    """Write more into a part than into its whole, by more than rounding explains."""
    for key in shuffled(rng, sorted(wholes)):
        limit = table.grid.values.get(wholes[key])
        excess = limit and step_between(rng, allowance(1, table.base) + table.base, limit * most, table.base)
        if limit and excess:
            return plant_of(table, {key: limit + excess}, [key, wholes[key]], note=f"above {limit}")
    return None


@planter("part-above-total", ("DF_POP",), *((flow,) for flow in MOVES))
def part_above_total(published: Published, rng: Generator) -> Plant | None:
    """A part is more than its total, in a line of which other parts are suppressed or not sent."""
    table = with_gaps(published, rng)
    if table is None:
        return None
    grid, wholes = table.grid, dict[Key, Key]()
    names = ("C_RESIDENCE",) if "C_RESIDENCE" in grid.place else (SEX, AGE, CITIZENSHIP, BIRTH)
    for key in shuffled(rng, sorted(key for key, value in grid.values.items() if value is not None)):
        for name in [name for name in names if grid.at(key, name) != TOTAL]:
            total = grid.moved(key, **{name: TOTAL})
            lines = [line for line in grid.lines(total, (name,)) if key in line.parts] if total in grid.values else []
            if lines and not any(line.whole and grid.residual(line) is not None for line in lines):
                wholes[key] = total
    return part_above(table, rng, wholes)


def with_gaps(published: Published, rng: Generator) -> Table | None:
    """A table in which figures are suppressed, or one of moves that has some countries and no rest."""
    flow = first_flow(published)
    if flow == "DF_POP":
        protected = with_pattern(published.seed, flow, draw_item(rng, MIN_COUNTS))
        return table_of(suppress(protected[0], flow, protected[1]), flow) if protected else None
    absent = ["_O", UNKNOWN, *rng.permutation(list(published.people.partners))[:2]]
    left = published.tables[flow].filter(~pl.col("C_RESIDENCE").is_in(absent))
    return table_of(published.with_table(flow, left), flow)


@planter("first-time-above-all", ("DF_PROTECTION",))
def first_time_above_all(published: Published, rng: Generator) -> Plant | None:
    """First applicants are more than all applicants, or children alone more than all children."""
    table = table_of(published, "DF_PROTECTION")
    grid = table.grid
    first = {k: grid.moved(k, PROT_ITEM="APPLIED") for k in grid.values if grid.at(k, "PROT_ITEM") == "APPLIED_FIRST"}
    alone = {
        key: grid.moved(key, ACCOMPANIED=TOTAL, AGE=CHILDREN)
        for key in grid.values
        if grid.at(key, "ACCOMPANIED") == "UAM"
    }
    return part_above(table, rng, draw_item(rng, (first, alone)))


@planter("cross-beyond-margins", ("DF_POP",))
def cross_beyond_margins(published: Published, rng: Generator) -> Plant | None:
    """Of a table with one cross cell, foreigners born abroad are more than foreigners or than people born abroad."""
    frame = published.tables["DF_POP"]
    is_cross = (pl.col(BIRTH) != TOTAL) & (pl.col(CITIZENSHIP) != TOTAL)
    is_kept = (pl.col(BIRTH) == "FB") & (pl.col(CITIZENSHIP) == "FC")
    table = table_of(published.with_table("DF_POP", frame.filter(~is_cross | is_kept)), "DF_POP")
    grid = table.grid
    cells = [key for key in grid.values if (grid.at(key, BIRTH), grid.at(key, CITIZENSHIP)) == ("FB", "FC")]
    margins = {key: [grid.moved(key, **{name: TOTAL}) for name in (BIRTH, CITIZENSHIP)] for key in cells}
    wholes = {key: min(both, key=lambda margin: grid.values.get(margin) or 0) for key, both in margins.items()}
    return part_above(table, rng, wholes, MAX_OFF)
