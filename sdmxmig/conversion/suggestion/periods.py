"""Periods of labels: years, their parts, and numbered parts such as “1. Quartal”."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from itertools import pairwise

from sdmxmig.conversion.mapping.meanings import parse_period
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import (
    LATEST_YEAR,
    PARTS,
    convert_numerals,
    convert_years,
    find_calendars,
    find_part_code,
    find_part_of_year,
)
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS, plain
from sdmxmig.conversion.recognition.statuses import YEAR_SIGNS, strip_statuses
from sdmxmig.conversion.recognition.times import (
    CENTURY,
    YEAR_PATTERN,
    Moment,
    find_ending_year,
    list_named_months,
    moment,
    parse_month_span,
    recognise_short_month,
    strip_mark,
)
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.model.data import PeriodFormat

YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
YEAR_AND_MARK = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<mark>\d{0,2})")
MARK = re.compile(
    rf"(?:{'|'.join(YEAR_SIGNS)})?\s*(?:\(?[^\W\d_]{{1,2}}\)?\.?|[{NOTE_SIGNS}]+\)?|[¹²³⁴-⁹]+|\.?\(?\d{{1,2}}\)|\s(?:\d{{1,2}}|[^\W\d_])/)\s*"
)
LENGTH = 4
OF_A_YEAR, DECEMBER = ("A", "FY"), "12"
"""The codes of words for years that may begin on any day: “year ending”, “fiscal year”."""
BUDDHA, BUDDHIST = 543, range(2400, 2600)
"""The distance of the Buddhist calendar from ours, and its years."""
SOLAR, SOLAR_YEARS = "+621-03-21", range(1300, 1500)
"""The code of the Solar Hijri calendar, as `find_calendars` gives it, and its years."""
NEPALESE = "-57-07-16"
"""The code of the fiscal years of Nepal, which are written like ours."""
NUMBERED = re.compile(
    r"(?P<before>\D*)(?<!\d)(?P<year>\d{4})\.?(?:\s*[-–—/]\s*(?P<next>\d{2,4})(?!\d)\.?)?(?P<behind>\D*)"
)
"""A year of any calendar, perhaps with the next one: “FY 2021/22”, “2079/080”, “1443 هـ”."""
MAX_SOLAR_STEP = 10
"""Maximum distance of neighbouring years of the Solar Hijri calendar."""
IN_HEAD = "take"
MONTHS = ("MMM yyyy", "yyyy MMM", "MMM. yyyy")
"""Patterns of months with their names."""
SURE, ASKED = 0.95, 0.5
SLASHED_DATE = re.compile(r"(?P<first>\d{1,2})([/-])(?P<second>\d{1,2})\2(?P<year>\d{4})", re.ASCII)
"""A numeric date with the month first or second."""
MIN_MONTHS = 2
EPOCH, SERIAL = dt.date(1899, 12, 30), re.compile(r"[1-5]\d{4}", re.ASCII)
"""The day from which spreadsheet programs count, and how they store a day of the years from 1927 to 2064."""
SHORT_YEAR = re.compile(r"(?P<words>.*[^\W\d_]\W*)(?P<year>\d\d)")
FOUR, IN_BRACKETS = re.compile(r"(\d{4})"), re.compile(r"\(\s*(\d{4})")
FREQUENCY_BY_LENGTH = {"P1Y": "A", "P12M": "A", "P6M": "S", "P3M": "Q", "P1M": "M"}
"""Frequencies by length of period."""
SPAN = re.compile(r"(?P<first>\d{4})-01-01/P(?P<years>\d+)Y")


@dataclass(frozen=True, slots=True)
class PeriodLabels:
    """The periods of a line; `split` years need an answer, `numbered` labels may be months or quarters."""

    moments: Mapping[str, Moment]
    beside: str = ""
    _: KW_ONLY
    split: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()


TWO, THREE = 2, 3
YEAR_OF_OFFICE = "年度"
"""A year as offices count it: in Japan it begins in April, in China in January."""


@lru_cache(maxsize=256)  # a proposal asks about each line up to twenty times
def read_line_periods(texts: tuple[str, ...], vocabulary: Vocabulary) -> PeriodLabels:
    """Read the labels of a line as periods; 2019/20 is left open, since its first day is unknown."""
    spans = {text: find_span(text, vocabulary) for text in texts}
    if texts and all(spans.values()):
        return PeriodLabels({text: Moment(span, find_frequency(span), confidence=SURE) for text, span in spans.items()})
    if have_unknown_starts(write_out_years(texts), vocabulary):
        return PeriodLabels({}, "", split=tuple(texts))
    alone = {text: moment_alone for text in texts if (moment_alone := moment(text, vocabulary))}
    numbered = recognise_numbered_parts(texts)
    if numbered and not (len(alone) == len(texts) and all(moment.freq == "M" for moment in alone.values())):
        return numbered
    alone |= {text: Moment(year, "A", confidence=SURE) for text, year in split_years_from_marks(texts).items()}
    alone = alone or read_short_months(texts, vocabulary) or read_short_years(texts, vocabulary)
    alone = alone or read_short_quarters(texts, vocabulary)
    alone = alone or next(iter(parse_slashed_days(texts)), {}) or read_serial_days(texts)
    days = (
        {moment.period[4:] for moment in alone.values()}
        if all(moment.freq == "D" for moment in alone.values())
        else set()
    )
    if len(alone) < len(texts) or len(days) == 1:
        common = (text if YEAR_OF_OFFICE in text else convert_years(text, vocabulary) for text in texts)
        bare = {text: strip_statuses(year, vocabulary) for text, year in zip(texts, common, strict=True)}
        years, beside = find_label_years(tuple(dict.fromkeys(bare.values())))
        if years:
            moments = {
                text: Moment(years[label], "A", confidence=SURE, pattern=IN_HEAD) for text, label in bare.items()
            }
            return PeriodLabels({text: verify_pattern(text, moment) for text, moment in moments.items()}, beside)
    split = find_split_years(alone)
    return PeriodLabels(
        {text: verify_pattern(text, moment) for text, moment in alone.items() if text not in split}, "", split=split
    )


def find_span(text: str, vocabulary: Vocabulary) -> str:
    """The period of a label that names or counts its months; the first month of “to June 2021” is uncertain."""
    is_certain = len(list_named_months(text, vocabulary)) != 1 and not find_ending_year(text, vocabulary)
    return parse_month_span(text, vocabulary) if is_certain else ""


def have_unknown_starts(texts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Check whether labels with the same words are years that may not begin on 1 January.

    This is the case if they name another calendar or a fiscal year, have numbers of another calendar, or begin in one
    Gregorian year and end in the next.
    """
    years = [year for text in texts if (year := NUMBERED.fullmatch(convert_numerals(text.strip())))]
    beside = {plain(f"{year['before']} {year['behind']}") for year in years}
    if not years or len(years) < len(texts) or len(beside) > 1:
        return False
    spans = [last - first for first, last in map(read_numbered_year, years)]
    if len({*spans}) == 1 and spans[0] == 1:
        return bool(beside - {""}) or not all(moment(text, vocabulary) for text in texts)
    is_named = any(find_calendars(text, vocabulary) for text in texts) or all(YEAR_OF_OFFICE in text for text in texts)
    is_named |= names_other_year(next(iter(beside)), vocabulary) and not any(
        find_ending_year(each, vocabulary) for each in texts
    )
    return {*spans} == {0} and (
        is_named or (are_of_another_calendar(texts) and not any(moment(each, vocabulary) for each in texts))
    )


def read_numbered_year(year: re.Match[str]) -> tuple[int, int]:
    """Return the first and last year of “2021/22”, “2022/2021” or “2079/080”; one year twice.

    >>> [read_numbered_year(NUMBERED.fullmatch(text)) for text in ("1999/00", "2022/2021", "2079/080", "2020")]
    [(1999, 2000), (2021, 2022), (2079, 2080), (2020, 2020)]
    """
    first = int(year["year"])
    if not year["next"]:
        return first, first
    size = 10 ** len(year["next"])
    last = first // size * size + int(year["next"])
    around = [last, last + size, last - size] if size < 10_000 else [last]
    nearest = min(around, key=lambda number: (abs(number - first), -number))
    return (nearest, first) if nearest == first - 1 else (first, max(last, nearest))


def are_of_another_calendar(texts: Sequence[str]) -> bool:
    """Check whether labels are years of the Buddhist calendar, or evenly spaced ones of the Solar Hijri calendar."""
    numbers = [NUMBERED.fullmatch(convert_numerals(text.strip())) for text in texts]
    years = [int(number["year"]) for number in numbers if number and not number["next"]]
    steps = {after - before for before, after in pairwise(years)}
    is_spaced = len(steps) == 1 and 0 < abs(min(steps)) <= MAX_SOLAR_STEP
    is_written = all("۰" <= text.strip()[-1:] <= "۹" for text in texts)
    is_solar = {*years} <= {*SOLAR_YEARS} and (is_spaced or is_written)
    return len(years) == len(texts) > 0 and (is_solar or {*years} <= {*BUDDHIST})


def names_other_year(beside: str, vocabulary: Vocabulary) -> bool:
    """Check whether words show non-calendar years: “fiscal year”, but not “year ended December”."""
    ends_then = {candidate.code for candidate in vocabulary.inside("MONTH", beside)}
    return ends_then != {DECEMBER} and any(
        candidate.code in OF_A_YEAR for candidate in vocabulary.inside("LENGTH", beside)
    )


def read_short_months(texts: Sequence[str], vocabulary: Vocabulary) -> dict[str, Moment]:
    periods = {text: recognise_short_month(text, vocabulary) for text in texts}
    if len(periods) < MIN_MONTHS or not all(periods.values()):
        return {}
    counted = [int(period[:4]) * 12 + int(period[5:]) for period in periods.values()]
    steps = {after - before for before, after in pairwise(counted)}
    equal = len(steps) == 1 and steps <= {1, 3, 6, -1, -3, -6}
    return {text: Moment(period, "M", confidence=SURE) for text, period in periods.items()} if equal else {}


def read_short_quarters(texts: Sequence[str], vocabulary: Vocabulary) -> dict[str, Moment]:
    """Read “T1 2023” to “T4 2023”: fewer may be numbers of tables, or thirds of a year."""
    moments = {}
    for text in texts:
        year = YEAR.search(text)
        part = find_part_of_year(YEAR.sub(" ", strip_mark(text)), vocabulary) if year else ""
        if year and part:
            moments[text] = Moment(f"{year[0]}-{part}", part[0], confidence=SURE)
    periods = {moment.period for moment in moments.values()}
    parts = {period.partition("-")[2] for period in periods}
    is_whole = len({part[0] for part in parts}) == 1 and len(parts) == PARTS.get(min(parts)[0])
    return moments if is_whole and len(periods) == len(texts) else {}


def read_short_years(texts: Sequence[str], vocabulary: Vocabulary) -> dict[str, Moment]:
    """Read “Year ending Jun 21”, “Year ending Jun 22”: years that end in a month, with two digits."""
    moments = {
        text: find_ending_year(written, vocabulary) for text, written in zip(texts, write_out_years(texts), strict=True)
    }
    return {text: found for text, found in moments.items() if found} if all(moments.values()) else {}


def write_out_years(texts: Sequence[str]) -> Sequence[str]:
    """Write two-digit years in steps of one with four digits.

    >>> write_out_years(["FY22", "FY23"]), write_out_years(["Q1 22", "Q2 22"])
    (['FY2022', 'FY2023'], ['Q1 22', 'Q2 22'])
    """
    matches = [match for text in texts if (match := SHORT_YEAR.fullmatch(text.strip()))]
    numbers = [int(match["year"]) for match in matches]
    if len(numbers) < max(len(texts), 2) or {after - before for before, after in pairwise(numbers)} - {1, -1}:
        return texts
    return [f"{match['words']}{CENTURY}{match['year']}" for match in matches]


def parse_slashed_days(texts: Sequence[str]) -> Sequence[dict[str, Moment]]:
    """Read days such as “31/03/2001” in each order of day and month that all of them allow; if none, each by itself.

    >>> [[day.period for day in days.values()] for days in parse_slashed_days(["31/03/2001", "01/04/2001"])]
    [['2001-03-31', '2001-04-01']]
    >>> [[day.period for day in days.values()] for days in parse_slashed_days(["01/02/2001", "01/03/2001"])]
    [['2001-02-01', '2001-03-01'], ['2001-01-02', '2001-01-03']]
    >>> ([[*days] for days in parse_slashed_days(["31/03/2001", "03/31/2001", "01/02/2001"])],
    ...  parse_slashed_days(["2001"]))
    ([['31/03/2001', '03/31/2001']], [])
    """
    matches = {text: match for text in texts if (match := SLASHED_DATE.fullmatch(text.strip()))}
    if not matches or len(matches) < len(texts):
        return []
    orders = []
    for day, month, pattern in (("first", "second", "dd/MM/yyyy"), ("second", "first", "MM/dd/yyyy")):
        dates = {t: f"{match['year']}-{int(match[month]):02}-{int(match[day]):02}" for t, match in matches.items()}
        written = pattern.replace("/", next(iter(matches.values()))[2])
        days = {t: Moment(date, "D", confidence=SURE, pattern=written) for t, date in dates.items() if parse(date)}
        orders.append(days)
    possible = [days for days in orders if len(days) == len(texts)]
    if possible:
        are_same = [day.period for day in possible[0].values()] == [day.period for day in possible[-1].values()]
        return possible[:1] if are_same else possible
    certain = {text: day for days in orders for text, day in days.items() if sum(text in days for days in orders) == 1}
    return [certain] if certain else []


def split_years_from_marks(texts: Sequence[str]) -> dict[str, str]:
    """Return the years of labels that end in the number of a note, once raised, among years that follow each other.

    >>> split_years_from_marks(["2020", "2021", "20221", "2023"]), split_years_from_marks(["2020", "20212", "2023"])
    ({'20221': '2022'}, {})
    """
    matches = [YEAR_AND_MARK.fullmatch(text.strip()) for text in texts]
    years = [int(match["year"]) for match in matches if match]
    steps = {after - before for before, after in pairwise(years)}
    if (
        len(years) < max(len(texts), THREE)
        or steps not in ({1}, {-1})
        or all(match and match["mark"] for match in matches)
    ):
        return {}
    return {text: match["year"] for text, match in zip(texts, matches, strict=True) if match and match["mark"]}


def read_serial_days(texts: Sequence[str]) -> dict[str, Moment]:
    """Read numbers as spreadsheet dates if all are first days or all are last days of months.

    >>> [day.period for day in read_serial_days(["44926", "45291"]).values()], read_serial_days(["44926", "45292"])
    (['2022-12-31', '2023-12-31'], {})
    """
    days = {text: EPOCH + dt.timedelta(int(text)) for text in texts if SERIAL.fullmatch(text)}
    behind = [day + dt.timedelta(1) for day in days.values()]
    are_edges = any(all(day.day == 1 for day in listed) for listed in (days.values(), behind))
    is_series = len(days) == len(texts) > 1 and behind == sorted(behind) and are_edges
    return {text: Moment(str(day), "D", confidence=SURE) for text, day in days.items()} if is_series else {}


def find_label_years(texts: Sequence[str]) -> tuple[Mapping[str, str], str]:
    """Find the year in each label and the words beside it; empty if they differ.

    >>> find_label_years(["Census 2011", "Census 2022"])
    ({'Census 2011': '2011', 'Census 2022': '2022'}, 'census')
    >>> find_label_years(["31.12.2020", "2021 (p)"]), find_label_years(["Kaunas 2020", "Vilnius 2021"])
    (({}, ''), ({}, ''))
    """
    year_by_text: dict[str, str] = {}
    beside: set[str] = set()
    for text in texts:
        years = YEAR.findall(text)
        if len(years) != 1:
            return {}, ""
        before, _, after = text.replace(str(int(years[0]) + BUDDHA), " ").partition(years[0])
        year_by_text[text] = years[0]
        beside.add(plain(f"{before} {'' if MARK.fullmatch(after) else after}"))
    if len(beside) != 1 or len(set(year_by_text.values())) < len(year_by_text):
        return {}, ""
    return year_by_text, beside.pop()


def verify_pattern(text: str, moment: Moment) -> Moment:
    if moment.pattern == IN_HEAD:
        taken = re.search(YEAR_PATTERN, text)
        return moment if taken and taken[1] == moment.period else replace(moment, pattern="")
    read = parse_period(text, PeriodFormat((moment.pattern,)), moment.freq) if moment.pattern else None
    if read != moment.period and moment.period.isdecimal():
        return verify_pattern(text, replace(moment, pattern=IN_HEAD))
    return moment if read == moment.period else replace(moment, pattern="")


def is_cumulative(texts: Sequence[str]) -> bool:
    """Check whether labels are growing parts of a year from its start, so that figures are cumulative.

    >>> is_cumulative(["Q1", "Q1-Q2", "Q1-Q3"]), is_cumulative(["Q1", "Q2", "Q3"]), is_cumulative(["0", "0-4", "5-9"])
    (True, False, False)
    """
    spans = [[part.strip() for part in re.split("[-–—/]", text)] for text in texts]
    later = [span for span in spans if len(span) > 1]
    return len(later) > 1 and len({span[0] for span in spans}) == 1 and len({span[-1] for span in later}) == len(later)


def list_dates(texts: Sequence[str], vocabulary: Vocabulary) -> Sequence[Mapping[str, str]]:
    """Return the dates of labels in each possible order of day and month."""
    moments = ((text, moment(text, vocabulary)) for text in texts if not find_span(text, vocabulary))
    alone = {text: moment for text, moment in moments if moment and moment.freq == "D"}
    orders = [alone] if alone else parse_slashed_days(texts) or [read_serial_days(texts)]
    return [{text: day.period for text, day in days.items()} for days in orders]


def build_year_expression(texts: Iterable[str]) -> str:
    r"""Build the expression that takes the year from labels with the same words, unlike “2024 (estimate)”.

    >>> tuple(map(build_year_expression, (["Año 2022", "Año 2023"], ["2022 г.", "2023"], ["2563 (2020)"])))
    ('^(?:Año )?(\\d{4})$', '^(\\d{4})(?: г\\.)?$', '^(?:\\d\\d\\d\\d \\()?(\\d{4})(?:\\))?$')
    """
    matches = [match for text in texts if (match := re.search(YEAR_PATTERN, text))]
    before, after = (
        [text for text in dict.fromkeys(parts) if text] for parts in zip(*map(_split_match, matches), strict=True)
    )
    return f"^{_build_alternatives(before)}(\\d{{4}}){_build_alternatives(after)}$"


def _split_match(match: re.Match[str]) -> tuple[str, str]:
    return match.string[: match.start()], match.string[match.end() :]


def _build_alternatives(texts: Sequence[str]) -> str:
    listed = "|".join(re.sub(r"\d", r"\\d", re.escape(text).replace("\\ ", " ")) for text in texts)
    return f"(?:{listed})?" if listed else ""


def find_month_format(periods: Mapping[str, str]) -> PeriodFormat | None:
    """Find one pattern for labels with month names; None if there are exceptions.

    >>> find_month_format({"Januar 2020": "2020-01", "Februar 2020": "2020-02"})
    PeriodFormat(patterns=('MMM yyyy',), months=(('Januar', '1'), ('Februar', '2')), span='range', year_start='')
    """
    names = {text: " ".join(YEAR.sub(" ", text).split()) for text in periods}
    month_numbers = {names[text]: str(int(period[5:7])) for text, period in periods.items()}
    for pattern in MONTHS:
        for months in ((), tuple(month_numbers.items())):
            period_format = PeriodFormat((pattern,), months)
            if all(parse_period(text, period_format, "M") == period for text, period in periods.items()):
                return period_format
    return None


def find_split_years(moments: Mapping[str, Moment]) -> tuple[str, ...]:
    """Return spans of years that share a year, so that their first days are unknown, and a single “2019/20”.

    >>> spans = {f"{year}/{year + 5}": Moment(f"{year}-01-01/P6Y", "A", confidence=SURE) for year in (2010, 2015)}
    >>> find_split_years(spans), find_split_years({"2019": Moment("2019", "A", confidence=SURE)})
    (('2010/2015', '2015/2020'), ())
    """
    spans = {text: match for text, moment in moments.items() if (match := SPAN.fullmatch(moment.period))}
    for years in {int(match["years"]) for match in spans.values()}:
        of_length = {text: int(match["first"]) for text, match in spans.items() if int(match["years"]) == years}
        first = sorted(of_length.values())
        is_alone = years == TWO and len(first) == 1
        if is_alone or any(after - before == years - 1 for before, after in pairwise(first)):
            return tuple(of_length)
    return ()


def apply_year_answer(texts: Sequence[str], decided: Mapping[str, str]) -> Mapping[str, str]:
    """Return the periods of years such as 2019/20, using the answer about one of them.

    >>> apply_year_answer(["2019-20", "2020-21"], {"2019-20": "2019-07-01/P1Y"})
    {'2019-20': '2019-07-01/P1Y', '2020-21': '2020-07-01/P1Y'}
    """
    pair = next(((text, answer) for text, answer in decided.items() if text in texts and answer), None)
    if pair is None or not pair[1][:4].isdecimal():
        return {}
    text, answer = pair
    later = int(answer[:4]) - int(find_first_year(text))
    return {text: decided.get(text) or f"{int(find_first_year(text)) + later:04}{answer[4:]}" for text in texts}


def select_years(texts: Sequence[str]) -> tuple[str, ...]:
    """Return labels that are years, marked or not; empty if others are periods, since one answer must fit all.

    >>> select_years(["2020", "2021*", "Total"]), select_years(["2020", "2021/22"]), select_years(["2020", "Q1 2021"])
    (('2020', '2021*'), (), ())
    """
    years = tuple(text for text in texts if YEAR.match(text) and (len(text) == LENGTH or MARK.fullmatch(text[LENGTH:])))
    signs = (sign for text in texts if text not in years for sign in text)
    return () if any(map(str.isdecimal, signs)) else years


def find_first_year(text: str) -> str:
    """Return the year in which 2019/20 begins; of two calendars, the one in brackets.

    >>> [find_first_year(label) for label in ("2019-20", "FY20", "2022/2021", "2013 E.C. (2020/21)")]
    ['2019', '2020', '2021', '2020']
    """
    written = convert_numerals(text.strip())
    if year := NUMBERED.fullmatch(written):
        return str(read_numbered_year(year)[0])
    years = [*IN_BRACKETS.findall(written), *FOUR.findall(written)]
    return str(years[0]) if years else f"{CENTURY}{written[-2:]}"


def list_possible_periods(text: str, vocabulary: Vocabulary, calendars: Sequence[str] = ()) -> tuple[str, ...]:
    """List possible periods of 2019/20 and similar labels; `calendars` are codes that other texts name.

    “FY 2019” usually ends in that year. A year of another calendar cannot be later than the current year. If a calendar
    has several first days, a label of two years uses the later one, that of fiscal years.

    >>> list_possible_periods("FY 2019", Vocabulary({}, {})), list_possible_periods("1401", Vocabulary({}, {}))
    (('2018-07-01/P1Y', '2019-04-01/P1Y', '2018-10-01/P1Y'), ('2022-03-21/P1Y',))
    """
    first, number = int(find_first_year(text)), NUMBERED.fullmatch(convert_numerals(text.strip()))
    years = read_numbered_year(number)[1] - first if number else len(re.findall(r"\d+", text)) - 1
    if first in BUDDHIST and not years:
        return (str(first - BUDDHA),)
    named = (*calendars, *find_calendars(text, vocabulary))
    named = named or ((SOLAR,) if first in SOLAR_YEARS else (NEPALESE,) if first > LATEST_YEAR and years else ())
    moved = [
        (first + int(code[:-6]), code[-5:]) for code in sorted({*named}, reverse=years > 0) if code[-1].isdecimal()
    ]
    if named:
        return tuple(f"{year}-{day}/P1Y" for year, day in moved if year <= LATEST_YEAR)
    if years > 1:
        return tuple(f"{day}/P{years}Y" for day in (f"{first}-07-01", f"{first}-01-01", f"{first + 1}-01-01"))
    before = first if years else first - 1
    return (f"{before}-07-01/P1Y", f"{first}-04-01/P1Y", f"{before}-10-01/P1Y")


def find_frequency(period: str) -> str:
    """Return the frequency of a period, also by its length; unknown if none fits.

    >>> find_frequency("2020-07-01/P1Y"), find_frequency("2023"), find_frequency("2023-01-01/P9M")
    ('A', 'A', '_U')
    """
    parsed = parse(period)
    return parsed.freq if parsed else FREQUENCY_BY_LENGTH.get(period.partition("/")[2], "_U")


def is_period(text: str) -> bool:
    start, _, length = text.partition("/")
    return parse(text) is not None or (parse(start) is not None and bool(re.fullmatch(r"P\d+[YM]", length)))


MONTHS_OF_YEAR = 12
DATE_SHAPES = (
    (re.compile(r"\d{1,2}(?P<sign>[/.-])(?:19|20)\d\d", re.ASCII), "M{sign}yyyy"),
    (re.compile(r"(?:19|20)\d\d(?P<sign>[/-])\d{1,2}", re.ASCII), "yyyy{sign}M"),
    (re.compile(r"(?:19|20)\d\d(?P<sign>\.)\d\d", re.ASCII), "yyyy{sign}MM"),
)
NUMBER_REASON = "is the number a month, or another part of the year? The other labels follow the same pattern"


def recognise_numbered_parts(texts: Sequence[str]) -> PeriodLabels | None:
    """Recognise labels of a number up to twelve beside a year, all written alike.

    >>> labels = recognise_numbered_parts([f"{number}/2018" for number in range(1, 13)])
    >>> labels.moments["2/2018"].period, labels.moments["2/2018"].pattern, labels.numbered
    ('2018-02', 'M/yyyy', ())
    >>> recognise_numbered_parts(["1/2018", "2/2018"]).numbered, recognise_numbered_parts(["1/2018", "13/2018"])
    (('1/2018', '2/2018'), None)
    """
    for shape, pattern in DATE_SHAPES:
        signs = [match["sign"] for text in texts if (match := shape.fullmatch(text.strip()))]
        if len(signs) < max(len(texts), 1) or len(set(signs)) > 1:
            continue
        parts = {text: parse_numbered_part(text) for text in texts}
        if may_be_spans(texts, parts.values()) or not all(1 <= month <= MONTHS_OF_YEAR for _, month in parts.values()):
            return None
        if not are_months(list(parts.values())):
            return PeriodLabels({}, numbered=tuple(texts))
        written = pattern.format(sign=signs[0])
        months = {text: Moment(f"{y}-{m:02}", "M", confidence=SURE, pattern=written) for text, (y, m) in parts.items()}
        return PeriodLabels({text: verify_pattern(text, month) for text, month in months.items()})
    return None


def may_be_spans(texts: Iterable[str], parts: Iterable[tuple[int, int]]) -> bool:
    return all(text.strip()[:4].isdecimal() and text.strip()[-2:].isdecimal() for text in texts) and all(
        number > year % 100 for year, number in parts
    )


def are_months(parts: Sequence[tuple[int, int]]) -> bool:
    """Check whether numbers beside years must be months: all twelve, or continuing after a twelfth.

    >>> are_months([(2018, 11), (2018, 12), (2019, 1)]), are_months([(2018, 1), (2018, 2), (2018, 3), (2018, 4)])
    (True, False)
    """
    years = Counter(year for year, _ in parts)
    counted = sorted(year * MONTHS_OF_YEAR + number for year, number in parts)
    is_gapless = all(after - before == 1 for before, after in pairwise(counted))
    is_whole = MONTHS_OF_YEAR in years.values() or (is_gapless and len(years) > 1)
    return is_whole and len(set(parts)) == len(parts)


def parse_numbered_part(text: str) -> tuple[int, int]:
    """Return the year and number of a label.

    >>> parse_numbered_part("3/2018"), parse_numbered_part("2018-3")
    ((2018, 3), (2018, 3))
    """
    first, second = (int(number) for number in re.findall(r"\d+", text))
    return (first, second) if first > second else (second, first)


def apply_number_answer(texts: Sequence[str], answers: Mapping[str, str]) -> dict[str, str]:
    """Apply the answer about one label to all: “2018-Q1” for “1/2018” makes all numbers quarters.

    >>> apply_number_answer(["1/2018", "2/2018"], {"1/2018": "2018-Q1"})
    {'1/2018': '2018-Q1', '2/2018': '2018-Q2'}
    """
    for text in (text for text in texts if text in answers):
        made = next((made for made in list_meanings(texts) if made[text] == answers[text]), None)
        if made:
            return {label: answers.get(label, period) for label, period in made.items()}
    return {}


def list_meanings(texts: Sequence[str]) -> list[dict[str, str]]:
    """Return the periods of labels as months, as quarters and as half-years, if a year has so many."""
    parts = {text: parse_numbered_part(text) for text in texts}
    highest = max(number for _, number in parts.values())
    return [
        {text: f"{year}-{find_part_code(kind, number)}" for text, (year, number) in parts.items()}
        for kind, count in PARTS.items()
        if highest <= count
    ]


def list_possible_parts(text: str, texts: Sequence[str]) -> tuple[Candidate, ...]:
    return tuple(Candidate(made[text], 0.5, reason="as for the other labels") for made in list_meanings(texts))
