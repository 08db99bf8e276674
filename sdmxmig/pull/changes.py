"""What changed from one release to the next: observations that are new or revised, and those that are gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from sdmxmig.pull.refusals import too_large
from sdmxmig.pull.storage import HELD, PIECE, StoredData


def revised(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    """The observations that are not as they were: new ones, and those with another value or attribute.

    Raises `NotAnswered` for more than memory should hold.
    """
    check_size(before, after)
    names = list(after.columns)
    shared = [column for column in names if column in before.columns]
    there = before.scan().select(shared)
    same_shape = there.with_columns(
        pl.lit(None, after.columns[column]).alias(column) for column in names if column not in shared
    )
    changed = after.scan().join(same_shape, on=names, how="anti", nulls_equal=True, maintain_order="left")
    return kept(after, changed.collect(), folder, name)


def gone(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    """The keys of the observations that are there no more; raises as `revised` does."""
    check_size(before, after)
    key = [column for column in after.flow.structure.key if column in before.columns]
    left = before.scan().select(key)
    missing = left.join(after.scan().select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    alone = replace(before, columns={column: before.columns[column] for column in key}, series=pl.DataFrame())
    return kept(replace(alone, attributes={}, partial={}, annotations=()), missing.collect(), folder, name)


def check_size(before: StoredData, after: StoredData) -> None:
    """Refuse to compare releases that are too large to be held."""
    largest = max(before.count, after.count)
    if largest > HELD:
        what = f"A release of {after.flow.id} has {largest:,} observations, and at most {HELD:,} are compared."
        raise too_large(what, "Ask for the releases as they were, with asOf.")


def kept(data: StoredData, observations: pl.DataFrame, folder: Path, name: str) -> StoredData:
    """These observations alone; what is said of other parts of the key goes with what it is said of."""
    path = folder / f"{name}.parquet"
    observations.write_parquet(path, row_group_size=PIECE)
    return replace(data, file=path, count=observations.height, notes=None, reports=None, listed=None)
