"""Suggest the nearest code for an unknown text."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from shipped import CATALOGUE

from sdmxmig.quality.rules.codes import find_nearest_code


@cases_from("quality/rules/cases/words_of_tables_count_where_no_name_is_alike.csv")
def test_words_of_tables_count_if_names_do_not_match(text: str, nearest: str) -> None:
    sexes = CATALOGUE.flow("DF_POP").codelist("SEX")
    assert sexes is not None
    assert find_nearest_code(text, sexes, "SEX") == nearest


@cases_from("quality/rules/cases/wrong_age_code_gets_the_code_of_the_same_ages.csv")
def test_code_of_equal_ages_is_suggested_for_wrong_age_code(code: str, nearest: str) -> None:
    ages = CATALOGUE.flow("DF_POP").codelist("AGE")
    assert ages is not None
    assert find_nearest_code(code, ages, "AGE") == nearest


@pytest.mark.parametrize(("text", "nearest"), [("GEO", "GE (Georgia)"), ("Georgi", "GE (Georgia)")])
def test_most_similar_code_of_a_country_is_suggested(text: str, nearest: str) -> None:
    assert find_nearest_code(text, CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")) == nearest
