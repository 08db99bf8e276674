"""Datasets to SDMX-CSV 2.0."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_csv.columns import LEADING, component_ids
from sdmxmig.formats.shapes import tables
from sdmxmig.model.data import Dataset


def write_data(datasets: Sequence[Dataset]) -> bytes:
    """Write datasets as one table.

    Columns: STRUCTURE, STRUCTURE_ID, ACTION, then dimensions, measures and attributes (observation, series, dataset)
    of the structure; several structures share the columns of one name. UTF-8, comma, one line feed a row.

    Raises `SdmxmigError` if there is no dataset, or two of one dataflow and action, which could not be told apart.
    """
    if not datasets:
        raise SdmxmigError("There is no dataset to write.", hint="Convert at least one table first.")
    named = [(dataset.flow.dataflow.ref, dataset.action) for dataset in datasets]
    for ref, action in named:
        if named.count((ref, action)) > 1:
            hint = "SDMX-CSV cannot tell them apart: merge them first."
            raise SdmxmigError(f"There are two datasets of {ref.short} with the action {action}.", hint=hint)
    columns = list(dict.fromkeys(name for one in datasets for name in component_ids(one.flow.structure)))
    lines = [",".join([*LEADING, *columns])]
    for dataset in datasets:
        lines += row_texts(table_of(dataset), columns)
    return ("\n".join(lines) + "\n").encode()


def table_of(dataset: Dataset) -> pl.DataFrame:
    """A dataset as one flat table with all columns of its structure and the leading ones."""
    structure, key = dataset.flow.structure, list(dataset.flow.structure.series_key)
    observations, series = tables(dataset)
    rows = observations.join(series, on=key, how="left", nulls_equal=True, maintain_order="left")
    silent = series.join(observations.select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    rows = pl.concat([rows, silent], how="diagonal")
    if rows.is_empty():
        rows = pl.DataFrame({name: [None] for name in key}, schema=dict.fromkeys(key, pl.String))
    leading = dict(zip(LEADING, ("dataflow", dataset.flow.dataflow.ref.short, dataset.action), strict=True))
    constants = {**leading, **{c.id: dataset.attributes.get(c.id) for c in structure.attributes("dataset")}}
    rows = rows.with_columns(pl.lit(value, pl.String).alias(name) for name, value in constants.items())
    missing = [name for name in component_ids(structure) if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)


def row_texts(table: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """The rows of a table as lines of text; columns that the table does not have are left empty."""
    fields = [quoted(table[name]) if name in table.columns else pl.lit("") for name in (*LEADING, *columns)]
    return table.select(line=pl.concat_str(fields, separator=",")).to_series().to_list()


def quoted(column: pl.Series) -> pl.Expr:
    """A column as fields of RFC 4180: quotation marks where they are needed, and around an empty text."""
    text = pl.lit(column)
    needed = text.str.contains('[",\r\n]') | (text == "") | text.str.contains(r"^\s|\s$")
    marked = pl.format('"{}"', text.str.replace_all('"', '""', literal=True))
    return pl.when(text.is_null()).then(pl.lit("")).when(needed).then(marked).otherwise(text)
