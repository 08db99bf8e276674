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


def test_country_of_the_title_above_its_regions_is_the_reporting_country() -> None:
    rows = "| Республика Казахстан | 310 | 452 |\n| Абай | 98 | 117 |\n"
    title = "Внешняя миграция населения Республики Казахстан по регионам"
    table = f"## Sheet S\n| {title} |\n|  | 2022 | 2023 |\n{rows}"
    assert find_named_country(tables(table), WORDS) == "KZ"
    assert find_named_country(tables(table.replace("Абай", "Италия")), WORDS) == ""
