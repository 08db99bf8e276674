"""Locations of values in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Sought, limited_places
from sdmxmig.sdmx.formats.sdmx_csv.columns import DATAFLOW, LABEL, V1_0, V2_0, Column, TableHeader, parse_header
from sdmxmig.sdmx.formats.sdmx_csv.text import BYTE_ORDER_MARK, in_utf_8, open_text, readable
from sdmxmig.sdmx.model.data import Flow

ROW = "#row"
FEW = 8


def locate(message: KeptMessage, sought: Sequence[Sought], _: Mapping[str, Flow]) -> list[list[Place]]:
    """Return lines and columns of the values; values in no row get the place of the header."""
    passed, name = Faults(), message.name  # faults were listed when the file was read
    version = V1_0 if DATAFLOW.encode() in message.again().read(len(DATAFLOW) + len(BYTE_ORDER_MARK) + 1) else V2_0
    places_by_number: list[list[Place]] = [[] for _ in sought]
    pending = dict(enumerate(sought))
    try:
        texts, pieces = open_text(name, in_utf_8(name, message.again(), passed), version)
        header = parse_header(
            name, texts, {part for values in sought for part in (values.component, *values.where)}, faults=passed
        )
        for piece in pieces:
            readable_piece, rows = readable(piece, len(texts), passed)
            rows = rows.with_row_index(ROW)
            for number in candidates(rows, pending, header):
                target, places = pending[number], places_by_number[number]
                column = header.columns.get(target.component)
                for row in fitting(rows, target, header)[: target.skipped + target.most - len(places)]:
                    places.append(
                        Place(name, line=readable_piece.line_of(row), column=column.index + 1 if column else 0)
                    )
                if len(places) >= target.skipped + target.most:
                    del pending[number]
            if not pending:
                break
    except InputError:
        pass
    return [places or [Place(name, line=1)] for places in limited_places(sought, places_by_number)]


def candidates(rows: pl.DataFrame, pending: Mapping[int, Sought], header: TableHeader) -> list[int]:
    """Find the values that may be in these rows, a quick filter for thousands of values and pieces."""
    if len(pending) <= FEW:
        return list(pending)
    present: dict[str, set[str | None]] = {}
    numbers = []
    for number, target in pending.items():
        column = header.columns.get(target.component)
        if column is not None and not column.labelled and column.languages is None:
            name = str(column.index)
            if name not in present:
                present[name] = set(rows[name].unique().to_list())
            if target.where.get(target.component) not in present[name]:
                continue
        numbers.append(number)
    return numbers


def fitting(rows: pl.DataFrame, sought: Sought, header: TableHeader) -> list[int]:
    """Return the numbers of the rows that contain all values."""
    conditions = []
    for component, value in sought.where.items():
        column = header.columns.get(component)
        if column is not None:
            conditions.append(holds(column, value, header.inner))
        elif value is not None:
            return []
    if not conditions or not rows.height:
        return []
    return rows.filter(conditions)[ROW].to_list()


def holds(column: Column, value: str | None, inner: str) -> pl.Expr:
    cells = pl.col(str(column.index))
    if value is None:
        return cells.is_null()
    if column.languages is not None:
        return cells.str.split(inner).list.contains(value).fill_null(value=False)
    plain = cells == value
    return (plain | cells.str.starts_with(f"{value}{LABEL}")).fill_null(value=False) if column.labelled else plain
