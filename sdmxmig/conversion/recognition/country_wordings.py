"""Words around country names: “born in Poland”, “of which: Poland”, “Iran/Iraq”, “Georgia (US)”."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sdmxmig.catalogue.areas import Areas
from sdmxmig.conversion.recognition.formal_names import WITHOUT_BLANKS, split_phrases
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import EXCLUDING, Vocabulary

BEFORE, WORDINGS_BEHIND = "before", "behind"
"""Codes of the concept WORDING by position."""
MAX_PHRASE_WORDS = 5
"""Maximum number of words around a name."""
LONGEST_GLUED = 8
"""Maximum number of characters in a word joined to a name."""
ELISION = re.compile(r"(?<!\w)(d|l|dell|nell|dall)['’](?=\w)", re.IGNORECASE)
COLON = re.compile("([:：])")
NAME_SEPARATORS = re.compile(r"[\s\-–:：]+")
WORD_BREAKS = re.compile(r"[\s,;:()（）\[\]、，：]+|\s[-–—]\s")


def strip_wording(label: str, vocabulary: Vocabulary) -> str:
    """Remove words such as “born in” and “citizens”; empty if absent or if no text is left."""
    if WITHOUT_BLANKS.match(label) and not NAME_SEPARATORS.search(label):
        return _strip_glued_wording(label, vocabulary)
    words = [word for word in NAME_SEPARATORS.split(ELISION.sub(r"\1 ", label)) if word]
    first = _measure_name(words, BEFORE, vocabulary)
    last = len(words) - _measure_name(words[first:], WORDINGS_BEHIND, vocabulary)
    return " ".join(words[first:last]) if last - first < len(words) else ""


def strip_of_which(label: str, vocabulary: Vocabulary) -> str:
    words = COLON.sub(r"\1 ", label).split()
    for size in range(min(MAX_PHRASE_WORDS, len(words) - 1), 0, -1):
        if vocabulary.codes("OFWHICH", plain(" ".join(words[:size]))):
            return " ".join(words[size:])
    glued = range(min(LONGEST_GLUED, len(label) - 2), 0, -1) if WITHOUT_BLANKS.match(label) else ()
    return next((label[size:] for size in glued if vocabulary.codes("OFWHICH", plain(label[:size]))), label)


def strip_announcement(label: str, vocabulary: Vocabulary) -> str:
    """Remove “of which” after a whole that is followed by its parts: “Africa, of which:”."""
    named = label.rstrip(BOUNDS)
    words = named.split()
    for size in range(min(MAX_PHRASE_WORDS, len(words) - 1), 0, -1):
        if vocabulary.codes("OFWHICH", plain(" ".join(words[-size:]))):
            return " ".join(words[:-size]).rstrip(BOUNDS)
    glued = range(min(LONGEST_GLUED, len(named) - 1), 0, -1) if WITHOUT_BLANKS.match(named) else ()
    sizes = (size for size in glued if vocabulary.codes("OFWHICH", plain(named[-size:])))
    return next((named[:-size].rstrip(BOUNDS) for size in sizes), label)


def list_end_phrases(label: str) -> Iterator[tuple[str, str, bool]]:
    """List leading and trailing phrases of a label with the rest, longest first.

    >>> list(list_end_phrases("Other Africa"))
    [('other', 'Africa', True), ('africa', 'Other', False)]
    """
    words = [word for word in WORD_BREAKS.split(label) if word]
    if len(words) == 1 and WITHOUT_BLANKS.match(label):
        words = list(label)
        between = ""
    else:
        between = " "
    for size in range(min(LONGEST_GLUED if not between else MAX_PHRASE_WORDS, len(words) - 1), 0, -1):
        first, last = between.join(words[:size]), between.join(words[-size:])
        yield plain(first), between.join(words[size:]), True
        yield plain(last), between.join(words[:-size]), False


def _measure_name(words: list[str], where: str, vocabulary: Vocabulary) -> int:
    for size in range(min(MAX_PHRASE_WORDS, len(words) - 1), 0, -1):
        phrase = " ".join(words[:size] if where == BEFORE else words[-size:])
        if where in vocabulary.codes("WORDING", plain(phrase)):
            return size
    return 0


def _strip_glued_wording(label: str, vocabulary: Vocabulary) -> str:
    for size in range(min(LONGEST_GLUED, len(label) - 2), 0, -1):
        if WORDINGS_BEHIND in vocabulary.codes("WORDING", plain(label[-size:])):
            return label[:-size]
    return ""


INCLUDING = "INCLUDING"
BEHIND = "behind"
MAX_LIMIT_WORDS = 4
"""Maximum number of words in such a phrase."""
WORD = re.compile(r"[^\s,;:()\[\]（）/*+‐-―−-]+")
GLUED_SCRIPTS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
"""A character of a script without blanks."""
BOUNDS = " \t,;:.-–—*+/()[]（）、，；：·・"
OUTER_BREAK = re.compile(r"[,;(\[（、，；]|\s[-–—]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    concept: str
    word: str
    whole: str
    part: str
    place: str


def find_limits(label: str, vocabulary: Vocabulary) -> Iterator[Limit]:
    for concept in (EXCLUDING, INCLUDING):
        for first, last, places in (
            *_find_limit_phrases(label, concept, vocabulary),
            *_find_glued_limits(label, concept, vocabulary),
        ):
            for place in places:
                before, word, after = label[:first], label[first:last], label[last:]
                whole, part = _split_around(before, after, place)
                if concept == EXCLUDING or whole:
                    yield Limit(concept=concept, word=word, whole=whole, part=part, place=place)


def _find_limit_phrases(label: str, concept: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    words = [(match.start(), match.end()) for match in WORD.finditer(label)]
    for size in range(min(MAX_LIMIT_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            first, last = words[at][0], words[at + size - 1][1]
            places = vocabulary.codes(concept, plain(label[first:last]))
            if places:
                yield first, last, places


def _find_glued_limits(label: str, concept: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    if not GLUED_SCRIPTS.search(label):
        return
    letters = ((at, sign) for at, sign in enumerate(label) if not unicodedata.combining(sign))
    signs = [(sign, at) for at, written in letters for sign in plain(written) or written]
    text = "".join(sign for sign, _ in signs)
    listed = (word for word in vocabulary.words.get(concept, {}) if GLUED_SCRIPTS.match(word))
    for word in sorted(listed, key=lambda phrase: (-len(phrase), phrase)):
        first = text.find(word)
        if first == 0 or (first > 0 and (len(word) > 1 or text[first - 1] in BOUNDS)):
            last = first + len(word)
            end = signs[last][1] if last < len(signs) else len(label)
            yield signs[first][1], end, vocabulary.codes(concept, word)


def _split_around(before: str, after: str, place: str) -> tuple[str, str]:
    if place != BEHIND:
        return before.strip(BOUNDS), after.strip(BOUNDS)
    outer = list(OUTER_BREAK.finditer(before))
    if outer and before[outer[-1].end() :].strip(BOUNDS):
        return before[: outer[-1].start()].strip(BOUNDS), before[outer[-1].end() :].strip(BOUNDS)
    return after.strip(BOUNDS), before.strip(BOUNDS)


EQUAL_SEPARATOR = re.compile(r"\s*[/&+;|·・、]\s*")
ADDITION_SEPARATOR = re.compile(r"\s*[,()\[\]（）]\s*|\s+[-–—]\s+")
SHORT = 3
"""Maximum length of words that name a country only in capitals: “US”, not “us”."""
OTHER_CONCEPTS = ("OTHER", "UNKNOWN", "STATELESS")
"""Concepts of words other than countries in lists of countries."""
ANYWHERE, ALONE = "any", "whole"


def names_other(label: str, codes: set[str], areas: Areas, vocabulary: Vocabulary) -> bool:
    """Check whether a label names another country, unlike “Martinique (France)”."""
    words = split_phrases(plain(label).split(), vocabulary)
    if any({ANYWHERE, *codes} & {*vocabulary.codes("PLACE", phrase)} for phrase in words):
        return True
    equals = list(_list_items(bare(label), vocabulary))
    added = [part for equal in equals for part in ADDITION_SEPARATOR.split(equal) if part]
    kin = codes | {state for code in codes for state in vocabulary.codes("BELONGS_TO", code.lower())}
    states_named = [states for part in equals if (states := _find_country_codes(part, areas))]
    if any(not first & second for first, second in combinations(states_named, 2)):
        return True
    return (len(equals) > 1 and any(_is_unrelated(part, codes, areas, vocabulary) for part in equals)) or (
        len(added) > 1 and any(_is_unrelated(part, kin, areas, vocabulary) for part in added)
    )


def split_label(label: str) -> list[str]:
    return [part for side in bare(label).split("/") for part in ADDITION_SEPARATOR.split(side.strip()) if part]


def _list_items(label: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the items that a label lists, between signs and words such as “and”."""
    for part in EQUAL_SEPARATOR.split(label):
        listed: list[str] = []
        for word in part.split():
            if vocabulary.codes("JOINING", plain(word)):
                yield " ".join(listed)
                listed = []
            else:
                listed.append(word)
        yield " ".join(listed)


def _is_unrelated(part: str, kin: set[str], areas: Areas, vocabulary: Vocabulary) -> bool:
    if any(vocabulary.codes(concept, plain(part)) for concept in OTHER_CONCEPTS):
        return True
    name = strip_of_which(part, vocabulary)
    states = _find_country_codes(name, areas)
    if name != part:
        states |= {state for territory in states for state in vocabulary.codes("BELONGS_TO", territory.lower())}
    return bool(states) and not states & kin


def _find_country_codes(name: str, areas: Areas) -> set[str]:
    if len(name) < 2 or (len(name) <= SHORT and not name.isupper() and name.isascii()):
        return set()
    return {code for code in areas.candidates(name) if code.isalpha()}
