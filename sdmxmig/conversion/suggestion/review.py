"""The answers that a question about a proposed mapping may have, and the refusal of others with what to write."""

from __future__ import annotations

from sdmxmig.conversion.suggestion.cell_values import MINUS, NEGATIVE, PLUS
from sdmxmig.conversion.suggestion.figure_notes import NOTE, check_note
from sdmxmig.conversion.suggestion.figures import BRACKETS, SIGNS
from sdmxmig.conversion.suggestion.fixed import NORMAL
from sdmxmig.conversion.suggestion.named_codes import which_code
from sdmxmig.conversion.suggestion.period_marks import STATUS
from sdmxmig.conversion.suggestion.period_statuses import STAGE
from sdmxmig.conversion.suggestion.periods import is_period
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, ONLY, Question
from sdmxmig.conversion.suggestion.wording import answer_meant
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow

WHOLE = ("title", "totals", "keys", "regions", "formulas", "numbers")
"""What is answered for a table, or for all regions of a line, as a whole."""
OUT = ("rows", "unread")
"""What stays out of the data, and of which a person can only say so."""
OF_FIGURES = ("fixed", "codes", "line", "sheet", "rests", "values", NOTE)
"""What else is asked about: each kind has answers of its own."""
CODED = ("fixed", "codes", NOTE)
"""What is answered with a code of a component."""
BY_SHEET = ("fixed", "codes", "title", "values")
"""What may be answered for each sheet by itself."""
THOUSANDS = (".", ",")
"""Signs between thousands that may as well be those of decimals."""


def choices(question: Question) -> tuple[str, ...]:
    """What a person may answer to a question; another code may be written."""
    codes = [candidate.code for candidate in (question.chosen, *question.others) if candidate.code]
    may_stay_out = question.part.partition(" ")[0] in ("codes", NOTE, *OUT)
    return tuple(dict.fromkeys([*codes, *([LEAVE_OUT] if may_stay_out else [])]))


def may_differ_by_sheet(question: Question, flow: Flow) -> bool:
    """Whether a question about several sheets may be answered for each; an attribute of the dataset has one value."""
    kind, _, name = question.part.partition(" ")
    of_dataset = {attribute.id for attribute in flow.structure.attributes("dataset")}
    return bool(question.sheets) and kind in BY_SHEET and not (kind == "fixed" and name in of_dataset)


def decided(part: str, text: str, flow: Flow, language: str = "") -> str:
    """The decision that a person means by a code, a name in any language, or both; else the text."""
    return answer_meant(part, text, flow, language)


def check_decision(part: str, decision: str, flow: Flow, place: Place, *, label: str = "", proposed: str = "") -> None:
    """Refuse a decision that says nothing of what is asked: `InputError` with the answers that there are.

    `part`, `label` and what is `proposed` are those of the question. A line of labels that is proposed to give an
    attribute may be said to give it.
    """
    kind, _, name = part.partition(" ")
    if kind not in (*WHOLE, *OUT, *OF_FIGURES):
        raise InputError(f"“{part}” is nothing that is asked about.", place, "Leave the column Part as it was made.")
    if kind in WHOLE and decision not in (AS_IT_IS, LEAVE_OUT):
        raise no_answer(decision, place, f"Write “{AS_IT_IS}” or “{LEAVE_OUT}”.")
    if kind in OUT and decision != LEAVE_OUT:
        hint = f"Write “{LEAVE_OUT}”. To have them read, say in the table itself what tells them apart."
        raise no_answer(decision, place, hint)
    if kind == "rests" and decision != LEAVE_OUT:
        raise no_answer(decision, place, f"Write “{LEAVE_OUT}”, or a code for each label.")
    if kind == "values":
        check_sign(label, decision, flow, place)
    if kind in ("sheet", "line") and decision != proposed:
        check_dimension(kind, decision, flow, place)
    if kind == NOTE:
        check_note(name, label, flow, place)
    if kind in CODED:
        check_code(kind, name, decision, flow, place=place)


def no_answer(decision: str, place: Place, hint: str) -> InputError:
    """The error for an answer to another question than the one that is asked."""
    return InputError(f"“{decision}” is no answer here.", place, hint)


def check_sign(label: str, decision: str, flow: Flow, place: Place) -> None:
    """Refuse what is no status of observations as the meaning of a mark, and no number either as that of a sign.

    Of negative figures it is said whether they are counts with a minus before them, of signs in numbers which of them
    stands between thousands.
    """
    if label in (NEGATIVE, BRACKETS) and decision not in (MINUS, PLUS):
        raise no_answer(decision, place, f"Write “{MINUS}” or “{PLUS}”.")
    if label == SIGNS and decision not in THOUSANDS:
        raise no_answer(decision, place, f"Write the sign between thousands: {' or '.join(THOUSANDS)}")
    kind = next((beginning for beginning in ("the mark “", "the sign “") if label.startswith(beginning)), "")
    listed = [item.id for name in (STATUS, STAGE) if name in flow.structure for item in flow.codelist(name) or ()]
    is_number = kind.startswith("the sign") and decision.lstrip("-").isdecimal()
    if kind and decision not in listed and not is_number:
        message = f"“{decision}” is not a code of {STATUS}: nothing else can be the meaning of {label}."
        raise InputError(message, place, f"{did_you_mean(decision, listed)} A value that is as usual is {NORMAL}.")


def check_dimension(kind: str, decision: str, flow: Flow, place: Place) -> None:
    """Refuse what is no dimension as what a line of labels or the names of sheets give.

    A line may also be read for one of its labels only, and a sheet be left out.
    """
    dimensions = flow.structure.key
    is_other = decision == LEAVE_OUT if kind == "sheet" else decision.startswith(ONLY)
    if decision not in dimensions and not is_other:
        raise InputError(f"“{decision}” is no dimension of {flow.id}.", place, did_you_mean(decision, dimensions))


def check_code(kind: str, name: str, decision: str, flow: Flow, *, place: Place) -> None:
    """Refuse what is no code of a component, and no period of time; what has a label may be left out instead."""
    time = flow.structure.time
    if kind in ("codes", NOTE) and decision == LEAVE_OUT:
        return
    if name not in flow.structure:
        components = [component.id for component in flow.structure.components]
        raise InputError(f"{flow.id} has no component “{name}”.", place, did_you_mean(name, components))
    if time and name == time.id and not is_period(decision):
        raise InputError(
            f"“{decision}” is no period.", place, "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
        )
    codelist = flow.codelist(name)
    if codelist is not None and decision not in codelist:
        if decision in (LEAVE_OUT, AS_IT_IS):
            raise no_answer(decision, place, f"Write a code of {name} ({codelist.ref.short}).")
        message = f"“{decision}” is not a code of {name} ({codelist.ref.short})."
        raise InputError(message, place, which_code(decision, codelist, name))
