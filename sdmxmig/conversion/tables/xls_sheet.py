"""Cells of .xls sheets. Source: Microsoft, [MS-XLS]."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.conversion.tables.biff import BIFF8, BiffRecord, StringReader
from sdmxmig.conversion.tables.cell_styles import CellStyles, of_byte, packed
from sdmxmig.conversion.tables.draft import TableDraft
from sdmxmig.sdmx.model.tables import Cell

CELL = struct.Struct("<HHH")
NO_NUMBER = b"\xff\xff"
COMMENT = 0x19
GOES_ON = 0xFFFF
RICH = 0xD6


@dataclass(frozen=True, slots=True)
class XlsWorkbook:
    version: int = BIFF8
    encoding: str = "cp1252"
    _: KW_ONLY
    strings: Sequence[str] = ()
    styles: CellStyles = field(default_factory=CellStyles)
    raised_fonts: frozenset[int] = frozenset()


class XlsSheet:
    """Takes the records of one sheet and puts its cells into a draft."""

    def __init__(self, workbook: XlsWorkbook, draft: TableDraft) -> None:
        self.workbook, self.draft = workbook, draft
        self._awaited: tuple[int, int, int] | None = None  # the cell of a formula whose text comes next
        self._object = -1
        self._comments: dict[int, str] = {}
        self._commented: list[tuple[Cell, int]] = []
        self._last_note: tuple[Cell, bytes, int] = ((0, 0), b"", 0)

    def take(self, record: BiffRecord) -> None:
        """Process a record.

        Raises ``ValueError``, ``IndexError`` or ``struct.error`` if incomplete.
        """
        action = ACTIONS.get(record.kind)
        if action:
            action(self, record)

    def close(self) -> None:
        for cell, number in self._commented:
            self.draft.note(cell, self._comments.get(number, ""))
        self._end_note()

    def _add(self, cell: tuple[int, int, int], text_and_kind: tuple[str, str], *, formula: bool = False) -> None:
        row, column, style = cell
        code = self.workbook.styles.code(style, text_and_kind[1])
        self.draft.add((row + 1, column + 1), text_and_kind, formula=formula, code=code)

    def _number(self, record: BiffRecord) -> None:
        cell = CELL.unpack_from(record.data)
        value = struct.unpack_from("<d", record.data, 6)[0]
        self._add(cell, self.workbook.styles.figure(value, cell[2]))

    def _packed(self, record: BiffRecord) -> None:
        cell = CELL.unpack_from(record.data)
        self._add(cell, self.workbook.styles.figure(packed(struct.unpack_from("<I", record.data, 6)[0]), cell[2]))

    def _row_of_packed(self, record: BiffRecord) -> None:
        row, column = struct.unpack_from("<HH", record.data)
        for style, number in struct.iter_unpack("<HI", record.data[4:-2]):
            self._add((row, column, style), self.workbook.styles.figure(packed(number), style))
            column += 1

    def _shared_text(self, record: BiffRecord) -> None:
        number = struct.unpack_from("<I", record.data, 6)[0]
        self._add(CELL.unpack_from(record.data), (self.workbook.strings[number], "text"))

    def _text(self, record: BiffRecord) -> None:
        self._add(CELL.unpack_from(record.data), (self._string(record, 6), "text"))

    def _string(self, record: BiffRecord, at: int) -> str:
        reading = StringReader(record.pieces, at)
        if self.workbook.version == BIFF8:
            rich = reading.unicode()
        else:
            rich = reading.bytes(self.workbook.encoding, rich=record.kind == RICH)
        return rich.shown(self.workbook.raised_fonts)

    def _truth_or_error(self, record: BiffRecord) -> None:
        self._add(CELL.unpack_from(record.data), of_byte(record.data[6], is_error=bool(record.data[7])))

    def _formula(self, record: BiffRecord) -> None:
        cell, stored = CELL.unpack_from(record.data), record.data[6:14]
        if stored[6:] != NO_NUMBER:
            text_and_kind = self.workbook.styles.figure(struct.unpack("<d", stored)[0], cell[2])
        elif stored[0] in (0, 3):
            self._awaited, text_and_kind = (cell if stored[0] == 0 else None), ("", "text")
        else:
            text_and_kind = of_byte(stored[2], is_error=stored[0] == 2)
        self._add(cell, text_and_kind, formula=True)

    def _text_of_formula(self, record: BiffRecord) -> None:
        if self._awaited:
            self._add(self._awaited, (self._string(record, 0), "text"), formula=True)
            self._awaited = None

    def _merge(self, record: BiffRecord) -> None:
        count = struct.unpack_from("<H", record.data)[0]
        for top, bottom, left, right in struct.iter_unpack("<4H", record.data[2 : 2 + count * 8]):
            self.draft.merge((top + 1, left + 1), (bottom + 1, right + 1))

    def _row(self, record: BiffRecord) -> None:
        row, flags = struct.unpack_from("<H10xH", record.data)
        if flags & 0x20:
            self.draft.hidden_rows.add(row + 1, row + 1)

    def _columns(self, record: BiffRecord) -> None:
        first, last, flags = struct.unpack_from("<HH4xH", record.data)
        if flags & 1:
            self.draft.hidden_columns.add(first + 1, last + 1)

    def _drawn(self, record: BiffRecord) -> None:
        kind, number = struct.unpack_from("<4xHH", record.data)
        self._object = number if kind == COMMENT else -1

    def _drawn_text(self, record: BiffRecord) -> None:
        count = struct.unpack_from("<10xH", record.data)[0]
        if self._object >= 0 and count:
            reading = StringReader(record.pieces[1:])
            wide = bool(reading.number(1) & 1)
            self._comments[self._object] = reading.characters(count, wide=wide)

    def _note(self, record: BiffRecord) -> None:
        row, column, number = struct.unpack_from("<HHH", record.data)
        if self.workbook.version == BIFF8:
            number = struct.unpack_from("<6xH", record.data)[0]
            self._commented.append(((row + 1, column + 1), number))
            return
        cell, text, length = self._last_note
        if row == GOES_ON:
            self._last_note = (cell, text + record.data[6:], length)
        else:
            self._end_note()
            self._last_note = ((row + 1, column + 1), record.data[6:], number)

    def _end_note(self) -> None:
        cell, text, length = self._last_note
        self.draft.note(cell, text[:length].decode(self.workbook.encoding, errors="replace"))


ACTIONS: Mapping[int, Callable[[XlsSheet, BiffRecord], None]] = {
    0x203: XlsSheet._number,
    0x27E: XlsSheet._packed,
    0xBD: XlsSheet._row_of_packed,
    0xFD: XlsSheet._shared_text,
    0x204: XlsSheet._text,
    RICH: XlsSheet._text,
    0x205: XlsSheet._truth_or_error,
    0x06: XlsSheet._formula,
    0x207: XlsSheet._text_of_formula,
    0xE5: XlsSheet._merge,
    0x208: XlsSheet._row,
    0x7D: XlsSheet._columns,
    0x5D: XlsSheet._drawn,
    0x1B6: XlsSheet._drawn_text,
    0x1C: XlsSheet._note,
}
