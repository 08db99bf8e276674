"""Planters of the family totals in further tables: protection, permits, months, rates, tables of the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds import further_tables
from benchmarks.planted_kinds.drawn import (
    MOST_OFF,
    Table,
    drawn,
    residual_to_leave,
    shuffled,
    step_between,
    table_of,
)
from benchmarks.planted_kinds.people import UNKNOWN, People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.sums import (
    AGE,
    BIRTH,
    CITIZENSHIP,
    JOINT,
    SEX,
    TOTAL,
    Key,
    allowance,
    latest,
    smallest_above,
)
from benchmarks.planted_kinds.tables import EXACT, TABLES, Office, Published, completed
from benchmarks.planted_kinds.totals_kinds import if_broken, plant_of, someone, counting

LEAST_WHOLE = 200
"""Shares of the unknown are told of so many people at least."""
"""A fifth: by so much a margin may differ at most."""
LARGEST = 5
Rules = Sequence[str]


@planter("decisions-not-adding", ("DF_PROTECTION",))
def decisions_not_adding(published: Published, rng: Generator) -> Plant | None:
    """One kind of positive decision is changed, the positive decisions and all decisions stay."""
    table = table_of(published, "DF_PROTECTION")
    grid = table.grid
    kinds = [key for key in grid.leaves if grid.at(key, "DECISION_ACTION") == "GRANT" and grid.at(key, "PROT_STATUS") != TOTAL]
    return one_part_off(table, rng, kinds, "PROT_STATUS", ("MIG-1-121",))


def one_part_off(table: Table, rng: Generator, parts: Sequence[Key], dimension: str, rules: Rules) -> Plant | None:
    """One of some figures is changed so that the line over a dimension is off as the table of kinds says."""
    grid = table.grid
    for key in shuffled(rng, parts):
        total = grid.moved(key, **{dimension: TOTAL})
        for line in grid.lines(total, (dimension,)) if total in grid.values else ():
            before = grid.residual(line)
            off = residual_to_leave(rng, len(line.parts), grid.values[total] or 0, table.base)
            if key not in line.parts or before is None or off is None:
                continue
            for change in shuffled(rng, (before - off, before + off)):
                new = (grid.values[key] or 0) + change
                if change and new >= 0 and (plant := if_broken(table, {key: new}, rules, note=f"{change:+} in {key}")):
                    return plant
    return None


@planter("permit-reason-left-out", ("DF_PERMIT",))
def permit_reason_left_out(published: Published, rng: Generator) -> Plant | None:
    """Permits of one reason or length are none, the total stays."""
    table = table_of(published, "DF_PERMIT")
    grid = table.grid
    for key in shuffled(rng, sorted(grid.values)):
        old = grid.values[key] or 0
        for name in shuffled(rng, ("REASON", "DURATION")):
            parts = len(grid.beside(key, name)) - 1
            if grid.at(key, name) != TOTAL and old > allowance(parts, table.base) + table.base:
                return if_broken(table, {key: 0}, ("MIG-1-123",), note=f"{old} -> 0")
    return None


@planter("first-time-above-all", ("DF_PROTECTION",))
def first_time_above_all(published: Published, rng: Generator) -> Plant | None:
    """First applicants are more than all applicants, or children alone more than all children."""
    table = table_of(published, "DF_PROTECTION")
    grid = table.grid
    first = [key for key in grid.values if grid.at(key, "PROT_ITEM") == "APPLIED_FIRST"]
    alone = [key for key in grid.values if grid.at(key, "ACCOMPANIED") == "UAM"]
    for key in shuffled(rng, sorted(drawn(rng, (first, alone)))):
        whole = grid.moved(key, PROT_ITEM="APPLIED")
        if grid.at(key, "ACCOMPANIED") == "UAM":
            whole = grid.moved(key, ACCOMPANIED=TOTAL, AGE=further_tables.CHILDREN)
        limit = grid.values.get(whole)
        excess = limit and step_between(rng, allowance(1, table.base) + table.base, Fraction(limit, 2), table.base)
        if limit and excess:
            return plant_of(table, {key: limit + excess}, [key], excess, note=f"above {limit}")
    return None


@planter("months-not-year", ("DF_IMM_TOPIC",), ("DF_PROTECTION",))
def months_not_year(published: Published, rng: Generator) -> Plant | None:
    """One month is changed, the year stays."""
    flow = next(iter(published.tables))
    year = latest(published.tables[flow])
    yearly = table_of(published, flow, year)
    months = [table_of(published, flow, f"{year}-{month}") for month in further_tables.MONTHS]
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
                return Plant(changed, flow, keys=yearly.named([key]), size=str(off), note=f"{change:+} in month {place + 1}")
    return None


@planter("part-a-not-part-b", *further_tables.ORIGINS.items())
def part_a_not_part_b(published: Published, rng: Generator) -> Plant | None:
    """The total of one year in the table by country is of an older release; the table by origin stays."""
    by_origin, by_country = published.tables
    year = drawn(rng, sorted(published.tables[by_origin]["TIME_PERIOD"].unique()))
    origin, country = (table_of(published, flow, year) for flow in (by_origin, by_country))
    names = {CITIZENSHIP, BIRTH} & set(origin.grid.dimensions)
    wholes = [
        key
        for key in origin.grid.values
        if key in country.grid.values and all(origin.grid.at(key, name) == TOTAL for name in set(origin.grid.dimensions) - names - FIXED)
    ]
    for key in shuffled(rng, sorted(wholes)):
        old = country.grid.values[key] or 0
        parts = next((len(line.parts) for line in origin.grid.lines(key, ("C_CITIZEN", "C_BIRTH", "C_FORMER"))), 0)
        off = step_between(rng, allowance(parts, published.base) + published.base, old * ALL_ORIGINS, published.base)
        if parts and off:
            new = old - off if rng.integers(2) else old + off
            changed = country.written({key: new})
            keys = country.named([key])
            return Plant(changed, by_origin, keys=keys, beside=True, size=str(off), note=f"{old} -> {new} in {by_country}")
    return None


ALL_ORIGINS = Fraction(15, 100)
"""By so much of it the total in part A differs at most."""
FIXED = {"FREQ", "REF_AREA", "DIRECTION", "CTZ_ITEM"}


@planter("margin-differs-between-tables", ("DF_ESTAT_MIGR_POP3CTB", "DF_ESTAT_MIGR_POP1CTZ"))
def margin_differs_between_tables(published: Published, rng: Generator) -> Plant | None:
    """A leaf of the table by citizenship is changed with all its sums; the table by country of birth stays."""
    by_birth, by_citizenship = published.tables
    table = table_of(published, by_citizenship)
    grid = table.grid
    for leaf in shuffled(rng, grid.leaves):
        person = someone(grid, rng, leaf)
        keys = counting(grid, person)
        margins = [key for key in keys if {grid.at(key, CITIZENSHIP), grid.at(key, "C_CITIZEN")} == {TOTAL}]
        smallest = min((grid.values[key] or 0 for key in margins), default=0)
        change = step_between(rng, table.base, Fraction(smallest, LARGEST), table.base)
        if change and rng.integers(2) and change <= min(grid.values[key] or 0 for key in keys):
            change = -change
        if margins and change:
            figures = {key: (grid.values[key] or 0) + change for key in keys}
            return Plant(
                table.written(figures), by_birth, keys=table.named(margins), size=str(abs(change)), note=f"{change:+} people"
            )
    return None


@planter("citizenship-birth-columns-swapped", ("DF_POP_TOPIC", "DF_POP"))
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
        for mirrored in [table.grid.moved(key, C_CITIZEN=TOTAL, CTZ_STATUS=TOTAL, C_BIRTH=table.grid.at(key, "C_CITIZEN"), BIRTH_STATUS="FB")]
        if abs((table.grid.values.get(mirrored) or 0) - value) > allowance(1, published.base) + published.base
    ]
    if not swapped:
        return None
    frame = published.tables[flow]
    is_matrix = (pl.col("C_CITIZEN") != TOTAL) | (pl.col("C_BIRTH") != TOTAL)
    matrix = frame.filter(is_matrix).rename({"C_CITIZEN": "C_BIRTH", "C_BIRTH": "C_CITIZEN"})
    again = further_tables.with_statuses(matrix, published.people.area).select(frame.columns)
    changed = published.with_table(flow, pl.concat([frame.filter(~is_matrix), again]))
    return Plant(changed, flow, keys=table.named(swapped), size=f"{len(swapped)} margins")


@planter("cross-beyond-margins", ("DF_POP",))
def cross_beyond_margins(published: Published, rng: Generator) -> Plant | None:
    """Of a table with one cross cell, foreigners born abroad are more than foreigners or than people born abroad."""
    frame = published.tables["DF_POP"]
    is_cross = (pl.col(BIRTH) != TOTAL) & (pl.col(CITIZENSHIP) != TOTAL)
    is_kept = (pl.col(BIRTH) == "FB") & (pl.col(CITIZENSHIP) == "FC")
    table = table_of(published.with_table("DF_POP", frame.filter(~is_cross | is_kept)), "DF_POP")
    grid = table.grid
    cells = [key for key in grid.values if (grid.at(key, BIRTH), grid.at(key, CITIZENSHIP)) == ("FB", "FC")]
    for key in shuffled(rng, sorted(cells)):
        margins = [grid.values.get(grid.moved(key, **{name: TOTAL})) for name in (BIRTH, CITIZENSHIP)]
        if None in margins or TOTAL in (grid.at(key, "SEX"), grid.at(key, "AGE")) and rng.integers(2):
            continue
        limit = min(value for value in margins if value is not None)
        excess = step_between(rng, allowance(1, table.base) + table.base, MOST_OFF * limit, table.base)
        if excess:
            return plant_of(table, {key: limit + excess}, [key], excess, note=f"above {limit}")
    return None


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
    if total < LEAST_WHOLE or new.height != old.height or not Fraction(6, 100) <= Fraction(part, total) <= Fraction(6, 10):
        return None
    return Plant(table.published, flow, keys=table.named([*parts, whole]), size=f"{part / total:.3f}")


def with_unknown(of: People, name: str, share: float) -> People:
    """The people with a share of those of every group in the last year moved to the unknown group."""
    counts = getattr(of, name).copy()
    (unknown,) = np.flatnonzero(of.citizenship_of == UNKNOWN)
    leaving = np.rint(counts[-1] * share).astype(np.int64)
    leaving[unknown] = 0
    counts[-1] -= leaving
    counts[-1, unknown] += leaving.sum(axis=0)
    return replace(of, **{name: counts})


@planter("rate-wrong-denominator", ("DF_POP", "DF_CTZ_ACQ"))
def rate_wrong_denominator(published: Published, rng: Generator) -> Plant | None:
    """A rate is computed with the population of the year before, or with nationals in place of all."""
    clean = with_rates(published)
    frame = clean.tables["DF_INDICATOR"]
    for row in shuffled(rng, range(frame.height)):
        name, year, text = frame.select("INDICATOR", "TIME_PERIOD", "OBS_VALUE").row(row)
        upper = count(published, *NUMERATORS[name], year)
        status = DENOMINATORS[name]
        right = count(published, "DF_POP", status, year)
        others = (count(published, "DF_POP", status, str(int(year) - 1)), count(published, "DF_POP", {CITIZENSHIP: "NC"}, year))
        for wrong in shuffled(rng, others):
            if not (wrong and right and upper):
                continue
            written = printed_rate(upper, wrong)
            rate = Fraction(100 * upper, right)
            least = 2 * (Fraction(1, 2 * 10**DECIMALS) + rate * Fraction(5, 10_000))
            if abs(Fraction(written) - rate) < least:
                continue
            changed = frame.with_columns(
                pl.when(pl.int_range(pl.len()) == row).then(pl.lit(written)).otherwise("OBS_VALUE").alias("OBS_VALUE")
            )
            key = {"INDICATOR": name, "TIME_PERIOD": year}
            return Plant(clean.with_table("DF_INDICATOR", changed), "DF_INDICATOR", (key,), size=f"{text} -> {written}")
    return None


NUMERATORS: dict[str, tuple[str, dict[str, str]]] = {
    "MIG_SHARE_FB": ("DF_POP", {BIRTH: "FB"}),
    "MIG_SHARE_FC": ("DF_POP", {CITIZENSHIP: "FC"}),
    "CTZ_ACQ_RATE": ("DF_CTZ_ACQ", {}),
}
DENOMINATORS: dict[str, dict[str, str]] = {"MIG_SHARE_FB": {}, "MIG_SHARE_FC": {}, "CTZ_ACQ_RATE": {CITIZENSHIP: "FC"}}
DECIMALS = 2


def count(published: Published, flow: str, codes: dict[str, str], year: str) -> int | None:
    """A published figure with these codes and totals elsewhere; None where there is none."""
    frame = published.tables[flow]
    wanted = {name: codes.get(name, TOTAL) for name in frame.columns if name in (BIRTH, CITIZENSHIP, SEX, AGE, "C_BIRTH", "C_CITIZEN")}
    cell = frame.filter(pl.col("TIME_PERIOD") == year, *(pl.col(name) == code for name, code in wanted.items()))
    return int(cell["OBS_VALUE"][0]) if cell.height == 1 else None


def with_rates(published: Published) -> Published:
    """The dataset with the shares and rates of its published figures."""
    rows = []
    for name, (flow, codes) in NUMERATORS.items():
        for year in sorted(published.tables[flow]["TIME_PERIOD"].unique()):
            upper = count(published, flow, codes, year)
            lower = count(published, "DF_POP", DENOMINATORS[name], year)
            if upper and lower:
                rows.append({"INDICATOR": name, "TIME_PERIOD": year, "OBS_VALUE": printed_rate(upper, lower)})
    fixed = {name: TOTAL for name in ("SEX", "AGE", BIRTH, CITIZENSHIP, "C_BIRTH", "C_CITIZEN", "COUNTERPART_AREA", "TOPIC", "TOPIC_CODE")}
    fixed |= {"FREQ": "A", "REF_AREA": published.people.area, "UNIT_MEASURE": "PT", "OBS_STATUS": "A", "UNIT_MULT": "0"}
    table = pl.DataFrame(rows).with_columns(*(pl.lit(code).alias(name) for name, code in fixed.items()), pl.lit(0).alias(EXACT))
    tables = {"DF_INDICATOR": table, **published.tables}
    return replace(published, tables=tables, declared={"DF_INDICATOR": {}, **published.declared})


def printed_rate(part: int, whole: int) -> str:
    """A part of a whole in per cent.

    >>> printed_rate(1, 8)
    '12.50'
    """
    steps = (part * 100 * 10**DECIMALS * 2 + whole) // (2 * whole)
    return f"{steps // 10**DECIMALS}.{steps % 10**DECIMALS:0{DECIMALS}d}"
