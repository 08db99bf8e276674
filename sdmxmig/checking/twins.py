"""Observations that stand twice in one dataset, found among keys that are too many for memory."""

from __future__ import annotations

import polars as pl

from sdmxmig.formats.twins import Keys

SEEDS = (1, 2)
"""Two hashes of 64 bits tell keys apart: that two different keys have both in common does not happen."""
NAMES = ("column_0", "column_1")


def hashed(keys: pl.DataFrame) -> pl.DataFrame:
    """The hashes of keys, a row for each."""
    return pl.DataFrame([keys.hash_rows(seed).alias(name) for name, seed in zip(NAMES, SEEDS, strict=True)])


class Twins:
    """The keys of one dataset, block by block.

    What stands twice in one block is told at once; what stands in two of them is known at the end, by its hashes.
    """

    def __init__(self) -> None:
        self._keys = Keys()

    def among(self, keys: pl.DataFrame) -> pl.DataFrame:
        """The keys of a block that came before in it."""
        hashes = hashed(keys)
        first = hashes[NAMES[0]].is_first_distinct()
        self._keys.put(hashes.filter(first))
        if first.all():
            return keys.clear()
        alike = keys.filter(hashes[NAMES[0]].is_duplicated())
        return alike.filter(~alike.select(pl.struct(pl.all()))[:, 0].is_first_distinct())

    def across(self) -> pl.DataFrame:
        """The hashes of keys that stand in several blocks; forgets all keys."""
        return self._keys.again()
