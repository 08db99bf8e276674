"""Detection of duplicate members of an object when keys do not fit in memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from sdmxmig.sdmx.formats.duplicate_keys import PackedKeys, duplicate_of

Hashes = npt.NDArray[np.uint64]
ROOM = 1 << 64


class DuplicateKeys(PackedKeys):
    """The keys of an object, packed into integers.

    `sizes` are the numbers of values of each dimension.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self.sizes = {name: max(size, 1) for name, size in sizes.items()}
        self.words: list[list[str]] = []
        room = 0
        for name, size in self.sizes.items():
            if not self.words or room * size > ROOM:
                self.words.append([])
                room = 1
            self.words[-1].append(name)
            room *= size

    def add(self, codes: pl.DataFrame) -> None:
        if codes.height and self.words:
            self.put(self._packed(codes))

    def among(self, codes: pl.DataFrame) -> bool:
        return bool(self.words and codes.height) and duplicate_of(self._packed(codes)) is not None

    def first_duplicate(self) -> tuple[int, ...] | None:
        """Return the indices of a key that was added twice, or None, and forget all keys."""
        duplicate = self.any_duplicate()
        if duplicate is None:
            return None
        indices: list[int] = []
        for names, word in zip(reversed(self.words), reversed(duplicate), strict=True):
            packed = word
            for name in reversed(names):
                packed, index = divmod(packed, self.sizes[name])
                indices.insert(0, index)
        return tuple(indices)

    def _packed(self, codes: pl.DataFrame) -> pl.DataFrame:
        words = []
        for number, names in enumerate(self.words):
            packed = pl.col(names[0]).cast(pl.UInt64)
            for name in names[1:]:
                packed = packed * pl.lit(self.sizes[name], pl.UInt64) + pl.col(name).cast(pl.UInt64)
            words.append(packed.alias(f"column_{number}"))
        return codes.select(words)


class SeriesHashes:
    """Hashes of the attributes of series, a few bytes each."""

    def __init__(self) -> None:
        self.levels: list[tuple[Hashes, Hashes]] = []

    def add(self, names: pl.Series, texts: pl.Series) -> None:
        if not names.len():
            return
        level = in_order(names.hash().to_numpy(), texts.hash().to_numpy())
        while self.levels and self.levels[-1][0].size < 2 * level[0].size:
            level = in_order(*(np.concatenate(pair) for pair in zip(self.levels.pop(), level, strict=True)))
        self.levels.append(level)

    def find(self, names: pl.Series) -> pl.Series:
        name_hashes = names.hash().to_numpy()
        text_hashes, is_known = np.zeros(name_hashes.size, np.uint64), np.zeros(name_hashes.size, np.bool_)
        for keys, texts in self.levels:
            places = np.minimum(np.searchsorted(keys, name_hashes), keys.size - 1)
            matches = keys[places] == name_hashes
            text_hashes[matches], is_known[matches] = texts[places[matches]], True
        return pl.Series(text_hashes).set(pl.Series(~is_known), None)


def in_order(keys: Hashes, hashes: Hashes) -> tuple[Hashes, Hashes]:
    order = np.argsort(keys, kind="stable")
    return keys[order], hashes[order]
