"""Whether the one year that titles name is surely that of their figures.

A title that says who or what is counted dates its figures by its year. What else may stand there is ruled out one by
one: a year of publication or of a source, a year that begins on another day, figures added up since another time. A
word that is not understood is asked about by itself; beside the year it may say what the year is, so that both are
asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.calendars import in_common_years
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title
from sdmxmig.conversion.recognition.times import YEAR_WORD

YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
BETWEEN = re.compile(r"[()\[\]（）【】,;:،؛、，；：—|]|\s[-–]\s|(?<=\D)\.(?=\s)")
"""The signs between the parts of a title; a word in another part than the year says nothing of it."""
DATE = re.compile(r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])[./](?:1[0-2]|0?[1-9])[./]20\d\d|(?<!\d)20\d\d-(?:0\d|1[0-2])-\d\d")
ALL_YEAR = re.compile(r"(?<!\d)0?1[./]0?1[./]?\s*(?P<year>20\d\d)?\s*[-–—]\s*31[./]12[./]\s*(?P<last>20\d\d)")
"""From the first day of a year to its last, which is the year."""
DAY = re.compile(r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])(?!\d)")
COUNTED = ("MEASURE", "DIRECTION", "GROUP", "BIRTH_STATUS", "CTZ_STATUS")
"""What a title speaks of that says who or what its figures count."""
OTHER_YEARS = ("PUBLISHED", "SOURCE", "ADDED")
"""What makes a year that of something else."""
FISCAL, CUMULATIVE = "A", "CUMULATIVE"
WHOLE_YEAR = ["01", "12"]


def is_of_figures(titles: Sequence[str], recogniser: Recogniser, *, on_one_day: bool) -> bool:
    """Whether the titles with a year surely date the figures; `on_one_day` says that people are counted on a day.

    One of the titles says who or what is counted, not always the one with the year: below “Foreigners by sex” stands
    “(31 December 2023)”. A day dates a count of people; of movements it may be that on which a table was drawn up.
    """
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
    """Whether the year in a title is that of figures: no “Yearbook 2023”, no “fiscal year 2023”, no “zorblax 2023”."""
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
    """Whether a part of a title says what else its year is of: “arrived in 2023”, “since 2023”, “base year 2023”."""
    return bool(recogniser.vocabulary.inside("OTHER_YEAR", part))


def is_year_alone(part: str, recogniser: Recogniser) -> bool:
    """Whether a part of a title is a year with words for a year, and from its first month to its last or not."""
    words = plain(YEAR.sub(" ", part)).split()
    months = [code for word in words for code in recogniser.vocabulary.codes("MONTH", word)]
    year_words = (
        recogniser.vocabulary.codes(YEAR_WORD, word) or recogniser.vocabulary.codes("MONTH", word) for word in words
    )
    return all(year_words) and months in ([], WHOLE_YEAR)


def is_of_a_length(reading: ReadTitle) -> bool:
    """Whether a title speaks of years that begin on some day, or of figures added up since one."""
    lengths = any(mention.code == FISCAL for mention in reading.of("LENGTH"))
    return lengths or any(mention.code == CUMULATIVE for mention in reading.of("UNIT"))


def is_day(part: str, recogniser: Recogniser) -> bool:
    """Whether a part of a title names a day of a month: “31 December 2023”."""
    reading = read_title(part, recogniser)
    names_month = bool(reading.of("MONTH")) or any(mention.code[:1] == "D" for mention in reading.of("DATE"))
    return names_month and bool(DAY.search(YEAR.sub(" ", part)))
