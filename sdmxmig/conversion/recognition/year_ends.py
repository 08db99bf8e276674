"""Years that do not end on 31 December: “year ending June 2021”, “12 months to 5 April”."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import LONGEST, Vocabulary

ENDING, LENGTH = "A", "LENGTH"
"""The code and concept of phrases for the end of a year; “fiscal year” has another code."""
SHORT = re.compile(r"^\W*Y\.?\s?/?\s?E\.?(?=\s+[^\W\d_])", re.IGNORECASE)
"""“YE Jun 2021”, “Y/E March”: only where a text begins, since “ye” is a word or ending elsewhere."""
ANNUAL = re.compile(r"\bannual\s*[-–]\s*(?=[^\W\d_]{3})", re.IGNORECASE)
"""“Annual-Jun” and “Annual – June years” of Stats NZ."""
YEARS = re.compile(r"\b([^\W\d_]{3,}) years\b", re.IGNORECASE)
"""“June years”, if the word is a month."""
YEAR = re.compile(r"(?:1[6-9]|20|21)\d\d")
DAY = re.compile(r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th|er|º|ª)?")
NEAR = 4
"""Maximum number of words between the phrase and the month: “the year that ended on the last day of June”."""
UNINFORMATIVE = ("AGEPART", "ARTICLE", "JOINING", "PLAIN", "WORDING")
"""Concepts of words between the phrase and the month: “ending on the 30th of June”."""
PARTLY = "PART_YEAR"
"""The concept of words for years that are not whole: “year to date”."""
BOTH_ENDS, DECEMBER = 2, 12


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The last month of years, and the last day if it is not that of the month."""

    month: int
    day: int = 0

    def of(self, year: str) -> str:
        """Return the period of a year that ends in this month.

        >>> YearEnd(6).of("2021"), YearEnd(12).of("2021"), YearEnd(4, 5).of("2021"), YearEnd(2).of("2021")
        ('2020-07-01/P1Y', '2021', '2020-04-06/P1Y', '2020-03-01/P1Y')
        """
        last = date(int(year), self.month, self.day or monthrange(int(year), self.month)[1])
        first = last + timedelta(days=1)
        return year if first.day == first.month == 1 else f"{first.year - 1:04}-{first.month:02}-{first.day:02}/P1Y"


def year_end(text: str, vocabulary: Vocabulary) -> YearEnd | None:
    """The end of the years of a text; None if it names none, or two of them."""
    if vocabulary.inside(PARTLY, text):
        return None
    text = ANNUAL.sub("year ending ", SHORT.sub("year ending", text))
    if (of_month := YEARS.search(text)) and vocabulary.codes("MONTH", plain(of_month[1])):
        text = f"{text[: of_month.start()]} year ending {of_month[1]} {text[of_month.end() :]}"
    words = plain(text).split()
    ends = {
        end for at, size in find_year_end_phrases(words, vocabulary) if (end := end_beside(words, at, size, vocabulary))
    }
    return ends.pop() if len(ends) == 1 else None


def find_year_end_phrases(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield position and length of the phrases that end a year, the longest at each position."""
    for at in range(len(words)):
        sizes = range(min(LONGEST, len(words) - at), 0, -1)
        found = (size for size in sizes if ENDING in vocabulary.codes(LENGTH, " ".join(words[at : at + size])))
        if size := next(found, 0):
            yield at, size


def end_beside(words: Sequence[str], at: int, size: int, vocabulary: Vocabulary) -> YearEnd | None:
    """The month inside a phrase or nearest to it, behind it first: “haziran ayında sona eren yıl”."""
    inside, behind = words[at : at + size], words[at + size : at + size + NEAR]
    before = [*words[max(0, at - NEAR) : at]][::-1]
    for near in (inside, behind, before):
        for position, word in enumerate(near):
            months = vocabulary.codes("MONTH", word)
            if len(months) == 1:
                beside = near[: position + 2]
                days = [int(match["day"]) for other in beside if (match := DAY.fullmatch(other))]
                return build_year_end(int(months[0]), days)
            if near is not inside and not (DAY.fullmatch(word) or says_nothing(word, vocabulary)):
                break
    return None


def says_nothing(word: str, vocabulary: Vocabulary) -> bool:
    return any(vocabulary.codes(concept, word) for concept in UNINFORMATIVE)


def build_year_end(month: int, days: Sequence[int]) -> YearEnd | None:
    last = monthrange(2020, month)[1]
    if len(days) > 1 or any(day > last or day == 1 for day in days):  # “to 1 July” may leave that day out
        return None
    is_last = not days or days[0] in (last, monthrange(2021, month)[1])
    return YearEnd(month, 0 if is_last else days[0])


def last_month_of_two(text: str, vocabulary: Vocabulary) -> YearEnd | None:
    """The last month of a label that names both ends of twelve months: “July 2020 to June 2021”."""
    words = plain(text).split()
    months = [
        (at, int(codes[0])) for at, word in enumerate(words) if len(codes := vocabulary.codes("MONTH", word)) == 1
    ]
    years = [(at, int(word)) for at, word in enumerate(words) if YEAR.fullmatch(word)]
    if len(months) != len(years) or len(months) != BOTH_ENDS or any(DAY.fullmatch(word) for word in words):
        return None
    (first_at, first), (last_at, last) = months
    (first_year_at, first_year), (last_year_at, last_year) = years
    is_in_order = max(first_at, first_year_at) < min(last_at, last_year_at)
    is_year = (last_year - first_year) * DECEMBER + last - first == DECEMBER - 1
    return YearEnd(last) if is_in_order and is_year else None
