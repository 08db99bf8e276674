"""Codes of a component for labels that do not name it."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.ages_inside import AGE, ages_in, half_ages_in
from sdmxmig.conversion.suggestion.assignment import traits_in
from sdmxmig.conversion.suggestion.fixed import TOTAL, words_of
from sdmxmig.conversion.suggestion.label_codes import GROUP, OF_AGE
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.measures import ITEMS

COUNTED = frozenset({*ITEMS, "ADM_ITEM", "ACC_ITEM"})
"""Components of what is counted, which have no total."""
OF_GROUPS = frozenset({AGE, "ACCOMPANIED"})
UNACCOMPANIED = "UNACCOMPANIED"


def usual_code(component: str, titles: Sequence[str], area: str, known: FlowKnowledge) -> str:
    by_code = words_of(component, known.flow, titles, known.recogniser, area=area)
    if component in COUNTED:
        sure = [candidate.code for candidate in by_code.values() if candidate.is_applied]
        return sure[0] if len(by_code) == 1 and sure else ""
    is_limited = bool(by_code.keys() - {TOTAL}) or (component in OF_GROUPS and names_ages(titles, known))
    return TOTAL if TOTAL in (known.flow.codelist(component) or ()) and not is_limited else ""


def names_ages(titles: Sequence[str], known: FlowKnowledge) -> bool:
    """Whether titles name an age, a group by age, or what looks like ages and is none."""
    if (
        traits_in(titles, known)
        or any(ages_in(titles, known.recogniser))
        or any(half_ages_in(titles, known.recogniser))
    ):
        return True
    groups = {
        mention.code for text in titles for mention in read_title(" ".join(text.split()), known.recogniser).of(GROUP)
    }
    return bool(groups & {*OF_AGE, UNACCOMPANIED})
