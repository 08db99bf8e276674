"""Tables as grids of cells, with what each figure means; reading of the base tables and writing of workbooks."""

from __future__ import annotations

import copy
import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple

HERE = Path(__file__).parent
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PARTNERS = ("C_CITIZEN", "C_BIRTH", "C_RESIDENCE", "C_FORMER")
STAMP = "2024-01-01T00:00:00Z"


@dataclass
class Cell:
    """A cell: text, role, and for a figure its correct facts."""

    text: str = ""
    role: str = ""  # title, unit, stub, value, head, label, section, note, number, extra
    _: KW_ONLY
    dim: str = ""  # the component that a head or label gives
    facts: dict[str, str] | None = None
    use: str = "must"  # must: belongs to the dataset; may: read right or left out; never: no observation of it

    @property
    def said(self) -> dict[str, str]:
        """Return the facts of a figure, to read and change; empty for other cells."""
        return {} if self.facts is None else self.facts


Row = list[Cell]


@dataclass
class Sheet:
    name: str
    rows: list[Row]

    def cells(self, role: str = "") -> Iterator[tuple[int, int, Cell]]:
        for r, row in enumerate(self.rows):
            for c, cell in enumerate(row):
                if not role or cell.role == role:
                    yield r, c, cell

    def figures(self) -> Iterator[tuple[int, int, Cell]]:
        return ((r, c, cell) for r, c, cell in self.cells() if cell.facts is not None)

    def insert_row(self, at: int, row: Row) -> None:
        self.rows.insert(at, row)

    def insert_column(self, at: int, cells: dict[int, Cell]) -> None:
        for r, row in enumerate(self.rows):
            if at > len(row):
                if r in cells:
                    row.extend(Cell() for _ in range(at - len(row)))
                else:
                    continue
            spans = at < len(row) and row[at].text == "<"
            row.insert(at, cells.get(r, Cell("<") if spans else Cell()))

    def copy(self) -> Sheet:
        return copy.deepcopy(self)


@dataclass
class Base:
    """The content of a base's TOML file."""

    id: str
    language: str
    _: KW_ONLY
    area: str
    dataflow: str
    file: str
    group: str
    template: str
    part: dict[str, str]
    alt: dict[str, list[dict[str, Any]]]
    labels: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    long: list[str] = field(default_factory=list)
    sections: str = ""
    unit_line: str = ""
    delimiter: str = ","
    limits: dict[str, str] = field(default_factory=dict)

    @property
    def row_dims(self) -> list[str]:
        return self.long or self.labels

    @property
    def partner(self) -> str:
        return next((dim for dim in self.row_dims if dim in PARTNERS), "")


@dataclass
class Table:
    """A table with its base; `part` holds the current parts of its title."""

    base: Base
    sheets: list[Sheet]
    _: KW_ONLY
    part: dict[str, str]

    @property
    def main(self) -> Sheet:
        return next(sheet for sheet in self.sheets if any(True for _ in sheet.figures()))

    def say(self, **parts: str) -> None:
        """Change parts of the title, the unit, the head of the labels or the name of the sheet."""
        sheet = self.main
        self.part.update(parts)
        for _, _, cell in sheet.cells("title"):
            full = self.part.get("full") or tidy(self.base.template.format(**self.part))
            cell.text = self.part.get("before", "") + full + self.part.get("after", "")
        for _, _, cell in sheet.cells("unit"):
            cell.text = self.base.unit_line.format(**self.part)
        for _, _, cell in sheet.cells("stub"):
            if cell.dim == self.base.partner or not self.base.long:
                cell.text = self.part["stub"]
        for _, _, cell in sheet.cells("value"):
            cell.text = self.part["value"]
        sheet.name = self.part["sheet"] if self.part["sheet"] else sheet.name


def tidy(text: str) -> str:
    """Without the doubled signs that an empty part leaves."""
    text = re.sub(r" ?[(（](?:单位：)?\s*[)）]", "", text)
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r" *([,،，])(?: *[,،，])+", r"\1", text)
    return re.sub(r"[,،，] *(?=$|\()", " ", text).strip()


def number_of(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text) else None


def value_of(cell: Cell) -> str:
    return re.sub(r"[^\d.\-]", "", cell.text.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")))


def status(dim: str, code: str, group: str, own: str) -> str:
    """The codes of birth or citizenship status that fit a row of a table of a population group."""
    birth = dim == "C_BIRTH"
    foreign = "FB" if birth else "FC|FC_CTZ"
    here = group in (("FB",) if birth else ("FC",))
    if code == "_T":
        return foreign if here else "_T"
    if code == own:
        return "NB|_T" if birth else "NC|_T"
    if code == "STLS":
        return "STLS|FC|_T"
    return f"_U|_T|{foreign}" if code == "_U" else f"{foreign}|_T"


def restate(facts: dict[str, str], dim: str, group: str, own: str) -> None:
    """Set the status that goes with the country of birth or citizenship of a figure."""
    beside = {"C_BIRTH": "BIRTH_STATUS", "C_CITIZEN": "CTZ_STATUS"}.get(dim)
    if beside and beside in facts:
        facts[beside] = status(dim, facts[dim], group, own)


def load_base(name: str) -> Table:
    """The table of a base, with roles and facts."""
    raw = tomllib.loads((HERE / "base" / f"{name}.toml").read_text(encoding="utf-8"))
    base = Base(id=name, **raw)
    text = (HERE / "base" / base.file).read_text(encoding="utf-8")
    if base.file.endswith(".csv"):
        rows = [[Cell(t) for t in row] for row in csv.reader(io.StringIO(text), delimiter=base.delimiter)]
        sheet = Sheet("", rows)
    else:
        lines = text.splitlines()
        sheet = Sheet(lines[0].removeprefix("## Sheet ").strip(), [markdown_row(line) for line in lines[1:]])
    with (HERE / "base" / f"{name}.truth.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            r, c = place_of(line["cell"])
            keep = {k: v for k, v in line.items() if k not in ("sheet", "cell", "value", "use")}
            sheet.rows[r][c].facts = {k: v for k, v in keep.items() if v}
            sheet.rows[r][c].use = line["use"]
    roles(base, sheet)
    part = {"suffix": "", "value": "", **base.part}
    return Table(base, [sheet], part=part)


def roles(base: Base, sheet: Sheet) -> None:
    """Mark what the cells around the figures are for."""
    places = [(r, c) for r, c, _ in sheet.figures()]
    top, bottom, left = min(r for r, _ in places), max(r for r, _ in places), min(c for _, c in places)
    heads = len(base.heads) or 1
    while base.sections and sum(bool(cell.text) for cell in sheet.rows[top - 1]) == 1:
        top -= 1
    sheet.rows[0][0].role = "title"
    for r, row in enumerate(sheet.rows):
        for c, cell in enumerate(row):
            if r == 1 and base.unit_line and c == 0:
                cell.role = "unit"
            elif cell.text and r > bottom:
                cell.role = "note"
            elif top - heads <= r < top and c < left and cell.text not in ("", "^"):
                cell.role, cell.dim = "stub", base.row_dims[c]
            elif top - heads <= r < top and c >= left and cell.text not in ("", "<"):
                cell.role, cell.dim = ("value", "") if base.long else ("head", base.heads[r - top + heads])
            elif top <= r <= bottom and c < left and cell.text:
                bare = all(other.facts is None for other in row)
                cell.role, cell.dim = ("section", base.sections) if bare else ("label", base.row_dims[c])


def markdown_row(line: str) -> Row:
    if not line.strip():
        return []
    return [Cell(t.strip().replace("\\|", "|")) for t in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def to_markdown(sheets: list[Sheet]) -> str:
    """Sheets in the simple Markdown workbook format."""
    out: list[str] = []
    for sheet in sheets:
        out.append(f"## Sheet {sheet.name}")
        for row in sheet.rows:
            texts = (c.text.replace("|", "\\|").replace("\n", "⏎") for c in row)
            out.append("| " + " | ".join(texts) + " |" if row else "")
    return "\n".join(out) + "\n"


def to_csv(sheet: Sheet, delimiter: str) -> bytes:
    """A sheet as delimited text, without byte order mark; merged cells become empty ones."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    for row in sheet.rows:
        writer.writerow(["" if c.text in ("<", "^") else c.text for c in row])
    return out.getvalue().encode("utf-8")


def to_xlsx(sheets: list[Sheet], *, right_to_left: bool) -> bytes:
    """Sheets as a workbook with the same bytes on every run."""
    book = openpyxl.Workbook()
    for empty in book.worksheets:
        book.remove(empty)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.sheet_view.rightToLeft = right_to_left
        for r, c, cell in sheet.cells():
            if cell.text and cell.text not in ("<", "^"):
                target = page.cell(r + 1, c + 1)
                target.value = content_of(cell.text)
                if target.data_type == "f":
                    target.data_type = "s"
                width, height = extent(sheet, r, c)
                if width * height > 1:
                    page.merge_cells(start_row=r + 1, start_column=c + 1, end_row=r + height, end_column=c + width)
    raw = io.BytesIO()
    book.save(raw)
    return frozen(raw.getvalue())


def content_of(text: str) -> str | int | float:
    """Convert a text to the content of a workbook cell: numbers as numbers, unless they begin with zero."""
    if not NUMBER.fullmatch(text) or re.match(r"-?0\d", text):
        return text
    return float(text) if "." in text else int(text)


def extent(sheet: Sheet, row: int, column: int) -> tuple[int, int]:
    width, height = 1, 1
    while column + width < len(sheet.rows[row]) and sheet.rows[row][column + width].text == "<":
        width += 1
    below = [cells[column].text if column < len(cells) else "" for cells in sheet.rows[row + 1 :]]
    while height <= len(below) and below[height - 1] == "^":
        height += 1
    return width, height


def frozen(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP.encode(), data)
            new.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def place_of(cell: str) -> tuple[int, int]:
    row, column = coordinate_to_tuple(cell)
    return row - 1, column - 1


def place(row: int, column: int) -> str:
    return f"{get_column_letter(column + 1)}{row + 1}"
