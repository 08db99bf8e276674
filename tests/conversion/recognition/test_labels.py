"""Labels of `labels.csv`: each row has a component, a label, how it is recognised, and its code or codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from case_tables import cases_from

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list

COUNTRIES = ("Spain", "Poland", "France", "Italy", "Chile", "Egypt")


class Found(NamedTuple):
    """The candidates of a label alone and in a list of countries, and the expected code."""

    alone: tuple[Candidate, ...]
    beside: tuple[Candidate, ...]
    code: str


def is_open(candidates: tuple[Candidate, ...]) -> bool:
    return not any(candidate.is_applied for candidate in candidates)


def is_certain(candidates: tuple[Candidate, ...], code: str) -> bool:
    return (candidates[0].code, candidates[0].is_applied) == (code, True)


def is_only(found: Found, reason: str) -> bool:
    return [one.code for one in found.beside] == [found.code] and found.beside[0].reason.startswith(reason)


READINGS: dict[str, Callable[[Found], bool]] = {
    "certain": lambda it: is_certain(it.alone, it.code),
    "likely": lambda it: it.alone[0].code == it.code,
    "certain beside countries": lambda it: is_certain(it.beside, it.code),
    "certain only beside countries": lambda it: is_open(it.alone) and is_certain(it.beside, it.code),
    "asked": lambda it: bool(it.alone) and is_open(it.alone),
    "asked or unknown": lambda it: is_open(it.alone) and is_open(it.beside),
    "one of": lambda it: {one.code for one in it.beside} == set(it.code.split()) and is_open(it.beside),
    "unknown": lambda it: it.alone == it.beside == (),
    "part of": lambda it: it.beside[-1].code == it.code and is_open(it.beside),
    "less than": lambda it: is_only(it, "less than ") and it.beside[0].confidence < 0.3,
    "more than": lambda it: is_only(it, "more than ") and it.beside[0].confidence < 0.3,
    "all but": lambda it: is_only(it, "all but ") and is_open(it.beside),
    "rest of": lambda it: (
        it.beside[0].code == it.code and it.beside[0].reason.startswith("the rest of ") and is_open(it.beside)
    ),
    "varying region": lambda it: it.beside[0].code == it.code and it.beside[0].varies and is_open(it.beside),
    "near a region": lambda it: it.beside[0].code == it.code and it.beside[0].varies and it.beside[0].confidence < 0.3,
    "fixed region": lambda it: is_certain(it.beside, it.code) and not it.beside[0].varies,
}


@cases_from("conversion/recognition/labels.csv")
def test_label_is_recognised_as_listed(
    recogniser: Recogniser, component: str, label: str, reading: str, code: str
) -> None:
    beside = recognise_list([*COUNTRIES, label], component, recogniser)[label]
    found = Found(recogniser.candidates(label, component), beside, code)
    assert READINGS[reading](found), found
