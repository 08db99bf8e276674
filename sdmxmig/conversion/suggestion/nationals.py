"""Lines of nationals or natives and others; rows without information, such as headings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import COUNTRY, Word, read_title, split_words
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, map_labels
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.title_values import CITIZENS, FOREIGN, NATIONAL, UNKNOWN
from sdmxmig.conversion.suggestion.title_values import TOTAL as FIXED_TOTAL

SURE = 0.97
UNINFORMATIVE = ("NEGATION", "WORDING", "PLAIN", "ARTICLE")
REASON_BY_STATUS = {FOREIGN: "not its citizens", NATIONAL: "its citizens", FIXED_TOTAL: "a total", UNKNOWN: "unknown"}
NEGATED_STATUS = {NATIONAL: FOREIGN, FOREIGN: NATIONAL}


def find_national_fits(lines: Sequence[Line], area: str, known: FlowKnowledge) -> Iterator[Fit]:
    """Find the line of one country's citizens, others and total; without `area`, of any one country."""
    yield from find_country_and_others(
        lines, CITIZENS, area=area, status=partial(classify_citizenship, known=known), known=known, why=REASON_BY_STATUS
    )


def find_country_and_others(
    lines: Sequence[Line],
    component: str,
    area: str,
    status: Callable[[str], tuple[str, str]],
    known: FlowKnowledge,
    why: Mapping[str, str],
) -> Iterator[Fit]:
    """Yield the first line whose labels are one country, all others, or their total."""
    code_of_others = next(iter(why))
    for line in lines if known.flow.codelist(component) and component in known.flow.structure.key else ():
        status_by_label = {text: status(text) for text in line.texts}
        countries = {country for _, country in status_by_label.values()} - {""}
        statuses = {code for code, _ in status_by_label.values()}
        if statuses <= why.keys() and {code_of_others} < statuses and countries == {area or min(countries, default="")}:
            meanings = {text: (Candidate(code, SURE, reason=why[code]),) for text, (code, _) in status_by_label.items()}
            yield Fit(line, component, score=1.0, meanings=meanings)
            return


def classify_citizenship(label: str, known: FlowKnowledge) -> tuple[str, str]:
    shared = known.recogniser.shared(label)
    if shared and shared[0].is_applied:
        return (shared[0].code if shared[0].code in (FIXED_TOTAL, UNKNOWN) else ""), ""
    reading = read_title(bare(label), known.recogniser)
    groups = reading.of(CITIZENS)
    distinct = {
        (mention.code, mention.negated): mention for mention in reading.of(COUNTRY)
    }  # in two languages: “قطريون Qataris”
    countries = tuple(distinct.values())
    status_at = {mention.at for mention in groups}  # “citizen” is also the name of a dimension
    others = [mention for mention in reading.mentions if mention.concept != "ROLE" or mention.at not in status_at]
    other_concepts = {mention.concept for mention in others} - {COUNTRY, CITIZENS, *UNINFORMATIVE}
    if other_concepts or reading.unexplained or len(countries) > 1 or not (countries or groups):
        return "", ""
    codes = {NEGATED_STATUS.get(mention.code, "") if mention.negated else mention.code for mention in groups}
    if not countries:
        return (min(codes) if len(codes) == 1 else ""), ""
    if countries[0].negated:
        return FOREIGN, countries[0].code
    return ("", "") if FOREIGN in codes else (NATIONAL, countries[0].code)  # “Latvian non-citizens” are neither


AREA_CONCEPTS = frozenset({"AREA", "REGION"})
CONCEPTS_WITHOUT_MEANING = frozenset({"ARTICLE", "BY", "JOINING", "OFWHICH"})


def find_announcing_labels(
    region: Region, lines: Sequence[Line], known: FlowKnowledge
) -> Mapping[LineSource, frozenset[str]]:
    """Find labels that only announce others: “of which” in a column of its own, or a text between the rows."""
    silent: dict[LineSource, frozenset[str]] = {}
    for line in lines:
        if not line.source.is_label_column:
            continue
        silent[line.source] = frozenset(text for text in line.texts if known.vocabulary.names_any(("OFWHICH",), text))
        if not line.carried:
            placed = map_labels(region, line)
            counted = {text for row, text in placed.items() if row in region.counted}
            silent[line.source] |= frozenset(text for text in {*placed.values()} - counted if is_filler(text, known))
    return silent


def is_filler(text: str, known: FlowKnowledge) -> bool:
    """Check whether a text between rows only announces parts, countries or regions."""
    reading = read_title(bare(text), known.recogniser)
    at: dict[int, set[tuple[str, str]]] = {}
    for mention in reading.mentions:
        at.setdefault(mention.at, set()).add((mention.concept, mention.code))
    if reading.unexplained or not at or any(mention.negated for mention in reading.mentions):
        return False
    return all(
        any(
            concept in CONCEPTS_WITHOUT_MEANING or (concept == "ROLE" and code in AREA_CONCEPTS)
            for concept, code in pairs
        )
        and "COUNTRY" not in {concept for concept, _ in pairs}
        for pairs in at.values()
    )


BIRTH, NATIVE, ELSEWHERE = "BIRTH_STATUS", "NB", "FB"
BORN, OUTSIDE, ABROAD = "BORN", "OUTSIDE", "ABROAD"
NEGATING_CONCEPTS = ("NEGATION", "SEX", "GROUP", "REST", "OTHER")
TELLING = (BORN, OUTSIDE, ABROAD)
UNITS = ("UNIT_MEASURE", "UNIT")
"""Words for persons, some of which also mean both sexes."""
FILLER_CONCEPTS = ("ARTICLE", "WORDING", "AGEPART")
REASON_BY_BIRTH = {ELSEWHERE: "not born in it", NATIVE: "born in it", FIXED_TOTAL: "a total", UNKNOWN: "unknown"}
MAX_WORDS = 3
"""Maximum number of words in such a phrase: “en dehors de”."""


def find_birth_fits(lines: Sequence[Line], area: str, known: FlowKnowledge) -> Iterator[Fit]:
    yield from find_country_and_others(
        lines, BIRTH, area=area, status=partial(classify_birth, known=known), known=known, why=REASON_BY_BIRTH
    )


def classify_birth(label: str, known: FlowKnowledge) -> tuple[str, str]:
    """Return birth in or outside a named country; empty for other labels."""
    shared = known.recogniser.shared(label)
    if shared and shared[0].is_applied:
        return (shared[0].code if shared[0].code in (FIXED_TOTAL, UNKNOWN) else ""), ""
    concepts, name = extract_concepts(split_words(bare(label)), known)
    if BORN not in concepts or not concepts.isdisjoint(NEGATING_CONCEPTS):
        return "", ""
    if not name:
        return (ELSEWHERE if ABROAD in concepts and OUTSIDE not in concepts else ""), ""
    country = known.recogniser.countries.find_code_in_text(name)
    if not country or ABROAD in concepts:
        return "", ""
    return (ELSEWHERE if OUTSIDE in concepts else NATIVE), country


def extract_concepts(words: Sequence[Word], known: FlowKnowledge) -> tuple[frozenset[str], str]:
    vocabulary, concepts, name_words, at = known.vocabulary, set[str](), list[str](), 0
    while at < len(words):
        sizes = range(min(MAX_WORDS, len(words) - at), 0, -1)
        phrases = {size: " ".join(word.plain for word in words[at : at + size]) for size in sizes}
        pairs = (
            (size, concept)
            for listed in (UNITS, TELLING, NEGATING_CONCEPTS, FILLER_CONCEPTS)
            for size in sizes
            for concept in listed
        )
        size, concept = next(((size, kind) for size, kind in pairs if vocabulary.codes(kind, phrases[size])), (1, ""))
        concepts.add(concept)
        name_words += [] if concept else [words[at].written]
        at += size
    return frozenset(concepts), " ".join(name_words)
