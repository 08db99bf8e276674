"""Formal names of states, such as “Republic of Slovenia”, by the name that is left without their solemn words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.areas import Areas, folded
from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.words import Vocabulary

SHORTEST_STEM = 4
"""Letters that a name and its inflected form share at least."""
ENDING = 5
"""Letters that an ending of an inflected name has at most: Finnish “Afganistanin”, Polish “Słowenii”."""


def without_solemn_words(name: str, vocabulary: Vocabulary) -> str:
    """A formal name without “republic”, “kingdom” and the like in any language; empty if it has none, or nothing else.

    Scripts without blanks lose the longest such ending.
    """
    words = plain(name).split()
    kept = list(_kept(words, vocabulary))
    if kept and len(kept) < len(words):
        return " ".join(kept)
    whole = plain(name)
    for size in range(len(whole) - 2, 0, -1):
        if not whole.isascii() and vocabulary.codes("FORMAL", whole[-size:].strip()):
            return whole[:-size].strip()
    return ""


def _kept(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    position = 0
    while position < len(words):
        size = next(
            (
                size
                for size in range(min(3, len(words) - position), 0, -1)
                if vocabulary.codes("FORMAL", " ".join(words[position : position + size]))
            ),
            0,
        )
        if not size:
            yield words[position]
        position += size or 1


def by_stem(name: str, stems: Mapping[str, frozenset[str]], areas: Areas) -> frozenset[str]:
    """The areas whose name an inflected form may be, by the longest beginning that both share.

    >>> by_stem("afganistanin", {"afga": frozenset({"afganistan"})}, Areas({}, {}, {}))
    frozenset()
    """
    form = folded(name)
    best = 0
    found: set[str] = set()
    for known in stems.get(form[:SHORTEST_STEM], frozenset()):
        shared = next((at for at, (one, other) in enumerate(zip(form, known, strict=False)) if one != other), None)
        shared = min(len(form), len(known)) if shared is None else shared
        close = len(form) - shared <= ENDING and len(known) - shared <= 2
        if not close or shared < SHORTEST_STEM or shared < best or known not in areas.names:
            continue
        codes = {one.code for one in areas.names[known]}
        found = codes if shared > best else found | codes
        best = shared
    return frozenset(found)
