"""Drafts of mappings with the answers so far, in a separate file, and checks of answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from sdmxmig.catalogue.item_schemes import OWN_AGENCY
from sdmxmig.conversion.mapping.block_keys import list_allowed
from sdmxmig.conversion.mapping.mapping_file import read_answered
from sdmxmig.conversion.mapping.writing import format_answers
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.suggestion.cell_values import MINUS, NEGATIVE, PLUS
from sdmxmig.conversion.suggestion.components import AGES
from sdmxmig.conversion.suggestion.figures import BRACKETS, SIGNS
from sdmxmig.conversion.suggestion.lines import AREA_LISTS
from sdmxmig.conversion.suggestion.other_characteristics import BLOCKS
from sdmxmig.conversion.suggestion.period_statuses import STAGE
from sdmxmig.conversion.suggestion.periods import find_frequency, is_period
from sdmxmig.conversion.suggestion.questions import (
    ABOVE,
    ADD_UP,
    AND,
    AREA,
    AS_IT_IS,
    ATTRIBUTES_OF_LINES,
    DECIDED,
    HIDDEN,
    LEAVE_OUT,
    ONLY,
    OTHER_AREA,
    STATE_IT,
    SUMS,
    TITLE,
    Decisions,
    Question,
    build_only_label,
    split_remainder_codes,
)
from sdmxmig.conversion.suggestion.region_names import RESTS
from sdmxmig.conversion.suggestion.title_values import MAX_OFFERED, STATUS_OF, list_allowed_items
from sdmxmig.conversion.suggestion.wording import ask_which_code, parse_answer
from sdmxmig.conversion.suggestion.year_statements import NOTE, check_note
from sdmxmig.io.edited_toml import quote_text
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow, SavedAnswer

HEADING = "# Draft of a mapping: it produces no data. Finish it with: sdmxmig map WORKBOOK --read THIS_FILE -o FILE"


@dataclass(frozen=True, slots=True)
class Answers:
    table: str
    flow: str
    _: KW_ONLY
    sheets: tuple[str, ...] = ()
    decisions: Decisions = field(default_factory=dict)
    proposed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


def build_answered_question(about: tuple[str, str, str], answers: Answers) -> Question:
    sheet, part, label = about
    answer, proposed = answers.decisions[about], answers.proposed.get(about, "")
    others = (Candidate(proposed, 0.0, reason="as it was proposed"),) if proposed not in ("", answer) else ()
    return Question(sheet, part, label=label, chosen=Candidate(answer, 1.0, reason=DECIDED), others=others)


def add_answer(answers: Answers, about: tuple[str, str, str], *, answer: str, proposed: str = "") -> Answers:
    decisions = {other: decision for other, decision in answers.decisions.items() if other != about}
    earlier = {other: code for other, code in answers.proposed.items() if other != about}
    if answer:
        decisions[about] = answer
        earlier[about] = answers.proposed.get(about, proposed)
    return replace(answers, decisions=decisions, proposed=earlier)


def list_entries(answers: Answers) -> tuple[SavedAnswer, ...]:
    return tuple(
        SavedAnswer(*about, answer=answer, proposed=answers.proposed.get(about, ""))
        for about, answer in sorted(answers.decisions.items())
    )


def add_entries(answers: Answers, entered: Iterable[SavedAnswer]) -> Answers:
    kept = tuple(entered)
    return replace(
        answers,
        decisions={**{answered.about: answered.answer for answered in kept}, **answers.decisions},
        proposed={**{answered.about: answered.proposed for answered in kept}, **answers.proposed},
    )


def write_answers(answers: Answers) -> bytes:
    lines = [HEADING, f"flow = {quote_text(answers.flow)}", f"file = {quote_text(answers.table)}"]
    if answers.sheets:
        lines.append(f"sheets = [{', '.join(map(quote_text, answers.sheets))}]")
    return ("\n".join([*lines, *format_answers(list_entries(answers))]) + "\n").encode()


def read_answers(name: str, content: bytes) -> Answers:
    declared = Declared.parse(name, content)
    about = Answers(declared.text("file", ""), declared.text("flow"), sheets=declared.strings("sheets"))
    return add_entries(about, read_answered(declared))


def check_answers(name: str, content: bytes, flow: Flow) -> Answers:
    answers = read_answers(name, content)
    places = [entry.at("answer") for entry in Declared.parse(name, content).tables("answer")]
    for (about, answer), place in zip(answers.decisions.items(), places, strict=True):
        check_decision(about[1], answer, flow, place, label=about[2], proposed=answers.proposed[about])
    return answers


TABLE_PARTS = (TITLE, HIDDEN, "totals", "keys", "regions", "formulas", "numbers", BLOCKS)
OUT = ("rows", "unread")
FIGURE_PARTS = ("fixed", "codes", "line", "sheet", "rests", SUMS, "values", NOTE)
CODED_PARTS = ("fixed", "codes", NOTE)
CELL_LIST = re.compile(r"[A-Z]+\d+(?:, [A-Z]+\d+)*")
"""The label of a question about columns without a head."""
BY_SHEET = ("fixed", "codes", "title", "values")
THOUSANDS_SIGNS = (".", ",")
"""Thousands separators that may also be decimal separators."""


def list_choices(question: Question, flow: Flow) -> tuple[str, ...]:
    """List the proposal, the codes that resemble a label, and all codes of a short list that the dataflow allows."""
    kind, _, name = question.part.partition(" ")
    codes = [candidate.code for candidate in (question.chosen, *question.others) if candidate.code]
    allowed = list_allowed_items(name, flow) if kind in ("fixed", "codes") and name in flow.structure else []
    listed = [item.id for item in allowed] if len(allowed) <= MAX_OFFERED else []
    answers = [*(code for code in codes if code != LEAVE_OUT), *listed]
    may_stay_out = LEAVE_OUT in codes or kind in ("codes", NOTE, *OUT)
    return tuple(dict.fromkeys([*answers, *([LEAVE_OUT] if may_stay_out else [])]))


def may_differ_by_sheet(question: Question, flow: Flow) -> bool:
    kind, _, name = question.part.partition(" ")
    of_dataset = {attribute.id for attribute in flow.structure.attributes("dataset")}
    return bool(question.sheets) and kind in BY_SHEET and not (kind == "fixed" and name in of_dataset)


def may_have_own_code(question: Question, flow: Flow) -> bool:
    """Check whether a label may get a code that its list lacks; countries and ages have lists of their own kind."""
    kind, _, name = question.part.partition(" ")
    codelist = flow.codelist(name) if kind == "codes" and name in flow.structure else None
    if codelist is None or name in list_allowed(flow):
        return False
    return codelist.ref.agency == OWN_AGENCY and codelist.ref.id not in (*AREA_LISTS, AGES)


def interpret_answer(part: str, text: str, flow: Flow, language: str = "") -> str:
    texts = text.split(AND) if part.startswith(RESTS) else [text]
    return AND.join(parse_answer(part, each, flow, language) for each in texts)


def check_decision(part: str, decision: str, flow: Flow, place: Place, *, label: str = "", proposed: str = "") -> None:
    kind, _, name = part.partition(" ")
    if kind not in (*TABLE_PARTS, *OUT, *FIGURE_PARTS):
        raise InputError(f"“{part}” is not part of a question.", place, "Do not change the column Part.")
    if kind in TABLE_PARTS and decision not in (
        AS_IT_IS,
        LEAVE_OUT,
        *([OTHER_AREA, STATE_IT] if part == TITLE else []),
    ):
        raise describe_missing_answer(decision, place, f"Write “{AS_IT_IS}” or “{LEAVE_OUT}”.")
    if kind in OUT and decision != LEAVE_OUT:
        hint = f"Write “{LEAVE_OUT}”. To include them, add a label to the table that distinguishes them."
        raise describe_missing_answer(decision, place, hint)
    if kind == SUMS and decision not in (ADD_UP, LEAVE_OUT, *map(build_only_label, label.split(AND))):
        check_remainders(name, label, decision, flow, place=place)
    if kind == RESTS and decision not in (ADD_UP, AS_IT_IS):
        check_remainders(name, label, decision, flow, place=place)
    if kind == "values":
        check_sign(label, decision, flow, place)
    if kind in ("sheet", "line") and decision != proposed:
        check_dimension(kind, decision, flow, place)
    if kind == NOTE and (name or decision != LEAVE_OUT):
        check_note(name, label, flow, place)
    if kind in CODED_PARTS and not (decision == AS_IT_IS and CELL_LIST.fullmatch(label)):
        check_code(kind, name, decision, flow, place=place)


def describe_missing_answer(decision: str, place: Place, hint: str) -> InputError:
    return InputError(f"“{decision}” is not one of the possible answers.", place, hint)


def check_remainders(name: str, label: str, decision: str, flow: Flow, *, place: Place) -> None:
    count = label.count("; ") + 1
    codes = split_remainder_codes(decision, count)
    if "" in codes:
        hint = f"Write “{LEAVE_OUT}” or one code for all, or one for each with semicolons: {count} answers."
        raise describe_missing_answer(decision, place, hint)
    for code in codes:
        check_code("codes", name, code, flow, place=place)


def check_sign(label: str, decision: str, flow: Flow, place: Place) -> None:
    if label in (NEGATIVE, BRACKETS) and decision not in (MINUS, PLUS):
        raise describe_missing_answer(decision, place, f"Write “{MINUS}” or “{PLUS}”.")
    if label == SIGNS and decision not in THOUSANDS_SIGNS:
        raise describe_missing_answer(
            decision, place, f"Choose the sign between thousands: {' or '.join(THOUSANDS_SIGNS)}"
        )
    kind = next((beginning for beginning in ("the mark “", "the sign “") if label.startswith(beginning)), "")
    lists = [codelist for name in (STATUS, STAGE) if name in flow.structure and (codelist := flow.codelist(name))]
    is_number = kind.startswith("the sign") and decision.lstrip("-").isdecimal()
    if kind and not is_number and all(decision not in codelist for codelist in lists):
        message = f"“{decision}” is not a code of {STATUS}. Only such a code can explain {label}."
        raise InputError(message, place, ask_which_code(decision, lists[0], STATUS) if lists else "")


def check_dimension(kind: str, decision: str, flow: Flow, place: Place) -> None:
    dimensions = flow.structure.key
    is_attribute = kind == "line" and decision in ATTRIBUTES_OF_LINES and decision in flow.structure
    is_kept_out = is_attribute or decision == AS_IT_IS or decision.startswith(ONLY)
    is_other = decision == LEAVE_OUT if kind == "sheet" else is_kept_out
    if decision not in dimensions and not is_other:
        raise InputError(f"“{decision}” is not a dimension of {flow.id}.", place, did_you_mean(decision, dimensions))


def check_code(kind: str, name: str, decision: str, flow: Flow, *, place: Place) -> None:
    time = flow.structure.time
    may_stay_out = kind in ("codes", NOTE) or f"{kind} {name}" == AREA or name in STATUS_OF.values()
    if (may_stay_out and decision == LEAVE_OUT) or (kind == "codes" and decision == ABOVE):
        return
    if name not in flow.structure:
        components = [component.id for component in flow.structure.components]
        raise InputError(f"{flow.id} has no component “{name}”.", place, did_you_mean(name, components))
    freqs = flow.codelist("FREQ")
    has_freq = freqs is None or find_frequency(decision) in freqs
    if time and name == time.id and not (is_period(decision) and has_freq):
        raise InputError(
            f"“{decision}” is not a period.",
            place,
            "Write 2020, 2020-S1, 2020-Q1, 2020-01, 2020-01-01/P4M or 2020-07-01/P1Y.",
        )
    codelist = flow.codelist(name)
    if codelist is not None and decision not in codelist:
        if decision in (LEAVE_OUT, AS_IT_IS):
            raise describe_missing_answer(decision, place, f"Write a code of {name} ({codelist.ref.short}).")
        message = f"“{decision}” is not a code of {name} ({codelist.ref.short})."
        raise InputError(message, place, ask_which_code(decision, codelist, name))
