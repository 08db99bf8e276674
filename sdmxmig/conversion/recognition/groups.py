"""Recognition of groups of countries without a code: “Drittstaaten zu EU-28”, “Other Nordic”.

All words must be understood: regions, words for countries and people, directions, remainders and exclusions. Words are
in the concept COUNTRY_GROUP: `name`, `adjective` (beside `countries` or `direction`), filler `word`, and adjectives by
continent code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from sdmxmig.catalogue.areas import FORMER_MARK
from sdmxmig.conversion.recognition.country_wordings import ELISION
from sdmxmig.conversion.recognition.labels import Candidate, strip_marks
from sdmxmig.conversion.recognition.mentions import Word, split_words
from sdmxmig.conversion.recognition.recogniser import SPELLING_VARIANTS, Recogniser
from sdmxmig.conversion.recognition.regions import VARYING_CONFIDENCE
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, space_out_signs

GROUP_CONCEPT = "COUNTRY_GROUP"
NAME, ADJECTIVE, COUNTRIES, DIRECTION = "name", "adjective", "countries", "direction"
STATE, LIMIT, JOINING, FILLER, REST = "state", "limit", "joining", "word", "rest"
FILLER_CONCEPTS = ("REST", "OTHER", "OFWHICH", "ALL", "TOTAL", "ARTICLE", "WORDING", "ROLE", "MONTH", "ABROAD")
OF_AREA = "area "
LIMIT_CONCEPTS = ("EXCLUDING", "INCLUDING")
MAX_PHRASE_WORDS, LONGEST_OF_SIGNS, LONGEST_LABEL = 6, 16, 24
"""Maximum number of words or signs in a phrase, and of words in a label."""
MAX_SHORT_LETTERS = 3
"""Maximum length of words that name an area only in capitals: “EU”, not “eu”."""


@lru_cache(maxsize=8192)
def names_group(label: str, recogniser: Recogniser) -> bool:
    """Check whether a label names a group of countries or its remainder.

    Country names may only be joined to or excluded from a group.
    """
    return any(_is_group(text, recogniser) for text in dict.fromkeys((label, label.translate(SPELLING_VARIANTS))))


def recognise_continent(label: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """Find the continent of “European countries”, always as a question: “Arab countries” beside it changes it."""
    words = split_words(ELISION.sub(r"\1 ", strip_marks(label)))
    kinds = list(_list_kinds(words, recogniser)) if 0 < len(words) <= LONGEST_LABEL else []
    continents = {code for phrase_kinds in kinds for code in phrase_kinds if code.isdecimal()}
    continent_kinds = [phrase_kinds & (continents | {COUNTRIES}) for phrase_kinds in kinds]
    if len(continents) != 1 or not all(continent_kinds) or COUNTRIES not in frozenset[str]().union(*continent_kinds):
        return ()
    return (Candidate(continents.pop(), VARYING_CONFIDENCE, reason="the countries of a continent", varies=True),)


@lru_cache(maxsize=8192)
def find_remainder(label: str, recogniser: Recogniser) -> str:
    """Return the code for the rest of a region, such as that of Europe not elsewhere specified, or an empty string."""
    words = split_words(ELISION.sub(r"\1 ", strip_marks(label)))
    kinds = list(_list_kinds(words, recogniser, names_region)) if len(words) <= LONGEST_LABEL else []
    regions = {kind.removeprefix(OF_AREA) for phrase_kinds in kinds for kind in filter(is_region, phrase_kinds)}
    if (
        len(regions) != 1
        or not any(REST in phrase_kinds for phrase_kinds in kinds)
        or not all(map(names_region, kinds))
    ):
        return ""
    areas = recogniser.countries.areas
    rests = areas.candidates(f"{areas.titles[regions.pop()]} not elsewhere specified")
    return rests[0] if len(rests) == 1 else ""


def _is_group(label: str, recogniser: Recogniser) -> bool:
    words = split_words(ELISION.sub(r"\1 ", strip_marks(label)))
    if not words or len(words) > LONGEST_LABEL:
        return False
    kinds = list(_list_kinds(words, recogniser))
    every = frozenset[str]().union(*kinds)
    if frozenset() in kinds or (frozenset({STATE}) in kinds and not every & {LIMIT, JOINING}):
        return False
    return NAME in every or (ADJECTIVE in every and bool(every & {COUNTRIES, DIRECTION}))


def names_region(kinds: frozenset[str]) -> bool:
    return bool(kinds & {FILLER, COUNTRIES}) or any(map(is_region, kinds))


def is_region(kind: str) -> bool:
    return kind.removeprefix(OF_AREA).isdecimal()


def _list_kinds(
    words: Sequence[Word], recogniser: Recogniser, accepts: Callable[[frozenset[str]], bool] = bool
) -> Iterator[frozenset[str]]:
    at = 0
    while at < len(words):
        longest = LONGEST_OF_SIGNS if WITHOUT_BLANKS.match(words[at].written) else MAX_PHRASE_WORDS
        sizes = range(min(longest, len(words) - at), 0, -1)
        spans = ((size, find_kinds(words[at : at + size], recogniser)) for size in sizes)
        size, kinds = next(((size, kinds) for size, kinds in spans if accepts(kinds)), (1, frozenset[str]()))
        yield kinds
        at += size


def find_kinds(words: Sequence[Word], recogniser: Recogniser) -> frozenset[str]:
    phrase = " ".join(word.plain for word in words)
    if phrase.replace(" ", "").isdecimal():
        return frozenset({FILLER})
    kinds = map_phrase_kinds(recogniser).get(phrase, frozenset())
    written = " ".join(word.written for word in words)
    if WITHOUT_BLANKS.match(written):
        written = written.replace(" ", "")
    return (
        kinds | find_area_kind(written, recogniser) if not kinds - {NAME} or len(written) > MAX_SHORT_LETTERS else kinds
    )


@lru_cache(maxsize=8)
def map_phrase_kinds(recogniser: Recogniser) -> dict[str, frozenset[str]]:
    words = recogniser.vocabulary.words
    kinds_by_phrase: dict[str, set[str]] = {}
    kinds = [
        *((concept, FILLER) for concept in FILLER_CONCEPTS),
        *((concept, LIMIT) for concept in LIMIT_CONCEPTS),
        *((concept, REST) for concept in ("REST", "OTHER")),
        ("JOINING", JOINING),
        ("REGION", NAME),
    ]
    for concept, kind in kinds:
        for phrase in words.get(concept, {}):
            kinds_by_phrase.setdefault(space_out_signs(phrase), set()).add(kind)
    for phrase, codes in words.get(GROUP_CONCEPT, {}).items():
        kinds_by_phrase.setdefault(space_out_signs(phrase), set()).update(codes)
    return {phrase: frozenset(phrase_kinds) for phrase, phrase_kinds in kinds_by_phrase.items()}


def find_area_kind(written: str, recogniser: Recogniser) -> frozenset[str]:
    """Classify a phrase as naming regions, states or (“America”) both; former states are not groups."""
    if len(written) <= MAX_SHORT_LETTERS and written.isascii() and not written.isupper():
        return frozenset()
    areas, regions = recogniser.countries.areas, recogniser.regions.compositions
    codes = areas.candidates(written)
    if not codes:
        return frozenset({STATE} if recogniser.countries.is_demonym(written) else ())
    groups = [code for code in codes if code in regions and not areas.titles[code].endswith(FORMER_MARK)]
    if len(groups) == len(codes):
        return frozenset({NAME, *map(OF_AREA.__add__, codes)})
    return frozenset({ADJECTIVE} if groups else {STATE})
