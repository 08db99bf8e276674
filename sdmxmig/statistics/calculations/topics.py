"""Terms by topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.indicators import Indicator, TermSelection, Variant
from sdmxmig.sdmx.model.topics import TOPIC, TOPIC_CODE
from sdmxmig.statistics.calculations import CALCULATIONS, optional_terms_of
from sdmxmig.statistics.calculations.figures import Figures

OF_PERSONS = ("SEX", "AGE")
"""Topics that limit all terms; others, such as country of birth, only the divided ones."""
INDICATOR, IND_TERM = "INDICATOR", "IND_TERM"
Codes = tuple[tuple[str, str], ...]
NamedTerm = tuple[str, TermSelection]


@dataclass(frozen=True, slots=True)
class TopicPlace:
    """The place of a term by topic: dataflow, codes, dimension."""

    selection: TermSelection
    dimension: str
    _: KW_ONLY
    below: str = ""

    def at(self, code: str) -> TermSelection:
        codes = {**dict(self.selection.codes), self.dimension: code}
        return TermSelection(self.selection.flow, tuple(sorted(codes.items())))


def places(indicator: Indicator, named_term: NamedTerm, topic: str, figures: Figures) -> Iterator[TopicPlace]:
    """The places where data may hold a term by a topic, the dataflow of the term itself first."""
    topics, (name, term) = indicator.topics, named_term
    others = [(flow_id, codes) for flow_id, codes in topics.further.get(term.flow, {}).items()]
    role = topics.own_terms.get(name, "")
    if role and term.flow != topics.own_flow:
        others.append((topics.own_flow, ((INDICATOR, indicator.id), (IND_TERM, role))))
    own = figures.flow(term.flow)
    if own is not None and indicator.topics.dimension(own.id, topic) in own.structure.key:
        others = []  # what the term's own data could say is not taken from elsewhere
    for flow_id, codes in ((term.flow, term.codes), *others):
        flow = figures.flow(flow_id)
        if flow is None:
            continue
        kept = {dimension: code for dimension, code in term.codes if dimension in flow.structure.key}
        selection = TermSelection(flow_id, tuple(sorted({**kept, **dict(codes)}.items())))
        place = place_in(flow, selection, topic, indicator)
        if place is not None:
            yield place


def place_in(flow: Flow, selection: TermSelection, topic: str, indicator: Indicator) -> TopicPlace | None:
    """Where a term stands by a topic in one dataflow: by its own dimension, one of another name, or by the pair."""
    key, fixed = flow.structure.key, dict(selection.codes)
    dimension = indicator.topics.dimension(flow.id, topic)
    if dimension in key:
        if dimension not in fixed:
            return TopicPlace(selection, dimension)
        if dimension == topic:
            return None
        others = tuple((name, code) for name, code in selection.codes if name != dimension)
        return TopicPlace(TermSelection(flow.id, others), dimension, below=fixed[dimension])
    if topic in indicator.topics.listed and {TOPIC, TOPIC_CODE} <= set(key):
        return TopicPlace(TermSelection(flow.id, tuple(sorted({**fixed, TOPIC: topic}.items()))), TOPIC_CODE)
    return None


def place_of(
    indicator: Indicator, named_term: NamedTerm, topic: str, figures: Figures
) -> tuple[TopicPlace, tuple[str, ...]] | None:
    possible = [(place, codes_at(place, figures)) for place in places(indicator, named_term, topic, figures)]
    return next((pair for pair in possible if pair[1]), possible[0] if possible else None)


def codes_at(place: TopicPlace, figures: Figures) -> tuple[str, ...]:
    codes = figures.codes_in(place.selection.flow, place.dimension, place.selection)
    flow = figures.flow(place.selection.flow)
    codelist = flow.codelist(place.dimension) if flow else None
    return tuple(code for code in codes if is_below(code, place.below, codelist)) if place.below else codes


def is_below(code: str, ancestor: str, codelist: ItemScheme | None) -> bool:
    while codelist is not None and code in codelist:
        code = codelist[code].parent
        if code == ancestor:
            return True
    return False


def limits(indicator: Indicator, name: str, topic: str) -> bool:
    return topic in OF_PERSONS or topic in indicator.topics.every_term or name in (indicator.divided or (name,))


def limited_terms(
    cell: Codes, indicator: Indicator, variant: Variant, figures: Figures
) -> Mapping[str, TermSelection] | None:
    """Limit terms to a part of the population, or None.

    Optional terms may be dropped; terms of one dataflow stay together.
    """
    terms = dict(variant.terms)
    optional_names = optional_terms_of(CALCULATIONS[indicator.calculation])
    for name in variant.terms:
        for topic, code in cell:
            if not limits(indicator, name, topic):
                continue
            if figures.flow(terms[name].flow) is None:  # the calculation says that there are no data
                continue
            found_place = place_of(indicator, (name, terms[name]), topic, figures)
            if found_place is None and name in optional_names:
                del terms[name]
                break
            if found_place is None:
                return None
            terms[name] = found_place[0].at(code)
    return together(terms, indicator, variant, figures)


def together(
    terms: Mapping[str, TermSelection], indicator: Indicator, variant: Variant, figures: Figures
) -> Mapping[str, TermSelection]:
    """The same terms, those that stayed whole in the dataflow to which others of theirs have moved."""
    moved = {variant.terms[name].flow: term.flow for name, term in terms.items()}
    placed = {}
    for name, term in terms.items():
        goal = moved[variant.terms[name].flow]
        codes = indicator.topics.further.get(term.flow, {}).get(goal)
        flow = figures.flow(goal)
        if codes is None or flow is None:
            placed[name] = term
            continue
        kept = {dimension: code for dimension, code in term.codes if dimension in flow.structure.key}
        placed[name] = TermSelection(goal, tuple(sorted({**kept, **dict(codes)}.items())))
    return placed
