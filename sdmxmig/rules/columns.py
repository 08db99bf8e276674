"""Columns of observations as rules need them: text or null, whatever level an attribute is attached to."""

from __future__ import annotations

from sdmxmig.demography.amounts import with_columns
from sdmxmig.frames import values_of
from sdmxmig.lazily import pl
from sdmxmig.model.data_structures import Component
from sdmxmig.rules import Check

ROW = "row"
VALUE = "value"


def column(check: Check, component: Component) -> pl.DataFrame:
    """One row an observation, in order: its position `row` and the `value` of a component, null if it was not sent.

    An attribute of series is given to each observation of its series, one of the dataset to all of them.
    """
    frame, dataset = check.frame, check.dataset
    if component.attachment == "dataset":
        value = dataset.attributes.get(component.id) or None
        return frame.select(ROW, pl.lit(value, dtype=pl.String).alias(VALUE))
    if component.id not in frame.columns:
        if component.attachment == "series" and component.id in dataset.series.columns:
            keys = [name for name in dataset.flow.structure.series_key if name in dataset.series.columns]
            series = dataset.series.select(*keys, component.id).unique(keys, keep="first", maintain_order=True)
            frame = frame.join(series, on=keys, how="left", nulls_equal=True, maintain_order="left")
        frame = with_columns(frame, (component.id,))
    return frame.select(ROW, pl.col(component.id).alias(VALUE))


def distinct(check: Check, component: Component) -> list[str | None]:
    """Every value of a component once, in order of appearance."""
    if component.attachment == "dataset":
        return [check.dataset.attributes.get(component.id) or None]
    return values_of(column(check, component), VALUE).to_list()


def rows_with(check: Check, component: Component, value: str | None) -> tuple[int, ...]:
    """The rows that have this value of a component."""
    if component.attachment == "dataset":
        return ()
    values = column(check, component)
    if value is None and not values.select(pl.col(VALUE).null_count()).item():
        return ()
    matches = pl.col(VALUE).is_null() if value is None else pl.col(VALUE) == value
    return tuple(values.filter(matches).get_column(ROW).to_list())
