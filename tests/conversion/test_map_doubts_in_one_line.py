"""``sdmxmig map`` asks one question about all doubts raised by the titles and notes of a table."""

from __future__ import annotations

import pytest
from proposed import proposed

from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Question

ROWS = "| Country of birth | 2020 | 2021 |\n| Fiji | 4 | 5 |\n| Tonga | 2 | 3 |\n"


def sheet(name: str, *lines: str) -> str:
    return f"\n## {name}\n" + "".join(f"| {line} | | |\n" for line in lines) + ROWS


ONE = sheet("Sheet A", "Immigrants who sought gnarled shelters", "Adults only, excluding students")
LATER = sheet("Sheet B", "Immigrants, excluding students").replace("2020 | 2021", "2022 | 2023")
TWO = sheet("Sheet A", "Immigrants, excluding students") + LATER


def doubts(text: str, decisions: Decisions | None = None) -> list[Question]:
    return [question for question in proposed(text, "DF_IMM", decisions=decisions).open if question.part == "title"]


def test_a_table_has_one_question_that_holds_every_doubt() -> None:
    (only,) = doubts(ONE)
    assert set(only.label.split("; ")) >= {"sought gnarled shelters", "excluding", "students"}
    assert only.chosen.reason.count("?") > 2
    assert [candidate.code for candidate in only.others] == [AS_IT_IS, LEAVE_OUT]


def test_its_answer_holds_for_each_of_its_phrases() -> None:
    (only,) = doubts(ONE)
    answer = {("A", "title", only.label): AS_IT_IS}
    assert doubts(ONE, answer) == []
    assert doubts(ONE.replace("| Adults only | | |\n", ""), answer) == []


def test_a_doubt_that_was_not_answered_is_asked_about_alone() -> None:
    (only,) = doubts(ONE)
    more = ONE.replace("Adults only", "Crews of ships, adults only")
    (left,) = doubts(more, {("A", "title", only.label): AS_IT_IS})
    assert "Crews" in left.label
    assert "excluding" not in left.label


def test_a_table_that_is_left_out_is_left_out_for_any_of_its_doubts() -> None:
    (only,) = doubts(ONE)
    assert not proposed(ONE, "DF_IMM", decisions={("A", "title", only.label): LEAVE_OUT}).mapping.blocks


@pytest.mark.parametrize("where", ["*", "A"])
def test_same_doubt_on_several_sheets_is_one_question_or_one_per_sheet(where: str) -> None:
    (both,) = doubts(TWO)
    assert (both.sheet, both.sheets) == ("*", ("A", "B"))
    left = doubts(TWO, {(where, "title", both.label): AS_IT_IS})
    assert [one.sheet for one in left] == ([] if where == "*" else ["B"])
