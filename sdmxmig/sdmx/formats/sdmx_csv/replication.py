"""Attributes for formats with only observation rows, such as SDMX-CSV 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_csv.series import distinct, merged
from sdmxmig.sdmx.model.data import Dataset

Dims = tuple[str, ...]
HINT = "Write SDMX-CSV 2.0, where attributes may stand in rows of their own."


@dataclass(slots=True)
class Replicated:
    """The attributes of key parts of one dataset, with those already used by observations."""

    waiting: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    used: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    _: KW_ONLY
    silent: dict[Dims, pl.DataFrame] = field(default_factory=dict)

    def fill(
        self, block: Dataset, rows: pl.DataFrame, alone: pl.DataFrame, partial: Mapping[Dims, pl.DataFrame]
    ) -> pl.DataFrame:
        """Add the attributes of key parts to their observations.

        Raises `SdmxmigError` for attributes of “any” dimension value and for contradictory values.
        """
        key = block.flow.structure.series_key
        for dims, frame in partial.items():
            whole = pl.concat([self.waiting[dims], frame], how="diagonal") if dims in self.waiting else frame
            self.waiting[dims] = one_each(block, whole, dims)
        for dims, frame in self.waiting.items():
            rows = filled(rows, frame, dims)
            self._use(dims, rows)
        if key:
            self._use(key, rows)
            if alone.height:
                known_silent = [self.silent[key]] if key in self.silent else []
                self.silent[key] = pl.concat([*known_silent, alone.select(key)])
        return rows

    def _use(self, dims: Dims, rows: pl.DataFrame) -> None:
        keys = distinct(rows, dims)
        self.used[dims] = pl.concat([self.used[dims], keys]).unique() if dims in self.used else keys

    def refuse_rest(self, dataset: Dataset, version: str) -> None:
        for dims, frame in (*self.waiting.items(), *self.silent.items()):
            unused = frame.join(self.used[dims], on=list(dims), how="anti", nulls_equal=True) if dims else frame.clear()
            if unused.height:
                part = ".".join(value or "*" for value in unused.select(dims).row(0))
                message = f"{version} holds observations alone, and {dataset.flow.id} has none for {part}."
                raise SdmxmigError(message, hint=HINT)


def one_each(dataset: Dataset, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    frame, twice = merged(frame, dims)
    if twice:
        raise SdmxmigError(f"{twice} of {dataset.flow.id} has two values for one part of the key.")
    if frame.select(pl.any_horizontal(pl.col(dims).is_null()).any()).item():
        message = f"An attribute of {dataset.flow.id} is for any value of one of {', '.join(dims)}."
        raise SdmxmigError(message, hint=HINT)
    return frame


def filled(rows: pl.DataFrame, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    names = [name for name in frame.columns if name not in dims]
    joined = rows.join(frame, on=list(dims), how="left", nulls_equal=True, maintain_order="left", suffix="#")
    shared = [name for name in names if name in rows.columns]
    return joined.with_columns(pl.coalesce(name, f"{name}#").alias(name) for name in shared).drop(
        f"{name}#" for name in shared
    )
