"""Where values stand in a table."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from sdmxmig.errors import InputError
from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_csv.columns import Column, Header, parse_header
from sdmxmig.formats.sdmx_csv.leniency import in_utf_8, readable
from sdmxmig.formats.sdmx_csv.text import open_text
from sdmxmig.formats.sdmx_csv.versions import DATAFLOW, LABEL, V1_0, V2_0
from sdmxmig.formats.seeking import Sought, told
from sdmxmig.places import Place


def seek(name: str, content: bytes, sought: Sequence[Sought]) -> list[list[Place]]:
    """The lines and columns of what is sought; what stands in no row is at the header."""
    passed = Faults()  # they were told when the file was read
    version = V1_0 if DATAFLOW.encode() in content[:20] else V2_0
    found: list[list[Place]] = [[] for _ in sought]
    try:
        texts, pieces = open_text(name, in_utf_8(name, io.BytesIO(content), passed), version)
        header = parse_header(
            name, texts, {part for one in sought for part in (one.component, *one.where)}, faults=passed
        )
        for piece in pieces:
            own, rows = readable(piece, len(texts), passed)
            for one, places in zip(sought, found, strict=True):
                column = header.columns.get(one.component)
                for row in fitting(rows, one, header)[: one.skipped + one.most - len(places)]:
                    places.append(Place(name, line=own.line_of(row), column=column.index + 1 if column else 0))
    except InputError:
        pass
    return [places or [Place(name, line=1)] for places in told(sought, found)]


def fitting(rows: pl.DataFrame, sought: Sought, header: Header) -> list[int]:
    """The numbers of the rows in which all values stand."""
    conditions = []
    for component, value in sought.where.items():
        column = header.columns.get(component)
        if column is not None:
            conditions.append(holds(column, value, header.inner))
        elif value is not None:
            return []
    if not conditions or not rows.height:
        return []
    return rows.select(pl.all_horizontal(conditions).arg_true()).to_series().to_list()


def holds(column: Column, value: str | None, inner: str) -> pl.Expr:
    """Whether a field has a value, alone, with its label, or among others."""
    cells = pl.col(str(column.index))
    if value is None:
        return cells.is_null()
    if column.languages is not None:
        return cells.str.split(inner).list.contains(value).fill_null(value=False)
    plain = cells == value
    return (plain | cells.str.starts_with(f"{value}{LABEL}")).fill_null(value=False) if column.labelled else plain
