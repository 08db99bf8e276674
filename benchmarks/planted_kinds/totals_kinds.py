"""Planters of the family totals: stale totals, slips of the hand in one cell, parts above their whole, tables apart.

Each draws a place at random, computes by `sums` what the plant breaks, and gives nothing where it would be no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial

import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.drawn import (
    Table,
    drawn,
    flows_in,
    residual_to_leave,
    shuffled,
    step_between,
    table_of,
)
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.sums import (
    AGE,
    BIRTH,
    CITIZENSHIP,
    JOINT,
    PARTNERS,
    REGION,
    REST,
    SEX,
    TOTAL,
    UNKNOWN,
    Grid,
    Key,
    Line,
    allowance,
    is_inside,
    span,
)
from benchmarks.planted_kinds.suppressed import LEAST_COUNTS, suppressed, with_pattern
from benchmarks.planted_kinds.tables import Published

POPULATION, MOVES, EVENTS = ("DF_POP",), ("DF_IMM", "DF_EMI"), ("DF_BIRTHS", "DF_DEATHS")
RESIDENCE, COUNTRY_OF_BIRTH, COUNTRY_OF_CITIZENSHIP = "C_RESIDENCE", "C_BIRTH", "C_CITIZEN"
COARSE = (100, 1000)
SUBTOTALS = ("Y0T14", "Y_GE65")
TENFOLD = 10
THIRD_LEVEL = 5
"""So long are the codes of regions of level 3."""
Where = Callable[[Table, Key], bool]


def by_status(table: Table, key: Key) -> bool:
    return all(table.grid.at(key, name) == TOTAL for name in PARTNERS)


def by_residence(table: Table, key: Key) -> bool:
    return table.grid.at(key, RESIDENCE) != TOTAL


def by_permit(table: Table, key: Key) -> bool:
    return table.grid.at(key, "ADM_ITEM") != TOTAL


def by_region(table: Table, key: Key) -> bool:
    return table.grid.at(key, REGION) != TOTAL


Place = tuple[tuple[str, ...], Where]
STOCK_TABLE: Place = (POPULATION, by_status)
FLOW_TABLE: Place = (MOVES, by_status)
EVENT_TABLE: Place = (EVENTS, by_status)
PARTNER_TABLE: Place = (MOVES, by_residence)
NATURALISED: Place = (("DF_CTZ_ACQ",), by_status)
PERMITS: Place = (("DF_PERMIT",), by_permit)
REGIONS: Place = (("DF_POP_TOPIC",), by_region)


def choices(*places: Place) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys((flow,) for flows, _ in places for flow in flows))


def looked_at(published: Published, rng: Generator, places: Sequence[Place]) -> Iterator[tuple[Table, Where]]:
    """The tables in which a kind may be planted, in random order."""
    for flows, where in shuffled(rng, places):
        for table in flows_in(published, rng, flows):
            yield table, where


def leaves(
    published: Published, rng: Generator, places: Sequence[Place], least: int
) -> Iterator[tuple[Table, Key, int]]:
    """Figures that nothing divides and that are at least so large, in random order, table by table."""
    for table, where in looked_at(published, rng, places):
        fitting = [key for key in table.grid.leaves if (table.grid.values[key] or 0) >= least and where(table, key)]
        for key in shuffled(rng, fitting):
            yield table, key, table.grid.values[key] or 0


def plant_of(
    table: Table,
    figures: Mapping[Key, int],
    keys: Sequence[Key],
    size: int,
    *,
    note: str = "",
    rules: Sequence[str] = (),
) -> Plant:
    """A plant that writes figures into a table, of which one of some keys must be named."""
    return Plant(
        table.written(figures),
        table.flow,
        keys=table.named(keys),
        clean=table.published,
        size=str(size),
        note=f"{table.flow} {table.period}, {note or f'{len(figures)} figures changed'}; broken: {' '.join(rules)}",
    )


def broken_by(table: Table, figures: Mapping[Key, int], rules: Sequence[str]) -> list[Line]:
    after = table.grid.with_values(figures)
    return [line for line in after.broken(figures, table.base) if line.rule in rules]


def if_broken(table: Table, figures: Mapping[Key, int], rules: Sequence[str], *, note: str = "") -> Plant | None:
    """The plant of changed figures, of which the total of any broken line must be named; None if no line breaks."""
    lines = broken_by(table, figures, rules)
    if not lines:
        return None
    after = table.grid.with_values(figures)
    size = max(abs(after.residual(line) or 0) for line in lines)
    broken = sorted({line.rule for line in lines})
    return plant_of(table, figures, [line.total for line in lines], size, note=note, rules=broken)


@planter("digit-lost-or-added", *choices(STOCK_TABLE, FLOW_TABLE, PARTNER_TABLE))
def digit_lost_or_added(published: Published, rng: Generator) -> Plant | None:
    """The last digit of a leaf is lost, or a zero is added."""
    rules = ("MIG-1-101", "MIG-1-102", "MIG-1-103", "MIG-1-104", "MIG-1-105", "MIG-1-109")
    for table, key, value in leaves(published, rng, (STOCK_TABLE, FLOW_TABLE, PARTNER_TABLE), TENFOLD):
        base = table.base
        new = value * TENFOLD if rng.integers(2) else value // TENFOLD // base * base
        if plant := if_broken(table, {key: new}, rules, note=f"{value} -> {new}"):
            return plant
    return None


def someone(grid: Grid, rng: Generator, leaf: Key) -> dict[str, str]:
    """A person counted in a leaf, by a code in every dimension that the table divides at all."""
    person = dict(zip(grid.dimensions, leaf, strict=True))
    for name, code in person.items():
        if code != TOTAL or name not in grid.place or len(grid.codes[name]) == 1:
            continue
        finest = [
            other
            for other in grid.codes[name]
            if other not in (TOTAL, UNKNOWN) and not any(is_inside(name, inner, other) for inner in grid.codes[name])
        ]
        person[name] = drawn(rng, finest) if finest else code
    if UNKNOWN in (person.get(BIRTH), person.get(CITIZENSHIP)) or UNKNOWN in (
        grid.at(leaf, COUNTRY_OF_BIRTH),
        grid.at(leaf, COUNTRY_OF_CITIZENSHIP),
    ):
        unknown = {BIRTH, CITIZENSHIP, COUNTRY_OF_BIRTH, COUNTRY_OF_CITIZENSHIP}
        return person | {name: UNKNOWN for name in unknown if len(grid.codes.get(name, ())) > 1}
    for country, status, own, other in (
        (COUNTRY_OF_BIRTH, BIRTH, "NB", "FB"),
        (COUNTRY_OF_CITIZENSHIP, CITIZENSHIP, "NC", "FC"),
    ):
        if country not in grid.place or len(grid.codes[country]) == 1:
            continue
        fixed = grid.at(leaf, country)
        if fixed != TOTAL:
            person[status] = own if fixed == person["REF_AREA"] else (UNKNOWN if fixed == UNKNOWN else other)
        elif person[status] == own:
            person[country] = person["REF_AREA"]
        elif person[status] == UNKNOWN:
            person[country] = UNKNOWN
        elif person[country] == person["REF_AREA"]:
            person[country] = drawn(rng, [c for c in grid.codes[country] if c.isalpha() and c != person["REF_AREA"]])
    return person


def counting(grid: Grid, person: Mapping[str, str]) -> list[Key]:
    names = [(number, name) for number, name in enumerate(grid.dimensions) if len(grid.codes[name]) > 1]
    keys: list[Key] = []
    for key, value in grid.values.items():
        if value is not None and all(
            key[n] in (person[name], TOTAL) or is_inside(name, person[name], key[n]) for n, name in names
        ):
            keys.append(key)
    return sorted(keys)


def stale_total(
    published: Published,
    rng: Generator,
    *,
    places: Sequence[Place],
    over: Sequence[str],
    rules: Sequence[str],
    is_stale: Callable[[Grid, Key, Mapping[str, str]], bool],
    fits: Callable[[Mapping[str, str]], bool],
    level: int = 0,
) -> Plant | None:
    """Add people to a leaf, or remove them, and redo all sums except stale ones.

    `over` are the dimensions of broken lines; `is_stale` selects unchanged figures, `fits` possible leaves, `level` the
    length of the region code whose total is named, if any. The error of the total of a line is drawn as in the table of
    kinds.
    """
    for table, leaf, _ in leaves(published, rng, places, 0):
        grid = table.grid
        person = someone(grid, rng, leaf)
        if not fits(person):
            continue
        keys = counting(grid, person)
        stale = [key for key in keys if is_stale(grid, key, person)]
        fresh = [key for key in keys if not is_stale(grid, key, person)]
        lines = [line for key in stale for line in grid.lines(key, over) if grid.residual(line) is not None]
        lines = [
            line
            for line in lines
            if line.rule in rules and set(line.parts) & set(fresh) and is_of(grid, line.total, level)
        ]
        if not lines:
            continue
        line = drawn(rng, lines)
        off = residual_to_leave(rng, len(line.parts), grid.values[line.total] or 0, table.base)
        before = grid.residual(line)
        if off is None or before is None:
            continue
        for change in shuffled(rng, (before - off, before + off)):
            figures = {key: (grid.values[key] or 0) + change for key in fresh}
            if change and min(figures.values()) >= 0 and (line.whole or change > 0):
                stale_lines = [broken for broken in broken_by(table, figures, rules) if broken.total in set(stale)]
                stale_lines = [broken for broken in stale_lines if is_of(grid, broken.total, level)]
                if line in stale_lines:
                    totals = [broken.total for broken in stale_lines]
                    broken_rules = sorted({broken.rule for broken in stale_lines})
                    return plant_of(table, figures, totals, off, note=f"{change:+} people", rules=broken_rules)
    return None


def is_of(grid: Grid, key: Key, level: int) -> bool:
    """Whether a figure is that of a region of a level; of any, where none is asked for."""
    return not level or len(grid.at(key, REGION)) == level


def total_over(*names: str) -> Callable[[Grid, Key, Mapping[str, str]], bool]:
    return lambda grid, key, _: all(grid.at(key, name) == TOTAL for name in names)


def other_than_person(name: str) -> Callable[[Grid, Key, Mapping[str, str]], bool]:
    return lambda grid, key, person: grid.at(key, name) != person[name]


def is_known(person: Mapping[str, str], status: str, country: str, code: str) -> bool:
    return person[status] == code and person.get(country, "") != UNKNOWN


STALE = {
    "total-stale-sex": partial(
        stale_total,
        places=(STOCK_TABLE, FLOW_TABLE),
        over=(SEX,),
        rules=("MIG-1-101",),
        is_stale=total_over(SEX),
        fits=lambda person: person[SEX] in ("F", "M"),
    ),
    "total-stale-age": partial(
        stale_total,
        places=(STOCK_TABLE, FLOW_TABLE, EVENT_TABLE),
        over=(AGE,),
        rules=("MIG-1-102", "MIG-1-106"),
        is_stale=other_than_person(AGE),
        fits=lambda person: span(person[AGE]) is not None,
    ),
    "total-stale-citizenship": partial(
        stale_total,
        places=(STOCK_TABLE, FLOW_TABLE),
        over=(CITIZENSHIP, JOINT),
        rules=("MIG-1-103", "MIG-1-117"),
        is_stale=total_over(CITIZENSHIP, COUNTRY_OF_CITIZENSHIP),
        fits=lambda person: is_known(person, CITIZENSHIP, COUNTRY_OF_CITIZENSHIP, "FC"),
    ),
    "total-stale-birth": partial(
        stale_total,
        places=(STOCK_TABLE, FLOW_TABLE),
        over=(BIRTH, JOINT),
        rules=("MIG-1-104", "MIG-1-117"),
        is_stale=total_over(BIRTH, COUNTRY_OF_BIRTH),
        fits=lambda person: is_known(person, BIRTH, COUNTRY_OF_BIRTH, "FB"),
    ),
    "total-stale-partner": partial(
        stale_total,
        places=(PARTNER_TABLE,),
        over=(RESIDENCE,),
        rules=("MIG-1-105", "MIG-1-107"),
        is_stale=other_than_person(RESIDENCE),
        fits=lambda person: person[RESIDENCE].isalpha(),
    ),
    "region-total-stale": partial(
        stale_total,
        places=(REGIONS,),
        over=(REGION,),
        rules=("MIG-1-108",),
        is_stale=other_than_person(REGION),
        fits=lambda person: len(person[REGION]) == THIRD_LEVEL,
        level=THIRD_LEVEL - 1,
    ),
}
for _kind, _planter in STALE.items():
    planter(_kind, *choices(*_planter.keywords["places"]))(_planter)


@planter("unknown-forgotten", *choices(STOCK_TABLE, FLOW_TABLE))
def unknown_forgotten(published: Published, rng: Generator) -> Plant | None:
    """People of unknown age, citizenship or birth are counted as zero."""
    for table, where in looked_at(published, rng, (STOCK_TABLE, FLOW_TABLE)):
        grid = table.grid
        for name, rule in shuffled(rng, ((AGE, "MIG-1-102"), (CITIZENSHIP, "MIG-1-103"), (BIRTH, "MIG-1-104"))):
            if name not in grid.place:
                continue
            fitting = [
                k for k, value in grid.values.items() if grid.at(k, name) == UNKNOWN and value and where(table, k)
            ]
            for key in shuffled(rng, sorted(fitting)):
                if plant := if_broken(table, {key: 0}, (rule,), note=f"{grid.values[key]} -> 0"):
                    return plant
    return None


@planter("subtotal-added-twice", *choices(STOCK_TABLE, EVENT_TABLE, FLOW_TABLE))
def subtotal_added_twice(published: Published, rng: Generator) -> Plant | None:
    """The total over age is the sum of all rows with a subtotal beside its parts."""
    for table, where in looked_at(published, rng, (STOCK_TABLE, EVENT_TABLE, FLOW_TABLE)):
        for line in told_lines(table, rng, where, AGE):
            subtotals = [table.grid.moved(line.total, AGE=code) for code in SUBTOTALS]
            subtotals = [key for key in subtotals if table.grid.values.get(key) and key not in line.parts]
            sum_of_parts = sum(table.grid.values[key] or 0 for key in line.parts)
            for key in shuffled(rng, subtotals):
                more = table.grid.values[key] or 0
                if more > allowance(len(line.parts), table.base) + table.base:
                    figures = {line.total: sum_of_parts + more}
                    if plant := if_broken(table, figures, ("MIG-1-102", "MIG-1-106"), note=f"with {key}"):
                        return plant
    return None


def told_lines(table: Table, rng: Generator, where: Where, dimension: str) -> Iterator[Line]:
    """Yield published lines with a total over a dimension, in random order."""
    totals = [key for key in table.grid.values if table.grid.at(key, dimension) == TOTAL and where(table, key)]
    for key in shuffled(rng, sorted(totals)):
        for line in table.grid.lines(key, (dimension,)):
            if line.whole and table.grid.residual(line) is not None:
                yield line


@planter("total-rounded-coarsely", *choices(STOCK_TABLE, PARTNER_TABLE))
def total_rounded_coarsely(published: Published, rng: Generator) -> Plant | None:
    """A total over sex or age is rounded to hundreds or thousands by hand, its parts are not."""
    rules = ("MIG-1-101", "MIG-1-102", "MIG-1-105", "MIG-1-107")
    for table, where in looked_at(published, rng, (STOCK_TABLE, PARTNER_TABLE)):
        dimension = drawn(rng, (SEX, AGE))
        for line in told_lines(table, rng, where, dimension):
            old = table.grid.values[line.total] or 0
            coarse = drawn(rng, COARSE)
            new = (old + coarse // 2) // coarse * coarse
            if new != old and new % table.base == 0 and line in broken_by(table, {line.total: new}, rules):
                lines = broken_by(table, {line.total: new}, rules)
                broken = sorted({one.rule for one in lines})
                return plant_of(
                    table, {line.total: new}, [line.total], abs(new - old), note=f"{old} -> {new}", rules=broken
                )
    return None


@planter("values-shifted-one-row", *choices(STOCK_TABLE, EVENT_TABLE))
def values_shifted_one_row(published: Published, rng: Generator) -> Plant | None:
    """The figures of a block stand one row of ages too low from some row on."""
    rules = ("MIG-1-102", "MIG-1-101", "MIG-1-106")
    for table, where in looked_at(published, rng, (STOCK_TABLE, EVENT_TABLE)):
        for line in told_lines(table, rng, where, AGE):
            block = [key for key in line.parts if span(table.grid.at(key, AGE))]
            values = [table.grid.values[key] or 0 for key in block]
            fitting = [
                n
                for n in range(len(block) - 1)
                if abs(values[n] - values[-1]) > allowance(len(line.parts), table.base) + table.base
            ]
            if not fitting:
                continue
            first = drawn(rng, fitting)
            figures = dict(zip(block[first + 1 :], values[first:-1], strict=True))
            if plant := if_broken(table, figures, rules, note=f"from {block[first]} on"):
                return plant
    return None


@planter("sex-swapped-one-row", *choices(STOCK_TABLE, FLOW_TABLE))
def sex_swapped_one_row(published: Published, rng: Generator) -> Plant | None:
    """In one row of ages the figures of women and men stand the other way round."""
    for table, where in looked_at(published, rng, (STOCK_TABLE, FLOW_TABLE)):
        grid = table.grid
        women = [k for k in grid.leaves if grid.at(k, SEX) == "F" and span(grid.at(k, AGE)) and where(table, k)]
        for key in shuffled(rng, women):
            man = grid.moved(key, SEX="M")
            first, second = grid.values[key], grid.values.get(man)
            if first is None or second is None or first == second:
                continue
            if plant := if_broken(table, {key: second, man: first}, ("MIG-1-102", "MIG-1-106"), note=str(key)):
                return plant
    return None


@planter("total-and-part-swapped", *choices(STOCK_TABLE, FLOW_TABLE, NATURALISED))
def total_and_part_swapped(published: Published, rng: Generator) -> Plant | None:
    """The figures of both sexes and of women stand the other way round."""
    for table, where in looked_at(published, rng, (STOCK_TABLE, FLOW_TABLE, NATURALISED)):
        for line in told_lines(table, rng, where, SEX):
            women = table.grid.moved(line.total, SEX="F")
            total, part = table.grid.values[line.total] or 0, table.grid.values[women] or 0
            if total - part > allowance(len(line.parts), table.base):
                figures = {line.total: part, women: total}
                return plant_of(table, figures, [women, line.total], total - part, note=f"{part} <-> {total}")
    return None


@planter("part-above-total", *choices(STOCK_TABLE, PARTNER_TABLE))
def part_above_total(published: Published, rng: Generator) -> Plant | None:
    """A part is more than its total, in a line of which other parts are withheld or not sent."""
    table = with_gaps(published, rng)
    if table is None:
        return None
    grid = table.grid
    names = (RESIDENCE,) if RESIDENCE in grid.place else (SEX, AGE, CITIZENSHIP, BIRTH)
    for key in shuffled(rng, sorted(key for key, value in grid.values.items() if value is not None)):
        for name in shuffled(rng, [name for name in names if grid.at(key, name) != TOTAL]):
            total = grid.moved(key, **{name: TOTAL})
            whole = grid.values.get(total)
            lines = [line for line in grid.lines(total, (name,)) if key in line.parts]
            if not whole or not lines or any(line.whole and grid.residual(line) is not None for line in lines):
                continue
            least = allowance(1, table.base) + table.base
            excess = step_between(rng, least, Fraction(whole, 2), table.base)
            if excess:
                return plant_of(table, {key: whole + excess}, [key, total], excess, note=f"{key} of {whole}")
    return None


def with_gaps(published: Published, rng: Generator) -> Table | None:
    """A table in which figures are withheld, or one of moves that has some countries and no rest."""
    flow = next(iter(published.tables))
    if flow in POPULATION:
        protected = with_pattern(published.seed, flow, drawn(rng, LEAST_COUNTS))
        return table_of(suppressed(protected[0], flow, protected[1]), flow) if protected else None
    absent = [REST, UNKNOWN, *rng.permutation(list(published.people.partners))[:2]]
    return table_of(published.with_table(flow, published.tables[flow].filter(~pl.col(RESIDENCE).is_in(absent))), flow)


@planter("total-zero", *choices(STOCK_TABLE, PARTNER_TABLE, PERMITS))
def total_zero(published: Published, rng: Generator) -> Plant | None:
    """A total over sex or age is nothing, though its parts are not."""
    rules = ("MIG-1-101", "MIG-1-102", "MIG-1-105")
    for table, where in looked_at(published, rng, (STOCK_TABLE, PARTNER_TABLE, PERMITS)):
        dimension = SEX if table.flow == "DF_PERMIT" else drawn(rng, (SEX, AGE))
        for line in told_lines(table, rng, where, dimension):
            parts = sum(table.grid.values[key] or 0 for key in line.parts)
            if parts >= allowance(len(line.parts), table.base) + table.base and table.grid.values[line.total]:
                broken = sorted({one.rule for one in broken_by(table, {line.total: 0}, rules)})
                return plant_of(table, {line.total: 0}, [line.total], parts, note="a total of nothing", rules=broken)
    return None
