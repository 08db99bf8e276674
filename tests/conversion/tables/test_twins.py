"""One workbook saved in several formats, one mapping: the same observations from the same cells."""

from __future__ import annotations

import pytest
from twins import TWINS

from benchmarks.national_flows import flow_of
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read

FLOW = flow_of("DF_TWINS", ("COUNTRY",))
MAPPING = b"""
id = "MAP_TWINS"
name.en = "Foreign population"
flow = "DF_TWINS"
file = "stocks.*"

[[block]]
sheet = "Stocks"
anchor = "Country"
last = "C6"
header_rows = 1
header_columns = 1

[block.components.COUNTRY]
from = "column 1"

[block.components.TIME_PERIOD]
from = "header 1"
take = '^(\\d{4})'
pattern = "yyyy"
"""


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_the_format_of_the_workbook_makes_no_difference(suffix: str) -> None:
    mapping = load("stocks.toml", MAPPING, {"DF_TWINS": FLOW})
    tables = read(f"stocks.{suffix}", (TWINS / f"stocks.{suffix}").read_bytes())
    dataset = convert(tables, mapping, FLOW, {}).dataset
    assert dataset.observations.select("COUNTRY", "TIME_PERIOD", "OBS_VALUE").rows() == [
        ("Côte d'Ivoire", "2023", "3688.6"),
        ("Côte d'Ivoire", "2024", "12345"),
        ("Việt Nam", "2023", "-5"),
        ("Việt Nam", "2024", "12346"),
        ("Грузия", "2023", "0.1"),
        ("Грузия", "2024", "01"),
    ]
    values = dataset.origins.filter(dataset.origins["component"] == "OBS_VALUE")
    assert values.select("sheet", "row", "column").rows() == [
        ("Stocks", row, column) for row in (4, 5, 6) for column in (2, 3)
    ]
