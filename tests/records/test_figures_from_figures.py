"""Figures computed from figures: invalid properties are dropped, and the loss is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from combining_cases import combined, rows, source, step

from sdmxmig.primitives.errors import SdmxmigError

SURVEY = "year,works,w\n" + "".join(f"{year},{works},100\n" for year in (2023, 2024) for works in [1] * 40 + [0] * 20)
TOTALS = "year,value\n2023,4100\n2024,4300\n"
EMPLOYED = step(
    "employed", "survey", 'table = "lfs"', 'weight = "w"', 'of = "works"', 'by = ["year"]', 'measure = "total"',
    "between = true",
)  # fmt: skip
KNOWN = step("known", "fit", 'table = "employed"', 'margins = ["totals"]')
MONTHS = step("months", "months", 'table = "employed"', "whole = false")


def test_results_from_estimates_do_not_inherit_intervals(tmp_path: Path) -> None:
    """The interval of a year is not that of a month, nor that of the year before it was fitted."""
    declaration = source("lfs", "LFS") + source("totals", "CEN") + EMPLOYED + KNOWN + MONTHS
    result = combined(tmp_path, declaration, lfs=SURVEY, totals=TOTALS)
    assert rows(result, "known", "year", "value") == [("2023", "4100"), ("2024", "4300")]
    assert len(rows(result, "months", "period", "value")) == 24
    for output in result.outputs:
        name = output.made.name
        assert not {"error", "low", "high", "unreliable"} & {*output.made.table.columns}, name
        assert f"{name}: intervals of employed hold for it alone: {name} has none" in result.notes


@pytest.mark.parametrize("taken", [KNOWN, MONTHS, step("all", "count", 'table = "employed"', 'weight = "value"')])
def test_sums_of_shares_are_refused(taken: str, tmp_path: Path) -> None:
    declaration = source("lfs", "LFS") + source("totals", "CEN") + EMPLOYED.replace('"total"', '"share"') + taken
    with pytest.raises(SdmxmigError, match="employed has shares, which do not add up"):
        combined(tmp_path, declaration, lfs=SURVEY, totals=TOTALS)


FIGURES = "SEX,AGE,value\nF,Y1,5000\nF,Y2,0\nM,Y1,1\nM,Y2,0.5\nM,Y3,0.5\n"
SUMMED = source("figures") + step("sums", "count", 'table = "figures"', 'weight = "value"', 'by = ["SEX"]')


def test_sums_of_figures_count_their_persons(tmp_path: Path) -> None:
    """Two figures of thousands are not two persons, three of one person are no three."""
    women = "".join(line for line in FIGURES.splitlines(keepends=True) if "M" not in line)
    result = combined(tmp_path, SUMMED, figures=women)
    assert rows(result, "sums", "SEX", "value") == [("F", "5000")]
    assert result.notes == ("sums: figures of figures summed by SEX",)
    with pytest.raises(SdmxmigError, match="1 figure of fewer than 3 persons"):
        combined(tmp_path, SUMMED, figures=FIGURES)


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (FIGURES + "F,_T,5000\n", "figures: AGE is _T in 1 line: 7"),
        (FIGURES.replace("5000", "-5"), "figures: value is negative in 1 line: 2"),
    ],
)
def test_totals_are_not_summed_with_their_parts(figures: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match=says):
        combined(tmp_path, SUMMED, figures=figures)


def test_weights_are_summed_without_groups(tmp_path: Path) -> None:
    people = "w\n" + "2.5\n" * 4
    result = combined(
        tmp_path, source("lfs", "LFS") + step("all", "count", 'table = "lfs"', 'weight = "w"'), lfs=people
    )
    assert rows(result, "all", "value", "persons") == [("10", "4")]


def test_figures_from_few_persons_are_never_released(tmp_path: Path) -> None:
    """One woman of the sample stands for 500 women: neither a fit nor months make more of her."""
    people = "SEX,year,w\nF,2023,500\n" + "M,2023,100\n" * 9
    counted = step("counts", "count", 'table = "lfs"', 'by = ["SEX", "year"]', 'weight = "w"', "between = true")
    tables = {"lfs": people, "totals": "SEX,value\nF,600\nM,1000\n"}
    for taken in (
        step("f", "fit", 'table = "counts"', 'margins = ["totals"]'),
        step("m", "months", 'table = "counts"'),
    ):
        declaration = source("lfs", "LFS") + source("totals", "CEN") + counted + taken
        with pytest.raises(SdmxmigError, match="Figures that are made of counts of fewer than 3 persons"):
            combined(tmp_path, declaration, **tables)
        more = {**tables, "lfs": people + "F,2023,100\n" * 2}
        assert len(combined(tmp_path, declaration, **more).outputs) == 1


def test_monthly_pattern_may_rest_on_few_persons(tmp_path: Path) -> None:
    """Of crossings only the course is taken: one person's weight in a month is no figure that goes out."""
    crossings = "period,w\n" + "".join(f"2023-{month:02},{month}\n" for month in range(1, 13))
    counted = step("course", "count", 'table = "border"', 'by = ["period"]', 'weight = "w"', "between = true")
    taken = step("months", "months", 'table = "years"', 'indicator = "course"')
    declaration = source("border", "BOR") + source("years") + counted + taken
    result = combined(tmp_path, declaration, border=crossings, years="year,value\n2023,7800\n")
    assert rows(result, "months", "value")[:2] == [("100",), ("200",)]
