"""Component filters as column conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce

import polars as pl

from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.transmission.pull.period_bounds import Bounds, bounds
from sdmxmig.transmission.pull.questions import Condition, Filter
from sdmxmig.transmission.pull.refusals import wrong

NUMERIC = frozenset(("BigInteger", "Integer", "Long", "Short", "Decimal", "Float", "Double", "Count", "Incremental"))
COMPARED: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
NEGATED = {"ne": "eq", "nc": "co"}
"""Operators that hold where the other one does not, and where there is no value."""
LANGUAGES = pl.List(pl.Struct({"language": pl.String, "text": pl.String}))


def is_numeric(component: Component) -> bool:
    return not component.is_coded and (
        component.data_type in NUMERIC or (component.role == "measure" and not component.data_type)
    )


def filtered(column: pl.Expr, kind: pl.DataType, component: Component, wanted: Filter) -> pl.Expr:
    choices = [
        reduce(operator.and_, [holds(column, kind, component, condition) for condition in conditions])
        for conditions in wanted.choices
    ]
    return reduce(operator.or_, choices)


def holds(column: pl.Expr, kind: pl.DataType, component: Component, condition: Condition) -> pl.Expr:
    positive = Condition(NEGATED.get(condition.operator, condition.operator), condition.value)
    if isinstance(kind, pl.List):
        element = pl.element().struct.field("text") if kind == LANGUAGES else pl.element()
        fits = column.list.eval(of_value(element, component, positive)).list.any()
    else:
        fits = of_value(column, component, positive)
    fits = fits.fill_null(value=False)
    return ~fits if condition.operator in NEGATED else fits


def of_value(column: pl.Expr, component: Component, condition: Condition) -> pl.Expr:
    value = condition.value
    match condition.operator:
        case "co":
            return column.str.contains(value, literal=True)
        case "sw":
            return column.str.starts_with(value)
        case "ew":
            return column.str.ends_with(value)
        case "eq":
            same = column == value
            number = number_of(value) if is_numeric(component) else None
            return same if number is None else same | (column.cast(pl.Float64, strict=False) == number)
    if not is_numeric(component):
        return COMPARED[condition.operator](column, pl.lit(value))
    number = number_of(value)
    if number is None:
        raise wrong(f"“{value}” is no number, and {component.id} has numbers.")
    return COMPARED[condition.operator](column.cast(pl.Float64, strict=False), pl.lit(number))


def number_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def fitting_periods(values: Iterable[str], wanted: Sequence[Filter], year_start: str) -> list[str]:
    return [value for value in values if all(passes(value, each, year_start) for each in wanted)]


def passes(period: str, wanted: Filter, year_start: str) -> bool:
    return any(all(meets(period, condition, year_start) for condition in choice) for choice in wanted.choices)


def meets(period: str, condition: Condition, year_start: str) -> bool:
    """Whether a period satisfies a condition, by first and last day.

    Raises `NotAnswered` for invalid periods.
    """
    value = condition.value
    match condition.operator:
        case "eq" | "ne":
            same = period == value or (bounds(period) is not None and bounds(period) == bounds(value, year_start))
            return same is (condition.operator == "eq")
        case "co" | "nc":
            return (value in period) is (condition.operator == "co")
        case "sw":
            return period.startswith(value)
        case "ew":
            return period.endswith(value)
    limits, there = bounds(value, year_start), bounds(period)
    if limits is None:
        raise wrong(f"“{value}” is no period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    return there is not None and is_beyond(there, limits, condition.operator)


def is_beyond(there: Bounds, limits: Bounds, word: str) -> bool:
    if word == "ge":
        return there[0] >= limits[0]
    if word == "le":
        return there[1] <= limits[1]
    return there[0] > limits[1] if word == "gt" else there[1] < limits[0]
