"""Years that mean a part of the year according to a file, sheet, title or label."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from sdmxmig.conversion.convert.partial_years import MAX_WORDS, names_part_of_year
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import (
    PARTS,
    YearEnd,
    combine_parts,
    convert_years,
    find_part_of_year,
    find_period_of_months,
    read_year_end,
)
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import read_title, split_words
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.times import (
    PERIOD_MARK,
    YEAR_WORD,
    count_months,
    ends_span,
    find_numbered_months,
    is_filler,
    moment,
    strip_mark,
)
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, Vocabulary
from sdmxmig.conversion.suggestion.cut_labels import names_part
from sdmxmig.conversion.suggestion.legends import find_noted_labels
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.conversion.suggestion.periods import NUMBERED, find_frequency, read_line_periods, read_numbered_year
from sdmxmig.conversion.suggestion.periods import YEAR as PERIODS_YEAR
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import index_figures_by_part, is_sum
from sdmxmig.conversion.suggestion.surrounding_texts import names_length
from sdmxmig.conversion.suggestion.title_values import Setting, open_setting
from sdmxmig.conversion.suggestion.year_and_month import PLACEHOLDER_YEAR, is_of_years, remove_year
from sdmxmig.primitives.periods import parse

FREQ, TIME = "FREQ", "TIME_PERIOD"
REF_DATE = "REF_DATE"
YEAR = re.compile(r"(?:1[89]|20)\d\d")
NOTED_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)\d")
"""A year with the number of a note: “2021¹”."""
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|º|ª)?")
"""The number of a day: “31”, “1st”."""
SHORTEST, MAX_OTHER_WORDS = 4, 1
MAX_PART_WORDS, MIN_NOUN_LETTERS = 4, 6
"""Maximum number of words in the name of a quarter, minimum length of a word for one without its number."""
JANUARY, DECEMBER = "01", "12"


@dataclass(frozen=True, slots=True)
class PartOfYear:
    parts: tuple[str, ...]
    text: str

    @property
    def freq(self) -> str:
        if self.parts[0] in PARTS:
            return self.parts[0]
        freq = find_frequency(self.of("2019"))
        return "" if freq == "A" else freq

    def of(self, year: str) -> str:
        """Return this part of a year as a period; empty if its number is not known.

        >>> [PartOfYear(parts, "").of("2019") for parts in (("Q1",), ("01", "04"), ("01", "06"))]
        ['2019-Q1', '2019-01-01/P4M', '2019-S1']
        """
        if len(self.parts) == 1:
            return f"{year}-{self.parts[0]}" if self.parts[0] not in PARTS else ""
        first, last = int(self.parts[0]), int(self.parts[-1])
        return find_period_of_months(year, first, (last - first) % 12 + 1)


def find_named_part(texts: Sequence[str], years: Sequence[str], known: FlowKnowledge) -> PartOfYear | None:
    """Find the part of a year in table-wide texts; None for whole years and texts about other years."""
    listed = set(PERIODS_YEAR.findall(" ".join(years)))
    named = {text: set(PERIODS_YEAR.findall(text)) for text in texts}
    texts = [text for text, of_text in named.items() if not (listed and of_text) or listed & of_text]
    vocabulary = known.vocabulary
    if is_stock(known.flow):
        named_parts = (PartOfYear(parts, text) for text in texts if (parts := find_parts(text, vocabulary)))
        return next((part for part in named_parts if part.parts[0][0] in PARTS), None)
    beside = {find_parts(text, vocabulary) for text in years}
    if len(beside) == 1 and (parts := beside.pop()):
        return PartOfYear(parts, years[0])
    parts_by_text = {text: find_parts(text, vocabulary) or find_unread_part(text, known.recogniser) for text in texts}
    return next((PartOfYear(parts, text) for text, parts in parts_by_text.items() if parts), None)


def find_noted_parts(lines: Sequence[Line], notes: Sequence[str], known: FlowKnowledge) -> Mapping[str, str]:
    """Map labels of years to notes that limit them to a part of the year: “2024*”, “* January to September”."""
    if is_stock(known.flow):
        return {}
    vocabulary = known.vocabulary
    labels = [text for line in lines if is_of_years(line, known) for text in line.texts]
    partial = [note for note in notes if names_part_of_year(note, vocabulary, is_label=len(note.split()) <= MAX_WORDS)]
    return {label: note for note in partial for label in find_noted_labels(note, labels)}


def find_parts(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if vocabulary.inside(REF_DATE, text) or read_year_end(text, vocabulary):
        return ()
    words = plain(text).split()
    is_short = sum(not word.isdecimal() for word in words) <= MAX_OTHER_WORDS
    months = tuple(dict.fromkeys(find_months(words, vocabulary, is_short=is_short)))
    if numbered := find_numbered_months(text, vocabulary):
        months = tuple(f"{month:02}" for month in numbered)
    if len(months) == 1 and any(ends_span(word, vocabulary) for word in words):
        months = (JANUARY, *months)
    if not months and (count := count_months(convert_years(text, vocabulary), vocabulary)):
        months = (JANUARY, f"{count:02}")
    if months:
        return () if (months[0], months[-1]) == (JANUARY, DECEMBER) else months
    quarters = tuple(dict.fromkeys(find_quarters(words, vocabulary)))
    return quarters if len(quarters) == 1 else ()


def find_months(words: Sequence[str], vocabulary: Vocabulary, *, is_short: bool) -> Iterator[str]:
    """Yield the months in a text; “2 de mayo” is a date despite the small word."""
    words = [NOTED_YEAR.sub(r"\g<year>", word) for word in words if not is_filler(word, vocabulary)]
    codes = [vocabulary.codes("MONTH", word) for word in words]
    for at, word in enumerate(words):
        near = [words[to] for to in (at - 1, at + 1) if 0 <= to < len(words)]
        beside = any(YEAR.fullmatch(neighbour) for neighbour in near) or any(
            codes[to] for to in (at - 1, at + 1) if 0 <= to < len(words)
        )
        is_dated = any(ORDINAL.fullmatch(neighbour) and not YEAR.fullmatch(neighbour) for neighbour in near)
        if len(codes[at]) == 1 and not is_dated and (len(word) >= SHORTEST or is_short or beside):
            yield codes[at][0]


def find_quarters(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield quarters and half-years in a text; “T1” at its beginning or behind a word for tables numbers the table."""
    for size, at in product(range(1, MAX_PART_WORDS + 1), range(len(words))):
        phrase = " ".join(words[at : at + size])
        near = [words[to] for to in (at - 1, at + size) if 0 <= to < len(words)]
        code = find_part_of_year(phrase, vocabulary) if at + size <= len(words) else ""
        is_number = at == 0 or bool(vocabulary.codes("FIGURES", words[at - 1]))
        is_quarter = len(phrase) >= SHORTEST or any(YEAR.fullmatch(neighbour) for neighbour in near) or not is_number
        if code and is_quarter:
            yield code
    for sign, codes in vocabulary.words.get("QUARTER", {}).items():
        if len(sign) > 2 and WITHOUT_BLANKS.match(sign) and any(sign in word for word in words):
            yield from codes


def find_unread_part(text: str, recogniser: Recogniser) -> tuple[str, ...]:
    """Return Q or S for a quarter or half-year without a number, also inflected; empty after “by”, “and” or “all”."""
    reading = read_title(text, recogniser)
    unexplained = {plain(word) for word in reading.unexplained}
    listed = enumerate(split_words(reading.title))
    words = [word.plain for at, word in listed if at not in reading.broken_down or word.after_comma]
    vocabulary = recogniser.vocabulary
    words = [word for before, word in pairwise(("", *words)) if not vocabulary.codes("ALL", before)]
    kind_by_noun = vocabulary.words.get("YEARPART", {})
    for phrase in (*words, *map(" ".join, pairwise(words))):
        for noun, kinds in kind_by_noun.items():
            is_inflected = phrase in unexplained and phrase.startswith(noun[:-2]) and len(phrase) <= len(noun) + 3
            if len(noun) >= MIN_NOUN_LETTERS and (phrase == noun or is_inflected):
                return kinds
    return ()


Periods = tuple[tuple[str, str], ...]


def set_periods(lines: Sequence[Line], find: Callable[[Line], Periods]) -> tuple[Line, ...]:
    found = [() if line.periods else find(line) for line in lines]
    return tuple(
        replace(line, periods=periods) if periods else line for line, periods in zip(lines, found, strict=True)
    )


def apply_part_of_year(
    lines: Sequence[Line], part: PartOfYear | None, freq: str, known: FlowKnowledge
) -> tuple[Line, ...]:
    def find(line: Line) -> Periods:
        moments = read_line_periods(line.texts, known.vocabulary).moments if is_of_years(line, known) else {}
        return tuple((text, part.of(moment.period)) for text, moment in moments.items()) if part else ()

    return set_periods(lines, find) if part and freq and part.freq == freq else tuple(lines)


def find_year_end(lines: Sequence[Line], texts: Sequence[str], known: FlowKnowledge) -> YearEnd | None:
    """Find the end of years that titles, notes and heads name: “year ended June”; None if they name two.

    A text that has its own years may concern these years only.
    """
    if is_stock(known.flow):
        return None
    years_by_line = [(line, find_last_years(line, known)) for line in lines]
    heads = [line.head for line, years in years_by_line if years and names_length(line.head, known)]
    all_years = {year for _, years in years_by_line for year in years.values()}
    named_years = ((text, set(PERIODS_YEAR.findall(text))) for text in (*texts, *heads))
    of_all = (text for text, named in named_years if not named or (len(named) > 1 and named == all_years))
    ends = {end for text in of_all if (end := read_year_end(text, known.vocabulary))}
    return ends.pop() if len(ends) == 1 else None


def apply_year_end(lines: Sequence[Line], end: YearEnd | None, known: FlowKnowledge) -> tuple[Line, ...]:
    """Give years the periods with this end, except calendar years and labels that name another month."""

    def find(line: Line) -> Periods:
        years = find_last_years(line, known)
        is_one = end and all(is_at_end(find_parts(text, known.vocabulary), end) for text in years)
        return tuple((text, end.of(year)) for text, year in years.items()) if end and is_one else ()

    return tuple(lines) if end is None or end == YearEnd(int(DECEMBER)) else set_periods(lines, find)


def is_at_end(parts: Sequence[str], end: YearEnd) -> bool:
    return not parts or parts[-1] == f"{end.month:02}"


def find_last_years(line: Line, known: FlowKnowledge) -> Mapping[str, str]:
    """Return the year of each label, the second of “2021-22”; empty if any label is not a year."""
    if is_of_years(line, known):
        moments = read_line_periods(line.texts, known.vocabulary).moments
        return {text: moment.period for text, moment in moments.items()}
    spans = [read_numbered_year(year) if (year := NUMBERED.fullmatch(text.strip())) else (0, 0) for text in line.texts]
    is_each_next = all(last == first + 1 for first, last in spans)
    return {text: str(last) for text, (_, last) in zip(line.texts, spans, strict=True)} if is_each_next else {}


def open_year_settings(settings: Sequence[Setting], part: PartOfYear | None) -> tuple[Setting, ...]:
    if part is None or not any(setting.component == FREQ and setting.chosen.code == "A" for setting in settings):
        return tuple(settings)
    reason = f"“{part.text[:60]}” names a part of the year: do the figures cover only that part?"
    return tuple(
        open_year_setting(setting, part, reason) if setting.component in (FREQ, TIME) else setting
        for setting in settings
    )


def open_year_setting(setting: Setting, part: PartOfYear, reason: str) -> Setting:
    year = setting.chosen.code
    of_part = part.freq if setting.component == FREQ else part.of(year) if YEAR.fullmatch(year) else ""
    codes = dict.fromkeys(code for code in (of_part, year) if code)
    offers = (*(Candidate(code, 0.5, reason=reason) for code in codes), *setting.others)
    return open_setting(setting.component, reason, others=offers, kept=year)


def apply_proven_years(lines: Sequence[Line], region: Region, known: FlowKnowledge) -> tuple[Line, ...]:
    if is_stock(known.flow):
        return tuple(lines)
    return set_periods(lines, lambda line: find_proven_periods(line, lines, region, known))


def find_proven_periods(line: Line, lines: Sequence[Line], region: Region, known: FlowKnowledge) -> Periods:
    """Return periods of parts and totals; none unless sums prove each total."""
    parts = {text: part for text in line.texts if (part := find_part(text, known.recogniser))}
    totals = {text: PERIODS_YEAR.findall(text)[0] for text in line.texts if text not in parts and is_total(text, known)}
    if not totals or len(parts) + len(totals) < len(line.texts) or len(set(totals.values())) < len(totals):
        return ()
    others = [other for other in lines if other is not line and not other.periods]
    figures = list(index_figures_by_part(region, line, others, None).values())
    for text, year in totals.items():
        parts_of_year = {label: period for label, period in parts.items() if period[:4] == year}
        listed = [figure for figure in figures if text in figure]
        if not make_whole_year(year, parts_of_year) or not is_sum(listed, text, parts_of_year):
            return ()
    return tuple((text, parts.get(text) or totals[text]) for text in line.texts)


def find_part(text: str, recogniser: Recogniser) -> str:
    if is_total_word(text, recogniser):
        return ""
    period = moment(strip_mark(text), recogniser.vocabulary)
    return period.period if period and period.freq in PARTS and parse(period.period) else ""


def is_total(text: str, known: FlowKnowledge) -> bool:
    if len(PERIODS_YEAR.findall(text)) != 1:
        return False
    period = moment(strip_mark(text), known.vocabulary)
    return is_total_word(text, known.recogniser) or (period is not None and period.period.isdecimal())


def is_total_word(text: str, recogniser: Recogniser) -> bool:
    words = plain(strip_mark(remove_year(text))).split()
    besides = [word for word in words if not recogniser.vocabulary.codes(YEAR_WORD, word)]
    meanings = recogniser.shared(" ".join(besides)) if besides else ()
    return bool(meanings) and meanings[0].code == TOTAL


def make_whole_year(year: str, parts: Mapping[str, str]) -> bool:
    periods = [parse(period) for period in parts.values()]
    freqs = {period.freq for period in periods if period}
    if len(freqs) != 1 or None in periods or len(set(parts.values())) < len(parts):
        return False
    whole = combine_parts(year, [period[5:] for period in parts.values()])
    return len(parts) == PARTS.get(freqs.pop(), 0) and whole in (year, "")


def find_marked_years(line: Line, recogniser: Recogniser) -> Iterator[str]:
    """Yield the labels of periods, those with a mark as year and mark: “2023 *” for “2023H1*” and “2023 Total*”."""
    period_by_label = dict(line.periods)
    for text in line.texts:
        match = PERIOD_MARK.search(text)
        mark = match["mark"] if match and not strip_mark(text).isdecimal() else ""
        alone = moment(strip_mark(text), recogniser.vocabulary) if mark else None
        of_part = next((period for label, period in line.periods if label.endswith(f" {text}")), "")
        period = period_by_label.get(text) or (alone.period if alone else of_part)
        period = period or PLACEHOLDER_YEAR * (bool(mark) and names_part(text, recogniser.vocabulary))
        is_total = text in period_by_label and is_total_word(text, recogniser)
        yield f"{period[:4]} {mark}".strip() if period and (mark or is_total) else text
