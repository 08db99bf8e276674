"""Titles by which people come from the country that was asked for: another one counted them."""

from __future__ import annotations

import pytest
from proposed import proposed

FROM_THERE = "which country counted them"


def asked(title: str, flow: str = "DF_PROTECTION", area: str = "UA") -> str:
    text = f"## Sheet S\n| {title} |\n| Sex | 2022 | 2023 |\n| Men | 1000 | 1200 |\n| Women | 1100 | 1300 |\n"
    return " ".join(question.chosen.reason for question in proposed(text, flow, area).open)


@pytest.mark.parametrize(
    ("title", "flow", "area"),
    [
        ("Refugees from Ukraine", "DF_PROTECTION", "UA"),
        ("Asylum seekers from Syria", "DF_PROTECTION", "SY"),
        ("Flüchtlinge aus der Ukraine", "DF_PROTECTION", "UA"),
        ("Réfugiés en provenance d'Ukraine", "DF_PROTECTION", "UA"),
        ("Refugiados procedentes de Ucrania", "DF_PROTECTION", "UA"),
        ("Беженцы из Украины", "DF_PROTECTION", "UA"),
        ("Immigrants from Kenya by sex", "DF_IMM", "KE"),
        ("Einwanderer aus Kenia nach Geschlecht", "DF_IMM", "KE"),
        ("Residence permits issued to persons coming from Kenya", "DF_PERMIT", "KE"),
        ("Refugees arriving from Ukraine", "DF_PROTECTION", "UA"),
        ("Vluchtelingen uit Oekraïne", "DF_PROTECTION", "UA"),
    ],
)
def test_people_from_the_reporting_country_are_asked_about(title: str, flow: str, area: str) -> None:
    assert FROM_THERE in asked(title, flow, area) or "these figures of" in asked(title, flow, area)


@pytest.mark.parametrize(
    ("title", "flow", "area"),
    [
        ("Refugees in Ukraine", "DF_PROTECTION", "UA"),
        ("Ukraine: refugees by sex", "DF_PROTECTION", "UA"),
        ("Asylum seekers, Kenya", "DF_PROTECTION", "KE"),
        ("Emigrants from Kenya by sex", "DF_EMI", "KE"),
        ("Auswanderer aus Kenia nach Geschlecht", "DF_EMI", "KE"),
        ("Эмигранты из Кении по полу", "DF_EMI", "KE"),
        ("Persons returned from Kenya by sex", "DF_RETURN", "KE"),
        ("Immigrants to Kenya by sex", "DF_IMM", "KE"),
        ("Immigration to Kenya from abroad by sex", "DF_IMM", "KE"),
        ("Flüchtlinge in der Ukraine", "DF_PROTECTION", "UA"),
        ("Réfugiés en Ukraine", "DF_PROTECTION", "UA"),
    ],
)
def test_other_titles_with_that_country_are_not(title: str, flow: str, area: str) -> None:
    assert FROM_THERE not in asked(title, flow, area)
