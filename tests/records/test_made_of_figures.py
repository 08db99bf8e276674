"""Figures that steps make of figures: nothing is kept that does not hold any more, and what is lost is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from combining_cases import combined, rows, source, step

from sdmxmig.errors import SdmxmigError

SURVEY = "year,works,w\n" + "".join(f"{year},{works},100\n" for year in (2023, 2024) for works in [1] * 40 + [0] * 20)
TOTALS = "year,value\n2023,4100\n2024,4300\n"
EMPLOYED = step(
    "employed", "survey", 'table = "lfs"', 'weight = "w"', 'of = "works"', 'by = ["year"]', 'measure = "total"',
    "between = true",
)  # fmt: skip
KNOWN = step("known", "fit", 'table = "employed"', 'margins = ["totals"]')
MONTHS = step("months", "months", 'table = "employed"', "whole = false")


def test_what_is_made_of_estimates_has_none_of_their_intervals(tmp_path: Path) -> None:
    """The interval of a year is not that of a month, nor that of the year before it was fitted."""
    declaration = source("lfs", "LFS") + source("totals", "CEN") + EMPLOYED + KNOWN + MONTHS
    result = combined(tmp_path, declaration, lfs=SURVEY, totals=TOTALS)
    assert rows(result, "known", "year", "value") == [("2023", "4100"), ("2024", "4300")]
    assert len(rows(result, "months", "period", "value")) == 24
    for output in result.outputs:
        assert not {"error", "low", "high", "unreliable"} & {*output.made.table.columns}, output.name
        assert f"{output.name}: intervals of employed hold for it alone: {output.name} has none" in result.notes


@pytest.mark.parametrize("taken", [KNOWN, MONTHS, step("all", "count", 'table = "employed"', 'weight = "value"')])
def test_shares_do_not_add_up(taken: str, tmp_path: Path) -> None:
    declaration = source("lfs", "LFS") + source("totals", "CEN") + EMPLOYED.replace('"total"', '"share"') + taken
    with pytest.raises(SdmxmigError, match="employed has shares, which do not add up"):
        combined(tmp_path, declaration, lfs=SURVEY, totals=TOTALS)
