"""Workbooks as one XML file (“XML Spreadsheet 2003”), which offices send as .xml and, in disguise, as .xls.

Source: Microsoft, XML Spreadsheet Reference (Office 2003).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sdmxmig.conversion.tables.cell_styles import NamedStyles, named_styles, number_text, raised
from sdmxmig.conversion.tables.readers import LAST_COLUMN, READERS, TableDraft, TableReader, allowance, feed
from sdmxmig.io.intake.files import SAVE_XLSX
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

NAMESPACE = b"urn:schemas-microsoft-com:office:spreadsheet"
LOOK_AT = 4096
NAMED_FORMATS = {
    "General": "",
    "General Number": "",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
    "Short Date": "dd/mm/yyyy",
    "Long Date": "d mmmm yyyy",
    "Short Time": "hh:mm",
}
FRACTION = re.compile(r"\.0+$")
DAY_ZERO = "1899-12-31T"


class Xml2003Workbook:
    """Takes the XML of a workbook; `tables` are its sheets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables: list[Table] = []
        self._codes: dict[str, str] = {}
        self._indents: dict[str, int] = {}
        self._styles: NamedStyles | None = None
        self._style = ""
        self._allowance = allowance()
        self._draft: TableDraft | None = None
        self._row = self._column = self._skip = 0
        self._cell: Mapping[str, str] | None = None
        self._type = ""
        self._text: list[str] = []
        self._said: list[str] = []
        self._in_data = self._in_comment = False
        self._raised = 0

    @property
    def sheet(self) -> str:
        return self._draft.sheet if self._draft else ""

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        tag = tag.rpartition("}")[2]
        by_name = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        self._write(before)
        match tag:
            case "Style":
                self._style = by_name.get("ID", "")
                parent = by_name.get("Parent", "Default")
                self._codes[self._style] = self._codes.get(parent, "")
                self._indents[self._style] = self._indents.get(parent, 0)
            case "Alignment":
                self._indents[self._style] = int(by_name.get("Indent", "0"))
            case "NumberFormat":
                code = by_name.get("Format", "")
                self._codes[self._style] = NAMED_FORMATS.get(code, code)
            case "Worksheet":
                self._styles = self._styles or named_styles(self._codes, self._indents)
                self._draft = TableDraft(
                    self.name, by_name.get("Name", ""), allowance=self._allowance, formats=self._styles.formats
                )
                self._row = self._column = self._skip = 0
            case "Data":
                self._in_data = True
                if not self._in_comment:
                    self._type = by_name.get("Type", "String")
            case "Comment":
                self._in_comment = True
            case "Sup":
                self._raised += 1
            case "Column" | "Row" | "Cell" if self._draft:
                self._begin(self._draft, tag, by_name)

    def _begin(self, draft: TableDraft, tag: str, attributes: Mapping[str, str]) -> None:
        draft.step()
        index, more = int(attributes.get("Index", "0")), int(attributes.get("Span", "0"))
        hidden = attributes.get("Hidden") == "1"
        if tag == "Column":
            first = index or self._column + 1
            self._column = min(first + max(more, 0), LAST_COLUMN)
            if hidden:
                draft.hidden_columns.add(first, self._column)
        elif tag == "Row":
            first = index or self._row + 1 + self._skip
            self._row, self._column, self._skip = first, 0, max(more, 0)
            if hidden:
                draft.hidden_rows.add(first, first + self._skip)
        else:
            self._column = index or self._column + 1
            self._cell, self._text, self._said, self._type = attributes, [], [], ""

    def end(self, tag: str, text: str) -> None:
        self._write(text)
        match tag.rpartition("}")[2]:
            case "Data":
                self._in_data = False
            case "Comment":
                self._in_comment = False
            case "Sup":
                self._raised -= 1
            case "Cell" if self._draft and self._cell is not None:
                self._end_cell(self._draft, self._cell)
            case "Visible" if self._draft:
                self._draft.hidden = text.strip() in ("SheetHidden", "SheetVeryHidden")
            case "Worksheet" if self._draft:
                self.tables.append(self._draft.table(("format", "XML Spreadsheet 2003")))
                self._draft = None

    def _write(self, text: str) -> None:
        if text and self._in_data:
            (self._said if self._in_comment else self._text).append(raised(text) if self._raised > 0 else text)

    def _end_cell(self, draft: TableDraft, attributes: Mapping[str, str]) -> None:
        cell = (self._row, self._column)
        text_and_kind = text_and_kind_of(self._type, "".join(self._text))
        code = self._styles.code(attributes.get("StyleID", "Default"), text_and_kind[1]) if self._styles else None
        draft.add(cell, text_and_kind, formula="Formula" in attributes, code=code)
        draft.note(cell, "".join(self._said))
        right, down = (max(int(attributes.get(name, "0")), 0) for name in ("MergeAcross", "MergeDown"))
        if right or down:
            draft.merge(cell, (self._row + down, self._column + right))
            self._column += right
        self._cell = None


def text_and_kind_of(kind: str, text: str) -> tuple[str, str]:
    match kind:
        case "Number":
            return number_text(text.strip()), "number"
        case "Boolean":
            return ("TRUE" if text.strip() == "1" else "FALSE"), "boolean"
        case "Error":
            return text, "error"
        case "DateTime":
            moment = FRACTION.sub("", text.strip())
            if moment.startswith(DAY_ZERO):
                return moment.removeprefix(DAY_ZERO), "time"
            return moment.removesuffix("T00:00:00"), "date"
    return text, "text"


def read(name: str, content: bytes) -> tuple[Table, ...]:
    workbook = Xml2003Workbook(name)
    feed(name, [content], workbook)
    if not workbook.tables:
        raise InputError("The workbook has no sheet.", Place(name), SAVE_XLSX)
    return tuple(workbook.tables)


def recognises(content: bytes) -> bool:
    head = content[:LOOK_AT]
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and NAMESPACE in head and b"Workbook" in head


READERS.add("xml-2003")(TableReader("xml-2003", (".xml",), magic=b"", read=read, recognises=recognises))
