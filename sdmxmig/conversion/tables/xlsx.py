"""Workbooks in the format of ECMA-376 (.xlsx, .xlsm)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from itertools import chain

from lxml import etree

from sdmxmig.conversion.tables.cell_styles import CellStyles, styles_of
from sdmxmig.conversion.tables.limits import PART_LIMIT, Allowance
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.conversion.tables.sheet_xml import DAMAGED, XlsxSheet
from sdmxmig.conversion.tables.xlsx_cells import CellLane, SharedParts
from sdmxmig.conversion.tables.xlsx_notes import read_notes
from sdmxmig.conversion.tables.xlsx_pieces import FastLane, read_part
from sdmxmig.conversion.tables.xlsx_rows import RowCutter
from sdmxmig.conversion.tables.xlsx_strings import read_strings
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive, open_zip
from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.io.intake.xml_feed import XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

OTHER_ARCHIVES = (
    ("word/document.xml", "a Word document", "Copy its table into a workbook and save that as .xlsx."),
    ("ppt/presentation.xml", "a presentation", "Copy its table into a workbook and save that as .xlsx."),
)
ROOT = re.compile(rb"<(?:\w+:)?worksheet\b[^<>]*>")
PREFIX = re.compile(rb"\sxmlns:(\w+)=")


@dataclass(frozen=True)
class Relation:
    """Where one part of a workbook points to another."""

    id: str
    kind: str
    _: KW_ONLY
    target: str


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets of a workbook, hidden ones too, in their order."""
    try:
        archive = open_zip(content, name)
    except InputError as error:
        raise InputError(f"The workbook cannot be opened. {error.message}", error.place, error.hint) from error
    main = next(
        (relation.target for relation in relations(archive, "") if relation.kind == "officeDocument"), "xl/workbook.xml"
    )
    if main not in archive or main.endswith(".bin") or not main.startswith("xl/"):
        for member, description, remedy in OTHER_ARCHIVES:
            if member in archive:
                raise InputError(f"This is {description}, not a workbook.", Place(name), remedy)
        raise InputError("This is a zip archive, not a workbook.", Place(name), "Unpack it and name the workbook.")
    workbook = part(archive, main)
    linked = {relation.id: relation for relation in relations(archive, main)}
    allowance = Allowance()
    shared = shared_parts(archive, workbook, linked, allowance)
    tables = []
    for sheet in workbook.iter():
        if local(str(sheet.tag)) != "sheet":
            continue
        attributes = {local(str(key)): str(value) for key, value in sheet.attrib.items()}
        relation = linked.get(attributes.get("id", ""))
        if relation and relation.kind == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            taker = XlsxSheet(name, attributes.get("name", ""), shared, allowance)
            tables.append(read_sheet(archive, relation.target, taker, hidden=hidden))
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), DAMAGED)
    return tuple(tables)


def part(archive: Archive, member: str) -> etree._Element:
    content = archive.read(member)
    if len(content) > PART_LIMIT:
        raise InputError(f"The part is larger than {PART_LIMIT >> 20} MiB.", Place(archive.name, key=member), DAMAGED)
    return parse_xml(content, f"{archive.name} › {member}")


def relations(archive: Archive, source: str) -> list[Relation]:
    """The parts that a part points to inside the workbook; those outside are left alone."""
    folder, file = posixpath.split(source)
    member = posixpath.join(folder, "_rels", f"{file}.rels")
    if member not in archive:
        return []
    linked = []
    for element in part(archive, member):
        if element.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        linked.append(Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target=target))
    return linked


def shared_parts(
    archive: Archive, workbook: etree._Element, linked: Mapping[str, Relation], allowance: Allowance
) -> SharedParts:
    """The strings, styles and calendar of a workbook."""
    targets = {relation.kind: relation.target for relation in linked.values()}
    strings = pl.Series(dtype=pl.String)
    member = targets.get("sharedStrings", "")
    if member in archive:
        strings = read_strings(archive.chunks(member), f"{archive.name} › {member}", allowance)
    properties = (element for element in workbook if local(str(element.tag)) == "workbookPr")
    since_1904 = any(element.get("date1904") in ("1", "true") for element in properties)
    member = targets.get("styles", "")
    if member not in archive:
        return SharedParts(strings, CellStyles(since_1904=since_1904))
    try:
        return SharedParts(strings, styles_in(part(archive, member), since_1904=since_1904))
    except ValueError as error:
        raise InputError("The styles of the workbook are damaged.", Place(archive.name), DAMAGED) from error


def styles_in(styles: etree._Element, *, since_1904: bool) -> CellStyles:
    """The cell styles that a workbook declares; ``ValueError`` for a number that is none, or too many styles."""
    declared: dict[int, str] = {}
    ids: list[int] = []
    indents: dict[int, int] = {}
    for group in styles:
        if local(str(group.tag)) == "numFmts":
            declared = {int(element.get("numFmtId", "")): element.get("formatCode", "") for element in group}
        elif local(str(group.tag)) == "cellXfs":
            ids = [int(element.get("numFmtId", "0")) for element in group]
            indents = {number: indent for number, element in enumerate(group) if (indent := indent_of(element))}
    return styles_of(ids, declared, since_1904=since_1904, indents=indents)


def indent_of(style: etree._Element) -> int:
    return next((int(element.get("indent", "0")) for element in style if local(str(element.tag)) == "alignment"), 0)


def read_sheet(archive: Archive, member: str, sheet: XlsxSheet, *, hidden: bool) -> Table:
    """One sheet of a workbook as a table, with its comments."""
    chunks = archive.chunks(member)
    head = next(chunks, b"")
    root = ROOT.search(head)
    prefixes = frozenset(prefix.decode() for prefix in PREFIX.findall(root[0])) if root else frozenset()
    lane = FastLane(b"<row ", b"</sheetData", read=CellLane(sheet.shared, RowCutter(prefixes)).read)
    read_part(chain([head], chunks), XmlFeed(f"{archive.name} › {member}", sheet), sheet, lane)
    linked = relations(archive, member)
    old, threads = (
        [relation.target for relation in linked if relation.kind == kind] for kind in ("comments", "threadedComment")
    )
    return sheet.table(notes=read_notes(archive, old, threads, sheet.allowance), hidden=hidden)


READERS.add("xlsx")(TableReader("xlsx", (".xlsx", ".xlsm"), magic=ZIP_MAGIC, read=read))
