"""Provisional figures: census, estimate, projection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.reporting.sections.series import years_listed
from sdmxmig.reporting.sections.wording import Wording, raised
from sdmxmig.sdmx.model.breakdowns import Breakdown

NOT_FINAL = {"F": "projection", "E": "estimate", "P": "provisional"}
PROJECTION = "F"
MARK = "*"


def not_final(statuses: Iterable[str], wording: Wording) -> str:
    present = set(statuses)
    return next((wording.say(word) for status, word in NOT_FINAL.items() if status in present), "")


def labelled(kind: str, statuses: Iterable[str], wording: Wording) -> str:
    present = set(statuses)
    words = ("" if PROJECTION in present or not kind else wording.say(kind), not_final(present, wording))
    return wording.commas(dict.fromkeys(filter(None, words)))


def year_in_words(year: str, statuses: Iterable[str], wording: Wording) -> str:
    return wording.year(year, not_final(statuses, wording))


def dated(breakdown: Breakdown, wording: Wording) -> str:
    return year_in_words(breakdown.period, breakdown.statuses, wording)


def on_axis(words_by_year: Mapping[str, str]) -> dict[str, str]:
    """Each year as it stands on an axis: with a mark if it is not final, unless no year is.

    >>> on_axis({"2023": "", "2024": "provisional"}), on_axis({"2024": "projection"})
    ({'2023': '2023', '2024': '2024*'}, {'2024': '2024'})
    """
    sign = mark(words_by_year)
    return {year: year + sign if word else year for year, word in words_by_year.items()}


def mark(words_by_year: Mapping[str, str]) -> str:
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
