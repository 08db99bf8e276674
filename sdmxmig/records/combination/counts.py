"""Counts of records and sums of weights by group."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.combination.margins import check_not_negative
from sdmxmig.records.combination.tables import (
    PERSONS,
    TOTAL_CODE,
    VALUE,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    numbers,
)

ROW, WEIGHT = "#row", "#weight"


def counted_by(table: NamedTable, by: Sequence[str], weight: str = "") -> Result:
    """Count records, or sum weights, by columns; unknown is ``_U``.

    Columns: groups, value and, with weights, persons. Raises `SdmxmigError` for weights not above 0 and for total
    codes.
    """
    check_columns(table, [*by, *([weight] if weight else [])])
    codes = codes_by(table, by)
    each = numbers(table, weight, is_above_zero=True) if weight else np.ones(table.frame.height)
    sums = [pl.col(WEIGHT).sum().alias(VALUE), *([pl.len().alias(PERSONS)] if weight else [])]
    words = f"{table.name} counted by {', '.join(by)}" if by else f"{table.name} counted"
    counts = summed(codes.with_columns(pl.Series(WEIGHT, each)), by, sums)
    return Result(counts, (Note(words + (f", weighted by {weight}" if weight else "")),))


def figures_by(table: NamedTable, by: Sequence[str]) -> Result:
    """Add figures by columns; unknown is ``_U``.

    Raises `SdmxmigError` for negative figures and total rows.
    """
    check_columns(table, [*by, VALUE])
    further = [PERSONS] if PERSONS in table.frame.columns else []
    codes_by(table, [column for column in table.frame.columns if column not in (VALUE, PERSONS)])  # no row of totals
    check_not_negative(table)
    each = [pl.Series(column, numbers(table, column)) for column in (VALUE, *further)]
    sums = [pl.col(column).sum() for column in (VALUE, *further)]
    words = f"figures of {table.name} summed" + (f" by {', '.join(by)}" if by else "")
    return Result(summed(codes_by(table, by).with_columns(each), by, sums), (Note(words),))


def codes_by(table: NamedTable, by: Sequence[str]) -> pl.DataFrame:
    if {VALUE, PERSONS} & set(by) or len(set(by)) < len(by):
        raise SdmxmigError(f"Nothing is counted by {VALUE} or {PERSONS}, or twice by one column.", hint="Leave it out.")
    if table.frame.is_empty():
        raise SdmxmigError(f"{table.name} has no rows.", hint="Give a table with rows.")
    codes = table.frame.select(
        pl.int_range(pl.len()).alias(ROW), *(pl.col(column).cast(pl.String).fill_null("_U") for column in by)
    )
    for column in by:
        hint = f"Give each row a code of its own; {TOTAL_CODE} is all together."
        check_rows(table, codes[column] == TOTAL_CODE, f"{column} is {TOTAL_CODE}", hint)
    return codes


def summed(rows: pl.DataFrame, by: Sequence[str], sums: Sequence[pl.Expr]) -> pl.DataFrame:
    return rows.group_by(by, maintain_order=True).agg(sums).sort(by) if by else rows.select(sums)
