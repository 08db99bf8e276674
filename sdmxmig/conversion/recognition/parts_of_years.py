"""Quarters and half-years without a year, in any language."""

from __future__ import annotations

import re

from sdmxmig.conversion.recognition.calendars import convert_numerals
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import Vocabulary

QUARTER, NOUN, ORDINAL = "QUARTER", "YEARPART", "ORDINAL"
NUMBERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4, "і": 1, "іі": 2, "ііі": 3, "іv": 4}
HOW_MANY = {"Q": 4, "S": 2}
LONGEST_ENDING, LONGEST = 4, 5
GLUED = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def part_of_year(text: str, vocabulary: Vocabulary) -> str:
    """Return the quarter (``Q1``) or half-year (``S1``) in a text without a year, or empty.

    >>> words = Vocabulary({"YEARPART": {"trim": ("Q",), "polrok": ("S",)}, "QUARTER": {"q1": ("Q1",)}}, {})
    >>> [part_of_year(text, words) for text in ("Trim. IV", "2. polrok", "1-é trim.", "Q1", "3. polrok", "I")]
    ['Q4', 'S2', 'Q1', 'Q1', '', '']
    """
    name = plain(convert_numerals(text))
    codes = vocabulary.codes(QUARTER, name)
    if codes:
        return codes[0] if len(codes) == 1 else ""
    words = GLUED.sub(" ", name).split()
    if not 1 < len(words) <= LONGEST:
        return ""
    parts = {part for at in range(1, len(words)) for part in codes_of_halves(words[:at], words[at:], vocabulary)}
    return parts.pop() if len(parts) == 1 else ""


MONTHS = {"Q": 3, "S": 6}
"""Months of a quarter and a half-year."""


def find_span_of_parts(first: str, last: str, vocabulary: Vocabulary) -> list[int]:
    """Return the first and last month from one quarter or half-year to a later one; one of them has the noun.

    >>> words = Vocabulary({"YEARPART": {"trim": ("Q",)}}, {})
    >>> find_span_of_parts("I", "III trim.", words), find_span_of_parts("Trim. I", "III", words)
    ([1, 9], [1, 9])
    """
    parts = [part_of_year(text, vocabulary) for text in (first, last)]
    kinds = {part[0] for part in parts if part}
    numbers = [
        int(part[1:]) if part else parse_ordinal(GLUED.sub(" ", plain(text)).split(), vocabulary)
        for part, text in zip(parts, (first, last), strict=True)
    ]
    if len(kinds) != 1 or not 0 < numbers[0] < numbers[1]:
        return []
    size = MONTHS[kinds.pop()]
    return [(numbers[0] - 1) * size + 1, numbers[1] * size]


def codes_of_halves(first: list[str], second: list[str], vocabulary: Vocabulary) -> list[str]:
    return [
        f"{kind}{number}"
        for numbered, noun in ((first, second), (second, first))
        if (number := parse_ordinal(numbered, vocabulary))
        for kind in vocabulary.codes(NOUN, " ".join(noun))
        if number <= HOW_MANY[kind]
    ]


def parse_ordinal(words: list[str], vocabulary: Vocabulary) -> int:
    written = vocabulary.codes(ORDINAL, " ".join(words))
    if len(written) == 1:
        return int(written[0])
    has_ending = len(words) > 1 and words[-1].isalpha() and len(words[-1]) <= LONGEST_ENDING
    bare = words[:-1] if has_ending and words[-1] not in NUMBERS else words
    return NUMBERS.get(bare[0], 0) if len(bare) == 1 else 0


def is_numbered_part(text: str, vocabulary: Vocabulary) -> bool:
    words = GLUED.sub(" ", plain(convert_numerals(text))).split()
    has_noun = any(vocabulary.codes(NOUN, word) for word in words)
    return bool(part_of_year(text, vocabulary)) or (
        has_noun and any(word.isdecimal() or word in NUMBERS for word in words)
    )
