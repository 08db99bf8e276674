"""One workbook with all kinds of cells, saved by LibreOffice in three formats: every reader finds the same in it.

The files ``all_kinds.*`` were made from one workbook; ``all_kinds.csv`` is its first sheet as LibreOffice shows it.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl
import pytest
from twins import TWINS

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.displayed_figures import format_column, format_displayed, parse_format
from sdmxmig.sdmx.model.tables import Cell, Range, Table

SUFFIXES = ("xlsx", "xls", "ods")
Said = tuple[str, str, bool, object]
OF_LIBREOFFICE = {("Texts", (13, 2)): {"ods": "Err:502"}}
"""Errors of which OpenDocument has no names: the cell holds what LibreOffice shows."""


def tables(suffix: str) -> dict[str, Table]:
    name = f"all_kinds.{suffix}"
    return {table.sheet: table for table in read(name, (TWINS / name).read_bytes())}


@cache
def meaning(code: str) -> object:
    samples = format_column(pl.Series(["1234.5678", "-0.25", "0", "1234567"]), code)
    return re.sub(r'[\\"]', "", code) if code.strip() == "@" or not parse_format(code) else samples.to_list()


def cells(table: Table) -> dict[Cell, Said]:
    return {
        (row, column): (text, kind, formula, None if code is None else meaning(table.formats[code]))
        for row, column, text, kind, formula, code in table.cells.iter_rows()
    }


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_every_cell_is_equal_in_all_formats(suffix: str) -> None:
    first, others = tables("xlsx"), tables(suffix)
    assert list(first) == list(others) == ["Formats", "Texts", "Hidden", "Empty", "عربي", "Filtered"]
    for sheet, table in first.items():
        expected, actual = cells(table), cells(others[sheet])
        assert expected.keys() == actual.keys()
        different = {cell: actual[cell] for cell in actual if actual[cell] != expected[cell]}
        known = {cell: by[suffix] for (title, cell), by in OF_LIBREOFFICE.items() if title == sheet and suffix in by}
        assert {cell: texts_and_kinds[0] for cell, texts_and_kinds in different.items()} == known


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_merged_cells_and_notes_are_equal_in_all_formats(suffix: str) -> None:
    sheets = tables(suffix)
    texts, filtered = sheets["Texts"], sheets["Filtered"]
    assert texts.merged == (
        Range(30, 1, last_row=31, last_column=2),
        Range(30, 4, last_row=33, last_column=4),
        Range(30, 6, last_row=30, last_column=7),
    )
    assert texts.notes == {(1, 4): ("Estimated\nfrom the register",), (5, 5): ("on an empty cell",)}
    assert (texts.hidden_rows, texts.hidden_columns) == ({3, 9, 40, 41, 42}, {3, 8, 9})
    assert (filtered.hidden_rows, filtered.hidden_columns) == ({4, 6, 7}, {4, 5})
    assert [sheet for sheet, table in sheets.items() if table.hidden] == ["Hidden"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_texts_are_unchanged_in_all_formats(suffix: str) -> None:
    table = tables(suffix)["Texts"]
    assert [table.text(row, 1) for row in (1, 2, 3, 4, 9, 10, 11, 12, 13, 15)] == [
        *("01", "1e5", "TRUE", "2024-01-31", " leading", "   three", "two  blanks", "line\nbreak", "tab\there"),
        "\u00a0nbsp",
    ]
    assert [table.text(row, 1) for row in (23, 24, 25)] == [" ", "\n\nx", "Total¹⁾ plain bold"]
    kinds = dict(zip(table.cells.select("row", "column").rows(), table.cells["kind"], strict=True))
    assert {kinds[row, 1] for row in range(1, 26)} == {"text"}
    assert [(table.text(row, 2), kinds[row, 2]) for row in (1, 2, 3, 7, 10, 12, 14)] == [
        *(("#DIV/0!", "error"), ("#N/A", "error"), ("text", "text"), ("2024-01-01", "date"), ("   lead", "text")),
        *(("TRUE", "boolean"), ("TRUE", "boolean")),
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_indented_labels_have_equal_formats(suffix: str) -> None:
    table = tables(suffix)["Texts"]
    codes = {row: code for row, column, code in table.cells.select("row", "column", "format").rows() if column == 7}
    assert [table.formats[codes[row]] for row in range(1, 6)] == [" " * (3 * steps) + "@" for steps in range(1, 6)]
    assert codes[6] is None, "a figure has no indentation"
    arabic = tables(suffix)["عربي"]
    assert [arabic.formats[code] for code in arabic.cells["format"].drop_nulls()] == ["   @"]


def digits_of(text: str) -> str:
    return re.sub(r"[^0-9]", "", text).lstrip("0")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_figures_are_displayed_as_in_libreoffice(suffix: str) -> None:
    table = tables(suffix)["Formats"]
    (printed,) = read("all_kinds.csv", (TWINS / "all_kinds.csv").read_bytes())
    seen = table.cells.select("row", "column", format_displayed(table)).drop_nulls()
    different = {
        printed.text(row, 1)
        for row, column, figure in seen.rows()
        if digits_of(figure) not in digits_of(printed.text(row, column)) and column > 1
    }
    assert seen.height > 100
    assert different == set()
