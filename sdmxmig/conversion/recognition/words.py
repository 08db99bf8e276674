"""Words of tables in many languages, from ``codelists/aliases``, and phrases in titles and notes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cache, cached_property
from pathlib import Path

from sdmxmig.catalogue.areas import WORD_COLUMNS, WORDS_FILE, read_alias_rows
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion.recognition.labels import Candidate, bare, plain
from sdmxmig.io.disk_cache import load_or_make

TITLES_FILE = Path("aliases") / "TITLES.tsv"
VALUES_FILE = Path("aliases") / "VALUES.tsv"
MEANINGS_FILE = Path("aliases") / "MEANINGS.tsv"
MEANING_COLUMNS = ["concept", "code", "component", "codes", "source"]
SHORT = {"LATIN": 3, "CYRILLIC": 3, "GREEK": 3, "ARMENIAN": 3, "GEORGIAN": 3, "ARABIC": 2, "HEBREW": 2}
OTHER_SIGNS = re.compile(r"[\d²³%+&]")
"""Signs that make a short word specific: “T%”, “km²”."""
OFFICE_OF = "OFFICE_OF"
"""The concept of names of offices, with the codes of their countries."""
SHORT_WORDS, SHORTEST_INSIDE = ("SEX", "NUMBER"), 3
SHORT_CONFIDENCE = 0.4
ABBREVIATED = ("SEX", "TOTAL")
"""Concepts whose words may be cut at a full stop."""
NAMES, PEOPLE, ALL_WORDS = "names", "people", "words"
"""Codes of the concepts BEGINNING and ENDING: of countries, peoples, and all words."""
AFFIX_CONCEPTS = ("BEGINNING", "ENDING")
FEMININE, AGREEING = "FEMININE", "noun"
"""The concept of words for women, and its code of nouns with which such words agree: “personas”."""
SHORTEST_STEM, LONGEST_AFFIX = 4, 7
LONGEST = 6
"""Maximum number of words in a phrase inside a text."""


@cache
def list_meanings(concept: str, code: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the components and codes that the words of a concept mean, the usual one first."""
    rows = read_alias_rows(MEANINGS_FILE, MEANING_COLUMNS, None, firsts={concept})
    return tuple((component, tuple(codes.split())) for _, word, component, codes, _ in rows if word == code)


def find_component(concept: str, code: str) -> tuple[str, tuple[str, ...]]:
    return next(iter(list_meanings(concept, code)), (concept, (code,)))


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Codes by concept and word; `signs` are symbols for missing values.

    `languages` are those with words for sexes. `short` keeps accents, which distinguish “nő” from “no”.
    `languages_by_word` has the ordinary words of titles; “sur” is not listed for Spanish.
    """

    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    signs: Mapping[str, str]
    _: KW_ONLY
    languages: frozenset[str] = frozenset()
    short: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    languages_by_word: Mapping[str, frozenset[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @cached_property
    def phrases(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        short = {word: codes for word, codes in self.short.get("SEX", {}).items() if not word.isascii()}
        spelt = {plain(word): codes for word, codes in short.items() if len(word) > 1}  # “nữ”: the spelling is checked
        return index_phrases({**self.words, "SEX": {**spelt, **self.words.get("SEX", {})}})

    def codes(self, concept: str, phrase: str) -> tuple[str, ...]:
        return self.words.get(concept, {}).get(phrase, ())

    def iterate_stems(self, word: str, *kinds: str) -> Iterator[str]:
        yield word
        if self.words.keys().isdisjoint(AFFIX_CONCEPTS):  # a vocabulary of a few concepts
            return
        for size in range(1, min(LONGEST_AFFIX, len(word) - SHORTEST_STEM) + 1):
            if not {*kinds}.isdisjoint(self.codes("ENDING", word[-size:])):
                yield word[:-size]
            if not {*kinds}.isdisjoint(self.codes("BEGINNING", word[:size])):
                yield word[size:]

    def masculine(self, word: str) -> str:
        """Return the masculine form of a feminine word, and any other word unchanged."""
        return next((plain(code) for code in self.codes(FEMININE, word) if code != AGREEING), word)

    def names_any(self, concepts: Iterable[str], text: str) -> bool:
        return any(self.codes(concept, plain(bare(text))) for concept in concepts)

    def list_value_codes(self, dimension: str, phrase: str) -> tuple[str, ...]:
        return self.values.get(dimension, {}).get(phrase, ())

    def list_short_codes(self, concept: str, text: str) -> tuple[str, ...]:
        return self.short.get(concept, {}).get(lookup_form(text), ())

    def candidates(self, concept: str, text: str) -> tuple[Candidate, ...]:
        """Return the candidates of a whole label; several share the confidence, short words for sexes are unsure."""
        expanded = self._expand(concept, text)
        if not expanded and concept in self.short and is_short(bare(text)):
            codes = self.list_short_codes(concept, bare(text))
            alone = text.strip()
            return tuple(
                Candidate(code, SHORT_CONFIDENCE / len(codes), reason=f"“{alone}” alone", phrase=alone)
                for code in codes
            )
        for confidence, written in ((0.98, text), (0.96, bare(text))):
            if word_codes := self.codes(concept, plain(written)) or expanded:
                sure = (confidence if len(plain(written)) > 1 else 0.92) / len(word_codes)
                return tuple(
                    Candidate(code, sure, reason=f"“{written.strip()}” has this meaning", phrase=written.strip())
                    for code in word_codes
                )
        return ()

    def _expand(self, concept: str, text: str) -> tuple[str, ...]:
        """Return the one code of the words of a concept that begin with an abbreviation: “Masc.”, “Kob.”."""
        start = plain(text) if concept in ABBREVIATED and text.strip().endswith(".") else ""
        if len(start) < SHORTEST_INSIDE or start in self.words.get(concept, {}):
            return ()
        listed = self.words.get(concept, {}).items()
        codes = {codes for word, codes in listed if word.startswith(start) and " " not in word}
        return codes.pop() if len(codes) == 1 else ()

    def inside(self, concept: str, text: str) -> tuple[Candidate, ...]:
        tokens = plain(text).split()
        phrases: list[str] = []
        position = 0
        while position < len(tokens):
            longest = range(min(LONGEST, len(tokens) - position), 0, -1)
            beginning = (" ".join(tokens[position : position + size]) for size in longest)
            phrase = next((each for each in beginning if len(each) > 1 and self.codes(concept, each)), "")
            phrases += [phrase] if phrase else self._find_glued(concept, tokens[position])
            position += phrase.count(" ") + 1
        return tuple(
            Candidate(code, 0.8 / len(codes), reason=f"the table says “{phrase}”", phrase=phrase)
            for phrase in phrases
            for codes in [self.codes(concept, phrase)]
            for code in codes
        )

    def _find_glued(self, concept: str, token: str) -> list[str]:
        """Find the longest words inside a text of a script without blanks."""
        listed = self.words.get(concept, {}) if WITHOUT_BLANKS.search(token) else ()
        found = [word for word in listed if len(word) > 1 and word in token]
        return [word for word in found if not any(word in other for other in found if other != word)]


ORDINARY_CONCEPTS = ("PLAIN", "BY", OFFICE_OF)
"""The concepts of ordinary words of titles and of names whose language is known."""


def read_vocabulary(workspace: Path | None = None, concepts: frozenset[str] | None = None) -> Vocabulary:
    firsts = None if concepts is None else concepts | {"SEX"}
    rows = [
        row
        for file in (WORDS_FILE, TITLES_FILE)
        for row in read_alias_rows(file, WORD_COLUMNS, workspace, firsts=firsts)
    ]
    readable_languages = frozenset(
        language for concept, *_, languages, _ in rows if concept == "SEX" for language in languages.split()
    )
    codes_by_word: dict[str, dict[str, list[str]]] = {}
    short: dict[str, dict[str, list[str]]] = {}
    signs: dict[str, str] = {}
    languages_by_word: dict[str, frozenset[str]] = {}
    for concept, code, alias, languages, _ in rows:
        if concepts is not None and concept not in concepts:
            continue
        if concept == "MISSING":
            signs.setdefault(alias.casefold(), code)
            continue
        if concept in SHORT_WORDS and is_short(alias):
            listed = short.setdefault(concept, {}).setdefault(lookup_form(alias), [])
            listed += [code] if code not in listed else []
            if len(lookup_form(alias)) < SHORTEST_INSIDE:
                continue
        if (
            concept == "MONTH"
            and is_short(alias)
            and not (len(lookup_form(alias)) > 2 and readable_languages & {*languages.split()})
        ):
            continue
        if concept in ORDINARY_CONCEPTS:
            languages_by_word[plain(alias)] = languages_by_word.get(plain(alias), frozenset()) | {*languages.split()}
        codes = codes_by_word.setdefault(concept, {}).setdefault(plain(alias), [])
        if code not in codes:
            codes.append(code)
    values = read_values(workspace) if concepts is None else {}
    return Vocabulary(
        convert_to_tuples(codes_by_word),
        signs,
        languages=readable_languages,
        short=convert_to_tuples(short),
        languages_by_word=languages_by_word,
        values=values,
    )


@cache
def load_shipped_vocabulary(concepts: frozenset[str]) -> Vocabulary:
    name = "-".join(["words", *sorted(concepts)])
    return load_or_make(name, list_search_path("codelists"), lambda: read_vocabulary(concepts=concepts))


def read_values(workspace: Path | None = None) -> dict[str, dict[str, tuple[str, ...]]]:
    values: dict[str, dict[str, list[str]]] = {}
    for dimension, code, alias, *_ in read_alias_rows(VALUES_FILE, WORD_COLUMNS, workspace):
        codes = values.setdefault(dimension, {}).setdefault(plain(alias), [])
        codes += [code] if code not in codes else []
    return convert_to_tuples(values)


def convert_to_tuples(by_concept: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        concept: {word: tuple(codes) for word, codes in listed.items() if word}
        for concept, listed in by_concept.items()
    }


def lookup_form(text: str) -> str:
    """Return the lookup form of a short word: letters with accents.

    >>> lookup_form("Nº"), lookup_form("№"), lookup_form("Nő"), lookup_form("муж.")
    ('no', 'no', 'nő', 'муж')
    """
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKC", text).casefold()))


def is_short(text: str) -> bool:
    """Check whether a text is a letter or a short word, which may mean many things.

    >>> is_short("M"), is_short("No."), is_short("Men"), is_short("women"), is_short("男")
    (True, True, True, False, False)
    """
    letters = lookup_form(text) if not OTHER_SIGNS.search(text) else ""
    script = unicodedata.name(letters[0], "").split(" ")[0] if letters else ""
    return 0 < len(letters) <= SHORT.get(script, 0)


PARTS_OF_NAMES = frozenset(
    {"ABBREVIATION", "ABROAD", "AS_AT", "BEGINNING", "BELONGS_TO", "BORN", "BREAK", "CALENDAR", "COMPLETE", "COUNTED"}
    | {"COUNTERPART", "COUNTRY_GROUP", "DEMOCRATIC", "ENDING", "ERA", "EXTENT", "FEMININE", "FEMININE_ENDING"}
    | {"FIGURES", "FILE", "FORMAL", "FORMER", "FORMER_PART", "FORMER_TWIN", "HALF_A_NAME", "INTENTION", "LANGUAGE"}
    | {"LOOSE", "NATURE", "NIL", "NIL_WORDING", "NUMBER", "OFFICE", OFFICE_OF, "ORDINAL", "OTHER_COUNT"}
    | {"OTHER_YEAR", "OUT_OF"}
    | {"PART", "PART_YEAR", "PERIOD_STATUS", "PRESENT", "REGION", "REMARK"}
    | {"SAINT", "SCOPE", "STATE", "SUBDIVISION", "TABLE", "TRUTH", "VARIOUS", "WITHIN", "YEAR", "YEARPART"}
)
PART_OF, PLACE = "PART_OF", ("PLACE", "whole")
WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Characters of scripts without blanks."""
STANDING_APART = re.compile(rf"({WITHOUT_BLANKS.pattern}|\d+(?=[\u1100-\u11ff]))")
EXCLUDING, INSIDE = "EXCLUDING", "inside"
NOT = "NEGATION"
MIN_PHRASE_LETTERS = 3
"""Maximum number of letters of an ordinary word that has no other meaning in a title."""
SHORT_CONCEPTS = ("PLAIN", "BY", "JOINING", "ARTICLE", "SEX", "ELSEWHERE")
"""Concepts whose short words are recognised although they are ordinary words: “see table 3”."""


def index_phrases(words: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the concepts and codes of each known phrase.

    Groups expressible as ``CTZ_STATUS=FC`` become codes. Short ambiguous words such as “in” have no other meaning.
    Widening words such as “with” are ignored in titles; “non” only negates.
    """
    pairs_by_phrase: dict[str, list[tuple[str, str]]] = {}
    ordinary, negating = words.get("PLAIN", {}), words.get(NOT, {})
    for concept in sorted(words.keys() - PARTS_OF_NAMES):
        for phrase, codes in words[concept].items():
            if _is_too_short(phrase, concept, ordinary) or (concept == EXCLUDING and phrase in negating):
                continue
            for pair in (_convert_to_title_code(concept, code) for code in codes if code != INSIDE):
                listed = pairs_by_phrase.setdefault(space_out_signs(phrase), [])
                if pair not in listed:
                    listed.append(pair)
    return {phrase: tuple(pairs) for phrase, pairs in pairs_by_phrase.items()}


def _convert_to_title_code(concept: str, code: str) -> tuple[str, str]:
    dimension, _, dimension_code = code.partition("=")
    if concept == "STATELESS":
        return "CTZ_STATUS", code
    if concept == "GROUP" and dimension_code:
        return dimension, dimension_code
    return PLACE if concept == PART_OF else (concept, code)


def _is_too_short(phrase: str, concept: str, ordinary: Mapping[str, object]) -> bool:
    if len(phrase) > MIN_PHRASE_LETTERS or not phrase.isascii() or not phrase.isalpha():
        return False
    return len(phrase) == 1 or (phrase in ordinary and concept not in SHORT_CONCEPTS)


def space_out_signs(phrase: str) -> str:
    if phrase.isascii():
        return " ".join(phrase.split())
    return " ".join(STANDING_APART.sub(r" \1 ", phrase).split())
