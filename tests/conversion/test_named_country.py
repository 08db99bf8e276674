"""The country that a new workspace is offered: that of the titles, or of the office that is named as the source."""

from __future__ import annotations

from case_tables import cases_from
from proposed import WORDS, tables

from sdmxmig.conversion.suggestion.table_subjects import find_named_country


def find_country(title: str, source: str) -> str:
    rows = "| Men | 310 | 452 |\n| Women | 298 | 417 |\n"
    return find_named_country(tables(f"## Sheet S\n| {title} |\n|  | 2022 | 2023 |\n{rows}|  |\n| {source} |\n"), WORDS)


@cases_from("conversion/cases/office_of_the_source_names_the_country.csv")
def test_office_of_the_source_names_the_country(title: str, source: str, country: str) -> None:
    assert find_country(title, source) == country


@cases_from("conversion/cases/office_of_the_source_alone_does_not_set_the_country.csv")
def test_office_of_the_source_alone_does_not_set_the_country(title: str, source: str) -> None:
    assert find_country(title, source) == ""
