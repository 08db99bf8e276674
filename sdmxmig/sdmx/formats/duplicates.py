"""Detection of duplicate keys, and of attributes that differ between blocks, when a dataset does not fit in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.sdmx.model.data import Dataset

MAX_MEMORY_KEYS = 1 << 21
PART_COUNT = 32


class PackedKeys:
    """Keys as rows of unsigned integers, kept in temporary files when there are many."""

    def __init__(self) -> None:
        self.waiting: list[pl.DataFrame] = []
        self.count = 0
        self.files: list[IO[bytes]] = []

    def add(self, words: pl.DataFrame) -> None:
        self.waiting.append(words)
        self.count += words.height
        if self.count > MAX_MEMORY_KEYS:
            self._spill()

    def find_any_duplicate(self) -> tuple[int, ...] | None:
        """Return a key that was added twice, or None, and forget all keys."""
        try:
            if not self.files:
                return find_duplicate(pl.concat(self.waiting)) if self.waiting else None
            self._spill()
            return next(
                (duplicate for file in self.files if (duplicate := find_duplicate(read_keys(file))) is not None), None
            )
        finally:
            self._drop_old()

    def find_all_duplicates(self) -> pl.DataFrame:
        try:
            if self.files:
                self._spill()
            parts = (
                map(read_keys, self.files) if self.files else iter([pl.concat(self.waiting)] if self.waiting else [])
            )
            duplicates = [duplicated for part in parts if (duplicated := find_repeated_keys(part)).height]
            return pl.concat(duplicates) if duplicates else pl.DataFrame()
        finally:
            self._drop_old()

    def _drop_old(self) -> None:
        for file in self.files:
            file.close()
        self.files, self.waiting, self.count = [], [], 0

    def _spill(self) -> None:
        self.files = self.files or [tempfile.TemporaryFile() for _ in range(PART_COUNT)]  # noqa: SIM115 - closed by `_forget`
        if self.waiting:
            keys = pl.concat(self.waiting)
            parts = keys.hash_rows() % PART_COUNT
            for part, file in enumerate(self.files):
                rows = keys.filter(parts == part)
                if rows.height:
                    np.array([rows.height, rows.width], np.uint64).tofile(file)
                    rows.cast(pl.UInt64).to_numpy(order="c").tofile(file)
        self.waiting, self.count = [], 0


def read_keys(file: IO[bytes]) -> pl.DataFrame:
    file.seek(0)
    chunks: list[pl.DataFrame] = []
    while (sizes := np.fromfile(file, np.uint64, 2)).size:
        rows, width = map(int, sizes)
        chunks.append(pl.DataFrame(np.fromfile(file, np.uint64, rows * width).reshape(rows, width)))
    return pl.concat(chunks) if chunks else pl.DataFrame()


def find_repeated_keys(keys: pl.DataFrame) -> pl.DataFrame:
    if not keys.height:
        return keys
    first_column = np.sort(keys[:, 0].to_numpy())
    alike = keys.filter(keys[:, 0].is_in(np.unique(first_column[1:][first_column[1:] == first_column[:-1]]).tolist()))
    return alike.filter(alike.is_duplicated()).unique()


def find_duplicate(keys: pl.DataFrame) -> tuple[int, ...] | None:
    if not keys.height:
        return None
    mixed = keys[:, 0].cast(pl.UInt64)
    for column in keys.iter_columns():
        mixed = mixed * 0x9E3779B97F4A7C15 + column  # any mixture works, since equal rows give equal hashes
    if mixed.n_unique() == keys.height:
        return None
    rows = keys.filter(mixed.is_duplicated())
    duplicates = rows.filter(rows.is_duplicated())
    return duplicates.row(0) if duplicates.height else None


MAX_REMEMBERED = 500_000
"""Maximum number of series, and of key parts of each kind, whose attributes are remembered."""

KEY, ROW, BEFORE = "#key", "#row", " before"
"""Our own columns."""


@dataclass(frozen=True, slots=True)
class AttributeContradiction:
    """An attribute that differs from an earlier block, for these dimension values (null: any)."""

    name: str
    part: Mapping[str, str | None]

    def __str__(self) -> str:
        if not self.part:
            return f"The dataset has two values of {self.name}."
        key = ".".join(value or "*" for value in self.part.values())
        return f"{self.name} has two values for {key} ({', '.join(self.part)})."


@dataclass(slots=True)
class AttributeHistory:
    """Hashes of the attributes of one dataset's blocks; series beyond `MAX_REMEMBERED` are not compared."""

    _attributes: dict[str, str] = field(default_factory=dict)
    _hashes: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    def drop_contradictions(self, block: Dataset, tell: Callable[[AttributeContradiction], None]) -> Dataset:
        """Remove values that contradict an earlier block and report them; deletions never contradict."""
        if not block.continues:
            self._attributes, self._hashes = {}, {}
        if block.action == "D":
            return block
        attributes = dict(block.attributes)
        for name, value in attributes.items():
            attributes[name] = self._attributes.setdefault(name, value)
            if attributes[name] != value:
                tell(AttributeContradiction(name, {}))
        key = block.flow.structure.series_key
        series = self._compare_frame(("series", *key), block.series, key, tell)
        partial = {dims: self._compare_frame(dims, frame, dims, tell) for dims, frame in block.partial.items()}
        return replace(block, attributes=attributes, series=series, partial=partial)

    def _compare_frame(
        self,
        kind: tuple[str, ...],
        frame: pl.DataFrame,
        key: tuple[str, ...],
        tell: Callable[[AttributeContradiction], None],
    ) -> pl.DataFrame:
        names = [name for name in frame.columns if name not in key and frame[name].null_count() < frame.height]
        if not names:
            return frame
        table = hash_keys(frame, key, names)
        remembered = self._hashes.get(kind)
        if remembered is None:
            self._hashes[kind] = table.drop(ROW).head(MAX_REMEMBERED)
            return frame
        met = remembered.filter(pl.col(KEY).is_in(table[KEY].implode()))
        if met.height:
            pairs = table.join(met, on=KEY, suffix=BEFORE)
            for name in names:
                if name in met.columns:
                    wrong = pairs.filter(pl.col(name) != pl.col(f"{name}{BEFORE}"))[ROW].unique().sort()
                    for row in wrong:
                        tell(AttributeContradiction(name, frame.select(key).row(row, named=True) if key else {}))
                    if wrong.len():
                        is_wrong = pl.int_range(pl.len()).is_in(wrong.implode())
                        frame = frame.with_columns(pl.when(~is_wrong).then(pl.col(name)).alias(name))
            if set(names) <= set(met.columns):
                table = table.join(met, on=[KEY, *names], how="anti", nulls_equal=True)
        if remembered.height < MAX_REMEMBERED:
            self._hashes[kind] = pl.concat([remembered, table.drop(ROW)], how="diagonal", rechunk=False)
        return frame


def hash_keys(frame: pl.DataFrame, key: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    whole = frame.select(key).hash_rows().alias(KEY) if key else pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    values = [
        pl.when(pl.col(name).is_not_null()).then(build_text_expression(frame, name).hash()).alias(name)
        for name in names
    ]
    table = frame.select(values).with_columns(whole.alias(KEY)).with_row_index(ROW)
    return table.filter(pl.any_horizontal(pl.col(names).is_not_null()))


def build_text_expression(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if frame.schema[name] == pl.String else pl.struct(name).struct.json_encode()
