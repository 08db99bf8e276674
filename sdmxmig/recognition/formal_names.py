"""Formal names of states, such as “Republic of Slovenia”, by the words that are left without the solemn ones.

What is left is compared with what is left of the names that are known: as it stands, or, since formal names are often
inflected (“Slovenská republika”, “Slovenian tasavalta”), word by word up to the endings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdmxmig.areas import FORMER, Areas, aliases
from sdmxmig.catalogue.folders import search_path
from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.words import Vocabulary

SHORTEST_STEM = 4
"""Letters that a word and its inflected form share at least, if both go on behind them."""
SHORTEST_NAME = 3
"""Letters of the shortest word that may only get an ending: Czech “Čad”, “Čadská”."""
ENDING = 5
"""Letters that an ending of an inflected name has at most: Finnish “Afganistanin”, Polish “Słowenii”."""
CUT = 2
"""Letters that a name may lose before it gets an ending."""
WITHOUT_BLANKS = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A first letter of Chinese, Japanese or Korean, whose words stand together and have no endings."""
ARTICLE = "ال"
"""The Arabic article, which is written as a part of its word."""
Core = tuple[str, ...]
"""The words of a name without its solemn ones, in the order of the alphabet."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a formal name may mean: its core and the codes, and whether endings differ or words were left out."""

    core: Core
    codes: tuple[str, ...]
    is_inflected: bool
    is_shorter: bool


@dataclass(frozen=True, eq=False)
class FormalNames:
    """The cores of all names with the codes that they stand for, and the words by which cores are found."""

    cores: Mapping[Core, tuple[str, ...]]
    vocabulary: Vocabulary

    def meant(self, name: str) -> Meant:
        """The states that a formal name may mean.

        A single word of which nothing was left out is no formal name.
        """
        core = core_of(name, self.vocabulary)
        is_shorter = sum(map(len, core)) < len(plain(name).replace(" ", ""))
        if not core or (len(core) < 2 and not is_shorter):
            return Meant(core, (), is_inflected=False, is_shorter=is_shorter)
        codes = self.by_government(self.cores.get(core, ()), name)
        if codes:
            return Meant(core, codes, is_inflected=False, is_shorter=is_shorter)
        near = {code for one in inflected(core, self.beginnings) for code in self.cores[one]}
        return Meant(core, self.by_government(tuple(sorted(near)), name), is_inflected=True, is_shorter=is_shorter)

    def by_government(self, found: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Of two states of one name the one whose form of government is said."""
        pair = next((self.pairs[code] for code in found if code in self.pairs), None)
        if pair is None or {code for code in found if not code.isdecimal()} - {*pair}:
            return found
        return pair[:1] if is_democratic(name, self.vocabulary) else pair[1:]

    @cached_property
    def beginnings(self) -> Mapping[str, frozenset[Core]]:
        """The cores by the first letters of each word."""
        found: dict[str, set[Core]] = {}
        for core in self.cores:
            for word in core:
                found.setdefault(word[:SHORTEST_NAME], set()).add(core)
        return {first: frozenset(listed) for first, listed in found.items()}

    @cached_property
    def pairs(self) -> Mapping[str, tuple[str, str]]:
        """The democratic (people's) republic and the other state of its name, by the code of each."""
        found: dict[str, tuple[str, str]] = {}
        for code in self.vocabulary.codes("DEMOCRATIC", "democratic"):
            shared = (set(codes) for codes in self.cores.values() if code in codes)
            other = next(
                (rest for one in shared if len(rest := {each for each in one - {code} if each.isalpha()}) == 1), ()
            )
            for each in other:
                found |= dict.fromkeys((code, each), (code, each))
        return found


def read_formal_names(areas: Areas, vocabulary: Vocabulary, workspace: Path | None) -> FormalNames:
    """The cores of the names that ship with sdmxmig and those of a workspace; today's countries before former ones."""
    listed = (
        (code, name)
        for code, name, _ in aliases(search_path("codelists", workspace), areas.codes)
        if not name.isalpha()
    )
    titles = ((areas.codes[code], title.removesuffix(FORMER)) for code, title in areas.titles.items())
    words = ((meaning.code, name) for name, meanings in areas.names.items() for meaning in meanings)
    found: dict[Core, set[str]] = {}
    for code, name in (*listed, *titles, *words):
        core = core_of(name, vocabulary)
        if core:
            found.setdefault(core, set()).add(code)
    today = {core: {code for code in codes if not areas.titles[code].endswith(FORMER)} for core, codes in found.items()}
    return FormalNames({core: tuple(sorted(today[core] or codes)) for core, codes in found.items()}, vocabulary)


def is_democratic(name: str, vocabulary: Vocabulary) -> bool:
    """Whether a name speaks of a democratic or people's republic, in any language."""
    words, listed = plain(name).split(), vocabulary.words.get("DEMOCRATIC", {})
    return any(word in listed for word in words) or any(
        known in word for word in words if WITHOUT_BLANKS.match(word) for known in listed if WITHOUT_BLANKS.match(known)
    )


def core_of(name: str, vocabulary: Vocabulary) -> Core:
    """The words of a name without “republic”, “kingdom”, “islands”, “and” and the like in any language.

    Scripts without blanks lose the longest such ending.
    """
    words = plain(name).split()
    if len(words) == 1 and WITHOUT_BLANKS.match(words[0]):
        words = [_without_ending(words[0], vocabulary)]
    bare = (word.removeprefix(ARTICLE) if len(word) > SHORTEST_STEM else word for word in _kept(words, vocabulary))
    return tuple(sorted(set(bare)))


def _without_ending(word: str, vocabulary: Vocabulary) -> str:
    size = next((size for size in range(len(word) - 2, 0, -1) if vocabulary.codes("FORMAL", word[-size:])), 0)
    return word[:-size] if size else word


def _kept(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    position = 0
    while position < len(words):
        sizes = range(min(3, len(words) - position), 0, -1)
        phrases = ((size, " ".join(words[position : position + size])) for size in sizes)
        size = next((size for size, phrase in phrases if vocabulary.codes("FORMAL", phrase)), 0)
        if not size:
            yield words[position]
        position += size or 1


def inflected(core: Core, known: Mapping[str, Iterable[Core]]) -> frozenset[Core]:
    """The known cores, by the first letters of each word, that a core may be in another case or as adjectives.

    >>> listed = {"slo": [("slovensko",), ("slovinsko",)], "ara": [("arab", "syria")]}
    >>> inflected(("slovenska",), listed), inflected(("arabska", "syrska"), listed)
    (frozenset({('slovensko',)}), frozenset())
    """
    near = [set(known.get(word[:SHORTEST_NAME], ())) for word in core]
    listed = set.intersection(*near) if near else set()
    shared = {other: _shared(core, other) for other in listed if len(other) == len(core)}
    most = max(shared.values(), default=0)
    return frozenset(other for other, letters in shared.items() if letters == most) if most else frozenset()


def _shared(core: Core, other: Core) -> int:
    """How many letters the words of two cores share at their beginnings, 0 if a word has no counterpart."""
    total = 0
    left = list(other)
    for word in core:
        fits = {one: letters for one in left if (letters := _common(word, one))}
        if not fits:
            return 0
        best = max(fits, key=lambda one: (fits[one], one))
        left.remove(best)
        total += fits[best]
    return total


def _common(form: str, name: str) -> int:
    """The letters that an inflected form and a name share, 0 if the rest is longer than endings are."""
    pairs = enumerate(zip(form, name, strict=False))
    shared = next((at for at, (one, other) in pairs if one != other), min(len(form), len(name)))
    if WITHOUT_BLANKS.match(form):
        return len(form) if form == name else 0
    least = SHORTEST_NAME if shared == len(name) else SHORTEST_STEM
    return shared if shared >= least and len(form) - shared <= ENDING and len(name) - shared <= CUT else 0
