"""Corrected figures go back into the office's own file: in its unit and sign, marked, in any format it has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from console import Console
from openpyxl import load_workbook
from saved_workbooks import book_of, saved
from small_office import POPULATION

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run

MAPPING = (
    """
id = "MAP_OUT"
flow = "DF_POP"
file = "out.FORMAT"
[[block]]
sheet = "SHEET"
anchor = "Year"
header_rows = 1
"""
    + POPULATION
    + """[block.values]
sign = "minus"
missing = { ".." = { OBS_STATUS = "M" } }
marks = { "p" = { OBS_STATUS = "P" } }
"""
)
ROWS = [["Year", "Men", "Women"], ["2021", -10, 0], ["2022", "..", "-12p"]]


def workspace(folder: Path, suffix: str) -> Path:
    """An office that writes outflows as negative numbers, converted."""
    for name in ("tables", "mappings"):
        (folder / name).mkdir()
    shutil.copy(find_shipped_folder("examples") / "georgia" / "country.toml", folder)
    (folder / "mappings" / "out.toml").write_text(
        MAPPING.replace("FORMAT", suffix).replace("SHEET", "Sheet" if suffix == "xlsx" else "*"), encoding="utf-8"
    )
    table = folder / "tables" / f"out.{suffix}"
    if suffix == "csv":
        table.write_text("".join(";".join(map(str, row)) + "\n" for row in ROWS), encoding="utf-8")
    else:
        book = book_of(ROWS)
        table.write_bytes(saved(book))
    assert run(["convert", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_corrected_figures_keep_unit_and_marks_of_the_office(suffix: str, tmp_path: Path, console: Console) -> None:
    folder = workspace(tmp_path, suffix)
    data = (folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")
    changed = {"M,_T,_T,_T,2021,10,": "M,_T,_T,_T,2021,11.5,", "F,_T,_T,_T,2021,0,": "F,_T,_T,_T,2021,7,"}
    changed |= {"M,_T,_T,_T,2022,,": "M,_T,_T,_T,2022,8,", "F,_T,_T,_T,2022,12,": "F,_T,_T,_T,2022,13,"}
    for before, after in changed.items():
        assert data.count(before) == 1
        data = data.replace(before, after)
    (folder / "new.csv").write_text(data, encoding="utf-8")
    console.readouterr()
    asked = ["--data", str(folder / "new.csv"), "--workspace", str(folder), "-o", str(folder / "back")]
    assert "3 cells written, 4 marked" in console.errors("questionnaire", "correct", *asked, code=0)
    back = folder / "back"
    assert str(load_workbook(back / "out.corrected.xlsx").worksheets[-1]["B2"].value) == "-11.5"
    marked = load_workbook(back / ("out.checked.xlsx" if suffix == "xlsx" else "out.corrected.xlsx"))
    sheet = marked.worksheets[1]
    cells = {cell: str(sheet[cell].value) for cell in ("B2", "C2", "B3", "C3")}
    assert cells == {"B2": "-11.5", "C2": "-7", "B3": "-8", "C3": "-12p"}
    comment = sheet["C3"].comment
    assert "13" in comment.text
