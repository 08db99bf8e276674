"""Ages in longer texts: “Population aged 15 years and over”, “Men, 15-64”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sdmxmig.conversion.recognition import APPLIED, Candidate, Recogniser
from sdmxmig.conversion.recognition.ages import tagged
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.labels import plain

AGE = "AGE"
LONGEST_AGE = 7
"""How many words an age has at most in a title: “from 15 to 64 years of age”."""
NAMED = 0.75
FAR, OLDEST_DIGITS = 4, 2
SEPARATORS = re.compile(r"[,:;()\[\]（），、：；،؛]")


def ages_in(titles: Iterable[str], recogniser: Recogniser) -> Iterator[Candidate]:
    for title in titles:
        yield from ages_in_title(title, recogniser)


@lru_cache(maxsize=4096)
def ages_in_title(title: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """The ages that one title speaks of; the tables of a workbook share many texts, and are looked at again."""
    words = SEPARATORS.sub(" ", title).split()
    spans = [(at, at + size) for size in range(LONGEST_AGE, 0, -1) for at in range(len(words) - size + 1)]
    covered: list[tuple[int, int]] = []
    ages: list[Candidate] = []
    for first, last in spans:
        phrase = " ".join(words[first:last])
        inside = any(start <= first and last <= end for start, end in covered)
        if inside or not any(map(str.isdecimal, phrase)) or in_months(phrase, recogniser):
            continue
        age = best(recogniser.candidates(phrase, AGE))
        if age is not None and age.confidence >= APPLIED and age.code.startswith("Y"):
            covered.append((first, last))
            ages.append(Candidate(age.code, NAMED, reason=f"the title says “{phrase}”"))
    return tuple(ages)


def in_months(phrase: str, recogniser: Recogniser) -> bool:
    return "MONTHS" in tagged(phrase, recogniser.vocabulary)


def half_ages_in(titles: Iterable[str], recogniser: Recogniser) -> Iterator[Candidate]:
    """Find possible ages that are not understood: “15 alebo zorblax let”.

    Ignores breakdowns after a number: “Table 12 Immigrants by year”.
    """
    codes = recogniser.vocabulary.codes
    for words in (part.split() for title in titles for part in SEPARATORS.split(title)):
        for at, word in enumerate(words):
            behind = words[at + 1 : at + 1 + FAR]
            years = next(
                (to for to, later_word in enumerate(behind) if "YEARS" in codes("AGEPART", plain(later_word))), -1
            )
            is_age = word.isdecimal() and len(word) <= OLDEST_DIGITS and years >= 0
            if is_age and not any(codes("BY", plain(word_between)) for word_between in behind[:years]):
                yield Candidate("", NAMED, reason=f"the title says “{' '.join([word, *behind[: years + 1]])}”")
