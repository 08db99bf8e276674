"""Labels as values of a dimension, from ``VALUES.tsv``.

Not applied to titles, where “work” or “land” is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.conversion.recognition.ages import age
from sdmxmig.conversion.recognition.candidates import Candidate
from sdmxmig.conversion.recognition.formal_names import WITHOUT_BLANKS
from sdmxmig.conversion.recognition.labels import bare, plain, without_marks
from sdmxmig.conversion.recognition.words import Vocabulary

AROUND, BEFORE, BEHIND = "AROUND", "before", "behind"
WHOLE, SHORTENED = 0.96, 0.93
LONGEST, MOST = 4, 3
GROUPS: Mapping[str, Mapping[str, str]] = {
    "LF_STATUS": {"EMPLOYED": "EMP", "UNEMPLOYED": "UNE", "ACTIVE": "LF", "INACTIVE": "OLF"},
    "PROT_STATUS": {"REFUGEES": "REFUGEE", "ASYLUM_SEEKERS": "ASY"},
    "MOB_TYPE": {"TRANSIT": "TRANSIT", "CREW": "CREW", "DIPLOMATS": "DIPL"},
    "TMP_LAB": {"SEASONAL": "SEASONAL"},
}
OWN = ("CTZ_STATUS", "BIRTH_STATUS", "CTZ_MODE", "DECISION_ACTION")
LENGTHS = ("DURATION", "STAY_DUR")
IN_MONTHS = "M"


def value(label: str, dimension: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """Recognise a label as a value of a dimension; several codes share the confidence.

    Excludes sexes and ages: “per man” is a rate.
    """
    if dimension not in vocabulary.values:
        return ()
    whole = tuple(dict.fromkeys(plain(text) for text in (without_marks(label), bare(label))))
    phrases = list(whole)
    for _ in range(MOST + 1):
        for phrase in phrases:
            codes = _codes(phrase, dimension, vocabulary)
            sure = WHOLE if phrase in whole else SHORTENED
            if codes:
                return tuple(
                    Candidate(code, sure / len(codes), reason=f"“{phrase}” is a word for it") for code in codes
                )
        phrases = [shorter for phrase in phrases for shorter in shortened(phrase, vocabulary)]
    months = age(label, vocabulary) if dimension in LENGTHS else ()
    return tuple(candidate for candidate in months if candidate.code.startswith(IN_MONTHS))


def shortened(phrase: str, vocabulary: Vocabulary) -> Iterator[str]:
    """A plain phrase without words such as “for” and “total” before it, or “etc.” and “reasons” behind it."""
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
    return bool(is_total) or where in vocabulary.value_codes(AROUND, words)


def _codes(phrase: str, dimension: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    groups, codes_by_group = vocabulary.codes("GROUP", phrase), GROUPS.get(dimension, {})
    group_codes = [codes_by_group.get(group, "") for group in groups]
    group_codes += [
        group.partition("=")[2] for group in groups if dimension in OWN and group.startswith(f"{dimension}=")
    ]
    words = (*vocabulary.codes(dimension, phrase), *vocabulary.value_codes(dimension, phrase))
    return tuple(dict.fromkeys([*words, *filter(None, group_codes)]))
