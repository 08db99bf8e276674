"""Datasets as pandas, polars and Arrow tables, and back.

A table has one row an observation and one column a component, attributes of every level repeated, all of it text:
codes such as ``01`` and ``NA`` survive.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from decimal import Decimal
from typing import Any

from sdmxmig.primitives.errors import InputError, MissingLibrary, SdmxmigError, did_you_mean, pip_install
from sdmxmig.primitives.lazily import pd, pl
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.interchange import HEADER
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Findings

FORMAT = "sdmx-csv-2.0"
OWN_COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
VALUES = ("text", "float")
TEXTS = ("String", "Alpha", "AlphaNumeric", "XHTML", "URI")
"""Data types of measures that are no numbers."""
MISSING = "#N/A"
FINDING_COLUMNS = (
    *("severity", "rule", "dataflow", "place", "key", "component", "observed", "expected", "difference", "tolerance"),
    *("cells", "what", "hint", "state", "justification", "fingerprint"),
)


def to_polars(dataset: Dataset, *, values: str = "text") -> pl.DataFrame:
    """A dataset as a polars table of text; null means not sent.

    With `values` ``float`` the measures are numbers. Raises `SdmxmigError` naming a value that is none.
    """
    if values not in VALUES:
        raise SdmxmigError(f"Values cannot be “{values}”.", hint=did_you_mean(values, VALUES))
    content = data_bytes(FORMATS[FORMAT], [dataset], HEADER)
    table = pl.read_csv(io.BytesIO(content), infer_schema=False).drop(OWN_COLUMNS)
    if values == "text":
        return table
    return table.with_columns(numbers_of(table[name]) for name in numeric_measures(dataset) if name in table.columns)


def numeric_measures(dataset: Dataset) -> list[str]:
    """The measures of a dataset that are no codes and no plain texts."""
    components = dataset.flow.structure.components
    measures = (component for component in components if component.role == "measure")
    return [measure.id for measure in measures if not measure.is_coded and measure.data_type not in TEXTS]


def numbers_of(column: pl.Series) -> pl.Series:
    """A column of text as floating-point numbers; raises `SdmxmigError` naming the first text that is none."""
    texts = column.replace(MISSING, None)
    numbers = texts.cast(pl.Float64, strict=False)
    wrong = texts.filter(numbers.is_null() & texts.is_not_null())
    if len(wrong):
        message = f"“{wrong[0]}” is no number, in {column.name}."
        raise SdmxmigError(message, hint='Take the values as they are, values="text", or mend the data.')
    return numbers


def to_pandas(dataset: Dataset, *, values: str = "text") -> pd.DataFrame:
    """A dataset as a pandas table of text; ``None`` means not sent.

    Columns are those of the data structure: dimensions, measures, attributes. `values` are as `to_polars` has them.
    """
    table = to_polars(dataset, values=values)
    frame = pd.DataFrame(table.to_dict(as_series=False), columns=table.columns, dtype=object)
    return frame.astype({name: "float64" for name, kind in table.schema.items() if kind == pl.Float64})


def findings_to_pandas(findings: Findings, language: str = "en") -> pd.DataFrame:
    """Findings as a pandas table of text, one row a finding."""
    rows = [
        {
            "severity": finding.severity,
            "rule": finding.rule,
            "dataflow": finding.flow,
            "place": str(finding.place or ""),
            "key": " ".join(f"{dimension}={code}" for dimension, code in finding.key),
            "component": finding.component,
            "observed": finding.observed,
            "expected": finding.expected,
            "difference": finding.difference,
            "tolerance": finding.tolerance,
            "cells": str(1 + len(finding.others) if finding.place else 0),
            "what": finding.sentence(language),
            "hint": finding.remedy(language),
            "state": finding.state,
            "justification": finding.justification.text if finding.justification else "",
            "fingerprint": finding.fingerprint,
        }
        for finding in findings.items
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype=object)


def to_arrow(dataset: Dataset) -> Any:
    """A dataset as an Arrow table of text; raises `MissingLibrary` if pyarrow is not installed."""
    try:
        return to_polars(dataset).to_arrow()
    except ImportError as error:
        raise MissingLibrary("Arrow tables need pyarrow.", hint=f"Install it: {pip_install('exchange')}") from error


def as_text(column: pl.Series, flow: Flow) -> pl.Series:
    """A column as text; of numbers and times each one as `written`."""
    if not (column.dtype.is_float() or column.dtype in (pl.Date, pl.Datetime)):
        return column.cast(pl.String)
    if column.dtype == pl.Float32:  # which has fewer digits than the number that Python makes of it
        column = column.cast(pl.String).cast(pl.Float64)
    texts = [None if value is None else written(value, column.name, flow) for value in column]
    return pl.Series(column.name, texts, dtype=pl.String)


def written(value: object, component: str, flow: Flow) -> str:
    """A value of a table as the text that is sent.

    A text keeps its digits. A floating-point number is written with the fewest digits that give it back, and without
    ``.0`` if it is whole; not a number is kept, infinite ones are refused. A moment is written by ISO 8601; as a
    period it is refused, since it does not say whether a day, a month or a year is meant.
    """
    if isinstance(value, float):
        if math.isinf(value):
            raise InputError(f"{component} is infinite in a row.", hint="Give a number, or leave the value out.")
        return "NaN" if math.isnan(value) else plain_number(value)
    if isinstance(value, dt.date):
        if component == (flow.structure.time.id if flow.structure.time else ""):
            hint = f'Give periods as text, such as 2021 or 2021-03: frame["{component}"].dt.strftime("%Y").'
            raise InputError(f"{component} holds days or moments, which do not say what period is meant.", hint=hint)
        is_day = not isinstance(value, dt.datetime) or value.time() == dt.time()
        return (value.date() if isinstance(value, dt.datetime) else value).isoformat() if is_day else value.isoformat()
    return str(value)


def plain_number(value: float) -> str:
    """The fewest digits that give a floating-point number back, without an exponent.

    >>> plain_number(620.0), plain_number(0.1), plain_number(1e22)
    ('620', '0.1', '10000000000000000000000')
    """
    text = f"{Decimal(repr(float(value))):f}"
    return text.removesuffix(".0")


def from_polars(table: pl.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """A dataset from a polars table whose columns are components of the flow; every value becomes text, as `written`.

    Raises `InputError` for a column that the structure does not have, or a dimension that is missing.
    """
    named = table.select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(flow.dataflow.ref.short).alias("STRUCTURE_ID"),
        pl.lit(action).alias("ACTION"),
        *(as_text(table[name], flow) for name in table.columns),
    )
    return read_all(FORMATS[FORMAT], "table", named.write_csv().encode(), {flow.id: flow})[0]


def from_pandas(table: pd.DataFrame, flow: Flow, *, action: str = "R") -> Dataset:
    """A dataset from a pandas table whose columns are components of the flow; missing values are not sent.

    Values become text, as `written`: give text where digits matter. Raises `InputError` as `from_polars`.
    """
    texts = {
        str(name): [
            None if missing else written(value, str(name), flow)
            for value, missing in zip(table[name], table[name].isna(), strict=True)
        ]
        for name in table.columns
    }
    return from_polars(pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)), flow, action=action)
