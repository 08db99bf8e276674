"""Titles that repeat the table or a question raise no further question; different ones do."""

from __future__ import annotations

import pytest
from case_tables import cases_from, pairs
from proposed import proposed

HOLDS, UNIT, PART = "what the dataset counts", "in what unit", "fixed REF_AREA"


def asked(title: str, flow: str, said: dict[str, str] | None = None, head: str = "Country of citizenship") -> str:
    rows = "".join(
        f"| {question} | {100 + at} | {200 + at} |\n" for at, question in enumerate(("Uganda", "Somalia", "India"))
    )
    text = f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{rows}"
    decisions = {("S", part, ""): code for part, code in (said or {}).items()}
    open_questions = proposed(text, flow, "KE", decisions).open
    return " ".join(f"{each.part} {each.chosen.reason}" for each in open_questions if each.part in {"title", PART})


@cases_from("conversion/cases/meaning_covered_by_an_item_is_not_asked_again.csv", said=pairs)
def test_meaning_covered_by_an_item_is_not_asked_again(title: str, flow: str, said: dict[str, str]) -> None:
    assert HOLDS not in asked(title, flow, said)


@pytest.mark.parametrize("title", ["Anträge nach Staatsangehörigkeit", "Number of applications by citizenship"])
def test_answered_unit_is_not_asked_again(title: str) -> None:
    assert UNIT not in asked(title, "DF_PROTECTION", {"fixed UNIT_MEASURE": "PS"})


@pytest.mark.parametrize(
    "title",
    ["Cas réglés par nationalité, première instance", "Casos de asilo por nacionalidad"],
)
def test_unit_of_cases_is_chosen_by_its_name(title: str) -> None:
    rows = "| Uganda | 1 | 2 |\n| India | 3 | 4 |\n"
    text = f"## Sheet S\n| {title} |\n| Persons |\n| Country of citizenship | 2019 | 2020 |\n{rows}"
    unit = ("S", "fixed UNIT_MEASURE", "")
    (question,) = [each for each in proposed(text, "DF_PROTECTION", "KE").open if each.part == unit[1]]
    assert {"CASE", "PS"} <= {candidate.code for candidate in (question.chosen, *question.others)}
    answered = proposed(text, "DF_PROTECTION", "KE", {unit: "CASE"})
    assert unit[1] not in {each.part for each in answered.open}
    assert UNIT not in " ".join(each.chosen.reason for each in answered.open)


@pytest.mark.parametrize("title", ["Applications in percent", "Applications, index"])
def test_shares_and_indices_are_not_proposed(title: str) -> None:
    rows = "| Uganda | 10 | 20 |\n| India | 11 | 21 |\n"
    text = f"## Sheet S\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}"
    assert [question.part for question in proposed(text, "DF_PROTECTION", "KE").open] == ["sheet"]


@pytest.mark.parametrize(
    "head", ["Region", "REGION", "Territory", "District", "Région", "Region / nationality", "Nationality or territory"]
)
def test_name_of_a_breakdown_does_not_limit_figures(head: str) -> None:
    text = f"## Sheet S\n| Immigrants by country of citizenship |\n| {head} |\n"
    text += "| Country of citizenship | 2019 | 2020 |\n| Uganda | 10 | 20 |\n| India | 11 | 21 |\n"
    proposal = proposed(text, "DF_IMM", "KE").open
    assert PART not in " ".join(question.chosen.reason for question in proposal)


def test_slovenian_and_joins_breakdowns() -> None:
    assert PART not in asked("Priseljeni po državljanstvu in regiji", "DF_IMM")
