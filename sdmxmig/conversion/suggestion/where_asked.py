"""Answers about several sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sdmxmig.conversion.suggestion.questions import EVERYWHERE, Decisions, Question

FIXED = "fixed "
Subject = TypeVar("Subject")
AskAgain = Callable[[Subject, Decisions], Sequence[Question]]


def answers_of(
    subjects: Sequence[Subject], drafts: Sequence[Sequence[Question]], again: AskAgain[Subject], decisions: Decisions
) -> Sequence[Decisions]:
    """Return decisions by table."""
    answers: list[dict[tuple[str, str, str], str]] = [dict(decisions) for _ in subjects]
    for _, part, label in (key for key in decisions if key[0] == EVERYWHERE and key[1].startswith(FIXED)):
        key, answer = (EVERYWHERE, part, label), decisions[EVERYWHERE, part, label].strip()
        without_answer = {other_key: code for other_key, code in decisions.items() if other_key != key}
        table_questions = [
            next((question for question in questions if question.part == part), None) for questions in drafts
        ]
        surely = {
            at
            for at, question in enumerate(table_questions)
            if question and not question.is_open and question.chosen.code != answer
        }
        silent = {at for at in surely if not asks(part, again(subjects[at], without_answer))}
        is_asked = len(surely) > len(silent) or any(question and question.is_open for question in table_questions)
        for at in silent if is_asked else ():
            del answers[at][key]
    return answers


def asks(part: str, questions: Sequence[Question]) -> bool:
    return any(question.part == part and question.is_open for question in questions)
