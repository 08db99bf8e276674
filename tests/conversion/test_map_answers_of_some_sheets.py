"""An answer about some sheets applies to the sheets that raise the question and to no others."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.earlier_mapping import extract_decisions
from sdmxmig.primitives.errors import InputError

HEADS = ("citizenship", "birth", "previous residence")


def workbook(*titles: str) -> str:
    """A sheet with each title, each by another kind of country."""
    sheets = ""
    for number, (title, head) in enumerate(zip(titles, HEADS, strict=False)):
        rows = "".join(
            f"| {country} | {100 + number} | {200 + number} |\n" for country in ("Uganda", "Somalia", "India")
        )
        over = f"| {title} by country of {head} |\n| Country of {head} | 2019 | 2020 |\n"
        sheets += f"## Sheet {'ABC'[number]}\n{over}{rows}\n"
    return sheets


def fixed(proposal: Proposal, component: str) -> dict[str, str]:
    return {block.sheet: dict(block.fixed).get(component, "") for block in proposal.mapping.blocks}


@cases_from("conversion/cases/an_answer_holds_for_the_sheets_that_ask.csv")
def test_answer_applies_to_the_sheets_that_ask(limited: str, component: str, code: str) -> None:
    text = workbook(limited, limited, "Immigrants")
    question = next(
        question for question in proposed(text, "DF_IMM", "KE").open if question.part == f"fixed {component}"
    )
    assert question.sheet == "*"
    answered = proposed(text, "DF_IMM", "KE", {("*", question.part, ""): code})
    assert fixed(answered, component) == {"A": code, "B": code, "C": "_T"}
    questions = {one.sheet: one.chosen.code for one in answered.questions if one.part == question.part}
    assert questions == {"*": code, "C": "_T"}


@pytest.mark.parametrize("code", ["R6", "R12"])
def test_answer_to_a_common_question_applies_to_all_sheets(code: str) -> None:
    text = workbook("Adult immigrants", "Adult immigrants", "Immigrants")
    answered = proposed(text, "DF_IMM", "KE", {("*", "fixed RES_RULE", ""): code})
    assert set(fixed(answered, "RES_RULE").values()) == {code}


@pytest.mark.parametrize(("component", "code"), [("AGE", "Y_GE18"), ("SEX", "F"), ("CTZ_STATUS", "FC")])
def test_answer_for_all_sheets_applies_although_no_sheet_asks(component: str, code: str) -> None:
    text = workbook("Immigrants", "Immigrants")
    answered = proposed(text, "DF_IMM", "KE", {("*", f"fixed {component}", ""): code})
    assert set(fixed(answered, component).values()) == {code}


def test_differing_questions_of_sheets_are_asked_separately() -> None:
    text = workbook("Adult immigrants", "Immigrant minors", "Adult immigrants")
    asked = [question.sheet for question in proposed(text, "DF_IMM", "KE").open if question.part == "fixed AGE"]
    assert sorted(asked) == ["A", "B", "C"]


def test_earlier_values_apply_to_their_own_sheets() -> None:
    text = workbook("Adult immigrants", "Adult immigrants", "Immigrants")
    last = proposed(text, "DF_IMM", "KE", {("*", "fixed AGE", ""): "Y_GE18"})
    decisions = extract_decisions(last.mapping, [region.table for region in last.regions])
    again = proposed(text, "DF_IMM", "KE", decisions)
    assert fixed(again, "AGE") == {"A": "Y_GE18", "B": "Y_GE18", "C": "_T"}
    renamed = proposed(text.replace("## Sheet A", "## Sheet X"), "DF_IMM", "KE", decisions)
    assert [question.sheet for question in renamed.open if question.part == "fixed AGE"] == ["X"]


def test_second_line_for_a_component_is_refused_in_words() -> None:
    rows = "".join(
        f"| {question} | {10 + at} | {20 + at} |\n" for at, question in enumerate(("Foreigners", "Uganda", "Somalia"))
    )
    text = f"## Sheet S\n| Population, 2019 |\n| Citizenship | Urban | Rural |\n{rows}"
    line = next(
        question for question in proposed(text, "DF_POP", "KE").questions if question.part.startswith("line header")
    )
    part, offered = line.part, [candidate.code for candidate in line.others]
    assert offered
    assert "CTZ_STATUS" not in offered
    with pytest.raises(InputError, match="but another line already gives it"):
        proposed(text, "DF_POP", "KE", {("S", part, ""): "CTZ_STATUS"})
