"""Figures that are bounds become attributes of an observation without a value."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from case_tables import text_from
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read

TABLE = 'Citizenship,2014,2024\nAll,400,500\n"Foreign, at most",22,257\nStateless,–,3\n'
MAPPING = text_from("conversion/cases/conversion_of_bounds_mapping.toml")
MARK = """
[block.values.marks]
", at most" = { UPPER_BOUND = "OBS_VALUE" }
"""
NOTE = """
[[block.notes]]
where = { CTZ_STATUS = "STLS" }
set = { LOWER_BOUND = "OBS_VALUE" }
"""
SAID = ("OBS_VALUE", "OBS_STATUS", "LOWER_BOUND", "UPPER_BOUND")


def converted(mapping: str) -> Conversion:
    mappings = load("m.toml", mapping.encode(), CATALOGUE.flows)
    return convert(read("office.csv", TABLE.encode()), mappings, CATALOGUE.flows["DF_POP"])


def said(conversions: Iterable[Conversion]) -> dict[tuple[str, str], tuple[str | None, ...]]:
    rows = [row for conversion in conversions for row in conversion.dataset.observations.to_dicts()]
    return {(row["CTZ_STATUS"], row["TIME_PERIOD"]): tuple(row.get(name) for name in SAID) for row in rows}


def test_label_at_most_yields_upper_bounds_without_values() -> None:
    figures = said([converted(MAPPING + MARK)])
    assert figures["FC", "2024"] == (None, "O", None, "257")
    assert figures["_T", "2024"] == ("500", "A", None, None)


def test_note_marks_figures_as_lower_bounds() -> None:
    assert said([converted(MAPPING + MARK + NOTE)])["STLS", "2024"] == (None, "O", "3", None)


def test_missing_figure_keeps_its_status_without_bound() -> None:
    assert said([converted(MAPPING + MARK + NOTE)])["STLS", "2014"] == (None, "M", None, None)


def test_whole_block_may_contain_bounds() -> None:
    fixed = MAPPING.replace('UNIT_MULT = "3"', 'UNIT_MULT = "3"\nUPPER_BOUND = "OBS_VALUE"') + MARK
    assert {value for value, *_ in said([converted(fixed)]).values()} == {None}


def test_bound_links_to_its_cell() -> None:
    origins = converted(MAPPING + MARK).dataset.origins.filter(pl.col("component").cast(pl.String) == "UPPER_BOUND")
    assert origins.select("row", "column").rows() == [(3, 2), (3, 3)]
