"""Doubts in notes: limits, and remarks on a symbol or label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import ReadTitle
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.country_doubts import of_origins
from sdmxmig.conversion.suggestion.flow_subjects import AS_DIMENSION
from sdmxmig.conversion.suggestion.footnoted import mark_before, marks_behind
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.notes import ONLY, is_of_all, not_understood, other_dates, short_limits
from sdmxmig.conversion.suggestion.phrase_doubts import ASKED
from sdmxmig.conversion.suggestion.taken import Doubt, TakenUp

DATED = "are the figures of that year of another day, or of a part of it?"
NOT_UNDERSTOOD = "this is not understood, does it limit the figures?"
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", '“”„«»"')
ABOUT = "about"
"""The code of words that say of what a note is, such as “concern”."""
SHORTEST = 2
"""How many words a label has at least that is known again in a sentence."""


def doubts_of_sentences(
    reading: ReadTitle, doubts: Sequence[Doubt], taken: TakenUp, known: FlowKnowledge, *, labels: frozenset[str]
) -> Iterator[Doubt]:
    """Find sentences that limit all figures, or may."""
    who_says = "a note says"
    for phrase in short_limits(reading, known.recogniser):
        yield Doubt(about=ASKED["GROUP"], phrase=phrase, who_says=who_says, asks=ASKED["GROUP"])
    for role, asks in of_origins((mention for mention in reading.of("ROLE") if is_of_all(mention, reading)), taken):
        yield Doubt(about=asks, phrase=role.phrase, who_says=who_says, asks=asks)
    for phrase in other_dates(reading, known.recogniser.vocabulary):
        yield Doubt(about=DATED, phrase=phrase, who_says=who_says, asks=DATED)
    for sentence in not_understood(reading, known.recogniser):
        is_asked = any(doubt.phrase in sentence.title for doubt in doubts)
        if not is_asked and {plain(word) for word in sentence.unexplained} - labels:
            yield Doubt(about=NOT_UNDERSTOOD, phrase=sentence.title, who_says=who_says, asks=NOT_UNDERSTOOD)


def is_of_one_label(doubt: Doubt, reading: ReadTitle, labels: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether a note says a phrase as a part of a label, or a group of the people of one label."""
    mark = mark_before(reading.title)
    if mark and not reading.of(ONLY) and any(mark in marks_behind(label) for label in labels):
        is_group = doubt.asks in (NOT_UNDERSTOOD, *(ASKED[kind] for kind in ("GROUP", "MEASURE", "PLACE")))
        return is_group or doubt.about.partition(" ")[0] in AS_DIMENSION
    if doubt.asks == NOT_UNDERSTOOD:
        return bool(named_in(doubt.phrase, labels))
    may_be_part = doubt.asks in (ASKED[kind] for kind in ("EXCLUDING", "MEASURE", "GROUP"))
    if may_be_part and is_inside_label(doubt.phrase, reading.title, labels):
        return True
    return doubt.asks == ASKED["GROUP"] and is_about_label(doubt.phrase, reading, labels, vocabulary)


def is_of_sign(phrase: str, note: str, signs: frozenset[str]) -> bool:
    whole = note[: note.find(phrase)].translate(RAISED)
    before, entry = whole.rstrip(" -–—=:)]\t"), whole.rpartition(";")[2].strip()
    for sign in (sign.translate(RAISED) for sign in signs if sign):
        right_before = sign in (before, entry) or re.search(rf"[\s;,.(\[]{re.escape(sign)}$", before)
        begins = re.match(rf"(?:[^\W\d_]+:\s*)?[(\[]?{re.escape(sign)}[)\]]?[\s=:]", entry)
        if right_before or (begins and not sign.isalpha()):
            return True
    return False


def is_inside_label(phrase: str, note: str, labels: Iterable[str]) -> bool:
    """Whether a phrase of a note is only part of labels: “sans” of “Acquisitions sans formalité”.

    >>> is_inside_label("sans", "Acquisitions sans formalité : jeunes", ["Acquisitions sans formalité"])
    True
    >>> is_inside_label("sans", "Acquisitions sans formalité, sans mineurs", ["Acquisitions sans formalité"])
    False
    """
    remainder = plain(note)
    for label in named_in(note, labels):
        remainder = remainder.replace(label, " ")
    return plain(note) != remainder and not re.search(rf"(?<!\w){re.escape(plain(phrase))}(?!\w)", remainder)


def is_about_label(phrase: str, reading: ReadTitle, labels: Iterable[str], vocabulary: Vocabulary) -> bool:
    limits = reading.of(ONLY)
    if any(mention.code != ABOUT for mention in limits):
        return False
    before = plain(reading.title).partition(plain(limits[0].phrase if limits else phrase))[0]
    named_labels = [label for label in named_in(before, labels) if not vocabulary.inside("TOTAL", label)]
    return bool(named_labels) and plain(phrase) not in before


def named_in(text: str, labels: Iterable[str]) -> list[str]:
    written = f" {plain(text)} "
    several = {plain(label) for label in labels if len(plain(label).split()) >= SHORTEST}
    return sorted((label for label in several if f" {label} " in written), key=lambda label: (-len(label), label))
