"""Columns with units or statuses of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.candidates import ordered
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import WITHOUT_BLANKS
from sdmxmig.conversion.suggestion.fixed import YEAR
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, codes_of

STATUS = "OBS_STATUS"
ATTRIBUTES = (STATUS, "UNIT_MULT", "UNIT_MEASURE")
SURE, ASKED = 0.95, 0.5
SHORTEST = 4
MOSTLY = 0.5
"""The part of the labels that must say it if no header does."""


def attribute_lines(lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge) -> tuple[Fit, ...]:
    """The columns that give an attribute of each row; `fits` are the lines that give other components."""
    flow = known.flow
    taken, components = {fit.line.source for fit in fits}, {fit.component for fit in fits}
    closed = {*flow.structure.key, *only_codes(flow), *components}
    free = [attribute for attribute in ATTRIBUTES if attribute in flow.structure and attribute not in closed]
    fit_by_attribute: dict[str, Fit] = {}
    for line in lines:
        if line.source in taken or line.source.kind in ("header", "section") or line.is_joined:
            continue
        for name in free:
            if name not in fit_by_attribute and gives(line, name, known):
                sure = ASKED if YEAR.search(line.head) else SURE  # of that year only, or of the whole row?
                fit_by_attribute[name] = Fit(line, name, score=sure, meanings=meanings(line, name, known))
                break
    return tuple(fit_by_attribute.values())


def gives(line: Line, name: str, known: FlowKnowledge) -> bool:
    roles = set(known.recogniser.vocabulary.codes("ROLE", plain(bare(line.head))))
    candidates_by_label = meanings(line, name, known)
    if name in roles:
        return any(candidates_by_label.values()) if name == STATUS else len(line.texts) > 1
    understood = [candidates for text, candidates in candidates_by_label.items() if candidates and is_word(text)]
    return not roles and name == STATUS and len(understood) > MOSTLY * len(line.texts)


def is_word(text: str) -> bool:
    return len(text) >= SHORTEST or bool(WITHOUT_BLANKS.search(text))


def meanings(line: Line, name: str, known: FlowKnowledge) -> dict[str, tuple[Candidate, ...]]:
    codes = codes_of(known.flow, name)
    return {text: tuple(_of(text, name, codes, known)) for text in line.texts}


def _of(text: str, name: str, codes: frozenset[str], known: FlowKnowledge) -> Iterator[Candidate]:
    if text in codes:
        yield Candidate(text, SURE, reason="a code of the list")
        return
    words = known.recogniser.vocabulary.candidates(name, text)
    yield from (candidate for candidate in ordered(words) if candidate.code in codes)
