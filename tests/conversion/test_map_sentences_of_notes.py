"""Sentences of notes that may concern all figures are asked about; unrelated ones are ignored."""

from __future__ import annotations

import pytest
from proposed import asked_text, proposed
from test_map_notes_that_limit import of

POPULATION = ("DF_POP", "Foreign citizens by country of citizenship")


def test_one_sentence_of_a_note_raises_one_question() -> None:
    note = "Dual nationals are counted once, under their first citizenship."
    questions = [question.label for question in of(note, *POPULATION).open if question.part == "title"]
    assert questions == ["Dual nationals"]


def test_a_sentence_about_one_label_is_not_asked_about() -> None:
    assert "not understood" not in asked_text(of("Uganda and others: registered pensioners.", *POPULATION))


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("¹ Children of mothers who stayed.", False),
        ("1) By vote of the municipality of Nakuru.", False),
        ("¹ Students and their families.", False),
        ("² Children of mothers who stayed.", True),
        ("Children of mothers who stayed.", True),
        ("¹ Only children.", True),
    ],
)
def test_a_note_with_the_mark_of_a_label_is_about_that_label(note: str, is_asked: bool) -> None:
    rows = "| Uganda¹ | 100 | 200 |\n| Somalia | 101 | 201 |\n| India | 102 | 202 |\n"
    title = "Foreign citizens by country of citizenship"
    text = f"## Sheet S\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}\n| {note} |\n"
    assert bool(asked_text(proposed(text, "DF_POP", "KE"))) == is_asked
