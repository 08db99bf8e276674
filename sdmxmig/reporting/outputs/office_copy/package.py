"""Package of a copy: only known parts.

Content of a copied workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from sdmxmig.io.workbooks import EPOCH, free_title
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.office_copy.rows import CopiedRows
from sdmxmig.reporting.outputs.office_copy.sheet import Remark, comments_part, drawing_part
from sdmxmig.reporting.outputs.office_copy.styles import (
    MAIN,
    RELATIONS,
    StyleBook,
    as_part,
    new_child,
    new_element,
    read_styles,
    remove,
)
from sdmxmig.sdmx.model.tables import Cell, Range

if TYPE_CHECKING:
    from openpyxl import Workbook


LEVEL = 4
"""How hard parts are packed: beyond this it takes twice the time and saves a tenth."""
MOST_REMARKS = 10_000
"""So many comments a sheet has at most; programs draw a box for each."""
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SUFFIXES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}


@dataclass(frozen=True, slots=True)
class SheetMarks:
    colours: dict[int, dict[int, str]] = field(default_factory=dict)
    remarks: dict[Cell, str] = field(default_factory=dict)


def packed(
    source: CopySource, marks: Mapping[str, SheetMarks], title: str, listing: Callable[[CopyLosses], Workbook]
) -> bytes:
    buffer = io.BytesIO()
    marked = [marks.get(sheet.title, SheetMarks()) for sheet in source.sheets]
    remarks = [remarks_of(sheet, marks, source.losses) for sheet, marks in zip(source.sheets, marked, strict=True)]
    with zipfile.ZipFile(buffer, "w") as archive:
        writer = _Writer(archive, source)
        writer.write("[Content_Types].xml", [content_types(source, remarks)])
        writer.write("_rels/.rels", [relations_part([("officeDocument", "xl/workbook.xml")])])
        for number, sheet in enumerate(source.sheets):
            writer.sheet(f"sheet{number + 2}", sheet, marked[number], remarks[number])
        first, names = listing_sheet(listing(source.losses), source.styles)
        writer.write("xl/worksheets/sheet1.xml", [first])
        writer.write("xl/styles.xml", [source.styles.content])
        if source.theme:
            writer.write("xl/theme/theme1.xml", [source.theme])
        if source.strings is not None:
            writer.write("xl/sharedStrings.xml", source.strings())
        writer.write("xl/workbook.xml", [workbook_part(source, title, names)])
        writer.write("xl/_rels/workbook.xml.rels", [relations_part(parts_of(source))])
    return buffer.getvalue()


def remarks_of(sheet: CopiedSheet, marks: SheetMarks, losses: CopyLosses) -> dict[Cell, Remark]:
    remarks = dict(sheet.remarks)
    for cell, text in marks.remarks.items():
        remark = remarks.get(cell)
        if remark is None and len(remarks) >= MOST_REMARKS:
            losses.remarks += 1
        else:
            remarks[cell] = Remark("sdmxmig", f"{remark.text}\n\n{text}" if remark and remark.text else text)
    return remarks


@dataclass(frozen=True, slots=True)
class _Writer:
    archive: zipfile.ZipFile
    source: CopySource

    def write(self, member: str, chunks: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(member, EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 0  # the same on every system
        entry._compresslevel = LEVEL  # type: ignore[attr-defined]  # an entry has no other way to be told
        with self.archive.open(entry, "w") as part:
            for chunk in chunks:
                part.write(chunk)

    def sheet(self, member: str, sheet: CopiedSheet, marks: SheetMarks, remarks: Mapping[Cell, Remark]) -> None:
        names = frozenset(name.name.casefold() for name in self.source.names)
        rows = CopiedRows(
            sheet.place, self.source.titles, names=names, colours=marks.colours, restyle=self.source.styles.coloured
        )
        self.write(f"xl/worksheets/{member}.xml", _whole(sheet, rows, is_remarked=bool(remarks)))
        self.source.losses.formulas += rows.values
        if remarks:
            self.write(f"xl/comments/{member}.xml", [comments_part(remarks)])
            self.write(f"xl/drawings/{member}.vml", [drawing_part(remarks)])
            parts = [("vmlDrawing", f"../drawings/{member}.vml"), ("comments", f"../comments/{member}.xml")]
            self.write(f"xl/worksheets/_rels/{member}.xml.rels", [relations_part(parts)])


def _whole(sheet: CopiedSheet, rows: CopiedRows, *, is_remarked: bool) -> Iterator[bytes]:
    yield sheet.before + b"<sheetData>"
    yield from rows.carried(sheet.pieces(), sheet.wrapper)
    yield b"</sheetData>" + sheet.behind
    yield b'<legacyDrawing r:id="rId1"/></worksheet>' if is_remarked else b"</worksheet>"


def content_types(source: CopySource, remarks: Sequence[Mapping[Cell, Remark]]) -> bytes:
    root = new_element("Types", space=TYPES)
    for suffix, kind in SUFFIXES.items():
        new_child(root, "Default", Extension=suffix, ContentType=kind)
    parts = {"xl/workbook.xml": f"{SHEETS}.sheet.main+xml", "xl/styles.xml": f"{SHEETS}.styles+xml"}
    if source.theme:
        parts["xl/theme/theme1.xml"] = "application/vnd.openxmlformats-officedocument.theme+xml"
    if source.strings is not None:
        parts["xl/sharedStrings.xml"] = f"{SHEETS}.sharedStrings+xml"
    for number in range(1, len(source.sheets) + 2):
        parts[f"xl/worksheets/sheet{number}.xml"] = f"{SHEETS}.worksheet+xml"
    for number, of_sheet in enumerate(remarks, start=2):
        if of_sheet:
            parts[f"xl/comments/sheet{number}.xml"] = f"{SHEETS}.comments+xml"
    for member, kind in parts.items():
        new_child(root, "Override", PartName=f"/{member}", ContentType=kind)
    return as_part(root)


def relations_part(parts: Iterable[tuple[str, str]]) -> bytes:
    root = new_element("Relationships", space=PACKAGE)
    for number, (kind, target) in enumerate(parts, start=1):
        new_child(root, "Relationship", Id=f"rId{number}", Type=f"{RELATIONS}/{kind}", Target=target)
    return as_part(root)


def parts_of(source: CopySource) -> Iterator[tuple[str, str]]:
    yield from (("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(source.sheets) + 2))
    yield "styles", "styles.xml"
    if source.theme:
        yield "theme", "theme/theme1.xml"
    if source.strings is not None:
        yield "sharedStrings", "sharedStrings.xml"


def workbook_part(source: CopySource, title: str, names: Iterable[etree._Element]) -> bytes:
    """Write the main part: sheets in order, defined names, calculation settings."""
    root = new_element("workbook")
    new_child(root, "workbookPr", **({"date1904": "1"} if source.since_1904 else {}))
    new_child(new_child(root, "bookViews"), "workbookView", activeTab="0")
    sheets = new_child(root, "sheets")
    for number, (name, state) in enumerate(
        [(title, ""), *((copied_sheet.title, copied_sheet.state) for copied_sheet in source.sheets)], start=1
    ):
        sheet = new_child(sheets, "sheet", name=name, sheetId=str(number), **({"state": state} if state else {}))
        sheet.set(f"{{{RELATIONS}}}id", f"rId{number}")
    defined = new_child(root, "definedNames")
    defined.extend(names)
    for named_range in source.names:
        scope = {} if named_range.sheet is None else {"localSheetId": str(named_range.sheet + 1)}
        new_child(defined, "definedName", name=named_range.name, **scope).text = named_range.cells
    if not len(defined):
        root.remove(defined)
    if source.calculates:
        new_child(root, "calcPr", fullCalcOnLoad="1")
    return as_part(root)


def listing_sheet(workbook: Workbook, styles: StyleBook) -> tuple[bytes, list[etree._Element]]:
    buffer = io.BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        sheet, main = (etree.fromstring(archive.read(f"xl/{part}.xml")) for part in ("worksheets/sheet1", "workbook"))
        begin = styles.take(read_styles(archive.read("xl/styles.xml"), Place("")))
    for cell in sheet.iter(f"{{{MAIN}}}c"):
        cell.set("s", str(int(cell.get("s", "0")) + begin))
    for part in (*sheet.iter(f"{{{MAIN}}}row"), *sheet.iter(f"{{{MAIN}}}col")):
        remove(part, "s", "style", "customFormat")
    return as_part(sheet), list(main.iter(f"{{{MAIN}}}definedName"))


NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]|^'|'$")


@dataclass(slots=True)
class CopyLosses:
    """Content missing from a copy; `formulas` became values; `remarks` exceed limits."""

    running: bool = False
    shown: bool = False
    _: KW_ONLY
    sources: bool = False
    formulas: int = 0
    links: int = 0
    remarks: int = 0
    looks: bool = False


@dataclass(frozen=True, slots=True)
class CopiedSheet:
    """A copied sheet; `pieces` yields its rows."""

    title: str
    original_name: str
    _: KW_ONLY
    place: Place
    before: bytes
    behind: bytes
    wrapper: bytes
    pieces: Callable[[], Iterator[bytes]]
    merged: tuple[Range, ...] = ()
    state: str = ""
    remarks: Mapping[Cell, Remark] = field(default_factory=dict)

    def shown_at(self, cell: Cell) -> Cell:
        row, column = cell
        for rectangle in self.merged:
            if (
                rectangle.first_row <= row <= rectangle.last_row
                and rectangle.first_column <= column <= rectangle.last_column
            ):
                return rectangle.first_row, rectangle.first_column
        return cell


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name for cells of the workbook; `sheet` is the number of its sheet, if local."""

    name: str
    cells: str
    _: KW_ONLY
    sheet: int | None = None


@dataclass(frozen=True, slots=True)
class CopySource:
    """A workbook to copy."""

    sheets: Sequence[CopiedSheet]
    styles: StyleBook
    _: KW_ONLY
    losses: CopyLosses
    names: Sequence[DefinedName] = ()
    theme: bytes = b""
    strings: Callable[[], Iterator[bytes]] | None = None
    since_1904: bool = False
    calculates: bool = False

    @property
    def titles(self) -> Collection[str]:
        return frozenset(
            copied_sheet.title.casefold()
            for copied_sheet in self.sheets
            if copied_sheet.title == copied_sheet.original_name
        )


def titled(names: Iterable[str], nameless: str = "Sheet") -> list[str]:
    """Return valid, unique titles, in the order of the wanted names.

    >>> titled(["Data", "data", "[x.xlsx]S", ""])
    ['Data', 'data 2', ' x.xlsx S', 'Sheet']
    """
    titles: list[str] = []
    for name in names:
        titles.append(free_title(titles, NOT_IN_TITLES.sub(" ", name) or nameless))
    return titles
