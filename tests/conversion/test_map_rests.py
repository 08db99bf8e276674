"""Rests of regions have no code: several of them are one question, which leaves them out."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import proposed

from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.primitives.errors import InputError
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
def test_several_remains_are_one_question(rests: tuple[str, str]) -> None:
    assert asked("Germany", "Poland", rests[0], "Chad", "Kenya", rests[1]) == [("rests C_BIRTH", "; ".join(rests))]


def test_others_of_all_are_no_remains_of_a_region() -> None:
    assert asked("Germany", "Poland", "Chad", "Other countries") == []


def test_rests_left_out_are_skipped_and_not_asked_again() -> None:
    labels = ("Germany", "Poland", "Other Europe", "Chad", "Kenya", "Other Africa")
    decisions = {("2020", "rests C_BIRTH", "Other Europe; Other Africa"): "leave out"}
    proposal = proposed(table(*labels), "DF_POP", "NL", decisions)
    assert not [
        question for question in proposal.questions if question.is_open and question.part.startswith(("codes", "rests"))
    ]
    assert {skip.match for skip in proposal.mapping.blocks[0].skip_rows} == {"Other Europe", "Other Africa"}


def test_a_code_for_one_of_them_is_taken() -> None:
    labels = ("Germany", "Poland", "Other Europe", "Chad", "Kenya", "Other Africa")
    decisions = {("2020", "codes C_BIRTH", "Other Europe"): "_O", ("2020", "codes C_BIRTH", "Other Africa"): "_U"}
    codes = dict(proposed(table(*labels), "DF_POP", "NL", decisions).mapping.blocks[0].components[0].codes)
    assert (codes["Other Europe"], codes["Other Africa"]) == ("_O", "_U")


def test_rests_cannot_be_kept_as_written() -> None:
    from shipped import CATALOGUE

    with pytest.raises(InputError, match="not one of the possible answers"):
        check_decision("rests C_BIRTH", "as it is", CATALOGUE.flows["DF_POP"], Place("review.xlsx"))
