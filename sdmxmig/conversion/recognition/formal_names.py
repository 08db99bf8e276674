"""Recognition of formal state names by their distinctive words.

“Republic of Slovenia” is matched without generic words, also inflected (“Slovenská republika”) by word stems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from pathlib import Path

from sdmxmig.catalogue.areas import ANY, FORMER, Areas, aliases
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.primitives.lazily import rapidfuzz

SHORTEST_STEM = 4
SHORTEST_NAME = 3
"""Letters of the shortest word that may only get an ending: Czech “Čad”, “Čadská”."""
LONGEST_PHRASE = 3
"""Words of the longest solemn phrase."""
SHORTEST_SLIP = 5
"""Letters of the shortest solemn word in which one may be wrong."""
ENDING = 6
"""Letters that an ending of an inflected name has at most: Finnish “Afganistanin”, Slovak “Zimbabwianska”."""
CUT = 2
"""Letters that a name may lose before it gets an ending."""
WITHOUT_BLANKS = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A first letter of Chinese, Japanese or Korean, whose words stand together and have no endings."""
ARTICLE = "ال"
"""The Arabic article, which is written as a part of its word."""
VOWELS = frozenset("aeiouyаеиоуыэюяіїєαεηιουω")
SAINT = "saint"
Core = tuple[str, ...]
"""The words of a name without its solemn ones, in the order of the alphabet."""


@dataclass(frozen=True, slots=True)
class FormalMeaning:
    """The core and codes of a formal name.

    Cores of rare languages are no more certain than inflected ones.
    """

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
        core = core_of(name, self.vocabulary)
        is_shorter = sum(map(len, core)) < len(plain(name).replace(" ", ""))
        if not core or (len(core) < 2 and not is_shorter):
            return FormalMeaning(core, (), is_inflected=False, is_shorter=is_shorter)
        meaning = self._meaning(core, name)
        if is_shorter and speaks_of_part(name, self.vocabulary):
            return replace(meaning, codes=tuple(code for code in meaning.codes if code in self.local))
        return meaning

    def _meaning(self, core: Core, name: str) -> FormalMeaning:
        is_shorter = sum(map(len, core)) < len(plain(name).replace(" ", ""))
        codes = self.by_government(self.cores.get(core, ()), name)
        if codes:
            return FormalMeaning(core, codes, is_inflected=core not in self.common, is_shorter=is_shorter)
        near_codes = self._nearly(core) or self._nearly(self._without_typing_errors(core)) or self._territory(core)
        return FormalMeaning(core, self.by_government(near_codes, name), is_inflected=True, is_shorter=is_shorter)

    def cases(self, word: str) -> tuple[str, ...]:
        single_words = {core[0] for core in self.beginnings.get(word[:SHORTEST_NAME], ()) if len(core) == 1}
        return tuple(sorted(name for name in single_words if _is_case(word, name)))

    def _nearly(self, core: Core) -> tuple[str, ...]:
        forms = (core, _without_second_forms(core))
        near = next((cores for form in forms if form and (cores := inflected(form, self.beginnings))), frozenset())
        codes = tuple(sorted({code for near_core in near for code in self.cores[near_core]}))
        without_parts = tuple(word for word in core if not self.vocabulary.codes("PART", word))
        whole = self.cores[without_parts] if len(without_parts) < len(core) and without_parts in self.common else ()
        return () if whole and {*whole}.isdisjoint(codes) else codes

    def _without_typing_errors(self, core: Core) -> Core:
        right_words = (
            word
            for word in core
            if len(word) < SHORTEST_SLIP
            or (word,) in self.cores
            or not rapidfuzz.process.extractOne(
                word, self.solemn, scorer=rapidfuzz.distance.OSA.distance, score_cutoff=1
            )
        )
        return tuple(right_words)

    def _territory(self, core: Core) -> tuple[str, ...]:
        """The territory of a core that names also the state that it belongs to, perhaps in other letters."""
        for word in core:
            territory_words = tuple(
                core_word for core_word in core if core_word != word and not _common(core_word, word)
            )
            for code in self.cores.get(territory_words, ()):
                states = self.vocabulary.codes("BELONGS_TO", code.lower())
                if {*states} & {*self._nearly((word,))}:
                    return (code,)
        return ()

    def by_government(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Choose between two states of one name by form of government.

        Unique names (Zaire, Northern Korea) need no such words.
        """
        pair = next((self.pairs[code] for code in codes if code in self.pairs), None)
        if pair is None or {code for code in codes if not code.isdecimal()} - {*pair}:
            return codes
        core = core_of(name, self.vocabulary)
        if len(codes) == 1 and (core in self.entire or len(core) > 1):
            return codes
        return pair[:1] if is_democratic(name, self.vocabulary) else pair[1:]

    def states(self, codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        state_codes = tuple(code for code in codes if code.isalpha())
        is_shorter = sum(map(len, core_of(name, self.vocabulary))) < len(plain(name).replace(" ", ""))
        return state_codes if state_codes and is_shorter and not speaks_of_part(name, self.vocabulary) else codes

    @cached_property
    def solemn(self) -> tuple[str, ...]:
        return tuple(word for word in self.vocabulary.words.get("FORMAL", {}) if len(word) >= SHORTEST_SLIP)

    @cached_property
    def beginnings(self) -> Mapping[str, frozenset[Core]]:
        cores_by_beginning: dict[str, set[Core]] = {}
        for core in self.common:
            for word in core:
                cores_by_beginning.setdefault(word[:SHORTEST_NAME], set()).add(core)
        return {first: frozenset(listed) for first, listed in cores_by_beginning.items()}

    @cached_property
    def pairs(self) -> Mapping[str, tuple[str, str]]:
        """The democratic (people's) republic and the other state of its name, by the code of each."""
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
    """Build the cores of shipped and workspace names; current countries first."""
    listed = (alias for alias in aliases(workspace, areas.codes) if not alias[1].isalpha())
    titles = ((areas.codes[code], title.removesuffix(FORMER), {ANY}) for code, title in areas.titles.items())
    words = ((meaning.code, name, meaning.languages) for name, meanings in areas.names.items() for meaning in meanings)
    codes_by_core: dict[Core, set[str]] = {}
    local = {code.upper() for code in vocabulary.words.get("BELONGS_TO", {})}
    entire, common, readable_languages = set(), set(), vocabulary.languages | {ANY}
    for code, name, languages in (*listed, *titles, *words):
        core = core_of(name, vocabulary)
        if not core:
            continue
        codes_by_core.setdefault(core, set()).add(code)
        if core == (name,):
            entire.add(core)
        if (
            " " in name
            and "(" not in name
            and not readable_languages.isdisjoint(languages)
            and speaks_of_part(name, vocabulary)
        ):
            local.add(code)
        if not readable_languages.isdisjoint(languages):
            common.add(core)
    today = {
        core: {code for code in codes if not areas.titles[code].endswith(FORMER)}
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


def speaks_of_part(name: str, vocabulary: Vocabulary) -> bool:
    solemn = vocabulary.words.get("FORMAL", {})
    return any(
        phrase in solemn and vocabulary.codes("PART", phrase) for phrase in phrases(plain(name).split(), vocabulary)
    )


def core_of(name: str, vocabulary: Vocabulary) -> Core:
    """Return the distinctive words of a name, without generic words in any language.

    Scripts without blanks lose the longest generic ending.
    """
    words = plain(name).split()
    saints = vocabulary.words.get("SAINT", {})
    if len(words) == 1 and words[0].isascii():  # most of the 60,000 names: one word, in which no phrase is sought
        return () if words[0] in vocabulary.words.get("FORMAL", {}) else (SAINT if words[0] in saints else words[0],)
    if len(words) == 1 and WITHOUT_BLANKS.match(words[0]):
        words = [_without_ending(words[0], vocabulary)]
    bare = (word.removeprefix(ARTICLE) if len(word) > SHORTEST_STEM else word for word in _kept(words, vocabulary))
    return tuple(sorted({SAINT if word in saints else word for word in bare}))


def _without_ending(word: str, vocabulary: Vocabulary) -> str:
    size = next((size for size in range(len(word) - 2, 0, -1) if vocabulary.codes("FORMAL", word[-size:])), 0)
    return word[:-size] if size else word


def _kept(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    solemn = vocabulary.words.get("FORMAL", {})
    return (phrase for phrase in phrases(words, vocabulary) if phrase not in solemn)


def phrases(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    solemn = vocabulary.words.get("FORMAL", {})
    position = 0
    while position < len(words):
        size, phrase = 1, words[position]
        for longer in range(min(LONGEST_PHRASE, len(words) - position), 1, -1):
            if (longer_phrase := " ".join(words[position : position + longer])) in solemn:
                size, phrase = longer, longer_phrase
                break
        yield phrase
        position += size


def _without_second_forms(core: Core) -> Core:
    return tuple(
        word for word in core if not any(len(shorter) < len(word) and _common(word, shorter) for shorter in core)
    )


def _is_case(word: str, name: str) -> bool:
    stem = name[:-1] if name[-1] in VOWELS else name
    least = SHORTEST_STEM if stem != name else SHORTEST_NAME
    longest = 1 if len(stem) == SHORTEST_NAME else 2
    ending = word.removeprefix(stem)
    return word not in (name, ending) and len(stem) >= least and 1 <= len(ending) <= longest and ending != "s"


def inflected(core: Core, cores_by_beginning: Mapping[str, Iterable[Core]]) -> frozenset[Core]:
    """Find known cores that may be inflected forms of a core.

    >>> listed = {"slo": [("slovensko",), ("slovinsko",)], "ara": [("arab", "syria")]}
    >>> inflected(("slovenska",), listed), inflected(("arabska", "syrska"), listed)
    (frozenset({('slovensko',)}), frozenset())
    """
    near = [set(cores_by_beginning.get(word[:SHORTEST_NAME], ())) for word in core]
    listed = set.intersection(*near) if near else set()
    shared = {near_core: _shared(core, near_core) for near_core in listed if len(near_core) == len(core)}
    most = max(shared.values(), default=0)
    return frozenset(near_core for near_core, letters in shared.items() if letters == most) if most else frozenset()


def _shared(core: Core, known_core: Core) -> int:
    """How many letters the words of two cores share at their beginnings, 0 if a word has no counterpart."""
    total = 0
    unmatched = list(known_core)
    for word in core:
        fits = {known_word: letters for known_word in unmatched if (letters := _common(word, known_word))}
        if not fits:
            return 0
        best = max(fits, key=lambda known_word: (fits[known_word], known_word))
        unmatched.remove(best)
        total += fits[best]
    return total


def _common(form: str, name: str) -> int:
    pairs = enumerate(zip(form, name, strict=False))
    shared = next(
        (at for at, (form_letter, name_letter) in pairs if form_letter != name_letter), min(len(form), len(name))
    )
    if WITHOUT_BLANKS.match(form):
        return len(form) if form == name else 0
    least = SHORTEST_NAME if shared == len(name) else SHORTEST_STEM
    return shared if shared >= least and len(form) - shared <= ENDING and len(name) - shared <= CUT else 0
