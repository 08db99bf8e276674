"""User notes on figures, rows or columns, identified by codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.conversion.mapping.checks import hint_for_code
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.periods import is_period
from sdmxmig.conversion.suggestion.questions import DECIDED, EVERYWHERE, LEAVE_OUT, Decisions, Question
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Attributes, Flow, Noted

NOTE = "note"
BETWEEN_CODES = re.compile(r"[\s,;]+(?=\w+=)")
HINT = "Write the codes of the figures that are meant, such as TIME_PERIOD=2024 SEX=F."


def label_of(where: Attributes) -> str:
    """The codes of some figures as one text.

    >>> label_of((("TIME_PERIOD", "2024"), ("SEX", "F")))
    'TIME_PERIOD=2024 SEX=F'
    """
    return " ".join(f"{name}={code}" for name, code in where)


def where_of(label: str) -> Attributes:
    """The codes that such a text names; one that names none has nothing behind it.

    >>> where_of("TIME_PERIOD=2024, SEX=F"), where_of("2024")
    ((('TIME_PERIOD', '2024'), ('SEX', 'F')), (('2024', ''),))
    """
    pairs = (piece.partition("=") for piece in BETWEEN_CODES.split(label.strip()) if piece)
    return tuple((name.strip(), code.strip()) for name, _, code in pairs)


def notes_decided(decisions: Decisions, sheet: str) -> tuple[Noted, ...]:
    texts: dict[Attributes, dict[str, str]] = {}
    for where, name, text in notes_on(decisions, sheet):
        if text != LEAVE_OUT:
            texts.setdefault(where, {})[name] = text
    ordered = sorted(texts, key=lambda where: (len(where), where))
    return tuple(Noted(where, tuple(sorted(texts[where].items()))) for where in ordered)


def notes_on(decisions: Decisions, sheet: str) -> Iterator[tuple[Attributes, str, str]]:
    for (where, part, label), decision in sorted(decisions.items()):
        kind, _, name = part.partition(" ")
        if kind == NOTE and where in (sheet, EVERYWHERE):
            yield where_of(label), name, decision.strip()


def note_questions(decisions: Decisions, sheet: str) -> Iterator[Question]:
    for where, name, text in notes_on(decisions, sheet):
        yield Question(sheet, f"{NOTE} {name}", label=label_of(where), chosen=Candidate(text, 1.0, reason=DECIDED))


def check_note(name: str, label: str, flow: Flow, place: Place) -> None:
    """Check a note; raises `InputError` with valid choices."""
    attributes = [attribute.id for attribute in flow.structure.attributes("observation")]
    if name not in attributes:
        message = f"“{name}” is nothing that can be said of single figures of {flow.id}."
        raise InputError(message, place, did_you_mean(name, attributes))
    where = where_of(label)
    time = flow.structure.time
    for dimension, code in where:
        if dimension not in flow.structure.key or not code:
            hint = did_you_mean(dimension, flow.structure.key) if code else HINT
            raise InputError(f"“{label}” does not say which figures are meant.", place, hint or HINT)
        codelist = flow.codelist(dimension)
        if codelist is not None and code not in codelist:
            message = f"“{code}” is not a code of {dimension} ({codelist.ref.short})."
            raise InputError(message, place, hint_for_code(code, codelist, dimension))
        if time and dimension == time.id and not is_period(code):
            raise InputError(
                f"“{code}” is no period.", place, "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
            )
    if not where:
        raise InputError("The line does not say which figures are meant.", place, HINT)
