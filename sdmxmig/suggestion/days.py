"""Headers that are days: a day says when people were counted, or when a year ends; seldom is it a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.recognition import Candidate
from sdmxmig.suggestion.lines import Fit, Known
from sdmxmig.suggestion.periods import days_of
from sdmxmig.suggestion.questions import LEAVE_OUT
from sdmxmig.suggestion.title_doubts import is_on_a_day

FEW = 4
"""Days of the year that are asked about one by one; of more the first is asked for all."""
YEAR = 4
OF_A_STOCK = "people were counted on this day: of which year is it, and is REF_DATE the same for all?"
OF_MOVEMENTS = "this is a day: of which period are the movements?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The periods that follow from what was said of days, and the labels that wait, by the one that is asked about."""

    codes: Mapping[str, str]
    waiting: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, str]

    @property
    def undecided(self) -> frozenset[str]:
        """All labels that wait for an answer."""
        return frozenset(text for texts in self.waiting.values() for text in texts)


def days_among(one: Fit, known: Known, said: Mapping[str, str]) -> Days:
    """What is said, and to be asked, of the days in a line of labels.

    The same day of each year tells of a population when it was counted, so that the labels are years.
    """
    dates = {} if one.line.told else days_of(one.line.texts, known.recogniser.vocabulary)
    on_a_day = is_on_a_day(known.flow)
    within = {date[YEAR:] for date in dates.values()}
    if on_a_day and len(within) == 1 and len(dates) == len(one.line.texts):
        dates = {}
    apart = on_a_day and len(within) <= FEW
    groups: dict[str, list[str]] = {}
    for text, date in dates.items():
        groups.setdefault(date[YEAR:] if apart else "", []).append(text)
    codes: dict[str, str] = {}
    waiting = {}
    for texts in groups.values():
        answered = next((text for text in texts if said.get(text, LEAVE_OUT) != LEAVE_OUT), "")
        others = tuple(text for text in texts if text not in said)
        if answered:
            codes |= {text: like(said[answered], dates[answered], dates[text]) for text in others}
        elif others:
            waiting[others[0]] = others
    return Days(codes=codes, waiting=waiting, dates=dates)


def like(said: str, date: str, other: str) -> str:
    """The period of a day, as a person said it of another.

    >>> like("2019", "2020-01-01", "2021-01-01"), like("2020-01-01", "2020-01-01", "2020-01-02")
    ('2020', '2020-01-02')
    """
    if said == date:
        return other
    later = int(said[:YEAR]) - int(date[:YEAR]) if said[:YEAR].isdecimal() else 0
    return f"{int(other[:YEAR]) + later:04}{said[YEAR:]}"


def near_days(date: str, known: Known) -> tuple[str, tuple[Candidate, ...]]:
    """What is asked about a day, and the periods that it may mean."""
    year = int(date[:YEAR])
    if is_on_a_day(known.flow):
        return OF_A_STOCK, (Candidate(str(year), 0.5, "the others are read alike"),)
    near = (str(year), str(year - 1), date)
    return OF_MOVEMENTS, tuple(Candidate(period, 0.3, "the others are read alike") for period in near)
