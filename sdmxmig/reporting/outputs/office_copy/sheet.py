"""Copied sheets: surroundings parsed, rows streamed.

Comments of a copied sheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from xml.sax.saxutils import quoteattr

from lxml import etree

from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.office_copy.formulas import stays_within
from sdmxmig.reporting.outputs.office_copy.rows import inline_texts
from sdmxmig.reporting.outputs.office_copy.styles import (
    MAIN,
    RELATIONS,
    SPACE,
    as_part,
    is_main,
    new_child,
    new_element,
    plain,
    remove,
    serialized,
)
from sdmxmig.sdmx.model.tables import Cell, Range

PIECE = 1 << 20
LONGEST_ROW = 32 << 20
AROUND = 16 << 20
"""Maximum bytes before and after the rows."""
DATA = re.compile(rb"<((?:[A-Za-z_][\w.-]{0,40}:)?)sheetData(?:\s[^<>]{0,1000})?>")
ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]{0,40}:)?worksheet)[\s>]")
ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']{0,40})""")
UTF_8 = (b"utf-8", b"us-ascii", b"ascii")
FIRST = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac" '
    'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
).encode()
PROPERTIES = ("tabColor", "outlinePr", "pageSetUpPr")
BEFORE = ("sheetPr", "sheetViews", "sheetFormatPr", "cols")
BEHIND = (
    "sheetProtection",
    "autoFilter",
    "mergeCells",
    "conditionalFormatting",
    "dataValidations",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "ignoredErrors",
)
GROUPS = ("mergeCells", "conditionalFormatting", "dataValidations", "rowBreaks", "colBreaks", "ignoredErrors")
CALCULATED = ("formula", "formula1", "formula2")
Within = Callable[[str], bool]
"""Whether a formula stays within the workbook."""


@dataclass(frozen=True, slots=True)
class SheetSurroundings:
    """The parts around the rows of a copied sheet.

    `links` and `formulas` count omissions.
    """

    before: bytes
    behind: bytes
    _: KW_ONLY
    wrapper: bytes
    merged: tuple[Range, ...]
    links: int
    formulas: int


def surroundings(
    chunks: Iterable[bytes], place: Place, sheets: Collection[str], names: Collection[str]
) -> SheetSurroundings:
    start, behind = without_rows(chunks, place)
    match = ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
    tag = ROOT.search(start)
    if tag is None or (match is not None and match[1].lower() not in UTF_8):
        raise InputError("The sheet is not written as workbooks are.", place, SAVE_XLSX)
    root = parse_xml(b"%b</%b>" % (start, tag[1]), str(place))
    wrapper = opened(root, tag[1].decode())
    tail = parse_xml(wrapper + behind, str(place))
    rules = SheetRules(lambda formula: stays_within(formula, sheets, names))
    elements = [element for child in tail for element in rules.carried(child)]
    elements.sort(key=lambda element: BEHIND.index(local(str(element.tag))))
    merged = tuple(rectangles(tail, place))
    links = sum(is_main(element) and local(str(element.tag)) == "hyperlink" for element in tail.iter())
    before = [part for child in root for part in heading(child)]
    return SheetSurroundings(
        FIRST + b"".join(map(serialized, before)),
        b"".join(map(serialized, elements)),
        wrapper=wrapper,
        merged=merged,
        links=links,
        formulas=rules.left,
    )


def without_rows(chunks: Iterable[bytes], place: Place) -> tuple[bytes, bytes]:
    pending = b""
    parts = iter(chunks)
    start = None
    for chunk in parts:
        pending += chunk
        start = DATA.search(pending)
        if start or len(pending) > AROUND:
            break
    if start is None:
        return no_rows(limited(pending, parts, place), place)
    before, pending = pending[: start.start()], pending[start.end() :]
    if start[0].endswith(b"/>"):
        return before, limited(pending, parts, place)
    end = b"</%bsheetData" % start[1]
    for chunk in _and_then(pending, parts):
        pending = chunk if chunk is pending else pending[-len(end) :] + chunk
        if (at := pending.find(end)) >= 0:
            behind = limited(pending[at:], parts, place)
            return before, behind[behind.find(b">") + 1 :]
    raise InputError("The rows of the sheet have no end.", place, SAVE_XLSX)


def no_rows(content: bytes, place: Place) -> tuple[bytes, bytes]:
    end = content.rfind(b"</")
    if end < 0:
        raise InputError("The sheet is not written as workbooks are.", place, SAVE_XLSX)
    return content[:end], content[end:]


def _and_then(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def limited(first: bytes, others: Iterable[bytes], place: Place) -> bytes:
    pending = first
    for chunk in others:
        pending += chunk
        if len(pending) > AROUND:
            raise InputError("Too much stands around the rows of the sheet.", place, SAVE_XLSX)
    return pending


def pieces(chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
    pending, start = b"", None
    parts = iter(chunks)
    for chunk in parts:
        pending += chunk
        if start := DATA.search(pending):
            break
    if start is None or start[0].endswith(b"/>"):
        return
    stop, row_tag = b"</%bsheetData" % start[1], b"</%brow>" % start[1]
    pending = pending[start.end() :]
    collected, size = [pending], len(pending)
    for chunk in _and_then(b"", parts):
        collected.append(chunk)
        size += len(chunk)
        if size < PIECE:
            continue
        pending = b"".join(collected)
        if (end := pending.find(stop)) >= 0:
            yield pending[:end]
            return
        at = pending.rfind(row_tag) + len(row_tag)
        if at >= len(row_tag):
            yield pending[:at]
            pending = pending[at:]
        elif size > LONGEST_ROW:
            raise InputError("A row of the sheet is too long.", place, SAVE_XLSX)
        collected, size = [pending], len(pending)
    pending = b"".join(collected)
    yield pending[: pending.find(stop)] if stop in pending else pending


def opened(root: etree._Element, name: str) -> bytes:
    spaces = (
        f"xmlns{f':{prefix}' if prefix else ''}={quoteattr(str(address))}" for prefix, address in root.nsmap.items()
    )
    return f"<{' '.join([name, *spaces])}>".encode()


def heading(child: etree._Element) -> Iterator[etree._Element]:
    name = local(str(child.tag)) if is_main(child) else ""
    if name not in BEFORE:
        return
    copy = plain(child)
    if name == "sheetPr":
        copy.attrib.clear()
        for part in list(copy):
            if local(str(part.tag)) not in PROPERTIES:
                copy.remove(part)
    for view in copy.iter(f"{{{MAIN}}}sheetView"):
        remove(view, "tabSelected")
        view.set("workbookViewId", "0")
    yield copy


@dataclass(slots=True)
class SheetRules:
    within: Within
    left: int = 0

    def carried(self, child: etree._Element) -> Iterator[etree._Element]:
        name = local(str(child.tag)) if is_main(child) else ""
        if name not in BEHIND:
            return
        copy = plain(child)
        for rule in list(copy):
            if not self._stays(rule):
                copy.remove(rule)
                self.left += 1
        remove(copy, "count")
        if len(copy) or name not in GROUPS:
            yield copy

    def _stays(self, rule: etree._Element) -> bool:
        formulas = [element.text or "" for element in rule.iter() if local(str(element.tag)) in CALCULATED]
        formulas += [element.get("val", "") for element in rule.iter() if local(str(element.tag)) == "cfvo"]
        return all(map(self.within, formulas))


def rectangles(tail: etree._Element, place: Place) -> Iterator[Range]:
    for element in tail.iter():
        if is_main(element) and local(str(element.tag)) == "mergeCell":
            first, _, last = element.get("ref", "").replace("$", "").partition(":")
            try:
                (top, left), (bottom, right) = cell_position(first), cell_position(last or first)
            except ValueError:
                raise InputError("A merged cell of the sheet has no name.", place, SAVE_XLSX) from None
            yield Range(min(top, bottom), min(left, right), last_row=max(top, bottom), last_column=max(left, right))


WIDTH = 340
LINE, HEAD, LETTERS, HIGHEST = 18, 30, 45, 2_000
FIRST_SHAPE = 1025
DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
    'width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


@dataclass(frozen=True, slots=True)
class Remark:
    author: str
    text: str


def read_comments(content: bytes, place: Place) -> dict[Cell, Remark]:
    parts = [element for element in parse_xml(content, str(place)).iter() if is_main(element)]
    authors = [part.text or "" for part in parts if local(str(part.tag)) == "author"]
    remarks = {}
    for element in parts:
        if local(str(element.tag)) != "comment":
            continue
        try:
            cell = cell_position(element.get("ref", ""))
        except ValueError:
            raise InputError("A comment is on no cell.", place, SAVE_XLSX) from None
        texts = (part for part in element if is_main(part) and local(str(part.tag)) == "text")
        by = element.get("authorId", "")
        number = int(by) if by.isascii() and by.isdigit() and len(by) <= 6 else len(authors)
        author = authors[number] if number < len(authors) else ""
        remarks[cell] = Remark(author, "".join(text for part in texts for text in inline_texts(part)))
    return remarks


def comments_part(remarks: Mapping[Cell, Remark]) -> bytes:
    root = new_element("comments")
    numbers = {
        name: str(number) for number, name in enumerate(dict.fromkeys(remark.author for remark in remarks.values()))
    }
    authors = new_child(root, "authors")
    for name in numbers:
        new_child(authors, "author").text = name
    listed = new_child(root, "commentList")
    for (row, column), remark in sorted(remarks.items()):
        comment = new_child(listed, "comment", ref=cell_name(row, column), authorId=numbers[remark.author])
        text = new_child(new_child(comment, "text"), "t")
        text.text = remark.text
        text.set(SPACE, "preserve")
    return as_part(root)


def drawing_part(remarks: Mapping[Cell, Remark]) -> bytes:
    return "".join((DRAWING, *_shapes(sorted(remarks.items())), "</xml>")).encode()


def _shapes(remarks: Iterable[tuple[Cell, Remark]]) -> Iterator[str]:
    for number, ((row, column), remark) in enumerate(remarks, start=FIRST_SHAPE):
        height = min(HEAD + LINE * (len(remark.text) // LETTERS + 2), HIGHEST)
        yield SHAPE.format(id=number, width=WIDTH, height=height, row=row - 1, column=column - 1)
