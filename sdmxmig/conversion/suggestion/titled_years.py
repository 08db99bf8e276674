"""Check whether the year in titles dates the figures, and on which day people were counted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import ReadTitle, Word, read_title, split_words
from sdmxmig.conversion.recognition.times import TO, YEAR_WORD
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS
from sdmxmig.conversion.suggestion.periods import OF_A_YEAR
from sdmxmig.primitives.periods import parse, shift

YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
BETWEEN = re.compile(r"[()\[\]（）【】,;:،؛、，；：—|]|\s[-–]\s|(?<=\D)\.(?=\s)")
DATE = re.compile(
    r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])[./-](?:1[0-2]|0?[1-9])[./-]20\d\d|(?<!\d)20\d\d-(?:0\d|1[0-2])-\d\d"
)
WHOLE_YEAR_DATES = re.compile(r"(?<!\d)0?1[./]0?1[./]?\s*(?P<year>20\d\d)?\s*[-–—]\s*31[./]12[./]\s*(?P<last>20\d\d)")
"""From the first to the last day of a year."""
DAY = re.compile(r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])(?!\d)")
NOTE_NUMBER = re.compile(r"(?<=[^\W\d_]{3})\d(?!\w)")
"""The number of a note right behind a word: “року1”."""
DATES = ("DATE", "REF_DATE")
COUNTED = ("MEASURE", "ADM_ITEM", "PROT_ITEM", "DIRECTION", "GROUP", "BIRTH_STATUS", "CTZ_STATUS")
OTHER_YEARS = ("PUBLISHED", "SOURCE", "ADDED")
NUMERIC_DATE = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?P<sign>[./-])\s?(?P<second>\d{1,2})(?P=sign)\s?(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d(?P<behind>[./-])\s?(?P<month>\d{1,2})(?P=behind)\s?(?P<day>\d{1,2})(?![\d-])"
)
ORDINAL = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|ro|º|ª|°)?", re.IGNORECASE)
ORDINAL_SUFFIX = re.compile(r"(?<=\d)(?:st|nd|rd|th)?,(?=\s*(?:19|20)\d\d(?!\d))|[:：]")
"""The comma of “December 31, 2023”, and the colon of “Reference date: 31.12.2023”."""
BLANK_BEFORE_HANGUL = re.compile(r"(?<=\d) (?=[\uac00-\ud7af])")
"""The blank between a number and its unit in “4월 1일”, which Korean does not write."""
NUMBERS_OF_DATE = re.compile(
    r"(?<!\d)(?:\d\d?[ ./-]\d\d?[ ./-](?:19|20)\d\d|(?:19|20)\d\d[ ./-]\d\d?[ ./-]\d\d?)(?!\d)"
)
"""A date in numbers, whose parts may be separate words."""
DATE_SIGNS = frozenset({"年", "月", "日", "号", "년", "월", "일", "零", "时", "時", "d", "jen", "an", "en", "i"})
"""Words and endings within days: “2023年12月31日”, “január 1-jén”, “sausio 1 d.”."""
BEFORE, BEHIND, LONGEST_TIE = "before", "behind", 4
LINKING_CONCEPTS = frozenset({"PLAIN", "ARTICLE", "JOINING", "AGEPART", "WORDING", "OTHER_YEAR", "NEGATION", "BY"})
"""Concepts of words that link a day to something else: “Act of”, “since”."""
LEAP_YEAR = "2020"
TWO, MONTHS = 2, 12
DAY_CODE = re.compile(r"D\d{4}$")
CONCEPTS_BETWEEN_DAYS = ("AGEPART", "ARTICLE", YEAR_WORD)
CUMULATIVE = "CUMULATIVE"
WHOLE_YEAR_MONTHS = ["01", "12"]
MOVEMENT_REASON = "this is a day: which period do the movements cover?"


def is_of_figures(titles: Sequence[str], recogniser: Recogniser, *, on_one_day: bool) -> bool:
    """Check whether titles certainly date the figures; with `on_one_day`, whether they name the day of the count."""
    texts = [" ".join(convert_years(title, recogniser.vocabulary).split()) for title in titles]
    texts = [
        WHOLE_YEAR_DATES.sub(lambda match: match["last"] if match["year"] in (None, match["last"]) else match[0], text)
        for text in texts
    ]
    dated = [text for text in texts if YEAR.search(text)]
    if not any(read_title(text, recogniser).of(*COUNTED) for text in texts):
        return False
    return all(dates_figures(text, recogniser, on_one_day=on_one_day) for text in dated)


def dates_figures(title: str, recogniser: Recogniser, *, on_one_day: bool) -> bool:
    """Check whether the year in a title dates figures; not in “Yearbook 2023” or “fiscal year 2023”."""
    reading = read_title(title, recogniser)
    if reading.of(*OTHER_YEARS) or has_length(reading):
        return False
    parts = [part for part in BETWEEN.split(title) if YEAR.search(part)]
    if any(read_title(part, recogniser).unexplained or is_other_year(part, recogniser) for part in parts):
        return False
    if find_days_in_clauses(title, recogniser):
        return on_one_day and is_reference_day(title, recogniser)
    if reading.of(*DATES):
        return on_one_day
    of_nature = recogniser.vocabulary.inside("NATURE", title) if on_one_day else ()
    is_count = any(candidate.code == "day" for candidate in of_nature)  # “Census 2022”
    return is_count or bool(reading.of(*COUNTED)) or all(is_year_alone(part, recogniser) for part in parts)


def is_other_year(part: str, recogniser: Recogniser) -> bool:
    return bool(recogniser.vocabulary.inside("OTHER_YEAR", part))


def is_year_alone(part: str, recogniser: Recogniser) -> bool:
    words = plain(YEAR.sub(" ", part)).split()
    months = [code for word in words for code in recogniser.vocabulary.codes("MONTH", word)]
    year_words = (
        recogniser.vocabulary.codes(YEAR_WORD, word) or recogniser.vocabulary.codes("MONTH", word) for word in words
    )
    return all(year_words) and months in ([], WHOLE_YEAR_MONTHS)


def has_length(reading: ReadTitle) -> bool:
    lengths = any(mention.code in OF_A_YEAR for mention in reading.of("LENGTH"))
    return lengths or any(mention.code == CUMULATIVE for mention in reading.of("UNIT"))


def find_day_span(title: str, recogniser: Recogniser) -> str:
    """Return the period from a first to a last day in a title, if it is one of whole months; else empty.

    “01.01.2023 - 31.12.2023” is ``2023``, “1 July 2022 to 30 June 2023” ``2022-07-01/P1Y``.
    """
    reading, years = read_title(title, recogniser), YEAR.findall(title)
    dates = {mention.phrase: mention.code for mention in reading.of(*DATES) if DAY_CODE.match(mention.code)}
    phrase_by_day = {parse_written_day(phrase, code): phrase for phrase, code in dates.items()}
    phrase_by_day |= {day.day: day.phrase for day in find_named_days(title, recogniser)}
    days = sorted(phrase_by_day.items(), key=lambda day: title.find(day[1]))
    if len(days) != TWO or len(years) not in (1, TWO) or reading.of(*OTHER_YEARS):
        return ""
    between = title.partition(days[0][1])[2].partition(days[1][1])[0]
    words = [word for word in plain(YEAR.sub(" ", between)).split() if not re.fullmatch(TO, word)]
    if not all(any(recogniser.vocabulary.codes(concept, word) for concept in CONCEPTS_BETWEEN_DAYS) for word in words):
        return ""
    first, last = (parse(f"{year}-{day}") for year, (day, _) in zip((years[0], years[-1]), days, strict=True))
    behind = shift(last, 1).first_day if first and last else None
    if first is None or behind is None or first.first_day.day != 1 or behind.day != 1:
        return ""
    year, month = first.first_day.year, first.first_day.month
    months = (behind.year - year) * MONTHS + behind.month - month
    if months == MONTHS:
        return f"{year}" if month == 1 else f"{year}-{month:02}-01/P1Y"
    return "" if months < 1 else f"{year}-{month:02}" if months == 1 else f"{year}-{month:02}-01/P{months}M"


def parse_written_day(phrase: str, code: str) -> str:
    """Return month and day of a date with its code: “30 June” has the code of 1 July.

    >>> parse_written_day("30 June", "D0701"), parse_written_day("1 July", "D0701")
    ('06-30', '07-01')
    """
    number = re.search(r"\d+", phrase)
    day = dt.date(int(LEAP_YEAR), int(code[1:3]), int(code[3:]))
    is_eve = number is not None and int(number[0]) == (day - dt.timedelta(days=1)).day
    return (day - dt.timedelta(days=1) if is_eve else day).strftime("%m-%d")


def names_day(title: str, recogniser: Recogniser) -> bool:
    parts = BETWEEN.split(NOTE_NUMBER.sub("", title))
    return any(DATE.search(part) or is_day(part, recogniser) for part in parts if YEAR.search(part))


def is_day(part: str, recogniser: Recogniser) -> bool:
    reading = read_title(part, recogniser)
    names_month = bool(reading.of("MONTH")) or any(mention.code[:1] == "D" for mention in reading.of(*DATES))
    rest = "".join(YEAR.sub(" ", reading.title).split())
    for month in reading.of("MONTH"):
        rest = rest.replace("".join(month.phrase.split()), " ", 1)  # “12月” is not a day
    return names_month and bool(DAY.search(rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayInClause:
    words: tuple[Word, ...]
    span: range

    @property
    def is_alone(self) -> bool:
        return len(self.span) == len(self.words)

    def beside(self, side: str) -> list[str]:
        """Return the words `before` or `behind` the day, nearest first."""
        before = [word.plain for word in self.words[: self.span.start]]
        return before[::-1] if side == BEFORE else [word.plain for word in self.words[self.span.stop :]]


def is_reference_day(title: str, recogniser: Recogniser) -> bool:
    """Check whether words of a title tie its day to the figures.

    A word such as “as at” does, or a noun that is counted in the same title: “Population, 1 January 2023”. Days of
    laws, prints and updates have neither: “Law of 12 June 2019”, “Printed on 3 May 2024”.
    """
    reading = read_title(title, recogniser)
    days = find_days_in_clauses(reading.title, recogniser)
    return bool(days) and not reading.of(*OTHER_YEARS) and all(dates_by_words(day, reading, recogniser) for day in days)


def states_the_day(title: str, recogniser: Recogniser) -> bool:
    """Check whether all words of a title are understood and its only day is that of the count."""
    reading = read_title(title, recogniser)
    is_of_count = bool(reading.of(*COUNTED)) and not reading.of(*OTHER_YEARS, "METHOD")
    return (
        is_of_count
        and not reading.unexplained
        and (not find_days_in_clauses(reading.title, recogniser) or is_reference_day(title, recogniser))
    )


def is_other_day(title: str, recogniser: Recogniser) -> bool:
    """Check whether a title names a day without linking it to the figures, and contains more than the day."""
    days = find_days_in_clauses(" ".join(title.split()), recogniser)
    return bool(days) and not is_day_alone(title, recogniser) and not is_reference_day(title, recogniser)


def is_day_alone(title: str, recogniser: Recogniser) -> bool:
    """Check whether a title is a day and words that tie figures to it: “1 January 2023”, “As at 15 March 2020”."""
    days, reading = find_days_in_clauses(" ".join(title.split()), recogniser), read_title(title, recogniser)
    if not days and reading.of(*DATES) and not reading.unexplained:
        return {mention.concept for mention in reading.mentions} <= {*DATES, "ARTICLE", "PLAIN", "ROLE"}
    beside = 0 if len(days) != 1 else sum(count_tying_words(days[0], side, recogniser) for side in (BEFORE, BEHIND))
    return len(days) == 1 and len(days[0].span) + beside == len(split_words(title))


def dates_by_words(day: DayInClause, reading: ReadTitle, recogniser: Recogniser) -> bool:
    counted = bool(reading.of(*COUNTED))
    if day.is_alone:
        return counted
    before, behind = (count_tying_words(day, side, recogniser) for side in (BEFORE, BEHIND))
    others = (*day.words[: day.span.start - before], *day.words[day.span.stop + behind :])
    is_tied = bool(before or behind)
    if not others:
        return counted or not reading.unexplained
    in_clause = read_title(" ".join(word.written for word in others), recogniser)
    telling = (*COUNTED, "BY", "PLAIN", "ROLE") if is_tied else COUNTED  # “by citizenship and sex as at 31/12/2003”
    if in_clause.unexplained or in_clause.of("METHOD", "OTHER_YEAR") or not in_clause.of(*telling):
        return False
    return is_tied or is_beside_noun(day, recogniser)


def count_tying_words(day: DayInClause, side: str, recogniser: Recogniser) -> int:
    """Count the words next to the day that tie figures to it: “as at” before it, “現在” after it."""
    beside = day.beside(side)
    for length in range(min(LONGEST_TIE, len(beside)), 0, -1):
        near = beside[:length]
        phrases = (sign.join(near[::-1] if side == BEFORE else near) for sign in (" ", ""))
        if any(side in recogniser.vocabulary.codes("AS_AT", phrase) for phrase in phrases):
            return length
    return 0


def is_beside_noun(day: DayInClause, recogniser: Recogniser) -> bool:
    """Check whether a noun is beside the day, not a preposition: “foreigners by sex 1 January 2023”."""
    before, behind = day.beside(BEFORE), day.beside(BEHIND)
    nearest = before[0] if before else behind[0]
    sign = "" if WITHOUT_BLANKS.match(nearest) else " "
    beside = nearest if before else sign.join(word.written for word in day.words[day.span.stop :])
    concepts = {mention.concept for mention in read_title(beside, recogniser).mentions if mention.at == 0}
    linking = LINKING_CONCEPTS if before else LINKING_CONCEPTS - {"BY"}  # “1 January 2023 by sex”
    return bool(concepts - linking or recogniser.vocabulary.codes("ROLE", nearest))


def find_days_in_clauses(title: str, recogniser: Recogniser) -> tuple[DayInClause, ...]:
    written = NOTE_NUMBER.sub("", convert_years(title, recogniser.vocabulary))
    clauses = BETWEEN.split(ORDINAL_SUFFIX.sub(" ", written))
    return tuple(day for clause in clauses for day in find_days(tuple(split_words(clause)), recogniser))


def find_days(words: tuple[Word, ...], recogniser: Recogniser) -> Iterator[DayInClause]:
    def is_of_date(word: Word) -> bool:
        vocabulary = recogniser.vocabulary
        is_named = any(vocabulary.codes(concept, word.plain) for concept in ("MONTH", YEAR_WORD, "ARTICLE"))
        return is_named or word.plain in DATE_SIGNS or bool(ORDINAL.match(word.plain))

    of_date = [is_of_date(word) for word in words]
    joined = {
        at
        for at in range(1, len(words) - 1)  # “1 January 2023 and 2024”
        if of_date[at - 1] and of_date[at + 1] and recogniser.vocabulary.codes("JOINING", words[at].plain)
    }
    for is_date, group in groupby(range(len(words)), key=lambda at: of_date[at] or at in joined):
        positions = list(group)
        while positions and recogniser.vocabulary.codes("ARTICLE", words[positions[0]].plain):
            del positions[0]
        written = BLANK_BEFORE_HANGUL.sub("", " ".join(words[at].written for at in positions))
        if is_date and YEAR.search(written) and (NUMBERS_OF_DATE.search(written) or is_day(written, recogniser)):
            yield DayInClause(words=words, span=range(positions[0], positions[-1] + 1))


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a title names: month and day such as ``10-01``, and its wording."""

    day: str
    phrase: str


def find_named_days(title: str, recogniser: Recogniser) -> tuple[NamedDay, ...]:
    """Find days in a title, except days of publication; “2/10/2020” may mean two days."""
    reading = read_title(title, recogniser)
    days = () if reading.of(*OTHER_YEARS) else (*find_numeric_days(reading.title), *find_month_days(reading))
    return tuple(day for day in days if parse(f"{LEAP_YEAR}-{day.day}"))


def find_numeric_days(title: str) -> Iterator[NamedDay]:
    for match in NUMERIC_DATE.finditer(title):
        if match["month"]:
            yield NamedDay(f"{int(match['month']):02}-{int(match['day']):02}", match[0])
            continue
        first, second = int(match["first"]), int(match["second"])
        yield NamedDay(f"{second:02}-{first:02}", match[0])
        if match["sign"] == "/" and first != second:
            yield NamedDay(f"{first:02}-{second:02}", match[0])


def find_month_days(reading: ReadTitle) -> Iterator[NamedDay]:
    words = split_words(reading.title)
    articles = {mention.at for mention in reading.of("ARTICLE")}
    for mention in reading.of("MONTH"):
        before = mention.at - 2 if mention.at - 1 in articles else mention.at - 1
        for at in (before, mention.end):
            match = ORDINAL.fullmatch(words[at].written) if 0 <= at < len(words) else None
            if match:
                phrase = " ".join(word.written for word in words[min(at, mention.at) : max(at + 1, mention.end)])
                yield NamedDay(f"{mention.code}-{int(match['day']):02}", phrase)
                break
