"""Recognition of formal and shortened state names by their distinctive words, also inflected."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from pathlib import Path

from sdmxmig.catalogue.areas import ANY_CONCEPT, FORMER_MARK, Areas, list_aliases
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import SHORTEST_STEM, Vocabulary

SHORTEST_NAME = 3
"""Minimum length of a word without changes before its ending: Czech “Čad”, “Čadská”."""
MAX_PHRASE_WORDS = 3
"""Maximum number of words in a formal phrase."""
MAX_ENDING = 6
"""Maximum length of the ending of an inflected name: Finnish “Afganistanin”, Slovak “Zimbabwianska”."""
MAX_CUT_LETTERS = 2
"""Maximum number of letters that a name loses before an ending."""
WITHOUT_BLANKS = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A first letter of Chinese, Japanese or Korean, which have no blanks or endings."""
ARABIC_ARTICLE = "ال"
"""The Arabic article, a part of its word."""
SAINT_WORD = "saint"
Core = tuple[str, ...]
"""The words of a name without formal ones, sorted."""


@dataclass(frozen=True, slots=True)
class FormalMeaning:
    """The core and codes of a formal name; cores of rare languages count as inflected."""

    core: Core
    codes: tuple[str, ...]
    _: KW_ONLY
    is_inflected: bool
    is_shorter: bool


@dataclass(frozen=True, eq=False)
class FormalNames:
    """The cores of all names with codes and index.

    `common` are those of languages with known tables, `entire` names without generic words, `local` codes of
    territories and of states with words such as “islands” or “city”.
    """

    cores: Mapping[Core, tuple[str, ...]]
    common: frozenset[Core]
    _: KW_ONLY
    entire: frozenset[Core]
    local: frozenset[str]
    vocabulary: Vocabulary

    def meaning(self, name: str) -> FormalMeaning:
        """Find the states of a formal name.

        A single word is not a formal name. “Overseas France” is only part of France, so words for parts are dropped
        only for territories and island states.
        """
        core = extract_core(name, self.vocabulary)
        is_shorter = sum(map(len, core)) < len(plain(name).replace(" ", ""))
        if not core or (len(core) < 2 and not is_shorter):
            return FormalMeaning(core, (), is_inflected=False, is_shorter=is_shorter)
        meaning = self._find_meaning(core, name)
        if is_shorter and names_part(name, self.vocabulary):
            return replace(meaning, codes=tuple(code for code in meaning.codes if code in self.local))
        return meaning

    def _find_meaning(self, core: Core, name: str) -> FormalMeaning:
        is_shorter = sum(map(len, core)) < len(plain(name).replace(" ", ""))
        codes = self.find_by_government(self.cores.get(core, ()), name)
        if codes:
            return FormalMeaning(core, codes, is_inflected=core not in self.common, is_shorter=is_shorter)
        near_codes = self.find_by_government(self._find_near(core), name)
        return FormalMeaning(core, near_codes, is_inflected=True, is_shorter=is_shorter)

    def _find_near(self, core: Core) -> tuple[str, ...]:
        forms = (core, _drop_second_forms(core))
        near = next(
            (cores for form in forms if form and (cores := find_inflected_cores(form, self.beginnings))), frozenset()
        )
        codes = tuple(sorted({code for near_core in near for code in self.cores[near_core]}))
        without_parts = tuple(word for word in core if not self.vocabulary.codes("PART", word))
        whole = self.cores[without_parts] if len(without_parts) < len(core) and without_parts in self.common else ()
        return () if whole and {*whole}.isdisjoint(codes) else codes

    def find_by_government(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Choose between two states of one name by form of government, unless the name is unique (Zaire)."""
        pair = next((self.pairs[code] for code in codes if code in self.pairs), None)
        if pair is None or {code for code in codes if not code.isdecimal()} - {*pair}:
            return codes
        core = extract_core(name, self.vocabulary)
        if len(codes) == 1 and (core in self.entire or len(core) > 1):
            return codes
        return pair[:1] if is_democratic(name, self.vocabulary) else pair[1:]

    def states(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        state_codes = tuple(code for code in codes if code.isalpha())
        is_shorter = sum(map(len, extract_core(name, self.vocabulary))) < len(plain(name).replace(" ", ""))
        return state_codes if state_codes and is_shorter and not names_part(name, self.vocabulary) else codes

    @cached_property
    def beginnings(self) -> Mapping[str, frozenset[Core]]:
        cores_by_beginning: dict[str, set[Core]] = {}
        for core in self.common:
            for word in core:
                cores_by_beginning.setdefault(word[:SHORTEST_NAME], set()).add(core)
        return {first: frozenset(listed) for first, listed in cores_by_beginning.items()}

    @cached_property
    def pairs(self) -> Mapping[str, tuple[str, str]]:
        """Map the democratic (people's) republic and the other state of its name to each other, by code."""
        pairs: dict[str, tuple[str, str]] = {}
        for code in self.vocabulary.codes("DEMOCRATIC", "democratic"):
            shared = (set(codes) for codes in self.cores.values() if code in codes)
            twins = next(
                (
                    twin_codes
                    for codes in shared
                    if len(twin_codes := {state for state in codes - {code} if state.isalpha()}) == 1
                ),
                (),
            )
            for twin in twins:
                pairs |= dict.fromkeys((code, twin), (code, twin))
        return pairs


def read_formal_names(areas: Areas, vocabulary: Vocabulary, workspace: Path | None) -> FormalNames:
    """Index the cores of shipped and workspace names by code; current countries come first."""
    listed = (alias for alias in list_aliases(workspace, areas.codes) if not alias[1].isalpha())
    titles = (
        (areas.codes[code], title.removesuffix(FORMER_MARK), {ANY_CONCEPT}) for code, title in areas.titles.items()
    )
    words = ((meaning.code, name, meaning.languages) for name, meanings in areas.names.items() for meaning in meanings)
    codes_by_core: dict[Core, set[str]] = {}
    local = {code.upper() for code in vocabulary.words.get("BELONGS_TO", {})}
    entire, common, readable_languages = set(), set(), vocabulary.languages | {ANY_CONCEPT}
    for code, name, languages in (*listed, *titles, *words):
        core = extract_core(name, vocabulary)
        if not core:
            continue
        codes_by_core.setdefault(core, set()).add(code)
        if core == (name,):
            entire.add(core)
        if (
            " " in name
            and "(" not in name
            and not readable_languages.isdisjoint(languages)
            and names_part(name, vocabulary)
        ):
            local.add(code)
        if not readable_languages.isdisjoint(languages):
            common.add(core)
    today = {
        core: {code for code in codes if not areas.titles[code].endswith(FORMER_MARK)}
        for core, codes in codes_by_core.items()
    }
    cores = {core: tuple(sorted(today[core] or codes)) for core, codes in codes_by_core.items()}
    return FormalNames(
        cores, frozenset(common), entire=frozenset(entire), local=frozenset(local), vocabulary=vocabulary
    )


def is_democratic(name: str, vocabulary: Vocabulary) -> bool:
    words, listed = plain(name).split(), vocabulary.words.get("DEMOCRATIC", {})
    return any(word in listed for word in words) or any(
        spelling in word
        for word in words
        if WITHOUT_BLANKS.match(word)
        for spelling in listed
        if WITHOUT_BLANKS.match(spelling)
    )


def names_part(name: str, vocabulary: Vocabulary) -> bool:
    solemn = vocabulary.words.get("FORMAL", {})
    return any(
        phrase in solemn and vocabulary.codes("PART", phrase)
        for phrase in split_phrases(plain(name).split(), vocabulary)
    )


def extract_core(name: str, vocabulary: Vocabulary) -> Core:
    """Return the distinctive words of a name; scripts without blanks lose the longest generic ending."""
    words = plain(name).split()
    saints = vocabulary.words.get("SAINT", {})
    if len(words) == 1 and words[0].isascii():  # most of the 60,000 names: a single word contains no phrase
        return (
            () if words[0] in vocabulary.words.get("FORMAL", {}) else (SAINT_WORD if words[0] in saints else words[0],)
        )
    if len(words) == 1 and WITHOUT_BLANKS.match(words[0]):
        words = [_strip_ending(words[0], vocabulary)]
    bare = (
        word.removeprefix(ARABIC_ARTICLE) if len(word) > SHORTEST_STEM else word
        for word in _keep_words(words, vocabulary)
    )
    return tuple(sorted({SAINT_WORD if word in saints else word for word in bare}))


def _strip_ending(word: str, vocabulary: Vocabulary) -> str:
    size = next((size for size in range(len(word) - 2, 0, -1) if vocabulary.codes("FORMAL", word[-size:])), 0)
    return word[:-size] if size else word


def _keep_words(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    solemn = vocabulary.words.get("FORMAL", {})
    return (phrase for phrase in split_phrases(words, vocabulary) if phrase not in solemn)


def split_phrases(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    solemn = vocabulary.words.get("FORMAL", {})
    position = 0
    while position < len(words):
        size, phrase = 1, words[position]
        for longer in range(min(MAX_PHRASE_WORDS, len(words) - position), 1, -1):
            if (longer_phrase := " ".join(words[position : position + longer])) in solemn:
                size, phrase = longer, longer_phrase
                break
        yield phrase
        position += size


def _drop_second_forms(core: Core) -> Core:
    return tuple(
        word
        for word in core
        if not any(len(shorter) < len(word) and _count_common_letters(word, shorter) for shorter in core)
    )


def find_inflected_cores(core: Core, cores_by_beginning: Mapping[str, Iterable[Core]]) -> frozenset[Core]:
    """Find known cores that may be inflected forms of a core.

    >>> listed = {"slo": [("slovensko",), ("slovinsko",)], "ara": [("arab", "syria")]}
    >>> find_inflected_cores(("slovenska",), listed), find_inflected_cores(("arabska", "syrska"), listed)
    (frozenset({('slovensko',)}), frozenset())
    """
    near = [set(cores_by_beginning.get(word[:SHORTEST_NAME], ())) for word in core]
    listed = set.intersection(*near) if near else set()
    shared = {near_core: _count_shared_letters(core, near_core) for near_core in listed if len(near_core) == len(core)}
    most = max(shared.values(), default=0)
    return frozenset(near_core for near_core, letters in shared.items() if letters == most) if most else frozenset()


def _count_shared_letters(core: Core, known_core: Core) -> int:
    """Count the letters that words of two cores share at their start; 0 if a word has no counterpart."""
    total = 0
    unmatched = list(known_core)
    for word in core:
        fits = {known_word: letters for known_word in unmatched if (letters := _count_common_letters(word, known_word))}
        if not fits:
            return 0
        best = max(fits, key=lambda known_word: (fits[known_word], known_word))
        unmatched.remove(best)
        total += fits[best]
    return total


def _count_common_letters(form: str, name: str) -> int:
    pairs = enumerate(zip(form, name, strict=False))
    shared = next(
        (at for at, (form_letter, name_letter) in pairs if form_letter != name_letter), min(len(form), len(name))
    )
    if WITHOUT_BLANKS.match(form):
        return len(form) if form == name else 0
    least = SHORTEST_NAME if shared == len(name) >= len(form) - 1 else SHORTEST_STEM  # “Čada”, not “based”
    return (
        shared if shared >= least and len(form) - shared <= MAX_ENDING and len(name) - shared <= MAX_CUT_LETTERS else 0
    )


WORD = re.compile(r"(?P<word>[^\W\d_]+)(?P<dot>\.?)(?P<joined>['’‘]?)")
MAX_ABBREVIATION, MAX_PIECES = 10, 6
TELLING_LETTERS, SHORTEST_ALONE = 3, 4
SHORTEST_CUT, MAX_STATES_OF_CUT = 15, 3
MAX_FILLER_LETTERS = 3
"""Maximum length of formal words that may be left out: “of”, “the”, “and”."""


@dataclass(frozen=True, slots=True)
class WordPart:
    word: str
    is_cut: bool


def has_initials(label: str, vocabulary: Vocabulary) -> bool:
    """Check whether words are cut to one letter, except conjunctions such as “y” and “e”."""
    matches = list(WORD.finditer(bare(label)))
    initials = (is_initial(match, vocabulary, is_first=not at) for at, match in enumerate(matches))
    return any(initials) and any(len(match["word"]) > 1 for match in matches)


def is_initial(match: re.Match[str], vocabulary: Vocabulary, *, is_first: bool) -> bool:
    word = match["word"]
    if len(word) > 1 or match["joined"]:
        return False
    return bool(match["dot"]) or (word.isupper() and (is_first or not vocabulary.codes("JOINING", plain(word))))


def has_cut_words(label: str) -> bool:
    return any(match["dot"] and len(match["word"]) >= TELLING_LETTERS for match in [*WORD.finditer(bare(label))][:-1])


@dataclass(frozen=True, eq=False)
class ShortNames:
    """Words of country names in languages with known tables, for matching shortened names."""

    areas: Areas
    vocabulary: Vocabulary
    _: KW_ONLY
    workspace: Path | None

    def find_areas(self, label: str) -> tuple[str, ...]:
        pieces = self._pieces(label)
        full = [piece for piece in pieces if len(piece.word) >= SHORTEST_ALONE]
        if not any(piece.is_cut for piece in pieces) or not (full or self.tells(label)) or len(pieces) > MAX_PIECES:
            return ()
        listed = self.names.get(len(pieces), ())
        return tuple(sorted({code for code, words in listed if self._match_all(pieces, words)}))

    def beginning(self, label: str) -> tuple[str, ...]:
        """Find up to three countries whose names continue a truncated label."""
        short = plain(label).removeprefix("the ")
        if len(label) < SHORTEST_CUT or label.endswith("."):
            return ()
        first = bisect_left(self.ordered, (short, ""))
        last = bisect_left(self.ordered, (short + chr(sys.maxunicode), ""))
        inside = self._is_filler(short.split()[-1])
        codes = {code for name, code in self.ordered[first:last] if inside or name[len(short) : len(short) + 1].strip()}
        states = tuple(sorted(code for code in codes if code.isalpha()))
        return states if len(states) <= MAX_STATES_OF_CUT else ()

    @cached_property
    def ordered(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(plain(name).removeprefix("the "), code) for code, name in self._spoken()}))

    @cached_property
    def words(self) -> Mapping[str, frozenset[str]]:
        codes_by_word: dict[str, set[str]] = {}
        for name, code in self.ordered:
            for word in name.split():
                codes_by_word.setdefault(word, set()).add(code)
        return {word: frozenset(codes) for word, codes in codes_by_word.items() if len(word) > MAX_FILLER_LETTERS}

    def _pieces(self, label: str) -> tuple[WordPart, ...]:
        words = list(WORD.finditer(bare(label)))
        pieces = [
            WordPart(
                plain(match["word"]),
                is_cut=is_initial(match, self.vocabulary, is_first=not at)
                or (bool(match["dot"]) and 1 < len(match["word"]) <= MAX_ABBREVIATION),
            )
            for at, match in enumerate(words)
        ]
        return tuple(piece for piece in pieces if piece.word and (piece.is_cut or not self._is_filler(piece.word)))

    def tells(self, label: str) -> bool:
        pieces = self._pieces(label)
        if len(pieces) == 1:
            return len(pieces[0].word) >= SHORTEST_ALONE
        return any(
            len(piece.word) >= TELLING_LETTERS
            and not any(self.vocabulary.codes("FORMAL", word) for word in (piece.word, *self._expand_word(piece.word)))
            for piece in pieces
        )

    def _match_all(self, pieces: tuple[WordPart, ...], words: tuple[str, ...]) -> bool:
        unmatched = list(words)
        for piece in sorted(pieces, key=lambda piece: (piece.is_cut, -len(piece.word))):
            word = next((word for word in unmatched if self._matches(piece, word)), "")
            if not word:
                return False
            unmatched.remove(word)
        return True

    def _matches(self, piece: WordPart, word: str) -> bool:
        if word == piece.word:
            return True
        return piece.is_cut and (word.startswith(piece.word) or word in self._expand_word(piece.word))

    def _expand_word(self, word: str) -> tuple[str, ...]:
        return self.vocabulary.codes("ABBREVIATION", word)

    def _is_filler(self, word: str) -> bool:
        codes = self.vocabulary.codes
        return len(word) <= MAX_FILLER_LETTERS and bool(
            codes("FORMAL", word) or codes("JOINING", word) or codes("ARTICLE", word)
        )

    @cached_property
    def names(self) -> dict[int, tuple[tuple[str, tuple[str, ...]], ...]]:
        names_by_length: dict[int, dict[tuple[str, tuple[str, ...]], None]] = {}
        for code, name in self._spoken():
            words = plain(name).split()
            further_words = tuple(word for word in words[1:] if not self._is_filler(word))
            for name_words in [(*words[:1], *further_words), *([further_words] if self._is_filler(words[0]) else [])]:
                names_by_length.setdefault(len(name_words), {})[code, name_words] = None
        return {size: tuple(listed) for size, listed in names_by_length.items()}

    def _spoken(self) -> Iterator[tuple[str, str]]:
        readable_languages = self.vocabulary.languages | {ANY_CONCEPT}
        yield from ((self.areas.codes[code], title) for code, title in self.areas.titles.items())
        listed = list_aliases(self.workspace, self.areas.codes)
        yield from ((code, name) for code, name, languages in listed if readable_languages & languages)
