"""Datasets as pandas, polars and Arrow tables, and back.

A table has one row an observation and one column a component, attributes of every level repeated, all of it text:
codes such as ``01`` and ``NA`` survive.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from sdmxmig.errors import MissingLibrary
from sdmxmig.formats import FORMATS, data_bytes, read_all
from sdmxmig.interchange import HEADER
from sdmxmig.lazily import later
from sdmxmig.model.data import Dataset, Flow

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
else:
    pd = later("pandas")
    pl = later("polars")
FORMAT = "sdmx-csv-2.0"
OWN_COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION")


def to_polars(dataset: Dataset) -> pl.DataFrame:
    """A dataset as a polars table of text; null means not sent."""
    content = data_bytes(FORMATS[FORMAT], [dataset], HEADER)
    return pl.read_csv(io.BytesIO(content), infer_schema=False).drop(OWN_COLUMNS)


def to_pandas(dataset: Dataset) -> pd.DataFrame:
    """A dataset as a pandas table of text; ``None`` means not sent.

    Columns are those of the data structure: dimensions, measures, attributes.
    """
    table = to_polars(dataset)
    return pd.DataFrame(table.to_dict(as_series=False), columns=table.columns, dtype=object)


def to_arrow(dataset: Dataset) -> Any:
    """A dataset as an Arrow table of text; raises `MissingLibrary` if pyarrow is not installed."""
    try:
        return to_polars(dataset).to_arrow()
    except ImportError as error:
        raise MissingLibrary("Arrow tables need pyarrow.", hint="Install it: pip install sdmxmig[exchange]") from error


def from_polars(table: pl.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """A dataset from a polars table whose columns are components of the flow; every value is taken as text.

    Raises `InputError` for a column that the structure does not have, or a dimension that is missing.
    """
    named = table.select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(flow.dataflow.ref.short).alias("STRUCTURE_ID"),
        pl.lit(action).alias("ACTION"),
        pl.all().cast(pl.String),
    )
    return read_all(FORMATS[FORMAT], "table", named.write_csv().encode(), {flow.id: flow})[0]


def from_pandas(table: pd.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """A dataset from a pandas table whose columns are components of the flow; missing values are not sent.

    Numbers are written as pandas writes them: give text where digits matter. Raises `InputError` as `from_polars`.
    """
    texts = {
        str(name): [
            None if missing else str(value) for value, missing in zip(table[name], table[name].isna(), strict=True)
        ]
        for name in table.columns
    }
    return from_polars(pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)), flow, action=action)
