"""Sheets with different values of an attribute that is the same for all of them raise a question, never an error."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, pairs, truth
from markdown_workbooks import workbook
from proposed import WORDS, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.suggestion.wording import open_question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

MIDDLE, FIRST, LAST = "mid-year", "1 January", "31 December"
AGES = "| Age | Men | Women |\n| 0-14 | 11 | 12 |\n| 15-64 | 41 | 42 |\n| Total | 52 | 54 |"
YEARS = "| Year | Men | Women |\n| 2021 | 50 | 51 |\n| 2022 | 52 | 54 |"


def tried(titles: tuple[str, ...], said: dict[str, str] | None = None, flow: str = "DF_POP") -> TriedProposal:
    sheets = (AGES, YEARS, AGES.replace("11", "13"))
    text = "".join(f"## Sheet S{at}\n| {title} | | |\n| | | |\n{sheets[at]}\n\n" for at, title in enumerate(titles))
    decisions = {(sheet, "fixed REF_DATE", ""): code for sheet, code in (said or {}).items()}
    tables = read("t.xlsx", workbook(text))
    return propose(tables, flow, CATALOGUE, WORDS, area="BH", decisions=decisions)


def about_day(trial: TriedProposal) -> list[Question]:
    return [question for question in trial.questions if question.part == "fixed REF_DATE"]


def days(trial: TriedProposal) -> list[str]:
    return [dict(block.fixed).get("REF_DATE", "") for block in trial.proposal.mapping.blocks]


@cases_from("conversion/cases/the_day_that_some_sheets_say_is_asked_about_once_for_all.csv", titles=listed)
def test_day_of_some_sheets_is_asked_about_once_for_all(titles: tuple[str, ...], day: str) -> None:
    trial = tried(titles)
    (asked,) = about_day(trial)
    assert asked.is_open
    assert (asked.chosen.code, asked.sheets) == (day, tuple(f"S{at}" for at in range(len(titles))))
    assert days(trial) == [day] * len(titles)
    assert trial.examples


@cases_from("conversion/cases/different_days_of_sheets_give_no_proposal.csv", titles=listed)
def test_different_days_of_sheets_yield_no_proposal(titles: tuple[str, ...]) -> None:
    trial = tried(titles)
    (asked,) = about_day(trial)
    assert (asked.chosen.code, set(days(trial))) == ("", {""})
    assert "“S0”" in asked.chosen.reason
    assert {candidate.code for candidate in asked.others} >= {"D0701", "D0101", "D1231"} & {
        dict(zip((MIDDLE, FIRST, LAST), ("D0701", "D0101", "D1231"), strict=True))[day]
        for title in titles
        for day in (MIDDLE, FIRST, LAST)
        if day in title
    }
    assert trial.examples


@cases_from("conversion/cases/one_answer_is_the_value_of_all_sheets.csv", titles=listed, said=pairs)
def test_one_answer_sets_the_value_of_all_sheets(titles: tuple[str, ...], said: dict[str, str]) -> None:
    trial = tried(titles, said)
    assert len(set(days(trial))) == 1
    assert set(days(trial)) <= set(said.values())
    assert not any(question.is_open for question in about_day(trial)) or "*" not in said


def test_different_answers_for_two_sheets_are_asked_about_again() -> None:
    trial = tried(("Population by age, 2023", "Population by sex"), {"S0": "D0101", "S1": "D1231"})
    (asked,) = about_day(trial)
    assert asked.is_open
    assert (asked.chosen.code, days(trial)) == ("", ["", ""])


@cases_from("conversion/cases/sheets_that_say_the_same_are_asked_as_before.csv", titles=listed, is_open=truth)
def test_sheets_with_equal_values_are_asked_as_before(titles: tuple[str, ...], day: str, *, is_open: bool) -> None:
    trial = tried(titles)
    (asked,) = about_day(trial)
    assert set(days(trial)) == {day}
    assert asked.is_open is is_open
    assert "every sheet" not in asked.chosen.reason


@pytest.mark.parametrize("flow", ["DF_IMM", "DF_BIRTHS", "DF_CITIZENSHIP", "DF_PERMIT"])
def test_dataflows_without_reference_date_ask_no_question(flow: str) -> None:
    assert not about_day(tried(("By age, 2023", f"By sex, {MIDDLE}"), flow=flow))


@pytest.mark.parametrize(("first", "second"), [("PS", "CASE"), ("CASE", "PS"), ("PS", "EVENT"), ("PS", "PS")])
def test_sheet_in_another_unit_is_left_out_and_named(first: str, second: str) -> None:
    heads = "| Population by sex | | |\n| Year | Men | Women |\n"
    text = f"## Sheet S1\n{heads}| 2021 | 50 | 51 |\n\n## Sheet S2\n{heads}| 2022 | 52 | 54 |\n"
    decisions = {("S1", "fixed UNIT_MEASURE", ""): first, ("S2", "fixed UNIT_MEASURE", ""): second}
    trial = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="BH", decisions=decisions)
    questions = [
        (question.sheet, first in question.chosen.reason) for question in trial.open if question.part == "sheet"
    ]
    assert questions == ([] if first == second else [("S2", True)])
    assert [block.sheet for block in trial.proposal.mapping.blocks] == (["S1", "S2"] if first == second else ["S1"])
    assert trial.examples


OTHER_DAYS = [
    ("1 October 2020", "Reference date: 1 October"),
    ("census of 14 November 2021", "Reference date: 14 November"),
    ("October 1st", "Reference date: 1 October"),
    ("30.9.2022", "Reference date: 30 September"),
    ("2022-09-30", "Reference date: 30 September"),
    ("на 14 октября 2010 г.", "Reference date: 14 October"),
    ("1 أكتوبر 2020", "Reference date: 1 October"),
]


@pytest.mark.parametrize(("day", "comment"), OTHER_DAYS)
def test_day_without_code_is_named_in_the_comment(day: str, comment: str) -> None:
    trial = tried((f"Population by age, {day}",))
    (asked,) = about_day(trial)
    assert (asked.chosen.code, asked.is_open) == ("OTH", False)
    assert dict(trial.proposal.mapping.blocks[0].fixed)["COMMENT_DSET"] == comment
    answered = tried((f"Population by age, {day}",), {"S0": "D0101"})
    assert "COMMENT_DSET" not in dict(answered.proposal.mapping.blocks[0].fixed)


@pytest.mark.parametrize(
    ("day", "code"), [(MIDDLE, "D0701"), (LAST, "D1231"), *((day, "OTH") for day, _ in OTHER_DAYS)]
)
def test_sheets_without_a_common_series_keep_their_days(day: str, code: str) -> None:
    titles = ("Citizens of Bahrain by sex, 1 January", f"Foreign citizens by sex, {day}")
    text = "".join(f"## Sheet S{at}\n| {title} | | |\n| | | |\n{YEARS}\n\n" for at, title in enumerate(titles))
    trial = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="BH")
    assert days(trial) == ["D0101", code]


@pytest.mark.parametrize("day", [day for day, _ in OTHER_DAYS])
def test_day_without_code_is_not_replaced_by_another_day(day: str) -> None:
    trial = tried((f"Population by age, {FIRST} 2020", f"Population by sex, {day}"))
    (asked,) = about_day(trial)
    assert asked.chosen.code == ""
    assert "1 January in “S0”, Another day in “S1”" in asked.chosen.reason
    assert "OTH" in {candidate.code for candidate in asked.others}


def test_two_days_without_a_code_differ() -> None:
    trial = tried(("Population by age, 1 October 2020", "Population by sex, 9 May 2011"))
    (asked,) = (question for question in trial.open if question.part == "fixed COMMENT_DSET")
    assert "1 October in “S0”" in asked.chosen.reason
    assert "9 May in “S1”" in asked.chosen.reason


def test_question_ends_with_one_sign_and_names_every_day() -> None:
    trial = tried((f"Population by age, {LAST} 2020", "Population by sex"))
    asked = open_question(about_day(trial)[0], trial.flow)
    assert "?." not in asked
    assert "Another day (OTH)" in asked
    assert "D1231" not in about_day(tried((f"By age, {LAST} 2020", f"By sex, {FIRST} 2020")))[0].chosen.reason


def test_age_groups_without_code_are_asked_about() -> None:
    rows = "| 0-14 years | 42 | 32 |\n| 15-25 | 45 | 34 |\n| 27 to 41 years | 30 | 31 |\n| 41 and over | 20 | 27 |\n"
    proposal = proposed(f"\n## Sheet A\n| Population by age, 2022 | | |\n| Age | Men | Women |\n{rows}", "DF_POP")
    asked = {each.label: [offer.code for offer in each.others] for each in proposal.open if each.part == "codes AGE"}
    assert asked == {label: ["leave out"] for label in ("15-25", "27 to 41 years", "41 and over")}


@cases_from("conversion/cases/age_without_a_code_is_asked_about_and_no_other_proposed.csv")
def test_age_without_a_code_is_asked_about_and_no_other_proposed(title: str) -> None:
    text = f"\n## Sheet A\n| {title} | |\n| Year | Men | Women |\n| 2021 | 420 | 320 |\n| 2022 | 450 | 345 |\n"
    proposal = proposed(text, "DF_POP")
    assert dict(proposal.mapping.blocks[0].fixed).get("AGE", "_T") == "_T"
    assert {question.part for question in proposal.open} & {"fixed AGE", "title"}
