"""What figures are: censuses, estimates and projections, and whether they may still change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.breakdowns import Breakdown

NOT_FINAL = {"F": "projection", "E": "estimate", "P": "provisional"}
"""What a figure is called that is not final, by its observation status; the weightier before the lighter."""
PROJECTION = "F"
MARK = "*"
"""Stands behind the year of such a figure where there is no room for a word, as on the axis of a chart."""


def not_final(statuses: Iterable[str], wording: Wording) -> str:
    """What figures with these observation statuses are together if they are not final; empty if they are."""
    present = set(statuses)
    return next((wording.say(word) for status, word in NOT_FINAL.items() if status in present), "")


def labelled(kind: str, statuses: Iterable[str], wording: Wording) -> str:
    """What figures are, such as “census, provisional”; empty where that is not known.

    `kind` is ``census``, ``estimate`` or empty; a projection is no estimate of what was.
    """
    present = set(statuses)
    words = ("" if PROJECTION in present or not kind else wording.say(kind), not_final(present, wording))
    return wording.commas(dict.fromkeys(filter(None, words)))


def year_in_words(year: str, statuses: Iterable[str], wording: Wording) -> str:
    """A year as it stands in a sentence: with what its figures are, where they are not final."""
    return wording.year(year, not_final(statuses, wording))


def dated(breakdown: Breakdown, wording: Wording) -> str:
    """The year of a breakdown as it stands in a sentence."""
    return year_in_words(breakdown.period, breakdown.statuses, wording)


def marked(year: str, statuses: Iterable[str]) -> str:
    """A year as it stands on an axis.

    >>> marked("2024", ["A", "P"]), marked("2023", ["A"])
    ('2024*', '2023')
    """
    return year + MARK if any(status in NOT_FINAL for status in statuses) else year


def mark_explained(words_by_year: Mapping[str, str], wording: Wording) -> tuple[str, ...]:
    """What the mark behind the years of a chart means, as one sentence; none where no year has it."""
    years_by_word: dict[str, list[str]] = {}
    for year, word in words_by_year.items():
        if word:
            years_by_word.setdefault(word, []).append(year)
    phrases = [wording.pair(word, wording.commas(years)) for word, years in years_by_word.items()]
    return (wording.say("{sentence}.", sentence=f"{MARK} {wording.semicolons(phrases)}"),) if phrases else ()
