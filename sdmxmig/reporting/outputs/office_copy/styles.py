"""Cell styles of a copy.

Copied XML elements of the main namespace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, field

from lxml import etree

from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.io.workbooks import CONTROL
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
NEVER = frozenset({"extLst", "pivotSelection", "customSheetViews"})
"""Elements that refer to other parts, or hold anything at all."""


def fits(pattern: re.Pattern[bytes], piece: bytes) -> bool:
    if pattern.fullmatch(piece) is None:
        return False
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def new_element(name: str, attributes: Mapping[str, str] | None = None, space: str = MAIN) -> etree._Element:
    return etree.Element(f"{{{space}}}{name}", dict(attributes or {}), nsmap={None: space})  # type: ignore[dict-item]


def new_child(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{str(parent.tag).partition('}')[0]}}}{tag}", attributes)


def remove(element: etree._Element, *names: str) -> None:
    for name in names:
        if name in element.attrib:
            del element.attrib[name]


def as_part(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def is_main(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[0].removeprefix("{") in (MAIN, STRICT)


def plain(element: etree._Element) -> etree._Element:
    """Copy an element with texts, attributes and children of the main namespace only."""
    copy = new_element(local(str(element.tag)))
    for name, value in element.attrib.items():
        if not str(name).startswith("{"):
            copy.set(str(name), str(value))
    if element.get(SPACE) == "preserve":
        copy.set(SPACE, "preserve")
    copy.text = element.text
    for child in element:
        if is_main(child) and local(str(child.tag)) not in NEVER:
            copy.append(plain(child))
    return copy


def serialized(element: etree._Element) -> bytes:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.replace(f' xmlns="{MAIN}"', "", 1).encode()


PARTS = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
)
FIRST = (
    f'<styleSheet xmlns="{MAIN}"><fonts><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).encode()
"""The styles with which every workbook begins."""
OWN_FORMATS = 164
"""Number formats from here on are those of the workbook."""
TAKEN = (("fontId", "fonts", "applyFont"), ("fillId", "fills", "applyFill"), ("borderId", "borders", "applyBorder"))
QUOTED = "quoted"


@dataclass(slots=True)
class StyleBook:
    """The styles of a workbook, which can be extended."""

    parts: dict[str, etree._Element]
    _coloured: dict[tuple[int, str], int] = field(default_factory=dict)
    _: KW_ONLY
    _fills: dict[str, int] = field(default_factory=dict)
    _formatted: dict[tuple[str, str], int] = field(default_factory=dict)

    def coloured(self, style: int, colour: str) -> int:
        cells = self.parts["cellXfs"]
        style = style if style < len(cells) else 0
        if (style, colour) not in self._coloured:
            self._coloured[style, colour] = self._add(cells[style], fillId=str(self._fill(colour)), applyFill="1")
        return self._coloured[style, colour]

    def formatted(self, code: str) -> int:
        if code == "General" or CONTROL.search(code):
            return 0
        if ("", code) not in self._formatted:
            number = str(self._number_format(code))
            self._formatted["", code] = self._add(self.parts["cellXfs"][0], numFmtId=number, applyNumberFormat="1")
        return self._formatted["", code]

    def quoted(self) -> int:
        if (QUOTED, "") not in self._formatted:
            self._formatted[QUOTED, ""] = self._add(self.parts["cellXfs"][0], quotePrefix="1")
        return self._formatted[QUOTED, ""]

    def take(self, other: StyleBook) -> int:
        """Add all styles of another workbook and return their offset."""
        moved = {kind: len(self.parts[kind]) for _, kind, _ in TAKEN}
        formats = {element.get("numFmtId"): element.get("formatCode", "") for element in other.parts.get("numFmts", ())}
        for kind in moved:
            self.parts[kind].extend(deepcopy(list(other.parts[kind])))
        begin = len(self.parts["cellXfs"])
        for style in other.parts["cellXfs"]:
            changed = {"xfId": "0"}
            for name, kind, applied in TAKEN:
                changed |= {name: str(int(style.get(name, "0")) + moved[kind]), applied: "1"}
            if style.get("numFmtId") in formats:
                changed["numFmtId"] = str(self._number_format(formats[style.get("numFmtId")]))
            self._add(style, **changed)
        return begin

    def _add(self, style: etree._Element, **changed: str) -> int:
        cells = self.parts["cellXfs"]
        copy = deepcopy(style)
        for name, value in changed.items():
            copy.set(name, value)
        cells.append(copy)
        return len(cells) - 1

    def _fill(self, colour: str) -> int:
        fills = self.parts["fills"]
        if colour not in self._fills:
            new_child(new_child(new_child(fills, "fill"), "patternFill", patternType="solid"), "fgColor", rgb=colour)
            self._fills[colour] = len(fills) - 1
        return self._fills[colour]

    def _number_format(self, code: str) -> int:
        formats = self.parts.setdefault("numFmts", new_element("numFmts"))
        numbers = {element.get("formatCode", ""): int(element.get("numFmtId", "0")) for element in formats}
        if code not in numbers:
            numbers[code] = max([OWN_FORMATS - 1, *numbers.values()]) + 1
            new_child(formats, "numFmt", numFmtId=str(numbers[code]), formatCode=code)
        return numbers[code]

    @property
    def content(self) -> bytes:
        root = new_element("styleSheet")
        root.extend(deepcopy(self.parts[name]) for name in PARTS if name in self.parts and len(self.parts[name]))
        return as_part(root)


def read_styles(content: bytes, place: Place) -> StyleBook:
    first = {local(str(child.tag)): plain(child) for child in etree.fromstring(FIRST)}
    parts_in_file = {local(str(child.tag)): plain(child) for child in parse_xml(content, str(place)) if is_main(child)}
    book = StyleBook(
        {
            name: (parts_in_file if name in parts_in_file else first)[name]
            for name in PARTS
            if name in parts_in_file or name in first
        }
    )
    if not all(len(book.parts[name]) for name in ("fonts", "fills", "borders", "cellXfs")):
        raise InputError("The styles of the workbook are damaged.", place, "Open it and save it again as .xlsx.")
    for part in book.parts.values():
        remove(part, "count")
    keep_within_bounds(book)
    return book


def keep_within_bounds(book: StyleBook) -> None:
    limits = [(name, len(book.parts[kind])) for name, kind, _ in TAKEN]
    limits += [("xfId", len(book.parts["cellStyleXfs"])), ("numFmtId", 1 << 16)]
    for style in (*book.parts["cellXfs"], *book.parts["cellStyleXfs"], *book.parts.get("numFmts", ())):
        for name, limit in limits:
            number = style.get(name, "0")
            if not (number.isascii() and number.isdigit() and len(number) <= 6 and int(number) < limit):
                style.set(name, "0")
