"""Distances of countries from targets and peers, without ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from statistics import median

from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.indicator_results import NOT_APPLICABLE, headline
from sdmxmig.sdmx.model.region import Country, Distance, PeerGroup, Reach

DEFINITIONS = "ALIGN"
"""The scale on which definitions are compared."""
LEAST = 3
"""Of so many countries there is a median."""
FULLY = 4
"""The level of an answer that could not be better."""


def core_a(assessment: Assessment) -> Reach:
    return produced(assessment, "A", "core")


def core_b(assessment: Assessment) -> Reach:
    return produced(assessment, "B", "core")


def additional(assessment: Assessment) -> Reach:
    return produced(assessment, "A", "additional")


def produced(assessment: Assessment, part: str, tier: str) -> Reach:
    counts = headline(assessment.of(part, tier))
    return Reach(assessment.area, counts.produced, asked=counts.total - counts.not_applicable, unknown=counts.unknown)


def definitions(assessment: Assessment) -> Reach:
    scale = assessment.scale(DEFINITIONS)
    texts = [score for score in assessment.scores if score.item.scale == DEFINITIONS and score.item.recommendation]
    applicable = [score for score in texts if score.answer != NOT_APPLICABLE]
    levels = [scale.level(score.answer) for score in applicable]
    return Reach(assessment.area, levels.count(FULLY), asked=len(applicable), unknown=levels.count(None))


MEASURES: Mapping[str, Callable[[Assessment], Reach]] = {
    "core A": core_a,
    "core B": core_b,
    "additional A": additional,
    "definitions": definitions,
}


def distances(countries: Sequence[Country], groups: Sequence[PeerGroup]) -> tuple[Distance, ...]:
    reaches = {
        (name, country.area): measure(country.assessment) for name, measure in MEASURES.items() for country in countries
    }
    all_distances = (
        distance(name, group, [reaches[name, area] for area in group.areas]) for group in groups for name in MEASURES
    )
    return tuple(measured for measured in all_distances if measured.known > 1)


def distance(measure: str, group: PeerGroup, reaches: Sequence[Reach]) -> Distance:
    numbers = [reach.reached for reach in reaches if reach.is_known]
    # The median of two is their mean: it hides both.
    middle = Decimal(str(median(numbers))) if len(numbers) >= LEAST else None
    return Distance(measure, group.id, reaches=tuple(reaches), known=len(numbers), median=middle)
