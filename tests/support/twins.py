"""One small workbook, saved by a spreadsheet program in several formats, with its expected content."""

from __future__ import annotations

from folders import TESTS

from sdmxmig.sdmx.model.tables import Cell, Table

TWINS = TESTS / "conversion" / "workbooks" / "twins"
CELLS: dict[Cell, str] = {
    (1, 1): "Foreign population, 1 January",
    (3, 1): "Country",
    (3, 2): "2023¹",
    (3, 3): "2024",
    (3, 4): "Share",
    (3, 5): "Counted on",
    (3, 6): "At",
    (4, 1): "Côte d'Ivoire",
    (4, 2): "3688.6",
    (4, 3): "12345",
    (4, 4): "0.254",
    (4, 5): "2024-01-31",
    (4, 6): "12:30:00",
    (5, 1): "Việt Nam",
    (5, 2): "-5",
    (5, 3): "12346",
    (5, 5): "2024-02-29T18:00:00",
    (5, 6): "#N/A",
    (6, 1): "Грузия",
    (6, 2): "0.1",
    (6, 3): "01",
    (6, 4): "n.a.",
    (6, 5): "1000000000000000",
    (6, 6): "PL",
    (7, 1): "1) Two lines\nof a note",
}
FORMATS: dict[Cell, str] = {
    (4, 2): "#,##0.0",
    (4, 3): "#,##0",
    (4, 4): "0.0%",
    (4, 5): "dd.mm.yyyy",
    (4, 6): "hh:mm:ss",
    (5, 5): "dd.mm.yyyy hh:mm",
    (6, 2): "0.00",
}
COMMENT = "Estimated from the register"


def shown_texts(table: Table) -> dict[Cell, str]:
    """The texts of a table by row and column."""
    return {(row, column): text for row, column, text in table.cells.select("row", "column", "text").rows()}


def shown_formats(table: Table) -> dict[Cell, str]:
    """The number formats of the cells that have one, without the signs that only keep others apart."""
    rows = table.cells.select("row", "column", "format").drop_nulls().rows()
    return {(row, column): table.formats[code].replace("\\", "").replace("M", "m") for row, column, code in rows}
