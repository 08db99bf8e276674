"""A symbol in place of a number is proposed as zero only if a note states exactly that."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.mapping.readings import CellReading, read_cell
from sdmxmig.conversion.suggestion import Decisions, Proposal


def noted(note: str, sign: str = "-", decisions: Decisions | None = None) -> Proposal:
    rows = f"| Ghana | 100 | 200 |\n| Chad | {sign} | 31 |\n| Uganda | 42 | {sign} |\n"
    heads = "| Citizenship | Men | Women |\n"
    text = f"## Sheet S\n| Immigrants by citizenship, 2020 |\n{heads}{rows}\n| {note} |"
    return proposed(text, "DF_IMM", decisions=decisions)


def asks_about_the_sign(proposal: Proposal) -> bool:
    return any(question.is_open and question.label.startswith("the sign") for question in proposal.questions)


@cases_from("conversion/cases/a_sign_that_a_note_says_to_be_zero_is_zero.csv")
def test_sign_defined_as_zero_in_a_note_is_zero(note: str, sign: str) -> None:
    proposal = noted(note, sign)
    assert not asks_about_the_sign(proposal)
    assert dict(proposal.mapping.blocks[0].values.numbers)[sign] == "0"


def test_sign_without_a_note_is_asked_about() -> None:
    assert asks_about_the_sign(noted("Source: register"))


@cases_from("conversion/cases/meaning_of_a_sign_in_a_note_is_proposed.csv")
def test_meaning_of_a_sign_in_a_note_is_proposed(note: str, sign: str, code: str) -> None:
    (question,) = [each for each in noted(note, sign).open if each.label == f"the sign “{sign}”"]
    assert (question.chosen.code if question.has_proposal else "") == code


def test_note_that_quotes_the_sign_causes_a_question() -> None:
    note = 'Values between 0 and 5 are shown as "--".'
    (question,) = [each for each in noted(note, "--").questions if each.label.startswith("the sign")]
    assert note in question.chosen.reason


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (".. Oplyses ikke af diskretionshensyn", "Q"),
        (".. Ei julkaista, liian vähän havaintoja", ""),
        (".. Nezverejnené", ""),
        (".. confidential", "Q"),
    ],
)
def test_usual_sign_with_a_note_of_its_own_is_asked_about(note: str, code: str) -> None:
    rows = "| Ghana | 100 | 200 |\n| Chad | .. | 31 |\n| Uganda | 42 | .. |\n"
    tables = [
        f"| {title} by citizenship, 2020 |\n| Citizenship | Men | Women |\n{rows}" for title in ("Immigrants",) * 2
    ]
    proposal = proposed(f"## Sheet S\n{tables[0]}| |\n{tables[1]}| {note} |", "DF_IMM")
    asked = [each for each in proposal.open if each.label == "the sign “..”"]
    assert {each.chosen.code for each in asked} == {code}
    assert {sheet for each in asked for sheet in each.sheets or (each.sheet,)} == {"S A2", "S A7"}


@pytest.mark.parametrize("note", [".. not available", ".. nicht verfügbar", ".. non disponible", "Source: register"])
def test_sign_with_its_usual_meaning_is_not_asked_about(note: str) -> None:
    assert not asks_about_the_sign(noted(note, ".."))


@pytest.mark.parametrize("note", ["- Less than 50 persons", "- moins de 100 cas", "- weniger als 50 Personen"])
def test_small_figures_are_offered_as_insignificant_never_as_zero(note: str) -> None:
    (question,) = [each for each in noted(note).open if each.label == "the sign “-”"]
    assert {each.code for each in (question.chosen, *question.others)} == {"N", "Q", "O"}
    values = noted(note, decisions={("*", "values", question.label): "N"}).mapping.blocks[0].values
    assert read_cell("-", values, numeric=False) == CellReading(None, (("OBS_STATUS", "N"),))
