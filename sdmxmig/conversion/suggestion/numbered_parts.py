"""Numbered parts of years: “1/2018” may be months or quarters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.times import Moment

MONTHS = 12
LENGTHS = (("M", MONTHS, "{year}-{number:02}"), ("Q", 4, "{year}-Q{number}"), ("S", 2, "{year}-S{number}"))
"""Parts of a year: letter, number per year, and SDMX notation."""
YEAR = r"((?:19|20)\d\d)"
SHAPES = (
    (re.compile(rf"(\d{{1,2}})([/.-]){YEAR}", re.ASCII), (3, 1), "M{sign}yyyy"),
    (re.compile(rf"{YEAR}([/-])(\d{{1,2}})", re.ASCII), (1, 3), "yyyy{sign}M"),
    (re.compile(rf"{YEAR}(\.)(\d\d)", re.ASCII), (1, 3), "yyyy{sign}MM"),
)
REASON = "is the number a month, or another part of the year? The other labels are read in the same way"
SURE = 0.95


@dataclass(frozen=True, slots=True)
class NumberedParts:
    """The meaning of numbers beside years: proven months, or labels to ask."""

    months: Mapping[str, Moment]
    unproven: tuple[str, ...] = ()


def recognise_numbered_parts(texts: Sequence[str]) -> NumberedParts:
    """Recognise labels of a number up to twelve beside a year, all written alike.

    >>> parts = recognise_numbered_parts([f"{number}/2018" for number in range(1, 13)])
    >>> parts.months["2/2018"].period, parts.months["2/2018"].pattern, parts.unproven
    ('2018-02', 'M/yyyy', ())
    >>> (recognise_numbered_parts(["1/2018", "2/2018"]).unproven,
    ...  recognise_numbered_parts(["1/2018", "13/2018"]).unproven)
    (('1/2018', '2/2018'), ())
    """
    for shape, (year, number), pattern in SHAPES:
        matches = [match for text in texts if (match := shape.fullmatch(text.strip()))]
        signs = {match[2] for match in matches}
        if not matches or len(matches) < len(texts) or len(signs) > 1:
            continue
        parts = {text: (int(match[year]), int(match[number])) for text, match in zip(texts, matches, strict=True)}
        if may_be_spans(texts, parts.values()) or not all(1 <= month <= MONTHS for _, month in parts.values()):
            return NumberedParts({})
        if not are_months(list(parts.values())):
            return NumberedParts({}, tuple(texts))
        written = pattern.format(sign=signs.pop())
        return NumberedParts(
            {text: Moment(f"{y}-{m:02}", "M", confidence=SURE, pattern=written) for text, (y, m) in parts.items()}
        )
    return NumberedParts({})


def may_be_spans(texts: Iterable[str], parts: Iterable[tuple[int, int]]) -> bool:
    return all(text.strip()[:4].isdecimal() and text.strip()[-2:].isdecimal() for text in texts) and all(
        number > year % 100 for year, number in parts
    )


def are_months(parts: Sequence[tuple[int, int]]) -> bool:
    """Check whether numbers beside years must be months: all twelve, or continuing after a twelfth.

    >>> are_months([(2018, 11), (2018, 12), (2019, 1)]), are_months([(2018, 1), (2018, 2), (2018, 3), (2018, 4)])
    (True, False)
    """
    if len(set(parts)) < len(parts):
        return False
    by_year: dict[int, set[int]] = defaultdict(set)
    for year, number in parts:
        by_year[year].add(number)
    counted = sorted(year * MONTHS + number - 1 for year, number in parts)
    is_gapless = all(after - before == 1 for before, after in pairwise(counted))
    goes_on = any(MONTHS in numbers and 1 in by_year.get(year + 1, ()) for year, numbers in tuple(by_year.items()))
    return any(len(numbers) == MONTHS for numbers in by_year.values()) or (is_gapless and goes_on)


def part_in(text: str) -> tuple[int, int]:
    """Return the year and number of a label.

    >>> part_in("3/2018"), part_in("2018-3")
    ((2018, 3), (2018, 3))
    """
    first, second = (int(number) for number in re.findall(r"\d+", text))
    return (first, second) if first > second else (second, first)


def numbers_alike(texts: Sequence[str], answers: Mapping[str, str]) -> dict[str, str]:
    """Apply the answer about one label to all: “2018-Q1” for “1/2018” makes all numbers quarters.

    >>> numbers_alike(["1/2018", "2/2018"], {"1/2018": "2018-Q1"})
    {'1/2018': '2018-Q1', '2/2018': '2018-Q2'}
    """
    for text in (text for text in texts if text in answers):
        for _, most, written in LENGTHS:
            made = {
                text: written.format(year=year, number=number) for text in texts for year, number in (part_in(text),)
            }
            if made[text] == answers[text] and all(part_in(text)[1] <= most for text in texts):
                return {label: answers.get(label, period) for label, period in made.items()}
    return {}


def near_parts(text: str, texts: Sequence[str]) -> tuple[Candidate, ...]:
    year, number = part_in(text)
    highest = max(part_in(text)[1] for text in texts)
    fitting = (written.format(year=year, number=number) for _, most, written in LENGTHS if highest <= most)
    return tuple(Candidate(period, 0.5, reason="as for the other labels") for period in fitting)
