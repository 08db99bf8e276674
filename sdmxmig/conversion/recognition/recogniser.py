"""Recognition of labels for all concepts, with values of dimensions from ``VALUES.tsv``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain
from pathlib import Path

from sdmxmig.catalogue.ages import convert_to_usual_code
from sdmxmig.catalogue.areas import Areas
from sdmxmig.conversion.recognition.ages import recognise_age
from sdmxmig.conversion.recognition.calendars import find_part_of_year
from sdmxmig.conversion.recognition.countries import MAX_CAPITALS, Countries, read_demonyms
from sdmxmig.conversion.recognition.country_wordings import BEHIND as WORDINGS_BEHIND_COUNTRY
from sdmxmig.conversion.recognition.country_wordings import (
    Limit,
    find_limits,
    list_end_phrases,
    strip_announcement,
    strip_of_which,
)
from sdmxmig.conversion.recognition.formal_names import WITHOUT_BLANKS
from sdmxmig.conversion.recognition.labels import DOUBTED, Candidate, bare, plain, sort_candidates, strip_marks
from sdmxmig.conversion.recognition.regions import Regions, read_regions
from sdmxmig.conversion.recognition.times import moment, recognise_month
from sdmxmig.conversion.recognition.words import EXCLUDING, INSIDE, Vocabulary, is_short, list_meanings, read_vocabulary
from sdmxmig.conversion.recognition.words import LONGEST as WORDS_LONGEST

PARTNER, AGE, SEX, TIME, MONTH, QUARTER = "PARTNER", "AGE", "SEX", "TIME_PERIOD", "MONTH", "QUARTER"
SHARED_CONCEPTS = ("TOTAL", "UNKNOWN", "OTHER", "STATELESS")
WORLD, TOTAL_AREA = "001", "000"
WHOLE_WORLD = "the whole world"
MIN_LIKENESS_BY_LENGTH = ((5, 0.7), (11, 0.55), (10_000, 0.4))
SPELLING_VARIANTS = str.maketrans("èÈæÆðÐ", "čČćĆđĐ")
MISREAD, SHORT_OF_WHICH = 0.7, 0.9
MAX_NEAR = 3


@dataclass(frozen=True, slots=True, eq=False)
class Recogniser:
    countries: Countries
    vocabulary: Vocabulary
    _: KW_ONLY
    regions: Regions

    def candidates(self, text: str, concept: str, language: str = "") -> tuple[Candidate, ...]:
        """Return the candidates of a label, most certain first.

        `concept` is PARTNER, AGE, SEX, TIME_PERIOD, MONTH or any concept of ``codelists/aliases/WORDS.tsv``.
        """
        if not text.strip():
            return ()
        label = strip_of_which(strip_announcement(text, self.vocabulary), self.vocabulary)
        if concept in (SEX, AGE, TIME, MONTH) and self.is_number_sign(label):
            return ()
        if concept == PARTNER:
            return self.partner(label, language)
        if concept == TIME:
            period = moment(label, self.vocabulary)
            return (period.candidate,) if period else ()
        if concept == MONTH:
            return recognise_month(label, self.vocabulary)
        candidates = self.vocabulary.candidates(concept, label)
        if label != text and concept == SEX:  # a short word behind “of which” means one thing
            candidates = tuple(
                replace(each, confidence=max(each.confidence, SHORT_OF_WHICH / len(candidates))) for each in candidates
            )
        if concept == QUARTER and (part := find_part_of_year(label, self.vocabulary)):
            candidates = (Candidate(part, 0.96, reason="a part of a year"),)
        if concept == AGE:
            candidates = tuple(convert_age_code(candidate) for candidate in recognise_age(label, self.vocabulary))
        return sort_candidates(candidates or self.shared(label)[:1] or recognise_value(label, concept, self.vocabulary))

    def partner(self, label: str, language: str = "") -> tuple[Candidate, ...]:
        return self.regions.assess(self._recognise_partner(label, language))

    def _recognise_partner(self, label: str, language: str) -> tuple[Candidate, ...]:
        words = self.shared(label)
        if not words and not self.countries.is_name(label):
            limited = self.recognise_limited(label, language)
            if limited is not None:
                return limited
            remainder = self.recognise_part(label, language)
            if remainder:
                return remainder
        areas = self._find_areas(label, language)
        if words and not (areas and areas[0].confidence > words[0].confidence):
            return words
        if areas:
            sure = max(
                (candidate.confidence for candidate in areas if candidate.code in (WORLD, TOTAL_AREA)), default=0.0
            )
            return (Candidate("_T", min(sure, 0.95), reason=WHOLE_WORLD),) if sure else areas
        return self.recognise_remark(label)

    def recognise_limited(self, label: str, language: str = "") -> tuple[Candidate, ...] | None:
        """Recognise a label that adds to or excludes from an area; never certain, None for other labels."""
        meaning = None
        for limit in find_limits(label, self.vocabulary):
            whole, part = (self._find_areas(text, language) for text in (limit.whole, limit.part))
            if limit.place == INSIDE and not (whole and part):
                continue
            if whole:
                return tuple(
                    Candidate(candidate.code, DOUBTED, reason=self._explain_limit(limit, candidate.code))
                    for candidate in whole
                )
            if part and not limit.whole:
                return (Candidate("_O", DOUBTED, reason=f"all but {self._title(part[0].code)}"),)
            meaning = () if limit.whole and limit.place != INSIDE else meaning
        return meaning

    def _find_areas(self, text: str, language: str) -> tuple[Candidate, ...]:
        areas = self.countries.candidates(text, language) if text else ()
        near = () if areas else self.vocabulary.codes("REGION", plain(bare(text)))
        return areas or tuple(
            Candidate(code, DOUBTED, reason=f"not a region of UN M49; similar: {self._title(code)}", varies=True)
            for code in near
        )

    def _explain_limit(self, limit: Limit, code: str) -> str:
        what = "less" if limit.concept == EXCLUDING else "more"
        return f"{what} than {self._title(code)}: “{' '.join(text for text in (limit.word, limit.part) if text)}”"[:90]

    def _title(self, code: str) -> str:
        return self.countries.areas.titles.get(code, code)

    def recognise_part(self, label: str, language: str = "") -> tuple[Candidate, ...]:
        """Recognise “Other Africa” or “Total Europe”: a remainder needs a question, a total is the region."""
        for phrase, region, is_first in list_end_phrases(bare(label)):
            codes = {kind: self.vocabulary.codes(kind, phrase) for kind in ("REST", "ALL" if is_first else "TOTAL")}
            concept = next(
                (
                    kind
                    for kind, listed in codes.items()
                    if {*listed} - ({WORDINGS_BEHIND_COUNTRY} if is_first else set())
                ),
                "",
            )
            of = (self._find_areas(region, language) or self.recognise_part(region, language)) if concept else ()
            if of and concept == "REST":
                return self._list_rest_codes(of[0])
            if of and of[0].is_applied:
                everybody = (Candidate("_T", DOUBTED, reason="everyone there"),) if of[0].code.isalpha() else ()
                return (Candidate(of[0].code, 0.95, reason=f"the total of {self._title(of[0].code)}"), *everybody)
        return ()

    def _list_rest_codes(self, of: Candidate) -> tuple[Candidate, ...]:
        if of.code == "_O":
            return (of,)
        reason = f"the rest of {self._title(of.code)}"
        rest_codes = self.countries.areas.candidates(f"{self._title(of.code)} not elsewhere specified")
        return (Candidate("_O", 0.6, reason=reason), *(Candidate(code, DOUBTED, reason=reason) for code in rest_codes))

    def is_number_sign(self, label: str) -> bool:
        return is_short(label) and bool(self.vocabulary.list_short_codes("NUMBER", bare(label)))

    def recognise_remark(self, label: str) -> tuple[Candidate, ...]:
        """Recognise words such as “various”: others or unknown, never certain."""
        codes = self.vocabulary.codes("VARIOUS", plain(bare(label)))
        return tuple(
            Candidate(code, DOUBTED, reason="not a country: others, or unknown?") for code in ("_O", "_U") if codes
        )

    def shared(self, label: str) -> tuple[Candidate, ...]:
        """Recognise words common to all lists, also with the dimension: “unknown citizenship”."""
        candidates = chain.from_iterable(self.vocabulary.candidates(concept, label) for concept in SHARED_CONCEPTS)
        return sort_candidates(tuple(candidates) or tuple(self._find_shared(plain(bare(label)).split())))

    def _find_shared(self, words: list[str]) -> Iterator[Candidate]:
        codes = self.vocabulary.codes
        for size in range(1, len(words) if len(words) <= 2 * WORDS_LONGEST else 0):
            first, last = " ".join(words[:size]), " ".join(words[size:])
            for concept in SHARED_CONCEPTS:
                beside = (concept,) if concept == "STATELESS" else (concept, "ROLE")
                for word, qualifier in ((first, last), (last, first)):
                    if any(codes(kind, qualifier) for kind in beside):
                        for code in codes(concept, word):
                            yield Candidate(code, 0.93, reason=f"“{word}” has this meaning")

    def near(self, text: str, concept: str) -> tuple[Candidate, ...]:
        candidates = self.candidates(text, concept)[:MAX_NEAR]
        label = strip_of_which(strip_announcement(text, self.vocabulary), self.vocabulary)
        is_word = any(plain(bare(label)) in listed for listed in self.vocabulary.words.values())
        if candidates or concept != PARTNER or is_word or is_abbreviation(label):
            return candidates
        respelt = label.translate(SPELLING_VARIANTS)
        if respelt != label and (candidates := self.candidates(respelt, concept)):
            return tuple(
                replace(candidate, confidence=min(candidate.confidence, MISREAD)) for candidate in candidates[:MAX_NEAR]
            )
        near = self.countries.near(label, MAX_NEAR + 1)
        nearest = tuple(candidate for candidate in near if candidate.confidence == near[0].confidence)
        return (
            nearest if len(nearest) <= MAX_NEAR and near and near[0].confidence >= compute_min_likeness(label) else ()
        )


def convert_age_code(candidate: Candidate) -> Candidate:
    """Convert an age to its CL_AGE code (“under 15” is Y0T14); open lengths in months are kept: usually stays."""
    is_open_in_months = candidate.code.startswith("M_")
    return candidate if is_open_in_months else replace(candidate, code=convert_to_usual_code(candidate.code))


def is_abbreviation(label: str) -> bool:
    return label.isupper() and label.isalpha() and len(label) <= MAX_CAPITALS


def compute_min_likeness(label: str) -> float:
    return next(sure for letters, sure in MIN_LIKENESS_BY_LENGTH if len(plain(label)) <= letters)


def read_recogniser(areas: Areas, workspace: Path | None = None) -> Recogniser:
    vocabulary = read_vocabulary(workspace)
    countries = Countries(areas, read_demonyms(workspace), vocabulary=vocabulary, workspace=workspace)
    return Recogniser(countries, vocabulary, regions=read_regions(areas, workspace))


AROUND, BEFORE, BEHIND = "AROUND", "before", "behind"
WHOLE, SHORTENED = 0.96, 0.93
LONGEST, MAX_ROUNDS = 4, 3
OWN_CONCEPTS = ("CTZ_STATUS", "BIRTH_STATUS", "CTZ_MODE", "DECISION_ACTION")
LENGTHS = ("DURATION", "STAY_DUR")
MONTHS_PREFIX = "M"


def recognise_value(label: str, dimension: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """Recognise a value of a dimension; several codes share the confidence. Excludes ages: “per man” is a rate."""
    if dimension not in vocabulary.values:
        return ()
    whole = tuple(dict.fromkeys(plain(text) for text in (strip_marks(label), bare(label))))
    phrases = list(whole)
    for _ in range(MAX_ROUNDS + 1):
        for phrase in phrases:
            codes = _find_codes(phrase, dimension, vocabulary)
            sure = WHOLE if phrase in whole else SHORTENED
            if codes:
                return tuple(
                    Candidate(code, sure / len(codes), reason=f"“{phrase}” has this meaning") for code in codes
                )
        phrases = [shorter for phrase in phrases for shorter in shorten_phrase(phrase, vocabulary)]
    months = recognise_age(label, vocabulary) if dimension in LENGTHS else ()
    return tuple(candidate for candidate in months if candidate.code.startswith(MONTHS_PREFIX))


def shorten_phrase(phrase: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Remove leading words such as “for” and “total”, and trailing ones such as “etc.” and “reasons”."""
    words = phrase.split()
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        if _is_around(" ".join(words[:size]), BEFORE, vocabulary):
            yield " ".join(words[size:])
        if _is_around(" ".join(words[-size:]), BEHIND, vocabulary):
            yield " ".join(words[:-size])
    if WITHOUT_BLANKS.match(phrase):
        yield from (
            phrase[:-size]
            for size in range(min(LONGEST, len(phrase) - 2), 0, -1)
            if _is_around(phrase[-size:], BEHIND, vocabulary)
        )


def _is_around(words: str, where: str, vocabulary: Vocabulary) -> bool:
    is_total = vocabulary.codes("TOTAL", words) or (where == BEFORE and vocabulary.codes("ALL", words))
    return bool(is_total) or where in vocabulary.list_value_codes(AROUND, words)


def _find_codes(phrase: str, dimension: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    groups = vocabulary.codes("GROUP", phrase)
    codes = [*vocabulary.codes(dimension, phrase), *vocabulary.list_value_codes(dimension, phrase)]
    codes += [code for group in groups for name, (code,) in list_meanings("PEOPLE", group) if name == dimension]
    codes += [
        group.partition("=")[2] for group in groups if dimension in OWN_CONCEPTS and group.startswith(f"{dimension}=")
    ]
    return tuple(dict.fromkeys(codes))
