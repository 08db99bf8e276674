"""Years as sums of months or quarters."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.figures import FIGURE, figures
from sdmxmig.quality.rules.parts import DimensionBreakdown
from sdmxmig.quality.rules.reasons import because
from sdmxmig.quality.rules.totals import fault
from sdmxmig.sdmx.model.findings import Fault, NotTestable

FREQUENCY, YEARLY, YEAR = "FREQ", "A", "year"
PARTS_OF_A_YEAR = {"S": 2, "H": 2, "T": 3, "Q": 4, "M": 12}


@KINDS.add("YEAR-IS-SUM")
def year_is_sum(check: Check) -> Iterable[Fault | NotTestable]:
    """The figure of a year is the sum of its months, quarters or other parts, and nowhere less than those reported.

    Parameter `except`: codes by dimension of what is counted at a moment, such as people under protection, whose
    months do not add up. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    parameters.table("except")
    parameters.close()
    structure = check.dataset.flow.structure
    if structure.time is None or FREQUENCY not in structure.series_key:
        yield NotTestable(because("{flow} has no periods of several frequencies", flow=check.dataset.flow.id))
        return
    time = structure.time.id
    frequencies = set(check.books[0].codes(FREQUENCY))
    if YEARLY not in frequencies or not frequencies & PARTS_OF_A_YEAR.keys():
        yield NotTestable(because("no year is reported together with its months or quarters"))
        return
    sums = added_up(check, time)
    if sums.is_empty():
        yield NotTestable(because("no year is reported together with its months or quarters"))
    more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
    less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
    wrong = sums.filter(more | (less & (pl.col("known") == pl.col("needed"))))
    of = DimensionBreakdown((time,), YEARLY)
    for row in wrong.iter_rows(named=True):
        yield fault(check, of, structure.measure.id, row)


def added_up(check: Check, time: str) -> pl.DataFrame:
    """Each year with the sum of its parts of each frequency."""
    others = [name for name in check.dataset.flow.structure.series_key if name != FREQUENCY]
    frame = figures(check).with_columns(pl.col(time).str.head(4).alias(YEAR))
    years = frame.filter(pl.col(FREQUENCY) == YEARLY, pl.col("amount").is_not_null())
    parts = frame.filter(pl.col(FREQUENCY).is_in(list(PARTS_OF_A_YEAR)), pl.col("amount").is_not_null()).sort(
        time, maintain_order=True
    )
    return (
        parts.group_by(*others, YEAR, FREQUENCY, maintain_order=True)
        .agg(
            sum=pl.col("amount").sum(),
            known=pl.len().cast(pl.Int32),
            slack_of_parts=pl.col("slack").sum(),
            codes=pl.col(time),
            texts=pl.col("text"),
            rows=pl.col("row"),
        )
        .with_columns(needed=pl.col(FREQUENCY).replace_strict(PARTS_OF_A_YEAR, return_dtype=pl.Int32))
        .join(
            years.select(*others, YEAR, *FIGURE),
            on=[*others, YEAR],
            how="inner",
            nulls_equal=True,
            maintain_order="right",
        )
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )
