"""Cell styles of a copy."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, field

from lxml import etree

from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.io.workbook_bytes import CONTROL
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.office_copy.elements import MAIN, as_part, is_main, new_child, new_element, plain, remove

PARTS = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"),
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
    """The styles of a workbook, to which others are added."""

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
        """Take all styles of another workbook in; gives the number that is added to theirs."""
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
    """The styles of a workbook; raises `InputError` if they are damaged."""
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
