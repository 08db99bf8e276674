"""What the sources of a country could give today, and what they need for more.

Which sources there are the inventory of the profile says (module H), what each of them records its sheet (S05), and
what such a source can give at all the table of ``structures/sources/``. A sheet that does not list a variable leaves
open whether the source records it, unless no source of its type does.
"""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import Indicator
from sdmxmig.sdmx.model.source_yields import CAN, CANNOT, HOPE, PARTLY, Chance
from sdmxmig.statistics.calculations.claims import Claims
from sdmxmig.statistics.calculations.feasibility import missing_variables

THERE = (CAN, PARTLY)
"""Answers to an item on a source that say that it is there, used fully or in part."""


def chances(indicator: Indicator, claims: Claims) -> tuple[Chance, ...]:
    """The sources of the inventory that could give an indicator, fully or in part; the most hopeful first.

    None for a source that the profile does not call used, and for one of which the table says that it cannot.
    """
    possible = [chance(item, indicator, claims) for item in claims.study.types if claims.answer(item) in THERE]
    listed = [each for each in possible if each.answer in THERE]
    return tuple(sorted(listed, key=lambda each: (-HOPE.index(each.answer), -len(each.recorded), len(each.lacking))))


def chance(item: str, indicator: Indicator, claims: Claims) -> Chance:
    """What one source of the inventory could give of an indicator."""
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
    """Whether the sheet of a source answers all that shows a need met; a need that no answer shows stays."""
    shown_by = claims.study.yields.fulfilled.get(need, ())
    return bool(shown_by) and all(claims.answer(question, item) == answer for question, answer in shown_by)
