"""Letters and short words that mean a sex, month or age only next to their counterparts.

“M” beside “H” is a woman in Spanish; numbers are ages only in a line of ages.
"""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.conversion.recognition.candidates import Candidate
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import SHORT_ALONE, Vocabulary, is_short

CandidatesByLabel = Mapping[str, tuple[Candidate, ...]]
BESIDE = 0.92
"""How sure a letter or short word is beside its counterpart."""
LONG = 0.9
"""A label that is so sure by a longer word is a counterpart."""
FEWEST_MONTHS = 3
RUN, GROWN = 5, 10
AGES, OUT_OF_CONTEXT = 2, 0.3
TOTAL = "_T"


def sexes_beside(by_label: CandidatesByLabel, vocabulary: Vocabulary) -> dict[str, tuple[Candidate, ...]]:
    """Recognise short labels for sexes by their counterparts in the list."""
    letters = letters_beside(by_label, vocabulary)
    words = {label: candidates for label, candidates in by_label.items() if candidates and label not in letters}
    sure = {label: {candidates[0].code} for label, candidates in words.items() if candidates[0].confidence >= LONG}
    codes_by_label = sure | {
        label: {candidate.code for candidate in candidates}
        for label, candidates in words.items()
        if len(plain(label)) > 1
    }
    codes_by_label |= {label: codes for label, codes in letters.items() if len(codes) == 1}
    meanings = {label: beside_counterpart(label, codes) for label, codes in letters.items()}
    for label, codes in codes_by_label.items():
        other_codes = {
            code for neighbour, beside in codes_by_label.items() if neighbour != label for code in beside
        } - codes
        least = {"M", "F"} if len(plain(label)) < FEWEST_MONTHS else {"M", "F", TOTAL}
        if label in words and label not in sure and len(codes) == 1 and other_codes & least:
            meanings[label] = beside_counterpart(label, codes)
    return meanings


def letters_beside(by_label: CandidatesByLabel, vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Recognise single letters for sexes in pairs; contradictory pairs give both.

    Empty if a letter belongs to no pair.
    """
    letters = {label: letter for label in by_label if len(letter := plain(bare(label))) == 1 and is_short(label)}
    pairs = [tuple(pair.split()) for pair in vocabulary.words.get("COUNTERPART", {})]
    codes_by_letter: dict[str, set[str]] = {}
    for pair in pairs:
        for letter, code in zip(pair, "MF", strict=True):
            if {*pair} <= {*letters.values()}:
                codes_by_letter.setdefault(letter, set()).add(code)
    totals = {letter for letter in letters.values() if TOTAL in vocabulary.short_codes("SEX", letter)}
    if not codes_by_letter or {*letters.values()} - {*codes_by_letter} - totals:
        return {}
    doubtful = any(len(codes) > 1 for codes in codes_by_letter.values())
    return {
        label: {"M", "F"} if doubtful else codes_by_letter.get(letter, {TOTAL}) for label, letter in letters.items()
    }


def beside_counterpart(label: str, codes: set[str]) -> tuple[Candidate, ...]:
    sure = BESIDE if len(codes) == 1 else SHORT_ALONE / len(codes)
    return tuple(Candidate(code, sure, reason=f"“{label.strip()}” beside its counterpart") for code in sorted(codes))


def months_beside(by_label: CandidatesByLabel) -> dict[str, tuple[Candidate, ...]]:
    """The short names of months in a list of too few months, which may be anything."""
    codes = {candidates[0].code for candidates in by_label.values() if len(candidates) == 1}
    if len(codes) >= FEWEST_MONTHS:
        return {}
    return {
        label: tuple(
            Candidate(candidate.code, SHORT_ALONE / len(candidates), reason=candidate.reason)
            for candidate in candidates
        )
        for label, candidates in by_label.items()
        if candidates and is_short(label)
    }


def ages_out_of_context(
    by_label: CandidatesByLabel, head: str, vocabulary: Vocabulary
) -> dict[str, tuple[Candidate, ...]]:
    """Find bare numbers that are not ages, judging by head, labels and sequence."""
    numbers = {label: int(label) for label in by_label if label.strip().isdecimal()}
    ages_in_words = sum(
        bool(candidates) and candidates[0].code[:1] in "YM"
        for label, candidates in by_label.items()
        if label not in numbers
    )
    if (
        "AGE" in vocabulary.codes("ROLE", plain(bare(head)))
        or ages_in_words >= AGES
        or is_run(sorted({*numbers.values()}))
    ):
        return {}
    return {
        label: tuple(
            Candidate(candidate.code, OUT_OF_CONTEXT, reason="a number, an age only among ages")
            for candidate in by_label[label]
        )
        for label in numbers
        if by_label[label]
    }


def is_run(numbers: list[int]) -> bool:
    """Whether numbers are single ages in a row, from birth on or from working age.

    >>> is_run([0, 1, 2, 3, 4]), is_run([15, 16, 17, 18, 19]), is_run([1, 2, 3, 4, 5])
    (True, True, False)
    """
    in_a_row = len(numbers) >= RUN and numbers[-1] - numbers[0] == len(numbers) - 1
    return in_a_row and (numbers[0] == 0 or numbers[0] >= GROWN)
