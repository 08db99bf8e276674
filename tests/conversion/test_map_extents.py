"""Names in a title that cover less or more than the reporting country lead to a question."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked, tried

TABLE = "## Sheet S\n| {title} |\n| Year | Men | Women |\n| 2021 | 1100 | 1050 |\n| 2022 | 1160 | 1130 |\n"


@cases_from("conversion/cases/title_that_names_less_or_more_than_the_country_is_asked_about.csv")
def test_title_that_names_less_or_more_than_the_country_is_asked_about(title: str, area: str) -> None:
    assert asked(tried(TABLE.format(title=title), "DF_POP", area))


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Population of the United Kingdom of Great Britain and Northern Ireland by sex", "GB"),
        ("Population of Great Britain and Northern Ireland by sex", "GB"),
        ("Population of the Kingdom of Belgium by sex", "BE"),
        ("Population of the United Republic of Tanzania by sex", "TZ"),
        ("Population of the Netherlands by sex", "NL"),
        ("Population of the Republic of Cyprus by sex", "CY"),
    ],
)
def test_name_of_the_whole_country_raises_no_question(title: str, area: str) -> None:
    assert asked(tried(TABLE.format(title=title), "DF_POP", area)) == []


def test_name_of_a_part_is_a_country_among_the_labels_of_partners() -> None:
    text = "## Sheet S\n| Immigrations by citizenship, 2022 |\n| Citizenship | Persons |\n"
    text += "| Great Britain | 31 |\n| France | 22 |\n| Spain | 13 |\n"
    assert asked(tried(text, "DF_IMM", "SE")) == []
