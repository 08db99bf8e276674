"""Whether two messages say the same: every observation with its value and all its attributes, wherever these stand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdmxmig.formats import FORMATS, data_bytes
from sdmxmig.model.data import Dataset
from sdmxmig.model.submission import Header, Party

if TYPE_CHECKING:
    import polars as pl

PLAIN = FORMATS["sdmx-csv-2.0"]
"""The form in which every observation has all that is said of it in its own row."""
HEADER = Header("AGREEMENT", "1970-01-01T00:00:00+00:00", Party("SDMXMIG"))


def disagreement(one: Sequence[Dataset], other: Sequence[Dataset]) -> str:
    """The first thing in which two messages differ, in words (first what `one` says); empty if they say the same.

    The order of observations, and where an attribute is attached, make no difference.
    """
    import polars as pl

    first, second = rows_of(one), rows_of(other)
    if set(first.columns) != set(second.columns):
        names = ", ".join(sorted(set(first.columns) ^ set(second.columns)))
        return f"only one of them has {names}"
    second = second.select(first.columns)
    if first.equals(second):
        return ""
    columns = first.columns
    ours = first.join(second, on=columns, how="anti").head(1)
    theirs = second.join(first, on=columns, how="anti")
    key = [name for name in columns if name in {*one[0].flow.structure.key}]
    if not ours.height:
        return f"{counted_more(first, second)}; the other has {named(theirs, key)} too"
    same = theirs.filter(pl.all_horizontal(pl.col(name) == ours[name][0] for name in key)).head(1)
    if not same.height:
        return f"only one of them has {named(ours, key)}"
    name = next(name for name in columns if ours[name][0] != same[name][0])
    return f"{name} of {named(ours, key)} is “{ours[name][0]}” in one and “{same[name][0]}” in the other"


def counted_more(first: pl.DataFrame, second: pl.DataFrame) -> str:
    """How many observations each message has."""
    return f"one has {first.height:,} observations, the other {second.height:,}"


def named(rows: pl.DataFrame, key: Sequence[str]) -> str:
    """The key of the first row, as people write it."""
    return ".".join(rows.select(key).row(0)) if rows.height else "one of them twice"


def rows_of(datasets: Sequence[Dataset]) -> pl.DataFrame:
    """All that a message says, one row an observation, in an order of its own."""
    import polars as pl

    content = data_bytes(PLAIN, datasets, HEADER)
    rows = pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("")
    return rows.sort(rows.columns)
