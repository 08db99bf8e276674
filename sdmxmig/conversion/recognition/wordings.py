"""Words around country names: “born in Poland”, “Indian citizens”, “of which: Poland”."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.conversion.recognition.formal_names import WITHOUT_BLANKS
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import Vocabulary

BEFORE, BEHIND = "before", "behind"
"""The codes of the concept WORDING: where such words stand."""
LONGEST = 5
"""How many words stand around a name at most."""
LONGEST_GLUED = 8
"""How many signs such a word has at most that stands glued to a name."""
ELISION = re.compile(r"(?<!\w)(d|l|dell|nell|dall)['’](?=\w)", re.IGNORECASE)
COLON = re.compile("([:：])")
BETWEEN = re.compile(r"[\s\-–:：]+")
BREAKS = re.compile(r"[\s,;:()（）\[\]、，：]+|\s[-–—]\s")


def without_wording(label: str, vocabulary: Vocabulary) -> str:
    """Remove words such as “born in” and “citizens”; empty if absent or no more."""
    if WITHOUT_BLANKS.match(label) and not BETWEEN.search(label):
        return _unglued(label, vocabulary)
    words = [word for word in BETWEEN.split(ELISION.sub(r"\1 ", label)) if word]
    first = _size(words, BEFORE, vocabulary)
    last = len(words) - _size(words[first:], BEHIND, vocabulary)
    return " ".join(words[first:last]) if last - first < len(words) else ""


def without_of_which(label: str, vocabulary: Vocabulary) -> str:
    words = COLON.sub(r"\1 ", label).split()
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        if vocabulary.codes("OFWHICH", plain(" ".join(words[:size]))):
            return " ".join(words[size:])
    glued = range(min(LONGEST_GLUED, len(label) - 2), 0, -1) if WITHOUT_BLANKS.match(label) else ()
    return next((label[size:] for size in glued if vocabulary.codes("OFWHICH", plain(label[:size]))), label)


def ends_of(label: str) -> Iterator[tuple[str, str, bool]]:
    """List leading and trailing phrases of a label with the rest, longest first.

    >>> list(ends_of("Other Africa"))
    [('other', 'Africa', True), ('africa', 'Other', False)]
    """
    words = [word for word in BREAKS.split(label) if word]
    if len(words) == 1 and WITHOUT_BLANKS.match(label):
        words = list(label)
        between = ""
    else:
        between = " "
    for size in range(min(LONGEST_GLUED if not between else LONGEST, len(words) - 1), 0, -1):
        first, last = between.join(words[:size]), between.join(words[-size:])
        yield plain(first), between.join(words[size:]), True
        yield plain(last), between.join(words[:-size]), False


def _size(words: list[str], where: str, vocabulary: Vocabulary) -> int:
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        phrase = " ".join(words[:size] if where == BEFORE else words[-size:])
        if where in vocabulary.codes("WORDING", plain(phrase)):
            return size
    return 0


def _unglued(label: str, vocabulary: Vocabulary) -> str:
    for size in range(min(LONGEST_GLUED, len(label) - 2), 0, -1):
        if BEHIND in vocabulary.codes("WORDING", plain(label[-size:])):
            return label[:-size]
    return ""
