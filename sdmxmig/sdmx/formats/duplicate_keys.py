"""Detection of duplicate keys when they do not fit in memory."""

from __future__ import annotations

import tempfile
from typing import IO

from sdmxmig.primitives.lazily import np, pl

IN_MEMORY = 1 << 21
PARTS = 32


class PackedKeys:
    """Keys as rows of 64-bit integers, kept in temporary files when there are many."""

    def __init__(self) -> None:
        self.waiting: list[pl.DataFrame] = []
        self.count = 0
        self.files: list[IO[bytes]] = []

    def put(self, words: pl.DataFrame) -> None:
        self.waiting.append(words)
        self.count += words.height
        if self.count > IN_MEMORY:
            self._put_away()

    def any_duplicate(self) -> tuple[int, ...] | None:
        """Return a key that was added twice, or None, and forget all keys."""
        try:
            if not self.files:
                return duplicate_of(pl.concat(self.waiting)) if self.waiting else None
            self._put_away()
            return next(
                (duplicate for file in self.files if (duplicate := duplicate_of(keys_in(file))) is not None), None
            )
        finally:
            self._forget()

    def all_duplicates(self) -> pl.DataFrame:
        try:
            if self.files:
                self._put_away()
            parts = map(keys_in, self.files) if self.files else iter([pl.concat(self.waiting)] if self.waiting else [])
            duplicates = [duplicated for part in parts if (duplicated := repeated(part)).height]
            return pl.concat(duplicates) if duplicates else pl.DataFrame()
        finally:
            self._forget()

    def _forget(self) -> None:
        for file in self.files:
            file.close()
        self.files, self.waiting, self.count = [], [], 0

    def _put_away(self) -> None:
        """Move the keys to files, partitioned by hash."""
        self.files = self.files or [tempfile.TemporaryFile() for _ in range(PARTS)]  # noqa: SIM115 - closed by `_forget`
        if self.waiting:
            keys = pl.concat(self.waiting)
            parts = keys.hash_rows() % PARTS
            for part, file in enumerate(self.files):
                rows = keys.filter(parts == part)
                if rows.height:
                    np.array([rows.height, rows.width], np.uint64).tofile(file)
                    rows.to_numpy(order="c").tofile(file)
        self.waiting, self.count = [], 0


def keys_in(file: IO[bytes]) -> pl.DataFrame:
    file.seek(0)
    chunks: list[pl.DataFrame] = []
    while (sizes := np.fromfile(file, np.uint64, 2)).size:
        rows, width = map(int, sizes)
        chunks.append(pl.DataFrame(np.fromfile(file, np.uint64, rows * width).reshape(rows, width)))
    return pl.concat(chunks) if chunks else pl.DataFrame()


def repeated(keys: pl.DataFrame) -> pl.DataFrame:
    if not keys.height:
        return keys
    first_column = np.sort(keys[:, 0].to_numpy())
    alike = keys.filter(keys[:, 0].is_in(np.unique(first_column[1:][first_column[1:] == first_column[:-1]]).tolist()))
    return alike.filter(alike.is_duplicated()).unique()


def duplicate_of(keys: pl.DataFrame) -> tuple[int, ...] | None:
    if not keys.height:
        return None
    mixed = keys[:, 0]
    for column in keys.iter_columns():
        mixed = mixed * 0x9E3779B97F4A7C15 + column  # whatever this gives, equal rows give the same
    if mixed.n_unique() == keys.height:
        return None
    rows = keys.filter(mixed.is_duplicated())
    duplicates = rows.filter(rows.is_duplicated())
    return duplicates.row(0) if duplicates.height else None
