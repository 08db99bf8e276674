"""Lines of natives and others: “Born in Kenya”, “born outside Kenya”."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import Word, is_a_case, words_of
from sdmxmig.conversion.suggestion.fixed import TOTAL
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line
from sdmxmig.conversion.suggestion.nationals import apart_by_country

BIRTH, NATIVE, ELSEWHERE = "BIRTH_STATUS", "NB", "FB"
BORN, OUTSIDE, ABROAD = "BORN", "OUTSIDE", "ABROAD"
NOT = ("NEGATION", "SEX", "GROUP", "REST", "OTHER")
TELLING = (BORN, OUTSIDE, ABROAD)
UNITS = ("UNIT_MEASURE", "UNIT")
"""Words for persons say no more, though some are words for both sexes too."""
FILLERS = ("ARTICLE", "WORDING", "AGEPART")
WHY = {ELSEWHERE: "not born in it", NATIVE: "born in it", TOTAL: "a total"}
LONGEST = 3
"""How many words one of these has at most: “en dehors de”."""


def natives(lines: Sequence[Line], area: str, known: FlowKnowledge) -> Iterator[Fit]:
    """Find the line of people born in one country, elsewhere, and total."""
    yield from apart_by_country(lines, BIRTH, area=area, status=partial(birth_of, known=known), known=known, why=WHY)


def birth_of(label: str, known: FlowKnowledge) -> tuple[str, str]:
    """Where the people of a label were born, in a country that it names or not; empty if it says something else."""
    shared = known.recogniser.shared(label)
    if shared and shared[0].is_applied:
        return (TOTAL if shared[0].code == TOTAL else ""), ""
    concepts, name = without_words(words_of(bare(label)), known)
    if BORN not in concepts or not concepts.isdisjoint(NOT):
        return "", ""
    if not name:
        return (ELSEWHERE if ABROAD in concepts and OUTSIDE not in concepts else ""), ""
    listed = known.recogniser.countries.candidates(name)
    country = listed[0].code if listed and (listed[0].is_applied or is_a_case(listed)) else ""
    if not country or ABROAD in concepts:
        return "", ""
    return (ELSEWHERE if OUTSIDE in concepts else NATIVE), country


def without_words(words: Sequence[Word], known: FlowKnowledge) -> tuple[frozenset[str], str]:
    vocabulary, concepts, name_words, at = known.recogniser.vocabulary, set[str](), list[str](), 0
    while at < len(words):
        sizes = range(min(LONGEST, len(words) - at), 0, -1)
        phrases = {size: " ".join(word.plain for word in words[at : at + size]) for size in sizes}
        pairs = ((size, concept) for listed in (UNITS, TELLING, NOT, FILLERS) for size in sizes for concept in listed)
        size, concept = next(((size, kind) for size, kind in pairs if vocabulary.codes(kind, phrases[size])), (1, ""))
        concepts.add(concept)
        name_words += [] if concept else [words[at].written]
        at += size
    return frozenset(concepts), " ".join(name_words)
