"""Status words next to a period: “Provisional 2023”, “2022 (datos provisionales)”, “p2023”.

Words are in OBS_STATUS, and in PERIOD_STATUS if they need a period: “geçici 2023” is provisional, “geçici koruma”
temporary protection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import LONGEST, Vocabulary

STATUS, BESIDE_PERIODS, NOT = "OBS_STATUS", "PERIOD_STATUS", "NEGATION"
BREAK = "B"
ABSENT = frozenset({"L", "M", "N", "O", "Q"})
YEAR = re.compile(r"(?<!\d)(?:1[6-9]|2[01])\d\d(?!\d)")
WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
STATUS_LETTER = re.compile(
    r"(?:^|[(\[/_,:\s])\s*(?P<before>[^\W\d_])\s*[)\].:/_-]*\s*(?=\d{4}\s*$)|\d{4}\s*[/_,:–-]\s*(?P<behind>[^\W\d_])\W*$"
)
YEAR_SIGNS = ("年度", "年", "년도", "년", "ปี")
WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
OPENING, CLOSING = re.compile(r"\s*[(\[（【]?\s*$"), re.compile(r"^\.?\s*[*†‡]*\s*[)\]）】]?")
"""The signs around such words that belong to them."""
EDGE_SIGNS = " \t,;:/_–—-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status word in a label, its position and codes; `negated`: after “not”."""

    phrase: str
    codes: tuple[str, ...]
    first: int
    last: int
    negated: bool = False


@lru_cache(maxsize=8192)
def find_statuses(text: str, vocabulary: Vocabulary) -> tuple[Status, ...]:
    if not YEAR.search(convert_years(text, vocabulary)):
        return ()
    statuses = tuple(_find_phrases(text, vocabulary))
    return statuses or tuple(_find_status_letters(text, vocabulary))


def _find_phrases(text: str, vocabulary: Vocabulary) -> Iterator[Status]:
    words = list(_find_words(text))
    at = 0
    while at < len(words):
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            first, last = words[at][0], words[at + size - 1][1]
            codes = find_status_codes(text[first:last], vocabulary)
            if codes:
                negated = at > 0 and bool(vocabulary.codes(NOT, plain(text[slice(*words[at - 1])])))
                yield Status(phrase=text[first:last], codes=codes, first=first, last=last, negated=negated)
                at += size - 1
                break
        at += 1


def _find_words(text: str) -> Iterator[tuple[int, int]]:
    for match in WORD.finditer(text):
        sign = next((year_sign for year_sign in YEAR_SIGNS if match[0].startswith(year_sign)), "")
        if match.end() > match.start() + len(sign):
            yield match.start() + len(sign), match.end()


def find_status_codes(phrase: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    written = plain(phrase)
    if any(sign.isdecimal() for sign in phrase) or (len(written) < 2 and not WITHOUT_BLANKS.search(phrase)):
        return ()
    return vocabulary.codes(STATUS, written) or vocabulary.codes(BESIDE_PERIODS, written)


def _find_status_letters(text: str, vocabulary: Vocabulary) -> Iterator[Status]:
    match = STATUS_LETTER.search(text)
    if match and len(WORD.findall(text)) == 1:
        name = match.lastgroup or ""
        codes = vocabulary.codes(STATUS, plain(match[name]))
        if codes:
            yield Status(phrase=match[name], codes=codes, first=match.start(name), last=match.end(name))


def names_break(text: str, vocabulary: Vocabulary) -> bool:
    """Check whether a text says that a method, definition or source changed."""
    return {candidate.code for candidate in vocabulary.inside("BREAK", text)} == {"subject", "change"}


def strip_statuses(text: str, vocabulary: Vocabulary) -> str:
    statuses = find_statuses(text, vocabulary)
    if not statuses:
        return text
    remainder = " ".join(list_words_between(text, statuses)).strip(EDGE_SIGNS)
    return re.sub(r"\s+(?=[,;:])", "", remainder)


def list_words_between(text: str, statuses: Sequence[Status]) -> tuple[str, ...]:
    unread, parts = text, []
    for status in reversed(statuses):
        parts.append(CLOSING.sub("", unread[status.last :]))
        unread = OPENING.sub("", unread[: status.first])
    parts.append(unread)
    return tuple(" ".join(part.split()) for part in reversed(parts) if part.strip(EDGE_SIGNS))
