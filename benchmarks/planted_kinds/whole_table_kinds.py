"""Faults of whole tables: an age group left out, zeros for what is missing, rounding that nobody declares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import first_flow, value, years_of
from benchmarks.planted_kinds.lines import AGE_LEAVES, COUNTRIES, PARTS, key_names
from benchmarks.planted_kinds.people import People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import EXACT, FIVES, TABLES, TOTAL, Office, Published, completed, redone, rounded

ROUNDED_TO = (5, 10)
CELLS = 10
"""So many cells of a country must become zero."""
POSITIVE = 0.95
"""So many of its cells were not zero the year before."""
BEFORE, LEAST = 5, 50
"""In so many years before, the country had at least so many people."""
NOT_ZERO = 200
BY_CHANCE = 0.25
"""At most so many figures of a table that is not rounded are multiples of five."""


def rebuilt(published: Published, flow: str, people: People) -> pl.DataFrame:
    write, _ = TABLES[flow]
    return completed(write(Office(people)), flow, people.area, published.base)


@planter("age-group-left-out", ("DF_POP",), ("DF_DEATHS",))
def age_group_left_out(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of one inner age group are gone; totals and groups of ages are sums of the rows left."""
    flow = first_flow(published)
    table = published.tables[flow]
    code = str(rng.choice(FIVES[1:]))
    wholes = [whole for whole, parts in PARTS["AGE"] if code in parts and whole != TOTAL]
    names = [name for name in key_names(table) if name != "AGE"]
    gone = table.filter(pl.col("AGE") == code).select(*names, gone=EXACT)
    left = table.filter(pl.col("AGE") != code).join(gone, on=names, how="left", maintain_order="left")
    is_sum = pl.col("AGE").is_in([TOTAL, *wholes])
    less = pl.when(is_sum).then(pl.col(EXACT) - pl.col("gone").fill_null(0)).otherwise(EXACT)
    changed = redone(left.with_columns(less.alias(EXACT)).drop("gone"), published.base)
    return Plant(published.with_table(flow, changed), flow, ({},), size=code)


@planter("zeros-for-missing", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def zeros_for_missing(published: Published, rng: np.random.Generator) -> Plant | None:
    """All figures of one country are zero in a year, with status A, and the sums are redone."""
    flow = first_flow(published)
    table = published.tables[flow]
    column = "C_CITIZEN" if flow == "DF_POP" or rng.integers(2) else "C_RESIDENCE"
    country = str(rng.choice(published.people.partners))
    years = years_of(table)
    year = years[int(rng.integers(BEFORE, len(years)))]
    here = table.filter(pl.col(column) == country)
    cells = here.filter(pl.col("TIME_PERIOD") == year)
    before = here.filter(pl.col("TIME_PERIOD") == str(int(year) - 1))
    totals = here.filter(
        pl.col("SEX") == TOTAL, pl.col("AGE") == TOTAL, pl.col("TIME_PERIOD").is_in(years_before(year))
    )
    if (
        cells.height < CELLS
        or before.select((value() > 0).mean()).item() < POSITIVE
        or cells.select((value() == 0).mean()).item() > 0.5
        or totals.height < BEFORE
        or totals.select(value().min()).item() < LEAST
    ):
        return None
    people = without_moves(published.people, flow, country, year) if column == "C_RESIDENCE" else None
    people = people or without_citizens(published.people, flow, country, year)
    changed = rebuilt(published, flow, people)
    key = {column: country, "TIME_PERIOD": year}
    return Plant(published.with_table(flow, changed), flow, (key,), size=f"{cells.height} cells", note=f"{key}")


def years_before(year: str) -> list[str]:
    return [str(int(year) - n) for n in range(1, BEFORE + 1)]


def without_citizens(people: People, flow: str, country: str, year: str) -> People:
    """The same people, but nobody of a citizenship in the stock, or the moves, of one year."""
    groups = people.citizenship_of == country
    at = int(year) - people.years[0]
    name = {"DF_POP": "stock", "DF_IMM": "immigration", "DF_EMI": "emigration"}[flow]
    counts = getattr(people, name).copy()
    counts[at, groups] = 0
    return replace(people, **{name: counts})


def without_moves(people: People, flow: str, country: str, year: str) -> People:
    """The same people, but no moves from, or to, a country in one year: neither there nor in any total.

    The moves by citizenship and birth become fewer in the largest group, so that all totals of the year agree.
    """
    direction, name = ("I", "immigration") if flow == "DF_IMM" else ("E", "emigration")
    at, place = int(year) - people.years[0], people.residences.index(country)
    moves, counts = people.moves_by_country[direction].copy(), getattr(people, name).copy()
    gone = moves[at, :, :, place].copy()
    moves[at, :, :, place] = 0
    ages = [*(range(first, first + 5) for first in range(0, 85, 5)), range(85, 86), range(86, 87)]
    for sex, fives in enumerate(gone):
        for age, number in enumerate(fives):
            cells = counts[at, :, sex, ages[age].start : ages[age].stop]
            take_away(cells, int(number))
    return replace(people, moves_by_country={**people.moves_by_country, direction: moves}, **{name: counts})


def take_away(cells: np.ndarray, number: int) -> None:
    """Make some counts smaller by a number in all, the largest first."""
    for place in np.argsort(cells, axis=None)[::-1]:
        taken = min(number, int(cells.flat[place]))
        cells.flat[place] -= taken
        number -= taken
        if not number:
            return


@planter("rounding-undeclared", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), bases=(1,))
def rounding_undeclared(published: Published, rng: np.random.Generator) -> Plant | None:
    """The leaves of a table rounded to 5 or 10, and its sums made of them."""
    flow = first_flow(published)
    table = published.tables[flow]
    base = int(rng.choice(ROUNDED_TO))
    dimension = "C_RESIDENCE" if flow != "DF_POP" else ""
    in_table = pl.col(dimension) != TOTAL if dimension else no_country(table)
    figures = table.filter(in_table).select(value()).to_series()
    figures = figures.filter(figures != 0)
    if len(figures) < NOT_ZERO or int((figures % 5 == 0).sum()) > BY_CHANCE * len(figures):
        return None
    changed = with_leaves_rounded(table, in_table, base, dimension)
    return Plant(published.with_table(flow, changed), flow, ({},), size=f"to {base}")


def no_country(table: pl.DataFrame) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == TOTAL for name in COUNTRIES if name in table.columns)


def with_leaves_rounded(table: pl.DataFrame, in_table: pl.Expr, base: int, dimension: str) -> pl.DataFrame:
    """A table with its leaves rounded to a base and its sums made of the rounded leaves."""
    statuses = [] if dimension else ["BIRTH_STATUS", "CTZ_STATUS"]
    leaf = (
        in_table
        & pl.col("SEX").is_in(["F", "M"])
        & pl.col("AGE").is_in(AGE_LEAVES)
        & pl.all_horizontal(pl.lit(value=True), *(pl.col(name) != TOTAL for name in statuses))
    )
    leaves = table.filter(leaf)
    new = pl.Series("new", rounded(leaves[EXACT].to_numpy(), base))
    leaves = leaves.with_columns(new)
    sums = [leaves]
    for name in ("SEX", *statuses, *([dimension] if dimension else [])):
        names = [other for other in key_names(table) if other != name]
        more = [part.group_by(names).agg(pl.col("new").sum()).with_columns(pl.lit(TOTAL).alias(name)) for part in sums]
        sums += [part.select(*key_names(table), "new") for part in more]
    cells = pl.concat([part.select(*key_names(table), "new") for part in sums])
    by_age = [cells]
    for whole, parts in PARTS["AGE"]:
        if set(parts) <= set(AGE_LEAVES):
            names = [other for other in key_names(table) if other != "AGE"]
            inside = cells.filter(pl.col("AGE").is_in(parts)).group_by(names).agg(pl.col("new").sum())
            by_age.append(inside.with_columns(AGE=pl.lit(whole)).select(*key_names(table), "new"))
    known = pl.concat(by_age).unique(key_names(table))
    joined = table.join(known, on=key_names(table), how="left", maintain_order="left")
    return joined.with_columns(
        OBS_VALUE=pl.when(pl.col("new").is_not_null()).then(pl.col("new").cast(pl.String)).otherwise("OBS_VALUE"),
        **{EXACT: pl.coalesce("new", EXACT)},
    ).select(table.columns)
