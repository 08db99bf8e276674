"""Attributes of series in flat tables: spread over observations and collected again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdmxmig.sdmx.frames import first_of_runs, first_repeated


def distinct(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return (
        frame.select(names).filter(first_of_runs(frame, names)).unique(maintain_order=True) if names else frame.select()
    )


def spread_over(
    observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return observations with the attributes of their series, and series without observations."""
    if not series.height or not observations.height:
        return observations, series
    if not key:
        given_names = [name for name in series.columns if series[name].null_count() < series.height]
        repeated_columns = [first_repeated(series[name], observations.height) for name in given_names]
        return observations.with_columns(repeated_columns), series.clear()
    is_first = first_of_runs(observations, key)
    heads = observations.filter(is_first).select(key)
    silent = series.join(heads, on=list(key), how="anti", nulls_equal=True, maintain_order="left")
    given_names = [name for name in series.columns if name not in key and series[name].null_count() < series.height]
    if given_names:
        attributes_of_series = series.select(*key, *given_names)
        attributes = heads.join(attributes_of_series, on=list(key), how="left", nulls_equal=True, maintain_order="left")
        numbers = is_first.cast(pl.UInt32).cum_sum() - 1
        observations = observations.with_columns(attributes[name].gather(numbers) for name in given_names)
    return observations, silent


def merged(frame: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, str]:
    """Merge rows with the same key, and name the column with contradictory values, if any."""
    names = [name for name in frame.columns if name not in key]
    if not names or frame.height <= 1 or (key and not frame.select(key).is_duplicated().any()):
        return frame, ""
    values = [pl.col(name).drop_nulls() for name in names]
    if key:
        groups = frame.group_by(key, maintain_order=True)
        counts, firsts = groups.agg(value.n_unique() for value in values), groups.agg(value.first() for value in values)
    else:
        counts, firsts = (
            frame.select(value.n_unique() for value in values),
            frame.select(value.first() for value in values),
        )
    twice = next((name for name in names if (counts[name] > 1).any()), "")
    return firsts.select(frame.columns), twice
