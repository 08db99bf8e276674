"""Which pairs of records are compared: those that agree in a block, as a table of pairs on an engine."""

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
"""Blocks with such a column hold pairs of one year of birth, and are compared year by year."""
REST = -1
"""The slice of pairs from blocks that do not name the year."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Keys of records by which pairs are made, and how many keys were left out since they have too many records.

    `keys` has `unit`, `source`, `open` (whether no stage linked the record), `fresh` (whether doubles are looked for in
    its source), `key`, `side` (0 for either record of a
    pair, else 1 and 2) and `slice`.
    """

    keys: pl.DataFrame
    too_large: int


def blocks_of(records: pl.DataFrame, rules: LinkageRules, slices: int) -> Blocks:
    """The keys of records under each block of a declaration, in slices by year of birth of about the same size.

    `records` has `open` and `fresh`. Of a block whose second record is looked up by other columns each record has two
    keys.
    """
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
    """The keys of one block."""
    mine = keys_of(records, block.equal).with_columns(pl.lit(0, dtype=pl.Int8).alias(SIDE))
    if block.other != block.equal:
        names = dict(zip(block.other, block.equal, strict=True))
        others = records.select(UNIT, SOURCE, *block.other).rename(names)
        theirs = keys_of(others, block.equal).with_columns(pl.lit(2, dtype=pl.Int8).alias(SIDE))
        mine = pl.concat([mine.with_columns(pl.lit(1, dtype=pl.Int8).alias(SIDE)), theirs])
    return mine.join(records.select(UNIT, OPEN, FRESH), on=UNIT)


def slices_of(records: pl.DataFrame, slices: int) -> pl.DataFrame:
    """The slice of each record by year of birth (`unit`, `slice`): following years together, about as many in each."""
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
"""Pairs of a table of keys: between sources where no stage linked either record, within one where it did not both."""
