"""``sdmxmig map`` on yes/no columns: they raise a question and are never dropped."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.answers import check_decision, list_choices
from sdmxmig.conversion.suggestion.questions import DECIDED
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

PLACE = Place("answers.xlsx")


def table(head: str, yes: str, no: str) -> str:
    rows = [f"| {2014 + at} | {1000 + at * 77} | {no if at > 4 else yes} |" for at in range(7)]
    return f"\n## Sheet A\n| Year | Persons | {head} |\n" + "\n".join(rows) + "\n"


def statuses(proposal: Proposal) -> dict[str, str]:
    components = proposal.mapping.blocks[0].components
    return {
        text: code
        for component_map in components
        if component_map.component == "OBS_STATUS"
        for text, code in component_map.codes
    }


def asked(proposal: Proposal) -> set[tuple[str, str]]:
    return {(question.part, question.label) for question in proposal.open}


@cases_from("conversion/cases/provisional_flag_is_offered_as_a_status.csv")
def test_provisional_flag_is_offered_as_a_status(head: str, yes: str, no: str) -> None:
    proposal = proposed(table(head, yes, no), "DF_POP")
    (question,) = [question for question in proposal.open if question.part.startswith("line column")]
    assert question.others[0].code == "OBS_STATUS"
    for choice in list_choices(question, CATALOGUE.flows["DF_POP"]):
        check_decision(question.part, choice, CATALOGUE.flows["DF_POP"], PLACE)
    answered = proposed(table(head, yes, no), "DF_POP", decisions={(question.sheet, question.part, ""): "OBS_STATUS"})
    assert {("codes OBS_STATUS", yes), ("codes OBS_STATUS", no)} <= asked(answered)
    (kept,) = [each for each in answered.questions if each.part == question.part]
    assert (kept.chosen.code, kept.chosen.reason) == ("OBS_STATUS", DECIDED)  # the next review has the answer filled in


@cases_from("conversion/cases/other_columns_of_two_words_are_asked_about.csv")
def test_other_columns_of_two_words_are_asked_about(head: str, yes: str, no: str) -> None:
    proposal = proposed(table(head, yes, no), "DF_POP")
    assert not statuses(proposal)
    assert [question for question in proposal.open if question.part.startswith("line column")]


@pytest.mark.parametrize("labels", [("Received", "Granted"), ("Single", "Married"), ("Legal", "Irregular")])
def test_column_named_status_may_have_another_meaning(labels: tuple[str, str]) -> None:
    text = f"\n## Sheet A\n| Status | 2019 | 2020 |\n| {labels[0]} | 10 | 20 |\n| {labels[1]} | 17 | 11 |\n"
    proposal = proposed(text, "DF_POP")
    assert not statuses(proposal)
    assert not {label for part, label in asked(proposal) if part == "codes OBS_STATUS"}


def test_column_of_statuses_of_figures_is_recognised() -> None:
    text = "\n## Sheet A\n| Year | Persons | Status |\n| 2019 | 1011 | final |\n| 2020 | 1020 | provisional |\n"
    assert statuses(proposed(text, "DF_POP")) == {"final": "A", "provisional": "P"}


CAPTIONED = """
## Sheet A
| Population by country of birth and citizenship, 2022 | | | |
| Country of birth | {caption} | | Total |
| | Yes | No | |
| Poland | 22 | 83 | 105 |
| India | 17 | 39 | 56 |
"""


@pytest.mark.parametrize("caption", ["Holds Irish citizenship", "No Irish citizenship", "Employed"])
def test_yes_and_no_below_a_group_are_asked_about(caption: str) -> None:
    proposal = proposed(CAPTIONED.format(caption=caption), "DF_POP", "IE")
    (question,) = (question for question in proposal.open if question.part == "line header 2")
    assert {"only Yes", "only No"} <= {candidate.code for candidate in question.others}


def test_side_column_labels_cannot_be_chosen_alone() -> None:
    text = table("Preliminary?", "yes", "no")
    (question,) = [question for question in proposed(text, "DF_POP").open if question.part.startswith("line column")]
    assert not [choice for choice in list_choices(question, CATALOGUE.flows["DF_POP"]) if choice.startswith("only ")]
    with pytest.raises(InputError, match="No rows can be chosen"):
        proposed(text, "DF_POP", decisions={(question.sheet, question.part, ""): "only no"})
