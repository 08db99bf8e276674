"""Marks after years: “2023p”, “2023 (prov.)”."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.mapping.values import without_marks
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.statuses import BESIDE_PERIODS, WITHOUT_BLANKS, YEAR_SIGNS
from sdmxmig.conversion.recognition.times import FILLERS
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.sdmx.model.data import ComponentMap

STATUS = "OBS_STATUS"
MARKED = re.compile(
    r".*?\d{4}\s*(?P<mark>[(\[]\s*(?:[^\W\d_]+\.?|\d|\*+)\s*[)\]]|[^\W\d_]{1,3}[./)]*|[*†‡#]+|[¹²³⁰⁴-⁹]+|\d[/)]|[^\W\d_]+\.?)",
)
LEGEND = r"^\W*{mark}(?:[^\w\s]\s*|\s+|(?<=[^\w\s]))[=:–—-]?\s*(?P<meaning>.+)$"
BY_LEGEND, BY_HABIT = 0.95, 0.75
SHORTEST_WORD = 4


def marks_of(texts: Sequence[str], notes: Sequence[str], vocabulary: Vocabulary) -> Mapping[str, Candidate]:
    """Find marks after periods with their status, or empty.

    Marks after all periods are wording: “2020 г.”.
    """
    mark_by_text = {text: match["mark"] for text in texts if (match := MARKED.fullmatch(" ".join(text.split())))}
    mark_by_text = {text: mark for text, mark in mark_by_text.items() if not is_part_of_year(mark, vocabulary)}
    mark_by_text = {
        text: mark for text, mark in mark_by_text.items() if mark in YEAR_SIGNS or not mark.startswith(YEAR_SIGNS)
    }
    meanings = {mark: meaning_of_mark(mark, notes, vocabulary) for mark in dict.fromkeys(mark_by_text.values())}
    if len(mark_by_text) == len(texts) and len(meanings) == 1:
        mark, meaning = next(iter(meanings.items()))
        is_wording = plain(mark) in FILLERS or (not meaning.code and "note" not in meaning.reason)
        return {} if is_wording else meanings
    return meanings


def is_part_of_year(mark: str, vocabulary: Vocabulary) -> bool:
    word = plain(mark)
    return len(word) > 1 and any(vocabulary.codes(concept, word) for concept in ("MONTH", "QUARTER"))


def meaning_of_mark(mark: str, notes: Sequence[str], vocabulary: Vocabulary) -> Candidate:
    for noted in explained(mark, notes, vocabulary):
        return noted
    codes = set(vocabulary.codes(STATUS, plain(mark)) or vocabulary.codes(BESIDE_PERIODS, plain(mark)))
    if len(codes) == 1 and not any(map(str.isdigit, mark)):
        return Candidate(codes.pop(), sure_of(mark), reason=f"“{mark}” behind a year is a word for it")
    return Candidate("", 0.0, reason="nothing says what it means")


def sure_of(mark: str) -> float:
    return BY_LEGEND if len(plain(mark)) >= SHORTEST_WORD or WITHOUT_BLANKS.search(mark) else BY_HABIT


def explained(mark: str, notes: Sequence[str], vocabulary: Vocabulary) -> Iterator[Candidate]:
    for meaning in _notes_of(mark, notes):
        codes = {
            candidate.code
            for candidate in (*vocabulary.candidates(STATUS, meaning), *vocabulary.inside(STATUS, meaning))
        }
        is_one = len(codes) == 1
        yield Candidate(
            codes.pop() if is_one else "", BY_LEGEND if is_one else 0.0, reason=f"a note says “{meaning[:60]}”"
        )


def _notes_of(mark: str, notes: Sequence[str]) -> Iterator[str]:
    bare = re.escape(unicodedata.normalize("NFKC", mark.strip("()[]./ ")))
    for note in notes:
        match = re.match(LEGEND.format(mark=bare), unicodedata.normalize("NFKC", note.strip()), flags=re.IGNORECASE)
        if match:
            yield match["meaning"].strip()


def beside_marks(component_map: ComponentMap, marks: Iterable[str]) -> ComponentMap:
    listed = tuple(marks)
    bare = {text: without_marks(text, listed)[0] for text, _ in component_map.codes}
    if len(set(bare.values())) < len(bare):
        return component_map
    return replace(
        component_map, codes=tuple((bare[text], code) for text, code in component_map.codes if bare[text] != code)
    )
