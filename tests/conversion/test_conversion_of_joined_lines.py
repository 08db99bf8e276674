"""Two header lines together give one component: the year in one, the month in the other."""

from __future__ import annotations

import pytest
from case_tables import text_from
from markdown_workbooks import workbook
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError

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
HEAD = text_from("conversion/cases/conversion_of_joined_lines_head.toml")


def months(text: str, rows: int, source: str, values: str = "") -> dict[str, str]:
    declared = HEAD.format(rows=rows, source=source)
    if values:
        declared = declared.replace("carried = true\n", "") + f"[block.values]\n{values}\n"
    mapping = load("m.toml", declared.encode(), CATALOGUE.flows)
    found = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    return dict(found.dataset.observations.select("TIME_PERIOD", "OBS_VALUE").iter_rows())


def test_two_header_rows_are_joined() -> None:
    assert months(ACROSS, 2, "header 1 + header 2") == {"2022-01": "1", "2022-02": "2", "2023-01": "3"}


def test_header_row_and_label_column_are_joined() -> None:
    found = months(CROSSED, 1, "header 1 + column 1")
    assert found == {"2022-01": "1", "2022-02": "2", "2023-01": "3", "2023-02": "4"}


@pytest.mark.parametrize("source", ["header 1 + header 7", "header 1 + nowhere"])
def test_unknown_lines_are_refused(source: str) -> None:
    with pytest.raises(DeclarationError):
        months(CROSSED, 1, source)


BEHIND = """
## Sheet 1
| Citizenship | Number | Month | Year |
| Kenya | 1 | Jan | 2022 |
| Kenya | 2 | Feb | 2022 |
| Kenya | 3 | Jan | 2023 |
"""


def test_columns_are_found_by_name_in_any_order() -> None:
    found = months(BEHIND, 1, "column Year + column Month", values='columns = "Number"')
    assert found == {"2022-01": "1", "2022-02": "2", "2023-01": "3"}


def test_missing_column_is_named() -> None:
    with pytest.raises(DeclarationError, match="has no column “Yaer”"):
        months(BEHIND, 1, "column Yaer + column Month", values='columns = "Number"')
