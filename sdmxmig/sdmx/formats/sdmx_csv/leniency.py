"""The records of a table, read at once or one by one; leniently, its text in UTF-8 and those that can be read."""

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
"""How many lines a record may have in a piece where quotation marks do not match."""


def in_utf_8(name: str, content: BinaryIO, faults: Faults) -> BinaryIO:
    """A file converted to UTF-8; that it was in another encoding is noted."""
    return cast("BinaryIO", Pieces(decoded(name, content, faults)))


@dataclass(frozen=True, slots=True, eq=False)
class ReadableRecords(TextPiece):
    """The records of a piece that can be read; `lines` are those in which they begin."""

    _: KW_ONLY
    lines: tuple[int, ...] = ()

    def line_of(self, record: int) -> int:
        """The line in which a record begins, counted from 0 in this piece."""
        return self.lines[record]


PieceRows = tuple[TextPiece, pl.DataFrame]
"""A piece of a table, or what of it can be read, and its rows."""


@dataclass(frozen=True, slots=True)
class TableReader:
    """The fast reader of records (`RunReader`): all records of a piece at once, if each has `width` fields."""

    width: int

    def read(self, piece: TextPiece, /) -> PieceRows | None:
        """The rows of a piece; None if something is wrong with one of its records."""
        try:
            return piece, piece.rows(self.width)
        except InputError:
            return None


@dataclass(frozen=True, slots=True)
class RecordReader:
    """The careful reader of records (`CarefulReader`): those that have `width` fields."""

    width: int
    faults: Faults | None = None

    def read(self, piece: TextPiece, /) -> PieceRows:
        """The records that can be read; notes what is wrong with the others, or raises it if there are no `faults`."""
        if self.faults is None:
            return piece, piece.rows(self.width)
        return sorted_rows(piece, self.width, self.faults)


def readable(piece: TextPiece, width: int, faults: Faults | None = None) -> PieceRows:
    """The piece and its rows; if something is wrong with it, those of its records that have `width` fields.

    What is wrong is noted with its line, or raised if there are no `faults`: quotation marks without partner, rows of
    another length, and characters that no text may hold, which become blanks. Empty fields beyond the last column are
    dropped.
    """
    piece, rows = read_run(TableReader(width), RecordReader(width, faults), piece)
    return piece, without_forbidden(piece, rows, faults)


def sorted_rows(piece: TextPiece, width: int, faults: Faults) -> tuple[ReadableRecords, pl.DataFrame]:
    """Those records of a piece that have `width` fields, and their rows; what is wrong with the others is noted."""
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
    """The records with the lines in which they begin; a quotation mark that never closes ends with its line."""
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
