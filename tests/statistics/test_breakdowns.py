"""Data by birth and citizenship status, by sex and age, and by country: as published, without sums."""

from __future__ import annotations

from decimal import Decimal

import pytest
from case_tables import as_list, cases_from, text_from
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.statistics.calculations.availability import list_breakdowns, list_data_availability
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.model.availability import Breakdown

# Four groups of two years, the second one with its whole population, and one cell of another area.
STATUS = """BIRTH_STATUS,CTZ_STATUS,TIME_PERIOD,REF_AREA,OBS_VALUE,SOURCE_DETAIL
NB,NC,2021,GE,80,Office [G1]
FB,FC,2021,GE,20,Office [G1]
_T,_T,2022,GE,101,Office [G2]
NB,NC,2022,GE,81,Office [G2]
FB,FC,2022,GE,20,Office [G2]
FB,NC,2022,SE,7,Office [G2]
"""
COUNTRIES = text_from("statistics/cases/breakdowns_countries.csv")


def found(table: str, flow: str = "DF_POP") -> dict[tuple[object, ...], Breakdown]:
    listed_breakdowns = list_breakdowns(Figures(datasets(table, CATALOGUE.flows, flow), "GE"))
    return {
        (breakdown.flow, breakdown.period, breakdown.by, breakdown.of): breakdown for breakdown in listed_breakdowns
    }


def of(breakdown: Breakdown) -> dict[tuple[str, ...], int]:
    return {codes: int(value) for codes, value in breakdown.figures}


def test_four_groups_are_listed_by_year_with_total_and_source() -> None:
    by = ("BIRTH_STATUS", "CTZ_STATUS")
    given = found(STATUS)
    assert of(given["DF_POP", "2021", by, ()]) == {("NB", "NC"): 80, ("FB", "FC"): 20}
    second = given["DF_POP", "2022", by, ()]
    assert of(second) == {("NB", "NC"): 81, ("FB", "FC"): 20}
    assert (second.whole, second.source) == (Decimal(101), "Office [G2]")
    assert given["DF_POP", "2021", by, ()].whole is None
    assert second.names["BIRTH_STATUS.FB"].in_language("fr") == "Personnes nées à l’étranger"


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        (("CEN", "CEN"), "Population census"),
        (("CEN", "BOR"), ""),
        (("BOR", "CEN"), ""),
        (("CEN", ""), ""),
        (("", ""), ""),
        (("XYZ", "XYZ"), ""),
    ],
)
def test_source_type_is_named_if_shared_by_all_figures(kinds: tuple[str, str], name: str) -> None:
    rows = [f"{sex},5,{kind}" for sex, kind in zip("FM", kinds, strict=True)]
    given = found("\n".join(["SEX,OBS_VALUE,SRC_TYPE", *rows]))
    assert str(given["DF_POP", "2022", ("SEX",), ()].source_type) == name


@pytest.mark.parametrize(
    ("sources", "cited"),
    [(("A", "A"), "A"), (("A", "B"), "A; B"), (("B", "A"), "B; A"), (("A", ""), "A"), (("", ""), "")],
)
def test_sources_are_cited_once_in_order_of_figures(sources: tuple[str, str], cited: str) -> None:
    rows = [f"{sex},5,{source}" for sex, source in zip("FM", sources, strict=True)]
    given = found("\n".join(["SEX,OBS_VALUE,SOURCE_DETAIL", *rows]))
    assert given["DF_POP", "2022", ("SEX",), ()].source == cited


def test_figures_of_another_area_are_left_out() -> None:
    assert ("FB", "NC") not in of(found(STATUS)["DF_POP", "2022", ("BIRTH_STATUS", "CTZ_STATUS"), ()])


def test_latest_periods_by_country_are_kept() -> None:
    given = found(COUNTRIES, "DF_IMM")
    periods = [period for _, period, by, _ in given if by == ("C_CITIZEN",)]
    assert periods == ["2021", "2022"]
    latest = given["DF_IMM", "2022", ("C_CITIZEN",), ()]
    # Ukraine is published for everybody, so that its figure of foreign citizens does not stand; Belarus has no other.
    assert of(latest) == {("BY",): 13361, ("RU",): 62304, ("UA",): 20716}
    assert latest.whole == Decimal(179778)


@pytest.mark.parametrize(
    ("by_country", "own"), [("", 7263), ("DF_IMM,GE,_T,2022,7000\n", 7000)], ids=["by status", "by country as well"]
)
def test_own_citizens_are_listed_among_countries(by_country: str, own: int) -> None:
    given = found(f"{COUNTRIES}DF_IMM,_T,NC,2022,7263\n{by_country}", "DF_IMM")
    assert of(given["DF_IMM", "2022", ("C_CITIZEN",), ()])["GE",] == own
    assert ("GE",) not in of(given["DF_IMM", "2021", ("C_CITIZEN",), ()])


def test_cell_with_two_values_is_left_out() -> None:
    table = "C_BIRTH,OBS_VALUE\nRU,5\nRU,6\nUA,7\n"
    assert of(found(table)["DF_POP", "2022", ("C_BIRTH",), ()]) == {("UA",): 7}


def test_foreign_born_have_own_breakdown_by_sex_and_age() -> None:
    table = "BIRTH_STATUS,SEX,AGE,OBS_VALUE\n_T,F,Y0T14,9\nFB,F,Y0T14,2\nFB,M,Y0T14,3\nFB,_T,Y0T14,5\n"
    born = found(table)["DF_POP", "2022", ("SEX", "AGE"), (("BIRTH_STATUS", "FB"),)]
    assert of(born) == {("M", "Y0T14"): 3, ("F", "Y0T14"): 2, ("_T", "Y0T14"): 5}
    assert born.value("F", "Y0T14") == 2
    assert born.value("F", "Y_GE65") is None


def test_values_are_converted_to_persons() -> None:
    table = "SEX,OBS_VALUE,UNIT_MULT\nF,1923.931,3\nM,1780.575,3\n"
    assert of(found(table)["DF_POP", "2022", ("SEX",), ()]) == {("M",): 1780575, ("F",): 1923931}


def test_totals_and_months_are_not_breakdowns() -> None:
    assert not found("OBS_VALUE\n100\n")
    assert not found("FREQ,TIME_PERIOD,SEX,OBS_VALUE\nM,2022-01,F,1\n")


def test_ten_yearly_census_is_included() -> None:
    table = "FREQ,POP_BASE,TIME_PERIOD,CTZ_STATUS,OBS_VALUE\nA10,RES,2024,_T,3929581\nA10,RES,2024,FC,257000\n"
    census = found(table, "DF_POP_TOPIC")["DF_POP_TOPIC", "2024", ("BIRTH_STATUS", "CTZ_STATUS"), ()]
    assert (of(census), census.whole) == ({("_T", "FC"): 257000}, Decimal(3929581))


def test_availability_is_listed_by_dataflow() -> None:
    table = "flow,SEX,TIME_PERIOD,OBS_VALUE\nDF_IMM,_T,2020,5\nDF_IMM,F,2022,2\nDF_IMM,M,2022,\nDF_EMI,_T,2021,3\n"
    emigration, immigration = list_data_availability(datasets(table, CATALOGUE.flows), "GE")
    assert (emigration.flow, emigration.first, emigration.last, emigration.values) == ("DF_EMI", "2021", "2021", 1)
    assert not emigration.topics
    assert not emigration.common
    # A cell without a number is no value.
    assert (immigration.first, immigration.last, immigration.values) == ("2020", "2022", 2)
    assert [(topic.dimension, topic.last) for topic in immigration.topics] == [("SEX", "2022")]
    assert not list_data_availability(datasets(table, CATALOGUE.flows), "SE")


@cases_from("statistics/cases/a_code_that_all_values_have_is_named.csv", topics=as_list, common=as_list)
def test_code_shared_by_all_values_is_named(rows: str, topics: list[str], common: list[str]) -> None:
    table = f"C_CITIZEN,SEX,TIME_PERIOD,OBS_VALUE,flow\n{rows}".replace("\n", ",DF_IMM\n").replace(
        "flow,DF_IMM", "flow"
    )
    (immigration,) = list_data_availability(datasets(table, CATALOGUE.flows), "GE")
    assert [topic.dimension for topic in immigration.topics] == topics
    assert sorted(str(code.name) for code in immigration.common) == common


@pytest.mark.parametrize(("types", "source"), [("PER_RES PER_RES", "Residence permits"), ("PER_RES REG", "")])
def test_source_type_shared_by_all_values_is_named(types: str, source: str) -> None:
    first, second = types.split()
    table = f"flow,TIME_PERIOD,SRC_TYPE,OBS_VALUE\nDF_OECD_B11,2022,{first},5\nDF_OECD_B11,2023,{second},6\n"
    (inflows,) = list_data_availability(datasets(table, CATALOGUE.flows), "GE")
    assert str(inflows.source) == source
