"""Workbooks in the format of ECMA-376 (.xlsx, .xlsm), read by cells that are there and nothing else.

Macros, links to other files, pictures and charts are never opened. What a formula gave when the workbook was saved
is the text of its cell.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from sdmxmig.errors import InputError
from sdmxmig.intake.archives import ZIP_MAGIC, Archive, open_zip
from sdmxmig.intake.xml import local, parse_xml, stream_xml
from sdmxmig.model.tables import Table
from sdmxmig.places import Place
from sdmxmig.tables import READERS, Reader
from sdmxmig.tables.number_formats import kind_of
from sdmxmig.tables.sheet_xml import Budget, Shared, Sheet, Strings

OTHER_ARCHIVES = (
    ("content.xml", "an OpenDocument file", "Open it in a spreadsheet program and save it as .xlsx."),
    ("xl/workbook.bin", "a binary workbook (.xlsb)", "Save it as .xlsx."),
    ("word/document.xml", "a Word document", "Copy its table into a workbook and save that as .xlsx."),
    ("ppt/presentation.xml", "a presentation", "Copy its table into a workbook and save that as .xlsx."),
)
DAMAGED = "Open it in a spreadsheet program and save it again as .xlsx."


@dataclass(frozen=True)
class Relation:
    """Where one part of a workbook points to another."""

    id: str
    kind: str
    target: str


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets of a workbook, hidden ones too, in their order.

    Raises `InputError` if it is damaged, no workbook, or beyond the limits.
    """
    try:
        archive = open_zip(content, name)
    except InputError as error:
        raise InputError(f"The workbook cannot be opened. {error.message}", error.place, error.hint) from error
    main = next((one.target for one in relations(archive, "") if one.kind == "officeDocument"), "xl/workbook.xml")
    if main not in archive or main.endswith(".bin") or not main.startswith("xl/"):
        for member, what, remedy in OTHER_ARCHIVES:
            if member in archive:
                raise InputError(f"This is {what}, not a workbook.", Place(name), remedy)
        raise InputError("This is a zip archive, not a workbook.", Place(name), "Unpack it and name the workbook.")
    workbook = part(archive, main)
    linked = {one.id: one for one in relations(archive, main)}
    shared = shared_parts(archive, workbook, linked)
    budget = Budget()
    tables = []
    for sheet in workbook.iter():
        if local(str(sheet.tag)) != "sheet":
            continue
        attributes = {local(str(key)): str(value) for key, value in sheet.attrib.items()}
        relation = linked.get(attributes.get("id", ""))
        if relation and relation.kind == "worksheet":
            title = attributes.get("name", "")
            hidden = attributes.get("state", "visible") != "visible"
            tables.append(read_sheet(archive, relation.target, Sheet(name, title, shared, budget), hidden=hidden))
    if not tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), DAMAGED)
    return tuple(tables)


def part(archive: Archive, member: str) -> etree._Element:
    """One small part of a workbook as XML."""
    return parse_xml(archive.read(member), f"{archive.name} › {member}")


def relations(archive: Archive, source: str) -> list[Relation]:
    """The parts that a part points to inside the workbook; those outside are left alone."""
    folder, file = posixpath.split(source)
    member = posixpath.join(folder, "_rels", f"{file}.rels")
    if member not in archive:
        return []
    found = []
    for one in part(archive, member):
        if one.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
        found.append(Relation(one.get("Id", ""), one.get("Type", "").rpartition("/")[2], target))
    return found


def shared_parts(archive: Archive, workbook: etree._Element, linked: Mapping[str, Relation]) -> Shared:
    """The strings, styles and calendar of a workbook."""
    targets = {one.kind: one.target for one in linked.values()}
    strings = Strings(archive.name)
    if targets.get("sharedStrings", "") in archive:
        member = targets["sharedStrings"]
        stream_xml(archive.chunks(member), f"{archive.name} › {member}", strings)
    styles: list[str] = []
    if targets.get("styles", "") in archive:
        styles = styles_of(part(archive, targets["styles"]), archive.name)
    properties = (one for one in workbook if local(str(one.tag)) == "workbookPr")
    since_1904 = any(one.get("date1904") in ("1", "true") for one in properties)
    return Shared(strings.texts, styles, since_1904)


def styles_of(styles: etree._Element, name: str) -> list[str]:
    """What each cell style shows: ``date``, ``time`` or empty, in the order in which cells name them."""
    codes: dict[int, str] = {}
    kinds: list[str] = []
    try:
        for group in styles:
            if local(str(group.tag)) == "numFmts":
                codes = {int(one.get("numFmtId", "")): one.get("formatCode", "") for one in group}
            elif local(str(group.tag)) == "cellXfs":
                ids = [int(one.get("numFmtId", "0")) for one in group]
                kinds = [kind_of(format_id, codes.get(format_id, "")) for format_id in ids]
    except ValueError as error:
        raise InputError("The styles of the workbook are damaged.", Place(name), DAMAGED) from error
    return kinds


def read_sheet(archive: Archive, member: str, sheet: Sheet, *, hidden: bool) -> Table:
    """One sheet of a workbook as a table."""
    try:
        stream_xml(archive.chunks(member), f"{archive.name} › {member}", sheet)
    except (ValueError, KeyError, IndexError) as error:
        place = Place(archive.name, sheet.title)
        raise InputError("The sheet is damaged: it names a cell or text that cannot be.", place, DAMAGED) from error
    return sheet.table(hidden=hidden)


READERS.add("xlsx")(Reader("xlsx", (".xlsx", ".xlsm"), ZIP_MAGIC, read))
