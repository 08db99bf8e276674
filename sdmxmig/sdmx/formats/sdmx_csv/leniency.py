"""Records of a table, read at once or one by one; lenient reading keeps the readable ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import BinaryIO, cast

import polars as pl

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.run_reading import read_run
from sdmxmig.sdmx.formats.sdmx_csv.forbidden import without_forbidden
from sdmxmig.sdmx.formats.sdmx_csv.text import TextPiece
from sdmxmig.sdmx.formats.xml_repair import Pieces, decoded

LONGEST_RECORD = 50
"""Maximum number of lines of a record if quotation marks do not match."""


def in_utf_8(name: str, content: BinaryIO, faults: Faults) -> BinaryIO:
    return cast("BinaryIO", Pieces(decoded(name, content, faults)))


@dataclass(frozen=True, slots=True, eq=False)
class ReadableRecords(TextPiece):
    """The readable records of a piece, and the lines in which they begin."""

    _: KW_ONLY
    lines: tuple[int, ...] = ()

    def line_of(self, record: int) -> int:
        return self.lines[record]


PieceRows = tuple[TextPiece, pl.DataFrame]
"""A piece of a table, or its readable part, and its rows."""


@dataclass(frozen=True, slots=True)
class TableReader:
    """The fast reader of records (`RunReader`), for pieces whose records all have `width` fields."""

    width: int

    def read(self, piece: TextPiece, /) -> PieceRows | None:
        try:
            return piece, piece.rows(self.width)
        except InputError:
            return None


@dataclass(frozen=True, slots=True)
class RecordReader:
    """The careful reader of records (`CarefulReader`), which keeps those with `width` fields."""

    width: int
    faults: Faults | None = None

    def read(self, piece: TextPiece, /) -> PieceRows:
        if self.faults is None:
            return piece, piece.rows(self.width)
        return sorted_rows(piece, self.width, self.faults)


def readable(piece: TextPiece, width: int, faults: Faults | None = None) -> PieceRows:
    """Return a piece and its rows, keeping records with `width` fields.

    Records, or raises without `faults`: unmatched quotation marks, other record lengths and forbidden characters, which
    become blanks. Empty trailing fields are dropped.
    """
    piece, rows = read_run(TableReader(width), RecordReader(width, faults), piece)
    return piece, without_forbidden(piece, rows, faults)


def sorted_rows(piece: TextPiece, width: int, faults: Faults) -> tuple[ReadableRecords, pl.DataFrame]:
    records: list[bytes] = []
    lines: list[int] = []
    for record, line in records_of(piece):
        content = whole_record(TextPiece(piece.name, record, line=line, delimiter=piece.delimiter), width, faults)
        if content:
            records.append(content)
            lines.append(line)
    sorted_piece = ReadableRecords(
        piece.name, b"".join(records), line=piece.line, delimiter=piece.delimiter, lines=tuple(lines)
    )
    empty = pl.DataFrame(schema={str(index): pl.String for index in range(width)})
    return sorted_piece, sorted_piece.rows(width) if records else empty


def records_of(piece: TextPiece) -> Iterator[tuple[bytes, int]]:
    """Split a piece into records with their first lines; an unclosed quotation ends with its line."""
    lines = piece.content.splitlines(keepends=True) if b"\r" not in piece.content else piece.content.split(b"\n")
    lines = [line if line.endswith(b"\n") else line + b"\n" for line in lines if line]
    at = 0
    while at < len(lines):
        end, quotes = at + 1, lines[at].count(b'"')
        while quotes % 2 and end < min(len(lines), at + LONGEST_RECORD):
            quotes += lines[end].count(b'"')
            end += 1
        end = at + 1 if quotes % 2 else end
        yield b"".join(lines[at:end]), piece.line + at
        at = end


def whole_record(record: TextPiece, width: int, faults: Faults) -> bytes:
    """A record with the right number of fields; empty if it has not, which is noted."""
    delimiter, content = record.delimiter.encode(), record.content
    try:
        fields = record.width() if b'"' in content else content.count(delimiter) + 1
    except InputError as error:
        faults.note(error)
        return b""
    if fields == width:
        return content
    message = f"Fields in this row: {fields}; columns: {width}."
    place = Place(record.name, line=record.line, column=min(fields, width) + 1)
    faults.note(InputError(message, place, "Every row needs one field for each column."))
    bare, beyond = content.rstrip(b"\r\n"), delimiter * (fields - width)
    return bare.removesuffix(beyond) + b"\n" if beyond and bare.endswith(beyond) else b""
