"""Faults of time and completeness: years, cells and countries that are gone, and data that come late.

The office has a profile of rules: what it must report is all that its clean tables hold, and when it is due is known.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import drawn_row, first_flow, last_year, years_of
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
LEAST_LOST = 20


def required(published: Published) -> dict[str, Mapping[str, object]]:
    """What the profile of the office demands: every period and every cell of its clean table."""
    flow = first_flow(published)
    table = published.tables[flow]
    periods = years_of(table)
    cubes = [
        {"flows": [flow], "periods": periods, "codes": codes} for codes in cubes_of(table.select(DIMENSIONS[flow]))
    ]
    return {
        "MIG-1-351": {"flows": (flow,), "required": [{"flows": [flow], "periods": periods}]},
        "MIG-1-353": {"flows": (flow,), "required": cubes},
    }


def cubes_of(keys: pl.DataFrame) -> Iterable[dict[str, list[str]]]:
    """Sets of codes by dimension whose combinations are exactly the keys: one for each set of statuses and country."""
    inside = [name for name in ("SEX", "AGE") if name in keys.columns]
    outside = [name for name in keys.columns if name not in inside]
    by_codes: dict[tuple[tuple[str, ...], ...], list[tuple[str, ...]]] = {}
    groups = keys.unique(maintain_order=True).group_by(outside, maintain_order=True)
    for context, cells in groups:
        codes = tuple(tuple(sorted(cells[name].unique())) for name in inside)
        if cells.height != np.prod([len(listed) for listed in codes]):
            raise ValueError(context)
        by_codes.setdefault(codes, []).append(tuple(map(str, context)))
    for codes, contexts in by_codes.items():
        for context in contexts:
            yield {
                **{name: [code] for name, code in zip(outside, context, strict=True)},
                **{name: list(listed) for name, listed in zip(inside, codes, strict=True)},
            }


@planter("year-left-out", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",))
def year_left_out(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of a required year are gone."""
    flow = first_flow(published)
    table = published.tables[flow]
    year = str(rng.choice(years_of(table)))
    planted = replace(published, settings=required(published))
    left = table.filter(pl.col("TIME_PERIOD") != year)
    return Plant(planted.with_table(flow, left), flow, ({"TIME_PERIOD": year},), size=year)


@planter("gap-in-series", ("DF_IMM",), ("DF_EMI",))
def gap_in_series(published: Published, rng: np.random.Generator) -> Plant | None:
    """An inner year of one series by country of residence is gone."""
    flow = first_flow(published)
    table = published.tables[flow]
    years = years_of(table)
    inner = pl.col("TIME_PERIOD").is_in(years[1:-1]) & (pl.col("C_RESIDENCE") != TOTAL)
    row = drawn_row(table, inner, rng)
    if row is None:
        return None
    key = key_of(table, row)
    after = {**key, "TIME_PERIOD": str(int(key["TIME_PERIOD"]) + 1)}
    planted = replace(published, settings=required(published))
    left = table.filter(pl.int_range(pl.len()) != row)
    return Plant(planted.with_table(flow, left), flow, (key, after), size=table["OBS_VALUE"][row], note=f"{key}")


@planter("cell-left-out", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def cell_left_out(published: Published, rng: np.random.Generator) -> Plant | None:
    """A required leaf is gone; all totals stay."""
    flow = first_flow(published)
    table = published.tables[flow]
    row = drawn_row(table, is_leaf(), rng)
    if row is None:
        return None
    key = key_of(table, row)
    planted = replace(published, settings=required(published))
    left = table.filter(pl.int_range(pl.len()) != row)
    return Plant(planted.with_table(flow, left), flow, (key,), size=table["OBS_VALUE"][row], note=f"{key}")


@planter("many-cells-lost", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def many_cells_lost(published: Published, rng: np.random.Generator) -> Plant | None:
    """Some rows in a hundred that the release before had are gone."""
    flow = first_flow(published)
    table = published.tables[flow]
    share = float(rng.uniform(*LOST))
    number = max(LEAST_LOST, round(share * table.height))
    gone = set(rng.choice(table.height, size=number, replace=False).tolist())
    if number / table.height <= 0.01:
        return None
    left = table.filter(~pl.int_range(pl.len()).is_in(sorted(gone)))
    earlier = replace(published, prepared=PREPARED_BEFORE)
    planted = replace(published, earlier=earlier).with_table(flow, left)
    return Plant(planted, flow, ({},), size=f"{number} of {table.height}")


@planter("sent-late", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def sent_late(published: Published, rng: np.random.Generator) -> Plant | None:
    """The data are prepared after they were due."""
    flow = first_flow(published)
    last = last_year(published.tables[flow])
    end = int(last) * 12 + 11 + MONTHS_DUE
    due = dt.date(end // 12, end % 12 + 1, calendar.monthrange(end // 12, end % 12 + 1)[1])
    days = int(rng.integers(1, LATEST + 1))
    settings = {"MIG-1-355": {"flows": (flow,), "due": [{"flows": [flow], "months": MONTHS_DUE}]}}
    prepared = f"{due + dt.timedelta(days=days)}T12:00:00+00:00"
    planted = replace(published, settings=settings, prepared=prepared)
    return Plant(planted, flow, ({"TIME_PERIOD": last},), size=f"{days} days")


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
    planted = replace(published, settings=required(published)).with_table(flow, changed)
    return Plant(planted, flow, keys, size=country, note=year)
