"""Whether two messages say the same: every observation with its value and all its attributes, wherever these stand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdmxmig.formats import FORMATS, data_bytes
from sdmxmig.lazily import later
from sdmxmig.model.data import Dataset
from sdmxmig.model.submission import Header, Party

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

PLAIN = FORMATS["sdmx-csv-2.0"]
"""The form in which every observation has all that is said of it in its own row."""
HEADER = Header("AGREEMENT", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))


Message = tuple[str, Sequence[Dataset]]
"""The name of a message and what it says."""


def disagreement(one: Message, other: Message) -> str:
    """The first thing in which two messages differ, in words; empty if they say the same.

    The order of observations, and where an attribute is attached, make no difference.
    """
    first, second = rows_of(one[1]), rows_of(other[1])
    if set(first.columns) != set(second.columns):
        return f"only one of them has {', '.join(sorted(set(first.columns) ^ set(second.columns)))}"
    second = second.select(first.columns)
    if first.equals(second):
        return ""
    ours, theirs = (
        left.join(right, on=first.columns, how="anti") for left, right in ((first, second), (second, first))
    )
    key = [name for name in first.columns if name in {*one[1][0].flow.structure.key}]
    if not ours.height or not theirs.height:
        which, rows = (one[0], ours) if ours.height else (other[0], theirs)
        return f"only {which} has {named(rows, key)}" if rows.height else "an observation stands twice in one of them"
    same = theirs.filter(pl.all_horizontal(pl.col(name) == ours[name][0] for name in key))
    if not same.height:
        return f"only {one[0]} has {named(ours, key)}"
    name = next(name for name in first.columns if ours[name][0] != same[name][0])
    return f"{name} of {named(ours, key)} is “{ours[name][0]}” in {one[0]} and “{same[name][0]}” in {other[0]}"


def named(rows: pl.DataFrame, key: Sequence[str]) -> str:
    """The key of the first row, as people write it."""
    return ".".join(rows.select(key).row(0))


def rows_of(datasets: Sequence[Dataset]) -> pl.DataFrame:
    """All that a message says, one row an observation, in an order of its own."""
    content = data_bytes(PLAIN, datasets, HEADER)
    rows = pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("")
    return rows.sort(rows.columns)
