"""Old workbooks, .xls (BIFF8, Excel 97 to 2003; source: Microsoft, [MS-XLS]), without macros and links."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

from sdmxmig.conversion.tables.cell_styles import CellStyles, build_styles, decode_byte, decode_packed_number, raised
from sdmxmig.conversion.tables.readers import READERS, TableDraft, TableReader, allowance
from sdmxmig.io.intake.archives import OLE_MAGIC
from sdmxmig.io.intake.files import SAVE_XLSX_HINT
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import olefile
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Cell, Table

RECORD_HEADER = struct.Struct("<HH")
CONTINUE = b"\x3c\x00"
BIFF8 = 0x0600


@dataclass(frozen=True, slots=True)
class BiffRecord:
    """A record; `pieces` include continuations."""

    kind: int
    data: bytes
    _: KW_ONLY
    pieces: tuple[bytes, ...]


def read_records(stream: bytes, position: int, step: Callable[[], None]) -> Iterator[BiffRecord]:
    """Yield the records of a part without nested parts; raise ``ValueError`` for a truncated stream."""
    depth = 0
    while True:
        if position + RECORD_HEADER.size > len(stream):
            raise ValueError("the stream ends within a part")
        step()
        kind, length = RECORD_HEADER.unpack_from(stream, position)
        position += RECORD_HEADER.size
        data = stream[position : position + length]
        position += length
        pieces = [data]
        while stream[position : position + 2] == CONTINUE:
            more = RECORD_HEADER.unpack_from(stream, position)[1]
            pieces.append(stream[position + RECORD_HEADER.size : position + RECORD_HEADER.size + more])
            position += RECORD_HEADER.size + more
        if kind & 0xFF == 0x09:  # a part begins
            depth += 1
        elif kind == 0x0A:  # a part ends
            depth -= 1
            if not depth:
                return
        if depth == 1:
            yield BiffRecord(kind, data, pieces=tuple(pieces))


@dataclass(frozen=True, slots=True)
class RichString:
    text: str
    runs: tuple[tuple[int, int], ...] = ()

    def raise_characters(self, raised_fonts: Collection[int]) -> str:
        if not any(font in raised_fonts for _, font in self.runs):
            return self.text
        ends = [start for start, _ in self.runs[1:]] + [len(self.text)]
        shown_text = self.text[: self.runs[0][0]]
        for (start, font), end in zip(self.runs, ends, strict=True):
            piece = self.text[start:end]
            shown_text += raised(piece) if font in raised_fonts else piece
        return shown_text


class StringReader:
    """Reads strings across continued records; raises ``ValueError`` if a string is cut."""

    def __init__(self, pieces: Sequence[bytes], at: int = 0) -> None:
        self._pieces = pieces
        self._number, self._at = 0, at

    def take(self, count: int) -> bytes:
        collected = b""
        while True:
            piece = self._pieces[self._number][self._at : self._at + count - len(collected)]
            self._at += len(piece)
            collected += piece
            if len(collected) == count:
                return collected
            self._next()

    def _next(self) -> None:
        self._number, self._at = self._number + 1, 0
        if self._number >= len(self._pieces):
            raise ValueError("the record ends within a string")

    def number(self, size: int = 2) -> int:
        return int.from_bytes(self.take(size), "little")

    def characters(self, count: int, *, wide: bool) -> str:
        """Return the next characters; a continuation record repeats their width."""
        decoded = []
        while True:
            width = 2 if wide else 1
            piece = self._pieces[self._number][self._at : self._at + count * width]
            piece = piece[: len(piece) // width * width]
            self._at += len(piece)
            decoded.append(piece.decode("utf-16-le" if wide else "latin-1", errors="surrogatepass"))
            count -= len(piece) // width
            if not count:
                text = "".join(decoded)
                return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
            self._next()
            wide = bool(self.number(1) & 1)

    def unicode(self, length_size: int = 2) -> RichString:
        count, flags = self.number(length_size), self.number(1)
        runs = self.number() if flags & 8 else 0
        extra = self.number(4) if flags & 4 else 0
        text = self.characters(count, wide=bool(flags & 1))
        numbers = struct.unpack(f"<{runs * 2}H", self.take(runs * 4))
        self.skip(extra)
        return RichString(text, tuple(zip(numbers[::2], numbers[1::2], strict=True)))

    def skip(self, count: int) -> None:
        while count > (available := len(self._pieces[self._number]) - self._at):
            count -= available
            self._next()
        self._at += count


CELL = struct.Struct("<HHH")
EMPTY_NUMBER = b"\xff\xff"
COMMENT_TYPE = 0x19


class XlsSheet:
    def __init__(self, workbook: WorkbookGlobals, draft: TableDraft) -> None:
        self.workbook, self.draft = workbook, draft
        self.styles = workbook.styles
        self._awaited: tuple[int, int, int] | None = None  # the cell of a formula whose text follows
        self._object = -1
        self._comments: dict[int, str] = {}
        self._commented: list[tuple[Cell, int]] = []

    def take(self, record: BiffRecord) -> None:
        """Process a record; raises ``ValueError``, ``IndexError`` or ``struct.error`` if incomplete."""
        action = RECORD_ACTIONS.get(record.kind)
        if action:
            action(self, record)

    def close(self) -> None:
        for cell, number in self._commented:
            self.draft.note(cell, self._comments.get(number, ""))

    def _add(self, cell: tuple[int, int, int], text_and_kind: tuple[str, str], *, formula: bool = False) -> None:
        row, column, style = cell
        code = self.styles.code(style, text_and_kind[1])
        self.draft.add((row + 1, column + 1), text_and_kind, formula=formula, code=code)

    def _add_number(self, record: BiffRecord) -> None:
        cell = CELL.unpack_from(record.data)
        value = struct.unpack_from("<d", record.data, 6)[0]
        self._add(cell, self.styles.figure(value, cell[2]))

    def _add_packed(self, record: BiffRecord) -> None:
        cell = CELL.unpack_from(record.data)
        self._add(cell, self.styles.figure(decode_packed_number(struct.unpack_from("<I", record.data, 6)[0]), cell[2]))

    def _add_packed_row(self, record: BiffRecord) -> None:
        row, column = struct.unpack_from("<HH", record.data)
        for style, number in struct.iter_unpack("<HI", record.data[4:-2]):
            self._add((row, column, style), self.styles.figure(decode_packed_number(number), style))
            column += 1

    def _add_shared_text(self, record: BiffRecord) -> None:
        number = struct.unpack_from("<I", record.data, 6)[0]
        self._add(CELL.unpack_from(record.data), (self.workbook.texts[number], "text"))

    def _add_text(self, record: BiffRecord) -> None:
        self._add(CELL.unpack_from(record.data), (self._read_string(record, 6), "text"))

    def _read_string(self, record: BiffRecord, at: int) -> str:
        return StringReader(record.pieces, at).unicode().raise_characters(self.workbook.raised_fonts)

    def _add_truth_or_error(self, record: BiffRecord) -> None:
        self._add(CELL.unpack_from(record.data), decode_byte(record.data[6], is_error=bool(record.data[7])))

    def _add_formula(self, record: BiffRecord) -> None:
        cell, stored = CELL.unpack_from(record.data), record.data[6:14]
        if stored[6:] != EMPTY_NUMBER:
            text_and_kind = self.styles.figure(struct.unpack("<d", stored)[0], cell[2])
        elif stored[0] in (0, 3):
            self._awaited, text_and_kind = (cell if stored[0] == 0 else None), ("", "text")
        else:
            text_and_kind = decode_byte(stored[2], is_error=stored[0] == 2)
        self._add(cell, text_and_kind, formula=True)

    def _add_formula_text(self, record: BiffRecord) -> None:
        if self._awaited:
            self._add(self._awaited, (self._read_string(record, 0), "text"), formula=True)
            self._awaited = None

    def _merge_cells(self, record: BiffRecord) -> None:
        count = struct.unpack_from("<H", record.data)[0]
        for top, bottom, left, right in struct.iter_unpack("<4H", record.data[2 : 2 + count * 8]):
            self.draft.merge((top + 1, left + 1), (bottom + 1, right + 1))

    def _read_row(self, record: BiffRecord) -> None:
        row, flags = struct.unpack_from("<H10xH", record.data)
        if flags & 0x20:
            self.draft.hidden_rows.add(row + 1, row + 1)

    def _read_columns(self, record: BiffRecord) -> None:
        first, last, flags = struct.unpack_from("<HH4xH", record.data)
        if flags & 1:
            self.draft.hidden_columns.add(first + 1, last + 1)

    def _read_drawing(self, record: BiffRecord) -> None:
        kind, number = struct.unpack_from("<4xHH", record.data)
        self._object = number if kind == COMMENT_TYPE else -1

    def _read_drawn_text(self, record: BiffRecord) -> None:
        count = struct.unpack_from("<10xH", record.data)[0]
        if self._object >= 0 and count:
            reading = StringReader(record.pieces[1:])
            wide = bool(reading.number(1) & 1)
            self._comments[self._object] = reading.characters(count, wide=wide)

    def _read_note(self, record: BiffRecord) -> None:
        row, column, number = struct.unpack_from("<HH2xH", record.data)
        self._commented.append(((row + 1, column + 1), number))


RECORD_ACTIONS: Mapping[int, Callable[[XlsSheet, BiffRecord], None]] = {
    0x203: XlsSheet._add_number,
    0x27E: XlsSheet._add_packed,
    0xBD: XlsSheet._add_packed_row,
    0xFD: XlsSheet._add_shared_text,
    0x204: XlsSheet._add_text,
    0x205: XlsSheet._add_truth_or_error,
    0x06: XlsSheet._add_formula,
    0x207: XlsSheet._add_formula_text,
    0xE5: XlsSheet._merge_cells,
    0x208: XlsSheet._read_row,
    0x7D: XlsSheet._read_columns,
    0x5D: XlsSheet._read_drawing,
    0x1B6: XlsSheet._read_drawn_text,
    0x1C: XlsSheet._read_note,
}


UNLOCK_HINT = "Save it without a password."
DAMAGE_ERRORS = (ValueError, struct.error, IndexError)
RAISED_SCRIPT = 1
INDENT_OFFSET = 8
WORKBOOK_STREAMS = ("Workbook", "Book")
OTHER_FILES = (
    ("WordDocument", "a Word document", "Copy its table into a workbook and save that as .xlsx."),
    ("PowerPoint Document", "a presentation", "Copy its table into a workbook and save that as .xlsx."),
)


@dataclass
class WorkbookGlobals:
    name: str
    _: KW_ONLY
    since_1904: bool = False
    declared: dict[int, str] = field(default_factory=dict)
    format_ids: list[int] = field(default_factory=list)
    indents: dict[int, int] = field(default_factory=dict)
    raised_fonts: set[int] = field(default_factory=set)
    fonts: int = 0
    strings: list[RichString] = field(default_factory=list)
    sheets: list[tuple[str, int, bool]] = field(default_factory=list)

    def take(self, record: BiffRecord) -> None:
        action = GLOBAL_ACTIONS.get(record.kind)
        if action:
            action(self, record)

    def _begin(self, record: BiffRecord) -> None:
        if struct.unpack_from("<H", record.data)[0] != BIFF8:
            raise InputError("This is a workbook of a version before Excel 97.", Place(self.name), SAVE_XLSX_HINT)

    def _refuse_protected(self, _record: BiffRecord) -> None:
        raise InputError("The workbook is protected by a password.", Place(self.name), UNLOCK_HINT)

    def _read_calendar(self, record: BiffRecord) -> None:
        self.since_1904 = record.data[:1] == b"\x01"

    def _read_font(self, record: BiffRecord) -> None:
        number = self.fonts if self.fonts < 4 else self.fonts + 1  # font number 4 does not exist
        self.fonts += 1
        if struct.unpack_from("<8xH", record.data)[0] == RAISED_SCRIPT:
            self.raised_fonts.add(number)

    def _read_format(self, record: BiffRecord) -> None:
        number = struct.unpack_from("<H", record.data)[0]
        self.declared[number] = StringReader(record.pieces, 2).unicode().text

    def _read_style(self, record: BiffRecord) -> None:
        if len(record.data) > INDENT_OFFSET:
            self.indents[len(self.format_ids)] = record.data[INDENT_OFFSET] & 0x0F
        self.format_ids.append(struct.unpack_from("<2xH", record.data)[0])

    def _read_sheet(self, record: BiffRecord) -> None:
        start, state, kind = struct.unpack_from("<IBB", record.data)
        if kind == 0:  # others are charts and macros
            self.sheets.append((StringReader(record.pieces, 6).unicode(1).text, start, bool(state & 3)))

    def _read_shared_strings(self, record: BiffRecord) -> None:
        reading = StringReader(record.pieces, 4)
        self.strings = [reading.unicode() for _ in range(reading.number(4))]

    @cached_property
    def texts(self) -> list[str]:
        return [rich.raise_characters(self.raised_fonts) for rich in self.strings]

    @cached_property
    def styles(self) -> CellStyles[int]:
        return build_styles(self.format_ids, self.declared, since_1904=self.since_1904, indents=self.indents)


GLOBAL_ACTIONS: Mapping[int, Callable[[WorkbookGlobals, BiffRecord], None]] = {
    0x809: WorkbookGlobals._begin,
    0x2F: WorkbookGlobals._refuse_protected,
    0x22: WorkbookGlobals._read_calendar,
    0x31: WorkbookGlobals._read_font,
    0x41E: WorkbookGlobals._read_format,
    0xE0: WorkbookGlobals._read_style,
    0x85: WorkbookGlobals._read_sheet,
    0xFC: WorkbookGlobals._read_shared_strings,
}


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones; raise `InputError` if damaged, encrypted or too large."""
    stream = read_workbook_stream(name, content)
    shared_allowance = allowance()
    try:
        shared = WorkbookGlobals(name)
        for record in read_records(stream, 0, TableDraft(name, "", allowance=shared_allowance).step):
            shared.take(record)
        formats = shared.styles.formats
    except DAMAGE_ERRORS as error:
        raise InputError(
            "The workbook is damaged: a record is incomplete, or it has too many styles.", Place(name), SAVE_XLSX_HINT
        ) from error
    tables = []
    for title, start, hidden in shared.sheets:
        draft = TableDraft(name, title, allowance=shared_allowance, formats=formats, hidden=hidden)
        read_sheet(stream, start, XlsSheet(shared, draft))
        tables.append(draft.table())
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), SAVE_XLSX_HINT)
    return tuple(tables)


def read_workbook_stream(name: str, content: bytes) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_INCORRECT) as parts:
            found = next((stream for stream in WORKBOOK_STREAMS if parts.exists(stream)), "")
            if found:
                stream = parts.openstream(found)
                check_chain(parts, parts.root.kids_dict[found.lower()])
                return bytes(stream.getbuffer())
            if parts.exists("EncryptedPackage"):
                raise InputError("The workbook is protected by a password.", Place(name), UNLOCK_HINT)
            other = next((file for file in OTHER_FILES if parts.exists(file[0])), None)
    except (*DAMAGE_ERRORS, OSError, RecursionError) as error:
        raise InputError("The file is damaged: its parts cannot be found.", Place(name), SAVE_XLSX_HINT) from error
    if other:
        raise InputError(f"This is {other[1]}, not a workbook.", Place(name), other[2])
    raise InputError("The file contains no workbook.", Place(name), "Name a workbook.")


def check_chain(parts: olefile.OleFileIO, entry: olefile.OleDirectoryEntry) -> None:
    """Raise `ValueError` for sectors that follow each other in a circle, which olefile would repeat."""
    is_small = entry.size < parts.minisectorcutoff
    table, size = (parts.minifat, parts.minisectorsize) if is_small else (parts.fat, parts.sectorsize)
    chain = dict.fromkeys([entry.isectStart])
    for _ in range(size, entry.size, size):
        sector = table[next(reversed(chain))]
        if sector in chain:
            raise ValueError("endless chain")
        chain[sector] = None


def read_sheet(stream: bytes, start: int, sheet: XlsSheet) -> None:
    try:
        for record in read_records(stream, start, sheet.draft.step):
            sheet.take(record)
        sheet.close()
    except DAMAGE_ERRORS as error:
        place = Place(sheet.draft.file, sheet.draft.sheet)
        raise InputError(
            "The sheet is damaged: a record is incomplete, or names no cell.", place, SAVE_XLSX_HINT
        ) from error


READERS.add("xls")(TableReader("xls", (".xls", ".xlt"), magic=OLE_MAGIC, read=read))
