"""Faults of whole tables: an age group left out, zeros for what is missing, rounding that nobody declares."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import first_flow, value, years_of
from benchmarks.planted_kinds.changed_people import FLOW_OF, MOVES, retold, with_events, with_moves, with_stock
from benchmarks.planted_kinds.lines import PARTS, key_names
from benchmarks.planted_kinds.people import People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import EXACT, FIVES, TOTAL, Published, redone

NAMES = {flow: name for name, flow in FLOW_OF.items()}
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
    name, at = NAMES[flow], int(year) - published.people.years[0]
    people = without_citizens(published.people, name, country, at)
    if column == "C_RESIDENCE":
        people = without_moves(published.people, name, country, at)
    changed = retold(published, people, (flow,))
    key = {column: country, "TIME_PERIOD": year}
    return Plant(changed, flow, (key,), size=f"{cells.height} cells", note=f"{key}")


def years_before(year: str) -> list[str]:
    return [str(int(year) - n) for n in range(1, BEFORE + 1)]


def without_citizens(people: People, name: str, country: str, at: int) -> People:
    """The same people, but nobody of a citizenship in the stock, or the moves, of one year."""
    counts = getattr(people, name)[at].copy()
    counts[people.citizenship_of == country] = 0
    return with_stock(people, at, counts) if name == "stock" else with_events(people, name, at, counts)


def without_moves(people: People, name: str, country: str, at: int) -> People:
    """The same people, but no moves from, or to, a country in one year: neither there nor in any total."""
    counts = people.moves_by_country[MOVES[name]][at].copy()
    counts[..., people.residences.index(country)] = 0
    return with_moves(people, name, at, counts)


@planter("rounding-undeclared", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), bases=(1,))
def rounding_undeclared(published: Published, rng: np.random.Generator) -> Plant | None:
    """All figures rounded to 5 or 10, each by itself and undeclared."""
    flow = first_flow(published)
    table = published.tables[flow]
    base = int(rng.choice(ROUNDED_TO))
    figures = table.select(value()).to_series()
    figures = figures.filter(figures != 0)
    if len(figures) < NOT_ZERO or int((figures % 5 == 0).sum()) > BY_CHANCE * len(figures):
        return None
    return Plant(published.with_table(flow, redone(table, base)), flow, ({},), size=f"to {base}")
