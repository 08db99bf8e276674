"""Gaps: periods that a series passes over, and codes that are there one year and gone the next."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.rules import KINDS, Check
from sdmxmig.rules.series import (
    decimal,
    followed,
    parameters_of_series,
    period_of,
    periods_between,
    with_keys,
    without_explained,
    words,
)
from sdmxmig.rules.words import TOTAL


@KINDS.add("SERIES-WITHOUT-GAPS")
def series_without_gaps(check: Check) -> Iterable[Fault | NotTestable]:
    """A series has an observation for every period between its first and its last, if only a missing one.

    Parameters: `least`, the figure beside the gap from which on it matters, since a smaller one may be a zero that is
    not printed; `share`, of the periods that a series must have to count as one that is due in each of them; `units`,
    `except`.
    """
    parameters = parameters_of_series(check)
    least, share = parameters.integer("least"), decimal(parameters, "share")
    parameters.close()
    series = followed(check).with_columns(
        length=pl.len().over("series"),
        due=((pl.col("period").max() - pl.col("period").min()) // pl.col("step").first() + 1).over("series"),
    )
    if series.filter(pl.col("length") > 1).is_empty():
        yield NotTestable("no series has observations of two periods")
        return
    whole = pl.col("length") >= share * pl.col("due")
    sparse = series.filter(~whole).get_column("series").n_unique()
    if sparse:
        reason = f"there are too few observations between the first and the last in {sparse} series"
        yield NotTestable(reason, partial=series.select(whole.any()).item())
    follows = pl.col("series").shift(1) == pl.col("series")
    gaps = series.filter(whole).with_columns(
        missing=pl.when(follows).then((pl.col("period") - pl.col("period").shift(1)) // pl.col("step") - 1),
        before=pl.when(follows).then(pl.col("value").shift(1)),
        row_before=pl.when(follows).then(pl.col("row").shift(1)),
    )
    matters = (pl.max_horizontal(pl.col("value").abs(), pl.col("before").abs()) >= least).fill_null(value=True)
    for row, row_before, step, missing in (
        gaps.filter(pl.col("missing") > 0, matters).select("row", "row_before", "step", "missing").iter_rows()
    ):
        lacking = ", ".join(periods_between(period_of(check, row_before), step, missing))
        parameters_of_fault = {
            "periods": lacking,
            "before": period_of(check, row_before),
            "after": period_of(check, row),
        }
        measure = check.dataset.flow.structure.measure.id
        yield Fault((row,), measure, parameters=parameters_of_fault, observed=lacking, expected="an observation")


@KINDS.add("CODES-STAY")
def codes_stay(check: Check) -> Iterable[Fault | NotTestable]:
    """A code with a figure of some size is there in the next period too, where others of its breakdown are.

    Parameters: `dimensions`, each of which is a breakdown of its own; `least`, the figure above which a code must not
    be gone; `units`, `except`.
    """
    parameters = parameters_of_series(check)
    listed, least = parameters.strings("dimensions", None), parameters.integer("least")
    parameters.close()
    structure = check.dataset.flow.structure
    dimensions = [name for name in listed if name in structure]
    series = with_keys(check, followed(check), structure.series_key)
    goes_on = (pl.col("series").shift(-1) == pl.col("series")) & (
        pl.col("period").shift(-1) - pl.col("period") == pl.col("step")
    )
    series = series.with_columns(next=pl.col("period") + pl.col("step"), stays=goes_on.fill_null(value=False))
    tested = False
    for name in dimensions:
        parts = series.filter(~pl.col(name).is_in([TOTAL, "_Z"]))
        context = [other for other in structure.series_key if other != name]
        others = parts.group_by([*context, "period"]).agg(others=pl.len())
        due = parts.join(others, left_on=[*context, "next"], right_on=[*context, "period"], nulls_equal=True)
        tested = tested or not due.is_empty()
        missing = due.filter(~pl.col("stays"), pl.col("value") > least).with_columns(up=pl.lit(value=False))
        missing = without_explained(check, missing.drop(structure.series_key)).sort("row")
        for row, step, others_there in missing.select("row", "step", "others").iter_rows():
            yield gone(check, row, step, others_there)
    if not tested:
        yield NotTestable(f"there are no figures by {' or '.join(dimensions or listed)} for two neighbouring periods")


def gone(check: Check, row: int, step: int, others: int) -> Fault:
    """The fault of a code that is not there in the next period; its last figure stands for it."""
    period = "".join(periods_between(period_of(check, row), step, 1))
    parameters = words(check, {"before": row}, further=lambda _: {"period": period, "others": str(others)})
    measure = check.dataset.flow.structure.measure.id
    return Fault((row,), measure, parameters=parameters, observed="", expected=f"an observation for {period}")
