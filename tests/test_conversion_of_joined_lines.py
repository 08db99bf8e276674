"""A component may be told by two lines together: the year in one, the month in the other."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from shipped import CATALOGUE

from sdmxmig.conversion import convert
from sdmxmig.errors import DeclarationError
from sdmxmig.mapping import load
from sdmxmig.tables import read

ACROSS = """
## Sheet 1
| Sex | 2022 | < | 2023 |
| ^ | Jan | Feb | Jan |
| Males | 1 | 2 | 3 |
"""
CROSSED = """
## Sheet 1
| Month | 2022 | 2023 |
| Jan | 1 | 3 |
| Feb | 2 | 4 |
"""
HEAD = """
id = "MAP_X"
flow = "DF_IMM"
file = "t.xlsx"
[[block]]
sheet = "1"
cell = "A1"
header_rows = {rows}
header_columns = 1
[block.fixed]
FREQ = "M"
REF_AREA = "GE"
BIRTH_STATUS = "_T"
CTZ_STATUS = "_T"
SEX = "M"
AGE = "_T"
C_BIRTH = "_T"
C_CITIZEN = "_T"
C_RESIDENCE = "_T"
UNIT_MULT = "0"
UNIT_MEASURE = "PS"
[block.components.TIME_PERIOD]
from = "{source}"
carried = true
pattern = "yyyy MMM"
"""


def months(text: str, rows: int, source: str) -> dict[str, str]:
    mapping = load("m.toml", HEAD.format(rows=rows, source=source).encode(), CATALOGUE.flows)
    found = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    return dict(found.dataset.observations.select("TIME_PERIOD", "OBS_VALUE").iter_rows())


def test_two_header_rows() -> None:
    assert months(ACROSS, 2, "header 1 + header 2") == {"2022-01": "1", "2022-02": "2", "2023-01": "3"}


def test_a_header_row_and_a_label_column() -> None:
    found = months(CROSSED, 1, "header 1 + column 1")
    assert found == {"2022-01": "1", "2022-02": "2", "2023-01": "3", "2023-02": "4"}


@pytest.mark.parametrize("source", ["header 1 + header 7", "header 1 + nowhere"])
def test_lines_that_are_none_are_refused(source: str) -> None:
    with pytest.raises(DeclarationError):
        months(CROSSED, 1, source)
