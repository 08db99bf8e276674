"""Answers about a table in its mapping and draft: ``[[answer]]``."""

from __future__ import annotations

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Answered


def read_answered(declared: Declared) -> tuple[Answered, ...]:
    """The answers of a file; raises `DeclarationError` for a key that is wrong, and for a second answer."""
    answers: dict[tuple[str, str, str], Answered] = {}
    for entry in declared.tables("answer"):
        answered = Answered(
            entry.text("sheet", ""),
            entry.text("part"),
            entry.text("label", ""),
            answer=entry.text("answer").strip(),
            proposed=entry.text("proposed", ""),
        )
        if answered.about in answers:
            raise DeclarationError("The same is answered twice.", entry.place, "Keep one of the two.")
        answers[answered.about] = answered
        entry.close()
    return tuple(answers.values())
