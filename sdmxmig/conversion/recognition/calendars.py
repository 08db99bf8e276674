"""Years in any script and in other calendars that convert by arithmetic.

Years of the Republic of China, Japanese eras and the Buddhist calendar begin in January; they are converted if the
calendar is named, the common year agrees, or no other calendar has such a year. Other calendars begin on other days
and are not converted.
"""

from __future__ import annotations

import re
import unicodedata

from sdmxmig.conversion.recognition.words import Vocabulary

ERA, OTHER = "ERA", "CALENDAR"
COMMON = r"(?:1[6-9]|2[01])\d\d"
BUDDHIST_ERA = re.compile(r"(?:(?:ปี|ปีที่)\s?)?(?:พ\.?\s?ศ\.?|B\.\s?E\.)\s*(?P<year>2[45]\d\d)")
BESIDE = rf"\s*[-/(（]?\s*(?:ค\.?\s?ศ\.?\s*|西[元暦]\s*)?(?P<common>{COMMON})(?P<sign>[年년])?\s*[)）]?(?!\d)"
OWN_FIRST = re.compile(rf"(?<!\d)(?P<local>2[45]\d\d(?!\d)|\d{{2,3}}年){BESIDE}")
OURS_FIRST = re.compile(
    rf"(?<!\d)(?P<common>{COMMON})(?P<sign>[年년])?\s*[/(（]\s*(?P<local>2[45]\d\d|\d{{2,3}}年)\s*[)）]?(?!\d)"
)
"""Years of the Buddhist calendar and of the Republic of China beside ours."""
TWICE = re.compile(rf"(?<!\d)(?P<common>{COMMON})(?P<sign>[年년])?\s*[/(（]\s*(?P=common)[年년]?\s*[)）]?(?!\d)")
OF_CHINA = re.compile(r"(?<!\d)1\d\d(?=年(?![度學学以間间]))")
"""A year of three digits, which is of the Republic of China unless “以上” follows (“110 years and over”)."""
YEARS_MORE = re.compile(r"\d{1,3}(?=年)")
BUDDHA, CHINA = 543, 1911
"""Differences in years between these calendars and the common one."""
IN_JANUARY = 1941
"""The Buddhist year has begun in January since 1941."""
FIRST_YEAR = "元"
ETHIOPIC = re.compile(r"[\u1200-\u139f]")
DEVANAGARI = re.compile(r"[\u0966-\u096f]{4}")
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
ROMAN_DATE = re.compile(
    rf"(?<!\d)(?P<day>3[01]|[12]\d|0?[1-9])(?:\.\s?|\s|-|/)(?P<month>{'|'.join(reversed(ROMAN_MONTHS))})"
    r"(?:\.\s?|\s|-|/)(?=(?:19|20)\d\d(?!\d))"
)
CONTRARY = "\0"
"""Two years that contradict each other."""
LATEST = 2026
"""A later year in Devanagari digits may be Nepalese or a projection."""


def convert_numerals(text: str) -> str:
    """Convert digits of any script to 0–9, and the month of a date from Roman numerals.

    >>> (convert_numerals("២០២១"), convert_numerals("٢٠٢١"), convert_numerals("2021²"),
    ...  convert_numerals("31 XII 2021 r."), convert_numerals("1. I. 2024"))
    ('2021', '2021', '2021²', '31.12.2021 r.', '1.1.2024')
    """
    text = ROMAN_DATE.sub(lambda date: f"{date['day']}.{ROMAN_MONTHS.index(date['month']) + 1}.", text)
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
    if is_of_nepal(text):
        return ""
    text = BUDDHIST_ERA.sub(_convert_buddhist_year, convert_numerals(text))
    text = _convert_era_years(text, vocabulary)
    text = OURS_FIRST.sub(_reconcile_years, OWN_FIRST.sub(_reconcile_years, text))
    text = OF_CHINA.sub(lambda match: str(int(match[0]) + CHINA), text)
    text = TWICE.sub(lambda match: match["common"] + (match["sign"] or ""), text)
    return "" if CONTRARY in text else text


def _reconcile_years(match: re.Match[str]) -> str:
    local_year, of_china = match["local"].removesuffix("年"), match["local"].endswith("年")
    year = int(local_year) + CHINA if of_china else int(local_year) - BUDDHA
    return match["common"] + (match["sign"] or "") if year == int(match["common"]) else CONTRARY


def _convert_buddhist_year(match: re.Match[str]) -> str:
    year = int(match["year"]) - BUDDHA
    return str(year) if year >= IN_JANUARY else match[0]


def _convert_era_years(text: str, vocabulary: Vocabulary) -> str:
    """Convert years of eras, such as “令和5年” or “民國110年至112年”."""
    eras = vocabulary.words.get(ERA, {})
    listed = "|".join(sorted(map(re.escape, eras), key=lambda word: (-len(word), word)))
    if not listed or not re.search(listed, text):
        return text

    def common(match: re.Match[str]) -> str:
        before = int(eras[match["era"]][0])
        more = YEARS_MORE.sub(lambda further: str(before + int(further[0])), match["more"])
        return f"{before + _count(match['local'])}{match['sign']}{more}"

    local_year = rf"\s?(?P<local>\d{{1,3}}|{FIRST_YEAR})(?!\d|年[度學学])(?P<sign>年?)"
    return re.sub(rf"(?P<era>{listed}){local_year}(?P<more>(?:\s*[-–~～至到及和與与、]\s*\d{{1,3}}年)*)", common, text)


def _count(year: str) -> int:
    return 1 if year == FIRST_YEAR else int(year)


def is_of_nepal(text: str) -> bool:
    """Whether a year in Devanagari digits may be Nepalese.

    >>> is_of_nepal("२०७९"), is_of_nepal("२०२३"), is_of_nepal("2079")
    (True, False, False)
    """
    return any(int(convert_numerals(year)) > LATEST for year in DEVANAGARI.findall(text))


def has_other_calendar(text: str, vocabulary: Vocabulary) -> bool:
    return bool(ETHIOPIC.search(text) or vocabulary.inside(OTHER, text))


def other_calendars(title: str, vocabulary: Vocabulary) -> list[str]:
    """Find years of other calendars in a title, or the calendar's name.

    Impossible years and years next to a common year are excluded.

    >>> words = Vocabulary({"CALENDAR": {"e c": ("BEHIND",), "hijri": ("BEHIND",)}}, {})
    >>> [other_calendars(text, words) for text in ("Births, 2014 E.C.", "Births (E.C.)", "Births, 1443 Hijri")]
    [['2014 E.C'], ['E.C'], []]
    >>> other_calendars("Births, 2014 E.C. (2021/22)", words)
    []
    """
    listed = "|".join(re.escape(word).replace(r"\ ", r"[\s.]+") for word in vocabulary.words.get(OTHER, {}))
    pattern = rf"(?:(?<!\d)(?P<year>\d{{3,4}})\s*[(\s]?\s*)?(?<![^\W_])(?:{listed})(?![^\W_])"
    matches = list(re.finditer(pattern, title, re.IGNORECASE)) if listed else []
    remainder = re.sub(pattern, " ", title, flags=re.IGNORECASE)
    if re.search(rf"(?<!\d){COMMON}(?!\d)", remainder):
        return []
    return [match[0] for match in matches if not match["year"] or re.fullmatch(COMMON, match["year"])]
