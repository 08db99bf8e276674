"""OpenDocument workbooks (.ods and .fods), read as a stream."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from operator import itemgetter

from sdmxmig.conversion.tables.cell_styles import ELAPSED, NamedStyles, figure_of
from sdmxmig.conversion.tables.draft import TableDraft, allowance
from sdmxmig.conversion.tables.figures import number_text, raised
from sdmxmig.conversion.tables.ods_styles import OdsStyles, PrefixedNames
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW, READERS, TableReader
from sdmxmig.conversion.tables.workbook_xml import feed
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive, open_zip
from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

CELLS = ("table:table-cell", "table:covered-table-cell")
PARAGRAPHS = ("text:p", "text:h")
LEFT_OUT = frozenset({"table:shapes", "table:dde-link", "table:tracked-changes", "text:ruby-text", "office:forms"})
SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
BLANKS = re.compile(r"[ \t\r\n]+")
SPACES_LIMIT = 1000
BLANK_SIGN = "\0"
"""Stands for a blank that the file says to keep; no XML can hold it."""


class CellText:
    """Collects the text of a cell or comment: paragraphs, blanks, superscripts."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        if self.depth and self.paragraphs:
            self.paragraphs[-1] += text

    def begin(self) -> None:
        self.depth += 1
        self.paragraphs.append("")

    @property
    def text(self) -> str:
        return "\n".join(paragraph.strip(" ") for paragraph in self.paragraphs).replace(BLANK_SIGN, " ")


@dataclass(frozen=True, slots=True)
class FilledCell:
    """A cell of the current row, and how often it is repeated."""

    column: int
    repeated: int
    _: KW_ONLY
    text_and_kind: tuple[str, str]
    formula: bool
    code: int | None


class OdsContent:
    def __init__(self, name: str, styles: OdsStyles) -> None:
        self.name, self.styles = name, styles
        self.tables: list[Table] = []
        self._allowance = allowance()
        self._names = PrefixedNames()
        self._since_1904 = False
        self._shown: NamedStyles | None = None
        self._draft: TableDraft | None = None
        self._from_elsewhere = False
        self._left_out = 0
        self._row = self._column = 0
        self._rows = 1
        self._filled: list[FilledCell] = []
        self._columns: list[tuple[int, int, str]] = []
        self._row_style = ""
        self._cell: Mapping[str, str] | None = None
        self._writing = self._of_cell = CellText()
        self._note: CellText | None = None
        self._raised: list[bool] = []

    @property
    def sheet(self) -> str:
        return self._draft.sheet if self._draft else ""

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        tag = self._names[tag]
        if self._left_out or tag in LEFT_OUT or tag.startswith("draw:") or (tag == "table:table" and self._draft):
            self._left_out += 1
            return
        by_name, draft = {self._names[key]: value for key, value in attributes.items()}, self._draft
        if draft is None:
            if tag == "table:table":
                self._begin_table(by_name)
            elif tag == "table:null-date":
                self._since_1904 = by_name.get("table:date-value", "").startswith("1904")
            else:
                self.styles.start(tag, by_name)
        elif self._cell is not None:
            self._write(before)
            self._start_text(tag, by_name)
        elif tag in CELLS:
            self._cell, self._of_cell, self._note = by_name, CellText(), None
            self._writing = self._of_cell
            draft.step()
        elif tag == "table:table-row":
            self._begin_row(draft, by_name)
        elif tag == "table:table-column":
            self._begin_columns(draft, by_name)
        elif tag == "table:table-source":
            self._from_elsewhere = True  # a copy of another file's table

    def _start_text(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in PARAGRAPHS:
            self._writing.begin()
        elif tag == "text:span":
            self._raised.append(attributes.get("text:style-name", "") in self.styles.raised)
        elif tag == "text:s":
            self._writing.add(BLANK_SIGN * min(count(attributes, "text:c"), SPACES_LIMIT))
        elif tag in SIGNS:
            self._writing.add(SIGNS[tag])
        elif tag == "office:annotation":
            self._note = self._writing = CellText()

    def end(self, tag: str, text: str) -> None:
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
        self._shown = self._shown or self.styles.shown()  # styles precede tables
        hidden = attributes.get("table:style-name", "") in self.styles.hidden
        title = attributes.get("table:name", "")
        self._draft = TableDraft(
            self.name, title, allowance=self._allowance, formats=self._shown.formats, hidden=hidden
        )
        self._from_elsewhere = False
        self._row, self._rows, self._columns = 0, 1, []
        self._column = 0

    def _begin_columns(self, draft: TableDraft, attributes: Mapping[str, str]) -> None:
        draft.step()
        first = self._columns[-1][1] + 1 if self._columns else 1
        last = min(first + count(attributes, "table:number-columns-repeated") - 1, LAST_COLUMN)
        if attributes.get("table:visibility", "visible") != "visible":
            draft.hidden_columns.add(first, last)
        if first <= LAST_COLUMN:
            self._columns.append((first, last, attributes.get("table:default-cell-style-name", "")))

    def _begin_row(self, draft: TableDraft, attributes: Mapping[str, str]) -> None:
        draft.step()
        self._row += 1
        self._rows = min(count(attributes, "table:number-rows-repeated"), LAST_ROW)
        self._column = 0
        self._row_style = attributes.get("table:default-cell-style-name", "")
        if attributes.get("table:visibility", "visible") != "visible":
            draft.hidden_rows.add(self._row, self._row + self._rows - 1)

    def _end_row(self, draft: TableDraft) -> None:
        draft.expect(self._rows * sum(cell.repeated for cell in self._filled))
        for row in range(self._row, self._row + self._rows) if self._filled else ():
            for cell in self._filled:
                for column in range(cell.column, cell.column + cell.repeated):
                    draft.add((row, column), cell.text_and_kind, formula=cell.formula, code=cell.code)
        self._filled.clear()
        self._row += self._rows - 1

    def _end_cell(self, draft: TableDraft, attributes: Mapping[str, str]) -> None:
        self._cell = None
        column, repeated = self._column + 1, count(attributes, "table:number-columns-repeated")
        self._column += repeated
        if column > LAST_COLUMN:
            raise ValueError(column)
        formula = "table:formula" in attributes
        text_and_kind, code = self._text_and_kind(draft, attributes, column)
        if text_and_kind[0] or formula:
            self._filled.append(FilledCell(column, repeated, text_and_kind=text_and_kind, formula=formula, code=code))
        if self._note:
            draft.note((self._row, column), self._note.text)
        down, right = (count(attributes, f"table:number-{way}-spanned") for way in ("rows", "columns"))
        if max(down, right) > 1:
            last = (min(self._row + down - 1, LAST_ROW), min(column + right - 1, LAST_COLUMN))
            draft.merge((self._row, column), last)

    def _text_and_kind(
        self, draft: TableDraft, attributes: Mapping[str, str], column: int
    ) -> tuple[tuple[str, str], int | None]:
        shown_text = self._of_cell.text
        if attributes.get("office:value-type") == "time":
            code = self._code(attributes, column, "time")
            by = draft.formats[code] if code is not None else ""
            return time_of(attributes.get("office:time-value", ""), by, since_1904=self._since_1904), code
        text_and_kind = text_and_kind_of(attributes, shown_text)
        code = self._code(attributes, column, text_and_kind[1])
        return (truth_of(text_and_kind, shown_text) if code is None else text_and_kind), code

    def _code(self, attributes: Mapping[str, str], column: int, kind: str) -> int | None:
        style = attributes.get("table:style-name", "") or self._row_style
        if not style and self._columns:
            first, last, of_column = self._columns[bisect_right(self._columns, column, key=itemgetter(0)) - 1]
            style = of_column if first <= column <= last else ""
        return self._shown.code(style, kind) if self._shown else None


def count(attributes: Mapping[str, str], name: str) -> int:
    return max(int(attributes.get(name) or 1), 1)


DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
TRUTHS = {("1", "number"): "TRUE", ("0", "number"): "FALSE"}


def text_and_kind_of(attributes: Mapping[str, str], shown_text: str) -> tuple[str, str]:
    if attributes.get("calcext:value-type") == "error":
        return shown_text, "error"
    match attributes.get("office:value-type", ""):
        case "float" | "percentage" | "currency":
            return number_text(attributes.get("office:value", "")), "number"
        case "date":
            return attributes.get("office:date-value", "").removesuffix("T00:00:00"), "date"
        case "boolean":
            return attributes.get("office:boolean-value", "").upper(), "boolean"
    return shown_text or attributes.get("office:string-value", ""), "text"


def truth_of(text_and_kind: tuple[str, str], shown_text: str) -> tuple[str, str]:
    """Convert a stored 1 or 0 that is displayed as a word to a truth value.

    >>> truth_of(("1", "number"), "WAHR"), truth_of(("1", "number"), "1")
    (('TRUE', 'boolean'), ('1', 'number'))
    """
    if text_and_kind in TRUTHS and shown_text and not any(sign.isdigit() for sign in shown_text):
        return TRUTHS[text_and_kind], "boolean"
    return text_and_kind


def days_of(duration: str) -> float | None:
    """Parse a duration in days.

    >>> days_of("PT36H"), days_of("-PT12H00M00S")
    (1.5, -0.5)
    """
    match = DURATION.fullmatch(duration)
    if not match:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups()[1:4])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(match[5] or 0)
    return seconds / (-86_400 if match[1] else 86_400)


def time_of(duration: str, code: str, *, since_1904: bool) -> tuple[str, str]:
    """Return text and kind of a duration: a time of day, or hours beyond a day.

    >>> [time_of(text, "h:mm", since_1904=False) for text in ("PT12H30M00S", "PT36H")]
    [('12:30:00', 'time'), ('1900-01-01T12:00:00', 'date')]
    >>> time_of("PT36H", "[h]:mm", since_1904=False)
    ('1.5', 'number')
    """
    days = days_of(duration)
    if days is None:
        return duration, "text"
    counts_on = ELAPSED.search(code) or (not code and days >= 1)
    return figure_of(days, "" if counts_on else "time", since_1904=since_1904)


MEMBER, STYLES, LIST, TYPE = "content.xml", "styles.xml", "META-INF/manifest.xml", "mimetype"
SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
HEAD = 16_384


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones.

    Raises `InputError` for damaged, encrypted or oversized files.
    """
    archive = open_zip(content, name)
    kind = archive.read(TYPE) if TYPE in archive else SPREADSHEET
    if not kind.startswith(SPREADSHEET):
        hint = "Copy its table into a workbook and save that."
        raise InputError("This is an OpenDocument file, but no workbook.", Place(name), hint)
    if LIST in archive and b"encryption-data" in archive.read(LIST):
        raise InputError("The workbook is protected by a password.", Place(name), "Save it without a password.")
    styles = OdsStyles()
    if STYLES in archive:
        feed(f"{name} › {STYLES}", archive.chunks(STYLES), OdsContent(name, styles))
    return tables_of(name, f"{name} › {MEMBER}", archive.chunks(MEMBER), styles)


def read_flat(name: str, content: bytes) -> tuple[Table, ...]:
    return tables_of(name, name, [content], OdsStyles())


def tables_of(name: str, part: str, pieces: Iterable[bytes], styles: OdsStyles) -> tuple[Table, ...]:
    content = OdsContent(name, styles)
    feed(part, pieces, content)
    if not content.tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), SAVE_XLSX)
    return tuple(content.tables)


def recognises(content: bytes) -> bool:
    try:
        archive: Archive = open_zip(content, "")
        return MEMBER in archive
    except InputError:
        return False


def recognises_flat(content: bytes) -> bool:
    return content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and SPREADSHEET in content[:HEAD]


READERS.add("ods")(TableReader("ods", (".ods", ".ots"), magic=ZIP_MAGIC, read=read, recognises=recognises))
READERS.add("fods")(TableReader("fods", (".fods",), magic=b"", read=read_flat, recognises=recognises_flat))
