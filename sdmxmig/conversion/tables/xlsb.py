"""Binary workbooks (.xlsb).

Macros, pictures, charts and external links are never opened. Source: Microsoft, [MS-XLSB].
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.conversion.tables.cell_styles import CellStyles, of_byte, packed, styles_of
from sdmxmig.conversion.tables.draft import TableDraft, allowance
from sdmxmig.conversion.tables.readers import LEAVE_OUT, READERS, STRING_COST, STRING_LIMIT, TableReader
from sdmxmig.conversion.tables.xls import RichString
from sdmxmig.conversion.tables.xlsx import relations
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive, open_zip
from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

RECORD_LIMIT = 1 << 20
"""No record that says something about cells comes near to so many bytes."""


def records(pieces: Iterable[bytes], step: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    unfinished = b""
    for piece in pieces:
        joined, at = unfinished + piece, 0
        while (head := record_head(joined, at)) and head[2] + head[1] <= len(joined):
            step()
            kind, size, start = head
            at = start + size
            yield kind, joined[start:at]
        unfinished = joined[at:]
    if unfinished:
        raise ValueError("the part ends within a record")


def record_head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return number, size and data start of a record; None if its head is incomplete.

    >>> record_head(bytes([0x9C, 0x01, 0x85, 0x01]), 0)
    (156, 133, 4)
    """
    values = []
    for longest in (2, 4):
        value = 0
        for shift in range(longest):
            if at >= len(data):
                return None
            value |= (data[at] & 0x7F) << (7 * shift)
            at += 1
            if data[at - 1] < 0x80:
                break
        values.append(value)
    kind, size = values
    if size > RECORD_LIMIT:
        raise ValueError("a record is too large")
    return kind, size, at


def text_at(data: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", data, at)[0]
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(data):
        raise ValueError("the record ends within a string")
    return data[at + 4 : end].decode("utf-16-le", errors="replace"), end


def rich_at(data: bytes, at: int) -> RichString:
    text, end = text_at(data, at + 1)
    if not data[at] & 1:
        return RichString(text)
    count = struct.unpack_from("<I", data, end)[0]
    runs = struct.iter_unpack("<HH", data[end + 4 : end + 4 + 4 * count])
    return RichString(text, tuple((int(start), int(font)) for start, font in runs))


MAIN = "xl/workbook.bin"
DAMAGE = (ValueError, struct.error, IndexError, OverflowError)
RAISED = 1


@dataclass
class XlsbWorkbook:
    strings: list[str] = field(default_factory=list)
    styles: CellStyles = field(default_factory=CellStyles)
    _: KW_ONLY
    raised_fonts: frozenset[int] = frozenset()
    since_1904: bool = False
    sheets: list[tuple[str, str, bool]] = field(default_factory=list)


class XlsbSheet:
    """Collects the cells of one sheet from its records."""

    def __init__(self, workbook: XlsbWorkbook, draft: TableDraft) -> None:
        self.workbook, self.draft = workbook, draft
        self._row = 0
        self._commented = (0, 0)

    def take(self, kind: int, data: bytes) -> None:
        action = ACTIONS.get(kind)
        if action:
            action(self, data)
        elif kind in CELLS:
            find, formula = CELLS[kind]
            column, style = struct.unpack_from("<II", data)
            text_and_kind = find(self, data, style & 0xFFFFFF)
            code = self.workbook.styles.code(style & 0xFFFFFF, text_and_kind[1])
            self.draft.add((self._row, column + 1), text_and_kind, formula=formula, code=code)

    def _begin_row(self, data: bytes) -> None:
        self._row = struct.unpack_from("<I", data)[0] + 1
        if data[11] & 0x10:
            self.draft.hidden_rows.add(self._row, self._row)

    def _columns(self, data: bytes) -> None:
        first, last, flags = struct.unpack_from("<II8xH", data)
        if flags & 1:
            self.draft.hidden_columns.add(first + 1, last + 1)

    def _merge(self, data: bytes) -> None:
        top, bottom, left, right = struct.unpack_from("<4I", data)
        self.draft.merge((top + 1, left + 1), (bottom + 1, right + 1))

    def _comment(self, data: bytes) -> None:
        row, column = struct.unpack_from("<4xI4xI", data)
        self._commented = (row + 1, column + 1)

    def _comment_text(self, data: bytes) -> None:
        self.draft.note(self._commented, rich_at(data, 0).text)

    def _packed(self, data: bytes, style: int) -> tuple[str, str]:
        return self.workbook.styles.figure(packed(struct.unpack_from("<8xI", data)[0]), style)

    def _number(self, data: bytes, style: int) -> tuple[str, str]:
        return self.workbook.styles.figure(struct.unpack_from("<8xd", data)[0], style)

    def _error(self, data: bytes, _style: int) -> tuple[str, str]:
        return of_byte(data[8], is_error=True)

    def _truth(self, data: bytes, _style: int) -> tuple[str, str]:
        return of_byte(data[8], is_error=False)

    def _text(self, data: bytes, _style: int) -> tuple[str, str]:
        return text_at(data, 8)[0], "text"

    def _shared_text(self, data: bytes, _style: int) -> tuple[str, str]:
        return self.workbook.strings[struct.unpack_from("<8xI", data)[0]], "text"

    def _rich_text(self, data: bytes, _style: int) -> tuple[str, str]:
        return rich_at(data, 8).shown(self.workbook.raised_fonts), "text"


ACTIONS: Mapping[int, Callable[[XlsbSheet, bytes], None]] = {
    0: XlsbSheet._begin_row,
    60: XlsbSheet._columns,
    176: XlsbSheet._merge,
    635: XlsbSheet._comment,
    637: XlsbSheet._comment_text,
}
CELLS: Mapping[int, tuple[Callable[[XlsbSheet, bytes, int], tuple[str, str]], bool]] = {
    2: (XlsbSheet._packed, False),
    3: (XlsbSheet._error, False),
    4: (XlsbSheet._truth, False),
    5: (XlsbSheet._number, False),
    6: (XlsbSheet._text, False),
    7: (XlsbSheet._shared_text, False),
    8: (XlsbSheet._text, True),
    9: (XlsbSheet._number, True),
    10: (XlsbSheet._truth, True),
    11: (XlsbSheet._error, True),
    62: (XlsbSheet._rich_text, False),
}
"""How the records of cells give text and kind, and which of them are formulas."""


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones.

    Raises `InputError` if damaged or too large.
    """
    archive = open_zip(content, name)
    shared_allowance = allowance()
    try:
        workbook = workbook_of(archive, TableDraft(name, "", allowance=shared_allowance).step)
    except DAMAGE as error:
        raise InputError(
            "The workbook is damaged: a record is not whole, or it has very many styles.", Place(name), SAVE_XLSX
        ) from error
    tables = []
    for title, member, hidden in workbook.sheets:
        draft = TableDraft(name, title, allowance=shared_allowance, formats=workbook.styles.formats, hidden=hidden)
        read_sheet(archive, member, XlsbSheet(workbook, draft))
        tables.append(draft.table())
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), SAVE_XLSX)
    return tuple(tables)


def workbook_of(archive: Archive, step: Callable[[], None]) -> XlsbWorkbook:
    linked = {relation.id: relation for relation in relations(archive, MAIN)}
    workbook = XlsbWorkbook()
    for kind, data in records(archive.chunks(MAIN), step):
        if kind == 153:
            workbook.since_1904 = bool(data[0] & 1)
        elif kind == 156:
            relation, end = text_at(data, 8)
            target = linked.get(relation)
            if target and target.kind == "worksheet":
                hidden = struct.unpack_from("<I", data)[0] != 0
                workbook.sheets.append((text_at(data, end)[0], target.target, hidden))
    targets = {relation.kind: relation.target for relation in linked.values()}
    if targets.get("styles", "") in archive:
        read_styles(records(archive.chunks(targets["styles"]), step), workbook)
    if targets.get("sharedStrings", "") in archive:
        read_strings(records(archive.chunks(targets["sharedStrings"]), step), workbook, archive.name)
    return workbook


def read_styles(styles: Iterator[tuple[int, bytes]], workbook: XlsbWorkbook) -> None:
    declared: dict[int, str] = {}
    format_ids: list[int] = []
    indents: dict[int, int] = {}
    raised: set[int] = set()
    fonts, of_cells = 0, False
    for kind, data in styles:
        match kind:
            case 44:
                declared[struct.unpack_from("<H", data)[0]] = text_at(data, 2)[0]
            case 43:
                if struct.unpack_from("<6xH", data)[0] == RAISED:
                    raised.add(fonts)
                fonts += 1
            case 617 | 618:
                of_cells = kind == 617
            case 47 if of_cells:
                format_id, indent = struct.unpack_from("<2xH7xB", data)
                indents[len(format_ids)] = indent
                format_ids.append(format_id)
    workbook.styles = styles_of(format_ids, declared, since_1904=workbook.since_1904, indents=indents)
    workbook.raised_fonts = frozenset(raised)


def read_strings(strings: Iterator[tuple[int, bytes]], workbook: XlsbWorkbook, name: str) -> None:
    remaining = STRING_LIMIT
    for kind, data in strings:
        if kind == 19:
            workbook.strings.append(rich_at(data, 0).shown(workbook.raised_fonts))
            remaining -= len(workbook.strings[-1]) + STRING_COST
        if remaining < 0:
            raise InputError(f"The workbook has more than {STRING_LIMIT >> 20} MiB of text.", Place(name), LEAVE_OUT)


def read_sheet(archive: Archive, member: str, sheet: XlsbSheet) -> None:
    comments = (relation.target for relation in relations(archive, member) if relation.kind == "comments")
    try:
        for part in (member, *(comment_part for comment_part in comments if comment_part in archive)):
            for kind, data in records(archive.chunks(part), sheet.draft.step):
                sheet.take(kind, data)
    except DAMAGE as error:
        place = Place(archive.name, sheet.draft.sheet)
        raise InputError("The sheet is damaged: a record is not whole, or names no cell.", place, SAVE_XLSX) from error


def recognises(content: bytes) -> bool:
    try:
        return MAIN in open_zip(content, "")
    except InputError:
        return False


READERS.add("xlsb")(TableReader("xlsb", (".xlsb",), magic=ZIP_MAGIC, read=read, recognises=recognises))
