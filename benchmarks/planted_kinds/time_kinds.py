"""Faults of time and completeness: missing years, cells and countries, and late data.

The office's profile requires everything in its clean tables, with known due dates.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds import tables
from benchmarks.planted_kinds.cells import drawn_row, first_flow, years_of
from benchmarks.planted_kinds.lines import is_leaf, key_names, key_of
from benchmarks.planted_kinds.people import REST
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, EXACT, TOTAL, Published, redone

MONTHS_DUE = 18
"""So many months after the end of the year its figures are due: they are prepared before."""
LATEST = 200
PREPARED_BEFORE = "2025-07-31T12:00:00+00:00"
PARTNER = 150
"""So many persons a country had the year before."""
LOST = (0.02, 0.10)
MIN_LOST = 20


def required(published: Published) -> dict[str, Mapping[str, object]]:
    """Return the requirements of the office's profile: every period and cell of its clean table."""
    flow = first_flow(published)
    table = published.tables[flow]
    periods = years_of(table)
    cubes = [
        {"flows": [flow], "periods": periods, "codes": codes} for codes in cubes_of(table.select(DIMENSIONS[flow]))
    ]
    return {
        **published.settings,
        "MIG-1-351": {"flows": (flow,), "required": [{"flows": [flow], "periods": periods}]},
        "MIG-1-353": {"flows": (flow,), "required": cubes},
    }


def with_months(published: Published) -> Published:
    """The same dataset with tables of months and years in place of those of years."""
    return tables.published(published.seed, published.base, tuple(published.tables), variant="monthly")


def cubes_of(keys: pl.DataFrame) -> Iterable[dict[str, list[str]]]:
    """Sets of codes by dimension whose combinations are exactly the keys: one, or one for each status and country."""
    keys = keys.unique(maintain_order=True)
    outside = [name for name in keys.columns if name.startswith(("C_", "BIRTH_", "CTZ_STATUS"))]
    if keys.height == math.prod(keys.select(pl.all().n_unique()).row(0)):
        outside = []
    inside = [name for name in keys.columns if name not in outside]
    for _, cells in keys.group_by(outside or [pl.lit(0)], maintain_order=True):
        codes = {name: sorted(cells[name].unique()) for name in (*outside, *inside)}
        if cells.height != math.prod(map(len, codes.values())):
            raise ValueError(codes)
        yield codes


@planter("year-left-out", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",))
def year_left_out(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of a required year are gone."""
    flow = first_flow(published)
    table = published.tables[flow]
    year = str(rng.choice(years_of(table)))
    clean = replace(published, settings=required(published))
    left = table.filter(pl.col("TIME_PERIOD") != year)
    return Plant(clean.with_table(flow, left), flow, ({"TIME_PERIOD": year},), size=year, clean=clean)


@planter("gap-in-series", ("DF_IMM",), ("DF_EMI",))
def gap_in_series(published: Published, rng: np.random.Generator) -> Plant | None:
    """An inner year, or month, of one series by country of residence is gone."""
    flow = first_flow(published)
    if rng.integers(3) == 0:
        published = with_months(published)
    table = published.tables[flow]
    frequency = str(rng.choice(table["FREQ"].unique().sort()))
    periods = table.filter(pl.col("FREQ") == frequency)["TIME_PERIOD"].unique().sort().to_list()
    inner = pl.col("TIME_PERIOD").is_in(periods[1:-1]) & (pl.col("C_RESIDENCE") != TOTAL)
    row = drawn_row(table, inner, rng)
    if row is None:
        return None
    key = key_of(table, row)
    after = {**key, "TIME_PERIOD": periods[periods.index(key["TIME_PERIOD"]) + 1]}
    clean = replace(published, settings=required(published))
    left = table.filter(pl.int_range(pl.len()) != row)
    size, planted = table["OBS_VALUE"][row], clean.with_table(flow, left)
    return Plant(planted, flow, (key, after), size=size, note=f"{key}", clean=clean)


@planter("cell-left-out", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_PERMIT",))
def cell_left_out(published: Published, rng: np.random.Generator) -> Plant | None:
    """A required leaf is gone; all totals stay."""
    flow = first_flow(published)
    table = published.tables[flow]
    permit = pl.all_horizontal(pl.col("SEX", "^(REASON|DURATION|C_CITIZEN)$") != TOTAL)
    row = drawn_row(table, permit if flow == "DF_PERMIT" else is_leaf(), rng)
    if row is None:
        return None
    key = key_of(table, row)
    clean = replace(published, settings=required(published))
    left = table.filter(pl.int_range(pl.len()) != row)
    size, planted = table["OBS_VALUE"][row], clean.with_table(flow, left)
    return Plant(planted, flow, (key,), size=size, note=f"{key}", clean=clean)


@planter("many-cells-lost", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def many_cells_lost(published: Published, rng: np.random.Generator) -> Plant | None:
    """Some rows in a hundred that the release before had are gone."""
    flow = first_flow(published)
    table = published.tables[flow]
    share = float(rng.uniform(*LOST))
    number = max(MIN_LOST, round(share * table.height))
    gone = set(rng.choice(table.height, size=number, replace=False).tolist())
    if number / table.height <= 0.01:
        return None
    left = table.filter(~pl.int_range(pl.len()).is_in(sorted(gone)))
    earlier = replace(published, prepared=PREPARED_BEFORE)
    clean = replace(published, earlier=earlier)
    return Plant(clean.with_table(flow, left), flow, ({},), size=f"{number} of {table.height}", clean=clean)


@planter("sent-late", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_PROTECTION",))
def sent_late(published: Published, rng: np.random.Generator) -> Plant | None:
    """The data are prepared after they were due."""
    if first_flow(published) == "DF_PROTECTION":
        published = with_months(published)
    flow = first_flow(published)
    last = max(published.tables[flow]["TIME_PERIOD"])
    months = 12 * int(last[:4]) + int(last[5:] or 12) - 1 + MONTHS_DUE
    due = dt.date(months // 12, months % 12 + 1, calendar.monthrange(months // 12, months % 12 + 1)[1])
    days = int(rng.integers(1, LATEST + 1))
    settings = {**published.settings, "MIG-1-355": {"flows": (flow,), "due": [{"flows": [flow], "months": MONTHS_DUE}]}}
    prepared = f"{due + dt.timedelta(days=days)}T12:00:00+00:00"
    clean = replace(published, settings=settings)
    planted = replace(clean, prepared=prepared)
    return Plant(planted, flow, ({"TIME_PERIOD": last},), size=f"{days} days", clean=clean)


@planter("partner-vanished", ("DF_IMM",), ("DF_EMI",), ("DF_CITIZENSHIP",))
def partner_vanished(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of a country are gone in a year, and its figures are among those of the rest."""
    flow = first_flow(published)
    table = published.tables[flow]
    column = "C_FORMER" if flow == "DF_CITIZENSHIP" else str(rng.choice(["C_RESIDENCE", "C_CITIZEN"]))
    year = str(rng.choice(years_of(table)[1:]))
    before = str(int(year) - 1)
    margin = (pl.col("SEX") == TOTAL) & (pl.col("AGE") == TOTAL) & (pl.col("TIME_PERIOD") == before)
    large = table.filter(margin, pl.col(column).is_in(published.people.partners))
    large = large.filter(pl.col("OBS_VALUE").cast(pl.Int64) >= PARTNER)
    if large.is_empty():
        return None
    country = str(rng.choice(large[column].to_list()))
    here = (pl.col(column) == country) & (pl.col("TIME_PERIOD") == year)
    names = [name for name in key_names(table) if name != column]
    moved = table.filter(here).select(*names, pl.lit(REST).alias(column), moved=EXACT)
    left = table.filter(~here).join(moved, on=[*names, column], how="left", maintain_order="left")
    more = (pl.col(EXACT) + pl.col("moved").fill_null(0)).alias(EXACT)
    changed = redone(left.with_columns(more), published.base, pl.col("moved").is_not_null()).drop("moved")
    keys = tuple({column: country, "TIME_PERIOD": period} for period in (before, year))
    clean = replace(published, settings=required(published))
    return Plant(clean.with_table(flow, changed), flow, keys, size=country, note=year, clean=clean)
