"""Changes between releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from sdmxmig.transmission.pull.questions import too_large
from sdmxmig.transmission.pull.storage import HELD, PIECE, StoredData

ROW, SAYING = "#row", "#saying"


def revised(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    """Return new and revised observations, also by series attributes.

    Raises `NotAnswered` for too many.
    """
    check_size(before, after)
    names = list(after.columns)
    shared = [column for column in names if column in before.columns]
    there = before.scan().select(shared)
    same_shape = there.with_columns(
        pl.lit(None, after.columns[column]).alias(column) for column in names if column not in shared
    )
    rows = after.scan().with_row_index(ROW)
    changed = [rows.join(same_shape, on=names, how="anti", nulls_equal=True)]
    for key, touched in described_otherwise(before, after):
        changed.append(rows.join(touched.lazy(), on=list(key), how="semi", nulls_equal=True) if key else rows)
    numbers = pl.concat([each.select(ROW) for each in changed]).unique()
    observations = rows.join(numbers, on=ROW, how="semi", maintain_order="left").drop(ROW)
    return kept(after, observations.collect(), folder, name)


def described_otherwise(before: StoredData, after: StoredData) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    key = after.flow.structure.series_key
    old, new = {key: before.series, **before.partial}, {key: after.series, **after.partial}
    if before.attributes != after.attributes:
        yield (), pl.DataFrame()
    for dims in dict.fromkeys((*old, *new)):
        if not set(dims) <= after.columns.keys():
            continue
        was, becomes = sayings(old.get(dims), dims), sayings(new.get(dims), dims)
        on = [*dims, SAYING]
        differing = [
            was.join(becomes, on=on, how="anti", nulls_equal=True),
            becomes.join(was, on=on, how="anti", nulls_equal=True),
        ]
        touched = pl.concat(differing)
        if touched.height:
            yield dims, touched.select(dims).unique()


def sayings(frame: pl.DataFrame | None, dims: tuple[str, ...]) -> pl.DataFrame:
    is_there = frame is not None and set(dims) < set(frame.columns)
    if frame is None or not is_there:
        return pl.DataFrame(schema=dict.fromkeys((*dims, SAYING), pl.String))
    names = sorted(name for name in frame.columns if name not in dims and frame[name].null_count() < frame.height)
    if not names:
        return pl.DataFrame(schema=dict.fromkeys((*dims, SAYING), pl.String))
    text = pl.struct(names).struct.json_encode().alias(SAYING)
    return frame.filter(pl.any_horizontal(pl.col(names).is_not_null())).select(*dims, text)


def gone(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    check_size(before, after)
    key = [column for column in after.flow.structure.key if column in before.columns]
    left = before.scan().select(key)
    missing = left.join(after.scan().select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    alone = replace(before, columns={column: before.columns[column] for column in key}, series=pl.DataFrame())
    return kept(replace(alone, attributes={}, partial={}, annotations=()), missing.collect(), folder, name)


def check_size(before: StoredData, after: StoredData) -> None:
    largest = max(before.count, after.count)
    if largest > HELD:
        what = f"A release of {after.flow.id} has {largest:,} observations, and at most {HELD:,} are compared."
        raise too_large(what, "Ask for the releases as they were, with asOf.")


def kept(data: StoredData, observations: pl.DataFrame, folder: Path, name: str) -> StoredData:
    path = folder / f"{name}.parquet"
    observations.write_parquet(path, row_group_size=PIECE)
    return replace(data, file=path, count=observations.height, notes=None, reports=None, listed=None)
