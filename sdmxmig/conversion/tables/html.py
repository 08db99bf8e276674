"""Tables of web pages, including pages named .xls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from sdmxmig.conversion.tables.cell_styles import format_number, raised
from sdmxmig.conversion.tables.readers import LAST_ROW, READERS, TableDraft, TableReader, allowance
from sdmxmig.io.encodings import detect_encoding
from sdmxmig.io.intake.xml import find_declared_encoding, stream_html
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Cell, Table

LEADING_MARKUP = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
HTML_START = re.compile(
    rb"<(!doctype\s+html|html|head|body|table|meta|link|style|title|script|center|div|span|font|form|p|br|b|h[1-6])[\s/>]",
    re.IGNORECASE,
)
"""The beginning of a page; XML begins with other names."""
HEAD_BYTES = 4096
BLANKS = re.compile(r"[ \t\r\n\f]+")
STORED_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
CURRENCY_SIGNS = "$¢£¤¥₠-⃀"
FIGURE = re.compile(rf"[-+({CURRENCY_SIGNS}]*[\d\s.,'’%{CURRENCY_SIGNS}]+\)?")
MAX_COLUMN_SPAN, MAX_ROW_SPAN = 1000, 65_534
"""Maximum columns and rows that a cell covers (HTML standard, 4.9.11)."""
MAX_DEPTH = 50
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
"""Names of encodings outside of Python."""
HIDDEN_TAGS = frozenset({"script", "style", "noscript", "template", "select"})
LINE_TAGS = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass
class OpenTable:
    draft: TableDraft
    row: int = 0
    _: KW_ONLY
    column: int = 0
    covered: list[tuple[int, int, int]] = field(default_factory=list)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    cell: tuple[int, int, Mapping[str, str]] | None = None
    text: list[str] = field(default_factory=list)
    caption: str = ""
    in_caption: bool = False
    comment: str | None = None

    def begin_row(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row > LAST_ROW:
            raise ValueError("row")
        self.draft.step(1 + len(self.covered))
        self.covered = [cover for cover in self.covered if cover[2] >= self.row]

    def begin_cell(self, attributes: Mapping[str, str]) -> None:
        if not self.row:
            self.begin_row()
        self.draft.step(1 + len(self.covered))
        column = self.column + 1
        for first, last, _ in self.covered:  # sorted
            if first <= column <= last:
                column = last + 1
        wide = parse_span(attributes, "colspan", MAX_COLUMN_SPAN) or 1
        down = parse_span(attributes, "rowspan", MAX_ROW_SPAN) or MAX_ROW_SPAN
        self.column = column + wide - 1
        if down > 1:
            self.covered = sorted([*self.covered, (column, self.column, self.row + down - 1)])
        if wide > 1 or down > 1:
            self.merged.append(((self.row, column), (self.row + down - 1, self.column)))
            if len(self.merged) > self.draft.allowance.merges:
                self.end()  # to reject them
        self.cell, self.text = (self.row, column, attributes), []

    def end_cell(self) -> None:
        if not self.cell:
            return
        row, column, attributes = self.cell
        shown_text = normalise_lines("".join(self.text))
        self.draft.add((row, column), read_cell_value(attributes, shown_text))
        self.draft.note((row, column), attributes.get("title", ""))
        self.cell = None

    def end_comment(self) -> None:
        if self.cell and self.comment:
            self.draft.note(self.cell[:2], self.comment)
        self.comment = None

    def end(self) -> None:
        self.end_cell()
        for first, (row, column) in self.merged:
            last = (min(row, self.row), column)
            if last != first:
                self.draft.merge(first, last)


def parse_span(attributes: Mapping[str, str], name: str, most: int) -> int:
    text = attributes.get(name, "").strip()
    return min(int(text[:9]), most) if text.isascii() and text.isdigit() else 1


def normalise_lines(text: str) -> str:
    return "\n".join(BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip("\n")


def read_cell_value(attributes: Mapping[str, str], shown_text: str) -> tuple[str, str]:
    stored = attributes.get("x:num") or attributes.get("sdval") or ""
    if STORED_NUMBER.fullmatch(stored) and is_shown_number(stored, shown_text):
        return format_number(stored), "number"
    return shown_text, "text"


def is_shown_number(stored: str, shown_text: str) -> bool:
    """Check whether a text shows a stored number: rounded, in thousands, per cent or with a currency.

    >>> (is_shown_number("1234.5", "1 235"), is_shown_number("0.254", "25.4%"),
    ...  is_shown_number("12.5", "-€ 12.50"), is_shown_number("45322", "31.01.2024"))
    (True, True, True, False)
    """
    if not FIGURE.fullmatch(shown_text):
        return False
    number, digits = Decimal(stored), re.sub(r"\D", "", shown_text).lstrip("0")
    if not digits:
        return abs(number) < 1
    scale = len(digits) - 1 - number.adjusted()
    scaled = (number.scaleb(scale + more) for more in (-1, 0, 1))
    return any(
        int(digits) == abs(int(number.to_integral_value(way)))
        for number in scaled
        for way in (ROUND_HALF_UP, ROUND_DOWN)
    )


def is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or "display:none" in attributes.get("style", "").replace(" ", "").lower()


class WebPage:
    def __init__(self, name: str) -> None:
        self.name = name
        self.begun: list[OpenTable] = []
        self._open: list[OpenTable] = []
        self._allowance = allowance()
        self._raised = self._not_shown = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in HIDDEN_TAGS:
            self._not_shown += 1
        elif tag == "table":
            self._begin_table()
        elif self._open:
            self._start_inside(self._open[-1], tag, attributes)

    def _begin_table(self) -> None:
        table = OpenTable(TableDraft(self.name, "", allowance=self._allowance))
        if len(self._open) >= MAX_DEPTH:
            hint = "Save only the table that you need."
            raise InputError(f"The page nests tables deeper than {MAX_DEPTH}.", Place(self.name), hint)
        table.draft.step()
        self._open.append(table)
        self.begun.append(table)

    def _start_inside(self, table: OpenTable, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "tr":
            table.end_cell()
            table.begin_row()
            if is_hidden(attributes):
                table.draft.hidden_rows.add(table.row, table.row)
        elif tag in ("td", "th"):
            table.end_cell()
            table.begin_cell(attributes)
        elif tag == "caption":
            table.in_caption = True
        elif tag == "comment":
            table.comment = ""
        elif tag == "sup":
            self._raised += 1
        elif tag in LINE_TAGS and table.cell:
            table.text.append("\n")

    def end(self, tag: str) -> None:
        if tag in HIDDEN_TAGS:
            self._not_shown -= 1
        elif not self._open:
            return
        elif tag == "table":
            self._open.pop().end()
        elif tag in ("td", "th"):
            self._open[-1].end_cell()
        elif tag == "caption":
            self._open[-1].in_caption = False
        elif tag == "comment":
            self._open[-1].end_comment()
        elif tag == "sup":
            self._raised -= 1
        elif tag in LINE_TAGS and tag != "br" and self._open[-1].cell:
            self._open[-1].text.append("\n")

    def data(self, text: str) -> None:
        if self._not_shown or not self._open:
            return
        table = self._open[-1]
        plain = BLANKS.sub(" ", text)
        if table.comment is not None:
            table.comment += plain
        elif table.cell:
            table.text.append(raised(plain) if self._raised > 0 else plain)
        elif table.in_caption:
            table.caption += raised(plain) if self._raised > 0 else plain

    def tables(self, encoding: str) -> tuple[Table, ...]:
        filled = [table for table in self.begun if table.draft.count]
        titles: set[str] = set()
        for number, table in enumerate(filled, start=1):
            title = " ".join(table.caption.split()) or str(number)
            table.draft.sheet = title if title not in titles else f"{title} ({number})"
            titles.add(table.draft.sheet)
        return tuple(table.draft.table(("format", "HTML"), ("encoding", encoding)) for table in filled)


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all tables of a page, including nested ones; raise `InputError` if none, or beyond limits."""
    text, encoding = decode_text(name, content)
    page = WebPage(name)
    try:
        stream_html(text, name, page)
    except ValueError as error:
        hint = "Save the table that you need as a workbook."
        raise InputError("A table of the page is longer or wider than a sheet can be.", Place(name), hint) from error
    tables = page.tables(encoding)
    if not tables:
        raise InputError("The web page has no table.", Place(name), "Save the page that contains the table.")
    return tables


def decode_text(name: str, content: bytes) -> tuple[str, str]:
    declared = find_declared_encoding(content)
    if declared:
        try:
            return content.decode(declared), ENCODING_NAMES.get(declared, declared).replace("cp125", "windows-125")
        except UnicodeDecodeError:
            pass  # many pages declare a wrong encoding
    encoding = detect_encoding(name, lambda: iter([content]))
    return content.decode(encoding.codec, errors="replace"), encoding.name


def is_web_page(content: bytes) -> bool:
    head = content[:HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    before = LEADING_MARKUP.match(head)
    return before is not None and HTML_START.match(head, before.end()) is not None


READERS.add("html")(TableReader("html", (".html", ".htm", ".xhtml"), magic=b"", read=read, recognises=is_web_page))
