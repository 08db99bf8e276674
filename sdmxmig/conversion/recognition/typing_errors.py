"""Recognition of misspelt country names, and of names in Cyrillic, Georgian, Greek and Armenian letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sdmxmig.catalogue.areas import ANY_CONCEPT, Areas, fold_name
from sdmxmig.conversion.recognition.labels import Candidate, sort_candidates
from sdmxmig.primitives.lazily import rapidfuzz

MIN_LETTERS = 5
"""Minimum length of names compared with typing errors; many shorter ones are similar."""
LETTERS_PER_SLIP = 12
MAX_RIVAL_DISTANCE = 3
"""Maximum distance of another country's name that makes a slip uncertain."""
MIN_SAFE_LETTERS = 8
MAX_SHARED = 4
"""Maximum number of languages of a rare form of a name."""


Right = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, eq=False)
class Spellings:
    areas: Areas
    languages: frozenset[str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.areas.names if len(name) >= MIN_LETTERS and self.is_spoken(name))

    def is_spoken(self, name: str) -> bool:
        languages = self.languages | {ANY_CONCEPT}
        return any(languages & meaning.languages for meaning in self.areas.names.get(name, ()))


@lru_cache(maxsize=4096)
def find_near_names(spellings: Spellings, name: str, limit: int, right: Right = ()) -> tuple[Candidate, ...]:
    """Find the areas with the most similar names, by wrong, missing or swapped letters.

    A single slip in eight or more letters is corrected if no other country is within three slips: “Slovania” stays a
    question. `right` are valid words by area: “East Sahara” is not “West Sahara”.
    """
    if len(name) < MIN_LETTERS:
        return ()
    distances: dict[str, int] = {}
    for spelling, distance, _ in rapidfuzz.process.extract(
        name, spellings.names, scorer=rapidfuzz.distance.OSA.distance, score_cutoff=max(3, len(name) // 4), limit=60
    ):
        codes_of_missing = [codes for word, codes in right if word not in spelling]
        for meaning in spellings.areas.names[spelling]:
            if all(meaning.code in codes for codes in codes_of_missing):
                distances[meaning.code] = min(int(distance), distances.get(meaning.code, 99))
    near = sorted(distances.items(), key=lambda code_and_distance: (code_and_distance[1], code_and_distance[0]))[:limit]
    if not near:
        return ()
    alone = len(near) == 1 or near[1][1] > MAX_RIVAL_DISTANCE
    certain = near[0][1] == 1 and len(name) >= MIN_SAFE_LETTERS and alone
    listed = []
    for code, distance in near:
        slips = distance * min(1.0, LETTERS_PER_SLIP / len(name))
        sure = 0.9 if certain and code == near[0][0] else round(max(0.1, 0.85 - 0.15 * slips), 2)
        listed.append(Candidate(code, sure, reason=f"looks like {spellings.areas.titles[code]}"))
    return sort_candidates(tuple(listed))


@lru_cache(maxsize=65536)
def find_near_common_names(spellings: Spellings, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Find countries whose common name in a rare language differs by only one letter."""
    if not name.isascii() or len(name) < MIN_LETTERS or spellings.is_spoken(name):
        return ()
    near = rapidfuzz.process.extract(
        name, spellings.names, scorer=rapidfuzz.distance.OSA.distance, score_cutoff=1, limit=30
    )
    listed = (meaning for spelling, *_ in near for meaning in spellings.areas.names[spelling])
    common = (
        meaning
        for meaning in listed
        if ANY_CONCEPT in meaning.languages or len(spellings.languages & meaning.languages) > MAX_SHARED
    )
    return tuple(sorted({meaning.code for meaning in common} - {*codes}))


MIN_TRANSLITERATED_LETTERS = 4
"""Minimum length of names compared in Latin letters."""
CYRILLIC = (
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
    "щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ў=u қ=q ғ=gh ң=ng ө=o ұ=u ү=u һ=h ә=a ј=j љ=lj њ=nj ђ=dj ћ=c џ=dz"
)
GEORGIAN = (
    "ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p ჟ=zh რ=r ს=s ტ=t უ=u ფ=p ქ=k ღ=gh ყ=q შ=sh ჩ=ch ც=ts "
    "ძ=dz წ=ts ჭ=ch ხ=kh ჯ=j ჰ=h"
)
GREEK = "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
ARMENIAN = (
    "ա=a բ=b գ=g դ=d ե=e զ=z է=e ը=y թ=t ժ=zh ի=i լ=l խ=kh ծ=ts կ=k հ=h ձ=dz ղ=gh ճ=ch մ=m յ=y ն=n շ=sh ո=o չ=ch պ=p "
    "ջ=j ռ=r ս=s վ=v տ=t ր=r ց=ts ւ=u փ=p ք=k օ=o ֆ=f"
)
TRANSLITERATION = str.maketrans(
    dict(pair.split("=") for letters in (CYRILLIC, GEORGIAN, GREEK, ARMENIAN) for pair in letters.split())
)


def romanise(text: str) -> str:
    """Romanise a text as the UN and passports do.

    >>> romanise("Грузия"), romanise("საქართველო")
    ('gruziya', 'sakartvelo')
    """
    return unicodedata.normalize("NFC", text).casefold().translate(TRANSLITERATION)


def collect_latin_spellings(areas: Areas, languages: frozenset[str]) -> Mapping[str, frozenset[str]]:
    codes_by_spelling: dict[str, set[str]] = {}
    for name, meanings in areas.names.items():
        latin = "" if name.isascii() else fold_name(romanise(name))
        if latin.isascii() and len(latin) >= MIN_TRANSLITERATED_LETTERS and latin != name:
            codes = {meaning.code for meaning in meanings if languages & meaning.languages}
            codes_by_spelling.setdefault(latin, set()).update(codes)
    return {latin: frozenset(codes) for latin, codes in codes_by_spelling.items() if codes}
