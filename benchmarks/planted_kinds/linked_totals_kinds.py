"""Planters of the family totals in further tables: protection, permits, months, rates, tables of the same people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.drawn import draw_item, residual_to_leave, shuffled, step_between, table_of
from benchmarks.planted_kinds.people import UNKNOWN, People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.sums import AGE, BIRTH, CITIZENSHIP, SEX, TOTAL, allowance, latest
from benchmarks.planted_kinds.tables import TABLES, Office, Published, completed

MIN_WHOLE = 200
"""Shares of the unknown are told of so many people at least."""
MARGIN_OFF = Fraction(1, 5)
"""By so much of it a margin differs at most."""
PART_A_OFF = Fraction(15, 100)
"""By so much of it the total in part A differs at most."""
LARGEST = 5
"""So many citizenships are looked at where columns are exchanged."""
CHILDREN = "Y0T17"
MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
ORIGINS = (
    ("DF_OECD_B11", "DF_IMM"),
    ("DF_OECD_B14", "DF_POP"),
    ("DF_OECD_B15", "DF_POP"),
    ("DF_OECD_B16", "DF_CITIZENSHIP"),
)
"""The tables by origin, each with the dataflow of the table by country whose total it has."""
DIVIDED = ("C_CITIZEN", "C_BIRTH", "C_FORMER")
Rules = Sequence[str]


@planter("months-not-year", ("DF_IMM",), ("DF_EMI",), ("DF_PROTECTION",), variant="monthly")
def months_not_year(published: Published, rng: Generator) -> Plant | None:
    """One month is changed, the year stays."""
    flow = next(iter(published.tables))
    year = latest(published.tables[flow])
    yearly = table_of(published, flow, year)
    months = [table_of(published, flow, f"{year}-{month}") for month in MONTHS]
    for key in shuffled(rng, sorted(yearly.grid.values)):
        of_month = yearly.grid.moved(key, FREQ="M")
        values = [month.grid.values.get(of_month) for month in months]
        total = yearly.grid.values[key]
        if total is None or None in values:
            continue
        before = total - sum(value for value in values if value is not None)
        off = residual_to_leave(rng, len(months), total, published.base)
        place = int(rng.integers(len(months)))
        for change in shuffled(rng, (before - off, before + off) if off else ()):
            new = (values[place] or 0) + change
            if change and new >= 0:
                changed = months[place].written({of_month: new})
                return Plant(
                    changed, flow, keys=yearly.named([key]), size=str(off), note=f"{change:+} in month {place + 1}"
                )
    return None


@planter("part-a-not-part-b", *ORIGINS)
def part_a_not_part_b(published: Published, rng: Generator) -> Plant | None:
    """The total of one year in the table by country is of an older release; the table by origin stays."""
    by_origin, by_country = published.tables
    year = draw_item(rng, sorted(published.tables[by_origin]["TIME_PERIOD"].unique()))
    origin, country = (table_of(published, flow, year) for flow in (by_origin, by_country))
    for key in shuffled(rng, sorted(origin.grid.values)):
        origins = next((len(line.parts) for line in origin.grid.lines(key, DIVIDED)), 0)
        old = country.grid.values.get(key)
        if old is None or not origins or origin.grid.at(key, SEX) != TOTAL:
            continue
        off = step_between(rng, allowance(origins, country.base) + country.base, old * PART_A_OFF, country.base)
        if off:
            new = old - off if rng.integers(2) else old + off
            keys = country.named([key])
            note = f"{old} -> {new} in {by_country} {year}"
            return Plant(country.written({key: new}), by_origin, keys, beside=True, size=str(off), note=note)
    return None


@planter("margin-differs-between-tables", ("DF_ESTAT_MIGR_POP3CTB", "DF_ESTAT_MIGR_POP1CTZ"))
def margin_differs_between_tables(published: Published, rng: Generator) -> Plant | None:
    """A margin of the table by citizenship is changed; the table by country of birth stays."""
    by_birth, by_citizenship = published.tables
    table = table_of(published, by_citizenship)
    grid = table.grid
    margins = [key for key in grid.values if {grid.at(key, CITIZENSHIP), grid.at(key, "C_CITIZEN")} == {TOTAL}]
    for key in shuffled(rng, sorted(margins)):
        old = grid.values[key] or 0
        change = step_between(rng, table.base, old * MARGIN_OFF, table.base)
        if change:
            new = old + change * draw_item(rng, (-1, 1))
            return Plant(table.written({key: new}), by_birth, table.named([key]), size=f"{old} -> {new}")
    return None


@planter("citizenship-birth-columns-swapped", ("DF_POP_TOPIC", "DF_POP"), variant="crossed")
def columns_swapped(published: Published, rng: Generator) -> Plant | None:
    """In the table by citizenship and country of birth the headers of both columns are exchanged."""
    del rng  # there is only one place
    flow, sister = published.tables
    table, other = table_of(published, flow), table_of(published, sister)
    largest = [
        (value or 0, key, grid_key)
        for key, value in table.grid.values.items()
        if table.grid.at(key, "C_CITIZEN").isalpha()
        and table.grid.at(key, "C_BIRTH") == TOTAL
        and (grid_key := tuple(table.grid.at(key, name) for name in other.grid.dimensions)) in other.grid.values
    ]
    largest = sorted(largest, reverse=True)[: LARGEST + 1][1:]  # the first one is the reporting country
    swapped = [
        key
        for value, key, _ in largest
        for mirrored in [
            table.grid.moved(
                key, C_CITIZEN=TOTAL, CTZ_STATUS=TOTAL, C_BIRTH=table.grid.at(key, "C_CITIZEN"), BIRTH_STATUS="FB"
            )
        ]
        if abs((table.grid.values.get(mirrored) or 0) - value) > allowance(1, published.base) + published.base
    ]
    if not swapped:
        return None
    names = {"C_CITIZEN": "C_BIRTH", "C_BIRTH": "C_CITIZEN"}
    frame = published.tables[flow]
    exchanged = with_statuses(frame.rename(names), published.people.area).select(frame.columns)
    return Plant(published.with_table(flow, exchanged), flow, table.named(swapped), size=f"{len(swapped)} margins")


def with_statuses(frame: pl.DataFrame, area: str) -> pl.DataFrame:
    def status(country: str, own: str, other: str) -> pl.Expr:
        foreign = pl.when(pl.col(country) == area).then(pl.lit(own)).otherwise(pl.lit(other))
        return pl.when(pl.col(country).is_in([TOTAL, UNKNOWN])).then(pl.col(country)).otherwise(foreign)

    return frame.with_columns(CTZ_STATUS=status("C_CITIZEN", "NC", "FC"), BIRTH_STATUS=status("C_BIRTH", "NB", "FB"))


@planter("unknown-too-large", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def unknown_too_large(published: Published, rng: Generator) -> Plant | None:
    """People of all citizenships and countries of birth are moved to the unknown in proportion, all sums are redone."""
    flow = next(iter(published.tables))
    name = {"DF_POP": "stock", "DF_IMM": "immigration", "DF_EMI": "emigration"}[flow]
    of = published.people
    low, high = ((0.06, 0.32), (0.32, 0.6))[int(rng.integers(2))]
    moved = with_unknown(of, name, float(rng.uniform(low, high)))
    old = published.tables[flow]
    new = completed(TABLES[flow][0](Office(moved)), flow, of.area, published.base)
    table = table_of(published.with_table(flow, new), flow)
    grid = table.grid
    whole = next(key for key in grid.values if all(code in (TOTAL, "A", "I", "E", of.area) for code in key))
    parts = [grid.moved(whole, **{status: UNKNOWN}) for status in (BIRTH, CITIZENSHIP)]
    part, total = grid.values[parts[0]] or 0, grid.values[whole] or 0
    if (
        total < MIN_WHOLE
        or new.height != old.height
        or not Fraction(6, 100) <= Fraction(part, total) <= Fraction(6, 10)
    ):
        return None
    return Plant(table.published, flow, keys=table.named([*parts, whole]), size=f"{part / total:.3f}")


def with_unknown(of: People, name: str, share: float) -> People:
    counts = getattr(of, name).copy()
    (unknown,) = np.flatnonzero(of.citizenship_of == UNKNOWN)
    leaving = np.rint(counts[-1] * share).astype(np.int64)
    leaving[unknown] = 0
    counts[-1] -= leaving
    counts[-1, unknown] += leaving.sum(axis=0)
    return replace(of, **{name: counts})


@planter("rate-wrong-denominator", ("DF_INDICATOR", "DF_POP", "DF_CTZ_ACQ"))
def rate_wrong_denominator(published: Published, rng: Generator) -> Plant | None:
    """A rate is computed with the population of the year before, or with nationals in place of all."""
    frame = published.tables["DF_INDICATOR"]
    for row in shuffled(rng, range(frame.height)):
        name, year, sex, text = frame.select("INDICATOR", "TIME_PERIOD", SEX, "OBS_VALUE").row(row)
        (flow, part), whole = NUMERATORS[name], DENOMINATORS[name]
        upper = count(published, flow, {**part, SEX: sex}, year)
        right = count(published, "DF_POP", {**whole, SEX: sex}, year)
        before = count(published, "DF_POP", {**whole, SEX: sex}, str(int(year) - 1))
        nationals = count(published, "DF_POP", {CITIZENSHIP: "NC", SEX: sex}, year)
        decimals = len(text.partition(".")[2])
        for wrong in shuffled(rng, (before, nationals)):
            if not (wrong and right and upper):
                continue
            written, rate = printed_rate(upper, wrong, decimals), Fraction(100 * upper, right)
            if abs(Fraction(written) - rate) >= 2 * (Fraction(1, 2 * 10**decimals) + rate * Fraction(5, 10_000)):
                here = pl.int_range(pl.len()) == row
                value = pl.when(here).then(pl.lit(written)).otherwise("OBS_VALUE").alias("OBS_VALUE")
                changed = published.with_table("DF_INDICATOR", frame.with_columns(value))
                key = {"INDICATOR": name, "TIME_PERIOD": year, SEX: sex}
                return Plant(changed, "DF_INDICATOR", (key,), size=f"{text} -> {written}", note=f"{name} {year} {sex}")
    return None


NUMERATORS: dict[str, tuple[str, dict[str, str]]] = {
    "MIG_SHARE_FB": ("DF_POP", {BIRTH: "FB"}),
    "MIG_SHARE_FC": ("DF_POP", {CITIZENSHIP: "FC"}),
    "CTZ_ACQ_RATE": ("DF_CTZ_ACQ", {}),
}
DENOMINATORS: dict[str, dict[str, str]] = {"MIG_SHARE_FB": {}, "MIG_SHARE_FC": {}, "CTZ_ACQ_RATE": {CITIZENSHIP: "FC"}}


def count(published: Published, flow: str, codes: Mapping[str, str], year: str) -> int | None:
    """Return a published figure with these codes, totals elsewhere; None if absent."""
    frame = published.tables[flow]
    names = [name for name in (BIRTH, CITIZENSHIP, SEX, AGE, "C_BIRTH", "C_CITIZEN") if name in frame.columns]
    cell = frame.filter(pl.col("TIME_PERIOD") == year, *(pl.col(name) == codes.get(name, TOTAL) for name in names))
    return int(cell["OBS_VALUE"][0]) if cell.height == 1 else None


def printed_rate(part: int, whole: int, decimals: int) -> str:
    """A part of a whole in per cent.

    >>> printed_rate(1, 8, 2)
    '12.50'
    """
    steps = (part * 100 * 10**decimals * 2 + whole) // (2 * whole)
    return f"{steps // 10**decimals}.{steps % 10**decimals:0{decimals}d}"
