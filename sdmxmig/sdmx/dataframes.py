"""Datasets as pandas, polars and Arrow tables, and back.

One row per observation, one text column per component; codes such as ``01`` and ``NA`` are preserved. Columns of
attributes with several values hold lists of text, multilingual ones lists of structs (``language``, ``text``).
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sdmxmig.primitives.errors import InputError, MissingLibrary, SdmxmigError, did_you_mean, write_pip_install
from sdmxmig.primitives.lazily import pd, pl
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.sdmx_csv.columns import parse_header, read_cells, write_cells
from sdmxmig.sdmx.formats.sdmx_csv.writing import collect_languages
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.sdmx.model.submission import Header, Party

TABLE_FORMAT = "sdmx-csv-2.0"
TABLE_HEADER = Header("TABLE", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))
"""The header of messages that never leave the memory."""
LIST_SEPARATOR = ";"
VALUE_TYPES = ("text", "float")
TEXT_TYPES = ("String", "Alpha", "AlphaNumeric", "XHTML", "URI")
"""Data types of text measures."""
MISSING_TEXT = "#N/A"
FINDING_COLUMNS: dict[str, Callable[[Finding, str], str]] = {
    "severity": lambda finding, _: finding.severity,
    "rule": lambda finding, _: finding.rule,
    "dataflow": lambda finding, _: finding.flow,
    "place": lambda finding, _: str(finding.place or ""),
    "key": lambda finding, _: " ".join(f"{dimension}={code}" for dimension, code in finding.key),
    "component": lambda finding, _: finding.component,
    "observed": lambda finding, _: finding.observed,
    "expected": lambda finding, _: finding.expected,
    "difference": lambda finding, _: finding.difference,
    "tolerance": lambda finding, _: finding.tolerance,
    "cells": lambda finding, _: str(1 + len(finding.others) if finding.place else 0),
    "what": Finding.sentence,
    "hint": Finding.remedy,
    "state": lambda finding, _: finding.state,
    "justification": lambda finding, _: finding.justification.text if finding.justification else "",
    "fingerprint": lambda finding, _: finding.fingerprint,
}
"""The columns of a table of findings, whose sentences are in a language."""


def to_polars(dataset: Dataset, *, values: str = "text") -> pl.DataFrame:
    """Convert a dataset to polars text, or numbers with ``values="float"``; null means not sent."""
    if values not in VALUE_TYPES:
        raise SdmxmigError(f"Values cannot be “{values}”.", hint=did_you_mean(values, VALUE_TYPES))
    content = data_bytes(FORMATS[TABLE_FORMAT], [dataset], TABLE_HEADER)
    fields = pl.read_csv(io.BytesIO(content), infer_schema=False)
    components = {component.id: component for component in dataset.flow.structure.components}
    header = parse_header("table", fields.columns, components)
    table = pl.DataFrame(
        read_cells(fields.to_series(column.index), components[name], column, header.inner).alias(name)
        for name, column in header.columns.items()
        if name in components
    )
    if values == "text":
        return table
    return table.with_columns(
        parse_numbers(table[name]) for name in list_numeric_measures(dataset) if name in table.columns
    )


def list_numeric_measures(dataset: Dataset) -> list[str]:
    components = dataset.flow.structure.components
    measures = (component for component in components if component.role == "measure")
    return [measure.id for measure in measures if not measure.is_coded and measure.data_type not in TEXT_TYPES]


def parse_numbers(column: pl.Series) -> pl.Series:
    texts = column.replace(MISSING_TEXT, None)
    numbers = texts.cast(pl.Float64, strict=False)
    wrong = texts.filter(numbers.is_null() & texts.is_not_null())
    if len(wrong):
        message = f"{column.name} contains “{wrong[0]}”, which is not a number."
        raise SdmxmigError(message, hint='Keep the values as text (values="text"), or correct the data.')
    return numbers


def to_pandas(dataset: Dataset, *, values: str = "text") -> pd.DataFrame:
    """Convert a dataset to a pandas table of text; ``None`` means not sent.

    Columns are dimensions, measures, attributes. See `to_polars` for `values`.
    """
    table = to_polars(dataset, values=values)
    frame = pd.DataFrame(table.to_dict(as_series=False), columns=table.columns, dtype=object)
    return frame.astype({name: "float64" for name, kind in table.schema.items() if kind == pl.Float64})


def findings_to_pandas(findings: Findings, language: str = "en") -> pd.DataFrame:
    rows = [[value(finding, language) for value in FINDING_COLUMNS.values()] for finding in findings.items]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype=object)


def to_arrow(dataset: Dataset) -> Any:
    try:
        return to_polars(dataset).to_arrow()
    except ImportError as error:
        raise MissingLibrary(
            "Arrow tables need pyarrow.", hint=f"Install it: {write_pip_install('exchange')}"
        ) from error


def format_column(column: pl.Series, flow: Flow) -> pl.Series:
    """Write a column as text; multiple values are joined, and the header is as in SDMX-CSV."""
    if column.dtype == pl.List:
        component = next((component for component in flow.structure.components if component.id == column.name), None)
        if component is None:
            return column.list.len().cast(pl.String)  # no component: not read
        languages = sorted(collect_languages(column)) if component.is_multilingual else []
        fields = write_cells(column, component, None, languages, LIST_SEPARATOR)
        return fields.alias(f"{column.name}[{LIST_SEPARATOR.join(languages)}]")
    if not (column.dtype.is_float() or column.dtype in (pl.Date, pl.Datetime)):
        return column.cast(pl.String)
    if column.dtype == pl.Float32:  # it has fewer digits than Python's number
        column = column.cast(pl.String).cast(pl.Float64)
    texts = [None if value is None else format_value(value, column.name, flow) for value in column]
    return pl.Series(column.name, texts, dtype=pl.String)


def format_value(value: object, component: str, flow: Flow) -> str:
    """Write a table value as text.

    Texts keep their digits. Floats get the shortest exact form, without ``.0``; NaN is kept, infinity rejected.
    Timestamps use ISO 8601; as periods they are rejected, since they could mean a day, month or year.
    """
    if isinstance(value, float):
        if math.isinf(value):
            raise InputError(f"{component} is infinite in a row.", hint="Give a number, or leave the value out.")
        return "NaN" if math.isnan(value) else format_number(value)
    if isinstance(value, dt.date):
        if component == flow.structure.time_id:
            hint = f'Give periods as text, such as 2021 or 2021-03: frame["{component}"].dt.strftime("%Y").'
            raise InputError(f"{component} contains days or moments, which do not identify a period.", hint=hint)
        is_day = not isinstance(value, dt.datetime) or value.time() == dt.time()
        return (value.date() if isinstance(value, dt.datetime) else value).isoformat() if is_day else value.isoformat()
    return str(value)


def format_number(value: float) -> str:
    """Write a float in its shortest exact form without exponent.

    >>> format_number(620.0), format_number(0.1), format_number(1e22)
    ('620', '0.1', '10000000000000000000000')
    """
    text = f"{Decimal(repr(float(value))):f}"
    return text.removesuffix(".0")


def from_polars(table: pl.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """Build a dataset from a polars table of components; values become text.

    Raises `InputError` for an unknown column or missing dimension.
    """
    named = table.select(
        pl.lit("dataflow").alias(f"STRUCTURE[{LIST_SEPARATOR}]"),
        pl.lit(flow.dataflow.ref.short).alias("STRUCTURE_ID"),
        pl.lit(action).alias("ACTION"),
        *(format_column(table[name], flow) for name in table.columns),
    )
    return read_all(FORMATS[TABLE_FORMAT], "table", named.write_csv().encode(), {flow.id: flow})[0]


def from_pandas(table: pd.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """Build a dataset from a pandas table of components; missing values are not sent.

    Values become text; pass text to keep digits. Raises `InputError` like `from_polars`.
    """
    columns = []
    for name in table.columns:
        values = [None if missing else value for value, missing in zip(table[name], table[name].isna(), strict=True)]
        if any(isinstance(value, list) for value in values):
            columns.append(pl.Series(str(name), values))
            continue
        texts = [None if value is None else format_value(value, str(name), flow) for value in values]
        columns.append(pl.Series(str(name), texts, dtype=pl.String))
    return from_polars(pl.DataFrame(columns), flow, action=action)
