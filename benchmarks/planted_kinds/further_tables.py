"""Further tables of an office: regions, permits, protection, months, tables by origin, rates; sums of leaves as well.

They are written when their dataflow is asked for, from a generator of their own that depends on the seed alone. Where
they tell of the same people as a table of the accounts, they are sums of the same persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product

import numpy as np
import polars as pl

from benchmarks.planted_kinds.people import FOREIGN, REST, UNKNOWN, Counts
from benchmarks.planted_kinds.tables import (
    AGES,
    DIMENSIONS,
    EVENTS,
    EXACT,
    SEXES,
    STOCK,
    TABLES,
    TOTAL,
    Office,
    by_age,
    frame,
    grouped,
    with_both_sexes,
)

MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
BROAD = (TOTAL, "Y0T14", "Y15T64", "Y_GE65", UNKNOWN)
CHILDREN, OLDER = "Y0T17", "Y_GE18"
REASONS, DURATIONS = ("EMP", "FAM", "EDU", "OTH"), ("M3T5", "M6T11", "M_GE12")
POSITIVE = ("REFUGEE", "SUBS", "HUM", "TEMP")


def generator(office: Office, table: str) -> np.random.Generator:
    """Chance for one table of an office, the same for the same seed."""
    return np.random.default_rng([17, office.of.seed, *table.encode()])


def divided(rng: np.random.Generator, counts: Counts, shares: Sequence[float]) -> Counts:
    """Whole counts divided among parts on a new last axis, about by these shares; the parts make up the counts."""
    weights = np.asarray(shares) * np.exp(rng.normal(0, 0.1, (*counts.shape, len(shares))))
    upto = np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1) * counts[..., None]
    upto = np.floor(upto + 0.5).astype(np.int64)
    upto[..., -1] = counts
    return np.diff(upto, axis=-1, prepend=0)


def summed(counts: Counts, members: Sequence[Sequence[int]], axis: int) -> Counts:
    """Counts with an axis replaced by sums over these places of it."""
    return np.stack([counts.take(list(places), axis=axis).sum(axis=axis) for places in members], axis=axis)


def regions_of(area: str) -> dict[str, tuple[str, ...]]:
    """Regions of the levels 1, 2 and 3, of which the last are what the others are made of."""
    thirds = [f"{area}{first}{second}{third}" for first, second, third in product("12", "123", "1234")]
    above = {code[:length] for code in thirds for length in (3, 4)}
    inside = {code: tuple(third for third in thirds if third.startswith(code)) for code in sorted(above)}
    return {TOTAL: tuple(thirds), **inside, **{code: (code,) for code in thirds}}


def population_by_topic(office: Office) -> pl.DataFrame:
    """The stock by region, sex and broad age, and by citizenship and country of birth at once."""
    of, rng = office.of, generator(office, "regions")
    broad = by_age(with_both_sexes(of.stock.sum(axis=1, keepdims=True), 2))[:, 0][..., [AGES.index(age) for age in BROAD]]
    leaves = broad[:, 1:, 1:]
    regions = regions_of(of.area)
    thirds = regions[TOTAL]
    shares = np.exp(rng.normal(0, 0.5, len(thirds)))
    by_region = divided(rng, leaves, shares)
    by_region = summed(by_region, [[thirds.index(code) for code in inside] for inside in regions.values()], 3)
    by_region = with_both_sexes(np.concatenate([by_region.sum(axis=2, keepdims=True), by_region], axis=2), 1)
    axes = [("TIME_PERIOD", office.stock_years), ("SEX", SEXES), ("AGE", BROAD), ("REGION", list(regions))]
    table = frame(by_region, axes)
    return pl.concat([table, matrix(office)], how="diagonal").with_columns(POP_BASE=pl.lit("RES"))


def matrix(office: Office) -> pl.DataFrame:
    """The stock by citizenship and country of birth at once, both with their totals."""
    of = office.of
    listed = [TOTAL, of.area, *of.partners, REST, UNKNOWN]
    members, codes = [], []
    for citizenship, birth in product(listed, listed):
        inside = np.ones(len(of.groups), dtype=bool)
        inside &= True if citizenship == TOTAL else of.citizenship_of == citizenship
        inside &= True if birth == TOTAL else of.birth_of == birth
        if inside.any() and (citizenship, birth) != (TOTAL, TOTAL):
            members.append(inside)
            codes.append(f"{citizenship} {birth}")
    counts = grouped(of.stock, members).sum(axis=(2, 3))
    table = frame(counts, [("TIME_PERIOD", office.stock_years), ("C_CITIZEN C_BIRTH", codes)])
    return with_statuses(table, of.area)


def with_statuses(table: pl.DataFrame, area: str) -> pl.DataFrame:
    """A table by citizenship and country of birth with the statuses that the countries give."""

    def status(country: str, own: str, other: str) -> pl.Expr:
        same = pl.col(country).is_in([TOTAL, UNKNOWN])
        foreign = pl.when(pl.col(country) == area).then(pl.lit(own)).otherwise(pl.lit(other))
        return pl.when(same).then(pl.col(country)).otherwise(foreign)

    return table.with_columns(CTZ_STATUS=status("C_CITIZEN", "NC", "FC"), BIRTH_STATUS=status("C_BIRTH", "NB", "FB"))


def by_citizenship(office: Office) -> pl.DataFrame:
    """The stock by citizenship, sex and age, with all citizenships."""
    return with_everybody(office, office.by_country(office.of.stock, office.stock_years, birth=False))


def by_birth(office: Office) -> pl.DataFrame:
    """The stock by country of birth, sex and age, with all countries."""
    return with_everybody(office, office.by_country(office.of.stock, office.stock_years, birth=True))


def with_everybody(office: Office, table: pl.DataFrame) -> pl.DataFrame:
    """A table with its margin by sex and age, and by status."""
    status, country = ("CTZ_STATUS", "C_CITIZEN") if "C_CITIZEN" in table.columns else ("BIRTH_STATUS", "C_BIRTH")
    beside = ["TIME_PERIOD", "SEX", "AGE"]
    of_status = table.group_by(*beside, status, maintain_order=True).agg(pl.col(EXACT).sum())
    of_all = table.group_by(beside, maintain_order=True).agg(pl.col(EXACT).sum())
    more = [of_status.with_columns(pl.lit(TOTAL).alias(country)), of_all.with_columns(pl.lit(TOTAL).alias(country))]
    margins = pl.concat(more, how="diagonal").with_columns(pl.col(status).fill_null(TOTAL))
    own = table.filter(~pl.col(country).is_in([UNKNOWN]))
    return pl.concat([own, margins.select(own.columns)])


def immigration_by_month(office: Office) -> pl.DataFrame:
    """Immigration by sex in every month and year."""
    rng = generator(office, "months")
    by_sex = office.of.immigration.sum(axis=(1, 3))
    season = 1 + 0.25 * np.sin(np.arange(12) / 12 * 2 * np.pi) + 0.1 * (np.arange(12) == 8)  # noqa: PLR2004 - September
    months = with_both_sexes(divided(rng, by_sex, season), 1)
    return of_months(months, office.years, [("SEX", SEXES)], DIRECTION="I")


def of_months(months: Counts, years: Sequence[str], axes: Sequence[tuple[str, Sequence[str]]], **fixed: str) -> pl.DataFrame:
    """Counts by year, other axes and month as monthly and annual figures."""
    yearly = frame(months.sum(axis=-1), [("TIME_PERIOD", years), *axes], FREQ="A", **fixed)
    monthly = frame(months, [("YEAR", years), *axes, ("MONTH", MONTHS)], FREQ="M", **fixed)
    monthly = monthly.with_columns(TIME_PERIOD=pl.format("{}-{}", "YEAR", "MONTH")).drop("YEAR", "MONTH")
    return pl.concat([yearly, monthly.select(yearly.columns)])


def permits(office: Office) -> pl.DataFrame:
    """First permits by reason, length, citizenship and sex."""
    of, rng = office.of, generator(office, "permits")
    listed = [*of.partners, REST]
    members = [of.citizenship_of == code for code in listed]
    by_citizenship = grouped(of.immigration, members).sum(axis=3)
    shares = np.array([[0.06, 0.08, 0.2], [0.02, 0.06, 0.24], [0.03, 0.09, 0.08], [0.02, 0.03, 0.09]])
    leaves = divided(rng, by_citizenship * 9 // 10, shares.reshape(-1)).reshape(*by_citizenship.shape, *shares.shape)
    axes = [
        ("TIME_PERIOD", office.years),
        ("C_CITIZEN", [TOTAL, *listed]),
        ("SEX", SEXES),
        ("REASON", [TOTAL, *REASONS]),
        ("DURATION", [TOTAL, *DURATIONS]),
    ]
    return frame(with_totals(leaves, (1, 2, 3, 4)), axes, ADM_ITEM="PERMIT_FIRST")


def protection(office: Office) -> pl.DataFrame:
    """Applications by citizenship, sex and age, of these the first ones and children alone; decisions; months."""
    of, rng = office.of, generator(office, "protection")
    listed = [*of.partners, REST]
    trend = np.exp(np.cumsum(rng.normal(0.01, 0.02, len(of.years))))
    size = rng.uniform(400, 4000, len(listed))
    everybody = np.rint(size[None] * trend[:, None] * np.exp(rng.normal(0, 0.03, (len(of.years), len(listed)))))
    leaves = divided(rng, everybody.astype(np.int64), [0.11, 0.3, 0.17, 0.42]).reshape(-1, len(listed), 2, 2)
    first = np.minimum(leaves, np.rint(leaves * rng.uniform(0.8, 0.94, leaves.shape)).astype(np.int64))
    alone = np.rint(leaves[..., 0] * rng.uniform(0.1, 0.3, leaves.shape[:-1])).astype(np.int64)
    axes = [("TIME_PERIOD", office.years), ("C_CITIZEN", [TOTAL, *listed]), ("SEX", SEXES)]
    ages = [*axes, ("AGE", (TOTAL, CHILDREN, OLDER))]
    tables = [
        frame(with_totals(leaves, (1, 2, 3)), ages, PROT_ITEM="APPLIED"),
        frame(with_totals(first, (1, 2, 3)), ages, PROT_ITEM="APPLIED_FIRST"),
        frame(with_totals(alone, (1, 2)), axes, PROT_ITEM="APPLIED", ACCOMPANIED="UAM"),
        decisions(office, rng, everybody.astype(np.int64), [TOTAL, *listed]),
    ]
    months = with_totals(divided(rng, leaves.sum(axis=3), np.ones(12)), (1, 2))
    monthly = of_months(months, office.years, axes[1:], PROT_ITEM="APPLIED").filter(pl.col("FREQ") == "M")
    return pl.concat([*tables, monthly], how="diagonal").with_columns(pl.col("FREQ").fill_null("A"))


def with_totals(leaves: Counts, axes: Sequence[int]) -> Counts:
    """Counts with the sum of each of these axes before it."""
    for axis in axes:
        leaves = np.concatenate([leaves.sum(axis=axis, keepdims=True), leaves], axis=axis)
    return leaves


def decisions(office: Office, rng: np.random.Generator, applied: Counts, listed: Sequence[str]) -> pl.DataFrame:
    """First decisions by kind and citizenship."""
    parts = divided(rng, applied * 9 // 10, [0.3, 0.14, 0.08, 0.04, 0.44])
    granted = with_totals(parts[..., :-1], (2,))
    every = with_totals(np.concatenate([parts.sum(axis=2, keepdims=True), granted, parts[..., -1:]], axis=2), (1,))
    codes = [f"{TOTAL} {TOTAL}", f"GRANT {TOTAL}", *(f"GRANT {code}" for code in POSITIVE), f"REJECT {TOTAL}"]
    axes = [("TIME_PERIOD", office.years), ("C_CITIZEN", listed), ("DECISION_ACTION PROT_STATUS", codes)]
    return frame(every, axes, PROT_ITEM="DECIDED", DECISION_STAGE="FIRST")


def by_origin(office: Office, flow: str) -> pl.DataFrame:
    """A table by origin and sex as the OECD asks for it: its total is in the table by country."""
    of = office.of
    stock = flow in ("DF_OECD_B14", "DF_OECD_B15")
    counts = of.stock if stock else (of.immigration if flow == "DF_OECD_B11" else of.acquisitions)
    country = {"DF_OECD_B14": "C_BIRTH", "DF_OECD_B16": "C_FORMER"}.get(flow, "C_CITIZEN")
    of_group = of.birth_of if country == "C_BIRTH" else of.citizenship_of
    listed = [*of.partners, REST]
    members = [of_group == code for code in listed]
    by_sex = with_both_sexes(grouped(counts, [np.any(members, axis=0), *members]), 2).sum(axis=3)
    fixed = {"DF_OECD_B11": {"DIRECTION": "I", "CTZ_STATUS": FOREIGN}, "DF_OECD_B14": {"BIRTH_STATUS": "FB"}}
    fixed |= {"DF_OECD_B15": {"CTZ_STATUS": FOREIGN}, "DF_OECD_B16": {"CTZ_ITEM": "ACQ"}}
    years = office.stock_years if stock else office.years
    return frame(by_sex, [("TIME_PERIOD", years), (country, [TOTAL, *listed]), ("SEX", SEXES)], **fixed[flow])


BY_TOPIC = (
    "POP_BASE", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "REGION",
    "EDUCATION_LEV", "LF_STATUS", "OCCUPATION", "ACTIVITY", "EMP_STATUS", "DUR_STAY", "REASON", "PARENT_BIRTH",
)  # fmt: skip
MOVES_BY_TOPIC = (
    "DIRECTION", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "REASON",
    "STAY_DUR", "REGION", "EDUCATION_LEV", "LF_STATUS", "OCCUPATION", "ACTIVITY",
)  # fmt: skip
PERMITS = (
    "ADM_ITEM", "REASON", "DURATION", "C_CITIZEN", "SEX", "AGE", "BORDER_TYPE", "GROUND", "PLACE", "RETURN_TYPE",
    "ASSISTANCE", "C_DESTINATION",
)  # fmt: skip
PROTECTION = (
    "PROT_ITEM", "PROT_STATUS", "DECISION_STAGE", "DECISION_ACTION", "C_CITIZEN", "SEX", "AGE", "ACCOMPANIED",
)  # fmt: skip
TABLES["DF_POP_TOPIC"] = (population_by_topic, STOCK)
TABLES["DF_ESTAT_MIGR_POP1CTZ"] = (by_citizenship, STOCK)
TABLES["DF_ESTAT_MIGR_POP3CTB"] = (by_birth, STOCK)
TABLES["DF_IMM_TOPIC"] = (immigration_by_month, EVENTS)
TABLES["DF_PERMIT"] = (permits, {})
TABLES["DF_PROTECTION"] = (protection, {})
ORIGINS = {"DF_OECD_B11": "DF_IMM", "DF_OECD_B14": "DF_POP", "DF_OECD_B15": "DF_POP", "DF_OECD_B16": "DF_CITIZENSHIP"}
"""The tables by origin, each with the dataflow of the table by country whose total it has."""
for _flow, _whole in ORIGINS.items():
    TABLES[_flow] = (partial(by_origin, flow=_flow), TABLES[_whole][1])
    DIMENSIONS[_flow] = DIMENSIONS[_whole]
DIMENSIONS["DF_POP_TOPIC"] = BY_TOPIC
DIMENSIONS["DF_ESTAT_MIGR_POP1CTZ"] = DIMENSIONS["DF_ESTAT_MIGR_POP3CTB"] = DIMENSIONS["DF_POP"]
DIMENSIONS["DF_IMM_TOPIC"] = MOVES_BY_TOPIC
DIMENSIONS["DF_PERMIT"] = PERMITS
DIMENSIONS["DF_PROTECTION"] = PROTECTION
