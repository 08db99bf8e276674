"""A number before a word for years is an age, though what stands between is not understood: it is asked about."""

from __future__ import annotations

import pytest
from proposed import proposed


def asked(title: str) -> list[str]:
    table = f"## Sheet S\n| {title} |\n| Sex | 2018 | 2019 |\n| Male | 10 | 12 |\n| Female | 20 | 13 |\n"
    questions = proposed(table, "DF_EMI", "SI").questions
    return [question.chosen.reason for question in questions if question.is_open and question.part == "fixed AGE"]


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        ("Odseljeni prebivalci, stari 15 ali veè let, po spolu", "15 ali veè let"),
        ("Emigrants aged 15 zorblax years by sex", "15 zorblax years"),
        ("Émigrants de 15 zorblax ans par sexe", "15 zorblax ans"),
        ("Emigrantes de 15 zorblax años por sexo", "15 zorblax años"),
        ("Emigranten von 15 zorblax Jahren nach Geschlecht", "15 zorblax Jahren"),
        ("Эмигранты 15 зорблакс лет по полу", "15 зорблакс лет"),
    ],
)
def test_an_age_that_is_not_understood_is_asked_about(title: str, answer: str) -> None:
    assert len(asked(title)) == 1
    assert answer in asked(title)[0]


@pytest.mark.parametrize(
    "title",
    [
        "Table 15: Emigrants by sex and year",
        "Table 12 Emigrants by year",
        "Emigrants by sex, 2019",
        "Emigrants by sex, table 15",
        "Tabelle 12 Emigranten nach Jahren",
        "Tableau 3 Émigrants par années",
        "Число эмигрантов по полу на 1 января 2023 года",
        "Таблица 3. Эмигранты по полу за 2023 год",
        "Emigranter efter kön den 1 januari 2023 år",
    ],
)
def test_numbers_of_tables_are_no_ages(title: str) -> None:
    assert asked(title) == []
