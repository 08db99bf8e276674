"""Columns of observations, whatever the attribute's level."""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import Check
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.statistics.demography.amounts import with_columns
from sdmxmig.statistics.demography.key_numbers import sent

ROW = "row"
VALUE = "value"


def column(check: Check, component: Component) -> pl.DataFrame:
    """Return `row` and `value` of a component for each observation, null if not sent.

    Series and dataset attributes are repeated.
    """
    frame, dataset = check.frame, check.dataset
    if component.attachment == "dataset":
        value = dataset.attributes.get(component.id) or None
        return frame.select(ROW, pl.lit(value, dtype=pl.String).alias(VALUE))
    if component.id in frame.columns:
        return frame.select(ROW, pl.col(component.id).alias(VALUE))
    if component.attachment != "series" or component.id not in dataset.series.columns:
        return frame.select(ROW, pl.lit(None, dtype=pl.String).alias(VALUE))
    of_series = with_columns(dataset.series.select(component.id), (component.id,))[component.id]
    return frame.select(ROW, of_series.gather(check.books[0].places_of_series).alias(VALUE))


def possible(check: Check, component: Component) -> frozenset[str | None]:
    dataset = check.dataset
    if component.id in check.frame.columns:
        return frozenset({None, *check.books[0].codes(component.id)})
    if component.attachment == "series" and component.id in dataset.series.columns:
        return frozenset({None, *dataset.series[component.id].cast(pl.String).unique()})
    return frozenset({None, dataset.attributes.get(component.id)})


def distinct(check: Check, component: Component) -> list[str | None]:
    """Every value of a component once, in order of appearance."""
    if component.attachment == "dataset":
        return [check.dataset.attributes.get(component.id) or None]
    numbers = check.books[0].numbers
    if component.id in numbers.names:
        return numbers.present(component.id)
    observations = check.dataset.observations
    if component.id in observations.columns:
        return values_of(sent(observations[component.id]).to_frame(VALUE), VALUE).to_list()
    return values_of(column(check, component), VALUE).to_list()


def numbered_texts(check: Check, component: Component) -> frozenset[str | None]:
    kind = check.dataset.observations.schema.get(component.id)
    return frozenset(kind.categories) - {""} if isinstance(kind, pl.Enum) else frozenset({None})


def rows_with(check: Check, component: Component, value: str | None) -> tuple[int, ...]:
    """The rows that have this value of a component."""
    if component.attachment == "dataset":
        return ()
    if value is None and is_everywhere(check.dataset.observations, component.id):
        return ()
    values = column(check, component)
    if value is None and not values.select(pl.col(VALUE).null_count()).item():
        return ()
    matches = pl.col(VALUE).is_null() if value is None else pl.col(VALUE) == value
    return tuple(values.filter(matches).get_column(ROW).to_list())


def is_everywhere(frame: pl.DataFrame, name: str) -> bool:
    kind = frame.schema.get(name)
    if kind is None or frame[name].null_count():
        return False
    if isinstance(kind, pl.Enum):
        return "" not in kind.categories
    return kind == pl.String and not (frame[name] == "").any()
