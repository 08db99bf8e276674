"""Potential of a country's sources.

Inventory (module H), sheets (S05), and ``structures/sources/``. Unlisted variables are open unless no source of the
type records them.
"""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import Indicator
from sdmxmig.sdmx.model.source_yields import CAN, CANNOT, HOPE, PARTLY, Chance
from sdmxmig.statistics.calculations.claims import Claims
from sdmxmig.statistics.calculations.feasibility import missing_variables

THERE = (CAN, PARTLY)


def chances(indicator: Indicator, claims: Claims) -> tuple[Chance, ...]:
    """List sources that could provide an indicator, best first."""
    possible = [chance(item, indicator, claims) for item in claims.study.types if claims.answer(item) in THERE]
    listed = [each for each in possible if each.answer in THERE]
    return tuple(sorted(listed, key=lambda each: (-HOPE.index(each.answer), -len(each.recorded), len(each.lacking))))


def chance(item: str, indicator: Indicator, claims: Claims) -> Chance:
    source, topics = claims.study.types[item], indicator.primary_topics
    yields = claims.study.yields
    whole = yields.of(source, indicator.id)
    unlisted = missing_variables(item, topics, claims)
    lacking = tuple(topic for topic in unlisted if yields.of(source, indicator.id, topic).answer == CANNOT)
    return Chance(
        item,
        source,
        answer=whole.answer,
        why=whole.why,
        needs=tuple(need for need in whole.needs if not is_met(need, item, claims)),
        recorded=tuple(topic for topic in topics if topic not in unlisted),
        lacking=lacking,
        asked=tuple(topic for topic in unlisted if topic not in lacking),
    )


def is_met(need: str, item: str, claims: Claims) -> bool:
    shown_by = claims.study.yields.fulfilled.get(need, ())
    return bool(shown_by) and all(claims.answer(question, item) == answer for question, answer in shown_by)
