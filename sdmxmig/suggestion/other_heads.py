"""Heads of lines that say more than what their labels are: “citizenship of father”, “year ending April”.

The labels look as those of the persons and of calendar years do; the head alone tells that they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.recognition.labels import bare
from sdmxmig.recognition.mentions import Reading, read_title
from sdmxmig.suggestion.lines import AREA_LISTS, Fit, Known, is_time

UNDECIDED = 0.6
"""How sure it is what a line gives whose head says more."""
SEVERAL = 2
OF_OTHER_YEARS = ("MONTH", "LENGTH", "DATE", "ADDED", "PUBLISHED", "GROUP", "TRAIT")
"""What makes years others than those of the calendar."""
OTHER_YEAR = "OTHER_YEAR"
"""The concept of words for what a year may be that of: arrival, birth."""


def with_other_heads(fits: Sequence[Fit], known: Known) -> tuple[Fit, ...]:
    """The fits, those asked about whose head says more than what the labels are."""
    return tuple(replace(one, score=min(one.score, UNDECIDED)) if says_more(one, known) else one for one in fits)


def says_more(one: Fit, known: Known) -> bool:
    """Whether the head of a line has a word that may make its countries somebody else's, or its years others."""
    if len(one.line.head.split()) < SEVERAL:
        return False
    reading = read_title(" ".join(bare(one.line.head).split()), known.recogniser)
    if is_time(one.component, known.flow):
        return are_other_years(reading, known)
    codelist = known.flow.codelist(one.component)
    is_area = codelist is not None and codelist.ref.id in AREA_LISTS
    return is_area and bool(reading.unexplained or reading.of("GROUP"))


def are_other_years(reading: Reading, known: Known) -> bool:
    """Whether a head says of which years its labels are: of those that end in April, or of arrival."""
    told = bool(reading.unexplained or reading.of(*OF_OTHER_YEARS))
    return told or bool(known.recogniser.vocabulary.inside(OTHER_YEAR, reading.title))
