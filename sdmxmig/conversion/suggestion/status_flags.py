"""Columns of yes and no below a head such as “provisional” or “complete”: the status of the figures in each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.fixed import NORMAL
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line
from sdmxmig.conversion.suggestion.period_marks import STATUS

TRUTH, YES, NO = "TRUTH", "yes", "no"
"""The concept of words such as “true” and “non”, and its codes."""
COMPLETE = "COMPLETE"
"""The concept of words for periods of which all is counted, with the status that they mean."""
PROVISIONAL = "P"
SURE, ASKED = 0.95, 0.6


def status_flags(lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge) -> Iterator[Fit]:
    """How the first such column gives the status: what is not final or not complete may be provisional, and is asked.

    >>> from sdmxmig.conversion.suggestion.status_flags import opposite
    >>> opposite("P").code, opposite("A").code, opposite("A").is_applied
    ('A', 'P', False)
    """
    taken, components = {fit.line.source for fit in fits}, {fit.component for fit in fits}
    structure = known.flow.structure
    if STATUS not in structure or STATUS in structure.key or STATUS in components:
        return
    listed = known.flow.codelist(STATUS) or ()
    for line in lines:
        if line.source in taken or line.source.kind != "column" or line.is_joined:
            continue
        status, truths = status_named(line.head, known), [truth_of(text, known) for text in line.texts]
        if status in listed and all(truths):
            yes = Candidate(status, SURE, reason=f"“{line.head}”")
            meaning_by_truth = {YES: yes, NO: opposite(status)}
            pairs = zip(line.texts, truths, strict=True)
            yield Fit(line, STATUS, score=SURE, meanings={text: (meaning_by_truth[truth],) for text, truth in pairs})
            return


def opposite(status: str) -> Candidate:
    """What figures are that have not the status which a head names."""
    if status == NORMAL:
        return Candidate(PROVISIONAL, ASKED, reason="not final: provisional?")
    return Candidate(NORMAL, SURE, reason="it has not that status")


def status_named(head: str, known: FlowKnowledge) -> str:
    """The status that a head names; empty if it names none or several, or says “not”."""
    vocabulary = known.recogniser.vocabulary
    codes = {candidate.code for concept in (STATUS, COMPLETE) for candidate in vocabulary.inside(concept, head)}
    negated = any(vocabulary.codes("NEGATION", word) for word in plain(head).split())
    return codes.pop() if len(codes) == 1 and not negated else ""


def truth_of(text: str, known: FlowKnowledge) -> str:
    """Whether a label says yes or no; empty if it says neither."""
    codes = known.recogniser.vocabulary.codes(TRUTH, plain(text))
    return codes[0] if len(codes) == 1 else ""
