"""Old workbooks, .xls (BIFF8 of Excel 97 to 2003, BIFF5 of Excel 5 and 95).

Macros, pictures, charts and external links are never opened. Source: Microsoft, [MS-XLS].
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.conversion.tables.biff import BIFF5, BIFF8, BiffRecord, RichString, StringReader, records
from sdmxmig.conversion.tables.cell_styles import styles_of
from sdmxmig.conversion.tables.draft import TableDraft, allowance
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.conversion.tables.xls_sheet import XlsSheet, XlsWorkbook
from sdmxmig.io.intake.compound import OLE_MAGIC, CompoundFile
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

DAMAGED = "Open it in a spreadsheet program and save it again as .xlsx."
UNLOCK = "Save it without a password."
DAMAGE = (ValueError, struct.error, IndexError)
RAISED = 1
INDENT_AT = 8
CODE_PAGES = {1200: "utf-16-le", 10000: "mac_roman", 32768: "mac_roman", 32769: "cp1252"}
OTHER_FILES = (
    ("WordDocument", "a Word document", "Copy its table into a workbook and save that as .xlsx."),
    ("PowerPoint Document", "a presentation", "Copy its table into a workbook and save that as .xlsx."),
)


@dataclass
class WorkbookGlobals:
    name: str
    version: int = BIFF8
    _: KW_ONLY
    encoding: str = "cp1252"
    since_1904: bool = False
    declared: dict[int, str] = field(default_factory=dict)
    format_ids: list[int] = field(default_factory=list)
    indents: dict[int, int] = field(default_factory=dict)
    raised_fonts: set[int] = field(default_factory=set)
    fonts: int = 0
    strings: list[RichString] = field(default_factory=list)
    sheets: list[tuple[str, int, bool]] = field(default_factory=list)

    def take(self, record: BiffRecord) -> None:
        action = ACTIONS.get(record.kind)
        if action:
            action(self, record)

    def _begin(self, record: BiffRecord) -> None:
        self.version = struct.unpack_from("<H", record.data)[0]
        if self.version not in (BIFF5, BIFF8):
            raise InputError("This is a workbook of a version before Excel 5.", Place(self.name), DAMAGED)

    def _protected(self, _record: BiffRecord) -> None:
        raise InputError("The workbook is protected by a password.", Place(self.name), UNLOCK)

    def _code_page(self, record: BiffRecord) -> None:
        self.encoding = encoding_of(struct.unpack_from("<H", record.data)[0])

    def _calendar(self, record: BiffRecord) -> None:
        self.since_1904 = record.data[:1] == b"\x01"

    def _font(self, record: BiffRecord) -> None:
        number = self.fonts if self.fonts < 4 else self.fonts + 1  # no font has the number 4
        self.fonts += 1
        if struct.unpack_from("<8xH", record.data)[0] == RAISED:
            self.raised_fonts.add(number)

    def _format(self, record: BiffRecord) -> None:
        number = struct.unpack_from("<H", record.data)[0]
        self.declared[number] = self._text(record, 2, length_size=2 if self.version == BIFF8 else 1)

    def _style(self, record: BiffRecord) -> None:
        if self.version == BIFF8 and len(record.data) > INDENT_AT:
            self.indents[len(self.format_ids)] = record.data[INDENT_AT] & 0x0F
        self.format_ids.append(struct.unpack_from("<2xH", record.data)[0])

    def _sheet(self, record: BiffRecord) -> None:
        start, state, kind = struct.unpack_from("<IBB", record.data)
        if kind == 0:  # others are charts and macros
            self.sheets.append((self._text(record, 6, length_size=1), start, bool(state & 3)))

    def _text(self, record: BiffRecord, at: int, *, length_size: int) -> str:
        reading = StringReader(record.pieces, at)
        if self.version == BIFF8:
            return reading.unicode(length_size).text
        return reading.bytes(self.encoding, length_size=length_size).text

    def _shared_strings(self, record: BiffRecord) -> None:
        reading = StringReader(record.pieces, 4)
        self.strings = [reading.unicode() for _ in range(reading.number(4))]

    def workbook(self) -> XlsWorkbook:
        raised = frozenset(self.raised_fonts)
        styles = styles_of(self.format_ids, self.declared, since_1904=self.since_1904, indents=self.indents)
        return XlsWorkbook(
            self.version,
            self.encoding,
            strings=[rich.shown(raised) for rich in self.strings],
            styles=styles,
            raised_fonts=raised,
        )


ACTIONS: Mapping[int, Callable[[WorkbookGlobals, BiffRecord], None]] = {
    0x809: WorkbookGlobals._begin,
    0x2F: WorkbookGlobals._protected,
    0x42: WorkbookGlobals._code_page,
    0x22: WorkbookGlobals._calendar,
    0x31: WorkbookGlobals._font,
    0x41E: WorkbookGlobals._format,
    0xE0: WorkbookGlobals._style,
    0x85: WorkbookGlobals._sheet,
    0xFC: WorkbookGlobals._shared_strings,
}


def encoding_of(code_page: int) -> str:
    """Return the encoding of BIFF5 texts by code page; Windows-1252 if unknown to Python.

    >>> encoding_of(1251), encoding_of(32768)
    ('cp1251', 'mac_roman')
    """
    name = CODE_PAGES.get(code_page, f"cp{code_page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones.

    Raises `InputError` if damaged, encrypted or too large.
    """
    parts = CompoundFile(content, name)
    stream = parts.read(stream_of(parts))
    shared_allowance = allowance()
    try:
        shared = WorkbookGlobals(name)
        for record in records(stream, 0, TableDraft(name, "", allowance=shared_allowance).step):
            shared.take(record)
        workbook = shared.workbook()
    except DAMAGE as error:
        raise InputError(
            "The workbook is damaged: a record is not whole, or it has very many styles.", Place(name), DAMAGED
        ) from error
    facts = (("encoding", shared.encoding.replace("cp125", "windows-125")),) if shared.version == BIFF5 else ()
    tables = []
    for title, start, hidden in shared.sheets:
        draft = TableDraft(name, title, allowance=shared_allowance, formats=workbook.styles.formats, hidden=hidden)
        read_sheet(stream, start, XlsSheet(workbook, draft))
        tables.append(draft.table(*facts))
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), DAMAGED)
    return tuple(tables)


def stream_of(parts: CompoundFile) -> str:
    """The name of the stream that holds the workbook; raises `InputError` if the file is something else."""
    for stream in ("Workbook", "WORKBOOK", "Book", "BOOK"):
        if stream in parts:
            return stream
    if "EncryptedPackage" in parts:
        raise InputError("The workbook is protected by a password.", Place(parts.name), UNLOCK)
    for stream, description, remedy in OTHER_FILES:
        if stream in parts:
            raise InputError(f"This is {description}, not a workbook.", Place(parts.name), remedy)
    raise InputError("The file holds no workbook.", Place(parts.name), "Name the workbook that is meant.")


def read_sheet(stream: bytes, start: int, sheet: XlsSheet) -> None:
    try:
        for record in records(stream, start, sheet.draft.step):
            sheet.take(record)
        sheet.close()
    except DAMAGE as error:
        place = Place(sheet.draft.file, sheet.draft.sheet)
        raise InputError("The sheet is damaged: a record is not whole, or names no cell.", place, DAMAGED) from error


READERS.add("xls")(TableReader("xls", (".xls", ".xlt"), magic=OLE_MAGIC, read=read))
