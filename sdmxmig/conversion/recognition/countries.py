"""Recognition of countries by name, short name, demonym, transliteration or misspelling."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import islice, product
from pathlib import Path

from sdmxmig.catalogue.areas import (
    ANY_CONCEPT,
    COLUMNS,
    FORMER_MARK,
    GROUP_SIZE,
    Areas,
    Meaning,
    fold_name,
    list_aliases,
    read_alias_rows,
)
from sdmxmig.conversion.recognition.country_wordings import ALONE, names_other, split_label, strip_wording
from sdmxmig.conversion.recognition.formal_names import (
    SHORTEST_NAME,
    FormalNames,
    ShortNames,
    has_cut_words,
    has_initials,
    is_democratic,
    names_part,
    read_formal_names,
)
from sdmxmig.conversion.recognition.labels import DOUBTED, Candidate, bare, plain, strip_marks
from sdmxmig.conversion.recognition.typing_errors import (
    Spellings,
    collect_latin_spellings,
    find_near_common_names,
    find_near_names,
    romanise,
)
from sdmxmig.conversion.recognition.words import (
    AGREEING,
    ALL_WORDS,
    FEMININE,
    LONGEST_AFFIX,
    NAMES,
    PEOPLE,
    SHORTEST_STEM,
    WITHOUT_BLANKS,
    Vocabulary,
)

LETTERS = re.compile(r"[^\W\d_]+")
DEMONYMS = Path("aliases") / "DEMONYMS.tsv"
CODE_AND_NAME = re.compile(r"(?P<code>[A-Z]{2,3})[\s:–-]+(?P<name>.+)|(?P<first>.+?)[\s:,–-]+(?P<last>[A-Z]{2,3})")
"""A name with its code before or behind it."""
CODE = re.compile(r"[A-Za-z]{2,3}")
"""A token that may be a code."""
CUT_WORD = re.compile(r"[^\W\d_]{4,}\.")
OWN_CODE_CONFIDENCE = 0.28
SHORTENED_CONFIDENCE = 0.92
MAX_READINGS = 16
IN_BRACKETS = re.compile(r"\s*[(\[（].*?[)\]）]")
BRACKETS = re.compile(r"^(?P<name>[^()]+)\((?P<rest>[^()]+)\)$")
SHORTEST_CODE, IN_CAPITALS = 3, 0.93
"""Maximum length of names that must be in capitals, and confidence in them."""
MAX_CAPITALS = 5
"""Maximum length of words in capitals that are abbreviations, not names with an ending."""
INFLECTED = 0.85
CROWD_FACTOR = 0.5
HALF_CONFIDENCE = 0.8
OF_A_PEOPLE = "people of the country"
PARTIAL_NAME = "formal name, perhaps in part"
TABLE_CONCEPTS = ("SEX", "AGEPART", "ROLE", "DIRECTION", "TOTAL", "OTHER", "UNKNOWN", "MONTH", "UNIT_MEASURE")
RIVAL_CONFIDENCE = 0.5
RIVALLED = 0.6
WORDING_FACTOR = 0.97
ENGLISH_LANGUAGE = "en"
CASE_CONFIDENCE = 0.7
"""Confidence in a single word that may be an inflected name of a country."""
EXPECTED_CASE_CONFIDENCE = 0.9
"""The same after words that require another case, such as “из” and “občané”."""
ONE_SLIP, MAX_RIVALS = 0.65, 5
VOWELS = frozenset("aeiouyаеиоуыэюяіїєαεηιουωაეიოუ")
"""Last letters that names lose before an ending."""
FORMER_BESIDE = re.compile(r"[\s.-]+")
"""What separates a word such as “ex-” or “ehem.” from a name."""
APOSTROPHE = re.compile("(?<=[^\\W\\d_])['’‘](?=[^\\W\\d_])")


@dataclass(frozen=True, eq=False)
class Countries:
    areas: Areas
    demonyms: Mapping[str, Mapping[str, frozenset[str]]]
    _: KW_ONLY
    vocabulary: Vocabulary
    workspace: Path | None = None

    def candidates(self, text: str, language: str = "") -> tuple[Candidate, ...]:
        written = text.strip()
        if not written or len(written) > 120:
            return ()
        return self._find_by_code(written) if CODE.fullmatch(written) else self._read(written, language)

    def find_code_in_text(self, phrase: str) -> str:
        listed = self.candidates(phrase)
        is_case = len(listed) == 1 and listed[0].confidence >= CASE_CONFIDENCE
        return listed[0].code if listed and (listed[0].is_applied or is_case) else ""

    def _read(self, written: str, language: str) -> tuple[Candidate, ...]:
        part = self._find_former(written) or self._find_whole(written) or self._find_cut_short(written)
        if part:
            return part
        if has_initials(written, self.vocabulary):
            candidates = self._find_exact(written)
            if not candidates:
                return self._find_expanded(written) or self._find_shortened(written)
        else:
            candidates = self._spell_out(written, language)
        candidates = self._add_twin(written, candidates)
        codes = {candidate.code for candidate in candidates}
        if (
            candidates
            and candidates[0].confidence > DOUBTED
            and (self._is_split(written) or self._is_ambiguous(written, codes))
        ):
            return tuple(
                Candidate(candidate.code, min(candidate.confidence, DOUBTED), reason=f"{candidate.reason}, and more")
                for candidate in candidates
            )
        return candidates

    def _find_former(self, written: str) -> tuple[Candidate, ...]:
        """Recognise a former state next to a word for “former”; “former Serbia” is not one."""
        if self._find_exact(written):
            return ()
        first, *behind = words = FORMER_BESIDE.split(bare(written))
        names = [" ".join(behind)] if self.vocabulary.codes("FORMER", plain(first)) else []
        names += [" ".join(words[:-1])] if self.vocabulary.codes("FORMER", plain(words[-1])) else []
        names += [first[1:]] if WITHOUT_BLANKS.match(first) and self.vocabulary.codes("FORMER", first[0]) else []
        codes = {code for name in names if name for code in self.areas.candidates(name)}
        states = tuple(sorted(code for code in codes if self.areas.titles[code].endswith(FORMER_MARK)))
        return self._build_candidates(states, 1 / len(states), "name of a former state") if states else ()

    def _add_twin(self, written: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        twin = self.vocabulary.codes("FORMER_TWIN", candidates[0].code.lower()) if len(candidates) == 1 else ()
        if not twin or not any(
            is_democratic(spelling, self.vocabulary) for spelling in (written, *self._list_full_names(written))
        ):
            return candidates
        return self._build_candidates(
            tuple(sorted((candidates[0].code, *twin))), candidates[0].confidence / 2, "name of two states"
        )

    def _is_split(self, written: str) -> bool:
        first, stroke, second = bare(written).partition("/")
        sides = (sum(map(str.isalpha, side)) >= SHORTEST_CODE for side in (first, second))
        return bool(stroke) and all(sides) and not self._find_exact(written) and not self._match(first, second)

    def _spell_out(self, written: str, language: str) -> tuple[Candidate, ...]:
        candidates, people = self._named(written, language) or self._find_expanded(written), self._find_people(written)
        if not candidates or {candidate.code for candidate in candidates} == {candidate.code for candidate in people}:
            candidates = max(candidates, people, key=lambda listed: listed[0].confidence if listed else 0.0)
        candidates = candidates or (self._find_shortened(written) if has_cut_words(written) else ())
        candidates = candidates or self._find_in_wording(written, language) or self._find_cut_off(written)
        candidates = candidates or self._find_formal(written, language) or self._find_inflected(written)
        return candidates or self._find_shortened(written)

    def _find_by_code(self, written: str) -> tuple[Candidate, ...]:
        """Recognise two or three letters as an abbreviation, name or code; codes are certain only in lists of codes."""
        name_codes = self._find_known(
            written, tuple(meaning.code for meaning in self.areas.names.get(fold_name(written), ()))
        )
        if written in self.everyday:
            return self._build_candidates(name_codes, IN_CAPITALS / len(name_codes), "abbreviation")
        if not written.isupper():
            return self._read(written, "") if name_codes or plain(written) in self.demonyms else ()
        codes = self.list_codes(written)
        if codes:
            return self._build_candidates(codes, DOUBTED / len(codes), "possibly a code")
        return (
            self._build_candidates(name_codes, DOUBTED / len(name_codes), "name without its accents")
            if name_codes
            else ()
        )

    def list_codes(self, token: str) -> tuple[str, ...]:
        if not (CODE.fullmatch(token) or token.isdecimal()) or token not in self.areas.codes:
            return ()
        meanings = self.areas.names.get(fold_name(token), ())
        return tuple(
            sorted(
                {self.areas.codes[token], *(meaning.code for meaning in meanings if ANY_CONCEPT in meaning.languages)}
            )
        )

    def is_demonym(self, text: str) -> bool:
        """Check whether a word is the name of a people.

        Not if it is a country's name in English or in the language of the people: “Omani” is Oman in Swahili alone. In
        a language with one word for both, small letters mean the people: “ludność polska”.
        """
        spoken = {language for languages in self.find_peoples(text).values() for language in languages}
        meanings = [meaning for written in (text, bare(text)) for meaning in self.areas.find_meanings(written)]
        named = frozenset().union(*(meaning.languages for meaning in meanings)) if spoken else frozenset()
        return bool(spoken) and ENGLISH_LANGUAGE not in named and (named.isdisjoint(spoken) or text.islower())

    def list_masculine_forms(self, word: str) -> Iterator[str]:
        """Yield the forms for men, or for all, of a word for women: “extranjeros” of “extranjeras”."""
        codes, spoken = self.vocabulary.codes, self.demonyms.get(word, {}).values()
        yield from (plain(code) for code in codes(FEMININE, word) if code != AGREEING)
        for size in range(1, min(LONGEST_AFFIX, len(word) - 1)):
            for ending in codes("FEMININE_ENDING", word[-size:]):
                form = f"{word[:-size]}{ending.strip('-')}"
                languages = frozenset().union(*self.demonyms.get(form, {}).values())
                if languages and all(languages.issuperset(each) for each in spoken):  # “Maltese” is English too
                    yield form

    def find_women(self, title: str) -> str:
        """Return a title's word for women of a group; empty next to men, or if it agrees with “persons” in gender."""
        words = [(plain(word), word) for word in LETTERS.findall(title)]
        known = [word for word, _ in words]
        for at, (word, written) in enumerate(words):
            is_country = not word or self.is_name(written) or self.is_inflected(written)
            forms = [] if is_country else [*self.list_masculine_forms(word)]
            agrees = any(AGREEING in self.vocabulary.codes(FEMININE, each) for each in known[:at])
            if forms and not agrees and not any(form in known for form in forms):
                return str(written)
        return ""

    def find_peoples(self, text: str) -> Mapping[str, frozenset[str]]:
        """Return the countries of a people by code, each with the languages of the word."""
        shorter = self.vocabulary.iterate_stems(plain(bare(text)), PEOPLE)  # Arabic “القطريات”: two affixes
        forms = (form for word in shorter for form in self.vocabulary.iterate_stems(word, PEOPLE))
        return next((self.demonyms[form] for form in forms if form in self.demonyms), {})

    def is_name(self, text: str) -> bool:
        return any(self.areas.find_meanings(spelling) for spelling in (text.strip(), bare(text)))

    def is_inflected(self, text: str) -> bool:
        """Check whether a word may be a case of a country's name: “Polski”."""
        return bool(self._find_inflected(text))

    def _find_exact(self, written: str) -> tuple[Candidate, ...]:
        languages = self.vocabulary.languages | {ANY_CONCEPT}
        for text in (written, strip_marks(written), bare(written)):
            codes = tuple(
                sorted({meaning.code for meaning in self.areas.find_meanings(text) if languages & meaning.languages})
            )
            if codes:
                return self._build_candidates(codes, 1 / len(codes), "name")
        return ()

    def _find_whole(self, written: str) -> tuple[Candidate, ...]:
        """Recognise the country of a part, “Tanzania (Zanzibar)”; a part with its own code takes precedence."""
        codes_of_pieces = (
            self.vocabulary.codes("PART_OF", plain(piece)) for piece in (bare(written), *split_label(written))
        )
        codes = next((listed for listed in codes_of_pieces if listed), ())
        if not codes or self._find_exact(written):
            return ()
        listed = sorted(codes, key=lambda code: (code.isalpha(), code))
        return tuple(
            Candidate(code, DOUBTED, reason=f"a part of {self.areas.titles[code]}"[:90])
            if code.isalpha()
            else Candidate(
                code, OWN_CODE_CONFIDENCE, reason=f"a part with its own code: {self.areas.titles[code]}"[:90]
            )
            for code in listed
        )

    def _find_expanded(self, written: str) -> tuple[Candidate, ...]:
        full = self._list_full_names(bare(written))
        parts = next((part for name in full if (part := self._find_whole(name))), ())
        codes = {code for name in full for code in self._find_known(name, self.areas.candidates(name))}
        return parts or self._cut_names(tuple(sorted(codes)), SHORTENED_CONFIDENCE)

    def _find_shortened(self, written: str) -> tuple[Candidate, ...]:
        sure = SHORTENED_CONFIDENCE if self.short_names.tells(written) else INFLECTED
        return self._cut_names(self.short_names.find_areas(written), sure)

    def _cut_names(self, codes: tuple[str, ...], sure: float) -> tuple[Candidate, ...]:
        """Return candidates of a shortened name; countries before regions, current before former."""
        codes = tuple(code for code in codes if not self.areas.titles[code].endswith(FORMER_MARK)) or codes
        states = tuple(code for code in codes if not code.isdecimal())
        if states and len(states) < len(codes):
            regions = tuple(code for code in codes if code.isdecimal())
            how = "shortened name, or a region"
            return (
                *self._build_candidates(states, RIVALLED / len(states), how),
                *self._build_candidates(regions, RIVAL_CONFIDENCE / len(regions), how),
            )
        return self._build_candidates(codes, sure / len(codes), "shortened name") if codes else ()

    def _find_cut_off(self, written: str) -> tuple[Candidate, ...]:
        codes = self.short_names.beginning(bare(written))
        return self._build_candidates(codes, INFLECTED / len(codes), "cut off") if codes else ()

    def _find_cut_short(self, written: str) -> tuple[Candidate, ...]:
        codes = {candidate.code for candidate in self._find_exact(written)} if CUT_WORD.fullmatch(written) else set()
        listed = sorted(codes | {*self.short_names.find_areas(written)}) if codes else []
        return (
            self._build_candidates(tuple(listed), SHORTENED_CONFIDENCE / len(listed), "name, or a shortened one")
            if len(listed) > 1
            else ()
        )

    def _named(self, written: str, language: str) -> tuple[Candidate, ...]:
        for confidence, name, how in self._list_readings(written):
            if CODE.fullmatch(name) and name != written:
                return self._find_by_code(name)
            codes = self._find_known(name, self.areas.candidates(name, language))
            if len(codes) > 1 and " " in plain(written):
                codes = self.formal.find_by_government(codes, written)
                codes = self.formal.states(codes, written)
            if codes:
                sure = self._adjust_confidence(name, confidence, codes)
                sure = min(sure, self._compute_rareness(name))
                others = (
                    find_near_common_names(self.spellings, fold_name(name), codes)
                    if sure > RIVALLED and how == "name"
                    else ()
                )
                if others:
                    candidates = self._build_candidates(
                        codes, RIVALLED, "rare name, similar to the name of another country"
                    )
                    return (*candidates, *self._build_candidates(others, RIVAL_CONFIDENCE, "one letter differs"))
                return self._build_candidates(codes, sure, how)
        return ()

    def _find_people(self, written: str) -> tuple[Candidate, ...]:
        people = self.find_peoples(written)
        if people:
            return tuple(Candidate(code, 0.93 / len(people), reason=OF_A_PEOPLE) for code in people)
        spelt = self.spelt.get(fold_name(romanise(bare(written))), frozenset())
        return self._build_candidates(tuple(sorted(spelt)), 0.9 / len(spelt), "transliteration") if spelt else ()

    def _find_in_wording(self, written: str, language: str) -> tuple[Candidate, ...]:
        name = strip_wording(bare(written), self.vocabulary)
        candidates = self.candidates(name, language) if name else ()
        if len(candidates) == 1 and candidates == self._find_inflected(name):
            return (Candidate(candidates[0].code, EXPECTED_CASE_CONFIDENCE, reason=candidates[0].reason),)
        return tuple(
            Candidate(candidate.code, round(candidate.confidence * WORDING_FACTOR, 3), reason=candidate.reason)
            for candidate in candidates
        )

    def _find_inflected(self, written: str) -> tuple[Candidate, ...]:
        """Recognise an inflected name (“Čadu”, “Украины”), never as certain; abbreviations are not inflected."""
        short, apostrophes = APOSTROPHE.subn("", bare(written))  # Turkish “Kanada’dan”
        is_name = short[:1] == short[:1].title() and not (short.isupper() and len(short) <= MAX_CAPITALS)
        is_name = is_name and not self.vocabulary.codes("FORMAL", plain(short))  # “Emirat”
        codes = {
            meaning.code
            for name in (self._list_nominatives(short) if is_name else ())
            for meaning in self.areas.names.get(name, ())
            if apostrophes or self._has_cases(meaning)
        }
        if not codes:
            return ()
        near = find_near_names(self.spellings, fold_name(short), MAX_RIVALS)
        listed = sorted(codes | {candidate.code for candidate in near if candidate.confidence > ONE_SLIP})
        return self._build_candidates(tuple(listed), CASE_CONFIDENCE / len(listed), "case")

    def _list_nominatives(self, short: str) -> set[str]:
        """Return names that a text may inflect: with a listed affix or, after a capital letter, any two letters."""
        word = fold_name(short)
        names = stems = {*self.vocabulary.iterate_stems(word, NAMES, ALL_WORDS)}
        if short[:1].isupper() and " " not in short:
            ends = range(max(len(word) - 2, min(len(word) - 1, SHORTEST_STEM)), len(word) + 1)
            stems = stems | {word[:end] for end in ends if word[end:] != "s"}
        return names.union(*(self.names_by_stem.get(stem, ()) for stem in stems)) - {word}

    @cached_property
    def names_by_stem(self) -> Mapping[str, set[str]]:
        names_by_stem: dict[str, set[str]] = {}
        for name in self.areas.names:
            stem = name[:-1] if name[-1:] in VOWELS else name
            if len(stem) >= (SHORTEST_NAME if stem == name else SHORTEST_STEM):
                names_by_stem.setdefault(stem, set()).add(name)
        return names_by_stem

    def _has_cases(self, meaning: Meaning) -> bool:
        cased = self.vocabulary.words.get("LANGUAGE", {}).keys()
        languages = meaning.languages & (self.vocabulary.languages | cased | {ANY_CONCEPT})
        return bool(languages) and languages <= cased

    def _is_ambiguous(self, written: str, codes: set[str]) -> bool:
        """Check whether a label in an unknown language may name several countries: Brasilia is Brazil in Finnish."""
        if ALONE in self.vocabulary.codes("PLACE", plain(written)):
            return True
        if self.spellings.is_spoken(fold_name(written)):
            return False
        return names_other(written, codes, self.areas, self.vocabulary)

    def _find_known(self, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        if len(codes) < 2:
            return codes
        meanings = self.areas.names.get(fold_name(name), ())
        readable = {
            meaning.code for meaning in meanings if meaning.languages & (self.vocabulary.languages | {ANY_CONCEPT})
        }
        return tuple(code for code in codes if code in readable) or codes

    def _find_formal(self, written: str, language: str) -> tuple[Candidate, ...]:
        inner = BRACKETS.match(bare(written))
        inside = self.areas.candidates(inner["rest"], language) if inner else ()
        if inner and inside:
            people = self.demonyms.get(plain(bare(inner["name"])), ())
            outside = {*people, *(candidate.code for candidate in self._find_formal(inner["name"], language))}
            return self._build_candidates(
                inside, (0.92 if outside & {*inside} else DOUBTED) / len(inside), "name in brackets"
            )
        listed = (self.formal.meaning(name) for name in (bare(written), *self._list_full_names(bare(written))))
        meaning = next((meaning for meaning in listed if meaning.codes), self.formal.meaning(bare(written)))
        is_people = meaning.is_shorter and not meaning.codes and not names_part(written, self.vocabulary)
        people = self.demonyms.get(" ".join(meaning.core), {}) if is_people else {}
        codes = tuple(people) or meaning.codes
        if not codes:
            return ()
        halves = () if is_democratic(written, self.vocabulary) else self._split_halves(codes)
        if halves or any(map(str.isdecimal, codes)):
            return self._build_candidates(halves or codes, HALF_CONFIDENCE / len(halves or codes), PARTIAL_NAME)
        if meaning.is_inflected:
            sure = RIVALLED if meaning.core in self.formal.cores else INFLECTED  # “End” is India in Wolof
            return self._build_candidates(codes, sure / len(codes), "inflected formal name")
        return self._build_candidates(codes, 0.92 / len(codes), "formal name")

    def near(self, text: str, limit: int = 3) -> tuple[Candidate, ...]:
        words = plain(bare(text)).split()
        codes_by_word = self.short_names.words if len(words) > 1 else {}
        right = tuple((fold_name(word), codes_by_word[word]) for word in words if word in codes_by_word)
        return find_near_names(self.spellings, fold_name(bare(text)), limit, right)

    def _list_readings(self, written: str) -> list[tuple[float, str, str]]:
        short = bare(written)
        ways = [(1.0, written, "name"), (0.98, strip_marks(written), "name with a mark"), (0.97, short, "name")]
        first, _, behind_article = short.replace("’", "'").replace("l'", "l ").partition(" ")
        if behind_article and self.vocabulary.codes("ARTICLE", plain(first)):
            ways.append((0.97, behind_article, "name without its article"))
        inner = BRACKETS.match(short)
        if inner:
            ways.append((0.96, f"{inner['rest']} {inner['name']}", "name in reverse order"))
            ways += [(0.96, inner["name"], "name given twice")] if self._match(inner["name"], inner["rest"]) else []
            ways[:0] = [(0.96, inner["rest"], "territory")] if self._is_part(inner["rest"], inner["name"]) else []
        coded = CODE_AND_NAME.fullmatch(strip_marks(written))
        if coded:
            code, name = coded["code"] or coded["last"], coded["name"] or coded["first"]
            same = self.areas.candidates(code) == self.areas.candidates(name)
            ways += [(0.98, name, "name with its code")] if same else []
        if GROUP_SIZE.fullmatch(written):
            ways.append((CROWD_FACTOR, re.split(r"[\W\d_]", written)[0], "name of a group of states"))
        first, stroke, second = short.partition("/")
        if stroke and self._match(first, second):
            ways.append((0.93, first, "first of two names"))
        return ways

    def _match(self, name: str, other_name: str) -> bool:
        codes, candidates = self.areas.candidates(name), self.candidates(other_name)
        return len(codes) == len(candidates) == 1 and candidates[0].code == codes[0] and candidates[0].is_applied

    def _is_part(self, territory: str, state: str) -> bool:
        owners = [self.vocabulary.codes("BELONGS_TO", code.lower()) for code in self.areas.candidates(territory)]
        return len(owners) == 1 and bool({*owners[0]} & {*self.areas.candidates(state.strip())})

    def _compute_rareness(self, name: str) -> float:
        """Return the confidence of a name by its languages; lowest for common words (“male”)."""
        if name.isupper() and len(name) <= SHORTEST_CODE:
            return 1.0
        meanings = self.areas.names.get(fold_name(name), ())
        words = any(self.vocabulary.codes(concept, plain(name)) for concept in TABLE_CONCEPTS)
        is_spoken = self.spellings.is_spoken(fold_name(name))
        if not fold_name(name).isascii() or (
            is_spoken and not (words and len(name) <= SHORTEST_CODE and name.isascii())
        ):
            return 1.0
        return DOUBTED if words else INFLECTED if meanings else 1.0

    def _split_halves(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({half for code in codes for half in self.vocabulary.codes("HALF_A_NAME", code.lower())}))

    def _list_full_names(self, name: str) -> list[str]:
        words = [plain(word) for word in name.split()]
        full_forms = [self.vocabulary.codes("ABBREVIATION", word) for word in words]
        full = product(*(codes or (word,) for codes, word in zip(full_forms, words, strict=True)))
        return [" ".join(choice) for choice in islice(full, MAX_READINGS)] if any(full_forms) else []

    def _adjust_confidence(self, name: str, confidence: float, codes: tuple[str, ...]) -> float:
        """Return the confidence of a match; short words are often not countries."""
        letters = IN_BRACKETS.sub("", name)
        short, is_plain = fold_name(letters), letters.isascii() or not letters.isalpha()
        if name.isdecimal():
            return DOUBTED
        if len(short) > SHORTEST_CODE or not short.isascii() or not is_plain:
            return confidence / len(codes)
        if letters.isupper() and letters.isascii():
            return min(confidence, IN_CAPITALS) / len(codes)
        is_spelt_so = letters.casefold() in {spelling.casefold() for spelling in self.short_spellings}
        is_name = is_spelt_so and letters.istitle() and self._compute_rareness(letters) == 1
        return (RIVALLED if is_name else DOUBTED) / len(codes)

    def _build_candidates(self, codes: tuple[str, ...], confidence: float, how: str) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(code, round(confidence, 3), reason=f"{how}: {self.areas.titles[code]}"[:90])
            if not self.areas.titles[code].endswith(FORMER_MARK)
            else Candidate(code, round(confidence, 3), reason=f"former country: {self.areas.titles[code]}")
            for code in codes
        )

    @cached_property
    def everyday(self) -> frozenset[str]:
        return frozenset(name for name in self.short_spellings if sum(map(str.isupper, name)) > 1)

    @cached_property
    def short_spellings(self) -> frozenset[str]:
        readable_languages = self.vocabulary.languages | {ANY_CONCEPT}
        listed = list_aliases(self.workspace, self.areas.codes)
        short = (name.replace(".", "") for _, name, languages in listed if readable_languages & languages)
        return frozenset(name for name in short if 1 < len(name) <= SHORTEST_CODE and name.isalpha())

    @cached_property
    def short_names(self) -> ShortNames:
        return ShortNames(self.areas, self.vocabulary, workspace=self.workspace)

    @cached_property
    def spellings(self) -> Spellings:
        return Spellings(self.areas, self.vocabulary.languages)

    @cached_property
    def formal(self) -> FormalNames:
        return read_formal_names(self.areas, self.vocabulary, self.workspace)

    @cached_property
    def spelt(self) -> Mapping[str, frozenset[str]]:
        return collect_latin_spellings(self.areas, self.vocabulary.languages | {ANY_CONCEPT})


def read_demonyms(workspace: Path | None) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Read the words for peoples, each with its countries by code and the languages of the word."""
    languages_by_word: dict[str, dict[str, frozenset[str]]] = {}
    for code, alias, languages, *_ in sorted(read_alias_rows(DEMONYMS, COLUMNS, workspace)):
        codes = languages_by_word.setdefault(plain(alias), {})
        codes[code] = codes.get(code, frozenset()) | frozenset(languages.split())
    return languages_by_word
