"""A workbook under construction: cells, merges, figures with what they mean, and the file of spot checks beside it."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

SPOTS = 14
Value = str | int | float


def raised(text: str, mark: str) -> CellRichText:
    """A text with a raised mark behind it."""
    return CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), mark))


@dataclass
class Page:
    """A sheet."""

    book: Book
    sheet: Worksheet

    def put(self, row: int, column: int, value: object, *, bold: bool = False, indent: int = 0, wide: int = 1) -> None:
        """Write a cell, merged over `wide` columns."""
        cell = self.sheet.cell(row, column)
        cell.value = value  # type: ignore[assignment]
        cell.font = Font(bold=bold)
        cell.alignment = Alignment(indent=indent, wrap_text=isinstance(value, str) and "\n" in value)
        if wide > 1:
            self.sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + wide - 1)

    def row(self, row: int, column: int, values: list[Any]) -> None:
        """Write cells side by side; None leaves one empty."""
        for n, value in enumerate(values):
            if value is not None:
                self.put(row, column + n, value)

    def down(self, row: int, column: int, rows: int) -> None:
        """Merge a cell downwards."""
        self.sheet.merge_cells(start_row=row, end_row=row + rows - 1, start_column=column, end_column=column)

    def fig(
        self, row: int, column: int, value: Value | None, *, shown: str = "", key: bool = False, **facts: str
    ) -> None:
        """Write a figure and say what it means; `shown` is the text that stands for it, `key` makes it a spot check."""
        self.put(row, column, shown if shown else value)
        if isinstance(value, (int, float)) and not shown:
            self.sheet.cell(row, column).number_format = "#,##0" if isinstance(value, int) else "#,##0.0"
        place = f"{get_column_letter(column)}{row}"
        text = "" if value is None else str(value)
        self.book.figures.append((key, self.sheet.title, place, text, {**self.book.fixed, **facts}))

    def never(self, row: int, column: int, value: Value, **_: str) -> None:
        """Write a number that is no figure of the dataset."""
        self.put(row, column, value)
        self.book.nevers.append((self.sheet.title, f"{get_column_letter(column)}{row}"))

    def note(self, row: int, column: int, text: str) -> None:
        """Put a comment on a cell."""
        self.sheet.cell(row, column).comment = Comment(text, "office")

    def hide(self, column: int) -> None:
        """Hide a column."""
        self.sheet.column_dimensions[get_column_letter(column)].hidden = True


@dataclass
class Book:
    """A workbook with its spot checks."""

    name: str
    dataflow: str
    _: KW_ONLY
    area: str
    level: str
    where: str
    fixed: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    figures: list[tuple[bool, str, str, str, dict[str, str]]] = field(default_factory=list)
    nevers: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin an empty workbook."""
        self.workbook = Workbook()
        for empty in self.workbook.worksheets:
            self.workbook.remove(empty)
        self.random = random.Random(self.name)  # noqa: S311 - a seed

    def page(self, name: str, *, rtl: bool = False) -> Page:
        """A new sheet."""
        sheet = self.workbook.create_sheet(name)
        sheet.sheet_view.rightToLeft = rtl
        return Page(self, sheet)

    def ask(self, component: str, why: str) -> None:
        """A component that a competent reader could not know."""
        self.asks[component] = why

    def draw(self, low: int, high: int) -> int:
        """A made-up figure."""
        return self.random.randint(low, high)

    def spots(self) -> list[tuple[bool, str, str, str, dict[str, str]]]:
        """The key figures, and others spread over the table."""
        keys = [f for f in self.figures if f[0]]
        rest = [f for f in self.figures if not f[0]]
        wanted = max(SPOTS - len(keys), 6)
        wanted = min(wanted, len(rest))
        return keys + [rest[n * len(rest) // wanted] for n in range(wanted)]

    def save(self, folder: Path) -> None:
        """Write workbook and checks."""
        raw = io.BytesIO()
        self.workbook.save(raw)
        (folder / f"{self.name}.xlsx").write_bytes(frozen(raw.getvalue()))
        (folder / f"{self.name}.toml").write_text(self.toml(), encoding="utf-8")

    def toml(self) -> str:
        """The checks as TOML."""
        out = [
            f"description = {quote(self.where + ' All figures are made up.')}",
            f"dataflow = {quote(self.dataflow)}",
            f"area = {quote(self.area)}",
            f"level = {quote(self.level)}",
            "",
            "[must_ask] # what a competent reader could not know, and why",
            *(f"{key} = {quote(why)}" for key, why in self.asks.items()),
        ]
        for _, sheet, cell, value, facts in self.spots():
            codes = ", ".join(f"{k} = {quote(v)}" for k, v in facts.items())
            out += ["", "[[spot]]", f"sheet = {quote(sheet)}", f'cell = "{cell}"', f"value = {quote(value)}"]
            out.append(f"components = {{ {codes} }}")
        for sheet, cell in self.nevers[:6]:
            out += ["", "[[never]]", f"sheet = {quote(sheet)}", f'cell = "{cell}"']
        return "\n".join(out) + "\n"


def quote(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def frozen(content: bytes) -> bytes:
    """The workbook with fixed times, so that the same script gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2024-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def flow(direction: str, **more: str) -> dict[str, str]:
    """What every figure of a flow says."""
    return {
        "FREQ": "A",
        "DIRECTION": direction,
        "BIRTH_STATUS": "_T",
        "CTZ_STATUS": "_T",
        "SEX": "_T",
        "AGE": "_T",
        "C_BIRTH": "_T",
        "C_CITIZEN": "_T",
        "C_RESIDENCE": "_T",
        "UNIT_MEASURE": "PS|NUMBER",
        "UNIT_MULT": "0",
        "OBS_STATUS": "A",
        **more,
    }


def stock(**more: str) -> dict[str, str]:
    """What every figure of a stock says."""
    facts = flow("", **more)
    del facts["DIRECTION"], facts["C_RESIDENCE"]
    return facts


def admin(item: str, **more: str) -> dict[str, str]:
    """What every figure of administrative records says."""
    return {
        "FREQ": "A",
        "ADM_ITEM": item,
        "REASON": "_T",
        "C_CITIZEN": "_T",
        "SEX": "_T",
        "AGE": "_T",
        "UNIT_MEASURE": "PS|NUMBER|CASE|EVENT",
        "UNIT_MULT": "0",
        "OBS_STATUS": "A",
        **more,
    }


def ctz(code: str, own: str = "", group: str = "FC|FC_CTZ") -> dict[str, str]:
    """Country of citizenship with the status beside it, as it may be given; `group` is that of the totals."""
    if code == "_T":
        return {"C_CITIZEN": "_T", "CTZ_STATUS": group}
    status = (
        "NC|_T"
        if code == own
        else "STLS|FC|_T"
        if code == "STLS"
        else "_U|_T|FC|FC_CTZ"
        if code == "_U"
        else "FC|FC_CTZ|_T"
    )
    return {"C_CITIZEN": code, "CTZ_STATUS": status}


def pairs(text: str) -> list[tuple[str, str]]:
    """Labels with their codes, from `label=code; label=code`."""
    found = [item.split("=") for item in text.split("; ")]
    return [(label, code) for label, code in found]


def triples(text: str) -> list[tuple[str, str, str]]:
    """Labels in two languages with their codes, from `label=label=code; …`."""
    found = [item.split("=") for item in text.split("; ")]
    return [(label, other, code) for label, other, code in found]
