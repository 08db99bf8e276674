"""Words next to a year that name a part: months, quarters, “to date”, “partial”."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from sdmxmig.conversion.recognition.calendars import western
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.parts_of_years import part_of_year
from sdmxmig.conversion.recognition.phrases import WITHOUT_BLANKS
from sdmxmig.conversion.recognition.times import is_filler
from sdmxmig.conversion.recognition.words import Vocabulary

PART, MONTH, AGES, ORDINAL = "PART_YEAR", "MONTH", "AGEPART", "ORDINAL"
CONCEPTS = frozenset({PART, MONTH, AGES, ORDINAL, "QUARTER", "YEARPART", "YEAR", "WORDING"})
"""The concepts of words by which a part of a year is named."""
YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20|21)\d\d(?!\d)")
NUMBERED = r"(?:0?[1-9]|1[0-2]|[IVX]{1,4})"
SPAN = re.compile(rf"(?<![\w.]){NUMBERED}\s*[-–—]\s*{NUMBERED}(?![\w.])")
"""The numbers of months from one to another: “1-9”, “I–IX”."""
WHOLE_SPAN = re.compile(r"(?:0?1\s*[-–—]\s*(?:4|12)|I\s*[-–—]\s*(?:IV|XII))")
DAY = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*日")
"""A day of a month in the signs of East Asia."""
ALL_MONTHS = "12"
WHOLES = ({"01", "12"}, {"Q1", "Q4"}, {"S1", "S2"})
LONGEST, SHORTEST = 3, 3


def names_part_of_year(text: str, vocabulary: Vocabulary, *, is_label: bool) -> bool:
    """Whether a text with a year names a part.

    In labels a month suffices; in sentences it may belong to a law.

    >>> months = {"january": ("01",), "september": ("09",)}
    >>> words = Vocabulary({"MONTH": months, "PART_YEAR": {"to date": ("TODATE",)}}, {})
    >>> [names_part_of_year(text, words, is_label=False) for text in ("2024: January to September", "January 2024")]
    [True, False]
    >>> labels = ("2024 (September)", "2024 to date", "1 January 2024")
    >>> [names_part_of_year(text, words, is_label=True) for text in labels]
    [True, True, False]
    """
    text = western(text)
    signs = [alias for alias in vocabulary.words.get(PART, {}) if WITHOUT_BLANKS.search(alias)]
    if any(sign in DAY.sub(" ", text) for sign in signs):
        return True
    words = [word for word in plain(YEAR.sub(" ", text)).split() if word]
    if any(set(vocabulary.codes(PART, phrase)) - {"MONTHS"} for phrase in phrases(words)):
        return True
    if is_label and (span := SPAN.search(YEAR.sub(" ", text))):
        return not WHOLE_SPAN.fullmatch(span[0])
    parts = {
        *months_in(words, vocabulary),
        *filter(None, (part_of_year(phrase, vocabulary) for phrase in phrases(words))),
    }
    if any(whole <= parts for whole in WHOLES):
        return False
    is_many = len(parts) > 1 or any(not part.isdecimal() for part in parts)
    return (
        is_many
        or counts_months(words, vocabulary, is_label=is_label)
        or bool(parts and (is_label or ends(words, vocabulary)))
    )


def phrases(words: Sequence[str]) -> Iterator[str]:
    for first, last in combinations(range(len(words) + 1), 2):
        if last - first <= LONGEST:
            yield " ".join(words[first:last])


def months_in(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    telling = [word for word in words if not is_filler(word, vocabulary)]
    for at, word in enumerate(telling):
        codes = vocabulary.codes(MONTH, word)
        near = [telling[to] for to in (at - 1, at + 1) if 0 <= to < len(telling)]
        if len(codes) == 1 and len(word) >= SHORTEST and not any(each.isdecimal() for each in near):
            yield codes[0]


def counts_months(words: Sequence[str], vocabulary: Vocabulary, *, is_label: bool) -> bool:
    at = [number for number, word in enumerate(words) if is_months(word, vocabulary)]
    before = [words[max(0, number - LONGEST) : number] for number in at]
    counting = [listed for listed in before if ALL_MONTHS not in listed]
    return any(is_label or any("1" in vocabulary.codes(ORDINAL, word) for word in listed) for listed in counting)


def is_months(word: str, vocabulary: Vocabulary) -> bool:
    return "MONTHS" in (*vocabulary.codes(AGES, word), *vocabulary.codes(PART, word))


def ends(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    pairs = pairwise(words)
    return any("TO" in vocabulary.codes(AGES, before) and vocabulary.codes(MONTH, word) for before, word in pairs)
