"""Repeated figures.

Two counts around v are equal by chance with probability about 1 in 2√(πv), more if rounded. Totals add no evidence.
Multiple testing is taken into account.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.series import (
    amount_of,
    decimal,
    decimals,
    followed,
    parameters_of_series,
    period_of,
    with_before,
    with_keys,
)
from sdmxmig.quality.rules.whole_periods import fault_of_period, of_groups, tables_of
from sdmxmig.quality.rules.words import TOTAL, because, in_languages, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

CHANCE = "chance_of_equal"


def chance_of_equal(value: pl.Expr) -> pl.Expr:
    return (pl.col("printed") / (2 * (math.pi * value).sqrt())).clip(upper_bound=1.0)


@KINDS.add("SMALL-PERIOD-IS-NEW")
def small_period_is_new(check: Check) -> Iterable[Fault | NotTestable]:
    """The few figures of a small table are not all those of the period before, where chance does not make them so.

    Parameters: `by`, dimensions whose codes are tables of their own; `cells`, how many figures a table has at most;
    `above`, the figure in printed steps above which figures are compared; `chance`, how likely chance alone may make
    any of the tables repeat itself; `estimates`, statuses of figures that may be carried forward; `units`, `except`.
    """
    parameters = parameters_of_series(check)
    by, most, above = parameters.strings("by"), parameters.integer("cells"), parameters.integer("above")
    chance, estimates = decimal(parameters, "chance"), parameters.strings("estimates")
    parameters.close()
    pairs, group = tables_of(check, with_before(followed(check)), by)
    pairs = pairs.with_columns(cells=pl.len().over(group)).filter(pl.col("cells") <= most)
    pairs = pairs.filter(pl.col("before").min().over(group) > above * pl.col("printed").max().over(group))
    if pairs.is_empty():
        yield NotTestable(
            because(
                "no table of at most {most} figures above {above} has one of the period before", most=most, above=above
            )
        )
        return
    tables = pairs.select(group).n_unique()
    is_same = (pl.col("value") == pl.col("before")).all().over(group)
    is_estimate = pl.col("status").is_in(estimates).fill_null(value=False).any().over(group)
    is_evidence = (pl.col("cells") == 1) | (pl.col("value").rank("ordinal", descending=True).over(group) > 1)
    likely = pl.when(is_evidence).then(chance_of_equal(pl.col("value"))).otherwise(1.0).product().over(group)
    copied = pairs.with_columns(share=pl.lit(1.0)).filter(is_same, ~is_estimate, likely * tables <= chance)
    for rows, before, (cells, part) in of_groups(copied, group, ["cells", "share"]):
        counts = {"count": len(rows), "cells": cells, "share": part}
        yield fault_of_period(check, (rows, before), counts, expected="other figures")


@KINDS.add("SERIES-VARIES")
def series_varies(check: Check) -> Iterable[Fault | NotTestable]:
    """A series does not have the same figure in all its periods, where chance does not make it so; nor only zeros.

    Parameters: `figures`, how many a series has at least; `above`, the figure in printed steps above which they are
    compared; `chance`, how likely chance alone may make any series constant; `zeros`, how many zeros in a row are no
    matter of course in a series that is at all totals but those of the dimensions `parts`; `estimates`, statuses of
    figures that may be carried forward; `units`, `except`.
    """
    parameters = parameters_of_series(check)
    needed, above, zeros = (parameters.integer(name) for name in ("figures", "above", "zeros"))
    chance, parts = decimal(parameters, "chance"), parameters.strings("parts")
    estimates = parameters.strings("estimates")
    parameters.close()
    figures = followed(check).drop_nulls("value").filter(~pl.col("status").is_in(estimates).fill_null(value=False))
    series = figures.group_by("series", maintain_order=True).agg(
        pl.col("row").first(),
        pl.col("row").alias("rows"),
        pl.col("printed").max(),
        value=pl.col("value").max(),
        least=pl.col("value").min(),
        count=pl.len(),
    )
    series = series.filter(pl.col("count") >= needed)
    if series.is_empty():
        yield NotTestable(because("no series has {needed} figures", needed=needed))
        return
    constant = series.filter(pl.col("value") == pl.col("least"))
    likely = chance_of_equal(pl.col("value")) ** (pl.col("count") - 1) * series.height
    repeated = constant.filter(pl.col("value") > above * pl.col("printed"), likely <= chance)
    empty = at_totals(check, constant.filter(pl.col("value") == 0, pl.col("count") >= zeros), parts)
    for (rows,) in pl.concat([repeated, empty]).sort("row").select("rows").iter_rows():
        yield never_changing(check, tuple(rows))


def at_totals(check: Check, series: pl.DataFrame, parts: Iterable[str]) -> pl.DataFrame:
    flow = check.dataset.flow
    codelists = {name: flow.codelist(name) for name in flow.structure.series_key if name not in parts}
    divided = [name for name, codelist in codelists.items() if codelist is not None and TOTAL in codelist]
    keyed = with_keys(check, series, divided)
    return (
        keyed.filter(pl.all_horizontal(pl.col(name) == TOTAL for name in divided)).drop(divided) if divided else keyed
    )


def never_changing(check: Check, rows: tuple[int, ...]) -> Fault:
    """The fault of a series with the same figure in all its periods."""
    value = amount_of(check, rows[0])

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": number(value, language),
            "count": decimals(len(rows), language, 0),
            "period": period_of(check, rows[0]),
            "last": period_of(check, rows[-1]),
        }

    words = in_languages(check.rule, words_in)
    return Fault(
        rows, check.dataset.flow.structure.measure.id, parameters=words, observed=value, expected="figures that vary"
    )
