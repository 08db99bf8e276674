"""Counts of records by groups, or sums of their weights."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import pl
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

WEIGHT = "#weight"


def counted_by(table: NamedTable, by: Sequence[str], weight: str = "") -> Result:
    """How many records there are by some columns, or the sum of their weights; what is not known is ``_U``.

    Columns: those of the groups, value, and with weights persons, on how many records each sum rests. Raises
    `SdmxmigError` for a weight that is not above 0, and for a record that has the code of all together.
    """
    check_columns(table, [*by, *([weight] if weight else [])])
    if {VALUE, PERSONS} & set(by) or len(set(by)) < len(by):
        raise SdmxmigError(f"Nothing is counted by {VALUE} or {PERSONS}, or twice by one column.", hint="Leave it out.")
    if table.frame.is_empty():
        raise SdmxmigError(f"{table.name} has no rows.", hint="Give a table with rows.")
    codes = table.frame.select(pl.col(column).cast(pl.String).fill_null("_U") for column in by)
    for column in by:
        hint = f"Give each record a code of its own; {TOTAL_CODE} is all together."
        check_rows(table, codes[column] == TOTAL_CODE, f"{column} is {TOTAL_CODE}", hint)
    rows = codes.with_columns(pl.Series(WEIGHT, numbers(table, weight, is_above_zero=True))) if weight else codes
    sums = [pl.len().cast(pl.Float64).alias(VALUE)]
    if weight:
        sums = [pl.col(WEIGHT).sum().alias(VALUE), pl.len().alias(PERSONS)]
    if by:
        counts = rows.group_by(by, maintain_order=True).agg(sums).sort(by)
    else:
        counts = rows.select(sums) if weight else pl.DataFrame({VALUE: [float(table.frame.height)]})
    words = f"{table.name} counted by {', '.join(by)}" if by else f"{table.name} counted"
    return Result(counts, (Note(words + (f", weighted by {weight}" if weight else "")),))
