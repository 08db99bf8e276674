"""Two counts of migrants on page one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from assessed_examples import example
from small_country import assessed, dataset

from sdmxmig.reporting.sections.key_figures import choose_leading_figures
from sdmxmig.reporting.sections.latest_values import summarise_latest
from sdmxmig.reporting.sections.trends import compute_years_to_census
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Point, Series

OF_2024 = "2024 (census, preliminary count); at most 6.6% of 3,914 thousand persons"


def test_old_superseded_and_inferred_figures_do_not_lead() -> None:
    pages: Any = {country: VIEWS["summary"](example(country), Wording("en")) for country in ("moldova", "norway")}
    values = {country: {figure.value for figure in page["figures"]} for country, page in pages.items()}
    assert values == {"moldova": {"106,700", "−59,600", "2,409,200"}, "norway": {"+34,109"}}
    assert "(2023, provisional)" in str(VIEWS["indicators"](example("moldova"), Wording("en"))["heading"])


@pytest.mark.parametrize(
    ("country", "value", "note"),
    [
        ("georgia", "at most 257,000", f"{OF_2024}; 22,131 in 2014 (census)"),
        ("georgia", "3,929,581", "2024, census, final count for 14 November, as quoted by a news site"),
        ("colombia", "965,015", "2018 (census); la prensa los llama «extranjeros»"),
    ],
)
def test_figure_is_labelled_preliminary_final_or_old(country: str, value: str, note: str) -> None:
    shown: Any = VIEWS["summary"](example(country), Wording("en"))["figures"]
    assert {figure.value: figure.note for figure in shown}[value] == note


def test_flows_that_count_each_move_are_labelled_as_moves() -> None:
    section: Any = VIEWS["production"](example("norway"), Wording("en"))
    assert section["flows"].caption == "Immigration, emigration and net migration, moves"
    assert "A person who moves more than once in a year is counted each time." in section["flows"].notes
    assert section["moves"][0].caption == "Immigration and emigration by citizenship, moves"
    of_persons: Any = VIEWS["production"](example("georgia"), Wording("en"))
    assert of_persons["flows"].caption == "Immigration, emigration and net migration, persons"


@pytest.mark.parametrize(("remark", "part"), [("Final count for 14 November.", 318 / 365), ("", 182 / 365)])
def test_census_is_drawn_at_its_day_or_at_mid_year(remark: str, part: float) -> None:
    yearly = Series("POP", Text(), unit="PS", points=(), note=Text.of(en="1 January"))
    census = Point("2024", Decimal(1), kind="census", comment=Text.of(en=remark))
    assert compute_years_to_census(census, yearly) == part


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("georgia", "Without the occupied territories of Abkhazia and Tskhinvali/South Ossetia."),
        ("moldova", "Without the left bank of the Nistru and the municipality of Bender."),
        ("norway", ""),
    ],
)
def test_page_1_states_what_all_figures_exclude(name: str, said: str) -> None:
    assert VIEWS["summary"](example(name), Wording("en"))["limits"] == said


def test_figure_cites_the_base_named_in_its_remark() -> None:
    figures = {figure.value: figure for figure in choose_leading_figures(example("chile"), Wording("en"))}
    assert "CL36" in figures["1,608,650"].sources
    assert "CL36" not in figures["1,918,583"].sources


def test_tables_over_years_leave_out_years_without_values() -> None:
    section = VIEWS["production"](example("norway"), Wording("en"))
    for table in (section["rates"], section["flows"], section["population"].data):  # type: ignore[attr-defined]
        assert all(any(not cell.is_absent for cell in row.cells[1:]) for row in table.rows)


@pytest.mark.parametrize(("country", "whole"), [("chile", "18,480,432"), ("georgia", "3,713,804")])
def test_latest_share_names_its_total_and_sources(country: str, whole: str) -> None:
    (share,) = [one for one in example(country).indicators if one.indicator.id == "MIG_SHARE"]
    said = summarise_latest(share, example(country), Wording("en"))
    assert f"% of {whole} persons (20" in said.text
    assert {"chile": "CL36", "georgia": "H2"}[country] in said.sources


def test_emigrants_are_related_to_residents_as_a_ratio() -> None:
    (emigrants,) = [one for one in example("chile").indicators if one.indicator.id == "EMI_STOCK_RATIO"]
    assert summarise_latest(emigrants, example("chile"), Wording("en")).text.startswith("3.3% (2020, ")


def test_indicator_without_a_ratio_has_no_value() -> None:
    citizens = {"TIME_PERIOD": "2023", "OBS_VALUE": "90", "CTZ_STATUS": "FC"}
    said = 'evidence = "PUBLIC"\npractice.en = "Each year."\nsources = ["S1"]'
    answers = "".join(f"\n[indicators.{indicator}.L01]\n{said}" for indicator in ("MIG_SHARE", "IMM_RATE"))
    known = assessed(f'[sources]\nS1 = "Office"{answers}', dataset("DF_POP", citizens))
    cells = {one.indicator.id: summarise_latest(one, known, Wording("en")) for one in known.indicators}
    assert cells["MIG_SHARE"].text == "Foreign citizens: 90 (2023; no total of the same source in this report)"
    assert cells["IMM_RATE"].text == "–"


def test_page_1_explains_gap_to_the_census_by_net_migration() -> None:
    first, *_ = VIEWS["summary"](example("georgia"), Wording("en"))["quality"]  # type: ignore[attr-defined]
    assert "include errors in published net migration" in first.sentence
    figures = {figure.label: figure.note for figure in choose_leading_figures(example("georgia"), Wording("en"))}
    assert next(iter(figures)) == "Net migration"  # not the bound
    assert "; 22,131 in 2014 (census)" in figures["Foreign citizens"]


def test_account_names_omitted_year_and_reason() -> None:
    first, why = VIEWS["account"](example("moldova"), Wording("en"))["gaps"]  # type: ignore[attr-defined]
    assert first.sentence.endswith(": 2017.")
    assert "the natural increase printed beside them is −400" in why.sentence
    assert why.sources == ("M1",)


def test_change_from_year_with_unusual_children_has_a_caveat() -> None:
    shown: Any = VIEWS["summary"](example("georgia"), Wording("en"))
    assert any("the figures of 2023 are in doubt" in change.sentence for change in shown["changes"])
    assert "2023 (−39,207, in doubt)" in shown["figure"].title


@pytest.mark.parametrize(
    ("country", "heading"),
    [
        ("georgia", "Net international migration rate: +3.9 per 1,000 population (2024)"),
        ("sweden", "Net international migration rate: +2.8 per 1,000 population (2024)"),
        ("chile", "2 of 11 core migration indicators have a figure in this report"),
    ],
)
def test_heading_of_indicators_states_the_net_rate_if_known(country: str, heading: str) -> None:
    shown: Any = VIEWS["indicators"](example(country), Wording("en"))
    assert shown["heading"] == heading


def test_described_definitions_are_listed_or_named() -> None:
    shown: Any = VIEWS["definitions"](example("georgia"), Wording("en"))
    rows = [row for row in shown["table"].rows if row.kind != "group"]
    assert "Type of stay" in shown["statement"][0] or all(row.cells[1].note for row in rows)
    assert shown["heading"] == (
        "The flows use 183 days, the census of 2024 more than 12 months for foreign citizens and stateless persons "
        "(provisional, not confirmed by the office)"
    )


def test_quality_chapter_has_the_findings_of_page_1() -> None:
    georgia, words = example("georgia"), Wording("en")
    assert VIEWS["quality"](georgia, words)["points"] == VIEWS["summary"](georgia, words)["quality"]
