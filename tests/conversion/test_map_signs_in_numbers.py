"""Questions about the signs in cells offer answers that a statistician can give, in words."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from shipped import CATALOGUE, words

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, Question, suggest
from sdmxmig.conversion.suggestion.answers import list_choices
from sdmxmig.conversion.suggestion.cell_values import NEGATIVE
from sdmxmig.conversion.suggestion.figures import BRACKETS, SIGNS
from sdmxmig.conversion.suggestion.wording import describe_answer_code, parse_answer
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.tables import Table

FLOW = CATALOGUE.flows["DF_IMM"]
MIXED = """Immigrants, annual data;;
Citizenship;2019;2020
Uganda;12 204;13 577
Chad;{figure};2 100
Ghana;640;{sign}
"""


def tables(text: str) -> Sequence[Table]:
    return read("t.csv", text.encode())


def proposal_for(text: str, decisions: Decisions | None = None) -> Proposal:
    return suggest(tables(text), FlowKnowledge(FLOW, words()), "GE", decisions)


def question_about(text: str, label: str) -> Question:
    return next(question for question in proposal_for(text).questions if question.label == label)


@pytest.mark.parametrize(("sign", "proposed"), [(".", "."), (",", "")])
def test_mixed_thousands_separators_are_asked_about(sign: str, proposed: str) -> None:
    question = question_about(MIXED.format(figure=f"2{sign}010", sign="10"), SIGNS)
    assert sorted(list_choices(question, CATALOGUE.flows["DF_POP"])) == [",", "."]
    assert question.chosen.code == proposed


@pytest.mark.parametrize(("answer", "value"), [(".", "2010"), (",", "2.010")])
def test_thousands_separators_are_read_as_answered(answer: str, value: str) -> None:
    text = MIXED.format(figure="2.010", sign="10")
    mapping = proposal_for(text, {("", "values", SIGNS): answer}).mapping
    frame = convert(tables(text), mapping, FLOW, CATALOGUE.rules).dataset.observations
    values = frame.filter(pl.col("C_CITIZEN") == "TD")["OBS_VALUE"].to_list()
    assert values == [value, "2100"]


@pytest.mark.parametrize("sign", ["#", "§", "000"])
def test_unknown_sign_may_be_zero_missing_or_suppressed(sign: str) -> None:
    question = question_about(MIXED.format(figure="2010", sign=sign), f"the sign “{sign}”")
    assert {"0", "O", "Q", "M"} <= {*list_choices(question, CATALOGUE.flows["DF_POP"])}


def test_unknown_mark_may_be_answered_as_normal() -> None:
    assert "A" in list_choices(question_about(MIXED.format(figure="2010 x", sign="1"), "the mark “x”"), FLOW)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
@pytest.mark.parametrize(
    ("label", "code"),
    [
        (SIGNS, "."),
        (SIGNS, ","),
        (BRACKETS, "minus"),
        (NEGATIVE, "plus"),
        ("the sign “#”", "0"),
        ("the mark “x”", "P"),
        ("the mark “e”", "A"),
    ],
)
def test_answer_in_words_is_understood(label: str, code: str, language: str) -> None:
    question = Question("A", "values", label=label, chosen=Candidate("", 0.0, reason="asked"))
    answer = describe_answer_code(code, question, FLOW, language)
    assert answer != code
    assert parse_answer("values", answer, FLOW, language) == code


@pytest.mark.parametrize("figure", ["8e4", "8E+04", "1.2e30"])
def test_scientific_notation_is_kept_for_validation(figure: str) -> None:
    text = f"Immigrants by sex; persons\nYear,Both sexes,Men\n2021,74000,42000\n2022,{figure},45000\n"
    frame = convert(tables(text), proposal_for(text).mapping, FLOW, CATALOGUE.rules).dataset.observations
    assert frame.select("SEX", "AGE", "OBS_VALUE").rows() == [
        ("_T", "_T", "74000"),
        ("M", "_T", "42000"),
        ("_T", "_T", figure),
        ("M", "_T", "45000"),
    ]
