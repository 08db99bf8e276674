"""Names of countries and codes are accepted as answers, and never confused with codes of similar letters."""

from __future__ import annotations

import openpyxl
import pytest
from case_tables import cases_from
from saved_workbooks import saved
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.answers import check_decision, interpret_answer
from sdmxmig.conversion.suggestion.review_workbook import HEADS, KEYS, read_decisions
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

FLOW = CATALOGUE.flow("DF_POP")


@cases_from("conversion/cases/a_name_in_any_language_is_its_code.csv")
def test_code_name_in_any_language_is_accepted(part: str, text: str, language: str, code: str) -> None:
    assert interpret_answer(part, text, FLOW, language) == code


@pytest.mark.parametrize("text", ["ES", "leave out", "no", "in", "5", "Guinea", "Valdoria", "spian"])
def test_unknown_or_ambiguous_country_name_is_unchanged(text: str) -> None:
    assert interpret_answer("codes C_BIRTH", text, FLOW, "en") == text


@cases_from("conversion/cases/the_hint_names_the_code_whose_name_is_alike.csv")
def test_hint_names_the_code_with_a_similar_name(part: str, text: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        check_decision(part, text, FLOW, Place("review.xlsx"))
    assert refused.value.hint == hint


def test_name_unlike_any_country_gets_no_country_as_hint() -> None:
    with pytest.raises(InputError) as refused:
        check_decision("codes C_BIRTH", "Valdoria", FLOW, Place("review.xlsx"))
    assert refused.value.hint.startswith("Possible values: _T (Total); _O (Other countries)")


def test_review_workbook_accepts_names() -> None:
    book = openpyxl.Workbook()
    question = ("Which country of birth is “Homeland”?", "Homeland", "Table", "", "", "", "Spain")
    for row in ((*HEADS, *KEYS), (*question, "Table", "codes C_BIRTH", "")):
        book.worksheets[0].append(row)
    (answered,) = read_decisions("review.xlsx", read("review.xlsx", saved(book)), FLOW)
    assert (answered.about, answered.answer) == (("Table", "codes C_BIRTH", "Homeland"), "ES")
