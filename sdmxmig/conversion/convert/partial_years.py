"""Checks for labels and notes that name part of a year, which must not be sent as whole years."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import combinations, pairwise

from sdmxmig.conversion.convert.assembling import ConversionContext
from sdmxmig.conversion.mapping.grid import collapse_blanks, matches_any
from sdmxmig.conversion.mapping.layout import Layout, read_block_text, select_distinct_texts
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.recognition.calendars import (
    PARTS,
    YearEnd,
    convert_numerals,
    find_part_of_year,
    find_period_of_months,
    read_year_end,
)
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.times import is_filler
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, Vocabulary, load_shipped_vocabulary
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.rule_ids import RuleId

WORD_PATTERN = re.compile(r"[^\W\d_]|\d[^\d]*[-–—]\s*\d|[IVX]\s*[-–—]")
LONGEST_MARK, LONGEST_NOTE = 5, 300
MAX_WORDS = 8
"""Longer notes may mention months for other reasons."""
FREQ, REF_DATE = "FREQ", "REF_DATE"
ROUNDING, MIN_SUM = 1e-6, 1000
"""Maximum difference of equal sums, and the minimum of one that is not chance."""


PartialText = tuple[str, str, tuple[int | None, int | None]]
YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20|21)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class YearLabel:
    text: str
    year: str
    _: KW_ONLY
    cell: tuple[int | None, int | None]
    is_listed: bool


def find_incomplete_sums(dataset: Dataset) -> Mapping[str, str]:
    """Map years whose figures are the sums of some of their months, quarters or half-years to the period of these."""
    structure, frame = dataset.flow.structure, dataset.observations
    if structure.time is None or is_stock(dataset.flow) or frame.is_empty():
        return {}
    time, value = pl.col(structure.time_id), pl.col(structure.measure.id).cast(pl.Float64, strict=False)
    keys = [name for name in structure.key if name not in (structure.time_id, FREQ)]
    figures = frame.select(*keys, time.alias("time"), value.alias("value")).filter(pl.col("value") > 0)
    years = figures.filter(pl.col("time").str.contains(r"^\d{4}$")).rename({"time": "year"})
    parts = figures.with_columns(
        year=pl.col("time").str.slice(0, 4), kind=pl.col("time").str.extract(r"^\d{4}-([QS]|\d)\d$")
    ).filter(pl.col("kind").is_not_null())
    parts = parts.with_columns(kind=pl.col("kind").replace({"0": "M", "1": "M"}), part=pl.col("time").str.slice(5))
    sums = parts.group_by(*keys, "year", "kind").agg(pl.col("part").unique().sort(), total=pl.col("value").sum())
    sums = years.join(sums, on=[*keys, "year"], nulls_equal=True)
    periods: dict[str, str] = {}
    for (year, kind), rows in sums.group_by("year", "kind"):
        differing = rows.filter((pl.col("value") - pl.col("total")).abs() > ROUNDING)
        whole = rows.filter(pl.col("part").list.len() >= PARTS[str(kind)])
        if differing.is_empty() and whole.is_empty() and not rows.filter(pl.col("value") >= MIN_SUM).is_empty():
            named = rows["part"].explode().unique().to_list()
            numbers, months = sorted(int(part[-2:].lstrip("QS")) for part in named), 12 // PARTS[str(kind)]
            is_span = len(numbers) == numbers[-1] - numbers[0] + 1
            first, length = (numbers[0] - 1) * months + 1, len(numbers) * months
            periods[str(year)] = find_period_of_months(str(year), first, length) if is_span else ""
    return periods


def check_years(layouts: Sequence[Layout], context: ConversionContext, incomplete: Collection[str] = ()) -> None:
    """Report labels and notes that name part of a year sent as a whole, except for figures at a reference day.

    The figures of `incomplete` years are the sums of only some of their months or quarters.
    """
    time = context.flow.structure.time
    if time is None or is_stock(context.flow):
        return
    reported: dict[tuple[str, str], tuple[Place, str]] = {}
    for layout in layouts:
        labels = list(list_year_labels(layout, time.id, context.flow))
        of_labels = (
            (text, year, (find_place(layout, cell), time.id))
            for text, year, cell in (*list_partial_labels(labels), *list_incomplete_labels(labels, incomplete, context))
        )
        of_notes = (
            (text, year, (find_place(layout, cell), ""))
            for text, year, cell in list_partial_notes(layout, labels, context)
        )
        for text, year, at in (*of_labels, *of_notes):
            if not is_accepted(layout, text, year, time.id):
                reported.setdefault((text, year), at)
    for (text, year), (place, component) in reported.items():
        context.collector.add(RuleId.YEAR_IN_PART, [place], component, value=text, period=year)


def find_place(layout: Layout, cell: tuple[int | None, int | None]) -> Place:
    row, column = cell
    return layout.table.place(row, column) if row and column else Place(layout.table.file, layout.table.sheet)


def is_stock(flow: Flow) -> bool:
    return any(component.id == REF_DATE and component.mandatory for component in flow.structure.attributes())


def list_year_labels(layout: Layout, time: str, flow: Flow) -> Iterator[YearLabel]:
    for component_map in layout.block.components:
        if component_map.component != time:
            continue
        meanings = Meanings(component_map, layout.block, flow)
        if component_map.source.is_of_block:
            text, (row, column) = read_block_text(layout, component_map.source)
            listed = [(text or "", row, column)]
        else:
            listed = select_distinct_texts(component_map, layout, layout.values()).rows()
        for text, row, column in listed:
            year = meanings.find_code(text) or ""
            if YEAR.fullmatch(year):
                yield YearLabel(text, year, cell=(row, column), is_listed=meanings.knows(collapse_blanks(text)))


def list_partial_labels(labels: Sequence[YearLabel]) -> Iterator[PartialText]:
    for label in labels:
        rest = YEAR.sub(" ", label.text)
        if (
            not label.is_listed
            and WORD_PATTERN.search(rest)
            and names_part_of_year(label.text, vocabulary(), is_label=True)
        ):
            yield label.text, label.year, label.cell


def list_incomplete_labels(
    labels: Sequence[YearLabel], incomplete: Collection[str], context: ConversionContext
) -> Iterator[PartialText]:
    for label in labels:
        if label.year in incomplete and label.text not in context.whole_years:
            yield label.text, label.year, label.cell


def list_partial_notes(
    layout: Layout, labels: Sequence[YearLabel], context: ConversionContext
) -> Iterator[PartialText]:
    """Find texts around a block that name part of a year, except those sent as comments of their figures."""
    for label in labels:
        row, column = label.cell
        for text in layout.table.notes.get((row or 0, column or 0), ()):
            if names_part_of_year(text, vocabulary(), is_label=True):
                yield text, label.year, label.cell
    marked: dict[str, set[str]] = {}
    for label in labels:
        marked.setdefault(extract_mark(label.text), set()).add(label.year)
    years, commented = {label.year for label in labels}, list_marks_with_text(layout, context.flow)
    is_short_text = (pl.col("kind") != "number") & (pl.col("text").str.len_chars() <= LONGEST_NOTE)
    outside = layout.grid.cells.filter(is_short_text & ~layout.held) if labels else layout.grid.cells.clear()
    for text, row, column in outside.select("text", "row", "column").iter_rows():
        mark = next((each for each in marked if each and "".join(text.split()).startswith(each)), "")
        named = {match[0] for match in YEAR.finditer(text)}
        subject = marked[mark] if mark else named
        is_of_one = bool(mark) or len(subject) == 1
        if mark in commented or not is_of_one or not named <= subject <= years:
            continue
        is_label = bool(mark) and len(text.split()) <= MAX_WORDS
        if names_part_of_year(text.strip().removeprefix(mark), vocabulary(), is_label=is_label):
            yield from ((text, year, (row, column)) for year in sorted(subject))


def extract_mark(label: str) -> str:
    rest = "".join(YEAR.sub(" ", label, count=1).split())
    return rest if len(rest) <= LONGEST_MARK else ""


def list_marks_with_text(layout: Layout, flow: Flow) -> frozenset[str]:
    marks = layout.block.values.marks
    return frozenset(mark for mark, pairs in marks if any(not flow.structure[name].is_coded for name, _ in pairs))


def is_accepted(layout: Layout, text: str, year: str, time: str) -> bool:
    block = layout.block
    return matches_any(text, block.required_texts) or any((time, year) in noted.where for noted in block.notes)


def vocabulary() -> Vocabulary:
    return load_shipped_vocabulary(PART_CONCEPTS)


PART, MONTH, AGES, ORDINAL = "PART_YEAR", "MONTH", "AGEPART", "ORDINAL"
PART_CONCEPTS = frozenset({PART, MONTH, AGES, ORDINAL, "CARDINAL", "QUARTER", "YEARPART", "YEAR", "WORDING"})
"""Concepts of words for a part of a year."""
MONTH_NUMBER = r"(?:0?[1-9]|1[0-2]|[IVX]{1,4})"
MONTH_SPAN = re.compile(rf"(?<![\w.]){MONTH_NUMBER}\s*[-–—]\s*{MONTH_NUMBER}(?![\w.])")
"""A span of months in numbers: “1-9”, “I–IX”."""
WHOLE_SPAN = re.compile(r"(?:0?1\s*[-–—]\s*(?:4|12)|I\s*[-–—]\s*(?:IV|XII))")
DAY = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*日")
"""A day of a month in Chinese or Japanese."""
DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|ª)?")
MIN_LAST_DAY = 28
"""The earliest last day of a month."""
LAST_MONTH = "12"
WHOLE_YEAR_PARTS = ({"01", "12"}, {"Q1", "Q4"}, {"S1", "S2"})
MAX_WORDS_OF_PART, MIN_LETTERS_OF_PART = 3, 3


def names_part_of_year(text: str, vocabulary: Vocabulary, *, is_label: bool) -> bool:
    """Check whether a text with a year names a part; in labels a month suffices.

    >>> months = {"january": ("01",), "september": ("09",)}
    >>> words = Vocabulary({"MONTH": months, "PART_YEAR": {"to date": ("TODATE",)}}, {})
    >>> [names_part_of_year(text, words, is_label=False) for text in ("2024: January to September", "January 2024")]
    [True, False]
    >>> labels = ("2024 (September)", "2024 to date", "1 January 2024")
    >>> [names_part_of_year(text, words, is_label=True) for text in labels]
    [True, True, False]
    """
    text = convert_numerals(text)
    if read_year_end(text, vocabulary) == YearEnd(int(LAST_MONTH)):
        return False
    signs = [alias for alias in vocabulary.words.get(PART, {}) if WITHOUT_BLANKS.search(alias)]
    if any(sign in DAY.sub(" ", text) for sign in signs):
        return True
    words = [word for word in plain(YEAR.sub(" ", text)).split() if word]
    if any(set(vocabulary.codes(PART, phrase)) - {"MONTHS"} for phrase in list_phrases(words)):
        return True
    if is_label and (span := MONTH_SPAN.search(YEAR.sub(" ", text))):
        return not WHOLE_SPAN.fullmatch(span[0])
    parts = {
        *list_months(words, vocabulary),
        *filter(None, (find_part_of_year(phrase, vocabulary) for phrase in list_phrases(words))),
    }
    if any(whole <= parts for whole in WHOLE_YEAR_PARTS):
        return False
    is_many = len(parts) > 1 or any(not part.isdecimal() for part in parts)
    return (
        is_many
        or is_span_of_days(words, vocabulary)
        or counts_months(words, vocabulary, is_label=is_label)
        or bool(parts and (is_label or has_end_month(words, vocabulary)))
    )


def is_span_of_days(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Check whether words name the first day of a month and the last of a later one: “1 January to 30 September”."""
    telling = [word for word in words if not is_filler(word, vocabulary)]
    days = [
        (int(codes[0]), int(day[1]))
        for at, word in enumerate(telling)
        if len(codes := vocabulary.codes(MONTH, word)) == 1
        for near in (telling[max(at - 1, 0)], telling[min(at + 1, len(telling) - 1)])
        if (day := DAY_OF_MONTH.fullmatch(near))
    ]
    (first, begins), (last, ends) = (days[0], days[-1]) if days else ((0, 0), (0, 0))
    return begins == 1 and ends >= MIN_LAST_DAY and first <= last and (first, last) != (1, int(LAST_MONTH))


def list_phrases(words: Sequence[str]) -> Iterator[str]:
    for first, last in combinations(range(len(words) + 1), 2):
        if last - first <= MAX_WORDS_OF_PART:
            yield " ".join(words[first:last])


def list_months(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    telling = [word for word in words if not is_filler(word, vocabulary)]
    for at, word in enumerate(telling):
        codes = vocabulary.codes(MONTH, word)
        near = [telling[to] for to in (at - 1, at + 1) if 0 <= to < len(telling)]
        if len(codes) == 1 and len(word) >= MIN_LETTERS_OF_PART and not any(each.isdecimal() for each in near):
            yield codes[0]


def counts_months(words: Sequence[str], vocabulary: Vocabulary, *, is_label: bool) -> bool:
    at = [number for number, word in enumerate(words) if is_months(word, vocabulary)]
    before = [words[max(0, number - MAX_WORDS_OF_PART) : number] for number in at]
    counting = [listed for listed in before if LAST_MONTH not in listed]
    return any(is_label or any("1" in vocabulary.codes(ORDINAL, word) for word in listed) for listed in counting)


def is_months(word: str, vocabulary: Vocabulary) -> bool:
    return "MONTHS" in (*vocabulary.codes(AGES, word), *vocabulary.codes(PART, word))


def has_end_month(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    pairs = pairwise(words)
    return any("TO" in vocabulary.codes(AGES, before) and vocabulary.codes(MONTH, word) for before, word in pairs)
