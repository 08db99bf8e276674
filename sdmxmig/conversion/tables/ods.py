"""OpenDocument workbooks (.ods), read as a stream: styles, then content.

The step of indentation is derived from all widths. Source: OASIS, Open Document Format for Office Applications 1.3,
part 3, sections 16 and 19.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from math import ceil, floor
from operator import itemgetter
from pathlib import Path

from sdmxmig.conversion.tables.cell_styles import (
    ELAPSED_TIME,
    CellStyles,
    build_named_styles,
    format_figure,
    format_number,
    raised,
)
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW, READERS, TableDraft, TableReader, allowance, feed
from sdmxmig.io.intake.archives import ZIP_MAGIC, Archive
from sdmxmig.io.intake.files import SAVE_XLSX_HINT
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.model.tables import Table

KINDS = frozenset(
    f"number:{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")
)
PARTS = {
    row["element"]: (row["short"], row["long"]) for row in read_csv_rows(Path(__file__).with_name("ods_formats.csv"))
}
"""The parts of number styles that are one sign of a number format, short and long."""
CLOCK_ELEMENTS = frozenset({"number:hours", "number:minutes", "number:seconds"})
LITERAL_SIGNS = re.compile(r"[ \-+()]*")
KIND_PATTERNS = {
    "number:percentage-style": re.compile(r"[ \-+()%]*"),
    "number:date-style": re.compile(r"[ \-+()/:.,]*"),
    "number:time-style": re.compile(r"[ \-+()/:.,]*"),
}
"""Texts that a format shows without quotation marks; elsewhere their signs would mean something."""
CONDITION = re.compile(r"value\(\)(<=|>=|!=|<|>|=)(\d{1,18}(?:\.\d{1,18})?)")
USUAL = ((), (">=0",), (">0", "<0"), (">0", "<0", "=0"))
"""Default conditions of sections: figures above zero, below zero, and zero."""
MAX_DIGITS = 30


@dataclass
class NumberStyles:
    codes: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _: KW_ONLY
    _name: str = ""
    _code: list[str] = field(default_factory=list)
    _literal: re.Pattern[str] = LITERAL_SIGNS
    _elapsed: bool = False
    _position: int = 0

    @property
    def open(self) -> bool:
        return bool(self._name)

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._literal = KIND_PATTERNS.get(tag, LITERAL_SIGNS)
        self._name, self._code = attributes.get("style:name", ""), []
        self._elapsed = attributes.get("number:truncate-on-overflow") == "false"
        self.choices[self._name] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        long = attributes.get("number:style") == "long"
        if tag in ("number:number", "number:scientific-number"):
            self._code.append(build_digit_code(attributes))
        elif tag == "number:fraction":
            over, under = (
                parse_count(attributes, f"number:min-{part}-digits", 1) for part in ("numerator", "denominator")
            )
            self._code.append(f"# {'?' * over}/{'?' * under}")
        elif tag == "number:month":
            self._code.append(("mmm" if attributes.get("number:textual") == "true" else "m") + ("m" if long else ""))
        elif tag in PARTS:
            self._code.append(self._format_part(tag, attributes, long=long))
        elif tag == "number:embedded-text":
            self._position = parse_count(attributes, "number:position", 0)
        elif tag == "style:map" and len(self.choices[self._name]) < len(USUAL):
            match = CONDITION.fullmatch(attributes.get("style:condition", "").replace(" ", ""))
            condition = f"{match[1].replace('!=', '<>')}{match[2]}" if match else ""
            self.choices[self._name].append((condition, attributes.get("style:apply-style-name", "")))

    def _format_part(self, tag: str, attributes: Mapping[str, str], *, long: bool) -> str:
        sign = PARTS[tag][long]
        if tag in CLOCK_ELEMENTS and self._elapsed:  # the first part counts beyond a day, an hour or a minute
            sign, self._elapsed = f"[{sign}]", False
        decimals = parse_count(attributes, "number:decimal-places", 0) if tag == "number:seconds" else 0
        return f"{sign}.{'0' * decimals}" if decimals else sign

    def end(self, tag: str, text: str) -> None:
        if tag in KINDS:
            self.codes[self._name] = "".join(self._code)
            self._name = ""
        elif tag in ("number:text", "number:currency-symbol") and text:
            self._code.append(self._parse_literal(text))
        elif tag == "number:embedded-text" and text and self._code:
            self._code[-1] = insert_text(self._code[-1], self._position, self._parse_literal(text))

    def _parse_literal(self, text: str) -> str:
        return text if self._literal.fullmatch(text) else f'"{text}"'

    def code(self, name: str) -> str:
        choices = self.choices.get(name, [])
        cases = [(condition, style) for condition, style in (*choices, ("", name)) if style in self.codes]
        usual = tuple(condition for condition, _ in choices) in USUAL
        signs = [f"[{condition}]" if condition and not usual else "" for condition, _ in cases]
        return ";".join(sign + self.codes[style] for sign, (_, style) in zip(signs, cases, strict=True))


def parse_count(attributes: Mapping[str, str], name: str, default: int) -> int:
    return min(max(int(attributes.get(name) or default), 0), MAX_DIGITS)


def insert_text(code: str, position: int, text: str) -> str:
    """Insert a text into a number format, before this many integer digits.

    >>> insert_text("0.0", 3, " ")
    '# ##0.0'
    """
    integers, point, behind = code.partition(".")
    lacking = position + 1 - sum(sign in "0#" for sign in integers)
    integers = "#" * max(lacking, 0) + integers
    at = len(integers)
    while position:
        at -= 1
        position -= integers[at] in "0#"
    return f"{integers[:at]}{text}{integers[at:]}{point}{behind}"


def build_digit_code(attributes: Mapping[str, str]) -> str:
    if "number:decimal-places" not in attributes and "number:min-exponent-digits" not in attributes:
        return "General"
    decimals = parse_count(attributes, "number:decimal-places", 0)
    least = min(parse_count(attributes, "number:min-decimal-places", decimals), decimals)
    exponent = parse_count(attributes, "number:min-exponent-digits", 0)
    code = "0" * parse_count(attributes, "number:min-integer-digits", 1) or "#"
    code = code.rjust(parse_count(attributes, "number:exponent-interval", 1), "#")
    if attributes.get("number:grouping") == "true":
        code = code.rjust(4, "#")
        code = f"{code[:-3]},{code[-3:]}"
    if decimals:
        code += "." + "0" * least + "#" * (decimals - least)
    factor = attributes.get("number:display-factor", "1")[:MAX_DIGITS]
    return code + "," * ((len(factor) - 1) // 3) + ("E+" + "0" * exponent if exponent else "")


PREFIXES = {"datastyle": "number", "drawing": "draw", "xsl-fo-compatible": "fo"}
MAX_DEPTH = 20
LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(in|cm|mm|pt|pc|px)")
POINTS_PER_UNIT = {"in": 72.0, "cm": 72 / 2.54, "mm": 7.2 / 2.54, "pt": 1.0, "pc": 12.0, "px": 0.75}
USUAL_INDENT = 10.0
MIN_INDENT = 6.5
ROUNDING_SHARE = 0.15
"""Tolerance of written lengths, in points."""


class PrefixedNames(dict[str, str]):
    def __missing__(self, name: str) -> str:
        if len(self) > 10_000:
            self.clear()
        namespace, _, local = name.rpartition("}")
        parts = namespace.split(":")
        prefix = parts[-2] if len(parts) > 2 else ""
        self[name] = f"{PREFIXES.get(prefix, prefix)}:{local}"
        return self[name]


@dataclass
class OdsStyles:
    numbers: NumberStyles = field(default_factory=NumberStyles)
    of_cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    margins: dict[str, float] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    _style: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in KINDS:
            self.numbers.begin(tag, attributes)
        elif tag in ("style:style", "style:default-style"):
            self._begin_style(attributes)
        elif tag == "style:text-properties":
            position = attributes.get("style:text-position", "")
            if position.startswith("super") or re.match(r"[1-9]\d*%", position):
                self.raised.add(self._style)
        elif tag == "style:paragraph-properties" and self._style in self.of_cells:
            if "fo:margin-left" in attributes:
                self.margins[self._style] = convert_to_points(attributes["fo:margin-left"])
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden.add(self._style)
        elif self.numbers.open:
            self.numbers.start(tag, attributes)

    def _begin_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get("style:name", "")
        if attributes.get("style:family") == "table-cell":
            parent = attributes.get("style:parent-style-name", "")
            self.of_cells[self._style] = (attributes.get("style:data-style-name", ""), parent)

    def end(self, tag: str, text: str) -> None:
        if self.numbers.open:
            self.numbers.end(tag, text)

    def index_styles(self) -> CellStyles[str]:
        step = find_indent_step(self.margins.values())
        indents = {style: round(self._find_margin(style) / step) for style in self.of_cells} if self.margins else {}
        return build_named_styles({style: self._format(style) for style in self.of_cells}, indents)

    def _iterate_ancestors(self, style: str) -> Iterator[str]:
        for _ in range(MAX_DEPTH):
            if style not in self.of_cells:
                return
            yield style
            style = self.of_cells[style][1]

    def _find_margin(self, style: str) -> float:
        return next(
            (self.margins[ancestor] for ancestor in self._iterate_ancestors(style) if ancestor in self.margins), 0.0
        )

    def _format(self, style: str) -> str:
        return self.numbers.code(
            next((number for ancestor in self._iterate_ancestors(style) if (number := self.of_cells[ancestor][0])), "")
        )


def convert_to_points(length: str) -> float:
    """Convert a length to points; 0 if invalid.

    >>> convert_to_points("0.5in"), convert_to_points("-1cm"), convert_to_points("")
    (36.0, 0.0, 0.0)
    """
    match = LENGTH.fullmatch(length.strip())
    return float(match[1]) * POINTS_PER_UNIT[match[2]] if match else 0.0


def find_indent_step(margins: Collection[float]) -> float:
    """Find the indentation step in points: the largest divisor of all margins.

    >>> [round(find_indent_step(margins), 2) for margins in ([8.56, 17.1, 25.66], [17.1], [20.0], [3.0])]
    [8.56, 8.55, 10.0, 10.0]
    """
    widths = sorted({margin for margin in margins if margin >= MIN_INDENT})
    if not widths:
        return USUAL_INDENT
    narrowest = widths[0]
    for steps in range(ceil((narrowest - ROUNDING_SHARE) / USUAL_INDENT), floor(narrowest / MIN_INDENT) + 1):
        step = narrowest / steps
        if all(
            abs(width - round(width / step) * step) <= ROUNDING_SHARE * max(1, width / narrowest) for width in widths
        ):
            return step
    return USUAL_INDENT


CELL_ELEMENTS = ("table:table-cell", "table:covered-table-cell")
PARAGRAPH_ELEMENTS = ("text:p", "text:h")
SKIPPED_ELEMENTS = frozenset(
    {"table:shapes", "table:dde-link", "table:tracked-changes", "text:ruby-text", "office:forms"}
)
SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
BLANKS = re.compile(r"[ \t\r\n]+")
SPACES_LIMIT = 1000
BLANK_SIGN = "\0"
"""Replaces a blank to be kept; XML cannot contain it."""


class CellText:
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
        self._shown: CellStyles[str] | None = None
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
        if (
            self._left_out
            or tag in SKIPPED_ELEMENTS
            or tag.startswith("draw:")
            or (tag == "table:table" and self._draft)
        ):
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
        elif tag in CELL_ELEMENTS:
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
        if tag in PARAGRAPH_ELEMENTS:
            self._writing.begin()
        elif tag == "text:span":
            self._raised.append(attributes.get("text:style-name", "") in self.styles.raised)
        elif tag == "text:s":
            self._writing.add(BLANK_SIGN * min(read_count(attributes, "text:c"), SPACES_LIMIT))
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
            if tag in CELL_ELEMENTS:
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
        if tag in PARAGRAPH_ELEMENTS:
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
        self._shown = self._shown or self.styles.index_styles()  # styles precede tables
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
        last = min(first + read_count(attributes, "table:number-columns-repeated") - 1, LAST_COLUMN)
        if attributes.get("table:visibility", "visible") != "visible":
            draft.hidden_columns.add(first, last)
        if first <= LAST_COLUMN:
            self._columns.append((first, last, attributes.get("table:default-cell-style-name", "")))

    def _begin_row(self, draft: TableDraft, attributes: Mapping[str, str]) -> None:
        draft.step()
        self._row += 1
        self._rows = min(read_count(attributes, "table:number-rows-repeated"), LAST_ROW)
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
        column, repeated = self._column + 1, read_count(attributes, "table:number-columns-repeated")
        self._column += repeated
        if column > LAST_COLUMN:
            raise ValueError(column)
        formula = "table:formula" in attributes
        text_and_kind, code = self._read_text_and_kind(draft, attributes, column)
        if text_and_kind[0] or formula:
            self._filled.append(FilledCell(column, repeated, text_and_kind=text_and_kind, formula=formula, code=code))
        if self._note:
            draft.note((self._row, column), self._note.text)
        down, right = (read_count(attributes, f"table:number-{way}-spanned") for way in ("rows", "columns"))
        if max(down, right) > 1:
            last = (min(self._row + down - 1, LAST_ROW), min(column + right - 1, LAST_COLUMN))
            draft.merge((self._row, column), last)

    def _read_text_and_kind(
        self, draft: TableDraft, attributes: Mapping[str, str], column: int
    ) -> tuple[tuple[str, str], int | None]:
        shown_text = self._of_cell.text
        if attributes.get("office:value-type") == "time":
            code = self._find_code(attributes, column, "time")
            by = draft.formats[code] if code is not None else ""
            return format_duration(attributes.get("office:time-value", ""), by, since_1904=self._since_1904), code
        text_and_kind = read_cell_value(attributes, shown_text)
        code = self._find_code(attributes, column, text_and_kind[1])
        return (convert_truth_value(text_and_kind, shown_text) if code is None else text_and_kind), code

    def _find_code(self, attributes: Mapping[str, str], column: int, kind: str) -> int | None:
        style = attributes.get("table:style-name", "") or self._row_style
        if not style and self._columns:
            first, last, of_column = self._columns[bisect_right(self._columns, column, key=itemgetter(0)) - 1]
            style = of_column if first <= column <= last else ""
        return self._shown.code(style, kind) if self._shown else None


def read_count(attributes: Mapping[str, str], name: str) -> int:
    return max(int(attributes.get(name) or 1), 1)


DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
BOOLEAN_TEXTS = {("1", "number"): "TRUE", ("0", "number"): "FALSE"}


def read_cell_value(attributes: Mapping[str, str], shown_text: str) -> tuple[str, str]:
    if attributes.get("calcext:value-type") == "error":
        return shown_text, "error"
    match attributes.get("office:value-type", ""):
        case "float" | "percentage" | "currency":
            return format_number(attributes.get("office:value", "")), "number"
        case "date":
            return attributes.get("office:date-value", "").removesuffix("T00:00:00"), "date"
        case "boolean":
            return attributes.get("office:boolean-value", "").upper(), "boolean"
    return shown_text or attributes.get("office:string-value", ""), "text"


def convert_truth_value(text_and_kind: tuple[str, str], shown_text: str) -> tuple[str, str]:
    """Convert a stored 1 or 0 that is displayed as a word to a Boolean.

    >>> convert_truth_value(("1", "number"), "WAHR"), convert_truth_value(("1", "number"), "1")
    (('TRUE', 'boolean'), ('1', 'number'))
    """
    if text_and_kind in BOOLEAN_TEXTS and shown_text and not any(sign.isdigit() for sign in shown_text):
        return BOOLEAN_TEXTS[text_and_kind], "boolean"
    return text_and_kind


def parse_duration(duration: str) -> float | None:
    """Parse a duration in days.

    >>> parse_duration("PT36H"), parse_duration("-PT12H00M00S")
    (1.5, -0.5)
    """
    match = DURATION.fullmatch(duration)
    if not match:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups()[1:4])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(match[5] or 0)
    return seconds / (-86_400 if match[1] else 86_400)


def format_duration(duration: str, code: str, *, since_1904: bool) -> tuple[str, str]:
    """Return text and kind of a duration: a time of day, or hours beyond a day.

    >>> [format_duration(text, "h:mm", since_1904=False) for text in ("PT12H30M00S", "PT36H")]
    [('12:30:00', 'time'), ('1900-01-01T12:00:00', 'date')]
    >>> format_duration("PT36H", "[h]:mm", since_1904=False)
    ('1.5', 'number')
    """
    days = parse_duration(duration)
    if days is None:
        return duration, "text"
    counts_on = ELAPSED_TIME.search(code) or (not code and days >= 1)
    return format_figure(days, "" if counts_on else "time", since_1904=since_1904)


MEMBER, STYLES, LIST, TYPE = "content.xml", "styles.xml", "META-INF/manifest.xml", "mimetype"
SPREADSHEET_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read all sheets in order, including hidden ones; raise `InputError` if damaged, encrypted or too large."""
    archive = Archive(content, name)
    kind = archive.read(TYPE) if TYPE in archive else SPREADSHEET_TYPE
    if not kind.startswith(SPREADSHEET_TYPE):
        hint = "Copy its table into a workbook and save that."
        raise InputError("This is an OpenDocument file, but not a workbook.", Place(name), hint)
    if LIST in archive and b"encryption-data" in archive.read(LIST):
        raise InputError("The workbook is protected by a password.", Place(name), "Save it without a password.")
    styles = OdsStyles()
    if STYLES in archive:
        feed(f"{name} › {STYLES}", archive.chunks(STYLES), OdsContent(name, styles))
    taker = OdsContent(name, styles)
    feed(f"{name} › {MEMBER}", archive.chunks(MEMBER), taker)
    if not taker.tables:
        raise InputError("The workbook has no sheet with cells.", Place(name), SAVE_XLSX_HINT)
    return tuple(taker.tables)


def is_ods(content: bytes) -> bool:
    try:
        archive: Archive = Archive(content, "")
        return MEMBER in archive
    except InputError:
        return False


READERS.add("ods")(TableReader("ods", (".ods", ".ots"), magic=ZIP_MAGIC, read=read, recognises=is_ods))
