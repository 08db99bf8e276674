"""Numbers, dates and directions as languages write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from case_tables import cases_from

from sdmxmig.primitives import text
from sdmxmig.primitives.errors import SdmxmigError


@pytest.mark.parametrize(
    ("value", "language", "decimals", "written"),
    [
        ("3704506", "en", 0, "3,704,506"),
        ("3704506", "fr", 0, "3\u202f704\u202f506"),
        ("3704.506", "ru", 1, "3\u00a0704,5"),
        ("1234", "es", 0, "1.234"),
        ("-39207", "en", 0, "−39,207"),
        ("0.05", "en", 1, "0.1"),
        ("-0.04", "en", 1, "0.0"),
        ("3704506", "ar", 0, "3,704,506"),
    ],
)
def test_numbers_are_grouped_and_rounded_half_up(value: str, language: str, decimals: int, written: str) -> None:
    assert text.format_number(Decimal(value), language, decimals) == written


def test_changes_have_a_sign_unless_zero() -> None:
    assert [text.format_signed(Decimal(value)) for value in ("14386", "-51", "0", "0.4")] == [
        "+14,386",
        "−51",
        "0",
        "0",
    ]


@pytest.mark.parametrize(("language", "written"), [("en", "6.6%"), ("fr", "6,6\u00a0%"), ("de", "6,6\u00a0%")])
def test_shares_are_written_as_percentages(language: str, written: str) -> None:
    assert text.format_percent(Decimal("0.0656"), language) == written


def test_dates_are_written_in_full() -> None:
    assert text.spell_date(dt.date(2025, 1, 1), "en") == "1 January 2025"
    assert text.spell_date(dt.date(2025, 1, 1), "fr") == "1er janvier 2025"
    assert text.spell_date(dt.date(2025, 1, 2), "fr") == "2 janvier 2025"
    assert text.spell_date(dt.date(2025, 1, 1), "es") == "1 de enero de 2025"


def test_day_of_a_year_is_found_by_name() -> None:
    assert text.find_day_in_year("31 December", "2024") == dt.date(2024, 12, 31)
    for day, year in (("Another day", "2024"), ("31 February", "2024"), ("1 January", "2024-Q1"), ("", "2024")):
        assert text.find_day_in_year(day, year) is None


@cases_from("primitives/cases/chinese_has_no_blanks_beside_numbers_and_latin_words.csv")
def test_chinese_has_no_blanks_beside_numbers_and_latin_words(words: str, expected: str) -> None:
    assert text.tighten_blanks(words, "zh") == expected
    assert text.tighten_blanks(words, "en") == words


def test_arabic_is_written_from_right_to_left() -> None:
    assert {language: text.find_direction(language) for language in ("ar", "en", "zh")} == {
        "ar": "rtl",
        "en": "ltr",
        "zh": "ltr",
    }


def test_unknown_language_is_refused_with_known_ones() -> None:
    with pytest.raises(SdmxmigError, match=r"“klingon” is not a language.*en, fr"):
        text.format_number(1, "klingon")
