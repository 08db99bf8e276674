"""Row and column names of an excerpt are those of the conversion, for any layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from small_validation import NOW, workspace
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.places import Place, name_column, parse_cell
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.tables import AUTODETECT
from sdmxmig.workspace.tasks import sheet_views
from sdmxmig.workspace.tasks.sheet_views import ExcerptHeaders, Excerpts, cut_excerpt

Heading = Callable[[int, int], tuple[str, ...]]
"""The cells that name the figure in a row and column."""


def named(folder: Path, rows: dict[int, list[str]], heading: Heading, at: str) -> tuple[list[str], list[str]]:
    book = Workbook()
    book.create_sheet("T")
    for row, texts in rows.items():
        for column, text in enumerate(texts, 1):
            book["T"].cell(row, column, text or None)
    path = folder / "t.xlsx"
    book.save(path)
    figures = [(row, column) for row in rows for column, text in enumerate(rows[row], 1) if text.isdigit()]
    origins = [
        (number, component, "t.xlsx", sheet, *cell)
        for number, figure in enumerate(figures)
        for component, cell in (
            ("OBS_VALUE", figure),
            *((f"C{order}", parse_cell(head)) for order, head in enumerate(heading(*figure))),
        )
        for sheet in ("T", "Sheet")[: 2 if component == "OBS_VALUE" else 1]
    ]
    heads = ExcerptHeaders(lambda: {"DF": (build_origins(origins), "OBS_VALUE")})
    place = Place("t.xlsx", "T", cell=at)
    table = {table.sheet: table for table in read(path.name, path.read_bytes())}["T"]
    about = Excerpts({"t.xlsx": path}, (), lambda _: AUTODETECT, heads=heads)
    return about.names(place, cut_excerpt(table, parse_cell(at), ()))


def letter(column: int) -> str:
    return name_column(column)


def test_upper_header_applies_to_all_its_columns(tmp_path: Path) -> None:
    rows = {
        1: ["Table 1. Immigrants 1999"],
        2: ["", "y2019", "", "", "y2020", "", ""],
        3: ["", "All", "Men", "Women", "All", "Men", "Women"],
        **{row: [f"Land {row}", *(str(row * column) for column in range(1, 7))] for row in range(4, 12)},
    }

    def heading(row: int, column: int) -> tuple[str, ...]:
        return (f"A{row}", "B2" if column < 5 else "E2", f"{letter(column)}3", "A1")

    called_rows, called_columns = named(tmp_path, rows, heading, "G9")
    assert called_rows == [f"Land {row}" for row in range(7, 12)]
    assert called_columns == ["y2019 · Women", "y2020 · All", "y2020 · Men", "y2020 · Women"]
    assert named(tmp_path, rows, heading, "B5")[1] == ["", *["y2019"] * 3, "y2020"], "what is seen is not said again"


def test_row_group_name_precedes_the_row_names(tmp_path: Path) -> None:
    ages = ["0–14", "15–64", "65+"]
    rows = {1: ["", *(f"Y{year}" for year in range(2016, 2024))]}
    rows |= {2: ["Men"], 6: ["Women"]}
    rows |= {top + at: [f"  {ages[at - 1]}", *["7"] * 8] for top in (2, 6) for at in (1, 2, 3)}

    def heading(row: int, column: int) -> tuple[str, ...]:
        return (f"A{2 if row < 6 else 6}", f"A{row}", f"{letter(column)}1")

    called_rows, called_columns = named(tmp_path, rows, heading, "I7")
    assert called_rows == ["Men · 65+", "", *(f"Women · {age}" for age in ages)]
    assert called_columns == ["Y2020", "Y2021", "Y2022", "Y2023"]


def test_blocks_side_by_side_have_their_own_names(tmp_path: Path) -> None:
    first, second = ("x1", "x2"), ("z1", "z2", "z3", "z4", "z5")
    rows = {1: ["In", *first, "Out", *second]}
    rows |= {row: [f"i{row}", "1", "2", f"o{row}", *"34567"] for row in range(2, 9)}

    def heading(row: int, column: int) -> tuple[str, ...]:
        return (f"{'A' if column < 4 else 'D'}{row}", f"{letter(column)}1")

    called_rows, called_columns = named(tmp_path, rows, heading, "I6")
    assert called_rows == [f"o{row}" for row in range(4, 9)]
    assert called_columns == ["z2", "z3", "z4", "z5"]


def test_stacked_blocks_have_their_own_headers(tmp_path: Path) -> None:
    rows = {1: ["", "Men", "Women"], 9: ["", "Girls", "Boys"]}
    rows |= {row: [f"r{row}", "1", "2"] for row in (*range(2, 8), *range(10, 18))}

    def heading(row: int, column: int) -> tuple[str, ...]:
        return (f"A{row}", f"{letter(column)}{1 if row < 9 else 9}")

    assert named(tmp_path, rows, heading, "C15")[1] == ["", "Girls", "Boys"]
    assert named(tmp_path, rows, heading, "C6")[1] == ["", "Men", "Women"]


def test_notes_and_unused_cells_yield_no_names(tmp_path: Path) -> None:
    rows = {1: ["", "Men", "Women"], **{row: [f"r{row}", "1", "2"] for row in range(2, 9)}, 20: ["Estimated"]}
    called = named(tmp_path, rows, lambda row, column: (f"A{row}", f"{letter(column)}1", f"A{19 + row % 2}"), "C6")
    assert called == ([""] * 5, ["", "Men", "Women"])


def test_page_takes_row_and_column_names_from_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_views, "list_column_names_of_excerpt", lambda *_: ["a text nearby"] * 9)
    rows = "".join(f"{year},1000,600,400\n" for year in range(2010, 2020))
    folder = workspace(tmp_path / "ws", f"Year,All,Men,Women\n{rows}2020,1000,600,427\n")
    run(["validate", str(folder), "--now", NOW])
    facts = visitor(workbench(folder)).get("/findings.json?rule=MIG-1-101").json()
    assert facts["findings"][0]["excerpt"]["called"] == ["", "All", "Men", "Women"]
