"""Rewriting of rows under a wider header that became known later."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.incoming import Incoming
from sdmxmig.sdmx.formats.sdmx_csv.cells import read_cells, write_cells
from sdmxmig.sdmx.formats.sdmx_csv.columns import Column
from sdmxmig.sdmx.formats.sdmx_csv.text import PIECE, TextPiece, whole_records
from sdmxmig.sdmx.formats.sdmx_csv.versions import LABEL
from sdmxmig.sdmx.formats.sdmx_csv.written_columns import Head


@dataclass(frozen=True, slots=True)
class TableSlice:
    """A part of a table: the header that it was written for and its size in bytes."""

    head: Head
    size: int


def widened(body: BinaryIO, parts: Sequence[TableSlice], head: Head) -> Iterator[bytes]:
    """All rows of a table under one header, from those of its parts."""
    for part in parts:
        pieces = pieces_of(body, part.size)
        if fields_of(part.head) == fields_of(head) and part.head.languages == head.languages:
            yield from pieces
            continue
        for content, line in whole_records("", Incoming(pieces, "")):
            table = TextPiece("", content, line=line, delimiter=head.layout.delimiter).rows(len(fields_of(part.head)))
            table.columns = fields_of(part.head)
            yield written(respelt(table, part.head, head), head)


def fields_of(head: Head) -> list[str]:
    leading = [f"#{index}" for index in range(len(head.leading_titles()))]
    names = [(name, f"{name}{LABEL}") if head.layout.labels == "name" else (name,) for name in head.columns]
    reported = [f"#report {index}" for index in range(len(head.reported))]
    return [*leading, *(field for pair in names for field in pair), *reported]


def respelt(rows: pl.DataFrame, old_head: Head, head: Head) -> pl.DataFrame:
    """Convert fields to another header: missing columns are empty, single values become lists where needed."""
    columns: list[pl.Series] = []
    for name in fields_of(head):
        if name not in rows.columns:
            columns.append(pl.repeat(None, rows.height, dtype=pl.String, eager=True).alias(name))
            continue
        component_id = name.removesuffix(LABEL)
        cells, languages = rows[name], head.languages.get(component_id)
        if old_head.languages.get(component_id) != languages:
            component, column = (
                old_head.columns[component_id],
                Column(0, component_id, labelled=False, languages=old_head.languages.get(component_id)),
            )
            values = read_cells(cells, component, column, head.inner)
            cells = write_cells(values, component, names=None, languages=languages, inner=head.inner).alias(name)
        columns.append(cells)
    return pl.DataFrame(columns)


def written(rows: pl.DataFrame, head: Head) -> bytes:
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False, separator=head.layout.delimiter)
    return buffer.getvalue()


def pieces_of(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (piece := stream.read(min(size, PIECE))):
        size -= len(piece)
        yield piece
