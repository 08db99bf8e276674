"""Dataset-wide values from several sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.fixed import NOT_APPLICABLE, UNKNOWN
from sdmxmig.conversion.suggestion.questions import DECIDED, EVERYWHERE, Decisions, Question
from sdmxmig.sdmx.model.data import Block, Flow

SAID_OF_SOME = 0.6
"""How sure a value is in all sheets that only some of them say."""


def in_one_value(
    blocks: Sequence[Block], questions: Sequence[Question], flow: Flow, decisions: Decisions
) -> tuple[tuple[Block, ...], tuple[Question, ...]]:
    """The blocks with one value for each attribute of the dataset, and one question where they had several."""
    for name in (component.id for component in flow.structure.attributes("dataset")):
        codes = {code: None for block in blocks for component, code in block.fixed if component == name}
        if len(codes) < 2:
            continue
        part = f"fixed {name}"
        question = as_one([question for question in questions if question.part == part], part, codes, decisions)
        blocks = [with_value(block, name, question.chosen.code) for block in blocks]
        questions = [*(question for question in questions if question.part != part), question]
    return tuple(blocks), tuple(questions)


def as_one(questions: Sequence[Question], part: str, codes: Iterable[str], decisions: Decisions) -> Question:
    """Ask once about an attribute with several codes, proposing the only one named."""
    telling = [code for code in codes if code not in (UNKNOWN, NOT_APPLICABLE)]
    decided = decisions.get((EVERYWHERE, part, ""), "").strip() or answer_for_one_sheet(part, telling, decisions)
    sheets = tuple(dict.fromkeys(question.sheet for question in questions))
    reasons = {question.chosen.code: question.chosen.reason for question in questions}
    if decided:
        chosen = Candidate(decided, 1.0, reason=DECIDED)
    elif len(telling) == 1:
        reason = f"{reasons.get(telling[0], DECIDED)}, though not in every sheet: does it hold for all of them?"
        chosen = Candidate(telling[0], SAID_OF_SOME, reason=reason)
    else:
        listed = ", ".join(
            f"{question.chosen.code} in “{question.sheet}”" for question in questions if question.chosen.code in telling
        )
        reason = (
            f"the sheets differ ({listed or ', '.join(telling)}), and a dataset has one value: which holds for all?"
        )
        chosen = Candidate("", 0.0, reason=reason)
    near = {
        candidate.code: candidate
        for question in questions
        for candidate in (question.chosen, *question.others)
        if candidate.code != chosen.code
    }
    choices = tuple(candidate for code, candidate in near.items() if code)
    return Question(EVERYWHERE, part, label="", chosen=chosen, others=choices, sheets=sheets)


def answer_for_one_sheet(part: str, telling: Sequence[str], decisions: Decisions) -> str:
    answers = {answer.strip() for (_, about, _), answer in decisions.items() if about == part}
    return telling[0] if answers == set(telling) and len(telling) == 1 else ""


def with_value(block: Block, name: str, code: str) -> Block:
    pairs = ((component, code if component == name else value) for component, value in block.fixed)
    return replace(block, fixed=tuple(pair for pair in pairs if pair[1]))
