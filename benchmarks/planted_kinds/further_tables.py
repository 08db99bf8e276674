"""Further tables: permits, protection, months, regions, second tables of one stock, rates, stays, accounts.

Each is a function of an `Office`; content beyond `People` is drawn by its own generator from the same seed, so tables
do not depend on others. A dataset with a `variant` has other tables for some dataflows.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import polars as pl

from benchmarks.planted_kinds.people import BORN_ABROAD, CITIZEN, FOREIGN, NATIVE, REST, UNKNOWN, Counts, whole
from benchmarks.planted_kinds.tables import (
    DECLARED,
    DIMENSIONS,
    EVENTS,
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

UNION = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
         "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")  # fmt: skip
"""Citizens of these countries need no permit."""
ADMIN = (
    "ADM_ITEM", "REASON", "DURATION", "C_CITIZEN", "SEX", "AGE", "BORDER_TYPE", "GROUND", "PLACE", "RETURN_TYPE",
    "ASSISTANCE", "C_DESTINATION", "UNIT_MEASURE",
)  # fmt: skip
PROTECTION = (
    "PROT_ITEM", "PROT_STATUS", "DECISION_STAGE", "DECISION_ACTION", "C_CITIZEN", "SEX", "AGE", "ACCOMPANIED",
    "UNIT_MEASURE",
)  # fmt: skip
STOCK_TOPIC = (
    "POP_BASE", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "REGION",
    "EDUCATION_LEV", "LF_STATUS", "OCCUPATION", "ACTIVITY", "EMP_STATUS", "DUR_STAY", "REASON", "PARENT_BIRTH",
)  # fmt: skip
INDICATOR = (
    "INDICATOR", "SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN", "COUNTERPART_AREA", "TOPIC",
    "TOPIC_CODE", "UNIT_MEASURE",
)  # fmt: skip
STAYS = ("TMP_ITEM", "MOB_TYPE", "TMP_LAB", "SEX", "AGE", "C_CITIZEN", "C_RESIDENCE", "STAY_DUR", "UNIT_MEASURE")
ACCOUNT = ("ACC_ITEM", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "UNIT_MEASURE")
REASONS = ("EMP", "FAM", "EDU", "OTH")
LENGTHS = ("M3T5", "M6T11", "M_GE12")
ASYLUM_AGES = {"Y0T17": (0, 17), "Y18T34": (18, 34), "Y35T64": (35, 64), "Y_GE65": (65, 85)}
STAY_LENGTHS = {"M_LT3": (20, 60), "M3T5": (110, 160), "M6T11": (215, 320)}
"""Classes of stays, and between how many days their means lie: clear of the limits of the classes."""
WORK = ("SEASONAL", "PROJECT", "SELF_EMP", "DOMESTIC", "_O")
REGIONS = ((1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 2, 2), (2, 1, 1), (2, 1, 2), (2, 2, 1), (2, 2, 2), (2, 2, 3))
"""Regions of level 3 by their places in levels 1, 2 and 3."""
MONTHS = 12


def generator(office: Office, name: str) -> np.random.Generator:
    return np.random.default_rng([16, office.of.seed, zlib.crc32(name.encode())])


def steady(rng: np.random.Generator, shape: tuple[int, ...], yearly: float = 0.05) -> Counts:
    """Factors over years (first axis) that rise or fall steadily, with little noise."""
    years = np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    trend = rng.uniform(0.4 * yearly, yearly, shape[1:]) * rng.choice([-1, 1], shape[1:])
    return np.asarray(np.exp(trend * years + rng.normal(0, 0.012, shape)))


def settled(rng: np.random.Generator, expected: Counts) -> Counts:
    """Whole numbers about what is expected, with the noise of counts, over the last axis without loss."""
    spread = np.minimum(0.25, np.sqrt(0.0001 + 0.35 / np.maximum(expected, 1)))
    return whole(rng, expected * np.exp(rng.normal(0, 1, expected.shape) * spread))


def with_total(counts: Counts, axis: int) -> Counts:
    """Counts with their sum over an axis before them."""
    return np.concatenate([counts.sum(axis=axis, keepdims=True), counts], axis=axis)


def of_citizenships(office: Office, counts: Counts, countries: Sequence[str]) -> Counts:
    return grouped(counts, [office.of.citizenship_of == code for code in countries])


def permits(office: Office) -> pl.DataFrame:
    """First permits by reason, length, citizenship and sex; those of a year and longer go with immigration."""
    rng = generator(office, "permits")
    countries = [code for code in office.of.partners if code not in UNION]
    moved = of_citizenships(office, office.of.immigration, [*countries, REST]).sum(axis=3).astype(float)
    ratio = rng.uniform(0.85, 1.4, moved.shape[1])
    long = moved * ratio[None, :, None]
    reasons = rng.dirichlet([12, 9, 7, 2.2], moved.shape[1])
    lengths = np.stack([rng.uniform(0.12, 0.3, moved.shape[1]), rng.uniform(0.1, 0.25, moved.shape[1])], axis=1)
    shares = np.concatenate([lengths, np.ones((len(ratio), 1))], axis=1)
    expected = np.einsum("tcs,cr,cd->tcsrd", long, reasons, shares)
    counts = settled(rng, expected * steady(rng, (*expected.shape[:2], 1, *expected.shape[3:]), 0.02))
    counts = with_total(with_total(with_both_sexes(with_total(counts, 1), 2), 3), 4)
    axes = [
        ("TIME_PERIOD", office.years),
        ("C_CITIZEN", [TOTAL, *countries, REST]),
        ("SEX", SEXES),
        ("REASON", [TOTAL, *REASONS]),
        ("DURATION", [TOTAL, *LENGTHS]),
    ]
    return frame(counts, axes, ADM_ITEM="PERMIT_FIRST")


def applicants(office: Office) -> tuple[list[str], Counts]:
    """Countries, and first and further applications: year, country, sex, age group, first or further."""
    rng = generator(office, "protection")
    countries = [*[code for code in office.of.partners if code not in UNION][:8], REST]
    size = np.exp(rng.normal(8.6, 0.7, len(countries)))
    size[-1] = 0.06 * size[:-1].sum()
    by_size = size[:, None, None, None] * np.array([0.38, 0.62])[None, :, None, None]
    by_size = by_size * np.array([0.3, 0.45, 0.2, 0.05])[None, None, :, None]
    expected = by_size * np.array([0.88, 0.12])[None, None, None, :]
    expected = expected[None] * steady(rng, (len(office.years), len(countries), 1, 1, 1), 0.07)
    return countries, settled(rng, expected)


def protection(office: Office) -> pl.DataFrame:
    """Applications by citizenship, sex and age, unaccompanied minors, and decisions at first instance by kind."""
    rng = generator(office, "decisions")
    countries, applied = applicants(office)
    listed = [TOTAL, *countries]
    years: tuple[str, Sequence[str]] = ("TIME_PERIOD", office.years)
    summed = with_total(with_total(with_both_sexes(with_total(applied, 1), 2), 3), 4)
    ages = [TOTAL, *ASYLUM_AGES]
    items = ["APPLIED", "APPLIED_FIRST", "APPLIED_SUBS"]
    axes = [years, ("C_CITIZEN", listed), ("SEX", SEXES), ("AGE", ages), ("PROT_ITEM", items)]
    minors = applied[:, :, :, 0].sum(axis=3)
    alone = np.floor(minors * rng.uniform(0.15, 0.35, (1, len(countries), 1))).astype(np.int64)
    alone = with_both_sexes(with_total(alone, 1), 2)
    tables = [frame(summed, axes), frame(alone, axes[:3], PROT_ITEM="APPLIED", ACCOMPANIED="UAM")]
    decided = applied.sum(axis=(3, 4))[..., None] * rng.uniform(0.6, 0.9, (1, len(countries), 1, 1))
    kinds = rng.dirichlet([5, 4, 2, 9], len(countries))[None, :, None, :]
    counts = settled(rng, decided * kinds)
    counts = with_both_sexes(with_total(counts, 1), 2)
    granted = counts[..., :3].sum(axis=3)
    both = np.stack(
        [granted + counts[..., 3], granted, counts[..., 0], counts[..., 1], counts[..., 2], counts[..., 3]], 3
    )
    outcomes = ["_T _T", "GRANT _T", "GRANT REFUGEE", "GRANT SUBS", "GRANT HUM", "REJECT _T"]
    axes = [*axes[:3], ("DECISION_ACTION PROT_STATUS", outcomes)]
    tables.append(frame(both, axes, PROT_ITEM="DECIDED", DECISION_STAGE="FIRST"))
    return pl.concat(tables, how="diagonal")


def months_of(
    rng: np.random.Generator, yearly: Counts, years: Sequence[str], axis: tuple[str, Sequence[str]]
) -> pl.DataFrame:
    """Yearly counts (year, code) with their months, which follow a season."""
    season = 1 + 0.22 * np.sin(np.arange(MONTHS) / MONTHS * 2 * np.pi + rng.uniform(0, 6, (yearly.shape[1], 1)))
    expected = yearly[..., None] * (season / season.sum(axis=1, keepdims=True))[None]
    spread = np.minimum(0.2, np.sqrt(0.0001 + 0.35 / np.maximum(expected, 1)))
    expected = expected * np.exp(rng.normal(0, 1, expected.shape) * spread)
    expected *= (yearly / np.maximum(expected.sum(axis=2), 1e-9))[..., None]
    upto = np.floor(np.cumsum(expected, axis=2) + 0.5).astype(np.int64)
    upto = np.minimum(upto, yearly[..., None])
    upto[..., -1] = yearly
    months = np.diff(upto, axis=2, prepend=0)
    periods = np.array([[f"{year}-{month:02}" for month in range(1, MONTHS + 1)] for year in years])
    by_month = np.moveaxis(months, 2, 1).reshape(-1, yearly.shape[1])
    name, codes = axis
    axis = (name, [TOTAL, *codes])
    return pl.concat(
        [
            frame(with_total(yearly, 1), [("TIME_PERIOD", years), axis], FREQ="A"),
            frame(with_total(by_month, 1), [("TIME_PERIOD", periods.reshape(-1).tolist()), axis], FREQ="M"),
        ]
    )


def monthly_moves(office: Office, direction: str) -> pl.DataFrame:
    """Moves by country of residence in months and years."""
    rng = generator(office, f"months {direction}")
    yearly = office.of.moves_by_country[direction].sum(axis=(1, 2))
    axis = ("C_RESIDENCE", office.of.residences)
    return months_of(rng, yearly, office.years, axis).with_columns(DIRECTION=pl.lit(direction))


def monthly_applications(office: Office) -> pl.DataFrame:
    """Applications by citizenship in months and years."""
    countries, applied = applicants(office)
    yearly = applied.sum(axis=(2, 3, 4))
    table = months_of(generator(office, "months"), yearly, office.years, ("C_CITIZEN", countries))
    return table.with_columns(PROT_ITEM=pl.lit("APPLIED"))


def regions(office: Office) -> pl.DataFrame:
    """The stock by region of three levels, sex and age."""
    rng = generator(office, "regions")
    by_sex_and_age = by_age(office.of.stock.sum(axis=1))
    ages = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 22]
    leaves = by_sex_and_age[:, :, ages]
    share = rng.dirichlet(np.full(len(REGIONS), 30.0))
    years = np.arange(len(office.stock_years))[:, None]
    moving = share * np.exp(years * rng.uniform(-0.002, 0.002, len(REGIONS)))
    moving /= moving.sum(axis=1, keepdims=True)
    upto = np.floor(leaves[..., None] * np.cumsum(moving, axis=1)[:, None, None, :] + 1e-6).astype(np.int64)
    upto[..., -1] = leaves
    counts = with_both_sexes(np.diff(upto, axis=3, prepend=0), 1)
    broad = [range(3), range(3, 13), range(13, 18), [18]]
    counts = np.stack([counts.sum(axis=2), *(counts[:, :, list(part)].sum(axis=2) for part in broad)], axis=2)
    names, summed = [], []
    for level in range(4):
        for name in dict.fromkeys("".join(map(str, region[:level])) for region in REGIONS):
            inside = ["".join(map(str, region)).startswith(name) for region in REGIONS]
            names.append(f"{office.of.area}{name}" if name else TOTAL)
            summed.append(counts[..., inside].sum(axis=3))
    axes = [
        ("REGION", names),
        ("TIME_PERIOD", office.stock_years),
        ("SEX", SEXES),
        ("AGE", [TOTAL, "Y0T14", "Y15T64", "Y_GE65", UNKNOWN]),
    ]
    return frame(np.stack(summed), axes, POP_BASE="RES")


def by_citizenship(office: Office) -> pl.DataFrame:
    """The stock by citizenship, sex and age, as a table of its own."""
    return second_table(office, birth=False)


def by_birth(office: Office) -> pl.DataFrame:
    """The stock by country of birth, sex and age, as a table of its own."""
    return second_table(office, birth=True)


def second_table(office: Office, *, birth: bool) -> pl.DataFrame:
    """The stock by the statuses of one kind and by their countries."""
    other = "CTZ_STATUS" if birth else "BIRTH_STATUS"
    statuses = office.by_status(office.of.stock, office.stock_years).filter(pl.col(other) == TOTAL)
    countries = office.by_country(office.of.stock, office.stock_years, birth=birth)
    return pl.concat([statuses, countries], how="diagonal")


def crossed(office: Office) -> pl.DataFrame:
    """The stock by citizenship and country of birth at once, countries in both, with their margins."""
    listed = [office.of.area, *office.of.partners, REST, UNKNOWN]
    people = office.of.stock.sum(axis=(2, 3))
    members = [
        ((ctz == TOTAL) | (office.of.citizenship_of == ctz)) & ((birth == TOTAL) | (office.of.birth_of == birth))
        for ctz in [TOTAL, *listed]
        for birth in [TOTAL, *listed]
    ]
    summed = people @ np.stack(members).astype(np.int64).T
    codes = [
        f"{ctz_status(office, ctz)} {ctz} {birth_status(office, birth)} {birth}"
        for ctz in [TOTAL, *listed]
        for birth in [TOTAL, *listed]
    ]
    axes = [("TIME_PERIOD", office.stock_years), ("CTZ_STATUS C_CITIZEN BIRTH_STATUS C_BIRTH", codes)]
    table = frame(summed, axes, POP_BASE="RES")
    known = (pl.col("C_CITIZEN") == UNKNOWN) == (pl.col("C_BIRTH") == UNKNOWN)
    return table.filter(known | (pl.col("C_CITIZEN") == TOTAL) | (pl.col("C_BIRTH") == TOTAL))


def ctz_status(office: Office, country: str) -> str:
    return {TOTAL: TOTAL, office.of.area: CITIZEN, UNKNOWN: UNKNOWN}.get(country, FOREIGN)


def birth_status(office: Office, country: str) -> str:
    return {TOTAL: TOTAL, office.of.area: NATIVE, UNKNOWN: UNKNOWN}.get(country, BORN_ABROAD)


def demographic(office: Office) -> pl.DataFrame:
    """The stock by sex and age, as the demographic dataset has it."""
    table = office.by_status(office.of.stock, office.stock_years)
    return table.filter(pl.col("BIRTH_STATUS") == TOTAL, pl.col("CTZ_STATUS") == TOTAL)


def rates(office: Office) -> pl.DataFrame:
    """Shares of foreigners and of the foreign-born, and the rate of acquisition, in per cent with one decimal."""
    stock = with_both_sexes(office.of.stock.sum(axis=3), 2)[: len(office.years)]
    acquired = with_both_sexes(office.of.acquisitions.sum(axis=3), 2).sum(axis=1)
    people = stock.sum(axis=1)
    foreign = stock[:, office.ctz_status == FOREIGN].sum(axis=1)
    abroad = stock[:, office.birth_status == BORN_ABROAD].sum(axis=1)
    shares = {
        "MIG_SHARE_FB _T": (abroad, people),
        "MIG_SHARE_FC _T": (foreign, people),
        "CTZ_ACQ_RATE FC": (acquired, foreign),
    }
    axes = [("TIME_PERIOD", office.years), ("SEX", SEXES)]
    tables = []
    for names, (part, all_people) in shares.items():
        indicator, status = names.split()
        table = frame(part, axes, INDICATOR=indicator, CTZ_STATUS=status, UNIT_MEASURE="PT", TOPIC_CODE=TOTAL)
        tables.append(
            table.with_columns(pl.Series("OBS_VALUE", [f"{x:.1f}" for x in (100 * part / all_people).reshape(-1)]))
        )
    return pl.concat(tables)


def annex(office: Office, name: str) -> pl.DataFrame:
    """A part B of the annex of the OECD: by country of citizenship or birth and sex, with the total."""
    of = office.of
    counts = {"B11": of.immigration, "B12": of.emigration, "B16": of.acquisitions}.get(name, of.stock)
    years = office.stock_years if name in ("B14", "B15") else office.years
    listed = [*of.partners, REST]
    countries = of.birth_of if name == "B14" else of.citizenship_of
    members = [countries == code for code in listed]
    members = [np.any(members, axis=0), *members]
    summed = with_both_sexes(grouped(counts.sum(axis=3), members), 2)
    column = {"B14": "C_BIRTH", "B16": "C_FORMER"}.get(name, "C_CITIZEN")
    fixed = {
        "B11": {"CTZ_STATUS": FOREIGN, "DIRECTION": "I"},
        "B12": {"CTZ_STATUS": FOREIGN, "DIRECTION": "E"},
        "B14": {"BIRTH_STATUS": BORN_ABROAD},
        "B15": {"CTZ_STATUS": FOREIGN},
        "B16": {"CTZ_ITEM": "ACQ", "CTZ_MODE": TOTAL},
    }
    axes = [("TIME_PERIOD", years), (column, [TOTAL, *listed]), ("SEX", SEXES)]
    return frame(summed, axes, **fixed[name])


def stays(office: Office) -> pl.DataFrame:
    """Temporary stays by length, and by kind of work: persons, stays, crossings and days, by citizenship."""
    rng = generator(office, "stays")
    countries = [*office.of.partners[:8], REST]
    size = np.exp(rng.normal(8.8, 0.6, len(countries)))
    size[-1] = 0.06 * size[:-1].sum()
    expected = size[None, :, None] * np.array([0.62, 0.25, 0.13])[None, None, :]
    persons = settled(rng, expected * steady(rng, (len(office.years), len(countries), 1), 0.05))
    visits = np.floor(persons * rng.uniform(1.15, 1.5, (1, len(countries), 1))).astype(np.int64)
    crossings = np.floor(visits * rng.uniform(1.25, 1.7, (1, len(countries), 1))).astype(np.int64)
    means = np.stack([rng.uniform(*STAY_LENGTHS[name], len(countries)) for name in STAY_LENGTHS], axis=1)
    days = np.floor(visits * means[None]).astype(np.int64)
    years: tuple[str, Sequence[str]] = ("TIME_PERIOD", office.years)
    axes = [years, ("C_CITIZEN", [TOTAL, *countries]), ("STAY_DUR", [TOTAL, *STAY_LENGTHS])]
    tables = []
    for unit, counts in (("PS", persons), ("STAY", visits), ("NUMBER", crossings), ("PS_DAY", days)):
        tables.append(frame(with_total(with_total(counts, 1), 2), axes, UNIT_MEASURE=unit, MOB_TYPE="TMP"))
    work = np.array([0.42, 0.24, 0.14, 0.13, 0.07])
    workers = settled(rng, 0.5 * persons.sum(axis=2)[..., None] * work)
    axes = [years, ("C_CITIZEN", [TOTAL, *countries]), ("TMP_LAB", [TOTAL, *WORK])]
    tables.append(frame(with_total(with_total(workers, 1), 2), axes, UNIT_MEASURE="PS", MOB_TYPE="TMP_LAB"))
    return pl.concat(tables, how="diagonal").with_columns(TMP_ITEM=pl.lit("ARR"))


def account(office: Office) -> pl.DataFrame:
    """The account of the whole population by sex, with a statistical adjustment of nothing."""
    of = office.of
    by_sex = {
        "POP_BEG": of.stock[:-1].sum(axis=(1, 3)),
        "LBIRTH": of.births.sum(axis=1),
        "DEATH": of.deaths.sum(axis=(1, 3)),
        "FLW_IMM": of.immigration.sum(axis=(1, 3)),
        "FLW_EMI": of.emigration.sum(axis=(1, 3)),
        "ADJ": np.zeros((len(office.years), 2), dtype=np.int64),
        "POP_END": of.stock[1:].sum(axis=(1, 3)),
    }
    counts = with_both_sexes(np.stack(list(by_sex.values())), 2)
    return frame(counts, [("ACC_ITEM", list(by_sex)), ("TIME_PERIOD", office.years), ("SEX", SEXES)])


REPORTED = {**DECLARED, "RES_RULE": "", "DUR_BASIS": ""}
TABLES |= {
    "DF_PERMIT": (permits, REPORTED),
    "DF_PROTECTION": (protection, REPORTED),
    "DF_ESTAT_MIGR_POP1CTZ": (by_citizenship, STOCK),
    "DF_ESTAT_MIGR_POP3CTB": (by_birth, STOCK),
    "DF_ESTAT_DEMO_PJAN": (demographic, STOCK),
    "DF_INDICATOR": (rates, {}),
    "DF_OECD_B11": (lambda office: annex(office, "B11"), EVENTS),
    "DF_OECD_B12": (lambda office: annex(office, "B12"), EVENTS),
    "DF_OECD_B14": (lambda office: annex(office, "B14"), STOCK),
    "DF_OECD_B15": (lambda office: annex(office, "B15"), STOCK),
    "DF_OECD_B16": (lambda office: annex(office, "B16"), EVENTS),
    "DF_TEMPMOB": (stays, DECLARED),
    "DF_ACCOUNT": (account, STOCK),
    "DF_POP_TOPIC": (regions, STOCK),
    "DF_POP_TOPIC crossed": (crossed, STOCK),
    "DF_IMM monthly": (lambda office: monthly_moves(office, "I"), EVENTS),
    "DF_EMI monthly": (lambda office: monthly_moves(office, "E"), EVENTS),
    "DF_PROTECTION monthly": (monthly_applications, REPORTED),
}
DIMENSIONS |= {
    "DF_PERMIT": ADMIN,
    "DF_PROTECTION": PROTECTION,
    "DF_ESTAT_MIGR_POP1CTZ": DIMENSIONS["DF_POP"],
    "DF_ESTAT_MIGR_POP3CTB": DIMENSIONS["DF_POP"],
    "DF_ESTAT_DEMO_PJAN": DIMENSIONS["DF_POP"],
    "DF_INDICATOR": INDICATOR,
    "DF_OECD_B11": DIMENSIONS["DF_IMM"],
    "DF_OECD_B12": DIMENSIONS["DF_IMM"],
    "DF_OECD_B14": DIMENSIONS["DF_POP"],
    "DF_OECD_B15": DIMENSIONS["DF_POP"],
    "DF_OECD_B16": DIMENSIONS["DF_CITIZENSHIP"],
    "DF_TEMPMOB": STAYS,
    "DF_ACCOUNT": ACCOUNT,
    "DF_POP_TOPIC": STOCK_TOPIC,
}
