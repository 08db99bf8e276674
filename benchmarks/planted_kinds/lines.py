"""Sums of a table's cells by the planters' own arithmetic, independent of validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Line:
    """A sum of a table: dimension, key of the whole, and values of parts and whole."""

    dimension: str
    whole: Key
    parts: tuple[int | None, ...]
    value: int | None

    @property
    def residual(self) -> int | None:
        """Return the whole less its parts; None if a figure is unpublished."""
        if self.value is None or None in self.parts:
            return None
        return self.value - sum(part for part in self.parts if part is not None)

    def bound(self, base: int) -> float:
        """Return H of the README: the maximum difference by rounding."""
        return 0 if base == 1 else (len(self.parts) + 1) * base / 2

    def is_broken(self, base: int) -> bool:
        """Whether rounding cannot explain the residual."""
        return self.residual is not None and abs(self.residual) > self.bound(base)


def key_names(table: pl.DataFrame) -> list[str]:
    return [name for name in table.columns if name not in NOT_KEY]


def key_of(table: pl.DataFrame, row: int) -> dict[str, str]:
    return table.select(key_names(table)).row(row, named=True)


def at(key: Key) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == code for name, code in key.items())


def lines(table: pl.DataFrame, key: Key) -> Iterator[Line]:
    """The lines through a cell, in which it is a part or the whole."""
    for dimension in key:
        if dimension not in PARTS and dimension not in COUNTRIES:
            continue
        others = {name: code for name, code in key.items() if name != dimension}
        line = table.filter(at(others)).select(dimension, "OBS_VALUE")
        values = {code: None if text in (None, "") else int(text) for code, text in line.iter_rows()}
        if len(values) < 2 or TOTAL not in values:
            continue
        ways = PARTS.get(dimension) or ((TOTAL, tuple(code for code in values if code != TOTAL)),)
        for whole, codes in ways:
            parts = [code for code in codes if code in values]
            if whole in values and parts and key[dimension] in (whole, *parts):
                yield Line(
                    dimension, {**others, dimension: whole}, tuple(values[code] for code in parts), values[whole]
                )


def broken(table: pl.DataFrame, key: Key, base: int) -> list[Line]:
    return [line for line in lines(table, key) if line.is_broken(base)]


def is_leaf() -> pl.Expr:
    """Return the condition of cells without parts, in tables by status, country or neither."""

    def no_total(table_has: str) -> pl.Expr:
        return pl.col(table_has) != TOTAL

    by_country = pl.any_horizontal(pl.col(f"^({'|'.join(COUNTRIES)})$") != TOTAL)
    by_status = no_total("BIRTH_STATUS") & no_total("CTZ_STATUS")
    return (pl.col("SEX").is_in(["F", "M"])) & pl.col("AGE").is_in(AGE_LEAVES) & (by_country | by_status)
