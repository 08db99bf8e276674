"""Phrases that titles and notes are searched for, with their concepts and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping

PARTS_OF_NAMES = frozenset(
    {"ABBREVIATION", "ABROAD", "AS_AT", "BEGINNING", "BELONGS_TO", "BORN", "CALENDAR", "COMPLETE", "COUNTED"}
    | {"COUNTERPART", "COUNTRY_GROUP", "DEMOCRATIC", "ENDING", "ERA", "EXTENT", "FIGURES", "FILE", "FORMAL"}
    | {"FORMER_PART", "FORMER_TWIN", "HALF_A_NAME", "LANGUAGE", "LOOSE", "NATURE", "NIL", "NUMBER", "ORDINAL"}
    | {"OTHER_COUNT", "OTHER_YEAR", "OUT_OF", "PART", "PART_YEAR", "PERIOD_STATUS", "REGION", "REMARK", "SAINT"}
    | {"STATE", "SUBDIVISION", "TABLE", "TRUTH", "VARIOUS", "YEAR", "YEARPART"}
)
PART_OF, PLACE = "PART_OF", ("PLACE", "whole")
WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Signs of scripts whose words stand together."""
STANDING_APART = re.compile(rf"({WITHOUT_BLANKS.pattern}|\d+(?=[\u1100-\u11ff]))")
EXCLUDING, INSIDE = "EXCLUDING", "inside"
NOT = "NEGATION"
SHORT = 3
"""An ordinary word of so many letters at most is nothing else in a title."""
SHORT_TOO = ("PLAIN", "BY", "JOINING", "ARTICLE", "SEX", "ELSEWHERE")
"""Concepts whose short words are looked up though they are ordinary words too: “see table 3”."""


def known_phrases(words: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the concepts and codes of each known phrase.

    Groups expressible as ``CTZ_STATUS=FC`` become codes. Short ambiguous words such as “in” have no other meaning.
    Widening words such as “with” are ignored in titles; “non” only negates.
    """
    pairs_by_phrase: dict[str, list[tuple[str, str]]] = {}
    ordinary, negating = words.get("PLAIN", {}), words.get(NOT, {})
    for concept in sorted(words.keys() - PARTS_OF_NAMES):
        for phrase, codes in words[concept].items():
            if _is_too_short(phrase, concept, ordinary) or (concept == EXCLUDING and phrase in negating):
                continue
            for pair in (_in_titles(concept, code) for code in codes if code != INSIDE):
                listed = pairs_by_phrase.setdefault(apart(phrase), [])
                if pair not in listed:
                    listed.append(pair)
    return {phrase: tuple(pairs) for phrase, pairs in pairs_by_phrase.items()}


def _in_titles(concept: str, code: str) -> tuple[str, str]:
    dimension, _, dimension_code = code.partition("=")
    if concept == "STATELESS":
        return "CTZ_STATUS", code
    if concept == "GROUP" and dimension_code:
        return dimension, dimension_code
    return PLACE if concept == PART_OF else (concept, code)


def _is_too_short(phrase: str, concept: str, ordinary: Mapping[str, object]) -> bool:
    if len(phrase) > SHORT or not phrase.isascii() or not phrase.isalpha():
        return False
    return len(phrase) == 1 or (phrase in ordinary and concept not in SHORT_TOO)


def apart(phrase: str) -> str:
    if phrase.isascii():
        return " ".join(phrase.split())
    return " ".join(STANDING_APART.sub(r" \1 ", phrase).split())
