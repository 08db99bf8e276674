"""Displayed figures: cases worked by hand after ECMA-376 part 1, 18.8.31, and rounding compared with decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
from case_tables import cases_from, optional
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.conversion.tables.displayed_figures import format_column, format_displayed
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Table


@cases_from("conversion/tables/cases/a_format_shows.csv", figure=optional)
def test_figures_are_displayed_by_their_number_format(code: str, stored: str, figure: str | None) -> None:
    assert format_column(pl.Series([stored]), code).to_list() == [figure]


@settings(max_examples=tries(100))
@given(st.lists(st.decimals(-(10**9), 10**9, places=6), min_size=1, max_size=20), st.integers(0, 4), st.integers(0, 2))
def test_figures_are_rounded_as_decimals(values: list[Decimal], places: int, thousands: int) -> None:
    code = "0" + ("." + "0" * places if places else "") + "," * thousands
    stored = [format(value.normalize(), "f") for value in values]
    scaled = [Decimal(text) / 1000**thousands for text in stored]
    rounded = format_column(pl.Series(stored), code)
    assert [Decimal(text) for text in rounded] == [
        number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for number in scaled
    ]


def test_unknown_number_format_yields_one_row_per_figure() -> None:
    assert format_column(pl.Series(["1", "2"]), "0.00E+00").to_list() == [None, None]
    assert format_column(pl.Series([], dtype=pl.String), "0").to_list() == []
    assert format_column(pl.Series(["0", "0"]), "0;-0;-").to_list() == [None, None]


def test_each_cell_of_any_type_has_its_row() -> None:
    cells = CellColumns()
    cells.add(1, 1, "Rate")
    cells.add(1, 2, "12.345", kind="number", code=1)
    cells.add(2, 1, "2024-01-31", kind="date", code=0)
    cells.add(2, 2, "12.345", kind="number")
    cells.add(2, 3, "#N/A", kind="error")
    table = Table("a.xlsx", "Sheet", cells=cells.frame(), formats=("dd.mm.yyyy", "0.0"))
    assert format_displayed(table).to_list() == [None, "12.3", None, "12.345", None]
