"""Rows of a copied sheet.

Plain rows pass as bytes with formulas checked; others are parsed and rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from xml.sax.saxutils import unescape

from lxml import etree

from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.office_copy.formulas import stays_within
from sdmxmig.reporting.outputs.office_copy.styles import SPACE, fits, is_main, new_child, new_element, serialized

ROW_ATTRIBUTES = (
    "s",
    "ht",
    "customFormat",
    "customHeight",
    "hidden",
    "outlineLevel",
    "collapsed",
    "thickTop",
    "thickBot",
    "ph",
)
CELL_ATTRIBUTES = ("s", "t", "ph")
FORMULA_ATTRIBUTES = ("t", "ref", "si", "ca", "aca")
FORMULA_KINDS = frozenset({"", "normal", "shared", "array"})
"""Kinds of formulas that are carried over; what-if tables are not."""
SIGNS = rb"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]*+"
TEXT = SIGNS + rb"(?:&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});" + SIGNS + rb")*+"
FORMULA = rb'<f((?: (?:t|ref|si|ca|aca|bx)="[A-Za-z0-9:$]*+")*+(?: xml:space="preserve")?+)(?:/>|>(' + TEXT + rb")</f>)"
VALUE = rb'<v(?: xml:space="preserve")?+>' + TEXT + rb"</v>"
INLINE = rb'<is><t(?: xml:space="preserve")?+>' + TEXT + rb"</t></is>"
CELL = (
    rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?+(?: t="(?:n|s|str|b|e|d|inlineStr)")?+'
    rb"(?:/>|>(?:" + FORMULA + rb")?+(?:" + VALUE + rb"|" + INLINE + rb")?+</c>)"
)
ROW_TAG = (
    rb'<row r="[0-9]{1,7}"(?: (?:spans|'
    + "|".join(ROW_ATTRIBUTES).encode()
    + rb'|x14ac:dyDescent)="[A-Za-z0-9.: +-]*+")*+'
)
PLAIN = re.compile(rb"\s*+(?:" + ROW_TAG + rb"(?:/>|>\s*+(?:" + CELL + rb"\s*+)*+</row>)\s*+)*+")
FORMULAS = re.compile(FORMULA)
ATTRIBUTE = re.compile(r' ([a-zA-Z:]+)="([^"]*)"')
NUMBERED = re.compile(rb'<row r="([0-9]+)"')
CELL_TAG = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="([0-9]{1,6})")?+([^<>/]*+)')
ROW_END = b"</row>"
ENTITIES = {"&quot;": '"', "&apos;": "'"}
REFERENCE = re.compile(r"&#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}));")
END_OF_SHEET = 1 << 30
Restyle = Callable[[int, str], int]
"""The number of a cell style with another colour, made of a style and the colour."""
Colours = Mapping[int, Mapping[int, str]]
"""The colours of cells by their rows and columns."""


@dataclass(slots=True)
class CopiedRows:
    """Copies rows; `colours` are applied by `restyle`; `values` counts formulas replaced."""

    place: Place
    sheets: Collection[str]
    _: KW_ONLY
    names: Collection[str]
    colours: Colours
    restyle: Restyle
    values: int = 0
    _last: int = 0
    _waiting: list[int] = field(default_factory=list)
    _shared: dict[str, bool] = field(default_factory=dict)

    def carried(self, pieces: Iterable[bytes], wrapper: bytes) -> Iterator[bytes]:
        self._waiting = sorted(self.colours, reverse=True)
        for piece in pieces:
            if piece.strip():
                yield from self._plain(piece) if is_plain(piece) else self._parsed(piece, wrapper)
        yield from self._missing(END_OF_SHEET)

    def _plain(self, piece: bytes) -> Iterator[bytes]:
        if b"<f" in piece:
            piece = FORMULAS.sub(self._formula, piece)
        last = NUMBERED.match(piece, piece.rfind(b"<row"))
        self._last = int(last[1]) if last else self._last
        if not self._waiting or self._waiting[-1] > self._last:
            yield piece
        else:
            yield from self._coloured(piece)

    def _coloured(self, piece: bytes) -> Iterator[bytes]:
        """Colour the cells of a plain piece; missing rows are inserted."""
        done = 0
        for row in NUMBERED.finditer(piece):
            number = int(row[1])
            if not self._waiting or self._waiting[-1] > number:
                continue
            yield piece[done : row.start()]
            yield from self._missing(number)
            done = row.start()
            if self._waiting and self._waiting[-1] == number:
                self._waiting.pop()
                done = row_end(piece, row.start())
                yield self._coloured_row(piece[row.start() : done], number)
        yield piece[done:]

    def _coloured_row(self, row: bytes, number: int) -> bytes:
        """Colour the cells of a plain row; missing cells are inserted."""
        waiting = sorted(self.colours[number].items(), reverse=True)
        parts, done = [], 0
        for cell in CELL_TAG.finditer(row):
            column = cell_position(cell[1].decode())[1]
            if not waiting or waiting[-1][0] > column:
                continue
            parts.append(row[done : cell.start()])
            done = cell.start()
            while waiting and waiting[-1][0] < column:
                parts.append(self._empty(number, *waiting.pop()))
            if waiting and waiting[-1][0] == column:
                style = self.restyle(int(cell[2] or 0), waiting.pop()[1])
                parts.append(b'<c r="%b" s="%d"%b' % (cell[1], style, cell[3]))
                done = cell.end()
        tail = row[done:].removesuffix(ROW_END)
        tail = tail.removesuffix(b"/>") + b">" if row.endswith(b"/>") else tail
        return b"".join(
            (*parts, tail, *(self._empty(number, *missing_cell) for missing_cell in reversed(waiting)), ROW_END)
        )

    def _empty(self, row: int, column: int, colour: str) -> bytes:
        return f'<c r="{cell_name(row, column)}" s="{self.restyle(0, colour)}"/>'.encode()

    def _missing(self, below: int) -> Iterator[bytes]:
        while self._waiting and self._waiting[-1] < below:
            number = self._waiting.pop()
            yield self._coloured_row(f'<row r="{number}"></row>'.encode(), number)

    def _parsed(self, piece: bytes, wrapper: bytes) -> Iterator[bytes]:
        name = wrapper[1:].split(None, 1)[0].rstrip(b">")
        for row in parse_xml(b"%b%b</%b>" % (wrapper, piece, name), str(self.place)):
            if is_main(row) and local(str(row.tag)) == "row":
                self._last = number_of(row.get("r"), self._last + 1, self.place)
                yield from self._missing(self._last)
                if self._waiting and self._waiting[-1] == self._last:
                    self._waiting.pop()
                yield serialized(self._row(row, self._last))

    def _row(self, row: etree._Element, number: int) -> etree._Element:
        colours = self.colours.get(number, {})
        line = new_element("row", {"r": str(number)} | known_attributes(row, ROW_ATTRIBUTES))
        column = 0
        cells: dict[int, etree._Element] = {}
        for cell in row:
            if is_main(cell) and local(str(cell.tag)) == "c":
                column = column_of(cell.get("r"), column + 1, self.place)
                cells[column] = self._cell(cell, cell_name(number, column))
        for missing in colours.keys() - cells.keys():
            cells[missing] = new_element("c", {"r": cell_name(number, missing)})
        for column, cell in sorted(cells.items()):
            if column in colours:
                cell.set("s", str(self.restyle(number_of(cell.get("s"), 0, self.place), colours[column])))
            line.append(cell)
        return line

    def _cell(self, cell: etree._Element, name: str) -> etree._Element:
        """Copy a cell with style and value; a formula only if it stays within the workbook."""
        copy = new_element("c", {"r": name} | known_attributes(cell, CELL_ATTRIBUTES))
        for part in cell:
            kind = local(str(part.tag)) if is_main(part) else ""
            attributes = known_attributes(part, FORMULA_ATTRIBUTES)
            if kind == "f" and self._stays(attributes, part.text or ""):
                new_child(copy, "f", **attributes).text = part.text
            elif kind == "v":
                new_child(copy, "v").text = part.text
            elif kind == "is":
                text = new_child(new_child(copy, "is"), "t")
                text.text = "".join(inline_texts(part))
                text.set(SPACE, "preserve")
        return copy

    def _formula(self, match: re.Match[bytes]) -> bytes:
        attributes = dict(ATTRIBUTE.findall(match[1].decode()))
        return match[0] if self._stays(attributes, unescaped((match[2] or b"").decode())) else b""

    def _stays(self, attributes: Mapping[str, str], text: str) -> bool:
        """Check whether a formula is kept; a shared one depends on its first cell."""
        kind, shared = attributes.get("t", ""), attributes.get("si", "")
        if kind == "shared" and not text:
            stays = self._shared.get(shared, False)
        else:
            stays = kind in FORMULA_KINDS and bool(text) and stays_within(text, self.sheets, self.names)
            if kind == "shared":
                self._shared[shared] = stays
        self.values += not stays
        return stays


def known_attributes(element: etree._Element, names: Iterable[str]) -> dict[str, str]:
    return {name: str(element.get(name)) for name in names if element.get(name) is not None}


def is_plain(piece: bytes) -> bool:
    return fits(PLAIN, piece)


def row_end(piece: bytes, start: int) -> int:
    tag = piece.index(b">", start) + 1
    return tag if piece[tag - 2 : tag] == b"/>" else piece.index(ROW_END, tag) + len(ROW_END)


def unescaped(text: str) -> str:
    return unescape(REFERENCE.sub(_referred, text), ENTITIES)


def _referred(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1] else int(match[2], 16)
    return {38: "&amp;", 60: "&lt;"}.get(number) or (chr(number) if number < 0x110000 else "\ufffd")


def inline_texts(part: etree._Element) -> Iterator[str]:
    for child in part:
        kind = local(str(child.tag)) if is_main(child) else ""
        if kind == "t":
            yield child.text or ""
        elif kind == "r":
            yield from inline_texts(child)


def number_of(text: str | None, otherwise: int, place: Place) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise InputError("The workbook is damaged: a row or style has no number.", place, SAVE_XLSX)
    return int(text)


def column_of(name: str | None, otherwise: int, place: Place) -> int:
    if name is None:
        return otherwise
    try:
        return cell_position(name)[1]
    except ValueError:
        raise InputError("The workbook is damaged: a cell has no name.", place, SAVE_XLSX) from None
