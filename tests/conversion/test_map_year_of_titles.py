"""The only year of a table is in its title: certain beside a counted item, otherwise asked about."""

from __future__ import annotations

import pytest
from proposed import proposed

BODY = "| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n\n| {note} |\n"


def asked(title: str, note: str = "") -> bool:
    table = f"## Sheet S\n| {title} |\n{BODY.format(note=note)}"
    return any(
        question.component == "TIME_PERIOD" and question.is_open for question in proposed(table, "DF_POP").questions
    )


def test_another_year_in_a_note_is_asked_about() -> None:
    assert asked("Population by sex, 2023", "Figures are those of 2022")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Foreigners by sex (31.12.2023)", ""),
        ("Foreigners by sex", "As at 31 December 2023"),
        ("População estrangeira por sexo", "Situação em 31 de dezembro de 2023"),
        ("Population étrangère par sexe", "(date de référence : 31 décembre 2023)"),
        ("Foreigners by zorblax and sex, 2023", ""),
        ("Foreigners by sex", "2023-yil"),
        ("Cudzoziemcy według płci", "Stan w dniu 31 XII 2023 r."),
        ("Población extranjera por sexo a 31-XII-2023", ""),
        ("Cizinci podle pohlaví k 31. XII. 2023", ""),
        ("Страни држављани по полу, 31. XII 2023.", ""),
    ],
)
def test_year_beside_a_title_with_a_counted_item_is_not_asked(first: str, second: str) -> None:
    assert not asked(f"{first} |\n| {second}" if second else first)
