"""Calendars, ends of statistical years, and parts of years: “E.C.”, “year to 30 June”, “2. polrok”.

Years of the Republic of China, Japanese eras and the Buddhist calendar begin in January; they are converted if the
calendar is named, the common year agrees, or no other calendar has such a year. Other calendars begin on other days
and are not converted.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import LONGEST, Vocabulary
from sdmxmig.primitives.periods import PER_YEAR, find_period, parse, shift

ERA, OTHER = "ERA", "CALENDAR"
COMMON = r"(?:1[6-9]|2[01])\d\d"
BUDDHIST_ERA = re.compile(r"(?:(?:ปี|ปีที่)\s?)?(?:พ\.?\s?ศ\.?|B\.\s?E\.)\s*(?P<year>2[45]\d\d)")
BESIDE = rf"\s*[-/(（]?\s*(?:ค\.?\s?ศ\.?\s*|西[元暦]\s*)?(?P<common>{COMMON})(?P<sign>[年년])?\s*[)）]?(?!\d)"
LOCAL_YEAR_FIRST = re.compile(rf"(?<!\d)(?P<local>2[45]\d\d(?!\d)|\d{{2,3}}年){BESIDE}")
COMMON_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<common>{COMMON})(?P<sign>[年년])?\s*[/(（]\s*(?P<local>2[45]\d\d|\d{{2,3}}年)\s*[)）]?(?!\d)"
)
"""Years of the Buddhist calendar and of the Republic of China beside ours."""
BOTH_YEARS = re.compile(rf"(?<!\d)(?P<common>{COMMON})(?P<sign>[年년])?\s*[/(（]\s*(?P=common)[年년]?\s*[)）]?(?!\d)")
REPUBLIC_YEAR = re.compile(r"(?<!\d)1\d\d(?=年(?![度學学以間间]))")
"""A year of three digits, which is of the Republic of China unless “以上” follows (“110 years and over”)."""
NUMBER_OF_YEARS = re.compile(r"\d{1,3}(?=年)")
BUDDHA, CHINA = 543, 1911
"""Differences in years between these calendars and the common one."""
FIRST_JANUARY_YEAR = 1941
"""The Buddhist year has begun in January since 1941."""
FIRST_YEAR = "元"
ETHIOPIC = re.compile(r"[\u1200-\u139f]")
DEVANAGARI = re.compile(r"[\u0966-\u096f]{4}")
ROMAN_NUMBERS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
ROMAN_DATE = re.compile(
    rf"(?<!\d)(?P<day>3[01]|[12]\d|0?[1-9])(?:\.\s?|\s|-|/)(?P<month>{'|'.join(reversed(ROMAN_NUMBERS))})"
    r"(?:\.\s?|\s|-|/)(?=(?:19|20)\d\d(?!\d))"
)
CONTRADICTION = "\0"
"""Two years that contradict each other."""
LATEST_YEAR = 2026
"""A later year in Devanagari digits may be Nepalese or a projection."""


def convert_numerals(text: str) -> str:
    """Convert digits of any script to 0–9, and the month of a date from Roman numerals.

    >>> (convert_numerals("២០២១"), convert_numerals("٢٠٢١"), convert_numerals("2021²"),
    ...  convert_numerals("31 XII 2021 r."), convert_numerals("1. I. 2024"))
    ('2021', '2021', '2021²', '31.12.2021 r.', '1.1.2024')
    """
    text = ROMAN_DATE.sub(lambda date: f"{date['day']}.{ROMAN_NUMBERS.index(date['month']) + 1}.", text)
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def convert_years(text: str, vocabulary: Vocabulary) -> str:
    """Convert years to the common calendar; empty if two years disagree.

    >>> from sdmxmig.conversion.recognition.words import Vocabulary
    >>> words = Vocabulary({"ERA": {"令和": ("2018",), "民國": ("1911",)}}, {})
    >>> [convert_years(text, words) for text in ("令和5年", "110年 2021", "พ.ศ. 2566 (2023)", "2566 (2022)")]
    ['2023年', '2021', '2023', '']
    """
    if is_nepalese(text):
        return ""
    text = BUDDHIST_ERA.sub(_convert_buddhist_year, convert_numerals(text))
    text = _convert_era_years(text, vocabulary)
    text = COMMON_YEAR_FIRST.sub(_reconcile_years, LOCAL_YEAR_FIRST.sub(_reconcile_years, text))
    text = REPUBLIC_YEAR.sub(lambda match: str(int(match[0]) + CHINA), text)
    text = BOTH_YEARS.sub(lambda match: match["common"] + (match["sign"] or ""), text)
    return "" if CONTRADICTION in text else text


def _reconcile_years(match: re.Match[str]) -> str:
    local_year, of_china = match["local"].removesuffix("年"), match["local"].endswith("年")
    year = int(local_year) + CHINA if of_china else int(local_year) - BUDDHA
    return match["common"] + (match["sign"] or "") if year == int(match["common"]) else CONTRADICTION


def _convert_buddhist_year(match: re.Match[str]) -> str:
    year = int(match["year"]) - BUDDHA
    return str(year) if year >= FIRST_JANUARY_YEAR else match[0]


def _convert_era_years(text: str, vocabulary: Vocabulary) -> str:
    """Convert years of eras, such as “令和5年” or “民國110年至112年”."""
    eras = vocabulary.words.get(ERA, {})
    listed = "|".join(sorted(map(re.escape, eras), key=lambda word: (-len(word), word)))
    if not listed or not re.search(listed, text):
        return text

    def common(match: re.Match[str]) -> str:
        before = int(eras[match["era"]][0])
        more = NUMBER_OF_YEARS.sub(lambda further: str(before + int(further[0])), match["more"])
        return f"{before + parse_count_of_year(match['local'])}{match['sign']}{more}"

    local_year = rf"\s?(?P<local>\d{{1,3}}|{FIRST_YEAR})(?!\d|年[度學学])(?P<sign>年?)"
    return re.sub(rf"(?P<era>{listed}){local_year}(?P<more>(?:\s*[-–~～至到及和與与、]\s*\d{{1,3}}年)*)", common, text)


def parse_count_of_year(year: str) -> int:
    return 1 if year == FIRST_YEAR else int(year)


def is_nepalese(text: str) -> bool:
    """Check whether a year in Devanagari digits may be Nepalese.

    >>> is_nepalese("२०७९"), is_nepalese("२०२३"), is_nepalese("2079")
    (True, False, False)
    """
    return any(int(convert_numerals(year)) > LATEST_YEAR for year in DEVANAGARI.findall(text))


NUMBERED_YEAR = re.compile(r"(?<![\d.,/-])\d{4}(?:\s*[-–/]\s*\d{2,4})?(?![-./]?\d)")
"""A year of any calendar in a text, perhaps with the next one, but no date."""
ANY_YEAR = "0000"
ETHIOPIAN = "+7-09-11"
"""The code of the calendar of texts in Ethiopic script: the years to add, and the first day of its years."""


def find_calendars(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the codes of another calendar named in a text; empty for two years of which one may be Gregorian.

    >>> words = Vocabulary({"CALENDAR": {"e c": ("+7-09-11",), "0000 bs": ("-57-04-14",)}}, {})
    >>> [find_calendars(text, words) for text in ("2014 E.C.", "2078/79 BS", "2014 E.C. (2021/22)", "BS degrees")]
    [('+7-09-11',), ('-57-04-14',), (), ()]
    """
    written = convert_numerals(text)
    if len(NUMBERED_YEAR.findall(written)) > 1:
        return ()
    spelt = NUMBERED_YEAR.sub(ANY_YEAR, written)
    named = tuple(candidate.code for candidate in vocabulary.inside(OTHER, spelt))
    return named or ((ETHIOPIAN,) if ETHIOPIC.search(text) and ANY_YEAR in spelt else ())


ENDING, LENGTH = "A", "LENGTH"
"""The code and concept of phrases for the end of a year; “fiscal year” has another code."""
SHORT_YEAR_END = re.compile(r"^\W*Y\.?\s?/?\s?E\.?(?=\s+[^\W\d_])", re.IGNORECASE)
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
PART_YEAR_CONCEPT = "PART_YEAR"
"""The concept of words for years that are not whole: “year to date”."""
BOTH_ENDS, DECEMBER = 2, 12
LONGEST_REFLEXIVE = 3
"""Maximum number of letters of words, such as Polish “się”, that are also shortened names of months."""


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


def read_year_end(text: str, vocabulary: Vocabulary) -> YearEnd | None:
    """Return the only year end that a text names, or None."""
    if vocabulary.inside(PART_YEAR_CONCEPT, text):
        return None
    text = ANNUAL.sub("year ending ", SHORT_YEAR_END.sub("year ending", text))
    if (of_month := YEARS.search(text)) and vocabulary.codes("MONTH", plain(of_month[1])):
        text = f"{text[: of_month.start()]} year ending {of_month[1]} {text[of_month.end() :]}"
    words = plain(text).split()
    ends = {
        end
        for at, size in find_year_end_phrases(words, vocabulary)
        if (end := find_adjacent_end(words, at, size, vocabulary))
    }
    return ends.pop() if len(ends) == 1 else None


def find_year_end_phrases(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield position and length of the phrases that end a year, the longest at each position."""
    for at in range(len(words)):
        sizes = range(min(LONGEST, len(words) - at), 0, -1)
        found = (size for size in sizes if ENDING in vocabulary.codes(LENGTH, " ".join(words[at : at + size])))
        if size := next(found, 0):
            yield at, size


def find_adjacent_end(words: Sequence[str], at: int, size: int, vocabulary: Vocabulary) -> YearEnd | None:
    """Return the month in or nearest to a phrase, preferably after it: “haziran ayında sona eren yıl”."""
    inside = [word for word in words[at : at + size] if len(word) > LONGEST_REFLEXIVE]
    behind = words[at + size : at + size + NEAR]
    before = [*words[max(0, at - NEAR) : at]][::-1]
    for near in (behind, before, inside):
        for position, word in enumerate(near):
            months = vocabulary.codes("MONTH", word)
            if len(months) == 1:
                beside = near[: position + 2]
                days = [int(match["day"]) for other in beside if (match := DAY.fullmatch(other))]
                return build_year_end(int(months[0]), days)
            is_silent = DAY.fullmatch(word) or YEAR.fullmatch(word) or is_filler(word, vocabulary)
            if near is not inside and not is_silent:
                break
    return None


def is_filler(word: str, vocabulary: Vocabulary) -> bool:
    return any(vocabulary.codes(concept, word) for concept in UNINFORMATIVE)


def build_year_end(month: int, days: Sequence[int]) -> YearEnd | None:
    last = monthrange(2020, month)[1]
    if len(days) > 1 or any(day > last or day == 1 for day in days):  # “to 1 July” may leave that day out
        return None
    is_last = not days or days[0] in (last, monthrange(2021, month)[1])
    return YearEnd(month, 0 if is_last else days[0])


def find_last_month(text: str, vocabulary: Vocabulary) -> YearEnd | None:
    """Return the last month of a label for twelve months: “July 2020 to June 2021”."""
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


QUARTER, NOUN, ORDINAL = "QUARTER", "YEARPART", "ORDINAL"
NUMBERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4, "і": 1, "іі": 2, "ііі": 3, "іv": 4}
PARTS = {"M": 12, "Q": 4, "S": 2}
"""How many months, quarters and half-years a year has."""
LONGEST_ENDING, MAX_WORDS_OF_PART = 4, 5
GLUED_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def find_part_of_year(text: str, vocabulary: Vocabulary) -> str:
    """Return the quarter (``Q1``) or half-year (``S1``) in a text without a year, or empty.

    >>> words = Vocabulary({"YEARPART": {"trim": ("Q",), "polrok": ("S",)}, "QUARTER": {"q1": ("Q1",)}}, {})
    >>> [find_part_of_year(text, words) for text in ("Trim. IV", "2. polrok", "1-é trim.", "Q1", "3. polrok", "I")]
    ['Q4', 'S2', 'Q1', 'Q1', '', '']
    """
    name = plain(convert_numerals(text))
    codes = vocabulary.codes(QUARTER, name)
    if codes:
        return codes[0] if len(codes) == 1 else ""
    words = GLUED_DIGIT.sub(" ", name).split()
    if not 1 < len(words) <= MAX_WORDS_OF_PART:
        return ""
    parts = {part for at in range(1, len(words)) for part in list_half_codes(words[:at], words[at:], vocabulary)}
    return parts.pop() if len(parts) == 1 else ""


def find_span_of_parts(first: str, last: str, vocabulary: Vocabulary) -> list[int]:
    """Return the first and last month of a span of quarters or half-years, such as “1st to 3rd quarter”.

    >>> words = Vocabulary({"YEARPART": {"trim": ("Q",)}}, {})
    >>> find_span_of_parts("I", "III trim.", words), find_span_of_parts("Trim. I", "III", words)
    ([1, 9], [1, 9])
    """
    parts = [find_part_of_year(text, vocabulary) for text in (first, last)]
    kinds = {part[0] for part in parts if part}
    numbers = [
        int(part[1:]) if part else parse_ordinal(GLUED_DIGIT.sub(" ", plain(text)).split(), vocabulary)
        for part, text in zip(parts, (first, last), strict=True)
    ]
    if len(kinds) != 1 or not 0 < numbers[0] < numbers[1]:
        return []
    size = 12 // PARTS[kinds.pop()]
    return [(numbers[0] - 1) * size + 1, numbers[1] * size]


def list_half_codes(first: list[str], second: list[str], vocabulary: Vocabulary) -> list[str]:
    return [
        find_part_code(kind, number)
        for numbered, noun in ((first, second), (second, first))
        if (number := parse_ordinal(numbered, vocabulary))
        for kind in vocabulary.codes(NOUN, " ".join(noun))
        if number <= PARTS[kind]
    ]


def parse_ordinal(words: list[str], vocabulary: Vocabulary) -> int:
    written = vocabulary.codes(ORDINAL, " ".join(words))
    if len(written) == 1:
        return int(written[0])
    has_ending = len(words) > 1 and words[-1].isalpha() and len(words[-1]) <= LONGEST_ENDING
    bare = words[:-1] if has_ending and words[-1] not in NUMBERS else words
    return NUMBERS.get(bare[0], 0) if len(bare) == 1 else 0


def is_numbered_part(text: str, vocabulary: Vocabulary) -> bool:
    words = GLUED_DIGIT.sub(" ", plain(convert_numerals(text))).split()
    has_noun = any(vocabulary.codes(NOUN, word) for word in words)
    return bool(find_part_of_year(text, vocabulary)) or (
        has_noun and any(word.isdecimal() or word in NUMBERS for word in words)
    )


def find_part_code(kind: str, number: int) -> str:
    """Return the code of a part of a year.

    >>> find_part_code("M", 1), find_part_code("Q", 1), find_part_code("S", 1)
    ('01', 'Q1', 'S1')
    """
    return f"{number:02}" if kind == "M" else f"{kind}{number}"


def find_period_of_months(year: str, first: int, length: int) -> str:
    """Return the period of some months of a year, by its own code if it has one.

    >>> [find_period_of_months("2023", first, length) for first, length in ((1, 12), (4, 3), (5, 1), (1, 9), (7, 12))]
    ['2023', '2023-Q2', '2023-05', '2023-01-01/P9M', '2023-07-01/P1Y']
    """
    begin = date(int(year), first, 1)
    for freq, count in {"A": 1, **PARTS}.items():
        if length * count == DECEMBER and (first - 1) % length == 0:
            return str(find_period(begin, freq))
    return f"{begin}/P1Y" if length == DECEMBER else f"{begin}/P{length}M"


def combine_parts(year: str, parts: Iterable[str]) -> str:
    """Return the period formed by parts of a year; empty if they do not form one.

    >>> (combine_parts("2023", ["Q1", "Q2", "Q3", "Q4"]),
    ...  combine_parts("2023", ["01", "02", "03"]), combine_parts("2023", ["02", "03"]))
    ('2023', '2023-Q1', '')
    """
    periods = sorted({period for part in parts if (period := parse(f"{year}-{part}"))})
    if len(periods) < BOTH_ENDS or any(after != shift(before, 1) for before, after in pairwise(periods)):
        return ""
    length = len(periods) * 12 // PER_YEAR[periods[0].freq]
    whole = find_period_of_months(year, periods[0].first_day.month, length)
    return whole if parse(whole) else ""
