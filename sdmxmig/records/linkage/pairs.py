"""Candidate pairs by blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.preparation import SOURCE, UNIT
from sdmxmig.records.linkage.stages import KEY, keys_of

if TYPE_CHECKING:
    from sdmxmig.records.linkage.declaration import Block, LinkageRules

OPEN, FRESH, SLICE, SIDE = "open", "fresh", "slice", "side"
YEARLY = frozenset({"birth", "birth_year", "birth_sure"})
REST = -1
"""The slice of pairs from blocks that do not name the year."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocking keys.

    `keys`: `unit`, `source`, `open`, `fresh`, `key`, `side` (0 either, 1, 2), `slice`.
    """

    keys: pl.DataFrame
    too_large: int


def blocks_of(records: pl.DataFrame, rules: LinkageRules, slices: int) -> Blocks:
    """The keys of records under each block of a declaration, in slices by year of birth of about the same size."""
    year_slice = slices_of(records, slices)
    tables = [
        keys_of_block(records, block).with_columns(pl.lit(number, dtype=pl.Int8).alias("block"))
        for number, block in enumerate(rules.blocks)
    ]
    keys = pl.concat(tables)
    sizes = keys.group_by("block", KEY).agg(
        pl.len().alias("size"), pl.col(OPEN).any().alias("any_open"), pl.col(SIDE).n_unique().alias("sides")
    )
    large = sizes.filter(pl.col("any_open") & (pl.col("size") > rules.largest_block))
    useful = sizes.filter(pl.col("any_open") & (pl.col("size") > 1) & (pl.col("size") <= rules.largest_block))
    yearly = {number: bool(YEARLY & set(block.equal)) for number, block in enumerate(rules.blocks)}
    kept = keys.join(useful.select("block", KEY), on=["block", KEY]).join(year_slice, on=UNIT, how="left")
    in_slice = pl.when(pl.col("block").replace_strict(yearly, return_dtype=pl.Boolean)).then(pl.col(SLICE))
    kept = kept.with_columns(in_slice.fill_null(REST).alias(SLICE))
    salted = kept.with_columns(pl.struct("block", KEY).hash(seed=0).alias(KEY)).drop("block")
    return Blocks(salted.sort(SLICE, KEY, UNIT, SIDE), large.height)


def keys_of_block(records: pl.DataFrame, block: Block) -> pl.DataFrame:
    mine = keys_of(records, block.equal).with_columns(pl.lit(0, dtype=pl.Int8).alias(SIDE))
    if block.other != block.equal:
        names = dict(zip(block.other, block.equal, strict=True))
        others = records.select(UNIT, SOURCE, *block.other).rename(names)
        theirs = keys_of(others, block.equal).with_columns(pl.lit(2, dtype=pl.Int8).alias(SIDE))
        mine = pl.concat([mine.with_columns(pl.lit(1, dtype=pl.Int8).alias(SIDE)), theirs])
    return mine.join(records.select(UNIT, OPEN, FRESH), on=UNIT)


def slices_of(records: pl.DataFrame, slices: int) -> pl.DataFrame:
    by_year = records.group_by("birth_year").len().drop_nulls().sort("birth_year")
    share = (pl.col("len").cum_sum() - pl.col("len") / 2) / pl.col("len").sum()
    numbered = by_year.select("birth_year", (share * slices).floor().cast(pl.Int64).clip(0, slices - 1).alias(SLICE))
    return records.select(UNIT, "birth_year").join(numbered, on="birth_year", how="left").select(UNIT, SLICE)


PAIRS = """
select distinct least(l.unit, r.unit) as join_key_l, greatest(l.unit, r.unit) as join_key_r, '0' as match_key
from keys_of_pairs as l inner join keys_of_pairs as r
on l.key = r.key
where l.unit <> r.unit
and ((l.side = 0 and r.side = 0 and l.unit < r.unit) or (l.side = 1 and r.side = 2))
and (
    (l.source <> r.source and l.open and r.open)
    or (l.source = r.source and l.fresh and r.fresh and (l.open or r.open))
)
"""
