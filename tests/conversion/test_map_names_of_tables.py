"""Reference numbers of tables and databases are ignored; words with digits that may be groups are not."""

from __future__ import annotations

from case_tables import cases_from
from proposed import proposed


def asked(title: str, sheet: str) -> str:
    rows = "| Uganda | 10 | 20 |\n| Somalia | 11 | 21 |\n| India | 12 | 22 |\n"
    text = f"## Sheet {sheet}\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}"
    proposal = proposed(text, "DF_IMM", "KE")
    return " ".join(question.chosen.reason for question in proposal.open if question.part == "title")


@cases_from("conversion/cases/table_numbers_raise_no_question.csv")
def test_table_numbers_raise_no_question(title: str, sheet: str) -> None:
    assert asked(title, sheet) == ""


@cases_from("conversion/cases/words_that_may_be_groups_are_asked_about.csv")
def test_words_that_may_be_groups_are_asked_about(title: str, sheet: str) -> None:
    assert asked(title, sheet)


@cases_from("conversion/cases/letters_of_a_table_number_are_not_read_as_sex.csv")
def test_letters_of_a_table_number_are_not_read_as_sex(title: str, sheet: str, sex: str) -> None:
    rows = "| Uganda | 10 | 20 |\n| India | 12 | 22 |\n"
    text = f"## Sheet {sheet}\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}"
    (block,) = proposed(text, "DF_IMM", "KE").mapping.blocks
    assert dict(block.fixed)["SEX"] == sex
