"""The country that a new workspace is offered: that of the titles, or of the office that is named as the source."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import WORDS, tables

from sdmxmig.conversion.suggestion.counted import find_named_country


def find_country(title: str, source: str) -> str:
    rows = "| Men | 310 | 452 |\n| Women | 298 | 417 |\n"
    return find_named_country(tables(f"## Sheet S\n| {title} |\n|  | 2022 | 2023 |\n{rows}|  |\n| {source} |\n"), WORDS)


@cases_from("conversion/cases/office_of_the_source_names_the_country.csv")
def test_office_of_the_source_names_the_country(title: str, source: str, country: str) -> None:
    assert find_country(title, source) == country


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Immigrants from Poland by sex", "Źródło: GUS"),
        ("Immigrants by sex", "Source: Statistikaamet"),
        ("Inmigrantes según sexo", "Fuente: Instituto Nacional de Estadística"),
        ("Inmigrantes según sexo", "Fuente: INEC"),
        ("Doseljeno stanovništvo prema spolu", "Izvor: Državni zavod za statistiku; Statbel"),
        ("Íslendingar búsettir í Svíþjóð eftir kyni", "Heimild: Statistiska centralbyrån"),
        ("Peruanos residentes según sexo", "Fuente: Ministerio del Interior, España"),
        ("Immigrants by sex", "Source: Eurostat, Uruguay"),
    ],
    ids=[
        "origin",
        "other language",
        "several",
        "letters",
        "two offices",
        "abroad",
        "people abroad",
        "no office",
    ],
)
def test_office_of_the_source_alone_does_not_set_the_country(title: str, source: str) -> None:
    assert find_country(title, source) == ""
