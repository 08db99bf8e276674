"""Planters of the family mobility: persons, stays, crossings and person-days of temporary mobility that do not fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from benchmarks.planted_kinds.people import Counts
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import EXACT, SEXES, TOTAL, Published, completed, redone
from benchmarks.planted_kinds.tables_of_more_people import (
    CHANGEABLE,
    CLASSES,
    PURPOSES,
    UNITS,
    build_stays_table,
    stays_of,
)

STAYS = ("DF_TEMPMOB",)
LAST = -1
PERSONS, STAY, CROSSING, DAYS = range(len(UNITS))
BOUNDS = {"M_LT3": (0, 92), "M3T5": (89, 184), "M6T11": (181, 366)}
"""From how many days on a class of stay goes, and below how many it ends, by the calendar."""

Key = Mapping[str, str]


def with_stays(published: Published, counts: Counts) -> Published:
    of = published.people
    table = completed(build_stays_table(of, counts), "DF_TEMPMOB", of.area, published.base)
    return published.with_table("DF_TEMPMOB", table)


@planter("persons-as-crossings", STAYS, variant=CHANGEABLE)
def persons_as_crossings(published: Published, rng: np.random.Generator) -> Plant | None:
    """Persons and crossings, or persons and stays, are exchanged at one key."""
    counts, base = stays_of(published.people), published.base
    purpose, span, sex = (int(rng.integers(size)) for size in counts.shape[1:4])
    other = int(rng.choice([STAY, CROSSING]))
    place = counts[LAST, purpose, span, sex]
    if place[other] - place[PERSONS] < 1.5 * base + base:  # H of two figures and a step
        return None
    place[[PERSONS, other]] = place[[other, PERSONS]]
    key = {"MOB_TYPE": PURPOSES[purpose], "STAY_DUR": list(CLASSES)[span], "SEX": SEXES[1 + sex]}
    year = str(published.people.years[LAST])
    keys = ({**key, "TIME_PERIOD": year},)
    return Plant(with_stays(published, counts), "DF_TEMPMOB", keys, beside=True, size=f"{place}", note=UNITS[other])


@planter("days-class-swapped", STAYS, variant=CHANGEABLE)
def days_class_swapped(published: Published, rng: np.random.Generator) -> Plant | None:
    """Person-days of two neighbouring classes of stay are exchanged at one key."""
    counts = stays_of(published.people)
    purpose, sex, first = int(rng.integers(len(PURPOSES))), int(rng.integers(2)), int(rng.integers(len(CLASSES) - 1))
    cells = counts[LAST, purpose, :, sex]
    pair = [first, first + 1]
    cells[pair, DAYS] = cells[pair[::-1], DAYS]
    outside = [
        not 0.95 * low <= cells[n, DAYS] / cells[n, STAY] < 1.05 * high and cells[n, STAY] >= 20
        for n, (low, high) in enumerate(BOUNDS.values())
    ]
    if not any(outside[n] for n in pair):
        return None
    key = {"MOB_TYPE": PURPOSES[purpose], "SEX": SEXES[1 + sex], "TIME_PERIOD": str(published.people.years[LAST])}
    keys = tuple({**key, "STAY_DUR": list(CLASSES)[n]} for n in pair)
    return Plant(with_stays(published, counts), "DF_TEMPMOB", keys, size=f"{cells[pair, DAYS] / cells[pair, STAY]}")


@planter("long-stay-in-both", ("DF_TEMPMOB", "DF_IMM"), ("DF_TEMPMOB", "DF_EMI"), variant=CHANGEABLE)
def long_stay_in_both(published: Published, rng: np.random.Generator) -> Plant | None:
    """A class of stays of a year or longer is in temporary mobility, with the value of the long-term flow."""
    year, table = str(published.people.years[LAST]), published.tables["DF_TEMPMOB"]
    flow = next(name for name in published.tables if name != "DF_TEMPMOB")
    sex, purpose = str(rng.choice(SEXES)), str(rng.choice(PURPOSES))
    total = published.tables[flow].filter(
        pl.col("TIME_PERIOD") == year,
        pl.col("SEX") == sex,
        *(
            pl.col(name) == TOTAL
            for name in ("AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
        ),
    )
    if total.height != 1 or total[EXACT][0] < published.base:
        return None
    place = {"TIME_PERIOD": year, "SEX": sex, "MOB_TYPE": purpose, "STAY_DUR": "M_LT3", "UNIT_MEASURE": "PS"}
    row = table.filter(*(pl.col(name) == code for name, code in place.items())).with_columns(
        pl.lit("M_GE12").alias("STAY_DUR"), pl.lit(total[EXACT][0], pl.Int64).alias(EXACT)
    )
    changed = published.with_table("DF_TEMPMOB", pl.concat([table, redone(row, published.base)]))
    keys = ({**place, "STAY_DUR": "M_GE12"},)
    return Plant(changed, "DF_TEMPMOB", keys, size=str(total[EXACT][0]), note=flow)
