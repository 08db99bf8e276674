"""Workbooks in the format of ECMA-376 (.xlsx, .xlsm): cells, merged and hidden parts, comments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import chain
from math import isfinite

from lxml import etree

from sdmxmig.conversion.tables.cell_styles import NUMBER, CellStyles, build_styles, replace_texts
from sdmxmig.conversion.tables.readers import (
    LAST_COLUMN,
    LAST_ROW,
    LEAVE_OUT,
    NOTE_LIMIT,
    PART_LIMIT,
    READERS,
    Allowance,
    TableDraft,
    TableReader,
    build_damage_error,
)
from sdmxmig.conversion.tables.xlsx_columns import (
    MIDNIGHT,
    TRUE,
    FastCellReader,
    FastPartReader,
    RichText,
    RowCutter,
    RowRun,
    SharedParts,
    read_part,
    read_strings,
    unescape_text,
)
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive
from sdmxmig.io.intake.files import OTHER_ARCHIVES, SAVE_AGAIN_HINT, SAVE_XLSX_HINT
from sdmxmig.io.intake.xml import XmlFeed, parse_xml, stream_xml, strip_namespace
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Cell, Table

KIND_BY_TYPE = {"s": "text", "inlineStr": "text", "str": "text", "b": "boolean", "e": "error", "d": "date"}
"""Kinds of cells by type; other types are numbers."""
SHARED_TEXT_MARK = "\0"
DATA_DEPTH = 2
"""Number of open elements around rows: the sheet, and its data."""


class XlsxSheet:
    def __init__(self, draft: TableDraft, shared: SharedParts) -> None:
        self.draft, self.shared = draft, shared
        self._cells = CellColumns()
        self._letters: dict[str, int] = {}
        self._depth = self._row = self._column = self._style = 0
        self._in_data = self._formula = False
        self._type = self._value = ""
        self._inline = RichText()

    @property
    def ready(self) -> bool:
        return self._in_data and self._depth == DATA_DEPTH

    def start(self, tag: str, attributes: dict[str, str], _before: str) -> None:
        self._depth += 1
        try:
            self._start(tag.rpartition("}")[2], attributes)
        except (ValueError, KeyError, IndexError) as error:
            raise build_damage_error(self.draft.file, self.draft.sheet) from error

    def end(self, tag: str, text: str) -> None:
        self._depth -= 1
        try:
            self._end(tag.rpartition("}")[2], text)
        except (ValueError, KeyError, IndexError) as error:
            raise build_damage_error(self.draft.file, self.draft.sheet) from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c" and self._in_data:
            self._begin_cell(attributes)
        elif tag == "row" and self._in_data:
            self._begin_row(attributes)
        elif tag == "sheetData":
            self._in_data = True
        elif tag == "col" and attributes.get("hidden") in TRUE:
            self.draft.hidden_columns.add(int(attributes["min"]), int(attributes["max"]))
        elif tag == "mergeCell" and "ref" in attributes:
            self._merge(attributes["ref"])
        elif self._in_data:
            self._inline.start(tag, attributes)

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        if not 1 <= self._row <= LAST_ROW:
            raise ValueError("row")
        if attributes.get("hidden") in TRUE:
            self.draft.hidden_rows.add(self._row, self._row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self.draft.step()
        name = attributes.get("r", "")
        if name:
            letters = name.rstrip("0123456789")
            if letters not in self._letters:
                self._letters[letters] = parse_cell(f"{letters}1")[1] if len(letters) <= 3 else 0
            self._column = self._letters[letters]
            self._row = int(name[len(letters) :]) if len(name) <= 10 else 0
        else:
            self._column += 1
        if not (1 <= self._row <= LAST_ROW and 1 <= self._column <= LAST_COLUMN):
            raise ValueError(name)
        self._type, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._value, self._formula = "", False
        self._inline.take_text()

    def _end(self, tag: str, text: str) -> None:
        if not self._in_data:
            return
        if tag == "v":
            self._value = text
        elif tag == "c":
            self._end_cell()
        elif tag == "f":
            self._formula = True
        elif tag == "sheetData":
            self._in_data = False
        else:
            self._inline.end(tag, text)

    def _end_cell(self) -> None:
        text, kind = self._read_cell_text()
        if text or self._formula:
            code = self.shared.styles.code(self._style, kind) if text else None
            self._cells.add(self._row, self._column, text, kind=kind, formula=self._formula, code=code)

    def _read_shared_text(self) -> str:
        number = int(self._value) if self._value else -1
        if number >= self.shared.strings.len():
            raise IndexError(number)
        return f"{SHARED_TEXT_MARK}{number}" if number >= 0 else ""

    def _read_cell_text(self) -> tuple[str, str]:
        kind = KIND_BY_TYPE.get(self._type)
        if kind is None:
            return self._format_figure(self._value.strip())
        match self._type:
            case "s":
                return self._read_shared_text(), kind
            case "inlineStr":
                return self._inline.take_text(), kind
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(self._value, self._value), kind
            case "d":
                return self._value.removesuffix(MIDNIGHT), kind
        return unescape_text(self._value), kind

    def _format_figure(self, value: str) -> tuple[str, str]:
        if not NUMBER.fullmatch(value):
            return value, "number" if not value and self._formula else "text"
        number = float(value)
        return self.shared.styles.figure(number, self._style) if isfinite(number) else (value, "number")

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self.draft.merge(parse_cell(first), parse_cell(last or first))

    def take(self, run: RowRun, /) -> None:
        self.draft.step(run.count)
        for row in sorted(run.tags.hidden):
            self.draft.hidden_rows.add(row, row)
        self._row = run.tags.last_row
        self.draft.keep(run.cells)

    def flush(self) -> None:
        if not len(self._cells):
            return
        frame, self._cells = self._cells.frame(), CellColumns()
        is_shared = frame["text"].str.starts_with(SHARED_TEXT_MARK)
        numbers = frame["text"].filter(is_shared).str.slice(len(SHARED_TEXT_MARK)).cast(pl.UInt32)
        frame = frame.with_columns(text=replace_texts(frame["text"], is_shared, self.shared.strings.gather(numbers)))
        self.draft.keep(frame.filter((frame["text"] != "") | frame["formula"]))


class SheetComments:
    def __init__(self, allowance: Allowance, place: Place) -> None:
        self.texts_by_cell: dict[Cell, list[str]] = {}
        self._allowance = allowance
        self._place = place
        self._cell: Cell = (0, 0)
        self._text = RichText()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("comment", "threadedComment"):
            self._allowance.notes -= 1
            if self._allowance.notes < 0:
                raise InputError(f"The workbook has more than {NOTE_LIMIT} comments.", self._place, LEAVE_OUT)
            try:
                self._cell = parse_cell(attributes.get("ref", ""))
            except ValueError as error:
                hint = "Open it in a spreadsheet program and save it again as .xlsx."
                raise InputError("A comment does not belong to a cell.", self._place, hint) from error
        self._text.start(tag, attributes)

    def end(self, tag: str, text: str) -> None:
        comment = ""
        if tag == "text":
            comment = (self._text.take_text() or text).strip()
        else:
            self._text.end(tag, text)
        if comment:
            self.texts_by_cell.setdefault(self._cell, []).append(comment)


def read_notes(
    archive: Archive, old: Sequence[str], threads: Sequence[str], allowance: Allowance
) -> Mapping[Cell, list[str]]:
    """Read comments on cells; a thread replaces the classic comment that repeats it."""
    texts_by_cell: dict[Cell, list[str]] = {}
    for members in (old, threads):
        latest: dict[Cell, list[str]] = {}
        for member in members:
            notes = SheetComments(allowance, Place(archive.name, key=member))
            stream_xml(archive.chunks(member), f"{archive.name} › {member}", notes)
            for cell, texts in notes.texts_by_cell.items():
                latest.setdefault(cell, []).extend(texts)
        texts_by_cell |= latest
    return texts_by_cell


BINARY_WORKBOOK = "xl/workbook.bin"
WORKSHEET_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b[^<>]*>")
NAMESPACE_PREFIX = re.compile(rb"\sxmlns:(\w+)=")


@dataclass(frozen=True)
class Relation:
    id: str
    kind: str
    _: KW_ONLY
    target: str


def read(name: str, content: bytes) -> tuple[Table, ...]:
    try:
        archive = Archive(content, name)
    except InputError as error:
        hint = SAVE_XLSX_HINT if error.hint == SAVE_AGAIN_HINT else error.hint
        raise InputError(f"The workbook cannot be opened. {error.message}", error.place, hint) from error
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    if BINARY_WORKBOOK in archive:
        raise InputError("This is a binary workbook (.xlsb).", Place(name), SAVE_XLSX_HINT)
    if main not in archive or not main.startswith("xl/"):
        for member, description, remedy in OTHER_ARCHIVES:
            if member in archive:
                raise InputError(f"This is {description}, not a workbook.", Place(name), remedy)
        raise InputError("This is a zip archive, not a workbook.", Place(name), "Unpack it and name the workbook.")
    workbook = parse_part(archive, main)
    linked = {relation.id: relation for relation in relations(archive, main)}
    allowance = Allowance()
    shared = read_shared_parts(archive, workbook, linked, allowance)
    tables = []
    for sheet in workbook.iter():
        if strip_namespace(str(sheet.tag)) != "sheet":
            continue
        attributes = {strip_namespace(str(key)): str(value) for key, value in sheet.attrib.items()}
        relation = linked.get(attributes.get("id", ""))
        if relation and relation.kind == "worksheet":
            draft = TableDraft(
                name,
                attributes.get("name", ""),
                allowance=allowance,
                formats=shared.styles.formats,
                hidden=attributes.get("state", "visible") != "visible",
            )
            tables.append(read_sheet(archive, relation.target, XlsxSheet(draft, shared)))
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), SAVE_XLSX_HINT)
    return tuple(tables)


def parse_part(archive: Archive, member: str) -> etree._Element:
    content = archive.read(member)
    if len(content) > PART_LIMIT:
        raise InputError(
            f"The part is larger than {PART_LIMIT >> 20} MiB.", Place(archive.name, key=member), SAVE_XLSX_HINT
        )
    return parse_xml(content, f"{archive.name} › {member}")


def relations(archive: Archive, source: str) -> list[Relation]:
    folder, file = posixpath.split(source)
    member = posixpath.join(folder, "_rels", f"{file}.rels")
    if member not in archive:
        return []
    linked = []
    for element in parse_part(archive, member):
        if element.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        linked.append(Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target=target))
    return linked


def read_shared_parts(
    archive: Archive, workbook: etree._Element, linked: Mapping[str, Relation], allowance: Allowance
) -> SharedParts:
    targets = {relation.kind: relation.target for relation in linked.values()}
    strings = pl.Series(dtype=pl.String)
    member = targets.get("sharedStrings", "")
    if member in archive:
        strings = read_strings(archive.chunks(member), f"{archive.name} › {member}", allowance)
    properties = (element for element in workbook if strip_namespace(str(element.tag)) == "workbookPr")
    since_1904 = any(element.get("date1904") in ("1", "true") for element in properties)
    member = targets.get("styles", "")
    if member not in archive:
        return SharedParts(strings, CellStyles(since_1904=since_1904))
    try:
        return SharedParts(strings, read_styles(parse_part(archive, member), since_1904=since_1904))
    except ValueError as error:
        raise InputError("The styles of the workbook are damaged.", Place(archive.name), SAVE_XLSX_HINT) from error


def read_styles(styles: etree._Element, *, since_1904: bool) -> CellStyles[int]:
    declared: dict[int, str] = {}
    ids: list[int] = []
    indents: dict[int, int] = {}
    for group in styles:
        if strip_namespace(str(group.tag)) == "numFmts":
            declared = {int(element.get("numFmtId", "")): element.get("formatCode", "") for element in group}
        elif strip_namespace(str(group.tag)) == "cellXfs":
            ids = [int(element.get("numFmtId", "0")) for element in group]
            indents = {number: indent for number, element in enumerate(group) if (indent := read_indent(element))}
    return build_styles(ids, declared, since_1904=since_1904, indents=indents)


def read_indent(style: etree._Element) -> int:
    return next(
        (int(element.get("indent", "0")) for element in style if strip_namespace(str(element.tag)) == "alignment"), 0
    )


def read_sheet(archive: Archive, member: str, sheet: XlsxSheet) -> Table:
    chunks = archive.chunks(member)
    head = next(chunks, b"")
    root = WORKSHEET_ROOT.search(head)
    prefixes = frozenset(prefix.decode() for prefix in NAMESPACE_PREFIX.findall(root[0])) if root else frozenset()
    lane = FastPartReader(b"<row ", b"</sheetData", read=FastCellReader(sheet.shared, RowCutter(prefixes)).read)
    read_part(chain([head], chunks), XmlFeed(f"{archive.name} › {member}", sheet), sheet, lane)
    linked = relations(archive, member)
    old, threads = (
        [relation.target for relation in linked if relation.kind == kind] for kind in ("comments", "threadedComment")
    )
    sheet.draft.notes.update(read_notes(archive, old, threads, sheet.draft.allowance))
    return sheet.draft.table()


READERS.add("xlsx")(TableReader("xlsx", (".xlsx", ".xlsm"), magic=ZIP_MAGIC, read=read))
