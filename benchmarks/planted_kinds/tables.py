"""Tables last: publications of an office about its people, each cell rounded separately to the base.

A dataset is published once per base. `EXACT` is the number of persons in a cell before rounding; planters who redo sums
change it and round again (`redone`). Validation never sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import lru_cache

import numpy as np
import polars as pl

from benchmarks.planted_kinds.people import (
    BORN_ABROAD,
    CITIZEN,
    FOREIGN,
    NATIVE,
    OLDEST,
    REST,
    UNKNOWN,
    UNKNOWN_AGE,
    USUAL,
    Counts,
    Extent,
    People,
    people,
)

BASES = (1, 3, 5, 10)
TOTAL = "_T"
EXACT = "EXACT"
"""The column with the persons behind a cell; nobody but planters sees it."""
FIVES = tuple(f"Y{first}T{first + 4}" for first in range(0, OLDEST, 5))
OPEN = f"Y_GE{OLDEST}"
SUBTOTALS = {"Y0T14": (0, 14), "Y15T64": (15, 64), "Y_GE65": (65, OLDEST)}
AGES = (TOTAL, *FIVES, OPEN, *SUBTOTALS, UNKNOWN)
SEXES = (TOTAL, "F", "M")
STATUSES = (
    (TOTAL, TOTAL), (TOTAL, CITIZEN), (TOTAL, FOREIGN), (TOTAL, UNKNOWN), (NATIVE, TOTAL), (NATIVE, CITIZEN),
    (NATIVE, FOREIGN), (BORN_ABROAD, TOTAL), (BORN_ABROAD, CITIZEN), (BORN_ABROAD, FOREIGN), (UNKNOWN, TOTAL),
    (UNKNOWN, UNKNOWN),
)  # fmt: skip
"""Statuses of birth and citizenship that are published together."""
PREPARED = "2026-01-31T12:00:00+00:00"
DECLARED = {"RES_RULE": "R12", "DUR_BASIS": "ACT"}
STOCK = {**DECLARED, "REF_DATE": "D0101", "STOCK_METHOD": ""}
EVENTS = {**DECLARED, "AGEDEF": "REACH"}
OBSERVED = {"OBS_STATUS": "A", "CONF_STATUS": "", "UNIT_MULT": "0", "SRC_TYPE": "FREG"}
"""What stands at every observation, unless a table says something else."""

Axis = tuple[str, Sequence[str]]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Published:
    """A publication of an office: tables by dataflow, and all other input of validation.

    `tables` are frames of text with the columns of the dataflow (dimensions, TIME_PERIOD, OBS_VALUE, attributes of
    observations and UNIT_MEASURE), and `EXACT`. `declared` are dataset attributes by dataflow. `metadata` are
    attributes of reference metadata by dataflow (attribute and text). `earlier` is the previous release, `outside` are
    others' data: frames like `tables` by domain. `settings` are rule parameters in the office's profile. `prepared` is
    the time of preparation. `files` are those of a workspace by path; if present, they are validated by commands
    instead of the tables.
    """

    seed: int
    base: int
    people: People
    tables: Mapping[str, pl.DataFrame]
    declared: Mapping[str, Mapping[str, str]]
    metadata: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    earlier: Published | None = None
    outside: tuple[Outsider, ...] = ()
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    prepared: str = PREPARED
    variant: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def with_table(self, flow: str, table: pl.DataFrame) -> Published:
        return replace(self, tables={**self.tables, flow: table})


@dataclass(frozen=True, eq=False, slots=True)
class Outsider:
    """A table of another producer: domain, dataflow, and possible error in per cent."""

    domain: str
    flow: str
    table: pl.DataFrame
    _: KW_ONLY
    declared: Mapping[str, str] = field(default_factory=dict)
    margin: str = ""


def rounded(exact: Counts, base: int) -> Counts:
    """Counts rounded to a base each by itself; halves go to either side by turns."""
    down, rest = np.divmod(exact, base)
    half = 2 * rest == base
    up = np.where(half, down % 2 == 1, 2 * rest > base)
    return (down + up) * base


def redone(table: pl.DataFrame, base: int, where: pl.Expr | None = None) -> pl.DataFrame:
    """Round the values of some cells again from `EXACT`."""
    exact = table[EXACT].to_numpy()
    again = pl.Series("OBS_VALUE", rounded(exact, base)).cast(pl.String)
    with_value = pl.col("OBS_VALUE").is_not_null()
    return table.with_columns(
        pl.when(with_value if where is None else with_value & where)
        .then(again)
        .otherwise("OBS_VALUE")
        .alias("OBS_VALUE")
    )


def frame(counts: Counts, axes: Sequence[Axis], **fixed: str) -> pl.DataFrame:
    """Counts with one axis for each of `axes` (names joined by a space stand for codes joined by one) as rows."""
    columns: dict[str, pl.Series] = {}
    place = np.indices(counts.shape).reshape(len(axes), -1)
    for n, (names, codes) in enumerate(axes):
        for m, name in enumerate(names.split()):
            listed = pl.Series(name, [str(code).split()[m] for code in codes], pl.String)
            columns[name] = listed.gather(place[n])
    table = pl.DataFrame(list(columns.values())).with_columns(pl.Series(EXACT, counts.reshape(-1)))
    return table.with_columns(pl.lit(code).alias(name) for name, code in fixed.items())


def by_age(counts: Counts) -> Counts:
    """Counts by single age (last axis) as those of `AGES`."""
    ages = np.zeros((counts.shape[-1], len(AGES)), dtype=np.int64)
    for n, code in enumerate(AGES):
        if code == TOTAL:
            ages[:, n] = 1
        elif code == UNKNOWN:
            ages[UNKNOWN_AGE, n] = 1
        elif code in SUBTOTALS:
            ages[SUBTOTALS[code][0] : SUBTOTALS[code][1] + 1, n] = 1
        elif code == OPEN:
            ages[OLDEST, n] = 1
        else:
            first = int(code[1:].split("T")[0])
            ages[first : first + 5, n] = 1
    return counts @ ages


def by_five(counts: Counts) -> Counts:
    """Counts by five years of age (axis of `FIVES`, open, unknown) as those of `AGES`."""
    ages = np.zeros((counts.shape[-1], len(AGES)), dtype=np.int64)
    leaves = [*FIVES, OPEN, UNKNOWN]
    for n, code in enumerate(AGES):
        inside = {"Y0T14": range(3), "Y15T64": range(3, 13), "Y_GE65": range(13, 18)}.get(code, ())
        places = range(len(leaves)) if code == TOTAL else (inside or [leaves.index(code)])
        ages[list(places), n] = 1
    return counts @ ages


def with_both_sexes(counts: Counts, axis: int) -> Counts:
    """Counts with women and men on an axis, and both of them before."""
    return np.concatenate([counts.sum(axis=axis, keepdims=True), counts], axis=axis)


def grouped(counts: Counts, members: Sequence[Counts]) -> Counts:
    """Counts by group (axis 1) as sums over each of these sets of groups."""
    weights = np.stack(members).astype(np.int64)
    return np.asarray(np.einsum("tg...,xg->tx...", counts, weights))


class Office:
    """Writes the tables of its people; each method gives the exact table of one dataflow."""

    def __init__(self, of: People) -> None:
        self.of = of
        self.years = [str(year) for year in of.years]
        self.stock_years = [*self.years, str(of.years[-1] + 1)]
        self.birth_status = of.status_of(of.birth_of, NATIVE, BORN_ABROAD)
        self.ctz_status = of.status_of(of.citizenship_of, CITIZEN, FOREIGN)

    def statuses(self) -> list[Counts]:
        return [
            ((birth == TOTAL) | (self.birth_status == birth)) & ((ctz == TOTAL) | (self.ctz_status == ctz))
            for birth, ctz in STATUSES
        ]

    def by_status(self, counts: Counts, years: Sequence[str], **fixed: str) -> pl.DataFrame:
        """By statuses of birth and citizenship, sex and age."""
        summed = by_age(with_both_sexes(grouped(counts, self.statuses()), 2))
        codes = [f"{birth} {ctz}" for birth, ctz in STATUSES]
        axes = [("TIME_PERIOD", years), ("BIRTH_STATUS CTZ_STATUS", codes), ("SEX", SEXES), ("AGE", AGES)]
        return frame(summed, axes, **fixed)

    def by_country(self, counts: Counts, years: Sequence[str], *, birth: bool) -> pl.DataFrame:
        """By country of birth or of citizenship with its status, sex and age."""
        countries = self.of.birth_of if birth else self.of.citizenship_of
        own, other = (NATIVE, BORN_ABROAD) if birth else (CITIZEN, FOREIGN)
        listed = [self.of.area, *self.of.partners, REST, UNKNOWN]
        summed = by_age(with_both_sexes(grouped(counts, [countries == code for code in listed]), 2))
        status = {self.of.area: own, UNKNOWN: UNKNOWN}
        names = "BIRTH_STATUS C_BIRTH" if birth else "CTZ_STATUS C_CITIZEN"
        codes = [f"{status.get(code, other)} {code}" for code in listed]
        return frame(summed, [("TIME_PERIOD", years), (names, codes), ("SEX", SEXES), ("AGE", AGES)])

    def population(self) -> pl.DataFrame:
        """The stock by statuses, by citizenship, and by country of birth, each with sex and age."""
        stock, years = self.of.stock, self.stock_years
        tables = [
            self.by_status(stock, years),
            self.by_country(stock, years, birth=False),
            self.by_country(stock, years, birth=True),
        ]
        return pl.concat(tables, how="diagonal")

    def moves(self, direction: str) -> pl.DataFrame:
        """Immigration or emigration by statuses, by citizenship, and by country of residence, each with sex and age."""
        counts = self.of.immigration if direction == "I" else self.of.emigration
        by_residence = np.moveaxis(self.of.moves_by_country[direction], 3, 1)
        summed = by_five(with_both_sexes(by_residence, 2))
        axes = [("TIME_PERIOD", self.years), ("C_RESIDENCE", self.of.residences), ("SEX", SEXES), ("AGE", AGES)]
        tables = [
            self.by_status(counts, self.years),
            self.by_country(counts, self.years, birth=False),
            frame(summed, axes),
        ]
        return pl.concat(tables, how="diagonal").with_columns(DIRECTION=pl.lit(direction))

    def births(self) -> pl.DataFrame:
        statuses = [n for n, (birth, _) in enumerate(STATUSES) if birth in (TOTAL, NATIVE)]
        statuses = [n for n in statuses if STATUSES[n][1] != UNKNOWN]
        members = self.statuses()
        summed = with_both_sexes(grouped(self.of.births, [members[n] for n in statuses]), 2)
        codes = [" ".join(STATUSES[n]) for n in statuses]
        axes = [("TIME_PERIOD", self.years), ("BIRTH_STATUS CTZ_STATUS", codes), ("SEX", SEXES)]
        return frame(summed, axes, EVENT="LBIRTH")

    def deaths(self) -> pl.DataFrame:
        return self.by_status(self.of.deaths, self.years, EVENT="DEATH")

    def naturalised(self) -> pl.DataFrame:
        table = self.by_status(self.of.acquisitions, self.years, EVENT="CTZ_ACQ")
        return table.filter(pl.col("CTZ_STATUS") == TOTAL, pl.col("BIRTH_STATUS") != UNKNOWN)

    def acquisitions(self) -> pl.DataFrame:
        listed = [*self.of.partners, REST]
        members = [self.of.citizenship_of == code for code in listed]
        members = [np.any(members, axis=0), *members]
        summed = by_age(with_both_sexes(grouped(self.of.acquisitions, members), 2))
        axes = [("TIME_PERIOD", self.years), ("C_FORMER", [TOTAL, *listed]), ("SEX", SEXES), ("AGE", AGES)]
        return frame(summed, axes, CTZ_ITEM="ACQ", CTZ_MODE=TOTAL)


TABLES: dict[str, tuple[Callable[[Office], pl.DataFrame], Mapping[str, str]]] = {
    "DF_POP": (Office.population, STOCK),
    "DF_IMM": (lambda office: office.moves("I"), EVENTS),
    "DF_EMI": (lambda office: office.moves("E"), EVENTS),
    "DF_BIRTHS": (Office.births, EVENTS),
    "DF_DEATHS": (Office.deaths, EVENTS),
    "DF_CTZ_ACQ": (Office.naturalised, EVENTS),
    "DF_CITIZENSHIP": (Office.acquisitions, EVENTS),
}
"""The table of each dataflow, and the attributes of its dataset."""
DIMENSIONS = {
    "DF_POP": ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN"),
    "DF_IMM": ("DIRECTION", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE"),
    "DF_EMI": ("DIRECTION", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE"),
    "DF_BIRTHS": ("EVENT", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE"),
    "DF_DEATHS": ("EVENT", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE"),
    "DF_CTZ_ACQ": ("EVENT", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE"),
    "DF_CITIZENSHIP": ("CTZ_ITEM", "CTZ_MODE", "C_FORMER", "BIRTH_STATUS", "C_BIRTH", "SEX", "AGE"),
}
"""The dimensions of each dataflow beside frequency and area."""


def published(
    seed: int, base: int, flows: Iterable[str] = TABLES, *, extent: Extent = USUAL, variant: str = ""
) -> Published:
    """The clean dataset of a seed, published with a rounding base; only these dataflows are written."""
    of = people_of(seed, extent)
    written = {flow: written_as(flow, variant) for flow in flows}
    return Published(
        seed=seed,
        base=base,
        people=of,
        tables={flow: clean_table(seed, base, name, extent) for flow, name in written.items()},
        declared={flow: TABLES[name][1] for flow, name in written.items()},
        settings={"MIG-1-208": {"base": base}} if base > 1 else {},
        variant=variant,
    )


def written_as(flow: str, variant: str) -> str:
    name = f"{flow} {variant}"
    return name if name in TABLES else flow


@lru_cache(maxsize=4)
def people_of(seed: int, extent: Extent) -> People:
    return people(seed, extent)


@lru_cache(maxsize=32)
def clean_table(seed: int, base: int, name: str, extent: Extent) -> pl.DataFrame:
    office = Office(people_of(seed, extent))
    return completed(TABLES[name][0](office), name.split(maxsplit=1)[0], office.of.area, base)


def completed(table: pl.DataFrame, flow: str, area: str, base: int) -> pl.DataFrame:
    """An exact table with all columns of its dataflow and its values rounded to a base."""
    fixed = {"FREQ": "A", "REF_AREA": area, "UNIT_MEASURE": "PS", **OBSERVED}
    table = table.with_columns(pl.lit(code).alias(name) for name, code in fixed.items() if name not in table.columns)
    dimensions = ("FREQ", "REF_AREA", *DIMENSIONS[flow])
    present = [
        pl.col(name).fill_null(TOTAL) if name in table.columns else pl.lit(TOTAL).alias(name) for name in dimensions
    ]
    if "OBS_VALUE" not in table.columns:
        table = table.with_columns(pl.Series("OBS_VALUE", rounded(table[EXACT].to_numpy(), base)).cast(pl.String))
    unit = [] if "UNIT_MEASURE" in dimensions else ["UNIT_MEASURE"]
    return table.select(*present, "TIME_PERIOD", "OBS_VALUE", *unit, *OBSERVED, EXACT)
