"""The planter of a total of the Union of another date, in the table of the stock by citizenship as Eurostat has it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.drawn import shuffled
from benchmarks.planted_kinds.people import Extent
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.sums import allowance
from benchmarks.planted_kinds.tables import EXACT, TOTAL, Published, redone

FLOW = "MIGR_POP1CTZ"
UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""The members of the Union of 27 countries from 2020, by Eurostat's codes."""
UNITED_KINGDOM, CROATIA = "UK", "HR"
REPORTING = ("LV", "MD", "SI", "SE", "NO")
"""Of the countries that may report those that are in Eurostat's list of countries."""
GROUP = "EU27_2020_FOR"
"""Citizens of the Union but of the reporting country."""
OF_EUROSTAT = {"GR": "EL", "GB": UNITED_KINGDOM, "_O": "OTH", "_U": "UNK", TOTAL: "TOTAL"}
NOT_LISTED = "NA"
"""Namibia is not in the shipped list of citizenships of Eurostat."""
SEXES = {TOTAL: "T", "F": "F", "M": "M"}
AGES = {TOTAL: "TOTAL", "Y0T14": "Y_LT15", "Y15T64": "Y15-64", "Y_GE65": "Y_GE65", "_U": "UNK"}
KEY = ("freq", "citizen", "age", "unit", "sex", "geo", "TIME_PERIOD")
MANY = Extent(partners=36)
"""So many partners, that Croatia or the United Kingdom is often among them."""


@planter("group-total-old-membership", ("DF_POP",), extent=MANY)
def group_total_old_membership(published: Published, rng: Generator) -> Plant | None:
    """The total of the Union is the sum of its members with the United Kingdom, or without Croatia."""
    if published.people.area not in REPORTING:
        return None
    clean = as_eurostat(published)
    frame = clean.tables[FLOW]
    year = frame["TIME_PERIOD"].max()
    area = published.people.area
    parts = len([code for code in UNION if code != area])
    at_year = frame.filter(pl.col("TIME_PERIOD") == year)
    wrong = {UNITED_KINGDOM: 1, CROATIA: -1}
    members = at_year.filter(pl.col("citizen").is_in(list(wrong)))
    large = members.filter(
        pl.col("OBS_VALUE").cast(pl.Int64) > float(allowance(parts, published.base)) + published.base
    )
    for row in shuffled(rng, large.select("citizen", "age", "sex", "OBS_VALUE", EXACT).rows()):
        citizen, age, sex, value, persons = row
        here = (pl.col("citizen") == GROUP) & (pl.col("age") == age) & (pl.col("sex") == sex)
        here &= pl.col("TIME_PERIOD") == year
        changed = frame.with_columns(
            pl.when(here).then(pl.col(EXACT) + wrong[citizen] * persons).otherwise(EXACT).alias(EXACT)
        )
        key = {"citizen": GROUP, "age": age, "sex": sex, "TIME_PERIOD": str(year)}
        plant = clean.with_table(FLOW, redone(changed, published.base, here))
        return Plant(plant, FLOW, (key,), size=value, note=f"{citizen} in {area}, {key}", clean=clean)
    return None


def as_eurostat(published: Published) -> Published:
    """The stock by citizenship in Eurostat's codes, with all members of the Union and their total."""
    stock = published.tables["DF_POP"]
    area = published.people.area
    is_total = (pl.col("CTZ_STATUS") == TOTAL) & (pl.col("C_CITIZEN") == TOTAL) & (pl.col("C_BIRTH") == TOTAL)
    is_total &= pl.col("BIRTH_STATUS") == TOTAL
    kept = stock.filter(
        (pl.col("C_CITIZEN") != TOTAL) | is_total, pl.col("AGE").is_in(list(AGES)), pl.col("C_CITIZEN") != NOT_LISTED
    ).select(
        pl.lit("A").alias("freq"),
        pl.col("C_CITIZEN").replace(OF_EUROSTAT).alias("citizen"),
        pl.col("AGE").replace(AGES).alias("age"),
        pl.lit("NR").alias("unit"),
        pl.col("SEX").replace(SEXES).alias("sex"),
        pl.lit(area).alias("geo"),
        "TIME_PERIOD",
        EXACT,
    )
    absent = [code for code in (*UNION, UNITED_KINGDOM) if code not in set(kept["citizen"].unique())]
    nobody = kept.filter(pl.col("citizen") == "TOTAL").with_columns(pl.lit(0).cast(pl.Int64).alias(EXACT))
    nobody = nobody.drop("citizen").join(pl.DataFrame({"citizen": absent}), how="cross").select(kept.columns)
    every = pl.concat([kept, nobody])
    others = [name for name in KEY if name != "citizen"]
    union = every.filter(pl.col("citizen").is_in(UNION), pl.col("citizen") != area)
    total = union.group_by(others, maintain_order=True).agg(pl.col(EXACT).sum()).with_columns(citizen=pl.lit(GROUP))
    table = pl.concat([every, total.select(every.columns)]).with_columns(OBS_VALUE=pl.lit("0"), OBS_FLAG=pl.lit(""))
    table = redone(table, published.base)
    return replace(published, tables={FLOW: table}, declared={FLOW: {}}, settings={})
