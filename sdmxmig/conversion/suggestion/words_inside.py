"""Labels that contain a code word or an age among others: “Foreign men”, “Population aged 15 years and over”."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from sdmxmig.conversion.recognition import APPLIED, Candidate, Recogniser
from sdmxmig.conversion.recognition.ages import LENGTHS, tag_tokens
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import COUNTRY, Mention, ReadTitle, read_title, split_words
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, space_out_signs
from sdmxmig.conversion.suggestion.other_counts import find_birth_phrases
from sdmxmig.conversion.suggestion.title_values import CITIZENS, YEAR

INSIDE_CONCEPTS = ("SEX", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS")
"""Concepts of words inside longer labels."""
UNINFORMATIVE = frozenset(
    {"AGEPART", "ALL", "ARTICLE", "BY", "JOINING", "NUMBER", "OFWHICH", "PLAIN", "ROLE", "SOURCE", "TOTAL"}
    | {"UNIT", "UNIT_MEASURE", "UNIT_MULT"}
)
INSIDE, DOUBTED = 0.9, 0.45
AGE_RANGE = re.compile(r"(?<!\d)(\d{1,2}\s?[-–]\s?\d{1,2}|\d{1,2}\s?\+)\s*$")
MAX_LABELS = 40
Key = frozenset[tuple[str, str]]
AGE = "AGE"


def find_inner_codes(texts: Sequence[str], concept: str, recogniser: Recogniser) -> Mapping[str, tuple[Candidate, ...]]:
    held = [text for text in texts if recogniser.vocabulary.inside(concept, text)]
    if not held or len(texts) > MAX_LABELS:
        return {}
    readings = {text: read_label(text, recogniser) for text in texts}
    besides = {text: dict(find_other_codes(reading, {concept}, recogniser)) for text, reading in readings.items()}
    shared = frozenset.intersection(*(frozenset(phrases) for phrases in besides.values()))
    telling_concepts = {
        other_concept
        for other_concept in INSIDE_CONCEPTS
        if other_concept != concept and distinguishes_labels(other_concept, readings.values())
    }
    candidates_by_label = {}
    for text in held:
        codes = collect_codes(readings[text], concept)
        more = [
            phrase
            for key, phrase in besides[text].items()
            if key not in shared and telling_concepts.isdisjoint(name for name, _ in key)
        ]
        more += find_birth_phrases(readings[text], recogniser.vocabulary) if concept == CITIZENS else []
        reason = f"it says “{', '.join(mention.phrase for mention in readings[text].of(concept))}”"
        if more:
            reason = f"{reason}, and more: “{', '.join(more)}”"
        if len(codes) == 1:
            candidates_by_label[text] = (Candidate(min(codes), DOUBTED if more else INSIDE, reason=reason),)
    return candidates_by_label


def find_shared_words(texts: Sequence[str], recogniser: Recogniser) -> str:
    inside = recogniser.vocabulary.inside
    if not 1 < len(texts) <= MAX_LABELS or not any(inside(concept, texts[0]) for concept in INSIDE_CONCEPTS):
        return ""
    readings = [read_label(text, recogniser) for text in texts]
    differing = {concept for concept in INSIDE_CONCEPTS if distinguishes_labels(concept, readings)}
    if not differing:
        return ""
    besides = [dict(find_other_codes(reading, differing, recogniser)) for reading in readings]
    return " ".join(phrase for key, phrase in besides[0].items() if all(key in phrases for phrases in besides))


def read_label(label: str, recogniser: Recogniser) -> ReadTitle:
    return read_title(bare(label), recogniser)


def distinguishes_labels(concept: str, readings: Iterable[ReadTitle]) -> bool:
    codes = [
        collect_codes(reading, concept) or ({TOTAL} if reading.of("TOTAL", "ALL") else set()) for reading in readings
    ]
    return all(len(code) == 1 for code in codes) and len(set.union(*codes)) > 1


def collect_codes(reading: ReadTitle, concept: str) -> set[str]:
    codes = {mention.code for mention in reading.of(concept) if not mention.negated}
    return codes - {TOTAL} or codes


def find_other_codes(reading: ReadTitle, concepts: Container[str], recogniser: Recogniser) -> Iterator[tuple[Key, str]]:
    at: dict[int, list[Mention]] = {}
    for mention in reading.mentions:
        at.setdefault(mention.at, []).append(mention)
    for mentions in at.values():
        names = {mention.concept for mention in mentions}
        if COUNTRY in names or not (names & UNINFORMATIVE or any(name in concepts for name in names)):
            yield frozenset((mention.concept, mention.code) for mention in mentions), mentions[-1].phrase
    for year in YEAR.findall(reading.title):
        yield frozenset({("TIME_PERIOD", year)}), year
    remainder = AGE_RANGE.sub(r"\1 years", YEAR.sub(" ", reading.title))
    for age in find_ages([remainder], recogniser):
        yield frozenset({(AGE, age.code)}), age.reason.partition("“")[2].rstrip("”")
    for word in reading.unexplained:
        yield frozenset({("", plain(word))}), word


MAX_AGE_WORDS = 7
"""Maximum number of words in an age in a title: “from 15 to 64 years of age”."""
IN_TITLE = 0.75
MAX_WORDS_AFTER, OLDEST_DIGITS = 4, 2
BETWEEN_SIGNS = re.compile(rf"(?<={WITHOUT_BLANKS.pattern}) | (?={WITHOUT_BLANKS.pattern})")
"""Blanks beside signs of scripts that have none: “16岁及以上迁入人口” has an age without a blank around it."""
CLAUSE_SEPARATORS = re.compile(r"[,:;()\[\]（），、：；،؛]")


def find_ages(titles: Iterable[str], recogniser: Recogniser) -> Iterator[Candidate]:
    for title in titles:
        yield from find_ages_in_title(title, recogniser)


DURATION, TRAIT, STAYING = "DURATION", "TRAIT", "STAYING"
LENGTH_CONCEPTS = ((STAYING, "behind"),)
"""Words for a stay behind its length."""
MAX_WORDS_OF_STAY = 6
"""Maximum number of words between a word for a stay and the unit of its length."""


@lru_cache(maxsize=4096)
def find_ages_in_title(title: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """Return the ages in a title; cached, since tables of a workbook share texts."""
    words = space_out_signs(CLAUSE_SEPARATORS.sub(" ", remove_stay_lengths(title, recogniser))).split()
    spans = [(at, at + size) for size in range(MAX_AGE_WORDS, 0, -1) for at in range(len(words) - size + 1)]
    covered: list[tuple[int, int]] = []
    ages: list[Candidate] = []
    for first, last in spans:
        phrase = BETWEEN_SIGNS.sub("", " ".join(words[first:last]))
        inside = any(start <= first and last <= end for start, end in covered)
        with_unit = " ".join(words[first : last + 1])  # “less than 3” before “months”
        if (
            inside
            or not any(map(str.isdecimal, phrase))
            or is_stay(phrase, recogniser)
            or is_stay(with_unit, recogniser)
            or may_count_another_unit(phrase, title, recogniser)
        ):
            continue
        age = choose_best(recogniser.candidates(phrase, AGE))
        if age is not None and age.confidence >= APPLIED and age.code.startswith("Y"):
            covered.append((first, last))
            ages.append(Candidate(age.code, IN_TITLE, reason=f"the table says “{phrase}”"))
    return tuple(ages)


def may_count_another_unit(phrase: str, title: str, recogniser: Recogniser) -> bool:
    """Check whether an unknown word or a unit follows a number without years: “at least 3 zorblax”, “5 persons”."""
    if any("YEARS" in recogniser.vocabulary.codes("AGEPART", word.plain) for word in split_words(phrase)):
        return False
    behind = re.search(rf"{re.escape(phrase)}\s+([^\W\d_]+)", title)
    reading = read_title(title, recogniser)
    others = (*reading.unexplained, *(mention.phrase for mention in reading.of("UNIT", "UNIT_MEASURE")))
    return behind is not None and plain(behind[1]) in map(plain, others)


def remove_stay_lengths(title: str, recogniser: Recogniser) -> str:
    """Remove the lengths of stays from a title: “duration of stay of less than 1 year”."""
    words = split_words(title)
    for _, span in find_stay_lengths(title, recogniser):
        title = re.sub(r"\W*".join(re.escape(words[at].written) for at in span), " ", title, count=1)
    return title


def find_stay_lengths(title: str, recogniser: Recogniser) -> Iterator[tuple[Mention, range]]:
    """Yield words for a stay with the positions of the whole length: “resident for at least 5 years”."""
    words, codes = split_words(title), recogniser.vocabulary.codes
    for mention in read_title(title, recogniser).of(TRAIT, STAYING):
        if (mention.concept, mention.code) in LENGTH_CONCEPTS:
            first = max((at for at in range(mention.at) if words[at].after_comma), default=0)
            span = range(max(mention.at - MAX_WORDS_OF_STAY, first), mention.at)
        else:
            end = next((at for at in range(mention.end, len(words)) if words[at].after_comma), len(words))
            span = range(mention.end, min(mention.end + MAX_WORDS_OF_STAY, end))
        is_length = mention.concept == STAYING or mention.code == DURATION
        numbers = (at for at in span if words[at].plain.isdecimal() or codes("CARDINAL", words[at].plain))
        number = next(numbers, None) if is_length else None
        if number is None or YEAR.fullmatch(words[number].plain):
            continue
        unit = number + 1 if number + 1 < len(words) else number
        if mention.concept == TRAIT or is_unit_of_time(words[unit].plain, recogniser):
            yield mention, range(min(mention.at, number), max(mention.end, unit + 1))


def is_unit_of_time(word: str, recogniser: Recogniser) -> bool:
    codes = recogniser.vocabulary.codes
    is_unit = not {"YEARS", "MONTHS"}.isdisjoint(codes("AGEPART", word)) or "TIME_PERIOD" in codes("ROLE", word)
    return is_unit or bool(codes("DAYS", word) or codes("YEAR", word))


def is_stay(phrase: str, recogniser: Recogniser) -> bool:
    return not LENGTHS.isdisjoint(tag_tokens(phrase, recogniser.vocabulary))


def find_half_ages(titles: Iterable[str], recogniser: Recogniser) -> Iterator[Candidate]:
    """Find possible ages that are not understood (“15 alebo zorblax let”), except breakdowns and years."""
    codes = recogniser.vocabulary.codes
    for words in (
        part.split() for title in titles for part in CLAUSE_SEPARATORS.split(remove_stay_lengths(title, recogniser))
    ):
        for at, word in enumerate(words):
            behind = words[at + 1 : at + 1 + MAX_WORDS_AFTER]
            years = next(
                (to for to, later_word in enumerate(behind) if "YEARS" in codes("AGEPART", plain(later_word))), -1
            )
            is_age = word.isdecimal() and len(word) <= OLDEST_DIGITS and years >= 0
            between = " ".join(behind[: max(years, 0)])
            is_other = is_stay(between, recogniser) or any(codes("BY", plain(other)) for other in between.split())
            if is_age and not (is_other or YEAR.search(between)):
                yield Candidate("", IN_TITLE, reason=f"the table says “{' '.join([word, *behind[: years + 1]])}”")
