"""Details of what is counted: “Applications”, “Rejections”, “Grants”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.fixed import TOTAL
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge
from sdmxmig.conversion.suggestion.measures import (
    ACTION,
    ASKED,
    DECIDED,
    DETAILS,
    GRANT,
    ITEM,
    ITEMS,
    STATUS,
    STOCK,
    SURE,
    codes_in_label,
)
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT, Decisions, decided

REJECT = "REJECT"
OF_STOCKS = frozenset({STOCK})


def detail_fits(fits: Sequence[Fit], sheet: str, known: FlowKnowledge, decisions: Decisions) -> Iterator[Fit]:
    """How a line of what is counted gives the details that one of its labels names at least."""
    components = {fit.component for fit in fits}
    free = [name for name in DETAILS if name in known.flow.structure.key and name not in components]
    for fit in fits:
        if fit.component not in ITEMS:
            continue
        codes_of_labels = [codes_in_label(text, known.flow, known.recogniser)[0] for text in fit.line.texts]
        for name in (detail for detail in free if any(detail in codes for codes in codes_of_labels)):
            yield Fit(fit.line, name, score=1.0, meanings=dict(meanings(fit, name, sheet, known, decisions=decisions)))
        return


def meanings(
    fit: Fit, name: str, sheet: str, known: FlowKnowledge, decisions: Decisions
) -> Iterator[tuple[str, tuple[Candidate, ...]]]:
    """Return the meaning of each label for a detail; the total if unstated.

    Details are asked after the label itself is confirmed.
    """
    listed = known.flow.codelist(name) or ()
    for text, candidates in fit.meanings.items():
        label_codes, understood = codes_in_label(text, known.flow, known.recogniser)
        codes = [code for code in sorted(label_codes.get(name, ())) if code in listed]
        answer = decided(decisions, sheet, f"codes {fit.component}", text)
        sure = candidates[0].code if candidates and candidates[0].is_applied else ""
        item = answer or sure
        is_none = item in ("", LEAVE_OUT) or (fit.component == ITEM and item != DECIDED)
        rejected = name != ACTION and label_codes.get(ACTION) == frozenset({REJECT})
        if name == ACTION and item == DECIDED and is_kind_of_protection(label_codes) and GRANT in listed:
            yield text, (Candidate(GRANT, ASKED, reason="a kind of protection: was it granted?"),)
        elif not (codes and item) and (is_none or rejected or understood or sure):
            yield text, (Candidate(TOTAL, SURE, reason="it says nothing of it"),)
        else:
            confidence = SURE if len(codes) == 1 else ASKED
            yield text, tuple(Candidate(code, confidence, reason="words for it") for code in codes)


def is_kind_of_protection(label_codes: Mapping[str, frozenset[str]]) -> bool:
    return (
        (STATUS in label_codes or ITEM in label_codes)
        and label_codes.get(ITEM, OF_STOCKS) <= OF_STOCKS
        and ACTION not in label_codes
    )
