"""The figure on page one and the figures of the report are one document: no two tables have the same name."""

from __future__ import annotations

import pytest
from small_country import assessed, dataset

from sdmxmig.reporting.sections.production import view
from sdmxmig.reporting.sections.summary import draw_decade
from sdmxmig.reporting.sections.wording import Wording


def test_migrants_on_page_1_have_a_separate_table() -> None:
    counts = [
        {"TIME_PERIOD": str(year), "BIRTH_STATUS": status, "OBS_VALUE": value}
        for year in range(2020, 2024)
        for status, value in (("_T", "1000"), ("FB", "100"))
    ]
    assessment, wording = assessed("", dataset("DF_POP", *counts)), Wording("en")
    on_page_one, population = draw_decade(assessment, wording), view(assessment, wording)["population"]
    assert on_page_one.data.id == "data-migrants"
    assert population.data.id == "data-population"  # type: ignore[attr-defined]


def test_census_countries_of_birth_are_drawn_without_series() -> None:
    census = {"FREQ": "A10", "POP_BASE": "RES", "TIME_PERIOD": "2024", "BIRTH_STATUS": "FB"}
    born_in = {"VE": "669408", "PE": "233432", "CO": "197813", "_O": "188867"}
    counts = [{**census, "C_BIRTH": code, "OBS_VALUE": value} for code, value in born_in.items()]
    assessment, wording = assessed("", dataset("DF_POP_TOPIC", *counts)), Wording("en")
    on_page_one = draw_decade(assessment, wording)
    assert view(assessment, wording)["places"] is None  # not drawn twice
    assert on_page_one.title.startswith("Foreign-born by country of birth, 2024")
    assert all(value in on_page_one.svg for value in ("669,408", "233,432", "197,813"))
    assert "188,867" not in on_page_one.svg


def test_stateless_persons_are_not_listed_as_a_country() -> None:
    citizens = {"RU": "84000", "UA": "9450", "FI": "8400", "UNDET": "69300", "STLS": "50000"}
    counts = [{"TIME_PERIOD": "2023", "C_CITIZEN": code, "OBS_VALUE": value} for code, value in citizens.items()]
    drawn = draw_decade(assessed("", dataset("DF_POP", *counts)), Wording("en"))
    assert "84,000" in drawn.svg
    assert not any(value in drawn.svg for value in ("69,300", "50,000"))


def test_yearly_figures_on_page_1_are_not_labelled_as_census() -> None:
    yearly = [{"TIME_PERIOD": str(year), "OBS_VALUE": str(year)} for year in range(2010, 2024)]
    on_page_one = draw_decade(assessed("", dataset("DF_POP", *yearly)), Wording("en"))
    assert on_page_one.title == "The population was 2,023 (2023), 9 more than in 2014"


@pytest.mark.parametrize(("values", "axis"), [((275, 283), "Persons"), ((27500, 28300), "Thousand persons")])
def test_axis_of_a_small_population_counts_persons(values: tuple[int, int], axis: str) -> None:
    yearly = [{"TIME_PERIOD": str(2022 + at), "OBS_VALUE": str(value)} for at, value in enumerate(values)]
    on_page_one = draw_decade(assessed("", dataset("DF_POP", *yearly)), Wording("en"))
    assert f">{axis}<" in on_page_one.svg
    assert axis != "Persons" or ">276<" in on_page_one.svg


def test_census_in_yearly_dataflow_keeps_the_reference_day() -> None:
    yearly = dataset(
        "DF_POP", *({"TIME_PERIOD": str(year), "OBS_VALUE": "9"} for year in (2023, 2024)), REF_DATE="D0101"
    )
    census = dataset("DF_POP", {"TIME_PERIOD": "2021", "FREQ": "A10", "OBS_VALUE": "8"}, REF_DATE="OTH")
    on_page_one = draw_decade(assessed("", yearly, census), Wording("en"))
    assert on_page_one.title == "The population was 9 (1 January 2024), 0 more than in 2023"


def test_years_with_net_migration_alone_are_named_below_the_chart() -> None:
    flows = [{"TIME_PERIOD": year, "OBS_VALUE": value} for year, value in (("2021", "50"), ("2023", "70"))]
    net = {"TIME_PERIOD": "2022", "ACC_ITEM": "NET_MIG", "UNIT_MEASURE": "PS", "OBS_VALUE": "9"}
    net |= {"SOURCE_DETAIL": "Office [S1]"}
    later = net | {"TIME_PERIOD": "2024"}
    known = assessed('[sources]\nS1 = "Office"', dataset("DF_IMM", *flows), dataset("DF_ACCOUNT", net, later))
    on_page_one, table = draw_decade(known, Wording("en")), view(known, Wording("en"))["flows"]
    assert ">no figure<" not in on_page_one.svg
    assert "Immigration and emigration not found: 2022, 2024." in on_page_one.notes
    assert [row.cells[-1].text for row in table.rows] == ["–", "+9", "–", "+9"]  # type: ignore[attr-defined]
