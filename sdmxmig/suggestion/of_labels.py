"""Notes that speak of one label, and of no other figures: “Acquisitions sans formalité concernent les jeunes”."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.mentions import ReadTitle
from sdmxmig.recognition.words import Vocabulary

ONLY, ABOUT = "ONLY", "about"
SHORTEST = 2
"""How many words a label has at least that is known again in a sentence."""


def is_inside_label(phrase: str, note: str, labels: Iterable[str]) -> bool:
    """Whether a phrase stands in a note only as a part of labels: “sans” of “Acquisitions sans formalité”.

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
    """Whether a note says a phrase of one label, which stands before it, and before a word such as “concern”.

    A word such as “only” limits whatever stands near it, and the total is no label like others.
    """
    limits = reading.of(ONLY)
    if any(mention.code != ABOUT for mention in limits):
        return False
    before = plain(reading.title).partition(plain(limits[0].phrase if limits else phrase))[0]
    named_labels = [label for label in named_in(before, labels) if not vocabulary.inside("TOTAL", label)]
    return bool(named_labels) and plain(phrase) not in before


def named_in(text: str, labels: Iterable[str]) -> list[str]:
    """The labels of several words that stand in a text, the longest first."""
    written = f" {plain(text)} "
    several = {plain(label) for label in labels if len(plain(label).split()) >= SHORTEST}
    return sorted((label for label in several if f" {label} " in written), key=lambda label: (-len(label), label))
