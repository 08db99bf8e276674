"""Figures that one producer has of several countries: compared where all cite the same source for the same year."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from compared import assessment, observed, silent, study
from shipped import CATALOGUE

from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset

UN = "United Nations, International Migrant Stock 2020"
STOCK = CATALOGUE.flow("DF_UNDESA_IMS")


def migrants(area: str, *values: tuple[str, str], **attributes: str) -> Dataset:
    """The migrant stock of a country: year and persons, with what its observations say."""
    fixed = {"REF_AREA": area, "FREQ": "A", "BIRTH_STATUS": "FB"}
    dataset = observed(STOCK, fixed, [("SEX", "_T", *value) for value in values], REF_DATE="D0701")
    said = {"SOURCE_DETAIL": UN, "OBS_STATUS": "E", "COMMENT_OBS": "", **attributes}
    columns = {name: pl.lit(value or None, pl.String) for name, value in said.items()}
    return Dataset(
        STOCK,
        dataset.observations.with_columns(**columns),
        series=dataset.series,
        attributes=dataset.attributes,
        origins=dataset.origins,
    )


def compared(**datasets: Dataset) -> dict[str, tuple[str, str, dict[str, Decimal], tuple[str, ...]]]:
    """What a study of some countries says of figures of one source: year, source, values, countries without one."""
    found = study(*(assessment(area) for area in datasets), datasets={a: (d,) for a, d in datasets.items()})
    return {
        figure.id: (figure.period, figure.source, {v.area: v.value for v in figure.values}, figure.missing)
        for figure in found.one_source
    }


def test_countries_are_compared_in_the_latest_year_that_most_of_them_have() -> None:
    found = compared(
        GE=migrants("GE", ("2015", "70"), ("2020", "80")),
        MD=migrants("MD", ("2015", "90"), ("2020", "100"), ("2024", "110")),
        SE=migrants("SE", ("2020", "2000")),
    )
    assert found == {"MIGRANT_STOCK": ("2020", UN, {"GE": 80, "MD": 100, "SE": 2000}, ())}


def test_another_source_another_year_a_forecast_and_two_values_are_not_compared() -> None:
    other = migrants("MD", ("2020", "100"), SOURCE_DETAIL="National Bureau of Statistics")
    assert compared(GE=migrants("GE", ("2020", "80")), MD=other) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2019", "100"))) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100"), OBS_STATUS="F")) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100"), SOURCE_DETAIL="")) == {}
    twice = migrants("MD", ("2020", "100"), ("2020", "101"))
    assert compared(GE=migrants("GE", ("2020", "80")), MD=twice) == {}


def test_a_country_without_the_figure_is_named() -> None:
    found = compared(
        GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100")), SE=migrants("SE", ("2019", "1900"))
    )
    assert found["MIGRANT_STOCK"][2:] == ({"GE": 80, "MD": 100}, ("SE",))


def test_the_report_shows_source_status_and_comment() -> None:
    refugees = "Refugees are added."
    labels = {"CL_OBS_STATUS.E": Text.of(en="Estimated value")}
    found = study(
        assessment("GE", labels=labels),
        assessment("MD", labels=labels),
        datasets={
            "GE": (migrants("GE", ("2020", "80")),),
            "MD": (migrants("MD", ("2020", "100"), COMMENT_OBS=refugees),),
        },
    )
    table = REGION_VIEWS["figures"](found, Wording("en"))["one_source"]
    texts = [tuple((cell.text, cell.note) for cell in row.cells) for row in table.rows]
    assert texts == [
        ((f"International migrant stock: 2020 · {UN}", ""),),
        (("Georgia", ""), ("80", "estimated value")),
        (("Moldova", ""), ("100", f"estimated value; {refugees}")),
    ]


def test_a_figure_of_which_nobody_has_a_value_goes_by_its_name() -> None:
    figures = REGION_VIEWS["figures"](study(silent("GE"), silent("MD")), Wording("en"))
    assert figures["one_source"] is None
    assert "Immigration" in str(figures["silent"])
    assert "IMM" not in str(figures["silent"])
    assert "MIG_SHARE" not in str(figures["silent"])


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"DF_POP"', '"DF_POPS"', "There is no dataflow “DF_POPS”"),
        ("SEX", "SEXES", "There is no dimension “SEXES”"),
        ('"F"', '"FEMALE"', "There is no code “FEMALE”"),
    ],
)
def test_what_does_not_exist_is_refused(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    declared = """
definitions = []
flows = []
[same_source]
indicator = "IMM_RATE"
question = "L03"
[[one_source]]
id = "WOMEN"
name.en = "Women"
flow = "DF_POP"
codes = { SEX = "F" }
"""
    (tmp_path / "region.toml").write_text(declared, encoding="utf-8")
    assert [figure.codes for figure in read_comparisons([tmp_path], CATALOGUE).one_source] == [(("SEX", "F"),)]
    (tmp_path / "region.toml").write_text(declared.replace(right, wrong), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        read_comparisons([tmp_path], CATALOGUE)
