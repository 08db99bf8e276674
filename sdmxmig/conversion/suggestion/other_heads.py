"""Heads that change the meaning of labels: “citizenship of father”, “year ending April”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title
from sdmxmig.conversion.suggestion.flow_subjects import is_on_a_day
from sdmxmig.conversion.suggestion.lines import AREA_LISTS, Fit, FlowKnowledge, is_time
from sdmxmig.conversion.suggestion.periods import plain_years

UNDECIDED = 0.6
"""How sure it is what a line gives whose head says more."""
SEVERAL = 2
OF_OTHER_YEARS = ("MONTH", "LENGTH", "DATE", "ADDED", "PUBLISHED", "GROUP", "TRAIT")
LENGTH = "LENGTH"
"""The concept of words for years that begin on some day: “fiscal year”, “year ending”."""
OF_LENGTHS = frozenset({LENGTH, "DATE", "MONTH", "ROLE", "ARTICLE", "JOINING", "PLAIN", "WORDING"})
OTHER_YEAR = "OTHER_YEAR"
"""The concept of words for what a year may be that of: arrival, birth."""


def with_other_heads(fits: Sequence[Fit], known: FlowKnowledge) -> tuple[Fit, ...]:
    return tuple(replace(fit, score=min(fit.score, UNDECIDED)) if says_more(fit, known) else fit for fit in fits)


def says_more(fit: Fit, known: FlowKnowledge) -> bool:
    if len(fit.line.head.split()) < SEVERAL:
        return False
    reading = read_title(" ".join(bare(fit.line.head).split()), known.recogniser)
    if is_time(fit.component, known.flow):
        return are_other_years(reading, known) and not is_of_length(fit, known)
    codelist = known.flow.codelist(fit.component)
    is_area = codelist is not None and codelist.ref.id in AREA_LISTS
    return is_area and bool(reading.unexplained or reading.of("GROUP"))


def is_of_length(fit: Fit, known: FlowKnowledge) -> bool:
    if fit.line.periods or not plain_years(fit.line.texts) or is_on_a_day(known.flow):
        return False
    reading = read_title(" ".join(bare(fit.line.head).split()), known.recogniser)
    concepts = {mention.concept for mention in reading.mentions}
    is_other = bool(reading.unexplained) or bool(known.recogniser.vocabulary.inside(OTHER_YEAR, reading.title))
    return LENGTH in concepts and concepts <= OF_LENGTHS and not is_other


def are_other_years(reading: ReadTitle, known: FlowKnowledge) -> bool:
    says_which = bool(reading.unexplained or reading.of(*OF_OTHER_YEARS))
    return says_which or bool(known.recogniser.vocabulary.inside(OTHER_YEAR, reading.title))
