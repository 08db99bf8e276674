"""Reference numbers of tables and databases are ignored; words with digits that may be groups are not."""

from __future__ import annotations

import pytest
from proposed import proposed


def asked(title: str, sheet: str) -> str:
    rows = "| Uganda | 10 | 20 |\n| Somalia | 11 | 21 |\n| India | 12 | 22 |\n"
    text = f"## Sheet {sheet}\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}"
    proposal = proposed(text, "DF_IMM", "KE")
    return " ".join(question.chosen.reason for question in proposal.open if question.part == "title")


@pytest.mark.parametrize(
    ("title", "sheet"),
    [
        ("RVR09: Immigrants by citizenship", "RVR09"),
        ("Immigrants by citizenship", "ITM552101"),
        ("VAN5RKAM: Immigrants by citizenship", "Sheet1"),
        ("Immigrants by citizenship (FOLK1C)", "Sheet1"),
        ("Ret_01: Immigrants by citizenship", "Ret_01"),
        ("Ret_01. Immigrants by citizenship", "Ret_01"),
        ("GENESIS-Tabelle: 12521-0001 - Immigrants by citizenship", "Sheet1"),
        ("PxWeb: Immigrants by citizenship", "Sheet1"),
        ("Eurostat, migr_imm8: Immigrants by citizenship", "Sheet1"),
        ("Statbank table NAN12: Immigrants by citizenship", "NAN12"),
        ("Immigrants by citizenship, 12/16-month rule", "Sheet1"),
        ("NPM12 Immigrants by citizenship", "NPM12"),
    ],
)
def test_table_numbers_raise_no_question(title: str, sheet: str) -> None:
    assert asked(title, sheet) == ""


@pytest.mark.parametrize(
    ("title", "sheet"),
    [
        ("Immigrants by citizenship", "Kikuyu2020"),
        ("Immigrants by citizenship", "KIKUYU12"),
        ("Kikuyu1 immigrants by citizenship", "Sheet1"),
        ("KIKUYU 12: Immigrants by citizenship", "Sheet1"),
        ("Immigrants by citizenship, KAM2020", "Sheet1"),
        ("Immigrants by citizenship", "Kam_01"),
        ("Immigrants of Kam_01 by citizenship", "Kam_01"),
        ("RVR09: Kikuyu immigrants by citizenship", "RVR09"),
        ("RKQ09: Immigrants by citizenship, RKQ", "RKQ09"),
        ("NON-EU27 immigrants by citizenship", "Sheet1"),
        ("Kamba_01: Immigrants by citizenship", "Kamba_01"),
    ],
)
def test_words_that_may_be_groups_are_asked_about(title: str, sheet: str) -> None:
    assert asked(title, sheet)
