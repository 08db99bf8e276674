"""Periods in labels: years, quarters, months, dates, spans of years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.recognition.calendars import (
    NUMBERS,
    ROMAN_NUMBERS,
    convert_years,
    find_calendars,
    find_last_month,
    find_part_of_year,
    find_period_of_months,
    find_span_of_parts,
    read_year_end,
)
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS, Candidate, list_shorter_labels, plain, strip_marks
from sdmxmig.conversion.recognition.statuses import YEAR_SIGNS, strip_statuses
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, Vocabulary, space_out_signs
from sdmxmig.primitives.periods import parse

YEAR = r"(?P<y>(?:1[6-9]|20|21)\d\d)"
TO = "to|bis|à|a|al|по|إلى|至"
TIME_SHAPES: tuple[tuple[str, str, float, str], ...] = (
    (YEAR, "A", 0.95, "yyyy"),
    (rf"{YEAR}[- ]?[QqKkТт](?P<q>[1-4])", "Q", 0.95, "yyyy'Q'Q"),
    (rf"[QqKkТт](?P<q>[1-4])[- /.]?{YEAR}", "Q", 0.95, ""),
    (rf"{YEAR}[- ]?[Hh](?P<s>[12])", "S", 0.95, ""),
    (rf"[Hh](?P<s>[12])[- /.]?{YEAR}", "S", 0.95, ""),
    (rf"{YEAR}[- ]?[Mm](?P<m>0[1-9]|1[0-2])", "M", 0.95, "yyyy'M'MM"),
    (rf"{YEAR}-(?P<m>0[1-9]|1[0-2])", "M", 0.9, ""),
    (rf"{YEAR}-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ]00:00(?::00)?)?", "D", 0.95, "yyyy-MM-dd"),
    (rf"{YEAR}/(?P<m>0[1-9]|1[0-2])/(?P<d>\d\d)", "D", 0.95, "yyyy/MM/dd"),
    (rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.{YEAR}", "D", 0.95, "d.M.yyyy"),
    (rf"[^\W\d_]*{YEAR}\s+(?P=y)", "A", 0.9, "take"),
    (rf"(?:F\.?\s?Y\.?\s*)?{YEAR}\s*[-–/]\s*(?P<z>\d{{2}}|\d{{4}})", "SPAN", 0.8, ""),
    (rf"[^()]*\d{{4}}[^()]*\(\s*{YEAR}\s*[-–/]\s*(?P<z>\d{{2}}|\d{{4}})\s*\)", "SPAN", 0.8, ""),
    (rf"{YEAR}\s*(?:{TO})\s*(?P<z>\d{{4}})", "SPAN", 0.8, ""),
    (rf"[^\W\d_]+\W{{0,3}}\s*{YEAR}", "WORD", 0.85, "take"),
    (rf"{YEAR}\s*[^\W\d_]+\W?", "WORD", 0.85, "take"),
    (rf"{YEAR}(?:\s+[^\W\d_]+)+", "A", 0.6, "take"),
)
WRITTEN = {"A": "{y}", "S": "{y}-S{s}", "Q": "{y}-Q{q}", "M": "{y}-{m}", "D": "{y}-{m:0>2}-{d:0>2}"}
"""How SDMX writes the parts of these shapes."""
CAPITAL_LETTER = re.compile(r"(?<![^\W_])[A-ZА-ЯԱ-Ֆ](?![^\W_])|(?<=\d)[A-ZА-ЯԱ-Ֆ](?![^\W_])")
YEAR_WORD = "YEAR"
"""The concept of words for a year, and of their abbreviations: “год”, “г.”, “năm”."""
FILLERS = frozenset({"r", "roku", "y", "г"})
"""Short words beside a year without a meaning."""
SIDE_CONCEPTS = ("ROLE", "DIRECTION", "OBS_STATUS")
DAY = re.compile(r"(?<!\d)(?P<d>[12]?\d|3[01])(?:st|nd|rd|th|er|º|ª|\.)?(?!\w)")
"""A day of a month in dates with the name of the month."""
SHORT_MONTH = re.compile(r"(?P<name>[^\W\d_]+)\.?\s*[-–/'’]\s*(?P<ending>\d\d)")
SHORT_YEAR = re.compile(r"^(?P<end>\W*Y\.?\s?/?\s?E\.?\s+[^\W\d_]+\.?\s+)['’]?(?P<year>[0-2]\d)(?!\d)", re.IGNORECASE)
"""A two-digit year after its last month: “YE Jun 21”."""
CENTURY = "20"
MARK_BEHIND_NUMBER = re.compile(r"(?<=\d)(?:\s*/?\s*[a-z]|\.?\s?\d\)|(?:\.\s?|\s|(?<=\d{4}))\d\d\))$")
"""The mark of a note behind a period: “2023.1)”, “20231)”, “2021Q3 p”, “2021/a”."""
PERIOD_MARK = re.compile(
    rf"\s*(?P<mark>[(\[]\s*[^\W\d_]\.?\s*[)\]]|[{NOTE_SIGNS}]+\)?|/[a-z]|(?<!\w)[a-z]\)|(?<=\d)[a-z])\s*$"
)
SPAN_ENDS, MONTHS_OF_YEAR = 2, 12
CARDINAL, NUMBER_AND_UNIT, YEAR_BESIDE = "CARDINAL", (4, 3, 2), 3
"""The concept of numbers in words; how many words a number of months has, and how near its year is."""
FIRST_OF_SEVERAL = frozenset("前首头頭")
"""Signs that distinguish the first three quarters from the third, “前三季度” from “三季度”."""
HAN_MONTHS = re.compile(r"(?<!\d)(1[0-2]|[1-9])\s*[月월]?\s*[-–—~至到]\s*(1[0-2]|[1-9])\s*[月월]")
DASH = re.compile(r"\s*[-–—~]\s*")
ROMAN_SPAN = r"(?<!\w)(I)\s*[-–—]\s*(VI{0,3}|I[IVX]|III|XI{0,2})(?!\w)"
ROMAN_MONTHS = re.compile(rf"{ROMAN_SPAN}\W*(?:19|20)\d\d(?!\d)|(?<!\d)(?:19|20)\d\d\W*{ROMAN_SPAN}(?!\W*[^\W\d])")
"""Months in Roman numbers beside their year: “I–IX 2021”, but not the quarters of “2021, I–III quarter”."""
ORDINAL_MONTHS = re.compile(rf"(?:{ROMAN_SPAN}|(?<!\d)(1[0-2]|[1-9])\.?\s*[-–—~]\s*(1[0-2]|[1-9])\.)\W*([^\W\d_]+)")
MAX_SIGNS = 2
"""Length of names of quarters that may mean something else: “T1”, “1T”."""
QUARTER_OR_HALF = ("q", "h")
"""Letters before a number that always mean a quarter or a half-year."""
YEAR_PATTERN = r"(\d{4})(?!.*\d)"


@dataclass(frozen=True, slots=True)
class Moment:
    period: str
    freq: str
    _: KW_ONLY
    confidence: float
    pattern: str = ""

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.period, self.confidence, reason="a period")


def moment(text: str, vocabulary: Vocabulary) -> Moment | None:
    """Recognise the period of a label, ignoring status words; a span such as 2014/15 needs a question."""
    text = SHORT_YEAR.sub(r"\g<end>20\g<year>", strip_statuses(convert_years(text, vocabulary), vocabulary))
    if not text.strip() or find_calendars(text, vocabulary):
        return None
    as_written, *without_marks = list_shorter_labels(text)
    shorter = without_marks if not as_written[-1:].isdecimal() else []
    behind_number = MARK_BEHIND_NUMBER.sub("", as_written)
    readings = (read_moment(written, vocabulary) for written in (*(shorter or [as_written]), behind_number))
    return next(filter(None, readings), None)


def read_moment(written: str, vocabulary: Vocabulary) -> Moment | None:
    in_words = (
        find_ending_year(written, vocabulary)
        or recognise_named_month(written, vocabulary)
        or recognise_named_part(written, vocabulary)
        or recognise_named_year(written, vocabulary)
    )
    if in_words is not None:
        return in_words
    for pattern, freq, confidence, how in TIME_SHAPES:
        match = re.fullmatch(pattern, written)
        if match:
            made = build_moment(match, freq, confidence=confidence, how=how, vocabulary=vocabulary)
            if made:
                return made
    return None


def find_ending_year(text: str, vocabulary: Vocabulary) -> Moment | None:
    """Recognise a year by its last month: “year ending June 2021”, “July 2020 – June 2021”."""
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    if not years:
        return None
    end = (read_year_end(text, vocabulary) if len(set(years)) == 1 else None) or find_last_month(text, vocabulary)
    return Moment(end.of(years[-1]), "A", confidence=0.95) if end else None


def recognise_named_year(text: str, vocabulary: Vocabulary) -> Moment | None:
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    if len(set(years)) != 1:
        return None
    words = plain(re.sub(rf"(?<!\d){years[0]}(?!\d)", " ", text)).split()
    if not words and len(years) == 1 and not re.fullmatch(r"\d{4}\s?\.", text):
        return None
    if not all(vocabulary.codes(YEAR_WORD, word) for word in words) or CAPITAL_LETTER.search(text):
        return None
    return Moment(years[0], "A", confidence=0.95, pattern="take") if parse(years[0]) else None


def build_moment(match: re.Match[str], freq: str, confidence: float, how: str, vocabulary: Vocabulary) -> Moment | None:
    if freq == "SPAN":
        return build_span(match["y"], match["z"], confidence)
    if freq == "WORD":
        words = plain(re.sub(r"\d+", " ", match[0])).split()
        if not all(
            any(vocabulary.codes(concept, word) for concept in SIDE_CONCEPTS) or word in FILLERS for word in words
        ):
            return None
        freq = "A"
    period = WRITTEN[freq].format_map(match.groupdict())
    return Moment(period, freq, confidence=confidence, pattern=how) if parse(period) else None


def build_span(year: str, end: str, confidence: float) -> Moment | None:
    last = int(end) if len(end) == 4 else int(year[:2] + end)
    first = int(year)
    if (last - first + 1) % 100 == 0 and len(end) in (2, 4):  # “2022/2021”, as scripts from right to left write it
        first, last = first - 1, first
    last += 100 if last < first and len(end) == 2 else 0
    return Moment(f"{first}-01-01/P{last - first + 1}Y", "A", confidence=confidence) if last > first else None


def recognise_named_month(text: str, vocabulary: Vocabulary) -> Moment | None:
    year = re.search(rf"(?<!\d){YEAR}(?!\d)", text)
    if not year:
        return None
    without_year = text.replace(year["y"], " ", 1)
    day = DAY.search(without_year)
    words = plain(DAY.sub(" ", without_year, count=1)).split()
    if any(ends_span(word, vocabulary) for word in words):
        return None
    for name in (" ".join(words), " ".join(word for word in words if not is_filler(word, vocabulary))):
        codes = vocabulary.codes("MONTH", name)
        if len(codes) == 1 and not day:
            return Moment(f"{year['y']}-{codes[0]}", "M", confidence=0.93, pattern="")
        if len(codes) == 1 and day and parse(period := f"{year['y']}-{codes[0]}-{int(day['d']):02}"):
            return Moment(period, "D", confidence=0.93, pattern="")
    return None


def parse_month_span(text: str, vocabulary: Vocabulary) -> str:
    """Return the period of a label with a year and its first and last month, or its last behind “to”; else empty.

    A half-year or quarter has its own code: “2023 (January–June)” is ``2023-S1``, “2023 to September” and
    “9 months 2023” ``2023-01-01/P9M``.
    """
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", convert_years(text, vocabulary))
    months = find_months_of_parts(text, vocabulary) or list_named_months(text, vocabulary)
    if len(months) == 1 and any(ends_span(word, vocabulary) for word in plain(text).split()):
        months = [1, *months]
    if not months and (count := count_months(text, vocabulary)) > 1:
        months = [1, count]
    if len(set(years)) != 1 or len(months) != SPAN_ENDS or months[0] >= months[1]:
        return ""
    return find_period_of_months(years[0], months[0], months[1] - months[0] + 1)


def find_months_of_parts(text: str, vocabulary: Vocabulary) -> list[int]:
    """Return the first and last month of “I–III kwartał 2023” and “2023, 1. až 3. čtvrtletí”."""
    without_year = re.sub(rf",?\s*(?<!\d){YEAR}(?!\d)\s*,?", " ", text).strip(" ()")
    first, _, last = DASH.sub(" – ", without_year).partition(" – ")
    ends = [(first, last)]
    words = without_year.split()
    ends += [
        (" ".join(words[:at]), " ".join(words[at + 1 :]))
        for at, word in enumerate(words)
        if re.fullmatch(TO, plain(word)) or ends_span(plain(word), vocabulary)
    ]
    spans = (find_span_of_parts(first, last, vocabulary) for first, last in ends if first and last)
    return next(filter(None, spans), [])


def find_numbered_months(text: str, vocabulary: Vocabulary) -> list[int]:
    """Return the first and last month in numbers: “1-9月”, “I–IX 2021”, “1.–9. Monat”."""
    ordinal = ORDINAL_MONTHS.search(text)
    is_of_months = ordinal and is_word_for_months(plain(ordinal.groups()[-1]), vocabulary)
    numbered = ROMAN_MONTHS.search(text) or HAN_MONTHS.search(text)
    months = ordinal.groups()[:-1] if ordinal and is_of_months else numbered.groups() if numbered else ()
    return [int(month) if month.isdecimal() else ROMAN_NUMBERS.index(month) + 1 for month in months if month]


def list_named_months(text: str, vocabulary: Vocabulary) -> list[int]:
    if numbered := find_numbered_months(text, vocabulary):
        return numbered
    return [int(codes[0]) for word in plain(text).split() if len(codes := vocabulary.codes("MONTH", word)) == 1]


def count_months(text: str, vocabulary: Vocabulary) -> int:
    """Return the number of months in a text: 9 for “9 months 2023” and “前三季度”; 0 for none, twelve, or a stay."""
    words = space_out_signs(plain(re.sub(r"(?<=\d)(?=\D)|(?<=\D)(?=\d)", " ", text))).split()
    for at, word in enumerate(words):
        if words[max(at - 1, 0)].isdecimal() and not re.fullmatch(YEAR, words[at - 1]):
            continue  # ages and other spans: “0-11 months”
        size = next((size for size in NUMBER_AND_UNIT if find_months_in_words(words[at : at + size], vocabulary)), 0)
        near = words[max(at - YEAR_BESIDE, 0) : at + size + YEAR_BESIDE]
        if size and any(re.fullmatch(YEAR, word) for word in near) and not is_bounded(near, vocabulary):
            months = find_months_in_words(words[at : at + size], vocabulary)
            is_third = months % 3 == 0 and WITHOUT_BLANKS.match(word) and words[max(at - 1, 0)] not in FIRST_OF_SEVERAL
            return 0 if is_third and not word.isdecimal() else months
    return 0


def find_months_in_words(words: Sequence[str], vocabulary: Vocabulary) -> int:
    """Return the number of months in words such as “nine months”, “six premiers mois” or “three quarters”."""
    number = vocabulary.codes(CARDINAL, words[0]) if words else ()
    count = int(number[0]) if number else int(words[0]) if words and words[0].isdecimal() and len(words[0]) < 3 else 0
    firsts = (1, 2) if not any(word.isdecimal() for word in words[1:]) else (1,)
    rests = [sign.join(words[at:]) for at in firsts for sign in ("", " ")]
    of_quarters = bool(number) and any("Q" in vocabulary.codes("YEARPART", rest) for rest in rests)
    months = count * 3 if of_quarters else count if any(is_word_for_months(rest, vocabulary) for rest in rests) else 0
    return months if 0 < months < MONTHS_OF_YEAR else 0


def is_bounded(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    text = " ".join(words)
    return any(candidate.code in ("OVER", "UNDER") for candidate in vocabulary.inside("AGEPART", text))


def is_word_for_months(word: str, vocabulary: Vocabulary) -> bool:
    is_month = len(word) > 1 and "MONTH" in vocabulary.codes("ROLE", word)  # “9月” is September
    return is_month or "MONTHS" in vocabulary.codes("AGEPART", word)


def ends_span(word: str, vocabulary: Vocabulary) -> bool:
    return len(word) > 1 and "TO" in vocabulary.codes("AGEPART", word)


def recognise_named_part(text: str, vocabulary: Vocabulary) -> Moment | None:
    """Recognise a quarter or half-year with a year: “2019 (first quarter)”, “2019年上半年”.

    Short codes such as “T1” may be table numbers; “Q1” and “H1”, and “2023T1” without a blank, are not.
    """
    years = re.findall(rf"(?<!\d){YEAR}(?!\d)", text)
    if len(years) != 1:
        return None
    words = plain(text.replace(years[0], " ", 1)).split()
    words[:1] = [strip_year_sign(word) for word in words[:1]]
    for name in (" ".join(words), " ".join(word for word in words if not is_filler(word, vocabulary))):
        part = find_part_of_year(name, vocabulary)
        if part and (len(name) > MAX_SIGNS or name[0] in QUARTER_OR_HALF or text.strip().isalnum()):
            return Moment(f"{years[0]}-{part}", part[0], confidence=0.93, pattern="")
    return None


def strip_year_sign(word: str) -> str:
    """Remove an attached sign for “year” before a word.

    >>> strip_year_sign("年上半年")
    '上半年'
    """
    sign = next((year_sign for year_sign in YEAR_SIGNS if word.startswith(year_sign) and word != year_sign), "")
    return word.removeprefix(sign)


def recognise_short_month(text: str, vocabulary: Vocabulary) -> str:
    """Convert “jul/23” or “Jan-07” to ``2023-07``, or empty. It may also be a day; only neighbouring labels decide."""
    match = SHORT_MONTH.fullmatch(" ".join(text.split()))
    codes = vocabulary.codes("MONTH", plain(match["name"])) if match else ()
    return f"{CENTURY}{match['ending']}-{codes[0]}" if match and len(codes) == 1 else ""


def is_filler(word: str, vocabulary: Vocabulary) -> bool:
    if word in NUMBERS:
        return False
    says_nothing = word in FILLERS or any(vocabulary.codes(concept, word) for concept in ("WORDING", YEAR_WORD))
    return says_nothing or "FROM" in vocabulary.codes("AGEPART", word)


def strip_mark(text: str) -> str:
    """Remove the mark behind a period: a letter in brackets, behind a stroke or a number, or asterisks.

    >>> strip_mark("2023 Q4 [p]"), strip_mark("2023 Total*"), strip_mark("Q4p"), strip_mark("Nov/p"), strip_mark("Q4")
    ('2023 Q4', '2023 Total', 'Q4', 'Nov', 'Q4')
    """
    return PERIOD_MARK.sub("", text).strip()


def recognise_month(text: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    codes = vocabulary.codes("MONTH", plain(strip_marks(text)))
    return tuple(Candidate(code, 0.95 / len(codes), reason="name of a month") for code in codes)
