"""The figure on page one and the figures of the report are one document: no two tables have the same name."""

from __future__ import annotations

from small_country import assessed, dataset

from sdmxmig.reporting.sections.production import view
from sdmxmig.reporting.sections.summary import decade
from sdmxmig.reporting.sections.wording import Wording


def test_migrants_on_page_one_have_another_table_than_the_population() -> None:
    counts = [
        {"TIME_PERIOD": str(year), "BIRTH_STATUS": status, "OBS_VALUE": value}
        for year in range(2020, 2024)
        for status, value in (("_T", "1000"), ("FB", "100"))
    ]
    assessment, wording = assessed("", dataset("DF_POP", *counts)), Wording("en")
    on_page_one, population = decade(assessment, wording), view(assessment, wording)["population"]
    assert on_page_one is not None
    assert on_page_one.data.id == "data-migrants"
    assert population.data.id == "data-population"  # type: ignore[attr-defined]


def test_yearly_figures_on_page_one_are_not_called_a_census() -> None:
    yearly = [{"TIME_PERIOD": str(year), "OBS_VALUE": str(year)} for year in range(2010, 2024)]
    on_page_one = decade(assessed("", dataset("DF_POP", *yearly)), Wording("en"))
    assert on_page_one is not None
    assert on_page_one.title == "The population was 2,023 in 2023, 9 more than in 2014"
