"""What the words of a title speak of: groups, measures, units, places; and the words that nothing explains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.recogniser import Recogniser
from sdmxmig.recognition.words import Vocabulary

CONCEPTS = (
    *("SEX", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS", "MEASURE", "GROUP", "NEGATION", "PLACE", "OBS_STATUS", "UNIT"),
    *("UNIT_MULT", "UNIT_MEASURE", "DATE", "REF_DATE", "EXCLUDING", "INCLUDING", "BY", "PLAIN", "ADDED", "ROLE"),
    *(
        "SOURCE",
        "TOTAL",
        "UNKNOWN",
        "OTHER",
        "STATELESS",
        "MONTH",
        "QUARTER",
        "AGEPART",
        "ADM_ITEM",
        "PROT_ITEM",
        "TMP_ITEM",
    ),
    *("CTZ_ITEM", "REASON", "MOB_TYPE", "PROT_STATUS", "WORDING", "ARTICLE", "JOINING", "OFWHICH", "REST", "ALL"),
)
"""What the words of a title may be about."""
WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
"""Signs of scripts whose words stand together."""
LONGEST_GLUED = 10
"""How many words a phrase has at most, or signs of such a script."""
NUMBERED = re.compile(r"[a-z]{0,3}\d[\d./-]*[a-z]?|[ivxlcm]{1,6}|\W*", re.IGNORECASE)
"""Numbers, years, numbers of tables such as “T3a”, Roman numerals."""
SHORTEST = 3
"""A word of fewer letters that nothing explains says nothing of what is counted."""
SHORT = 3
"""An ordinary word of so many letters at most is nothing else in a title."""
COUNTRY = "COUNTRY"
"""The concept of the names of countries and of their peoples."""
NOT = "NEGATION"
BEFORE = 3
"""How many words may stand between “by” and what a table is broken down by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A phrase of a title and what it is about.

    `code` is one of the `concept`, such as ``FC`` of ``CTZ_STATUS`` or ``THOUSANDS`` of ``UNIT``; `at` is the word at
    which the phrase begins. `negated` says that a word such as “non” stands before it.
    """

    concept: str
    code: str
    phrase: str
    at: int
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that a title speaks of, in its order, and the words in it that nothing explains."""

    title: str
    mentions: tuple[Mention, ...]
    unexplained: tuple[str, ...]

    def of(self, *concepts: str) -> tuple[Mention, ...]:
        """What it says about these concepts."""
        return tuple(each for each in self.mentions if each.concept in concepts)


@lru_cache(maxsize=4096)
def read_title(title: str, recogniser: Recogniser) -> Reading:
    """What a title speaks of, word by word, the countries that it names among it."""
    words = words_of(title)
    mentions, free = said_by(words, recogniser.vocabulary)
    countries = list(_countries(words, set(free), recogniser))
    named = {at for mention, size in countries for at in range(mention.at, mention.at + size)}
    mentions = sorted([*mentions, *(mention for mention, _ in countries)], key=lambda each: each.at)
    unexplained = tuple(words[at][0] for at in free if at not in named and is_telling(words[at][0]))
    return Reading(title=title, mentions=tuple(_negated(mentions)), unexplained=unexplained)


def said_by(words: Sequence[tuple[str, str]], vocabulary: Vocabulary) -> tuple[list[Mention], list[int]]:
    """What the words of a title speak of, of phrases the longest one that any list has; and which words no list has."""
    phrases = known_phrases(vocabulary)
    mentions: list[Mention] = []
    free: list[int] = []
    at = 0
    while at < len(words):
        sizes = range(min(LONGEST_GLUED, len(words) - at), 0, -1)
        size = next((size for size in sizes if _joint(words, at, size) in phrases), 0)
        if size:
            phrase = " ".join(written for written, _ in words[at : at + size])
            pairs = phrases[_joint(words, at, size)]
            mentions += [Mention(concept=concept, code=code, phrase=phrase, at=at) for concept, code in pairs]
        else:
            free.append(at)
        at += size or 1
    return mentions, free


def words_of(title: str) -> list[tuple[str, str]]:
    """The words of a title as they are written and as they are looked up.

    >>> words_of("Non-Kenyan women, 2019")
    [('Non', 'non'), ('Kenyan', 'kenyan'), ('women', 'women'), ('2019', '2019')]
    """
    found: list[tuple[str, str]] = []
    for written in re.findall(r"[^\W_]+(?:['’ʼ][^\W_]+)*|[%‰]", title):
        if WITHOUT_BLANKS.search(written):
            found += [(sign, plain(sign)) for sign in written]
            continue
        looked_up = plain(written).split()
        found += [(written, looked_up[0])] if len(looked_up) == 1 else [(part, part) for part in looked_up]
    return found


def is_telling(word: str) -> bool:
    """Whether a word that nothing explains may say something: no number, no single letters."""
    if WITHOUT_BLANKS.search(word):
        return True
    return len(word) >= SHORTEST and not NUMBERED.fullmatch(word)


def _joint(words: Sequence[tuple[str, str]], at: int, size: int) -> str:
    return " ".join(looked_up for _, looked_up in words[at : at + size])


@lru_cache(maxsize=8)
def known_phrases(vocabulary: Vocabulary) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What each phrase of the lists of words is about: concepts with their codes.

    A group that a dimension can say, such as ``CTZ_STATUS=FC``, is a code of that dimension. Signs of scripts without
    blanks are looked up one by one.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    ordinary = vocabulary.words.get("PLAIN", {})
    for concept in CONCEPTS:
        for phrase, codes in vocabulary.words.get(concept, {}).items():
            if (
                len(phrase) <= SHORT
                and phrase.isascii()
                and (len(phrase) == 1 or (phrase in ordinary) != (concept == "PLAIN"))
            ):
                continue
            for code in codes:
                dimension, _, own = code.partition("=")
                pair = (dimension, own) if concept == "GROUP" and own else (concept, code)
                listed = found.setdefault(_apart(phrase), [])
                if pair not in listed:
                    listed.append(pair)
    return {phrase: tuple(pairs) for phrase, pairs in found.items()}


def _apart(phrase: str) -> str:
    """A phrase with blanks between the signs of scripts that have none."""
    return " ".join(re.sub(rf"({WITHOUT_BLANKS.pattern})", r" \1 ", phrase).split())


def _countries(
    words: Sequence[tuple[str, str]], free: set[int], recogniser: Recogniser
) -> Iterator[tuple[Mention, int]]:
    """The countries that a title names by a word that nothing else explains, and how many words each name has."""
    taken: set[int] = set()
    for size in range(min(5, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            span = set(range(at, at + size))
            phrase = " ".join(written for written, _ in words[at : at + size])
            if not span & free or span & taken or len(phrase) <= SHORTEST:
                continue
            area = next((one for one in recogniser.countries.candidates(phrase) if one.is_applied), None)
            if area is not None:
                taken |= span
                yield Mention(concept=COUNTRY, code=area.code, phrase=phrase, at=at), size


def introduced(one: Mention, reading: Reading) -> bool:
    """Whether a word such as “by” stands right before a phrase: the table is broken down by it."""
    return any(0 < one.at - each.at <= BEFORE for each in reading.of("BY"))


def _negated(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The mentions, those behind a word such as “non” marked."""
    before = [each.at for each in mentions if each.concept == NOT]
    for one in mentions:
        negated = any(0 < one.at - at <= 1 for at in before) and one.concept != NOT
        yield Mention(concept=one.concept, code=one.code, phrase=one.phrase, at=one.at, negated=negated)
