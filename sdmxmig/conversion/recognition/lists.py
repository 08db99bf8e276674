"""Recognition of lists, where other labels clarify a letter or short word for a sex, month or age."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.catalogue.areas import FORMER_MARK, fold_name
from sdmxmig.conversion.recognition.countries import OF_A_PEOPLE, PARTIAL_NAME
from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.recognition.labels import APPLIED, Candidate, bare, choose_best, plain
from sdmxmig.conversion.recognition.recogniser import AGE, PARTNER, SEX, Recogniser
from sdmxmig.conversion.recognition.regions import Regions
from sdmxmig.conversion.recognition.typing_errors import MIN_SAFE_LETTERS
from sdmxmig.conversion.recognition.words import SHORT_CONFIDENCE, Vocabulary, is_short

CandidatesByLabel = Mapping[str, tuple[Candidate, ...]]

SETTLED_CONFIDENCE = 0.92
MIN_REGIONS = 2
"""Minimum number of regions in a list of regions."""
MIN_TELLING_SHARE = 0.3
"""Minimum confidence in a candidate that neighbours can settle."""
ONE_SLIP_CONFIDENCE = 0.7
"""Confidence in the nearest name with one wrong letter."""
CLEAR_MARGIN = 0.25
"""Difference in confidence from the next candidate: two letters."""
NEIGHBOURS, CLEAR = 3, 0.8
"""Number of labels that settle others, and the confidence that each needs."""
ASKED, REST_OF_WHAT = 0.85, "the remainder of a region, or of all countries?"
REST = "_O"
AMERICAS, UNITED_STATES, PLURAL = "019", "US", "americas"
CONTINENTS, OF_AMERICAS = frozenset({"002", "142", "150"}), frozenset({"003", "005", "013", "021", "029", "419"})
NORTH, SOUTH = frozenset({"003", "021"}), frozenset({"005", "013", "419"})
SOUTH_AFRICA, SOUTHERN_AFRICA, OF_AFRICA = "ZA", "018", frozenset({"011", "014", "015", "017"})
"""South Africa, the south of Africa, and its other parts."""
LISTED = 0.95
"""Confidence in a code in a list of codes."""
MIN_MOST_SHARE = 0.9
CODE = re.compile(r"[A-Z]{2,3}|\d{3}", re.ASCII)
MIN_NUMBERS = 5
"""Minimum number of three-digit numbers in a list of codes."""
GUESS_REASONS = ("case", "looks like", PARTIAL_NAME)
"""Beginnings of reasons for other spellings, and for names that two governments share."""
MIN_MAJORITY = 0.6
"""Minimum share of a list recognised before neighbours settle labels."""


def recognise_list(
    labels: Iterable[str],
    concept: str,
    recogniser: Recogniser,
    *,
    head: str = "",
    m49: bool = False,
) -> CandidatesByLabel:
    """Recognise the labels of a list, with candidates by confidence.

    In a list that is mostly understood, an ambiguous name (“Congo”, “Guinea”) means the country not named otherwise; so
    may inflected, formal or misspelt names. Regions are certain in an M49 list (`m49`). Codes count in a list of codes,
    single letters for sexes next to their counterparts unless `head` contradicts, bare numbers as ages in a row or
    below a matching `head`.
    """
    listed = list(dict.fromkeys(labels))
    by_label = {label: recogniser.candidates(label, concept) for label in listed}
    if concept != PARTNER:
        return {**by_label, **recognise_in_context(by_label, concept, head, recogniser.vocabulary)}
    by_label |= recognise_codes(by_label, recogniser)
    by_label |= resolve_america(by_label)
    by_label |= lower_confidence(by_label)
    by_label |= find_names_of_peoples(by_label, recogniser)
    by_label = recogniser.regions.assess_list(by_label, m49=m49)
    for label in find_remainders(by_label, recogniser.regions):
        by_label[label] = (replace(by_label[label][0], confidence=ASKED, reason=REST_OF_WHAT),)
    sure = {
        label: meaning
        for label, candidates in by_label.items()
        if (meaning := choose_best(candidates)) and meaning.is_applied
    }
    taken = {candidate.code for candidate in sure.values()}
    clear = sum(
        bool(candidates) and (candidates[0].confidence >= CLEAR or candidates[0].reason.startswith("case"))
        for candidates in by_label.values()
    )
    if clear < NEIGHBOURS or sum(bool(candidates) for candidates in by_label.values()) < MIN_MAJORITY * len(listed):
        return by_label
    named_codes = {
        meaning.code for candidates in by_label.values() if (meaning := choose_best(candidates)) and meaning.varies
    } | taken
    regions = sum(code.isdecimal() for code in named_codes) >= MIN_REGIONS
    for label in (label for label, candidates in by_label.items() if not candidates):
        by_label[label] = find_misspelt_country(label, recogniser)
    while True:
        settled = {
            label: meaning
            for label, candidates in by_label.items()
            if label not in sure
            and (meaning := _choose_unused(candidates, taken, recogniser, regions=regions)) is not None
        }
        times = Counter(meaning.code for meaning in settled.values())
        fresh = {label: meaning for label, meaning in settled.items() if times[meaning.code] == 1}
        if not fresh:
            return by_label
        for label, meaning in fresh.items():
            sure[label] = meaning
            others = tuple(candidate for candidate in by_label[label] if candidate.code != meaning.code)
            by_label[label] = (meaning, *others)
            taken.add(meaning.code)


def recognise_in_context(
    by_label: CandidatesByLabel, concept: str, head: str, vocabulary: Vocabulary
) -> CandidatesByLabel:
    if concept == SEX:
        roles = vocabulary.codes("ROLE", plain(bare(head)))
        return {} if roles and SEX not in roles else recognise_sexes(by_label, vocabulary)
    return find_ages_out_of_context(by_label, head, vocabulary) if concept == AGE else {}


def resolve_america(by_label: CandidatesByLabel) -> CandidatesByLabel:
    """Resolve “America” among continents to the Americas, unless its parts are listed."""
    codes = {candidate.code for candidates in by_label.values() for candidate in candidates[:1]}
    sure = {
        surest.code for candidates in by_label.values() if len(candidates) == 1 and (surest := candidates[0]).is_applied
    }
    parted = codes & OF_AMERICAS and not (codes & NORTH and codes & SOUTH and not any(map(str.isalpha, sure)))
    if len(codes & CONTINENTS) < MIN_REGIONS or (parted and UNITED_STATES not in sure):
        return {}
    ambiguous = {
        label: candidates
        for label, candidates in by_label.items()
        if {candidate.code for candidate in candidates} == {AMERICAS, UNITED_STATES}
    }
    return {
        label: (Candidate(AMERICAS, LISTED, reason="the continent, as for the other labels"),)
        for label in ambiguous
        if len(ambiguous) == 1
    }


def find_names_of_peoples(by_label: CandidatesByLabel, recogniser: Recogniser) -> CandidatesByLabel:
    """Doubt names of countries that are words for another people too: “slovensko” beside “hrvaško” in Slovene."""
    if not any(candidates and candidates[0].reason == OF_A_PEOPLE for candidates in by_label.values()):
        return {}
    peoples = {label: recogniser.countries.find_peoples(label).keys() for label in by_label}
    doubted = {
        label: (candidates[0].code, *peoples[label] - {candidates[0].code})
        for label, candidates in by_label.items()
        if candidates and candidates[0].reason != OF_A_PEOPLE and len(peoples[label]) == 1
    }
    reason = "a country, or a people?"
    return {
        label: tuple(Candidate(code, 1 / len(codes), reason=reason) for code in codes)
        for label, codes in doubted.items()
        if len(codes) > 1
    }


def lower_confidence(by_label: CandidatesByLabel) -> CandidatesByLabel:
    """Lower the confidence of “America” among countries and of “South Africa” beside regions, which are ambiguous."""
    first = {label: candidates[0].code for label, candidates in by_label.items() if candidates}
    codes, doubts = set(first.values()), dict[str, tuple[str, str, str]]()
    if codes.isdisjoint(CONTINENTS | OF_AMERICAS) and sum(map(str.isalpha, first.values())) >= NEIGHBOURS:
        doubts[AMERICAS] = ("the continent", UNITED_STATES, "the United States?")
    if SOUTHERN_AFRICA not in codes and len(OF_AFRICA & codes) >= MIN_REGIONS:
        doubts[SOUTH_AFRICA] = ("the state", SOUTHERN_AFRICA, "the south of Africa?")
    named = [label for label, code in first.items() if code in doubts and plain(bare(label)) != PLURAL]
    times = Counter(first[label] for label in named)
    choices = {label: (first[label], *doubts[first[label]]) for label in named if len(by_label[label]) == 1}
    return {
        label: (Candidate(code, ASKED, reason=reason), Candidate(other_code, ASKED, reason=other_reason))
        for label, (code, reason, other_code, other_reason) in choices.items()
        if times[code] == 1
    }


def recognise_codes(by_label: CandidatesByLabel, recogniser: Recogniser) -> CandidatesByLabel:
    """Recognise a list of codes of one shape: two or three capitals, or three digits.

    Nearly all must be valid. If all are also codes of parts of one country, they stay uncertain.
    """
    shapes = Counter(shape for label in by_label if (shape := describe_shape(label)))
    tokens = [label for label in by_label if shapes[describe_shape(label)] == max(shapes.values(), default=0)]
    numbers = bool(tokens) and tokens[0].isdecimal()
    countries = recogniser.countries
    codes_by_token = {
        token: codes for token in tokens if (codes := countries.list_codes(token)) or token in countries.everyday
    }
    parts = [{*recogniser.vocabulary.codes("SUBDIVISION", token.lower())} for token in tokens]
    fewest = max(MIN_NUMBERS if numbers else NEIGHBOURS, MIN_MAJORITY * len(by_label))
    if not tokens or len(tokens) < fewest or len(codes_by_token) < MIN_MOST_SHARE * len(tokens):
        return {}
    if set.intersection(*parts) or sum(map(bool, by_label.values())) < MIN_MOST_SHARE * len(by_label):
        return {}
    titles = countries.areas.titles
    return {
        token: tuple(
            Candidate(code, LISTED / len(codes), reason=f"in a list of codes: {titles[code]}") for code in codes
        )
        for token, codes in codes_by_token.items()
        if codes and token not in countries.everyday
    }


def describe_shape(label: str) -> str:
    return f"{len(label)} {label.isdecimal()}" if CODE.fullmatch(label) else ""


def find_remainders(by_label: CandidatesByLabel, known_regions: Regions) -> tuple[str, ...]:
    """Return labels of remainders such as “Other countries”, in a list of regions with countries."""
    codes = [
        (label, surest.code)
        for label, candidates in by_label.items()
        if (surest := choose_best(candidates)) and surest.confidence >= CLEAR
    ]
    regions = [at for at, (_, code) in enumerate(codes) if known_regions.is_group(code)]
    if not regions or not any(code.isalpha() for _, code in codes[regions[0] :]):
        return ()
    return tuple(label for label, code in codes[regions[0] :] if code == REST)


def find_misspelt_country(label: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """Find the one country whose name differs by a letter, for lists that leave it open."""
    short = " " in label.strip() and len(fold_name(label)) < MIN_SAFE_LETTERS
    place = any(recogniser.vocabulary.codes(concept, plain(label)) for concept in ("PLACE", "PART_OF"))
    near = () if short or place else recogniser.countries.near(strip_of_which(label, recogniser.vocabulary))
    clear = len(near) == 1 or (len(near) > 1 and near[0].confidence - near[1].confidence >= CLEAR_MARGIN)
    return near[:1] if near and clear and near[0].confidence >= ONE_SLIP_CONFIDENCE and near[0].code.isalpha() else ()


def _choose_unused(
    candidates: tuple[Candidate, ...], taken: set[str], recogniser: Recogniser, *, regions: bool
) -> Candidate | None:
    remaining = [
        candidate
        for candidate in candidates
        if candidate.code not in taken and candidate.confidence >= MIN_TELLING_SHARE
    ]
    titles = recogniser.countries.areas.titles
    if not regions and not {AMERICAS, UNITED_STATES} <= {candidate.code for candidate in remaining}:
        states = [
            candidate
            for candidate in remaining
            if not candidate.code.isdecimal() or titles[candidate.code].endswith(FORMER_MARK)
        ]
        remaining = states if len(states) == 1 else remaining
    if len(remaining) != 1 or remaining[0].confidence >= APPLIED or remaining[0].code == REST or remaining[0].varies:
        return None
    if remaining[0].reason.startswith(GUESS_REASONS) and any(candidate.code in taken for candidate in candidates):
        return None  # “Nigerai” beside “Nigeria” repeats that name rather than meaning Niger
    if (composition := recogniser.regions.compositions.get(remaining[0].code)) and not composition.varies:
        return None
    return Candidate(
        remaining[0].code, SETTLED_CONFIDENCE, reason=f"{remaining[0].reason}; no other label in the list matches it"
    )


NEIGHBOUR_CONFIDENCE = 0.92
"""Confidence in a letter or short word beside its counterpart."""
LONG_LIST_SHARE = 0.9
"""Minimum confidence in a longer word that makes a label a counterpart."""
MIN_WORD_LETTERS = 3
MIN_AGES_IN_A_ROW, MIN_AGE_OF_A_ROW = 5, 10
MIN_AGES_IN_WORDS, OUT_OF_CONTEXT = 2, 0.3
TOTAL, PERSONS = "_T", "PS"


def recognise_sexes(by_label: CandidatesByLabel, vocabulary: Vocabulary) -> dict[str, tuple[Candidate, ...]]:
    letters = recognise_sex_letters(by_label, vocabulary)
    words = {label: candidates for label, candidates in by_label.items() if candidates and label not in letters}
    sure = {
        label: {candidates[0].code}
        for label, candidates in words.items()
        if candidates[0].confidence >= LONG_LIST_SHARE
    }
    codes_by_label = sure | {
        label: {candidate.code for candidate in candidates}
        for label, candidates in words.items()
        if len(plain(label)) > 1
    }
    codes_by_label |= {label: codes for label, codes in letters.items() if len(codes) == 1}
    meanings = {label: build_counterparts(label, codes) for label, codes in letters.items()}
    for label, codes in codes_by_label.items():
        other_codes = {
            code for neighbour, beside in codes_by_label.items() if neighbour != label for code in beside
        } - codes
        least = {"M", "F"} if len(plain(label)) < MIN_WORD_LETTERS else {"M", "F", TOTAL}
        if label in words and label not in sure and len(codes) == 1 and other_codes & least:
            meanings[label] = build_counterparts(label, codes)
    read = [*filter(None, {**by_label, **meanings}.values())]
    if {"M", "F"} <= {candidates[0].code for candidates in read if candidates[0].confidence >= LONG_LIST_SHARE}:
        people = [label for label in by_label if PERSONS in vocabulary.codes("UNIT_MEASURE", plain(bare(label)))]
        everyone = Candidate(TOTAL, NEIGHBOUR_CONFIDENCE, reason="people, beside men and women")
        meanings |= {label: (everyone,) for label in people if label not in words}
    return meanings


def recognise_sex_letters(by_label: CandidatesByLabel, vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Recognise single letters for sexes in pairs; both for contradictory pairs, none for an unpaired letter."""
    letters = {label: letter for label in by_label if len(letter := plain(bare(label))) == 1 and is_short(label)}
    pairs = [tuple(pair.split()) for pair in vocabulary.words.get("COUNTERPART", {})]
    codes_by_letter: dict[str, set[str]] = {}
    for pair in pairs:
        for letter, code in zip(pair, "MF", strict=True):
            if {*pair} <= {*letters.values()}:
                codes_by_letter.setdefault(letter, set()).add(code)
    totals = {letter for letter in letters.values() if TOTAL in vocabulary.list_short_codes("SEX", letter)}
    if not codes_by_letter or {*letters.values()} - {*codes_by_letter} - totals:
        return {}
    doubtful = any(len(codes) > 1 for codes in codes_by_letter.values())
    return {
        label: {"M", "F"} if doubtful else codes_by_letter.get(letter, {TOTAL}) for label, letter in letters.items()
    }


def build_counterparts(label: str, codes: set[str]) -> tuple[Candidate, ...]:
    sure = NEIGHBOUR_CONFIDENCE if len(codes) == 1 else SHORT_CONFIDENCE / len(codes)
    return tuple(Candidate(code, sure, reason=f"“{label.strip()}” beside its counterpart") for code in sorted(codes))


def find_ages_out_of_context(
    by_label: CandidatesByLabel, head: str, vocabulary: Vocabulary
) -> dict[str, tuple[Candidate, ...]]:
    numbers = {label: int(label) for label in by_label if label.strip().isdecimal()}
    ages_in_words = sum(
        bool(candidates) and candidates[0].code[:1] in "YM"
        for label, candidates in by_label.items()
        if label not in numbers
    )
    if (
        "AGE" in vocabulary.codes("ROLE", plain(bare(head)))
        or ages_in_words >= MIN_AGES_IN_WORDS
        or are_consecutive(sorted({*numbers.values()}))
    ):
        return {}
    return {
        label: tuple(
            Candidate(candidate.code, OUT_OF_CONTEXT, reason="a number, which is an age only beside other ages")
            for candidate in by_label[label]
        )
        for label in numbers
        if by_label[label]
    }


def are_consecutive(numbers: list[int]) -> bool:
    """Check whether numbers are consecutive single ages, from birth or from working age.

    >>> are_consecutive([0, 1, 2, 3, 4]), are_consecutive([15, 16, 17, 18, 19]), are_consecutive([1, 2, 3, 4, 5])
    (True, True, False)
    """
    in_a_row = len(numbers) >= MIN_AGES_IN_A_ROW and numbers[-1] - numbers[0] == len(numbers) - 1
    return in_a_row and (numbers[0] == 0 or numbers[0] >= MIN_AGE_OF_A_ROW)
