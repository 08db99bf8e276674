"""The XML of an OpenDocument workbook, read piece by piece into tables.

Source: OASIS, Open Document Format for Office Applications 1.3, part 3, sections 6 and 9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.model.tables import Table
from sdmxmig.tables.draft import Draft, allowance, damaged
from sdmxmig.tables.figures import number_text
from sdmxmig.tables.limits import LAST_COLUMN, LAST_ROW
from sdmxmig.tables.ods_styles import Names, Styles
from sdmxmig.tables.raised import raised

CELLS = ("table:table-cell", "table:covered-table-cell")
PARAGRAPHS = ("text:p", "text:h")
LEFT_OUT = frozenset({"table:shapes", "table:dde-link", "table:tracked-changes", "text:ruby-text", "office:forms"})
SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
BLANKS = re.compile(r"[ \t\r\n]+")
DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
SPACES_LIMIT = 1000


class Writing:
    """Takes the text of a cell or of a comment: paragraphs, blanks that count, raised parts."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        """Characters of the paragraph that is open; what stands outside of one counts for nothing."""
        if self.depth and self.paragraphs:
            self.paragraphs[-1] += text

    def begin(self) -> None:
        """A paragraph begins."""
        self.depth += 1
        self.paragraphs.append("")

    @property
    def text(self) -> str:
        """The whole text, a line a paragraph."""
        return "\n".join(one.strip(" ") for one in self.paragraphs).strip("\n")


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell of the row that is being read, and how often it is repeated."""

    column: int
    repeated: int
    found: tuple[str, str]
    formula: bool
    code: int | None


class Content:
    """Takes the XML of a workbook, or of its styles only; `tables` are those that were read."""

    def __init__(self, name: str, styles: Styles) -> None:
        self.name, self.styles = name, styles
        self.tables: list[Table] = []
        self._allowance = allowance()
        self._names = Names()
        self._formats: dict[str, int] = {}
        self._draft: Draft | None = None
        self._from_elsewhere = False
        self._left_out = 0
        self._row = self._column = 0
        self._rows = 1
        self._filled: list[Filled] = []
        self._columns: list[tuple[int, int, str]] = []
        self._row_style = ""
        self._cell: Mapping[str, str] | None = None
        self._writing = self._of_cell = Writing()
        self._note: Writing | None = None
        self._raised: list[bool] = []

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        """An element begins; raises `InputError` if it names what cannot be."""
        try:
            self._start(tag, attributes, before)
        except ValueError as error:
            raise damaged(self.name, self._draft.sheet if self._draft else "") from error

    def _start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        tag = self._names[tag]
        if self._left_out or tag in LEFT_OUT or tag.startswith("draw:") or (tag == "table:table" and self._draft):
            self._left_out += 1
            return
        named, draft = {self._names[key]: value for key, value in attributes.items()}, self._draft
        if draft is None:
            if tag == "table:table":
                self._begin_table(named)
            else:
                self.styles.start(tag, named)
        elif self._cell is not None:
            self._write(before)
            self._start_text(tag, named)
        elif tag in CELLS:
            self._cell, self._of_cell, self._note = named, Writing(), None
            self._writing = self._of_cell
            draft.step()
        elif tag == "table:table-row":
            self._begin_row(draft, named)
        elif tag == "table:table-column":
            self._begin_columns(draft, named)
        elif tag == "table:table-source":
            self._from_elsewhere = True  # a copy of a table of another file

    def _start_text(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in PARAGRAPHS:
            self._writing.begin()
        elif tag == "text:span":
            self._raised.append(attributes.get("text:style-name", "") in self.styles.raised)
        elif tag == "text:s":
            self._writing.add(" " * min(count(attributes, "text:c"), SPACES_LIMIT))
        elif tag in SIGNS:
            self._writing.add(SIGNS[tag])
        elif tag == "office:annotation":
            self._note = self._writing = Writing()

    def end(self, tag: str, text: str) -> None:
        """An element ends; raises `InputError` if a cell or row that ends with it cannot be."""
        try:
            self._end(tag, text)
        except ValueError as error:
            raise damaged(self.name, self._draft.sheet if self._draft else "") from error

    def _end(self, tag: str, text: str) -> None:
        if self._left_out:
            self._left_out -= 1
            return
        tag = self._names[tag]
        draft = self._draft
        if draft is None:
            self.styles.end(tag, text)
        elif self._cell is not None:
            self._write(text)
            if tag in CELLS:
                self._end_cell(draft, self._cell)
            else:
                self._end_text(tag)
        elif tag == "table:table-row":
            self._end_row(draft)
        elif tag == "table:table":
            if not self._from_elsewhere:
                self.tables.append(draft.table())
            self._draft = None

    def _end_text(self, tag: str) -> None:
        if tag in PARAGRAPHS:
            self._writing.depth -= 1
        elif tag == "text:span" and self._raised:
            self._raised.pop()
        elif tag == "office:annotation":
            self._writing = self._of_cell

    def _write(self, text: str) -> None:
        if text and self._writing.depth:
            plain = BLANKS.sub(" ", text)
            self._writing.add(raised(plain) if any(self._raised) else plain)

    def _begin_table(self, attributes: Mapping[str, str]) -> None:
        codes = sorted({code for style in self.styles.of_cells if (code := self.styles.code(style))})
        self._formats = {code: at for at, code in enumerate(codes)}
        hidden = attributes.get("table:style-name", "") in self.styles.hidden
        title = attributes.get("table:name", "")
        self._draft = Draft(self.name, title, self._allowance, tuple(codes), hidden=hidden)
        self._from_elsewhere = False
        self._row, self._rows, self._columns = 0, 1, []
        self._column = 0

    def _begin_columns(self, draft: Draft, attributes: Mapping[str, str]) -> None:
        draft.step()
        first = self._columns[-1][1] + 1 if self._columns else 1
        last = min(first + count(attributes, "table:number-columns-repeated") - 1, LAST_COLUMN)
        if attributes.get("table:visibility", "visible") != "visible":
            draft.hidden_columns.append((first, last))
        self._columns.append((first, last, attributes.get("table:default-cell-style-name", "")))

    def _begin_row(self, draft: Draft, attributes: Mapping[str, str]) -> None:
        draft.step()
        self._row += 1
        self._rows = min(count(attributes, "table:number-rows-repeated"), LAST_ROW)
        self._column = 0
        self._row_style = attributes.get("table:default-cell-style-name", "")
        if attributes.get("table:visibility", "visible") != "visible":
            draft.hidden_rows.append((self._row, self._row + self._rows - 1))

    def _end_row(self, draft: Draft) -> None:
        draft.expect(self._rows * sum(cell.repeated for cell in self._filled))
        for row in range(self._row, self._row + self._rows) if self._filled else ():
            for cell in self._filled:
                for column in range(cell.column, cell.column + cell.repeated):
                    draft.add((row, column), cell.found, formula=cell.formula, code=cell.code)
        self._filled.clear()
        self._row += self._rows - 1

    def _end_cell(self, draft: Draft, attributes: Mapping[str, str]) -> None:
        self._cell = None
        column, repeated = self._column + 1, count(attributes, "table:number-columns-repeated")
        self._column += repeated
        if column > LAST_COLUMN:
            raise ValueError(column)
        found, formula = found_in(attributes, self._of_cell.text), "table:formula" in attributes
        if found[0] or formula:
            code = self._code(attributes, column) if found[1] in ("number", "date", "time") else None
            self._filled.append(Filled(column, repeated, found, formula, code))
        if self._note:
            draft.note((self._row, column), self._note.text)
        down, right = (count(attributes, f"table:number-{way}-spanned") for way in ("rows", "columns"))
        if max(down, right) > 1:
            last = (min(self._row + down - 1, LAST_ROW), min(column + right - 1, LAST_COLUMN))
            draft.merge((self._row, column), last)

    def _code(self, attributes: Mapping[str, str], column: int) -> int | None:
        style = attributes.get("table:style-name", "") or self._row_style
        if not style:
            style = next((name for first, last, name in self._columns if first <= column <= last), "")
        return self._formats.get(self.styles.code(style))


def count(attributes: Mapping[str, str], name: str) -> int:
    """How often something is repeated, or how far it reaches: once, if not said."""
    return max(int(attributes.get(name) or 1), 1)


def found_in(attributes: Mapping[str, str], shown: str) -> tuple[str, str]:
    """The text and the kind of a cell, from its attributes and from the text that it shows."""
    if attributes.get("calcext:value-type") == "error":
        return shown, "error"
    match attributes.get("office:value-type", ""):
        case "float" | "percentage" | "currency":
            return number_text(attributes.get("office:value", "")), "number"
        case "date":
            return attributes.get("office:date-value", "").removesuffix("T00:00:00"), "date"
        case "time":
            return time_of(attributes.get("office:time-value", ""))
        case "boolean":
            return attributes.get("office:boolean-value", "").upper(), "boolean"
    return shown or attributes.get("office:string-value", ""), "text"


def time_of(duration: str) -> tuple[str, str]:
    """The text and kind of a duration: a time of the day, or a number of days if it is longer.

    >>> time_of("PT12H30M00S"), time_of("PT36H")
    (('12:30:00', 'time'), ('1.5', 'number'))
    """
    found = DURATION.fullmatch(duration)
    if not found:
        return duration, "text"
    days, hours, minutes = (int(part or 0) for part in found.groups()[1:4])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(found[5] or 0)
    if found[1] or seconds >= 86_400:
        return number_text(repr(seconds / (-86_400 if found[1] else 86_400))), "number"
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}", "time"
