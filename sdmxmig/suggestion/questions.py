"""What a person is asked about a proposed mapping, and what the person decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.recognition import APPLIED, Candidate

LEAVE_OUT = "leave out"
"""The decision that rows or columns with a label stay out."""
Decisions = Mapping[tuple[str, str, str], str]
"""What was decided, by sheet, part and label of a question: a code, the id of a component, or `LEAVE_OUT`."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a proposal: what it is about, what is proposed and how sure that is, and the nearest candidates.

    `sheet` and `part` say where in the mapping it belongs: ``fixed SEX``, ``codes C_BIRTH``, ``line column 1`` (which
    component a line of labels gives), ``values`` or ``sheet``; `label` is the text of the table that it is about, if
    any. A proposal without a code is one that a person must make.
    """

    sheet: str
    part: str
    label: str
    chosen: Candidate
    others: tuple[Candidate, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person should confirm or decide it."""
        return self.chosen.confidence < APPLIED or not self.chosen.code

    @property
    def component(self) -> str:
        """The component that it is about, empty if none."""
        kind, _, name = self.part.partition(" ")
        return name if kind in ("fixed", "codes") else self.chosen.code if kind == "line" else ""


def settled(questions: Sequence[Question], decisions: Decisions) -> tuple[Question, ...]:
    """The questions with what was decided: a decision is certain."""
    return tuple(
        Question(one.sheet, one.part, one.label, Candidate(said, 1.0, "decided by a person"))
        if (said := decisions.get((one.sheet, one.part, one.label), "").strip())
        else one
        for one in questions
    )
