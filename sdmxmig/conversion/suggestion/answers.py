"""What a person has answered about tables so far, as a file: it is kept until a mapping is made of it, and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from sdmxmig.conversion.mapping.writing import quoted
from sdmxmig.conversion.suggestion.questions import Decisions
from sdmxmig.conversion.suggestion.review import check_decision
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow

HEAD = "# Answers about tables, of which a mapping is made: sdmxmig map WORKBOOK --read THIS_FILE"
FIELDS = ("sheet", "part", "label", "proposed", "answer")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person has said about the tables of a file that are to become a dataflow.

    `table` is the name of the file, `sheets` are those that were chosen, none for all of them. `decisions` are the
    answers by sheet, part and label of what was asked; `proposed` says what was proposed then, where that was a code.
    """

    table: str
    flow: str
    _: KW_ONLY
    sheets: tuple[str, ...] = ()
    decisions: Decisions = field(default_factory=dict)
    proposed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


def with_answer(answers: Answers, about: tuple[str, str, str], *, answer: str, proposed: str = "") -> Answers:
    """The answers with another one, in place of an earlier one about the same; an empty one takes it back."""
    decisions = {other: decision for other, decision in answers.decisions.items() if other != about}
    earlier = {other: code for other, code in answers.proposed.items() if other != about}
    if answer:
        decisions[about] = answer
        earlier[about] = answers.proposed.get(about, proposed)
    return replace(answers, decisions=decisions, proposed=earlier)


def write_answers(answers: Answers) -> bytes:
    """The file of answers; the same ones give the same bytes."""
    lines = [HEAD, f"table = {quoted(answers.table)}", f"flow = {quoted(answers.flow)}"]
    if answers.sheets:
        lines.append(f"sheets = [{', '.join(map(quoted, answers.sheets))}]")
    for about in sorted(answers.decisions):
        lines += ["", "[[answer]]", *_entry(answers, about)]
    return ("\n".join(lines) + "\n").encode()


def _entry(answers: Answers, about: tuple[str, str, str]) -> Iterator[str]:
    values = (*about, answers.proposed.get(about, ""), answers.decisions[about])
    return (f"{name} = {quoted(value)}" for name, value in zip(FIELDS, values, strict=True) if value)


def read_answers(name: str, content: bytes) -> Answers:
    """Read a file of answers; raises `DeclarationError` naming the key that is wrong, and what is answered twice."""
    declared = Declared.parse(name, content)
    table, flow, sheets = declared.text("table", ""), declared.text("flow"), declared.strings("sheets")
    decisions: dict[tuple[str, str, str], str] = {}
    proposed: dict[tuple[str, str, str], str] = {}
    for entry in declared.tables("answer"):
        about = (entry.text("sheet", ""), entry.text("part"), entry.text("label", ""))
        if about in decisions:
            raise DeclarationError("The same is answered twice.", entry.place, "Keep one of the two.")
        decisions[about], proposed[about] = entry.text("answer").strip(), entry.text("proposed", "")
        entry.close()
    declared.close()
    return Answers(table, flow, sheets=sheets, decisions=decisions, proposed=proposed)


def check_answers(name: str, content: bytes, flow: Flow) -> Answers:
    """Read a file of answers about tables of a dataflow; raises `InputError` for what answers nothing that is asked."""
    answers = read_answers(name, content)
    places = [entry.at("answer") for entry in Declared.parse(name, content).tables("answer")]
    for (about, answer), place in zip(answers.decisions.items(), places, strict=True):
        check_decision(about[1], answer, flow, place, label=about[2], proposed=answers.proposed[about])
    return answers
