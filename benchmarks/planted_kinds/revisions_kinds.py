"""Planters of the family revisions: a release that does not follow from the one that was accepted before it.

The accepted release is made from the dataset: the last five years differ by at most 1.5 %, older ones not at all, and
the latest year is not in it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl

from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, EXACT, TOTAL, Published, redone

REVISED_YEARS = 5
MAX_REVISED = 0.015
ACCEPTED = "2025-01-31T12:00:00+00:00"
OLDER = "2024-01-31T12:00:00+00:00"
STATUS = "OBS_STATUS"
FLOWS = (("DF_IMM",), ("DF_EMI",), ("DF_POP",))
OF_PEOPLE = ("BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN")
"""The dimensions that tell the same people in several tables."""

Key = Mapping[str, str]


def last_year(table: pl.DataFrame) -> int:
    return max(int(period) for period in table["TIME_PERIOD"].unique() if len(period) == 4)


def accepted(published: Published, rng: np.random.Generator, prepared: str = ACCEPTED) -> Published:
    """The release before: a year shorter, recent years a little other by country, all sums with them."""
    tables = {}
    for flow, table in published.tables.items():
        last = last_year(table)
        factors = {
            str(last - n): float(np.exp(rng.uniform(-1, 1) * np.log(1 + MAX_REVISED))) for n in range(REVISED_YEARS)
        }
        times = pl.col("TIME_PERIOD").replace_strict(factors, default=1.0)
        older = table.filter(pl.col("TIME_PERIOD") != str(last))
        older = older.with_columns((pl.col(EXACT) * times).round().cast(pl.Int64).alias(EXACT))
        tables[flow] = redone(older, published.base)
    return replace(published, tables=tables, prepared=prepared, earlier=None)


def names_of(flow: str) -> list[str]:
    return ["FREQ", "REF_AREA", *DIMENSIONS[flow], "TIME_PERIOD"]


def with_status(published: Published, status: str, years: int) -> Published:
    """The same with another status in the last years of its tables."""
    tables = {}
    for flow, table in published.tables.items():
        recent = [str(last_year(table) - n) for n in range(years)]
        column = pl.when(pl.col("TIME_PERIOD").is_in(recent)).then(pl.lit(status)).otherwise(STATUS).alias(STATUS)
        tables[flow] = table.with_columns(column)
    return replace(published, tables=tables)


def key_at(table: pl.DataFrame, flow: str, row: int) -> dict[str, str]:
    return dict(table.select(names_of(flow)).row(row, named=True))


def sums_above(key: Key) -> pl.Expr:
    """The cells that contain a cell: the same codes, or totals, in all dimensions."""
    parts = []
    for name, code in key.items():
        above = [code, TOTAL] if name not in ("FREQ", "REF_AREA", "TIME_PERIOD", "DIRECTION") else [code]
        if name == "AGE":
            above += [wide for wide, span in WIDE.items() if span[0] <= first_age(code) <= span[1]]
        parts.append(pl.col(name).is_in(above))
    return pl.all_horizontal(parts)


WIDE = {"Y0T14": (0, 14), "Y15T64": (15, 64), "Y_GE65": (65, 200)}


def first_age(code: str) -> int:
    """Return the first age of a group; −1 for others.

    >>> first_age("Y5T9"), first_age("Y_GE85"), first_age("_U")
    (5, 85, -1)
    """
    digits = code.removeprefix("Y_GE").removeprefix("Y").split("T")[0]
    return int(digits) if digits.isdecimal() else -1


def changed_by(published: Published, flow: str, changes: Mapping[int, int]) -> Published:
    """The same publication with other persons in some rows of a table, and all sums above them redone."""
    table = published.tables[flow]
    exact = pl.lit(0)
    for row, change in changes.items():
        exact = exact + pl.when(sums_above(key_at(table, flow, row))).then(change).otherwise(0)
    table = table.with_columns((pl.col(EXACT) + exact).cast(pl.Int64).alias(EXACT))
    return published.with_table(flow, redone(table, published.base))


def cells_in(table: pl.DataFrame, years: list[str], least: int) -> np.ndarray:
    wanted = (
        pl.col("TIME_PERIOD").is_in(years)
        & (pl.col("OBS_VALUE").cast(pl.Int64) >= least)
        & pl.col("SEX").is_in(["F", "M"])
        & ~pl.col("AGE").is_in([TOTAL, *WIDE])
    )
    return np.flatnonzero(table.select(wanted).to_series())


@planter("revised-too-much", *FLOWS)
def revised_too_much(published: Published, rng: np.random.Generator) -> Plant | None:
    """One cell of an earlier year differs greatly from the accepted release; sums are recomputed."""
    flow = next(iter(published.tables))
    provisional = bool(rng.random() < 1 / 2)
    before = accepted(published, rng)
    before = with_status(before, "P", 2) if provisional else before
    table = before.tables[flow]
    last = last_year(table)
    years = [str(last - n) for n in range(2 if provisional else 4)]
    rows = cells_in(table, years, 100)
    share = float(rng.uniform(0.2, 0.8) if provisional else rng.uniform(0.07, 0.6)) * (
        1 if rng.random() < 1 / 2 else -1
    )
    key = key_at(table, flow, int(rng.choice(rows)))
    now = published.tables[flow].with_row_index("row").filter(pl.all_horizontal(pl.col(n) == c for n, c in key.items()))
    was = int(table.filter(pl.all_horizontal(pl.col(n) == c for n, c in key.items()))["OBS_VALUE"][0])
    new = max(0, round(was * (1 + share)))
    changed = changed_by(published, flow, {int(now["row"][0]): new - int(now[EXACT][0])})
    told = int(changed.tables[flow]["OBS_VALUE"][int(now["row"][0])])
    least, most = (0.2, 0.8) if provisional else (0.07, 0.6)
    if not least <= abs(told - was) / was <= most:
        return None
    size = f"{was} → {told}, {'provisional' if provisional else 'final'}"
    places = same_people(key, table, changed.tables[flow])
    return Plant(replace(changed, earlier=before), flow, places, size=size)


def same_people(key: Key, *releases: pl.DataFrame) -> tuple[Key, ...]:
    """Return a cell, and those of the same people with fewer statuses or countries, equal in all releases.

    Native-born citizens are all native-born if no native-born foreigner is counted; those of unknown citizenship need
    no country of it.
    """
    names = [name for name in OF_PEOPLE if key.get(name, TOTAL) != TOTAL]
    wider = [
        {**key, **dict.fromkeys(chosen, TOTAL)} for n in range(len(names) + 1) for chosen in combinations(names, n)
    ]
    figures = [[figures_at(release, cell) for release in releases] for cell in wider]
    return tuple(cell for cell, told in zip(wider, figures, strict=True) if told == figures[0])


def figures_at(table: pl.DataFrame, key: Key) -> list[str]:
    """Return the figures of a table at a key; empty without such a cell."""
    return table.filter(pl.all_horizontal(pl.col(name) == code for name, code in key.items()))["OBS_VALUE"].to_list()


@planter("cells-dropped-silently", ("DF_IMM",), ("DF_EMI",))
def cells_dropped(published: Published, rng: np.random.Generator) -> Plant | None:
    """Some rows of the accepted release, or one series, are not in the new one."""
    flow = next(iter(published.tables))
    before = accepted(published, rng)
    table = published.tables[flow]
    old = before.tables[flow]
    names = names_of(flow)
    series = [name for name in names if name != "TIME_PERIOD"]
    if rng.random() < 1 / 2:
        gone = old.filter(
            pl.all_horizontal(
                pl.col(n) == c
                for n, c in zip(series, old.select(series).row(int(rng.integers(old.height))), strict=True)
            )
        )
    else:
        gone = old[np.sort(rng.choice(old.height, int(rng.integers(1, 21)), replace=False)).tolist()]
    if gone.height > 0.01 * old.height:
        return None
    changed = replace(published.with_table(flow, table.join(gone.select(names), on=names, how="anti")), earlier=before)
    keys = tuple({name: row[name] for name in series} for row in gone.select(names).iter_rows(named=True))
    return Plant(changed, flow, keys, size=f"{gone.height} rows")


@planter("older-file-resent", ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",))
def older_file_resent(published: Published, rng: np.random.Generator) -> Plant | None:
    """The release before the accepted one is sent again, as it was."""
    before = accepted(published, rng)
    older = accepted(before, rng, OLDER)
    flow = next(iter(published.tables))
    clean = replace(published, earlier=before)
    return Plant(replace(older, earlier=before), flow, ({},), size=f"{OLDER} after {ACCEPTED}", clean=clean)


@planter("final-back-to-provisional", ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",))
def final_back_to_provisional(published: Published, rng: np.random.Generator) -> Plant | None:
    """Cells that were final in the accepted release are provisional again."""
    flow = next(iter(published.tables))
    before = accepted(published, rng)
    table = published.tables[flow]
    year = str(last_year(before.tables[flow]) - int(rng.integers(4)))
    of_year = np.flatnonzero(table["TIME_PERIOD"] == year)
    number = int(np.exp(rng.uniform(0, np.log(len(of_year)))))
    rows = np.sort(rng.choice(of_year, number, replace=False))
    is_one = pl.int_range(pl.len()).is_in(rows.tolist())
    table = table.with_columns(pl.when(is_one).then(pl.lit("P")).otherwise(STATUS).alias(STATUS))
    changed = replace(published.with_table(flow, table), earlier=before)
    keys = tuple(key_at(table, flow, int(row)) for row in rows)
    return Plant(changed, flow, keys, column=STATUS, size=f"{number} cells")


@planter("old-years-changed", ("DF_IMM",), ("DF_EMI",))
def old_years_changed(published: Published, rng: np.random.Generator) -> Plant | None:
    """Some cells of years long past are three to four per cent other than in the accepted release, without a note."""
    flow, base = next(iter(published.tables)), published.base
    before = accepted(published, rng)
    table = published.tables[flow]
    last = last_year(table)
    first = min(int(period) for period in table["TIME_PERIOD"].unique())
    rows = cells_in(table, [str(year) for year in range(first, last - REVISED_YEARS)], 500)
    number = int(rng.integers(5, 11))
    if len(rows) < number:
        return None
    chosen = rng.choice(rows, number, replace=False)
    sign = 1 if rng.random() < 1 / 2 else -1
    changes = {int(row): sign * round(int(table[EXACT][int(row)]) * float(rng.uniform(0.03, 0.04))) for row in chosen}
    changed = changed_by(published, flow, changes)
    keys = tuple(key_at(table, flow, row) for row in changes)
    moved = [abs(int(changed.tables[flow]["OBS_VALUE"][row]) - int(table["OBS_VALUE"][row])) >= base for row in changes]
    if sum(moved) < 5:
        return None
    keys = tuple(key for key, is_moved in zip(keys, moved, strict=True) if is_moved)
    return Plant(replace(changed, earlier=before), flow, keys, size=f"{len(keys)} cells")
