"""Statements of titles and notes on one year are proposed for that year; a stated residence rule is used."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import WORDS, tables
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.proposals import TriedProposal, propose

YEARS = """"{title}"
Year,Total,Men,Women
2022,1000,600,400
2023,1010,600,410
2024,1020,610,410
"{note}"
"""
POPULATION = "Population by sex on 1 January"


def tried(title: str, note: str = "", flow: str = "DF_POP", decisions: Decisions | None = None) -> TriedProposal:
    tables = read("t.csv", YEARS.format(title=title, note=note).encode())
    return propose(tables, flow, CATALOGUE, WORDS, area="GE", decisions=decisions)


def proposed(proposal: TriedProposal, *kinds: str) -> dict[tuple[str, str], str]:
    """The proposed code or text of each open line of these kinds, by part and label."""
    return {
        (question.part, question.label): question.chosen.code
        for question in proposal.open
        if question.part.partition(" ")[0] in kinds or question.part in kinds
    }


def status(*years: str, code: str = "P") -> dict[tuple[str, str], str]:
    return {("note OBS_STATUS", f"TIME_PERIOD={year}"): code for year in years}


@pytest.mark.parametrize(
    ("title", "note", "expected"),
    [
        (POPULATION, "2024: provisional", status("2024")),
        (POPULATION, "Data for 2024 are provisional.", status("2024")),
        (POPULATION, "2024 : chiffres provisoires", status("2024")),
        (f"{POPULATION} (2024 provisional)", "", status("2024")),
        (POPULATION, "2022 final, 2023 and 2024 provisional", status("2023", "2024")),
        (POPULATION, "Figures for 2023–2024 are estimates.", status("2023", "2024", code="E")),
        (POPULATION, "Figures for 2019 are provisional.", {}),
        (POPULATION, "There is a break in the series between 2022 and 2023.", status("2023", code="B")),
        (POPULATION, "Seit 2023 neue Methodik.", status("2023", code="B")),
        (POPULATION, "С 2023 года изменена методика учёта.", status("2023", code="B")),
        (POPULATION, "A 2024. évi adatok becsültek.", status("2024", code="E")),
        (POPULATION, "注：2024年为初步数据。2023年方法变更。", status("2024") | status("2023", code="B")),
        (POPULATION, "2024: provisional. Break in series in 2024.", status("2024", code="")),
        (POPULATION, "Seit 2023 neues Gesetz.", {}),
        (POPULATION, "Rounded to multiples of 5. 2024 figures are preliminary.", status("2024")),
    ],
)
def test_status_of_some_years_is_proposed(title: str, note: str, expected: dict[tuple[str, str], str]) -> None:
    assert proposed(tried(title, note), "note") == expected


@cases_from("conversion/cases/a_status_without_its_figures_is_asked_and_not_proposed.csv")
def test_status_without_its_figures_is_asked_and_not_proposed(title: str, note: str) -> None:
    assert proposed(tried(title, note), "fixed OBS_STATUS") == {("fixed OBS_STATUS", ""): ""}


def test_accepted_status_applies_only_to_its_year() -> None:
    decisions = {("", "note OBS_STATUS", "TIME_PERIOD=2024"): "P"}
    conversion = tried(POPULATION, "2024: provisional", decisions=decisions).conversion
    statuses = dict(conversion.dataset.observations.select("TIME_PERIOD", "OBS_STATUS").iter_rows())
    assert statuses == {"2022": "A", "2023": "A", "2024": "P"}


def test_preview_shows_proposed_statements_on_single_years() -> None:
    shown = [each.sentence for each in tried(POPULATION, "2024: provisional. 2023: without refugees.").examples]
    assert {sentence for sentence in shown if "observation status: Provisional value?" in sentence} == {
        sentence for sentence in shown if "2024:" in sentence
    }
    assert any("without refugees?" in sentence for sentence in shown)


def test_declined_statement_is_settled_without_a_note() -> None:
    decisions = {("", "note OBS_STATUS", "TIME_PERIOD=2024"): "leave out"}
    proposal = tried(POPULATION, "2024: provisional", decisions=decisions)
    assert proposed(proposal, "note") == {}
    assert proposal.proposal.mapping.blocks[0].notes == ()


def test_different_day_of_one_year_becomes_a_comment() -> None:
    proposal = tried(POPULATION, "2024: census of 14 November 2024")
    assert proposed(proposal, "note") == {("note COMMENT_OBS", "TIME_PERIOD=2024"): "census of 14 November 2024"}
    assert dict(proposal.proposal.mapping.blocks[0].fixed)["REF_DATE"] == "D0101"


def test_sources_of_some_years_apply_to_those_years() -> None:
    note = "Source: census (2024), population register (2022, 2023)"
    assert proposed(tried(POPULATION, note), "note") == {
        ("note SOURCE_DETAIL", "TIME_PERIOD=2024"): "census",
        ("note SOURCE_DETAIL", "TIME_PERIOD=2022"): "population register",
        ("note SOURCE_DETAIL", "TIME_PERIOD=2023"): "population register",
    }


def test_publication_year_is_not_read_as_a_year_of_figures() -> None:
    assert proposed(tried(POPULATION, "Source: Statistical Yearbook 2024"), "note") == {}


@cases_from("conversion/cases/stated_residence_rule_is_proposed.csv")
def test_stated_residence_rule_is_proposed(title: str, note: str, rule: str) -> None:
    assert proposed(tried(title, note, "DF_IMM"), "fixed RES_RULE") == {("fixed RES_RULE", ""): rule}


def test_words_of_a_stated_rule_are_not_asked_about() -> None:
    assert proposed(tried("Immigrants by sex, staying at least 12 months", "", "DF_IMM"), "title") == {}


def test_unmentioned_day_is_not_proposed() -> None:
    assert proposed(tried("Population by sex"), "fixed REF_DATE") == {("fixed REF_DATE", ""): ""}


def test_decided_revision_is_asked_about_once() -> None:
    note = "Reading: the data were revised after the new questionnaire of the office"
    trial = tried(f"{POPULATION} (revised)", note, decisions={("*", "fixed OBS_STATUS", ""): "A"})
    assert proposed(trial, "title", "fixed OBS_STATUS") == {}
    assert proposed(tried(POPULATION, note), "title", "fixed OBS_STATUS")


def test_years_that_end_in_a_month_have_the_status_of_their_span() -> None:
    table = "## Sheet S\n| Estimated immigration, 2021 - 2023 |\n| Year ending April |\n| Age | 2021 | 2022 | 2023 |\n"
    rows = "| 0-14 | 10 | 12 | 13 |\n| 15+ | 30 | 31 | 32 |\n"
    questions = propose(tables(table + rows), "DF_IMM", CATALOGUE, WORDS, area="IE").questions
    assert not [question.label for question in questions if question.part.startswith("note")]


def test_note_without_figures_can_be_left_out() -> None:
    check_decision("note", "leave out", CATALOGUE.flows["DF_IMM"], Place("r.xlsx"), label="TIME_PERIOD=2021")


NOTED = """## Sheet S
| Immigrants by sex |
| Sex | 2020 | 2021 | {year} |
| Men | 1000 | 600 | 400 |
| Women | 1010 | 600 | 410 |

| {note} |
"""
NOTED_ROWS = """## Sheet S
| Immigrants by sex |
| Year | Men | Women |
| 2020 | 1000 | 600 |
| 2021 | 1010 | 600 |
| {year} | 900 | 610 |

| {note} |
"""


@pytest.mark.parametrize("table", [NOTED, NOTED_ROWS])
@cases_from("conversion/cases/marked_note_is_proposed_for_its_year_only_year.csv", expected=listed)
def test_marked_note_is_proposed_only_for_its_year(table: str, year: str, note: str, expected: tuple[str, str]) -> None:
    trial = propose(tables(table.format(year=year, note=note)), "DF_IMM", CATALOGUE, WORDS, area="GE")
    attribute, value = expected
    assert proposed(trial, "note", "title", "values", "fixed OBS_STATUS") == {
        (f"note {attribute}", "TIME_PERIOD=2022"): value
    }


@pytest.mark.parametrize("year", ["2022²⁾", "2022 (2)", "2022²"])
def test_status_with_raised_mark_is_that_of_its_year(year: str) -> None:
    table = NOTED.format(year=year, note="²⁾ Date provizorii.")
    trial = propose(tables(table), "DF_IMM", CATALOGUE, WORDS, area="GE")
    statuses = dict(trial.conversion.dataset.observations.select("TIME_PERIOD", "OBS_STATUS").iter_rows())
    assert statuses == {"2020": "A", "2021": "A", "2022": "P"}
