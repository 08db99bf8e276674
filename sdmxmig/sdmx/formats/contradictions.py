"""Detection of attributes with different values in different blocks of one dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset

REMEMBERED = 500_000
"""Maximum number of series, and of key parts of each kind, whose attributes are remembered."""

KEY, ROW, BEFORE = "#key", "#row", " before"
"""Columns of our own."""


@dataclass(frozen=True, slots=True)
class AttributeContradiction:
    """An attribute whose value differs from an earlier block, for these dimension values (null: any)."""

    name: str
    part: Mapping[str, str | None]

    def __str__(self) -> str:
        if not self.part:
            return f"The dataset has two values of {self.name}."
        key = ".".join(value or "*" for value in self.part.values())
        return f"{self.name} has two values for {key} ({', '.join(self.part)})."


@dataclass(slots=True)
class AttributeHistory:
    """The attributes of the blocks of one dataset, stored as hashes.

    Series beyond `REMEMBERED` are not compared. Contradictions within a block are left to the reader.
    """

    _attributes: dict[str, str] = field(default_factory=dict)
    _hashes: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    def mended(self, block: Dataset, tell: Callable[[AttributeContradiction], None]) -> Dataset:
        """Remove values that contradict an earlier block and report each contradiction to `tell`.

        Deletions never contradict: their values only name what to delete.
        """
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
        series = self._compared(("series", *key), block.series, key, tell)
        partial = {dims: self._compared(dims, frame, dims, tell) for dims, frame in block.partial.items()}
        return replace(block, attributes=attributes, series=series, partial=partial)

    def _compared(
        self,
        kind: tuple[str, ...],
        frame: pl.DataFrame,
        key: tuple[str, ...],
        tell: Callable[[AttributeContradiction], None],
    ) -> pl.DataFrame:
        """Remove the values of a table that contradict earlier blocks."""
        names = [name for name in frame.columns if name not in key and frame[name].null_count() < frame.height]
        if not names:
            return frame
        table = hashed(frame, key, names)
        remembered = self._hashes.get(kind)
        if remembered is None:
            self._hashes[kind] = table.drop(ROW).head(REMEMBERED)
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
        if remembered.height < REMEMBERED:
            self._hashes[kind] = pl.concat([remembered, table.drop(ROW)], how="diagonal", rechunk=False)
        return frame


def hashed(frame: pl.DataFrame, key: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    whole = frame.select(key).hash_rows().alias(KEY) if key else pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    values = [pl.when(pl.col(name).is_not_null()).then(text(frame, name).hash()).alias(name) for name in names]
    table = frame.select(values).with_columns(whole.alias(KEY)).with_row_index(ROW)
    return table.filter(pl.any_horizontal(pl.col(names).is_not_null()))


def text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if frame.schema[name] == pl.String else pl.struct(name).struct.json_encode()
