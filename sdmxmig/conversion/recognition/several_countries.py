"""Labels that name several countries or part of one: “Iran/Iraq”, “Georgia (US)”, “Mexico City”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from sdmxmig.catalogue.areas import Areas
from sdmxmig.conversion.recognition.formal_names import phrases
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.wordings import without_of_which
from sdmxmig.conversion.recognition.words import Vocabulary

ALIKE = re.compile(r"\s*[/&+;|·・、]\s*")
ADDED = re.compile(r"\s*[,()\[\]（）]\s*|\s+[-–—]\s+")
SHORT = 3
"""Words of so many letters name a country only in capitals: “US”, not “us”."""
STRANGERS = ("OTHER", "UNKNOWN", "STATELESS")
"""Concepts of words that are no country, but stand among them."""
ANYWHERE, ALONE = "any", "whole"


def names_more(label: str, codes: set[str], areas: Areas, vocabulary: Vocabulary) -> bool:
    """Whether a label names a further country, other than a place in one or its state.

    “Martinique (France)” names one.
    """
    words = phrases(plain(label).split(), vocabulary)
    if any({ANYWHERE, *codes} & {*vocabulary.codes("PLACE", phrase)} for phrase in words):
        return True
    equals = list(_equals(bare(label), vocabulary))
    added = [part for equal in equals for part in ADDED.split(equal) if part]
    kin = codes | {state for code in codes for state in vocabulary.codes("BELONGS_TO", code.lower())}
    states_named = [states for part in equals if (states := _states(part, areas))]
    if any(not first & second for first, second in combinations(states_named, 2)):
        return True
    return (len(equals) > 1 and any(_is_stranger(part, codes, areas, vocabulary) for part in equals)) or (
        len(added) > 1 and any(_is_stranger(part, kin, areas, vocabulary) for part in added)
    )


def segments(label: str) -> list[str]:
    return [part for side in bare(label).split("/") for part in ADDED.split(side.strip()) if part]


def _equals(label: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The things of equal rank that a label lists, between signs and words such as “and”."""
    for part in ALIKE.split(label):
        listed: list[str] = []
        for word in part.split():
            if vocabulary.codes("JOINING", plain(word)):
                yield " ".join(listed)
                listed = []
            else:
                listed.append(word)
        yield " ".join(listed)


def _is_stranger(part: str, kin: set[str], areas: Areas, vocabulary: Vocabulary) -> bool:
    if any(vocabulary.codes(concept, plain(part)) for concept in STRANGERS):
        return True
    name = without_of_which(part, vocabulary)
    states = _states(name, areas)
    if name != part:
        states |= {state for territory in states for state in vocabulary.codes("BELONGS_TO", territory.lower())}
    return bool(states) and not states & kin


def _states(name: str, areas: Areas) -> set[str]:
    if len(name) < 2 or (len(name) <= SHORT and not name.isupper() and name.isascii()):
        return set()
    return {code for code in areas.candidates(name) if code.isalpha()}
