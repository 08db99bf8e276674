"""What figures are: censuses, estimates and projections, and whether they may still change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.reporting.sections.series import years_listed
from sdmxmig.reporting.sections.wording import Wording, raised
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


def on_axis(words_by_year: Mapping[str, str]) -> dict[str, str]:
    """Each year as it stands on an axis: with a mark if it is not final, unless no year is.

    >>> on_axis({"2023": "", "2024": "provisional"}), on_axis({"2024": "projection"})
    ({'2023': '2023', '2024': '2024*'}, {'2024': '2024'})
    """
    sign = mark(words_by_year)
    return {year: year + sign if word else year for year, word in words_by_year.items()}


def mark(words_by_year: Mapping[str, str]) -> str:
    """The mark behind years that are not final; empty where it would stand behind all of them."""
    return "" if all(words_by_year.values()) else MARK


def mark_explained(words_by_year: Mapping[str, str], wording: Wording) -> tuple[str, ...]:
    """Which years of a chart are not final, as one sentence that begins with their mark; none where all are final."""
    years_by_word: dict[str, list[str]] = {}
    for year, word in words_by_year.items():
        if word:
            years_by_word.setdefault(word, []).append(year)
    if not years_by_word:
        return ()
    phrases = [wording.pair(word, years_listed(years, wording)) for word, years in years_by_word.items()]
    sentence = f"{mark(words_by_year)} {wording.semicolons(phrases)}".strip()
    return (wording.say("{sentence}.", sentence=raised(sentence)),)
