"""Progress of a profile by module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.catalogue.benchmarking import NOT_APPLICABLE, UNKNOWN
from sdmxmig.forms.profiles.plan import Asked, FormQuestion, FormSheet

ANSWERED, BEGUN, UNANSWERED = "answered", "begun", "unanswered"
STATES = (ANSWERED, UNKNOWN, NOT_APPLICABLE, BEGUN, UNANSWERED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Numbers of questions, by state, and of core questions completed."""

    asked: int
    _: KW_ONLY
    states: dict[str, int]
    core: int
    core_done: int

    @property
    def done(self) -> int:
        return self.states[ANSWERED] + self.states[UNKNOWN] + self.states[NOT_APPLICABLE]


def state_of_question(question: FormQuestion, asked: Asked) -> str:
    answer, scale = question.answer, asked.scales.get(question.item.scale)
    if scale is None:
        return ANSWERED if answer.practice else UNANSWERED
    if not answer.answer:
        return BEGUN if answer.practice else UNANSWERED
    return scale.silence(answer.answer) or ANSWERED


def progress_of(questions: Iterable[FormQuestion], asked: Asked) -> Progress:
    questions = list(questions)
    states = [state_of_question(question, asked) for question in questions]
    core = [state for question, state in zip(questions, states, strict=True) if question.is_core]
    return Progress(
        len(questions),
        states={name: states.count(name) for name in STATES},
        core=len(core),
        core_done=sum(state not in (BEGUN, UNANSWERED) for state in core),
    )


def named_questions(sheet: FormSheet) -> Sequence[FormQuestion]:
    return [question for block in sheet.blocks if block.subject for question in block.questions]
