"""Periods from two texts: year in header or title, month or quarter in a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.calendars import (
    PARTS,
    ROMAN_NUMBERS,
    YearEnd,
    combine_parts,
    convert_numerals,
    find_part_code,
    find_part_of_year,
)
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.times import Moment, strip_mark
from sdmxmig.conversion.suggestion.line_sources import SECTION, LeftOut, recognise_bilingual_label
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, list_lines, map_labels
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.conversion.suggestion.periods import OF_A_YEAR, YEAR, list_dates, read_line_periods
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import find_sums
from sdmxmig.conversion.suggestion.title_values import find_years
from sdmxmig.conversion.suggestion.titled_years import is_of_figures
from sdmxmig.primitives.periods import find_period

SUM_REASON = "it is the sum of the parts of the year"
NO_PART_REASON = "it names no part of the year"
MONTHS_OF = {"Q": 3, "S": 6, "A": 12}
PART_CONFIDENCE = 0.7
BY_HEAD, BY_STEPS = 0.6, 0.5
MONTHLY_CANDIDATE = Candidate("M", BY_STEPS, reason="each is the first day of a month: are they months?")
DAILY_CANDIDATE = Candidate("D", 0.3, reason="the labels are days")
KINDS_OF_ROMAN = {12: "M", 4: "Q", 3: "Q"}
"""The parts of a year that so many Roman numbers from I on count."""
PART_CONCEPTS = ("MONTH", "QUARTER")
ORDINARY_CONCEPTS = frozenset({"AGEPART", "ARTICLE", "LENGTH", "PLAIN", "ROLE"})
PLACEHOLDER_YEAR = "2000"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedLines:
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...] = ()
    freqs: tuple[Candidate, ...] = ()


def combine_parts_of_years(
    lines: Sequence[Line], region: Region, known: FlowKnowledge, titles: Sequence[str], freq: str = ""
) -> PartedLines:
    short, high = split_upper_years(lines, region, known)
    parted = combine_years(short, region, known, titles, freq=freq)
    joint = next((line for line in parted.lines if high and line.is_joined and line.periods), None)
    if joint is None:
        return combine_years(lines, region, known, titles, freq=freq) if high else parted
    years = read_line_periods(high, known.vocabulary).moments
    whole = tuple((f"{year} {year}", years[year].period) for year in high)
    read = {text for text, _ in joint.periods}
    remaining = tuple(text for text in joint.texts if text in read or not text.startswith(high))
    joined = replace(joint, texts=(*(text for text, _ in whole), *remaining), periods=(*whole, *joint.periods))
    return replace(parted, lines=swap(parted.lines, joint, joined))


def split_upper_years(
    lines: Sequence[Line], region: Region, known: FlowKnowledge
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    headers = [line for line in lines if line.source.kind == "header"]
    for year, line in pairwise(headers):
        texts, above = map_labels(region, line), map_labels(region, year)
        of_years = read_line_periods(year.texts, known.vocabulary).moments
        high = {text for at, text in texts.items() if above.get(at) == text and text in of_years}
        high -= {text for at, text in texts.items() if above.get(at) != text}
        high -= {text for at, text in above.items() if texts.get(at) != text}
        if high and len(high) < len(line.texts) and is_of_years(year, known):
            short = replace(line, texts=tuple(text for text in line.texts if text not in high))
            years = tuple(text for text in year.texts if text in high)
            return swap(lines, line, short), years
    return tuple(lines), ()


def combine_years(
    lines: Sequence[Line], region: Region, known: FlowKnowledge, titles: Sequence[str], freq: str
) -> PartedLines:
    whole = [line for line in lines if not line.source.part]  # mappings cannot combine parts of labels with others
    parts = next(((line, part_by_label) for line in whole if (part_by_label := find_parts(line, known))), None)
    if parts is None:
        return combine_named_months(lines, region, known, freq)
    line, part_by_label = parts
    years = [other for other in whole if other is not line and is_of_years(other, known)]
    years = [other for other in years if len(other.texts) > 1] or years  # a single date beside them is of publication
    if not years and len(find_years(titles, known.vocabulary)) == 1:
        return combine_named_year(lines, line, part_by_label, region=region, known=known, titles=titles, freq=freq)
    if len(years) != 1 or find_strange_labels(line, part_by_label, known):
        return combine_named_months(lines, region, known, freq)
    year = years[0]
    moments = read_line_periods(year.texts, known.vocabulary).moments
    freqs, chosen = find_part_lengths(line, part_by_label, region, known=known, freq=freq)
    present = find_pairs(region, year, line)
    annual = tuple((f"{first} {first}", moment.period) for first, moment in moments.items() if first in line.upper)
    periods = annual + tuple(
        (f"{first} {second}", build_period(moments[first].period, part_by_label[second], chosen))
        for first, second in product(moments, part_by_label)
        if (first, second) in present or second == strip_mark(second)
    )
    proven = () if freqs else find_proven_sums(region, line, lines, part_by_label, known=known, years=year)
    periods += tuple(
        (f"{first} {second}", combine_parts(moments[first].period, part_by_label.values())) for first, second in proven
    )
    in_some = {second for _, second in proven}
    doubtful = [f"{first} {second}" for first, second in product(moments, in_some) if (first, second) not in proven]
    joint = replace(
        line,
        source=year.source.joined(line.source),
        head=year.head,
        texts=(*(text for text, _ in periods), *sorted(doubtful)),
        carried=line.carried or (year.carried and year.source != SECTION),
        unsure=line.unsure | year.unsure,
        upper=(),
        periods=periods,
    )
    others = [listed for listed in lines if listed is not year]
    sums = list_left_out(line, {*part_by_label, *in_some}, known)
    return PartedLines(lines=swap(others, line, joint), left_out=sums, freqs=freqs)


def find_pairs(region: Region, year: Line, line: Line) -> Collection[tuple[str, str]]:
    """Find the years and parts of years that label figures together; all if they are on different axes."""
    of_parts = map_labels(region, line)
    if (year.source.kind == "header") != (line.source.kind == "header"):
        return {*product(year.texts, line.texts)}
    of_years = dict(region.fold_column(region.side)) if year.source == SECTION else map_labels(region, year)
    pairs, last = set(), ""
    for position in sorted({*of_years, *of_parts}):
        last = text if (text := of_years.get(position, "")) in year.texts else last
        pairs.add((last, of_parts.get(position, "")))
    return pairs


def find_part_lengths(
    line: Line, part_by_label: Mapping[str, str], region: Region, *, known: FlowKnowledge, freq: str
) -> tuple[tuple[Candidate, ...], str]:
    freqs = list_other_lengths(list(part_by_label.values()), list_heads(region, line), known)
    return freqs, freq or (freqs[0].code if freqs else "")


def list_left_out(line: Line, read: Collection[str], known: FlowKnowledge) -> tuple[LeftOut, ...]:
    return tuple((line.source, text, explain_part(text, known)) for text in line.texts if text not in read)


def combine_named_year(
    lines: Sequence[Line],
    line: Line,
    part_by_label: Mapping[str, str],
    *,
    region: Region,
    known: FlowKnowledge,
    titles: Sequence[str],
    freq: str,
) -> PartedLines:
    year = find_years(titles, known.vocabulary).pop()
    freqs, chosen = find_part_lengths(line, part_by_label, region, known=known, freq=freq)
    whole = combine_parts(year, part_by_label.values())
    proven = (
        [text for _, text in find_proven_sums(region, line, lines, part_by_label, known=known)] if not freqs else []
    )
    periods = {text: build_period(year, part, chosen) for text, part in part_by_label.items()} | dict.fromkeys(
        proven, whole
    )
    strange = [text for text in find_strange_labels(line, part_by_label, known) if text not in periods]
    is_dated = any(names_parts(title, year, part_by_label, known) for title in (*titles, *proven))
    # all its months or quarters, below a title that certainly dates them
    is_dated |= whole == year and is_of_figures(titles, known.recogniser, on_one_day=is_stock(known.flow))
    dated = replace(line, texts=(*periods, *strange), periods=tuple(periods.items()), year=year, is_dated=is_dated)
    sums = list_left_out(line, dated.texts, known)
    return PartedLines(lines=swap(lines, line, dated), left_out=sums, freqs=freqs)


def combine_named_months(lines: Sequence[Line], region: Region, known: FlowKnowledge, freq: str) -> PartedLines:
    for line in lines:
        moments = read_line_periods(line.texts, known.vocabulary).moments
        periods = {text: moment.period for text, moment in moments.items()}
        freqs: tuple[Candidate, ...] = ()
        if len(moments) < len(line.texts) or line.periods:
            continue
        if are_first_days(list(moments.values())) and len(list_dates(line.texts, known.vocabulary)) == 1:
            lines = [listed for listed in lines if listed is line or not is_year_column(listed, line, moments, region)]
            freqs, periods = (
                (MONTHLY_CANDIDATE, DAILY_CANDIDATE),
                {text: day if freq == DAILY_CANDIDATE.code else day[:7] for text, day in periods.items()},
            )
        elif {moment.freq for moment in moments.values()} == {"M"}:
            months = [period[5:] for period in periods.values()]
            freqs = list_other_lengths(months, list_heads(region, line), known, list(periods.values()))
            chosen = freq or (freqs[0].code if freqs else "")
            periods = {text: build_period(month[:4], month[5:], chosen) for text, month in periods.items()}
        if freqs:
            return PartedLines(lines=swap(lines, line, replace(line, periods=tuple(periods.items()))), freqs=freqs)
    return PartedLines(lines=tuple(lines))


def swap(lines: Iterable[Line], line: Line, other: Line) -> tuple[Line, ...]:
    return tuple(other if listed is line else listed for listed in lines)


def find_strange_labels(line: Line, part_by_label: Mapping[str, str], known: FlowKnowledge) -> tuple[str, ...]:
    return tuple(text for text in line.texts if text not in part_by_label and is_strange(text, known.recogniser))


def names_parts(title: str, year: str, part_by_label: Mapping[str, str], known: FlowKnowledge) -> bool:
    if YEAR.findall(title) != [year]:
        return False
    months = [candidate.code for candidate in known.vocabulary.inside("MONTH", title)]
    spans = len(months) > 1 and (months[0], months[-1]) == (min(part_by_label.values()), max(part_by_label.values()))
    return spans or explain_part(title, known) == SUM_REASON


def find_proven_sums(
    region: Region,
    line: Line,
    lines: Sequence[Line],
    part_by_label: Mapping[str, str],
    known: FlowKnowledge,
    years: Line | None = None,
) -> tuple[tuple[str, str], ...]:
    if not combine_parts(PLACEHOLDER_YEAR, part_by_label.values()) or is_stock(known.flow):
        return ()
    proven = find_sums(region, line, lines, part_by_label, years=years)
    return tuple(sorted(pair for pair in proven if explain_part(pair[1], known) == SUM_REASON))


def are_first_days(moments: Sequence[Moment]) -> bool:
    days = {moment.period[8:] for moment in moments}
    return (
        days == {"01"}
        and {moment.freq for moment in moments} == {"D"}
        and len({moment.period[5:7] for moment in moments}) > 1
    )


def is_year_column(column: Line, line: Line, moments: Mapping[str, Moment], region: Region) -> bool:
    if not (column.source.kind == "column" and line.source.kind == "column"):
        return False
    years, dates = map_labels(region, column), map_labels(region, line)
    return all(dates.get(row) and text == moments[dates[row]].period[:4] for row, text in years.items())


def list_heads(region: Region, line: Line) -> tuple[str, ...]:
    if line.source.kind != "header":
        return (line.head,)
    row = region.top + (line.source.number or 1) - 1
    above = [line.texts[0] for line in list_lines(region) if line.source.kind == "header" and len(line.texts) == 1]
    return (*(region.table.text(row, column) for column in region.labels), *above)


def list_other_lengths(
    parts: Sequence[str], heads: Sequence[str], known: FlowKnowledge, periods: Sequence[str] = ()
) -> tuple[Candidate, ...]:
    """Return possible frequencies of months, most likely first; none if certain or no months."""
    if not all(part.isdecimal() for part in parts):
        return ()
    by_head = find_named_length(heads, known)
    if by_head == "M":
        return ()
    steps = by_head or find_step_length(periods or [f"0000-{part}" for part in parts])
    if not steps:
        return ()
    reason = "the header says so, but the labels are months" if by_head else f"months {MONTHS_OF[steps]} apart"
    months = Candidate("M", 0.3, reason="the labels are months")
    if not is_possible_frequency(steps, periods or parts):
        return (replace(months, confidence=BY_STEPS, reason=reason), Candidate(steps, 0.3, reason=reason))
    return (Candidate(steps, BY_HEAD if by_head else BY_STEPS, reason=f"{reason}: periods that end with them?"), months)


def find_named_length(heads: Sequence[str], known: FlowKnowledge) -> str:
    vocabulary = known.vocabulary
    if any("MONTH" in vocabulary.codes("ROLE", plain(bare(head))) for head in heads):
        return "M"
    named = {candidate.code for head in heads for candidate in vocabulary.inside("LENGTH", head)}
    lengths = {"A" if code in OF_A_YEAR else code for code in named}
    return lengths.pop() if len(lengths) == 1 else ""


def find_step_length(months: Sequence[str]) -> str:
    """Return the frequency of months that are three or six apart; empty if some are closer.

    >>> find_step_length(["2020-03", "2020-06", "2020-09"]), find_step_length(["2020-01", "2020-02"])
    ('Q', '')
    """
    counted = sorted({int(month[:4]) * 12 + int(month[5:7]) for month in months})
    steps = [after - before for before, after in pairwise(counted)]
    return next((freq for freq, length in MONTHS_OF.items() if steps and min(steps) == length), "")


def is_possible_frequency(freq: str, months: Sequence[str]) -> bool:
    rests = {int(month[-2:]) % MONTHS_OF[freq] for month in months}
    return len(rests) == 1 and (freq == "A" or rests <= {0, 1})


def build_period(year: str, part: str, freq: str) -> str:
    """Return the period of a year and month or quarter; with a longer `freq`, the month is the last one.

    >>> build_period("2021", "06", "Q"), build_period("2021", "06", "A"), build_period("2021", "06", "")
    ('2021-Q2', '2020-07-01/P1Y', '2021-06')
    """
    if not part.isdecimal() or freq not in ("Q", "S", "A"):
        return f"{year}-{part}"
    month = int(part)
    return YearEnd(month).of(year) if freq == "A" else str(find_period(dt.date(int(year), month, 1), freq))


def find_parts(line: Line, known: FlowKnowledge) -> Mapping[str, str]:
    """Return the month (``01``) or quarter (``Q1``) of each label.

    Empty if labels other than totals have none, unless the parts make a whole year.
    """
    recogniser = known.recogniser
    numbered = map_numbered_labels(line, known)
    part_by_label = match_parts([text for text in line.texts if text not in numbered], recogniser) | {**numbered}
    is_year = combine_parts(PLACEHOLDER_YEAR, part_by_label.values()) == PLACEHOLDER_YEAR
    if not is_year and any(is_strange(text, recogniser) for text in line.texts if text not in part_by_label):
        return {}
    distinct = {strip_mark(text) for text in part_by_label}
    return part_by_label if len(part_by_label) > 1 and len(set(part_by_label.values())) == len(distinct) else {}


def map_numbered_labels(line: Line, known: FlowKnowledge) -> Mapping[str, str]:
    """Return parts of a year for bare numbers: all Roman ones, or others under a matching head."""
    roman = tuple(text for text in line.texts if text in ROMAN_NUMBERS)
    if roman and roman == ROMAN_NUMBERS[: len(roman)] and len(roman) in KINDS_OF_ROMAN:
        kind, numbers = KINDS_OF_ROMAN[len(roman)], {text: at for at, text in enumerate(roman, start=1)}
    else:
        kind = find_named_length([line.head], known) if line.head else ""
        numbers = {text: int(text) for text in line.texts if text.isascii() and text.isdecimal()}
    if not all(0 < number <= PARTS.get(kind, 0) for number in numbers.values()):
        return {}
    return {text: find_part_code(kind, number) for text, number in numbers.items()}


def is_strange(text: str, recogniser: Recogniser) -> bool:
    is_part = any(recogniser.vocabulary.inside(concept, text) for concept in PART_CONCEPTS)
    is_total = is_whole_year(text, recogniser) or is_sum_of_year(text, recogniser)
    return is_part or not (recogniser.shared(remove_year(text)) or is_total)


def match_parts(texts: Sequence[str], recogniser: Recogniser) -> dict[str, str]:
    """Return the month or quarter of each label; “listopad” is November if another label is October."""
    codes = {text: find_part_codes(text, recogniser) for text in texts}
    certain = {code for listed in codes.values() for code in listed if len(listed) == 1}
    codes = {text: listed - certain if len(listed) > 1 else listed for text, listed in codes.items()}
    return {text: listed.pop() for text, listed in codes.items() if len(listed) == 1}


def find_part_codes(text: str, recogniser: Recogniser) -> set[str]:
    if YEAR.search(convert_numerals(text)):
        return set()
    if part := find_part_of_year(text, recogniser.vocabulary):  # “drugi kvartal” is the second quarter only
        return {part}
    if (bare_text := strip_mark(text)) not in ("", text):
        return find_part_codes(bare_text, recogniser)
    if recogniser.shared(remove_year(text)):
        return set()
    for concept in PART_CONCEPTS:
        candidates = recogniser.candidates(text, concept) or recognise_bilingual_label(text, concept, recogniser)
        if sum(candidate.confidence for candidate in candidates) >= PART_CONFIDENCE:
            return {candidate.code for candidate in candidates}
    return set()


def explain_part(text: str, known: FlowKnowledge) -> str:
    is_total = any(candidate.code == "_T" for candidate in known.recogniser.shared(remove_year(text)))
    is_total |= is_whole_year(text, known.recogniser) or is_sum_of_year(text, known.recogniser)
    return SUM_REASON if is_total else NO_PART_REASON


def is_whole_year(text: str, recogniser: Recogniser) -> bool:
    return "TIME_PERIOD" in recogniser.vocabulary.codes("ROLE", plain(bare(text)))


def is_sum_of_year(text: str, recogniser: Recogniser) -> bool:
    reading = read_title(remove_year(text), recogniser)
    concepts_by_position: dict[int, set[str]] = {}
    for mention in reading.mentions:
        concepts_by_position.setdefault(mention.at, set()).add(mention.concept)
    totals = {at for at, concepts in concepts_by_position.items() if "TOTAL" in concepts}
    besides = (concepts for at, concepts in concepts_by_position.items() if at not in totals)
    return len(totals) == 1 and not reading.unexplained and all(concepts <= ORDINARY_CONCEPTS for concepts in besides)


def remove_year(text: str) -> str:
    bare_text = YEAR.sub(" ", text)
    return bare_text if len(YEAR.findall(text)) == 1 and bare_text.strip() else text


def is_of_years(line: Line, known: FlowKnowledge) -> bool:
    moments = read_line_periods(line.texts, known.vocabulary).moments
    return len(moments) == len(line.texts) and all(
        moment.freq == "A" and moment.period.isdecimal() for moment in moments.values()
    )
