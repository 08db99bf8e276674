"""Net migration is the published figure or, without one, immigration minus emigration."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from assessed import georgia
from case_tables import text_from
from reported import datasets
from shipped import CATALOGUE
from worked_account import accounts

from sdmxmig.reporting.sections.account import view as account
from sdmxmig.reporting.sections.consistency import state_size
from sdmxmig.reporting.sections.movements import draw_country_bars
from sdmxmig.reporting.sections.production import view as production
from sdmxmig.reporting.sections.quantities import describe_disagreement
from sdmxmig.reporting.sections.summary import draw_decade
from sdmxmig.reporting.sections.summary import view as summary
from sdmxmig.reporting.sections.trends import tabulate_flows
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.assessment import list_net_tests
from sdmxmig.statistics.calculations.availability import list_breakdowns
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import compute
from sdmxmig.statistics.calculations.timelines import build_timelines
from sdmxmig.statistics.demography.accounts import trace
from sdmxmig.statistics.demography.ledger import open_books
from sdmxmig.statistics.model.assessment import Assessment, Point, Series

EN = Wording("en")
DATA = text_from("statistics/cases/net_migration_data.csv")


def series(table: str = DATA) -> dict[str, Series]:
    return {one.id: one for one in build_timelines(Figures(datasets(table, CATALOGUE.flows), "GE"), {})}


def report_of(table: str) -> Assessment:
    """A small assessment with the series and tests of a table."""
    data = datasets(table, CATALOGUE.flows)
    tests = list_net_tests(trace(open_books(data), CATALOGUE.identities, ("GE",)))
    return replace(georgia(), series=tuple(series(table).values()), net_tests=tests)


def test_page_1_reports_net_migration_contradicting_flows() -> None:
    # 2020: 66 800 − 73 900 = −7 100 agrees; of another −1 000 it is said.
    assert describe_disagreement(report_of(DATA), EN) == []
    other = DATA.replace("DF_ACCOUNT,2020,NET_MIG,-7.1", "DF_ACCOUNT,2020,NET_MIG,-1.0")
    (phrase,) = describe_disagreement(report_of(other), EN)
    assert phrase.endswith("disagree in 2020; in 2020 it is −1,000 as published, −7,100 by the flows")
    assert f"P{phrase[1:]}." in str(summary(report_of(other), EN)["quality"])


@pytest.mark.parametrize(("published", "noted"), [("-7.1", False), ("-7.0", True), ("-7.2", True), ("-1.0", False)])
def test_rounding_is_explained_once_below_the_flows(published: str, *, noted: bool) -> None:
    known = report_of(DATA.replace("DF_ACCOUNT,2020,NET_MIG,-7.1", f"DF_ACCOUNT,2020,NET_MIG,{published}"))
    notes = [note for note in tabulate_flows(known, EN).notes if note.startswith("Figures are rounded")]
    assert ["2020" in note for note in notes] == ([True] if noted else [])


def test_net_migration_is_rounded_like_the_coarser_flow() -> None:
    table = "flow,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nDF_IMM,2023,25215,0\nDF_EMI,2023,17.1,3"
    assert [point.value for point in series(table)["NET"].points] == [Decimal(8100)]


def test_published_net_migration_precedes_derived_values() -> None:
    # 2019: 70 000 − 90 000
    assert series()["NET"].points == (
        Point("2019", Decimal(-20000), status="A", is_derived=True),
        Point("2020", Decimal(-7100), status="A"),
        Point("2021", Decimal(-45400), status="A"),
        Point("2022", Decimal(-32100), status="P"),
    )


def test_rate_follows_published_net_migration_after_flows_end() -> None:
    rates = {point.period: point for point in series()["CNR"].points}
    # 1 000 × −45 400 / ((2 560 000 + 2 500 000) / 2) and 1 000 × −32 100 / ((2 500 000 + 2 460 000) / 2)
    assert {year: f"{point.value:.3f}" for year, point in rates.items()} == {
        "2020": "-2.752",
        "2021": "-17.945",
        "2022": "-12.944",
    }
    assert rates["2022"].status == "P"


def test_indicator_formula_shows_the_published_figure() -> None:
    values = {
        value.period: value
        for value in compute(CATALOGUE.indicators["NET_RATE"], datasets(DATA, CATALOGUE.flows)).values
    }
    assert values["2022"].formula.replace("\u00a0", " ") == "1 000 × −32 100 / ((2 500 000 + 2 460 000) / 2)"
    assert values["2022"].terms[0][0] == "DF_ACCOUNT ACC_ITEM=NET_MIG UNIT_MEASURE=PS 2022"


def test_provisional_years_are_marked_on_all_report_levels() -> None:
    provisional = DATA.replace("DF_IMM,2020,,66.8,A", "DF_IMM,2020,,66.8,P")
    assessment = report_of(provisional)
    assert state_size(assessment, EN) == "Net migration was −45,400 in 2021; −32,100 in 2022 (provisional)"
    only_flows = "\n".join(line for line in provisional.splitlines() if "ACCOUNT" not in line)
    assert state_size(report_of(only_flows), EN).endswith("in 2020 (immigration: provisional)")
    section = production(assessment, EN)
    drawn = draw_decade(assessment, EN)
    assert ">2020*<" in drawn.svg
    assert ">2019<" in drawn.svg
    assert [year in drawn.notes[0] for year in ("2019", "2020", "2021", "2022")] == [False, True, False, True]
    flows, population = section["flows"], section["population"]
    assert [(row.cells[0].text, row.cells[0].note) for row in flows.rows] == [  # type: ignore[attr-defined]
        ("2019", ""),
        ("2020", "provisional"),
        ("2021", ""),
        ("2022", "provisional"),
    ]
    assert "2,460,000 (1 January 2023, provisional)" in population.title  # type: ignore[attr-defined]


@pytest.mark.parametrize(("status", "word"), [("E", "estimate"), ("F", "projection"), ("P", "provisional")])
def test_each_kind_of_preliminary_figure_has_its_own_label(status: str, word: str) -> None:
    table = DATA.replace("DF_POP,2023,,2460000,P", f"DF_POP,2023,,2460000,{status}")
    figure = production(report_of(table), EN)["population"]
    assert f"2,460,000 (1 January 2023, {word})" in figure.title  # type: ignore[attr-defined]


def test_value_computed_from_forecast_is_marked_as_forecast() -> None:
    table = DATA.replace("DF_POP,2023,,2460000,P", "DF_POP,2023,,2460000,F")
    assert series(table)["CNR"].points[-1].status == "F"


def test_provisional_figures_by_country_are_marked() -> None:
    table = """
    flow,TIME_PERIOD,C_CITIZEN,OBS_VALUE,OBS_STATUS
    DF_POP,2022,,1000000,A
    DF_POP,2023,,1000290,P
    DF_BIRTHS,2022,,500,A
    DF_DEATHS,2022,,300,A
    DF_IMM,2022,,200,A
    DF_IMM,2022,RU,120,P
    DF_IMM,2022,UA,30,P
    DF_EMI,2022,,110,A
    """.replace("    ", "").replace(",,", ",_T,")
    data = datasets(table, CATALOGUE.flows)
    found = accounts(data, CATALOGUE.identities, ("GE",))
    assessment = replace(
        georgia(),
        breakdowns=list_breakdowns(Figures(data, "GE")),
        accounts=tuple(one for one in found if one.identity == "A01"),
    )
    figure = draw_country_bars(assessment, EN)
    assert figure.title == "Immigration by country of citizenship, 2022 (provisional): Russian Federation 60.0%"
    section = account(assessment, EN)
    assert section["tables"][0].rows[0].cells[0].note == "provisional"  # type: ignore[index]
