"""Boolean columns such as “provisional”, read as status."""

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
PROVISIONAL = "P"
SURE, ASKED = 0.95, 0.6


def status_flags(lines: Sequence[Line], fits: Sequence[Fit], known: FlowKnowledge) -> Iterator[Fit]:
    """Read the first boolean status column; not final or incomplete may mean provisional and is asked.

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
    if status == NORMAL:
        return Candidate(PROVISIONAL, ASKED, reason="not final: provisional?")
    return Candidate(NORMAL, SURE, reason="it has not that status")


def status_named(head: str, known: FlowKnowledge) -> str:
    vocabulary = known.recogniser.vocabulary
    codes = {candidate.code for concept in (STATUS, COMPLETE) for candidate in vocabulary.inside(concept, head)}
    negated = any(vocabulary.codes("NEGATION", word) for word in plain(head).split())
    return codes.pop() if len(codes) == 1 and not negated else ""


def truth_of(text: str, known: FlowKnowledge) -> str:
    codes = known.recogniser.vocabulary.codes(TRUTH, plain(text))
    return codes[0] if len(codes) == 1 else ""
