"""Drafts of mappings: answers so far, in a separate file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from sdmxmig.conversion.mapping.answer_keys import read_answered
from sdmxmig.conversion.mapping.writing import answer_lines, quoted
from sdmxmig.conversion.suggestion.questions import Decisions
from sdmxmig.conversion.suggestion.review import check_decision
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Answered, Flow

HEAD = "# Draft of a mapping: no data are made of it. sdmxmig map WORKBOOK --read THIS_FILE -o FILE makes the mapping."


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers about the tables of a file.

    `sheets` empty means all. `decisions` are by sheet, part and label; `proposed` the code proposed then.
    """

    table: str
    flow: str
    _: KW_ONLY
    sheets: tuple[str, ...] = ()
    decisions: Decisions = field(default_factory=dict)
    proposed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


def with_answer(answers: Answers, about: tuple[str, str, str], *, answer: str, proposed: str = "") -> Answers:
    decisions = {other: decision for other, decision in answers.decisions.items() if other != about}
    earlier = {other: code for other, code in answers.proposed.items() if other != about}
    if answer:
        decisions[about] = answer
        earlier[about] = answers.proposed.get(about, proposed)
    return replace(answers, decisions=decisions, proposed=earlier)


def entries(answers: Answers) -> tuple[Answered, ...]:
    return tuple(
        Answered(*about, answer=answer, proposed=answers.proposed.get(about, ""))
        for about, answer in sorted(answers.decisions.items())
    )


def with_entries(answers: Answers, entered: Iterable[Answered]) -> Answers:
    kept = tuple(entered)
    return replace(
        answers,
        decisions={**{answered.about: answered.answer for answered in kept}, **answers.decisions},
        proposed={**{answered.about: answered.proposed for answered in kept}, **answers.proposed},
    )


def write_answers(answers: Answers) -> bytes:
    """Write the draft of a mapping; the result is deterministic."""
    lines = [HEAD, f"flow = {quoted(answers.flow)}", f"file = {quoted(answers.table)}"]
    if answers.sheets:
        lines.append(f"sheets = [{', '.join(map(quoted, answers.sheets))}]")
    return ("\n".join([*lines, *answer_lines(entries(answers))]) + "\n").encode()


def read_answers(name: str, content: bytes) -> Answers:
    declared = Declared.parse(name, content)
    about = Answers(declared.text("file", ""), declared.text("flow"), sheets=declared.strings("sheets"))
    return with_entries(about, read_answered(declared))


def check_answers(name: str, content: bytes, flow: Flow) -> Answers:
    answers = read_answers(name, content)
    places = [entry.at("answer") for entry in Declared.parse(name, content).tables("answer")]
    for (about, answer), place in zip(answers.decisions.items(), places, strict=True):
        check_decision(about[1], answer, flow, place, label=about[2], proposed=answers.proposed[about])
    return answers
