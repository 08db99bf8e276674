"""Gaps: what the reference documents ask for and a country does not have yet, each with what would close it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.model.assessment import Gap, Score
from sdmxmig.model.indicator_results import IndicatorResult
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.profile import Scale

AVAILABILITY, TOPICS = "AVAIL", "DIS"
"""The scales on which it is answered whether an indicator is available, and by which primary topics."""
TOPICS_ITEM = "L02"
CORE, PARTIAL = "core", "partial"


def item_gaps(scores: Iterable[Score], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    """The items that are answered with a gap, in their order; each with what to do about it.

    An item without a declared action is closed by doing what the reference document says.
    """
    for score in scores:
        if score.is_gap:
            action = score.item.action or score.item.recommendation or score.item.name
            partial = scales[score.item.scale].gap(score.answer) == PARTIAL
            yield Gap(score.item.id, score.item.name, action=action, reason=score.label, is_partial=partial)


def indicator_gaps(results: Iterable[IndicatorResult], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    """The gaps of core indicators: not produced, by the profile and the data, or not by enough of their topics."""
    availability, topics = scales.get(AVAILABILITY), scales.get(TOPICS)
    for result in results:
        if result.indicator.tier != CORE:
            continue
        if not result.is_produced and availability and availability.gap(result.declared):
            yield indicator_gap(result.indicator, result.declared, availability)
        elif result.is_produced and topics and topics.gap(result.answer_to(TOPICS_ITEM)):
            yield indicator_gap(result.indicator, result.answer_to(TOPICS_ITEM), topics)


def indicator_gap(indicator: Indicator, answer: str, scale: Scale) -> Gap:
    """What an answer about an indicator leaves open; one without topics is still produced."""
    partial = scale.id == TOPICS or scale.gap(answer) == PARTIAL
    action = scale.action(answer) or indicator.name
    return Gap(indicator.id, indicator.name, action=action, reason=scale.label(answer), is_partial=partial)
