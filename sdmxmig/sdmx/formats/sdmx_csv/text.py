"""The text of a CSV file in pieces, with checks of encoding, delimiter, quotation and row lengths.

Records are read at once or one by one; lenient reading keeps the readable ones, and replaces characters that messages
may not contain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from polars.exceptions import PolarsError

from sdmxmig.io.intake.files import LINE_FEED, count_byte
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import FORBIDDEN, Deviation, Faults, build_character_error, report_fault
from sdmxmig.sdmx.formats.sdmx_csv.columns import DATAFLOW, DELIMITERS, FIRST_CELL, STRUCTURE, CsvVersion
from sdmxmig.sdmx.formats.xml_repair import Pieces, decode_stream, may_be_forbidden

if TYPE_CHECKING:
    import numpy.typing as npt

PIECE_BYTES = 1 << 22
"""Number of bytes read at once, sized for processor caches; a record has at most twice as many."""

OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
QUOTE, RETURN = ord('"'), ord("\r")
MAX_SMALL_BYTES = 100_000
MAX_COLUMNS = 5_000
SAVE_AS_UTF8 = "Save it as UTF-8; spreadsheets call it “CSV UTF-8”."
UNPAIRED_HINT = "Put a field that contains quotation marks in quotation marks, and double those inside it."

Positions: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True, eq=False)
class TextPiece:
    """Whole records of a file as bytes, with the line of the first; `lines` are set if not consecutive."""

    name: str
    content: bytes
    line: int
    delimiter: str
    lines: tuple[int, ...] = ()

    def rows(self, width: int) -> pl.DataFrame:
        """Parse the records into text columns ``0``, ``1`` …; raise `InputError` for malformed ones."""
        inside = self._check_quotes()
        delimiters = count_byte(self.content, ord(self.delimiter)) - inside[0]
        records = count_byte(self.content, LINE_FEED) - inside[1]
        if delimiters != (width - 1) * records:
            self._refuse_ragged(width)
        schema = {str(index): pl.String for index in range(width)}
        try:
            rows = pl.read_csv(
                self.content, has_header=False, schema=schema, separator=self.delimiter, quote_char='"', eol_char="\n"
            )
        except PolarsError:
            refuse_other_text(self.name, self.content, self.line)
            self._refuse_ragged(width)
            raise InputError("These rows are not valid CSV.", Place(self.name, line=self.line), UNPAIRED_HINT) from None
        if rows.height != records:
            self._refuse_ragged(width)
            raise InputError("These rows are not valid CSV.", Place(self.name, line=self.line), UNPAIRED_HINT)
        return rows

    def fields(self) -> tuple[str, ...]:
        width = self.width()
        if width > MAX_COLUMNS:
            message = f"The header has {width} columns; the limit is {MAX_COLUMNS}."
            raise InputError(message, Place(self.name, line=self.line), "Save it with one line for each row.")
        return tuple(value or "" for value in self.rows(width).row(0))

    def width(self) -> int:
        self._check_quotes()
        return int(self._records()[1][0])

    def line_of(self, record: int) -> int:
        if self.lines:
            return self.lines[record]
        if not record:
            return self.line
        return self.line + int(self._records()[0][record]) - 1

    def _check_quotes(self) -> tuple[int, int]:
        """Count delimiters and line ends within quotation marks, and raise `InputError` for stray ones (RFC 4180)."""
        if b'"' not in self.content:
            return 0, 0
        text = np.frombuffer(self.content, dtype=np.uint8)
        quotes = np.flatnonzero(text == QUOTE)
        opening, closing = quotes[0::2], quotes[1::2]
        around = [ord(self.delimiter), LINE_FEED, QUOTE]
        wrong_start = opening[(opening > 0) & ~np.isin(text[opening - 1], around)]
        ends, following = (text[np.minimum(closing + distance, text.size - 1)] for distance in (1, 2))
        wrong_end = closing[~(np.isin(ends, around) | ((ends == RETURN) & (following == LINE_FEED)))]
        wrong = [int(positions[0]) for positions in (wrong_start, wrong_end) if positions.size]
        if not wrong and quotes.size % 2:
            wrong = [int(opening[-1])]
        if wrong:
            self._refuse_quote(min(wrong))
        if opening.size < MAX_SMALL_BYTES:
            pairs = list(zip(opening.tolist(), closing.tolist(), strict=True))
            within = b"".join([self.content[start:end] for start, end in pairs])
            return within.count(self.delimiter.encode()), within.count(b"\n")
        return self._inside(text, opening, closing, ord(self.delimiter)), self._inside(
            text, opening, closing, LINE_FEED
        )

    @staticmethod
    def _inside(text: npt.NDArray[np.uint8], opening: Positions, closing: Positions, byte: int) -> int:
        positions = np.flatnonzero(text == byte)
        return int((np.searchsorted(positions, closing) - np.searchsorted(positions, opening)).sum())

    def _refuse_quote(self, position: int) -> None:
        text_before = self.content[:position]
        column = position - text_before.rfind(b"\n")
        place = Place(self.name, line=self.line + text_before.count(b"\n"), column=column)
        raise InputError("This quotation mark is not closed.", place, UNPAIRED_HINT)

    def _records(self) -> tuple[Positions, Positions]:
        """Return the first line of each record, from 1 in this piece, and its number of fields."""
        text = np.frombuffer(self.content, dtype=np.uint8)
        # Bytes overflow at 256, which keeps the parity of quotation marks.
        inside = (np.cumsum(text == QUOTE, dtype=np.uint8) & 1).astype(bool)
        line_ends = np.flatnonzero(text == LINE_FEED)
        ends = line_ends[~inside[line_ends]]
        starts = np.concatenate(([0], ends[:-1] + 1))
        delimiters = np.flatnonzero((text == ord(self.delimiter)) & ~inside)
        fields = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
        return np.searchsorted(line_ends, starts) + 1, fields

    def _refuse_ragged(self, width: int) -> None:
        _, fields = self._records()
        ragged = np.flatnonzero(fields != width)
        if ragged.size:
            row = int(ragged[0])
            message = f"Fields in this row: {fields[row]}; columns: {width}."
            place = Place(self.name, line=self.line_of(row))
            raise InputError(message, place, "Every row needs one field for each column.")


def open_text(name: str, content: BinaryIO, version: CsvVersion) -> tuple[tuple[str, ...], Iterator[TextPiece]]:
    """Open a file: its header and its records in pieces; a byte order mark is allowed.

    The delimiter is the character after the first column name.

    Raises `InputError` with line and column for another encoding, an unknown first column and unmatched quotation
    marks; so does reading the pieces.
    """
    pieces = iterate_records(name, content)
    first_piece, _ = next(pieces, (b"\n", 1))
    delimiter = detect_delimiter(name, first_piece, version)
    end = find_record_end(first_piece)
    head = TextPiece(name, first_piece[:end], line=1, delimiter=delimiter)
    texts = head.fields()

    def remaining() -> Iterator[TextPiece]:
        if first_piece[end:]:
            yield TextPiece(name, first_piece[end:], line=1 + head.content.count(b"\n"), delimiter=delimiter)
        for whole, line in pieces:
            yield TextPiece(name, whole, line=line, delimiter=delimiter)

    return texts, remaining()


def detect_delimiter(name: str, content: bytes, version: CsvVersion) -> str:
    start = content[:100].decode(errors="replace").splitlines()[0].replace('"', "")
    match = FIRST_CELL.match(start)
    following = start[match.end() : match.end() + 1] if match else ""
    if match and match["name"] == version.first and (following == "" or following in DELIMITERS):
        return following or ","
    hint = f"The first column of {version.name} is {version.first}."
    if match and match["name"] != version.first:
        hint += f" This looks like SDMX-CSV {'1.0' if match['name'] == DATAFLOW else '2.0'}."
    elif start.startswith((STRUCTURE, DATAFLOW)):
        hint += f" It is followed by one of {' '.join(DELIMITERS.replace(chr(9), ''))} or a tab."
    raise InputError(f"This is not {version.name}.", Place(name, line=1, column=1), hint)


def iterate_records(name: str, content: BinaryIO) -> Iterator[tuple[bytes, int]]:
    unfinished, line, at_start = b"", 1, True
    while True:
        chunk = content.read(PIECE_BYTES)
        piece = unfinished + chunk
        if at_start:
            refuse_encodings(name, piece)
            piece = piece.removeprefix(BYTE_ORDER_MARK)
        if not chunk:
            piece = piece.rstrip(b"\r\n")
            piece += b"\n" if piece else b""
        cut = len(piece) if not chunk else find_last_record_end(piece)
        if not cut and len(piece) > 2 * PIECE_BYTES:
            refuse_endless(name, piece, line)
        if cut:
            whole = piece[:cut]
            yield whole, line
            line += count_byte(whole, LINE_FEED)
        if not chunk:
            return
        unfinished, at_start = piece[cut:], False


def find_last_record_end(piece: bytes) -> int:
    """Find the end of the last record, ignoring trailing empty lines; 0 without records."""
    end = piece.rfind(b"\n") + 1
    if count_byte(piece, QUOTE, end) % 2:
        end = find_row_end(piece, piece.rfind(b'"', 0, end))
    while piece.endswith((b"\n\n", b"\n\r\n"), 0, end):
        end = piece.rfind(b"\n", 0, end - 1) + 1
    return end


def find_row_end(piece: bytes, opening: int) -> int:
    while opening >= 0:
        closing = piece.rfind(b'"', 0, opening)
        end = piece.rfind(b"\n", closing + 1, opening) + 1
        if end:
            return end
        opening = piece.rfind(b'"', 0, closing) if closing > 0 else -1
    return 0


def find_record_end(piece: bytes) -> int:
    start, quotes = 0, 0
    while end := piece.find(b"\n", start) + 1:
        quotes += piece.count(b'"', start, end)
        if quotes % 2 == 0:
            return end
        start = end
    return len(piece)


def refuse_encodings(name: str, content: bytes) -> None:
    for mark, encoding in OTHER_ENCODINGS:
        if content.startswith(mark):
            raise InputError(f"This file is in {encoding}.", Place(name, line=1), SAVE_AS_UTF8)


def refuse_endless(name: str, piece: bytes, line: int) -> None:
    position = piece.find(b'"')
    at = Place(name, line=line + piece.count(b"\n", 0, max(position, 0)))
    raise InputError(f"A record here is longer than {2 * PIECE_BYTES >> 20} MiB.", at, UNPAIRED_HINT)


def refuse_other_text(name: str, content: bytes, line: int) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        text_before = content[: error.start]
        place = Place(name, line=line + text_before.count(b"\n"), column=error.start - text_before.rfind(b"\n"))
        raise InputError("This file is not in UTF-8.", place, SAVE_AS_UTF8) from None


MAX_RECORD_LINES = 50
"""Maximum number of lines of a record if quotation marks do not match."""


def decode_to_utf_8(name: str, content: BinaryIO, faults: Faults) -> BinaryIO:
    return cast("BinaryIO", Pieces(decode_stream(name, content, faults)))


PieceRows = tuple[TextPiece, pl.DataFrame]
"""A piece of a table, or its readable part, and its rows."""


def parse_rows(piece: TextPiece, width: int) -> pl.DataFrame | None:
    try:
        return piece.rows(width)
    except InputError:
        return None


def read_piece_rows(piece: TextPiece, width: int, faults: Faults | None = None) -> PieceRows:
    """Return a piece and its rows, keeping records with `width` fields.

    Records, or raises without `faults`: unmatched quotation marks, other record lengths and forbidden characters, which
    become blanks. Empty rows and empty trailing fields are dropped.
    """
    rows = None if faults is not None and may_have_empty_records(piece) else parse_rows(piece, width)
    if rows is None:
        piece, rows = (piece, piece.rows(width)) if faults is None else drop_broken_records(piece, width, faults)
    return piece, replace_forbidden(piece, rows, faults)


def may_have_empty_records(piece: TextPiece) -> bool:
    signs = (b"\n", b"\r", piece.delimiter.encode())
    return piece.content.startswith(signs) or any(b"\n" + sign in piece.content for sign in signs)


def drop_broken_records(piece: TextPiece, width: int, faults: Faults) -> PieceRows:
    records: list[bytes] = []
    lines: list[int] = []
    for record, line in split_records(piece):
        content = parse_record(TextPiece(piece.name, record, line=line, delimiter=piece.delimiter), width, faults)
        if content:
            records.append(content)
            lines.append(line)
    sorted_piece = replace(piece, content=b"".join(records), lines=tuple(lines))
    empty = pl.DataFrame(schema={str(index): pl.String for index in range(width)})
    return sorted_piece, sorted_piece.rows(width) if records else empty


def split_records(piece: TextPiece) -> Iterator[tuple[bytes, int]]:
    """Split a piece into records with their first lines; an unclosed quotation ends with its line."""
    lines = piece.content.splitlines(keepends=True) if b"\r" not in piece.content else piece.content.split(b"\n")
    lines = [line if line.endswith(b"\n") else line + b"\n" for line in lines if line]
    at = 0
    while at < len(lines):
        end, quotes = at + 1, lines[at].count(b'"')
        while quotes % 2 and end < min(len(lines), at + MAX_RECORD_LINES):
            quotes += lines[end].count(b'"')
            end += 1
        end = at + 1 if quotes % 2 else end
        yield b"".join(lines[at:end]), piece.line + at
        at = end


def parse_record(record: TextPiece, width: int, faults: Faults) -> bytes:
    """Return a record with the right number of fields; otherwise record a fault and return no bytes."""
    delimiter, content = record.delimiter.encode(), record.content
    if not content.strip(b"\r\n" + delimiter):
        faults.note(Deviation("This row is empty.", Place(record.name, line=record.line), "Remove it."))
        return b""
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


def replace_forbidden(piece: TextPiece, rows: pl.DataFrame, faults: Faults | None) -> pl.DataFrame:
    """Replace forbidden characters by blanks and record them; raise `InputError` without `faults`."""
    if not may_be_forbidden(piece.content):  # much faster than finding the field
        return rows
    holds = rows.select(pl.all().str.contains(FORBIDDEN).fill_null(value=False))
    wrong = [column.name for column in holds if column.any()]
    for row in holds.select(pl.any_horizontal(wrong))[:, 0].arg_true() if wrong else ():
        for name in wrong:
            if holds[name][row]:
                characters = rows[name].str.extract_all(FORBIDDEN)[row]
                report_fault(
                    faults,
                    build_character_error(
                        characters[0], Place(piece.name, line=piece.line_of(row), column=int(name) + 1)
                    ),
                )
    return rows.with_columns(pl.col(wrong).str.replace_all(FORBIDDEN, " ")) if wrong else rows
