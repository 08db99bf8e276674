"""Keys of cells, and the codes that are sums of others."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from benchmarks.planted_kinds.people import BORN_ABROAD, CITIZEN, FOREIGN, NATIVE, UNKNOWN
from benchmarks.planted_kinds.tables import EXACT, FIVES, OPEN, TOTAL

Key = Mapping[str, str]
NOT_KEY = ("OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "UNIT_MULT", "SRC_TYPE", EXACT)
"""Columns that are no part of the key of a cell."""
AGE_LEAVES = (*FIVES, OPEN, UNKNOWN)
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "SEX": ((TOTAL, ("F", "M")),),
    "AGE": (
        (TOTAL, AGE_LEAVES),
        (TOTAL, ("Y0T14", "Y15T64", "Y_GE65", UNKNOWN)),
        ("Y0T14", FIVES[:3]),
        ("Y15T64", FIVES[3:13]),
        ("Y_GE65", (*FIVES[13:], OPEN)),
    ),
    "CTZ_STATUS": ((TOTAL, (CITIZEN, FOREIGN, UNKNOWN)),),
    "BIRTH_STATUS": ((TOTAL, (NATIVE, BORN_ABROAD, UNKNOWN)),),
}
"""By dimension: the codes that are sums, and of which codes; parts that a table does not have count as nothing."""
COUNTRIES = ("C_CITIZEN", "C_BIRTH", "C_RESIDENCE", "C_FORMER")
"""Dimensions whose total is the sum of all other codes that stand with it."""


def key_names(table: pl.DataFrame) -> list[str]:
    return [name for name in table.columns if name not in NOT_KEY]


def key_of(table: pl.DataFrame, row: int) -> dict[str, str]:
    return table.select(key_names(table)).row(row, named=True)


def at(key: Key) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == code for name, code in key.items())


def is_leaf() -> pl.Expr:
    """Return the condition of cells without parts, in tables by status, country or neither."""

    def no_total(table_has: str) -> pl.Expr:
        return pl.col(table_has) != TOTAL

    by_country = pl.any_horizontal(pl.col(f"^({'|'.join(COUNTRIES)})$") != TOTAL)
    by_status = no_total("BIRTH_STATUS") & no_total("CTZ_STATUS")
    return (pl.col("SEX").is_in(["F", "M"])) & pl.col("AGE").is_in(AGE_LEAVES) & (by_country | by_status)
