"""A group that a title leaves out, parents and averages: each is asked about, with a proposal that fits."""

from __future__ import annotations

from case_tables import cases_from
from proposed import ALWAYS, proposed

from sdmxmig.conversion.suggestion import Question

BODY = "| 0-14 | 120 | 130 |\n| 15-64 | 45 | 47 |\n| 65+ | 33 | 31 |\n"


def asked(title: str, flow: str = "DF_IMM") -> list[Question]:
    table = "## Sheet S\n| {title} |\n| Age | 2021 | 2022 |\n" + BODY
    return [question for question in proposed(table.format(title=title), flow).open if question.part not in ALWAYS]


@cases_from("conversion/cases/words_about_parents_are_asked_about_without_setting_sex.csv")
def test_words_about_parents_are_asked_about_without_setting_sex(title: str, word: str) -> None:
    questions = asked(title, "DF_POP")
    assert any(word in question.label and question.part == "title" for question in questions)
    assert not any(question.component == "SEX" for question in questions)


def test_few_codes_of_a_dataflow_are_all_offered() -> None:
    table = "## Sheet S\n| Permessi di soggiorno |\n| Sex | 2021 | 2022 |\n| Men | 1 | 2 |\n| Women | 3 | 4 |\n"
    (question,) = [each for each in proposed(table, "DF_PERMIT").open if each.component == "ADM_ITEM"]
    assert {other.code for other in question.others} == {
        "PERMIT_FIRST",
        "PERMIT_CHANGE",
        "PERMIT_RENEWED",
        "PERMIT_ISSUED",
        "PERMIT_VALID",
        "PERMIT_LONG",
        "PERMIT_SINGLE",
        "PERMIT_BLUE",
        "WORK_PERMIT",
        "WORK_FIRST",
        "WORK_RENEWED",
        "WORK_VALID",
        "VISA_ISSUED",
    }
