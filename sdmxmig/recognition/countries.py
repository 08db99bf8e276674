"""Countries in labels: by name, turned or shortened name, demonym, transliteration, or with a slip of the pen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from sdmxmig.areas import ANY, COLUMNS, FORMER, Areas, folded
from sdmxmig.recognition.candidates import Candidate, ordered
from sdmxmig.recognition.formal_names import FormalNames, is_democratic, read_formal_names
from sdmxmig.recognition.labels import bare, plain, without_marks
from sdmxmig.recognition.transliteration import in_latin_letters
from sdmxmig.recognition.words import Vocabulary, rows_of

DEMONYMS = Path("aliases") / "DEMONYMS.tsv"
BRACKETS = re.compile(r"^(?P<name>[^()]+)\((?P<rest>[^()]+)\)$")
SHORTEST = 5
"""Names with fewer letters are never compared with slips of the pen: too many of them look alike."""
INFLECTED = 0.85
HALF = 0.8
"""How sure a formal name is of which only a part may be understood: “Central African Republic”, a region's core."""
RIVAL = 0.5
RIVALLED = 0.6
"""How sure a name of a rare language is that may as well be a slip in another country's name: “Slovania”."""
A_SLIP_IN = 12
"""In longer names as many slips as dozens of letters weigh like one."""
APART = 3
"""How many letters at least another country's name must differ for a slip to be certain."""
SAFE = 8
"""From this number of letters on, one wrong letter does not make another country of a name, see `near`."""


@dataclass(frozen=True, eq=False)
class Countries:
    """Names of areas with everything that helps to recognise them in labels."""

    areas: Areas
    demonyms: Mapping[str, tuple[str, ...]]
    vocabulary: Vocabulary
    workspace: Path | None = None

    def candidates(self, text: str, language: str = "") -> tuple[Candidate, ...]:
        """The areas that a label may mean, the surest first; `language` decides between names that look alike."""
        written = text.strip()
        if not written or len(written) > 120:
            return ()
        for confidence, name, how in self._readings(written):
            found = self._spoken(name, self.areas.candidates(name, language))
            if len(found) > 1 and " " in plain(written):
                found = self.formal.by_government(found, written)
            if found:
                sure = self._sure(name, confidence, found)
                rivals = rivals_of(self, folded(name), found) if sure > RIVALLED and how == "name" else ()
                if rivals:
                    own = self._told(found, RIVALLED, "rare name, near another country's")
                    return (*own, *self._told(rivals, RIVAL, "one letter differs"))
                return self._told(found, sure, how)
        people = self.demonyms.get(plain(bare(written)), ())
        if people:
            return tuple(Candidate(code, 0.93 / len(people), "people of the country") for code in people)
        spelt = self.spelt.get(folded(in_latin_letters(bare(written))), frozenset())
        if spelt:
            return self._told(tuple(sorted(spelt)), 0.9 / len(spelt), "transliteration")
        return self._formal(written, language)

    def _spoken(self, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Of several meanings of a name those in languages whose tables can be read, if there are any."""
        if len(codes) < 2:
            return codes
        spoken = self.vocabulary.languages | {ANY}
        kept = {one.code for one in self.areas.names.get(folded(name), ()) if spoken & one.languages}
        return tuple(code for code in codes if code in kept) or codes

    def _formal(self, written: str, language: str) -> tuple[Candidate, ...]:
        """A formal name by what is left of it without its solemn words."""
        inner = BRACKETS.match(bare(written))
        inside = self.areas.candidates(inner["rest"], language) if inner else ()
        if inside:
            return self._told(inside, 0.9 / len(inside), "name in brackets")
        meant = self.formal.meant(bare(written))
        people = self.demonyms.get(" ".join(meant.core), ()) if meant.is_shorter and not meant.codes else ()
        found = people or meant.codes
        if not found:
            return ()
        halves = () if is_democratic(written, self.vocabulary) else self._halves(found)
        if halves or any(map(str.isdecimal, found)):
            return self._told(halves or found, HALF / len(halves or found), "formal name, perhaps in part")
        if meant.is_inflected:
            return self._told(found, INFLECTED / len(found), "inflected formal name")
        return self._told(found, 0.92 / len(found), "formal name")

    def near(self, text: str, limit: int = 3) -> tuple[Candidate, ...]:
        """The areas whose names look most like a text that is no name.

        A single slip in a name of eight or more letters is applied if no other country's name is within three: so that
        “Slovania” stays a question.
        """
        return near_names(self, folded(bare(text)), limit)

    def _readings(self, written: str) -> list[tuple[float, str, str]]:
        """The ways in which a label may be a name, the surest first."""
        short = bare(written)
        ways = [(1.0, written, "name"), (0.98, without_marks(written), "name with a mark"), (0.97, short, "name")]
        first, _, rest = short.replace("’", "'").replace("l'", "l ").partition(" ")
        if rest and self.vocabulary.codes("ARTICLE", plain(first)):
            ways.append((0.97, rest, "name without its article"))
        inner = BRACKETS.match(short)
        if inner:
            ways.append((0.96, f"{inner['rest']} {inner['name']}", "name turned round"))
        full = self._written_out(short)
        if full:
            ways.append((0.94, full, "name with shortened words"))
        if "/" in short:
            ways.append((0.93, short.split("/")[0], "first of two names"))
        return ways

    def _halves(self, found: tuple[str, ...]) -> tuple[str, ...]:
        """The states whose formal names have the same core, where a name says no more: “Republic of China”."""
        return tuple(sorted({each for code in found for each in self.vocabulary.codes("HALF_A_NAME", code.lower())}))

    def _written_out(self, name: str) -> str:
        words = [(word, self.vocabulary.codes("ABBREVIATION", word)) for word in plain(name).split()]
        if not any(codes for _, codes in words):
            return ""
        return " ".join(codes[0] if codes else word for word, codes in words)

    def _sure(self, name: str, confidence: float, found: tuple[str, ...]) -> float:
        """How sure a match is: a bare number or a word of two or three letters is often no country."""
        if name.isdecimal():
            return 0.5
        if len(name) <= 3 and name.isascii():
            return min(confidence, 0.91 if name.isupper() else 0.6) / len(found)
        return confidence / len(found)

    def _told(self, codes: tuple[str, ...], confidence: float, how: str) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(code, round(confidence, 3), f"{how}: {self.areas.titles[code]}"[:90])
            if not self.areas.titles[code].endswith(FORMER)
            else Candidate(code, round(confidence, 3), f"former country: {self.areas.titles[code]}")
            for code in codes
        )

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The folded names with enough letters to be compared."""
        return tuple(one for one in self.areas.names if len(one) >= SHORTEST)

    @cached_property
    def formal(self) -> FormalNames:
        """What is left of all names without their solemn words."""
        return read_formal_names(self.areas, self.vocabulary, self.workspace)

    @cached_property
    def spelt(self) -> Mapping[str, frozenset[str]]:
        """Names of other scripts in Latin letters, with their codes; what is another name already is left out."""
        found: dict[str, set[str]] = {}
        for name, meanings in self.areas.names.items():
            if not name.isascii():
                latin = folded(in_latin_letters(name))
                if latin != name and latin.isascii() and len(latin) >= 4 and latin not in self.areas.names:
                    found.setdefault(latin, set()).update(one.code for one in meanings)
        return {latin: frozenset(codes) for latin, codes in found.items()}


@lru_cache(maxsize=4096)
def near_names(countries: Countries, name: str, limit: int) -> tuple[Candidate, ...]:
    """The areas whose folded names look most like another, by the letters that are wrong, left out or swapped."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(name) < SHORTEST:
        return ()
    found: dict[str, int] = {}
    for spelling, distance, _ in process.extract(
        name, countries.spellings, scorer=OSA.distance, score_cutoff=max(3, len(name) // 4), limit=60
    ):
        for meaning in countries.areas.names[spelling]:
            found[meaning.code] = min(int(distance), found.get(meaning.code, 99))
    nearest = sorted(found.items(), key=lambda one: (one[1], one[0]))[:limit]
    if not nearest:
        return ()
    alone = len(nearest) == 1 or nearest[1][1] > APART
    certain = nearest[0][1] == 1 and len(name) >= SAFE and alone
    listed = []
    for code, distance in nearest:
        slips = distance * min(1.0, A_SLIP_IN / len(name))
        sure = 0.9 if certain and code == nearest[0][0] else round(max(0.1, 0.85 - 0.15 * slips), 2)
        listed.append(Candidate(code, sure, f"looks like {countries.areas.titles[code]}"))
    return ordered(tuple(listed))


@lru_cache(maxsize=65536)
def rivals_of(countries: Countries, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The countries of whose common name a name of languages whose tables are rarely seen is one letter away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    spoken = countries.vocabulary.languages | {ANY}
    meanings = countries.areas.names.get(name, ())
    if not name.isascii() or len(name) < SHORTEST or any(spoken & one.languages for one in meanings):
        return ()
    near = process.extract(name, countries.spellings, scorer=OSA.distance, score_cutoff=1, limit=30)
    common = (one for spelling, *_ in near for one in countries.areas.names[spelling] if spoken & one.languages)
    return tuple(sorted({one.code for one in common} - {*codes}))


def read_demonyms(workspace: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """The words for people of countries (English, French, Spanish, German, Russian, Arabic), by plain word."""
    found: dict[str, dict[str, None]] = {}
    for code, alias, *_ in rows_of(DEMONYMS, COLUMNS, workspace):
        found.setdefault(plain(alias), {})[code] = None
    return {word: tuple(sorted(codes)) for word, codes in found.items()}
