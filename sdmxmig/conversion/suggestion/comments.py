"""Proposals as comments in mapping files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.conversion.suggestion.proposal import Proposal
from sdmxmig.conversion.suggestion.questions import Question

OF_THE_FILE = ("sheet", "title", "totals", "keys", "unread", "formulas", "numbers")


def comments_of(proposal: Proposal, questions: Sequence[Question]) -> Mapping[str, Sequence[str]]:
    """Return the comments of a proposed mapping by key; the empty key is the file."""
    comments: dict[str, list[str]] = {"": [summary(questions)]}
    blocks = {region.name: block for region, block in zip(proposal.regions, proposal.mapping.blocks, strict=True)}
    for question in questions:
        block = next((blocks[sheet] for sheet in (question.sheets or (question.sheet,)) if sheet in blocks), None)
        kind, _, name = question.part.partition(" ")
        if kind in OF_THE_FILE:
            where = f"{len(question.sheets)} sheets" if question.sheets else question.sheet
            if question.is_open:
                comments[""].append(
                    f"{where}: {question.chosen.reason}{f' ({question.label})' if question.label else ''}"
                )
        elif block is None or (kind == "codes" and not question.is_open):
            continue
        elif kind in ("regions", "rests") and question.is_open:
            comments.setdefault(f"{block.key}.components.{name}.codes", []).append(about(question, name))
        elif kind == "codes":
            comments.setdefault(f"{block.key}.components.{name}.codes", []).append(as_code(question))
        elif kind == "line" and question.chosen.code:
            comments.setdefault(f"{block.key}.components.{question.chosen.code}", []).append(line(question))
        elif kind == "values":
            comments.setdefault(f"{block.key}.values", []).append(f"{question.label}: {line(question)}")
        elif question.is_open:
            key = f"{block.key}.fixed" if kind == "fixed" else block.key
            comments.setdefault(key, []).append(about(question, name or question.part))
    return comments


def summary(questions: Sequence[Question]) -> str:
    total, unsure = len(questions), sum(question.is_open for question in questions)
    return f"Proposed by sdmxmig: {total - unsure} of {total} lines are certain, {unsure} are to be confirmed."


def line(question: Question) -> str:
    why = f"score {question.chosen.confidence:.2f}: {question.chosen.reason}"
    return f"{'to be confirmed, ' if question.is_open else ''}{why}{nearest(question)}"


def about(question: Question, name: str) -> str:
    proposed = f"{name} = “{question.chosen.code}”" if question.chosen.code else f"{name} is open"
    return f"{proposed} {f'({question.label}) ' if question.label else ''}– {line(question)}"


def as_code(question: Question) -> str:
    is_nearest = len(question.others) == 1 or (
        question.others and question.others[0].confidence > question.others[1].confidence
    )
    code = question.others[0].code if is_nearest else "?"
    return f'"{question.label}" = "{code}"  – {line(question)}'


def nearest(question: Question) -> str:
    listed = ", ".join(
        f"{candidate.code} ({candidate.reason}, {candidate.confidence:.2f})" for candidate in question.others[:3]
    )
    return f"; nearest: {listed}" if listed else ""
