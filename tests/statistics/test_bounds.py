"""Bounds such as “at most 257 thousand” precede older exact figures, and are not used in computations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assessed import georgia
from case_tables import cases_from, text_from
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.reporting.sections.composition import tabulate_migrants
from sdmxmig.reporting.sections.consistency import state_size
from sdmxmig.reporting.sections.key_figures import choose_leading_figures, describe_migrants, state_main_countries
from sdmxmig.reporting.sections.movements import draw_country_bars
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.calculations.availability import list_breakdowns
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import compute
from sdmxmig.statistics.calculations.timelines import build_timelines
from sdmxmig.statistics.model.assessment import Assessment

EN = Wording("en")
HEAD = "POP_BASE,flow,FREQ,TIME_PERIOD,CTZ_STATUS,OBS_VALUE,OBS_STATUS,UNIT_MULT,LOWER_BOUND,UPPER_BOUND,SRC_TYPE"
CENSUSES = f"""
{HEAD},REV_STAGE
RES,DF_POP_TOPIC,A10,2014,_T,3713804,A,0,,,CEN,
RES,DF_POP_TOPIC,A10,2014,FC,22131,A,0,,,CEN,
RES,DF_POP_TOPIC,A10,2024,_T,3929581,A,0,,,CEN,
RES,DF_POP_TOPIC,A10,2024,FC,,O,3,,257,CEN,PREL
"""
FLOWS = f"""
{HEAD}
RES,DF_POP,A,2024,_T,3694600,A,0,,,
RES,DF_POP,A,2025,_T,3704500,A,0,,,
RES,DF_IMM,A,2023,_T,205857,A,0,,,
RES,DF_IMM,A,2024,_T,,O,0,,150000,
RES,DF_EMI,A,2023,_T,245064,A,0,,,
RES,DF_EMI,A,2024,_T,,O,0,1200,1300,
"""


def report_of(table: str) -> Assessment:
    figures = Figures(datasets(table, CATALOGUE.flows), "GE")
    return replace(georgia(), breakdowns=list_breakdowns(figures), series=build_timelines(figures, {}))


def test_recent_bound_precedes_older_exact_figure() -> None:
    figure = choose_leading_figures(report_of(CENSUSES), EN)[0]
    assert (figure.label, figure.value, figure.note) == (
        "Foreign citizens",
        "at most 257,000",
        "2024 (census, preliminary count); at most 6.6% of 3,929,581 persons",
    )
    said = describe_migrants(report_of(CENSUSES), EN)
    assert all(fact in said for fact in ("At most 257", "preliminary count", "22,131 in 2014"))


def test_exact_figure_precedes_bound_of_equal_year() -> None:
    both = CENSUSES + "RES,DF_POP,A,2024,FC,255000,A,0,,,,\n"
    assert choose_leading_figures(report_of(both), EN)[0].value == "255,000"


@cases_from("statistics/cases/the_share_of_a_bound_is_a_bound.csv")
def test_share_of_a_bound_is_a_bound(interval: str, written: str, share: str) -> None:
    (table,) = tabulate_migrants(report_of(CENSUSES.replace(",,257,CEN", f",{interval},CEN")), EN)
    assert [cell.text for cell in table.rows[-1].cells] == ["2024", written, "3,929,581", share]


def test_indicators_are_not_computed_from_bounds() -> None:
    computed = compute(CATALOGUE.indicators["MIG_SHARE"], datasets(CENSUSES, CATALOGUE.flows))
    assert {value.period for value in computed.values} == {"2014"}


def test_leading_flows_are_marked_as_bounds() -> None:
    assert "at most 150 thousand and emigration 1,200 to 1,300" in state_size(report_of(FLOWS), EN)


def test_net_migration_is_not_computed_from_bounds() -> None:
    shown = {figure.label: (figure.value, figure.note) for figure in choose_leading_figures(report_of(FLOWS), EN)}
    assert shown["Immigration"] == ("at most 150 thousand", "persons in 2024")
    assert "Net migration" not in shown


def test_text_without_number_is_not_read_as_bound() -> None:
    table = CENSUSES.replace(",257,", ",some,")
    assert choose_leading_figures(report_of(table), EN)[0].value == "22,131"


LARGEST = {"UA": 900, "IN": 800, "DE": 700, "PL": 600}
BY_CITIZENSHIP = text_from("statistics/cases/bounds_by_citizenship.csv")


def test_countries_of_page_1_have_the_year_of_its_flows() -> None:
    assert list(state_main_countries(report_of(BY_CITIZENSHIP), EN)) == []
    until_2022 = "".join(line for line in BY_CITIZENSHIP.splitlines(keepends=True) if ",2024," not in line)
    (cited,) = state_main_countries(report_of(until_2022), EN)
    assert cited.sentence.endswith("Russian Federation\u00a062,304; Ukraine\u00a020,716; Belarus\u00a013,361.")
    assert "2022" in cited.sentence


@pytest.mark.parametrize(
    ("listed", "dropped", "is_known"),
    [("4", "", True), ("5", "", False), ("", "", False), ("4", ",PL,", False), ("3", ",PL,", True)],
)
@pytest.mark.parametrize(("flow", "by"), [("DF_IMM", "C_CITIZEN"), ("DF_EMI", "C_BIRTH"), ("DF_POP", "C_BIRTH")])
def test_listed_largest_countries_are_named(flow: str, by: str, listed: str, dropped: str, *, is_known: bool) -> None:
    rows = [f"{flow},A,2024,_T,9000,", *(f"{flow},A,2024,{code},{number},{listed}" for code, number in LARGEST.items())]
    kept = [row for row in rows if not dropped or dropped not in row]
    table = "\n".join([f"flow,FREQ,TIME_PERIOD,{by},OBS_VALUE,LARGEST_LISTED", *kept, ""])
    (cited,) = state_main_countries(report_of(table), EN)
    assert ("most frequent foreign countries" in cited.sentence) is is_known
    assert ("foreign countries in the source" in cited.sentence) is not is_known


def test_newer_figures_with_fewer_countries_are_in_a_note() -> None:
    figure = draw_country_bars(report_of(BY_CITIZENSHIP), EN)
    assert figure.title == "Immigration by country of citizenship, 2022: Russian Federation 34.7%"
    assert "2024: Russian Federation\u00a023,574." in figure.notes
