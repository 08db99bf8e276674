"""What polars must be told so that codes stay text, rows keep their order, and values their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig.model.data import ORIGIN_COLUMNS

if TYPE_CHECKING:
    import polars as pl

Origin = tuple[int, str, str, str, int, int]


def text_frame(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> pl.DataFrame:
    """A frame of text with these columns in this order; what a row lacks is null.

    >>> text_frame(["SEX", "OBS_VALUE"], [{"SEX": "F"}]).rows()
    [('F', None)]
    """
    import polars as pl

    listed = list(rows)
    return pl.DataFrame(
        {name: [row.get(name) for row in listed] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )


def origins_frame(origins: Iterable[Origin] = ()) -> pl.DataFrame:
    """Where values come from: one row for each value of each observation that a cell gave (see `Dataset.origins`)."""
    import polars as pl

    types = (pl.UInt32, pl.String, pl.String, pl.String, pl.Int32, pl.Int32)
    return pl.DataFrame(list(origins), schema=dict(zip(ORIGIN_COLUMNS, types, strict=True)), orient="row")


def stack(frames: Sequence[pl.DataFrame], origins: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Observations of several frames as one, with their origins; equal rows are kept once, at their first origin.

    `origins` are as in `Dataset.origins`, one frame for each of `frames`; their numbers follow the rows.
    """
    import polars as pl

    starts = [sum(frame.height for frame in frames[:index]) for index in range(len(frames))]
    observations = pl.concat(frames).with_row_index("observation")
    columns = [name for name in observations.columns if name != "observation"]
    kept = observations.unique(subset=columns, keep="first", maintain_order=True)
    moved = pl.concat(
        [one.with_columns(pl.col("observation") + start) for one, start in zip(origins, starts, strict=True)]
    )
    numbers = kept.select("observation").with_row_index("kept")
    found = moved.join(numbers, on="observation", how="inner", maintain_order="left")
    found = found.with_columns(observation=pl.col("kept").cast(pl.UInt32)).drop("kept")
    return kept.drop("observation"), found.select(ORIGIN_COLUMNS)
