"""Rests of regions have no code: several of them are one question, which leaves them out."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import codes, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT
from sdmxmig.primitives.places import Place

TABLE = "## Sheet 2020\n| Population, 2020 |\n| Country of birth | Total |\n{rows}"


def table(*labels: str) -> str:
    return TABLE.format(rows="".join(f"| {label} | {100 + 7 * at} |\n" for at, label in enumerate(labels)))


def asked(*labels: str) -> list[tuple[str, str]]:
    questions = proposed(table(*labels), "DF_POP", "NL").questions
    return [
        (question.part, question.label)
        for question in questions
        if question.is_open and question.part.startswith(("codes", "rests"))
    ]


@cases_from("conversion/cases/several_remains_are_one_question.csv", rests=listed)
def test_several_remainders_are_asked_about_once(rests: tuple[str, str]) -> None:
    assert asked("Germany", "Poland", rests[0], "Chad", "Kenya", rests[1]) == [("rests C_BIRTH", "; ".join(rests))]


def test_others_of_the_world_are_not_remainders_of_a_region() -> None:
    assert asked("Germany", "Poland", "Chad", "Other countries") == []


def test_omitted_remainders_are_not_asked_about_again() -> None:
    labels = ("Germany", "Poland", "Other Europe", "Chad", "Kenya", "Other Africa")
    decisions = {("2020", "rests C_BIRTH", "Other Europe; Other Africa"): "leave out"}
    proposal = proposed(table(*labels), "DF_POP", "NL", decisions)
    assert not [question for question in proposal.open if question.part.startswith(("codes", "rests"))]
    assert {skip.match for skip in proposal.mapping.blocks[0].skip_rows} == {"Other Europe", "Other Africa"}


def test_code_for_a_single_remainder_is_accepted() -> None:
    labels = ("Germany", "Poland", "Other Europe", "Chad", "Kenya", "Other Africa")
    decisions = {("2020", "codes C_BIRTH", "Other Europe"): "_O", ("2020", "codes C_BIRTH", "Other Africa"): "_U"}
    codes = dict(proposed(table(*labels), "DF_POP", "NL", decisions).mapping.blocks[0].components[0].codes)
    assert (codes["Other Europe"], codes["Other Africa"]) == ("_O", "_U")


REMAINDERS = ("Germany", "Poland", "Other Europe", "Chad", "Kenya", "Other Africa")


@pytest.mark.parametrize("answer", ["as it is", "add up", "leave out"])
def test_remainders_can_be_asked_about_one_by_one_or_added_up(answer: str) -> None:
    decisions = {("2020", "rests C_BIRTH", "Other Europe; Other Africa"): answer}
    check_decision(
        "rests C_BIRTH", answer, CATALOGUE.flows["DF_POP"], Place("review.xlsx"), label="Other Europe; Other Africa"
    )
    proposal = proposed(table(*REMAINDERS), "DF_POP", "NL", decisions)
    labels = [question.label for question in proposal.open if question.part == "codes C_BIRTH"]
    assert labels == (["Other Europe", "Other Africa"] if answer == "as it is" else [])
    added = {(derived.code, derived.labels) for derived in proposal.mapping.derived}
    assert added == ({("_O", ("Other Europe", "Other Africa"))} if answer == "add up" else set())


SUBTOTALS = """## Sheet 2020
| Population, 2020 |
| Country of birth | Men | Women |
| Total | 12000000 | 13000000 |
| Arab countries | 7000000 | 8000000 |
| Iraq | 3000000 | .. |
| Syria | 2500000 | 3500000 |
| Other Arabs | 1500000 | 2500000 |
| Non-Arab countries | 5000000 | 5000000 |
| India | 2600000 | 2700000 |
| Kenya | 1400000 | .. |
| Other nationalities | 1000000 | 900000 |
"""


def test_subtotals_are_not_asked_about_with_remainders() -> None:
    questions = {question.part: question for question in proposed(SUBTOTALS, "DF_POP", "NL").questions}
    subtotals, remainders = questions["rests C_BIRTH"], questions["sums C_BIRTH"]
    assert (subtotals.label, subtotals.chosen.code) == ("Arab countries; Non-Arab countries", "leave out")
    assert ({*remainders.label.split("; ")}, remainders.chosen.code) == (
        {"Other Arabs", "Other nationalities"},
        "add up",
    )


FOREIGNERS = "## Sheet 2020\n| Population, 2020 |\n| Country of birth | 2019 | 2020 |\n{rows}"


@cases_from("conversion/cases/rests_that_sums_show_to_be_of_a_group.csv", labels=listed, figures=listed)
def test_proven_remainder_is_asked_about(labels: tuple[str, ...], figures: tuple[str, ...], is_asked: str) -> None:
    pairs = zip(labels, figures, strict=True)
    rows = "".join(f"| {label} | {11 * int(figure)} | {figure} |\n" for label, figure in pairs)
    questions = proposed(FOREIGNERS.format(rows=rows), "DF_POP", "NL").open
    asked_labels = {
        label
        for question in questions
        if question.part.startswith(("codes", "rests", "sums"))
        for label in question.label.split("; ")
    }
    assert ("Other countries" in asked_labels) == (is_asked == "yes")


def test_remainder_equal_to_rows_below_can_only_be_omitted() -> None:
    rows = "| Total | 1000 | 1100 |\n| Poland | 600 | 700 |\n| Other countries | 400 | 400 |\n"
    rows += "| Ukraine | 250 | 200 |\n| Chad | 150 | 200 |\n"
    questions = [each for each in proposed(FOREIGNERS.format(rows=rows), "DF_POP", "NL").open if "codes" in each.part]
    assert [(each.label, [offer.code for offer in each.others]) for each in questions] == [
        ("Other countries", [LEAVE_OUT])
    ]
    decisions = {(questions[0].sheet, questions[0].part, questions[0].label): "_O"}
    answered = proposed(FOREIGNERS.format(rows=rows), "DF_POP", "NL", decisions)
    assert codes(answered, "C_BIRTH")["Other countries"] == "_O"


def test_remainders_below_section_titles_are_asked_about() -> None:
    parts = "| Other countries | 700 | 1500 |\n| Ukraine | 500 | 900 |\n| Poland | 300 | 450 |\n"
    section = "| {sex} |\n| Total | 1000 | 2000 |\n" + parts
    rows = "".join(section.format(sex=sex) for sex in ("Men", "Women"))
    (question,) = [each for each in proposed(FOREIGNERS.format(rows=rows), "DF_POP", "NL").open if "codes" in each.part]
    assert question.label == "Other countries"
