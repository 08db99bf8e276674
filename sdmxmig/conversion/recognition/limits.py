"""Labels that exclude from or add to an area: “Asia (excl. China)”, “extra-EU”.

Words are in EXCLUDING and INCLUDING, with their position: `before` (“ohne Polen”), `behind` (“Polonya hariç”), or
`inside` two areas for ambiguous words such as “with”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import Vocabulary

EXCLUDING, INCLUDING = "EXCLUDING", "INCLUDING"
BEFORE, BEHIND, INSIDE = "before", "behind", "inside"
LONGEST = 4
"""How many words such a phrase has at most."""
WORD = re.compile(r"[^\s,;:()\[\]（）/*+‐-―−-]+")
GLUED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A sign of a script whose words stand together."""
BOUNDS = " \t,;:.-–—*+/()[]（）、，；：·・"
OUTER = re.compile(r"[,;(\[（、，；]|\s[-–—]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limiting word with the surrounding texts.

    `whole` is the area, empty in “non-EU”; `part` is excluded or added; `place` is the word's position.
    """

    concept: str
    word: str
    whole: str
    part: str
    place: str


def limits_of(label: str, vocabulary: Vocabulary) -> Iterator[Limit]:
    for concept in (EXCLUDING, INCLUDING):
        for first, last, places in (*_phrases(label, concept, vocabulary), *_glued(label, concept, vocabulary)):
            for place in places:
                before, word, after = label[:first], label[first:last], label[last:]
                whole, part = _around(before, after, place)
                if concept == EXCLUDING or whole:
                    yield Limit(concept=concept, word=word, whole=whole, part=part, place=place)


def _phrases(label: str, concept: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    words = [(match.start(), match.end()) for match in WORD.finditer(label)]
    for size in range(min(LONGEST, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            first, last = words[at][0], words[at + size - 1][1]
            places = vocabulary.codes(concept, plain(label[first:last]))
            if places:
                yield first, last, places


def _glued(label: str, concept: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    if not GLUED.search(label):
        return
    letters = ((at, sign) for at, sign in enumerate(label) if not unicodedata.combining(sign))
    signs = [(sign, at) for at, written in letters for sign in plain(written) or written]
    text = "".join(sign for sign, _ in signs)
    listed = (word for word in vocabulary.words.get(concept, {}) if GLUED.match(word))
    for word in sorted(listed, key=lambda phrase: (-len(phrase), phrase)):
        first = text.find(word)
        if first == 0 or (first > 0 and (len(word) > 1 or text[first - 1] in BOUNDS)):
            last = first + len(word)
            end = signs[last][1] if last < len(signs) else len(label)
            yield signs[first][1], end, vocabulary.codes(concept, word)


def _around(before: str, after: str, place: str) -> tuple[str, str]:
    if place != BEHIND:
        return before.strip(BOUNDS), after.strip(BOUNDS)
    outer = list(OUTER.finditer(before))
    if outer and before[outer[-1].end() :].strip(BOUNDS):
        return before[: outer[-1].start()].strip(BOUNDS), before[outer[-1].end() :].strip(BOUNDS)
    return after.strip(BOUNDS), before.strip(BOUNDS)
