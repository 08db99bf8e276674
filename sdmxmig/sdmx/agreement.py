"""Comparison of the content of two messages: observations with all their attributes."""

from __future__ import annotations

import io
from collections.abc import Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party

PLAIN = FORMATS["sdmx-csv-2.0"]
"""The format in which each observation carries all its attributes in its own row."""
HEADER = Header("AGREEMENT", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))


Message = tuple[str, Sequence[Dataset]]
"""The name of a message and its datasets."""


def disagreement(first_message: Message, second_message: Message) -> str:
    """Describe the first difference between two messages; empty if they have the same content.

    Ignores the order of observations and the level at which attributes are attached.
    """
    first_rows, second_rows = rows_of(first_message[1]), rows_of(second_message[1])
    if set(first_rows.columns) != set(second_rows.columns):
        return f"only one of them has {', '.join(sorted(set(first_rows.columns) ^ set(second_rows.columns)))}"
    second_rows = second_rows.select(first_rows.columns)
    if first_rows.equals(second_rows):
        return ""
    name_of_first, name_of_second = first_message[0], second_message[0]
    only_first = first_rows.join(second_rows, on=first_rows.columns, how="anti")
    only_second = second_rows.join(first_rows, on=first_rows.columns, how="anti")
    key = [name for name in first_rows.columns if name in {*first_message[1][0].flow.structure.key}]
    if not only_first.height or not only_second.height:
        name, extra = (name_of_first, only_first) if only_first.height else (name_of_second, only_second)
        return f"only {name} has {named(extra, key)}" if extra.height else "an observation stands twice in one of them"
    same_key = only_second.filter(pl.all_horizontal(pl.col(name) == only_first[name][0] for name in key))
    if not same_key.height:
        return f"only {name_of_first} has {named(only_first, key)}"
    component = next(name for name in first_rows.columns if only_first[name][0] != same_key[name][0])
    values = f"“{only_first[component][0]}” in {name_of_first} and “{same_key[component][0]}” in {name_of_second}"
    return f"{component} of {named(only_first, key)} is {values}"


def named(rows: pl.DataFrame, key: Sequence[str]) -> str:
    return ".".join(rows.select(key).row(0))


def rows_of(datasets: Sequence[Dataset]) -> pl.DataFrame:
    content = data_bytes(PLAIN, datasets, HEADER)
    rows = pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("")
    return rows.sort(rows.columns)
