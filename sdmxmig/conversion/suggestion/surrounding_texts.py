"""Texts around a region: titles, names, notes, and heads that change labels, such as “citizenship of father”."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, ReadTitle, read_title, split_words
from sdmxmig.conversion.recognition.statuses import strip_statuses
from sdmxmig.conversion.suggestion.figures import BOUND
from sdmxmig.conversion.suggestion.legends import find_abbreviations, find_leading_mark, find_trailing_marks, is_legend
from sdmxmig.conversion.suggestion.lines import (
    Fit,
    FlowKnowledge,
    Line,
    find_long_heads,
    has_areas,
    is_time,
    map_labels,
)
from sdmxmig.conversion.suggestion.notes import SENTENCE, is_short_note
from sdmxmig.conversion.suggestion.other_counts import is_stock
from sdmxmig.conversion.suggestion.periods import MARK, YEAR, list_dates, read_line_periods, select_years
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.titled_years import is_day_alone, is_reference_day
from sdmxmig.conversion.suggestion.words_inside import find_shared_words
from sdmxmig.conversion.suggestion.year_and_month import is_of_years

TITLE, NAME, FILE, ROW, NOTE, LABEL, BESIDE = "title", "name", "file", "row", "note", "label", "beside"
CAMEL_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""The end of a word in a name such as MenoresRefugiados."""
BETWEEN_WORDS = re.compile(r"(?!(?<=\d{4})[-–]\d{4}(?!\d))[_\W]+")
"""Signs between words of a file name, except between the first and last year."""
TABLE_NUMBER = re.compile(r"(?:\b[A-Za-z]{3} )?\b\d{1,3}\b")
"""The number of a table in the name of a file; “mar_3” and the Czech “cze_1-11” are not days."""
DAY = re.compile(r"[-./ ]*\d{1,2}[-./ ]+\d{1,2}[-./ ]*")
"""A day and a month in numbers, without the year."""
LETTER = re.compile(r"[^\W\d_]|[%‰]")
CHAPTER = {"POP", "OBS_VALUE", "plain", "article"}
"""The codes of “population”, as a measure and as a word for figures, and of words beside it."""
UNIT_CONCEPTS = ("UNIT", "UNIT_MULT", "UNIT_MEASURE")
OFFICE, NOUN, BEFORE = "OFFICE", "noun", "before"
"""The concept of words in names of offices: “ministry”, and such as “national” before it."""
MAX_OFFICE_WORDS = 5
PARTS_OF_TITLES = re.compile(r"(\s+[-–—|/]\s+|[:;|]\s+|,\s+)")
MAX_TITLE_LENGTH = 250
"""Maximum length of a title; longer texts above a table are prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurroundingText:
    text: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsAround:
    texts: tuple[SurroundingText, ...]
    beside_years: tuple[tuple[str, ...], ...]

    @property
    def titles(self) -> tuple[str, ...]:
        return find_titles(self.texts)


def list_region_texts(region: Region, lines: Sequence[Line], recogniser: Recogniser) -> tuple[SurroundingText, ...]:
    over = [(line.texts[0], read_common_text(region, line)) for line in lines if len(line.texts) == 1]
    over = [(text, NOTE if where and is_prose(text, recogniser) else where) for text, where in over]
    file = TABLE_NUMBER.sub(" ", BETWEEN_WORDS.sub(" ", CAMEL_BREAK.sub(" ", PurePath(region.table.file).stem)))
    sheet, file = (remove_unit_signs(name, recogniser) for name in (region.table.sheet, file))
    file = " ".join(
        word for word in file.split() if not recogniser.vocabulary.codes("FILE", plain(word.rstrip("0123456789")))
    )
    labels = {text for line in lines for text in line.texts}
    titles = [remove_offices(text, recogniser) for text in region.titles if not find_abbreviations([text], labels)]
    titles = [*remove_chapters(titles, recogniser), *region.corner]
    texts_and_places = [(text, NOTE if is_prose(text, recogniser) else TITLE) for text in titles]
    texts_and_places += [(text, NOTE if is_prose(text, recogniser) else TITLE) for text in find_long_heads(lines)]
    texts_and_places += [(find_shared_words(line.texts, recogniser), BESIDE) for line in lines]
    texts_and_places += [*over, (sheet, NAME), (file, FILE)]
    not_years = [label for label in labels if not YEAR.search(label)]
    notes = [text for text in region.notes if not find_abbreviations([text], labels)]
    of_all = [remove_bound(text, region) for text in notes if not belongs_to_label(text, not_years, recogniser)]
    texts_and_places += [(text, NOTE) for note in of_all for text in split_source(note, recogniser)]
    of_table = [note for note in of_all if not belongs_to_label(note, [*labels], recogniser)]
    sentences = (text for note in of_table for text in SENTENCE.split(note))
    texts_and_places += [
        (text, BESIDE) for text in sentences if is_day_alone(text, recogniser) or is_reference_day(text, recogniser)
    ]
    texts_and_places += [
        (text, NOTE)
        for cell, texts in region.table.notes.items()
        for text in texts
        if region.has(*cell) and not (cell in region.commented and is_status(text, recogniser))
    ]
    return tuple(SurroundingText(text=text, where=where) for text, where in texts_and_places if text and where)


def remove_chapters(titles: Sequence[str], recogniser: Recogniser) -> list[str]:
    """Remove the name of a chapter, such as “2 - Population”, above a title that names events or moves."""
    readings = [read_title(title, recogniser) for title in titles]
    has_other = any(mention.code != "POP" for reading in readings for mention in reading.of("MEASURE", "DIRECTION"))
    codes = [{mention.code for mention in reading.mentions} | {*reading.unexplained} for reading in readings]
    are_chapters = [has_other and "POP" in said <= CHAPTER for said in codes]
    return [
        title for title, is_chapter in zip(titles, are_chapters, strict=True) if not is_chapter or YEAR.search(title)
    ]


def remove_bound(note: str, region: Region) -> str:
    """Remove the sentence that explains a bound in place of a figure: “<5: not published. Provisional data”."""
    bound = BOUND.match(note)
    is_figure = bound is not None and any(figure == bound[0] for _, _, figure in region.figures)
    return " ".join(SENTENCE.split(note)[1:]) if is_figure else note


def split_source(note: str, recogniser: Recogniser) -> list[str]:
    """Separate the source from the sentences behind it, as in “Source: census. Without refugees”."""
    source, *others = SENTENCE.split(note)
    return [source, *others] if others and read_title(source, recogniser).is_source else [note]


def belongs_to_label(note: str, labels: Iterable[str], recogniser: Recogniser) -> bool:
    """Check whether a note has the mark of a label and states no status: “1) Women only” below “France 1)”."""
    mark = find_leading_mark(note)
    is_marked = bool(mark) and any(mark in find_trailing_marks(label) for label in labels)
    return is_marked and not read_title(note, recogniser).of("OBS_STATUS")


def is_status(text: str, recogniser: Recogniser) -> bool:
    """Check whether a comment is only a status: “revised”."""
    concepts = {mention.concept for mention in read_title(text, recogniser).mentions}
    return "OBS_STATUS" in concepts <= {"OBS_STATUS", "FIGURES", "ROLE", "ARTICLE", "PLAIN", "JOINING", "WORDING"}


def remove_offices(title: str, recogniser: Recogniser) -> str:
    """Remove names of offices: “National Institute of Statistics – Migration Service”."""
    parts = PARTS_OF_TITLES.split(title)
    kept = [part for part in parts[::2] if not is_office(part, recogniser)]
    return title if len(kept) == len(parts[::2]) else " – ".join(kept)


def is_office(text: str, recogniser: Recogniser) -> bool:
    """Check whether a text is the name of an office: its noun begins the text or ends a few words."""
    reading, words = read_title(text, recogniser), split_words(text)
    if any(sign.isdecimal() for sign in text) or reading.of("BY", "ROLE"):
        return False
    vocabulary = recogniser.vocabulary
    codes = [vocabulary.codes(OFFICE, word.plain) for word in words]
    first = next((at for at, found in enumerate(codes) if NOUN in found), len(words))
    has_capital = [word.written[:1] != word.written[:1].lower() or not word.written.isascii() for word in words]
    if first == len(words) - 1:
        return len(words) <= MAX_OFFICE_WORDS and all(has_capital)
    countries = {at for mention in reading.of(COUNTRY) for at in mention.span}
    is_begun = first < len(words) and all(at in countries or BEFORE in codes[at] for at in range(first))
    is_followed = is_begun and (  # “agency workers” are not an agency; the genitive needs no word
        not words[first].written.isascii()
        or BEFORE in codes[first + 1]
        or any(vocabulary.codes(concept, words[first + 1].plain) for concept in ("ARTICLE", "JOINING", "PLAIN"))
    )
    return is_followed and has_capital[first]


def remove_unit_signs(name: str, recogniser: Recogniser) -> str:
    """Remove what is a unit in titles only: numbers, as in “Table 000”, and codes of countries, as in “11_MN”."""
    mentions = read_title(name, recogniser).of(*UNIT_CONCEPTS)
    numbers = {at for each in mentions if len(each.phrase) < 3 or not LETTER.search(each.phrase) for at in each.span}
    return " ".join(word.written for at, word in enumerate(split_words(name)) if at not in numbers) if numbers else name


def is_prose(text: str, recogniser: Recogniser) -> bool:
    return len(text) > MAX_TITLE_LENGTH or is_legend(text, recogniser.vocabulary)


def read_common_text(region: Region, line: Line) -> str:
    if line.source.kind == "header":
        return TITLE
    is_first = line.source.is_label_column and min(region.counted) in map_labels(region, line)
    return ROW if is_first and not line.upper else ""


def join_texts_and_labels(
    texts: Sequence[SurroundingText], lines: Sequence[Line], *, is_sheet_named: bool
) -> list[SurroundingText]:
    listed = [text for text in texts if not (is_sheet_named and text.where == NAME)]
    labels = (text for line in lines if len(line.texts) > 1 for text in (line.head, *line.texts) if text)
    return [*listed, *(SurroundingText(text=text, where=LABEL) for text in labels)]


def find_year_words(line: Line, known: FlowKnowledge) -> tuple[str, ...]:
    if len(line.texts) < 2:
        return ()
    orders = list_dates(line.texts, known.vocabulary)
    date = orders[0].get(line.texts[0], "") if len(orders) == 1 else ""
    day = " ".join(YEAR.sub(" ", line.texts[0]).split())
    if (date or DAY.fullmatch(day)) and read_line_periods(line.texts, known.vocabulary).beside:
        return (f"{int(date[8:])} {month_name[int(date[5:7])]}" if date else day,)
    if not is_of_years(line, known):
        return ()
    written = (text if YEAR.search(text) else convert_years(text, known.vocabulary) for text in line.texts)
    bare = (YEAR.sub(" ", strip_statuses(text, known.vocabulary)) for text in written)
    words = tuple(" ".join(text.split()) if not MARK.fullmatch(text) else "" for text in bare)
    if not any(map(str.isalpha, "".join(words))):
        return ()
    return words if len(set(words)) > 1 else tuple(" ".join(YEAR.sub(" ", text).split()) for text in line.texts)


def find_titles(texts: Sequence[SurroundingText]) -> tuple[str, ...]:
    return tuple(text.text for text in texts if text.where != NOTE)


def find_short_notes(texts: Sequence[SurroundingText], known: FlowKnowledge) -> Iterator[str]:
    return (text.text for text in texts if text.where == NOTE and is_short_note(text.text, known.recogniser))


UNDECIDED_CONFIDENCE = 0.6
"""Confidence in a line whose head names several components."""
SEVERAL = 2
OF_OTHER_YEARS = ("MONTH", "LENGTH", "DATE", "ADDED", "PUBLISHED", "GROUP", "TRAIT")
LENGTH = "LENGTH"
"""The concept of words for years that begin on some day: “fiscal year”, “year ending”."""
OF_LENGTHS = frozenset({LENGTH, "DATE", "MONTH", "ROLE", "ARTICLE", "JOINING", "PLAIN", "WORDING"})
OTHER_YEAR = "OTHER_YEAR"
"""The concept of words for another year, of arrival or birth."""


def cap_scores_of_wordy_heads(fits: Sequence[Fit], known: FlowKnowledge) -> tuple[Fit, ...]:
    return tuple(
        replace(fit, score=min(fit.score, UNDECIDED_CONFIDENCE)) if is_wordy(fit, known) else fit for fit in fits
    )


def is_wordy(fit: Fit, known: FlowKnowledge) -> bool:
    if len(fit.line.head.split()) < SEVERAL:
        return False
    reading = read_title(bare(fit.line.head), known.recogniser)
    if is_time(fit.component, known.flow):
        is_dated = bool(fit.line.periods) and names_length(fit.line.head, known)
        return are_other_years(reading, known) and not (states_lengths(fit, known) or is_dated)
    return has_areas(fit.component, known.flow) and bool(reading.unexplained or reading.of("GROUP"))


def states_lengths(fit: Fit, known: FlowKnowledge) -> bool:
    if fit.line.periods or not select_years(fit.line.texts) or is_stock(known.flow):
        return False
    return names_length(fit.line.head, known)


def names_length(head: str, known: FlowKnowledge) -> bool:
    """Check whether a head is only a word for years that may begin on any day: “year ending June”, “fiscal year”."""
    reading = read_title(bare(head), known.recogniser)
    concepts = {mention.concept for mention in reading.mentions}
    is_other = bool(reading.unexplained) or bool(known.vocabulary.inside(OTHER_YEAR, reading.title))
    return LENGTH in concepts and concepts <= OF_LENGTHS and not is_other


def are_other_years(reading: ReadTitle, known: FlowKnowledge) -> bool:
    says_which = bool(reading.unexplained or reading.of(*OF_OTHER_YEARS))
    return says_which or bool(known.vocabulary.inside(OTHER_YEAR, reading.title))
