"""Whether the year in titles dates the figures, and on which day people were counted.

Excludes years of publication, source, fiscal years and cumulations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.calendars import in_common_years
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title, words_of
from sdmxmig.conversion.recognition.times import YEAR_WORD
from sdmxmig.primitives.periods import parse

YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
BETWEEN = re.compile(r"[()\[\]（）【】,;:،؛、，；：—|]|\s[-–]\s|(?<=\D)\.(?=\s)")
DATE = re.compile(r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])[./](?:1[0-2]|0?[1-9])[./]20\d\d|(?<!\d)20\d\d-(?:0\d|1[0-2])-\d\d")
ALL_YEAR = re.compile(r"(?<!\d)0?1[./]0?1[./]?\s*(?P<year>20\d\d)?\s*[-–—]\s*31[./]12[./]\s*(?P<last>20\d\d)")
"""From the first day of a year to its last, which is the year."""
DAY = re.compile(r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])(?!\d)")
COUNTED = ("MEASURE", "DIRECTION", "GROUP", "BIRTH_STATUS", "CTZ_STATUS")
OTHER_YEARS = ("PUBLISHED", "SOURCE", "ADDED")
NUMERIC = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])"
)
ORDINAL = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|ro|º|ª|°)?", re.IGNORECASE)
LEAP_YEAR = "2020"
FISCAL, CUMULATIVE = "A", "CUMULATIVE"
WHOLE_YEAR = ["01", "12"]


def is_of_figures(titles: Sequence[str], recogniser: Recogniser, *, on_one_day: bool) -> bool:
    """Whether titles certainly date the figures; `on_one_day`: counts at a day."""
    texts = [" ".join(in_common_years(title, recogniser.vocabulary).split()) for title in titles]
    texts = [
        ALL_YEAR.sub(lambda match: match["last"] if match["year"] in (None, match["last"]) else match[0], text)
        for text in texts
    ]
    dated = [text for text in texts if YEAR.search(text)]
    if not any(read_title(text, recogniser).of(*COUNTED) for text in texts):
        return False
    return all(dates_figures(text, recogniser, on_one_day=on_one_day) for text in dated)


def dates_figures(title: str, recogniser: Recogniser, *, on_one_day: bool) -> bool:
    """Check whether the year in a title dates figures; not in “Yearbook 2023” or “fiscal year 2023”."""
    reading = read_title(title, recogniser)
    if reading.of(*OTHER_YEARS) or is_of_a_length(reading):
        return False
    parts = [part for part in BETWEEN.split(title) if YEAR.search(part)]
    if any(read_title(part, recogniser).unexplained or of_something_else(part, recogniser) for part in parts):
        return False
    has_day = any(DATE.search(part) or is_day(part, recogniser) for part in parts)
    if has_day or reading.of("DATE", "REF_DATE"):
        return on_one_day
    return bool(reading.of(*COUNTED)) or all(is_year_alone(part, recogniser) for part in parts)


def of_something_else(part: str, recogniser: Recogniser) -> bool:
    return bool(recogniser.vocabulary.inside("OTHER_YEAR", part))


def is_year_alone(part: str, recogniser: Recogniser) -> bool:
    words = plain(YEAR.sub(" ", part)).split()
    months = [code for word in words for code in recogniser.vocabulary.codes("MONTH", word)]
    year_words = (
        recogniser.vocabulary.codes(YEAR_WORD, word) or recogniser.vocabulary.codes("MONTH", word) for word in words
    )
    return all(year_words) and months in ([], WHOLE_YEAR)


def is_of_a_length(reading: ReadTitle) -> bool:
    lengths = any(mention.code == FISCAL for mention in reading.of("LENGTH"))
    return lengths or any(mention.code == CUMULATIVE for mention in reading.of("UNIT"))


def names_a_day(title: str, recogniser: Recogniser) -> bool:
    return any(DATE.search(part) or is_day(part, recogniser) for part in BETWEEN.split(title) if YEAR.search(part))


def is_day(part: str, recogniser: Recogniser) -> bool:
    reading = read_title(part, recogniser)
    names_month = bool(reading.of("MONTH")) or any(mention.code[:1] == "D" for mention in reading.of("DATE"))
    return names_month and bool(DAY.search(YEAR.sub(" ", part)))


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a title names: month and day such as ``10-01``, and its wording."""

    day: str
    phrase: str


def named_days(title: str, recogniser: Recogniser) -> tuple[NamedDay, ...]:
    """Find days in a title unless about publication; “2/10/2020” may be two."""
    reading = read_title(" ".join(title.split()), recogniser)
    days = () if reading.of(*OTHER_YEARS) else (*days_in_numbers(reading.title), *days_of_months(reading))
    return tuple(day for day in days if parse(f"{LEAP_YEAR}-{day.day}"))


def days_in_numbers(title: str) -> Iterator[NamedDay]:
    for match in NUMERIC.finditer(title):
        if match["month"]:
            yield NamedDay(f"{match['month']}-{match['day']}", match[0])
            continue
        first, second = int(match["first"]), int(match["second"])
        yield NamedDay(f"{second:02}-{first:02}", match[0])
        if match["sign"] == "/" and first != second:
            yield NamedDay(f"{first:02}-{second:02}", match[0])


def days_of_months(reading: ReadTitle) -> Iterator[NamedDay]:
    words = words_of(reading.title)
    articles = {mention.at for mention in reading.of("ARTICLE")}
    for mention in reading.of("MONTH"):
        before = mention.at - 2 if mention.at - 1 in articles else mention.at - 1
        for at in (before, mention.end):
            match = ORDINAL.fullmatch(words[at].written) if 0 <= at < len(words) else None
            if match:
                phrase = " ".join(word.written for word in words[min(at, mention.at) : max(at + 1, mention.end)])
                yield NamedDay(f"{mention.code}-{int(match['day']):02}", phrase)
                break
