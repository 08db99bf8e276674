"""Parts reported with each total."""

from __future__ import annotations

from dataclasses import dataclass

from sdmxmig.primitives.lazily import pl
from sdmxmig.statistics.demography.key_numbers import in_order_of_appearance

BITS = 62
"""So many codes are kept together as the bits of one number."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportedParts:
    """Reported parts: ``group``, ``code``, ``row``, ``set``."""

    frame: pl.DataFrame
    sets: tuple[tuple[int, ...], ...]


def reported_parts(parts: pl.DataFrame) -> ReportedParts:
    """Parts (``group``, ``code``, ``row``), each code once in a group, with what is reported together.

    >>> import polars as pl
    >>> parts = pl.DataFrame({"group": [0, 0, 5, 9, 9], "code": [1, 2, 2, 2, 1], "row": [1, 2, 6, 7, 8]})
    >>> reported = reported_parts(parts)
    >>> reported.sets, reported.frame["set"].to_list()
    (((1, 2), (2,)), [0, 0, 1, 0, 0])
    """
    groups = parts.select(pl.col("group").unique(maintain_order=True)).with_columns(set=pl.lit(0, dtype=pl.UInt64))
    last = int(parts["code"].max() or 0)  # type: ignore[arg-type] # codes are numbers
    for first in range(0, last + 1, BITS):
        groups = divided(groups, parts, first)
    if groups["set"].n_unique() <= 1:
        numbered = parts.with_columns(set=pl.lit(0, dtype=pl.UInt32))
    else:
        sets = groups.select("group", set=in_order_of_appearance(groups["set"]))
        numbered = parts.join(sets, on="group", how="left", maintain_order="left")
    firsts = numbered.unique("set", keep="first", maintain_order=True).select("group", "set").sort("set")
    members = numbered.join(firsts.select("group"), on="group", how="semi", maintain_order="left")
    codes = members.group_by("set").agg(pl.col("code").sort()).sort("set")["code"].to_list()
    return ReportedParts(numbered, tuple(tuple(together) for together in codes))


def divided(groups: pl.DataFrame, parts: pl.DataFrame, first: int) -> pl.DataFrame:
    places = pl.col("code").cast(pl.Int64) - first
    bits = pl.Series([2**place for place in range(BITS)], dtype=pl.Int64)
    here = parts.select("group", place=places).filter(pl.col("place").is_between(0, BITS - 1))
    present = here.select("group", bit=bits.gather(here["place"])).group_by("group").agg(pl.col("bit").sum())
    both = groups.join(present, on="group", how="left", maintain_order="left")
    number = in_order_of_appearance(both["bit"].fill_null(0)).cast(pl.UInt64)
    return both.select("group", set=in_order_of_appearance(both["set"] * 2**32 + number).cast(pl.UInt64))
