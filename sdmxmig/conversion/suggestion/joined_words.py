"""Labels of several words for one code: “Employment and work”."""

from __future__ import annotations

import re

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.words import Vocabulary

BETWEEN = re.compile(r"\s*[,;/،、]\s*")
JOINING, AND = "JOINING", "and"
LIMITS = ("EXCLUDING", "NEGATION", "INCLUDING", "ONLY", "OFWHICH")
SHARED = frozenset({"_T", "_O", "_U", "_Z"})
TOGETHER = 0.93
"""How sure a code is that all words of a label mean."""


def of_one_code(text: str, concept: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    parts = joined_parts(text, recogniser.vocabulary)
    if len(parts) < 2 or any(map(str.isdecimal, text)) or read_title(text, recogniser).of(*LIMITS):
        return ()
    candidates = [best(recogniser.candidates(part, concept)) for part in parts]
    codes = {candidate.code if candidate is not None and candidate.is_applied else "" for candidate in candidates}
    if len(codes) != 1 or codes & {"", *SHARED}:
        return ()
    return (Candidate(codes.pop(), TOGETHER, reason="all its words mean it"),)


def joined_parts(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The parts of a label between commas, strokes and words for “and”.

    >>> joined_parts("Work, job and trade", Vocabulary({}, {}))
    ('Work', 'job and trade')
    """
    parts: list[str] = []
    for listed in BETWEEN.split(text.strip()):
        words: list[str] = []
        for word in listed.split():
            if AND in vocabulary.codes(JOINING, plain(word)):
                parts, words = [*parts, " ".join(words)], []
            else:
                words.append(word)
        parts.append(" ".join(words))
    return tuple(parts)
