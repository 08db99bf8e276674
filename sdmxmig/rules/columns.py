"""Columns of observations as rules need them: text or null, whatever level an attribute is attached to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.demography.amounts import with_columns
from sdmxmig.model.data import Dataset
from sdmxmig.model.data_structures import Component

if TYPE_CHECKING:
    import polars as pl

ROW = "row"
VALUE = "value"


def column(dataset: Dataset, component: Component) -> pl.DataFrame:
    """One row an observation, in order: its position `row` and the `value` of a component, null if it was not sent.

    An attribute of series is given to each observation of its series, one of the dataset to all of them.
    """
    import polars as pl

    frame = dataset.observations
    if component.attachment == "dataset":
        value = dataset.attributes.get(component.id) or None
        frame = frame.select(pl.lit(value, dtype=pl.String).alias(component.id))
    elif component.attachment == "series" and component.id not in frame.columns:
        keys = [name for name in dataset.flow.structure.series_key if name in dataset.series.columns]
        if component.id in dataset.series.columns and set(keys) <= set(frame.columns):
            series = dataset.series.select(*keys, component.id).unique(keys, keep="first", maintain_order=True)
            frame = frame.join(series, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return with_columns(frame, (component.id,)).select(pl.col(component.id).alias(VALUE)).with_row_index(ROW)


def distinct(dataset: Dataset, component: Component) -> list[str | None]:
    """Every value of a component once, in order of appearance."""
    import polars as pl

    if component.attachment == "dataset":
        return [dataset.attributes.get(component.id) or None]
    value = pl.col(VALUE)
    begins = value.ne_missing(value.shift()) | (pl.int_range(pl.len()) == 0)
    return column(dataset, component).select(value.filter(begins).unique(maintain_order=True))[VALUE].to_list()


def rows_with(dataset: Dataset, component: Component, value: str | None) -> tuple[int, ...]:
    """The rows that have this value of a component."""
    import polars as pl

    if component.attachment == "dataset":
        return ()
    wanted = pl.col(VALUE).is_null() if value is None else pl.col(VALUE) == value
    return tuple(column(dataset, component).filter(wanted).get_column(ROW).to_list())
