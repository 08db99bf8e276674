"""Indicator values by population and topic, with comparable terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from sdmxmig.catalogue.indicators import TOTAL, Indicator, TermSelection, Variant
from sdmxmig.catalogue.topics import TOPIC, TOPIC_CODE, Topics
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.statistics.calculations import CALCULATIONS, Calculation, list_optional_terms, list_terms
from sdmxmig.statistics.calculations.figures import (
    CalculationResult,
    Figures,
    FigureTrait,
    SourcedFigure,
    has_mixed_rules,
)
from sdmxmig.statistics.model.evidence import Statement
from sdmxmig.statistics.model.indicator_results import PER_GROUP, PER_SAME, PER_TOTAL, BoundedValue, IndicatorValue

MIN_LARGE_SHARE = Decimal(5)
UNKNOWN, SILENT = "_U", ("", "_U", "_Z")
DAY, RULE, CRITERION = "REF_DATE", "RES_RULE", "ID_CRITERION"
PROXY_TYPES = ("CBR", "CTZ")
STATUS_PARTS = {
    "BIRTH_STATUS": ("NB", "FB"),
    "CTZ_STATUS": ("NC", "FC"),
    "C_BIRTH": (),
    "C_CITIZEN": (),
    "C_RESIDENCE": (),
}
PERSONAL_DIMENSIONS = ("SEX", "AGE")
PERSON_BREAKDOWNS = ("SEX", "AGE")
"""Topics that limit all terms; others, such as country of birth, only the divided ones."""


def list_caveats(
    figure: SourcedFigure, terms: Iterable[TermSelection], year: int, figures: Figures
) -> tuple[Statement, ...]:
    """List caveats about a value: different days or rules, unknown codes, and proxies for former residence."""
    statements = [*list_trait_caveats(figure.traits, figures), *list_unknown_caveats(terms, year, figures)]
    return tuple(dict.fromkeys(statements))


def list_trait_caveats(traits: Sequence[FigureTrait], figures: Figures) -> Iterator[Statement]:
    days = {trait.day: trait.flow for trait in traits if trait.day not in SILENT}
    if len(days) > 1:
        names = tuple(find_code_name(figures, flow, DAY, code) for code, flow in sorted(days.items()))
        yield Statement("caveat.dates", (("days", names),))
    with_rule = [trait for trait in traits if trait.rule is not None]
    rules = {trait.rule: trait.flow for trait in with_rule if trait.rule not in SILENT}
    silent = dict.fromkeys(trait.flow for trait in with_rule if trait.rule in SILENT)
    if len(rules) > 1:
        names = tuple(find_code_name(figures, flow, RULE, str(code)) for code, flow in sorted(rules.items()))
        yield Statement("caveat.rules", (("rules", names),))
    elif silent and len({trait.flow for trait in with_rule}) > 1:
        yield Statement("caveat.rule_unknown", (("flows", tuple(find_title(figures, flow) for flow in silent)),))
    proxies = {trait.criterion: trait.flow for trait in traits if trait.criterion in PROXY_TYPES}
    for code, flow in sorted(proxies.items()):
        yield Statement("caveat.proxy", (("criterion", (find_code_name(figures, flow, CRITERION, code),)),))


def list_unknown_caveats(terms: Iterable[TermSelection], year: int, figures: Figures) -> Iterator[Statement]:
    for term in terms:
        for dimension, code in term.codes:
            if dimension in STATUS_PARTS and code not in (TOTAL, UNKNOWN):
                share = compute_unknown_share(term, dimension, year, figures)
                if share is not None and share > MIN_LARGE_SHARE:
                    flow = figures.flow(term.flow)
                    concepts: Mapping[str, Text] = flow.concepts if flow else {}
                    concept = concepts.get(dimension, Text.of(en=dimension))
                    words = (("dimension", (concept,)), ("flow", (find_title(figures, term.flow),)))
                    yield Statement("caveat.unknown", words, numbers=(("share", share.quantize(Decimal("0.1"))),))


def compute_unknown_share(term: TermSelection, dimension: str, year: int, figures: Figures) -> Decimal | None:
    """Compute the unknown share of a term as a percentage, or None; if unpublished, it is the remainder."""
    kept = [(name, code) for name, code in term.codes if name not in STATUS_PARTS and name not in PERSONAL_DIMENSIONS]

    def value(*codes: tuple[str, str]) -> Decimal | None:
        figure = figures.yearly(TermSelection(term.flow, tuple(sorted((*kept, *codes))))).figures.get(year)
        if figure is not None:
            parts.append(figure)
        return figure.value if figure else None

    parts: list[SourcedFigure] = []

    whole, unknown = value(), value((dimension, UNKNOWN))
    if not whole:
        return None
    if unknown is None:
        known = [value((dimension, code)) for code in STATUS_PARTS[dimension]]
        present = [amount for amount in known if amount is not None]
        unknown = whole - sum(present, Decimal(0)) if present and len(present) == len(known) else None
    return None if unknown is None or has_mixed_rules(parts) else 100 * unknown / whole


def find_code_name(figures: Figures, flow_id: str, component: str, code: str) -> Text:
    flow = figures.flow(flow_id)
    codelist = flow.codelist(component) if flow else None
    return codelist[code].name if codelist and code in codelist else Text.of(en=code)


def find_title(figures: Figures, flow_id: str) -> Text:
    flow = figures.flow(flow_id)
    return flow.dataflow.name if flow and flow.dataflow.name else Text.of(en=flow_id)


POPULATIONS = ("BIRTH_STATUS", "CTZ_STATUS")
"""Topics that are variants of an indicator already."""
RATES, POPULATION = ("rate", "net_rate"), "population"
"""Calculations that divide events by an average population."""
Codes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValues:
    """Values of an indicator and reasons for missing ones.

    `parts` are by primary topic, `further` by secondary topic; `group_rates` are rates within groups.
    """

    values: tuple[IndicatorValue, ...]
    missing: tuple[tuple[str, str], ...]
    parts: tuple[IndicatorValue, ...] = ()
    undivided: tuple[tuple[str, str], ...] = ()
    further: tuple[IndicatorValue, ...] = ()
    bounds: tuple[BoundedValue, ...] = ()
    group_rates: tuple[IndicatorValue, ...] = ()
    no_group_rates: tuple[tuple[str, str], ...] = ()


def compute(indicator: Indicator, datasets: Sequence[Dataset], area: str = "") -> IndicatorValues:
    """Compute all values of an indicator for an area; raise `DeclarationError` for unknown calculations."""
    figures = Figures(datasets, area or find_only_area(datasets))
    variants = indicator.variants if indicator.calculation else ()
    further = (part for variant in variants for part in list_further_parts(indicator, variant, figures))
    return replace(compute_values(indicator, figures), further=tuple(further))


def find_only_area(datasets: Iterable[Dataset]) -> str:
    areas = {
        code for dataset in datasets for code in dataset.observations.get_column("REF_AREA").unique().cast(str) if code
    }
    if len(areas) > 1:
        hint = f"Name one of: {', '.join(sorted(areas))}."
        raise DeclarationError("The datasets are of several areas.", hint=hint)
    return next(iter(areas), "")


def compute_values(indicator: Indicator, figures: Figures) -> IndicatorValues:
    values: list[IndicatorValue] = []
    missing: list[tuple[str, str]] = []
    parts: list[IndicatorValue] = []
    bounds: list[BoundedValue] = []
    group_rates: list[IndicatorValue] = []
    no_group_rates: list[tuple[str, str]] = []
    variants = indicator.variants if indicator.calculation else ()
    for variant in variants:
        computed = compute_variant(indicator, variant, figures)
        spare = compute_substitute(indicator, variant, figures, computed)
        values += convert_to_values(indicator, variant, computed, figures, spare=spare)
        bounds += [
            BoundedValue(variant=variant.id, name=variant.name, period=str(year), bounds=limits, basis=basis)
            for basis, found in ((variant.basis, spare), (Text(), computed))
            for year, limits in found.bounds.items()
        ]
        missing += [(variant.id, reason) for reason in (spare.missing or computed.missing)]
        parts += compute_parts(indicator, variant, figures)
        if spare.figures:
            of_spare = compute_parts(indicator, replace(variant, terms=variant.otherwise), figures)
            parts += [replace(part, basis=variant.basis) for part in of_spare if int(part.period) in spare.figures]
        if computed.figures and is_group_rate(indicator, variant):
            own_variant = divide_by_own_group(variant)
            own = compute_variant(indicator, own_variant, figures)
            group_rates += convert_to_values(indicator, own_variant, own, figures, per=PER_GROUP)
            no_group_rates += [(variant.id, reason) for reason in own.missing if not own.figures]
    undivided = tuple(explain_missing_topics(indicator, variants[0], figures, parts)) if variants else ()
    return IndicatorValues(
        values=tuple(values),
        missing=tuple(missing),
        parts=tuple(parts),
        undivided=undivided,
        bounds=tuple(bounds),
        group_rates=tuple(group_rates),
        no_group_rates=tuple(no_group_rates),
    )


def is_group_rate(indicator: Indicator, variant: Variant) -> bool:
    return (
        indicator.calculation in RATES
        and variant.id != TOTAL
        and POPULATION in variant.terms
        and POPULATION not in indicator.divided
    )


def divide_by_own_group(variant: Variant) -> Variant:
    lead = next(term for name, term in variant.terms.items() if name != POPULATION)
    status = {name: code for name, code in lead.codes if name in POPULATIONS}
    population = variant.terms[POPULATION]
    own = TermSelection(population.flow, tuple(sorted({**status, **dict(population.codes)}.items())))
    return replace(variant, terms={**variant.terms, POPULATION: own})


def list_shown_topics(indicator: Indicator, figures: Figures) -> tuple[tuple[str, bool], ...]:
    years_by_variant = {variant.id: list_years(indicator, variant, figures) for variant in indicator.variants}
    years = frozenset[int]().union(*years_by_variant.values())
    whole = [variant for variant in indicator.variants if years and years == years_by_variant[variant.id]]
    whole = [variant for variant in whole if variant.id == TOTAL] or whole
    return tuple(
        (topic, any(years <= list_years(indicator, variant, figures, topic) for variant in whole))
        for topic in indicator.primary_topics
    )


def list_years(indicator: Indicator, variant: Variant, figures: Figures, topic: str = "") -> frozenset[int]:
    years = frozenset[int]()
    for terms, names in product((variant.terms, variant.otherwise), list_term_sets(indicator)):
        by_term = [
            collect_term_years(indicator, (name, terms[name]), figures, topic) for name in names if name in terms
        ]
        years |= by_term[0].intersection(*by_term[1:]) if by_term else frozenset()
    return years


def collect_term_years(
    indicator: Indicator, term: tuple[str, TermSelection], figures: Figures, topic: str
) -> frozenset[int]:
    if not topic:
        return frozenset(figures.yearly(term[1]).figures)
    elsewhere = (
        figures.list_divided_years(place.selection, place.dimension)
        for place in list_topic_places(indicator, term, topic, figures)
    )
    return figures.list_divided_years(term[1], topic).union(*elsewhere)


def list_term_sets(indicator: Indicator) -> tuple[tuple[str, ...], ...]:
    if indicator.calculation not in CALCULATIONS:
        return ()
    calculation = CALCULATIONS[indicator.calculation]
    divided, optional_names = indicator.divided or list_terms(calculation), list_optional_terms(calculation)
    needed = tuple(name for name in divided if name not in optional_names)
    return (needed, *((name,) for name in divided if name in optional_names))


def compute_variant(indicator: Indicator, variant: Variant, figures: Figures) -> CalculationResult:
    if indicator.calculation not in CALCULATIONS:
        hint = did_you_mean(indicator.calculation, CALCULATIONS)
        raise DeclarationError(f"There is no calculation “{indicator.calculation}”.", indicator.place, hint)
    calculation = CALCULATIONS[indicator.calculation]
    term_names = list_terms(calculation)
    check_terms(indicator, variant, calculation)
    terms: dict[str, TermSelection] = {name: variant.terms[name] for name in term_names if name in variant.terms}
    return calculation(figures, **terms)


def compute_substitute(
    indicator: Indicator, variant: Variant, figures: Figures, computed: CalculationResult
) -> CalculationResult:
    if not variant.otherwise:
        return CalculationResult({})
    substitute = compute_variant(indicator, replace(variant, terms=variant.otherwise), figures)
    added_figures = {year: figure for year, figure in substitute.figures.items() if year not in computed.figures}
    has_some = any(figures.yearly(term).figures for term in variant.otherwise.values())
    missing = substitute.missing if has_some and not computed.figures else ()
    return CalculationResult(added_figures, missing, substitute.bounds)


def check_terms(indicator: Indicator, variant: Variant, calculation: Calculation) -> None:
    term_names, optional_names = list_terms(calculation), list_optional_terms(calculation)
    subject = f"The variant {variant.id} of {indicator.code}"
    for name in variant.terms:
        if name not in term_names:
            message = f"{subject} gives “{name}”, which is not a term of the calculation {indicator.calculation}."
            raise DeclarationError(message, indicator.place, did_you_mean(name, term_names))
    for name in term_names:
        if name not in (*variant.terms, *optional_names):
            hint = f'Give a flow: {name} = {{ flow = "DF_POP" }}.'
            raise DeclarationError(f"{subject} lacks the term “{name}”.", indicator.place, hint)


def convert_to_values(
    indicator: Indicator,
    variant: Variant,
    computed: CalculationResult,
    figures: Figures,
    *,
    codes: Codes = (),
    spare: CalculationResult | None = None,
    per: str = "",
) -> list[IndicatorValue]:
    spare_figures = spare.figures if spare else {}
    return [
        IndicatorValue(
            variant.id,
            variant.name,
            period=str(year),
            value=figure.value,
            unit=indicator.unit,
            formula=figure.formula,
            whole=figure.whole,
            terms=figure.inputs,
            status=figure.status,
            places=figure.places,
            codes=codes,
            basis=variant.basis if year in spare_figures else Text(),
            rules=tuple(dict.fromkeys(trait.rule for trait in figure.traits if trait.rule)),
            days=tuple(dict.fromkeys(trait.day for trait in figure.traits if trait.day)),
            sources=figure.sources,
            denominator=get_denominator_name(terms),
            per=per or name_group(indicator, variant, codes),
            caveats=list_caveats(figure, terms.values(), year, figures),
        )
        for year, figure in sorted({**spare_figures, **computed.figures}.items())
        for terms in [variant.otherwise if year in spare_figures else variant.terms]
    ]


def get_denominator_name(terms: Mapping[str, TermSelection]) -> str:
    term = next((terms[name] for name in (POPULATION, "denominator") if name in terms), None)
    return " ".join([term.flow, *(f"{name}={code}" for name, code in term.codes)]) if term else ""


def name_group(indicator: Indicator, variant: Variant, codes: Codes) -> str:
    if indicator.calculation not in RATES:
        return ""
    if any(name in PERSON_BREAKDOWNS for name, _ in codes):
        return PER_SAME
    return PER_TOTAL if codes or is_group_rate(indicator, variant) else ""


def compute_parts(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[IndicatorValue]:
    topics = [topic for topic in indicator.primary_topics if topic not in POPULATIONS]
    personal = [topic for topic in PERSON_BREAKDOWNS if topic in topics]
    crossed = product(
        *([(topic, code) for code in (TOTAL, *list_codes(indicator, variant, topic, figures))] for topic in personal)
    )
    cells = [tuple((topic, code) for topic, code in cell if code != TOTAL) for cell in crossed]
    others = [topic for topic in topics if topic not in personal]
    cells += [((topic, code),) for topic in others for code in list_codes(indicator, variant, topic, figures)]
    for cell in cells:
        yield from compute_part(cell, indicator, variant, figures)


def list_further_parts(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[IndicatorValue]:
    for topic in indicator.secondary_topics:
        if topic not in indicator.primary_topics:
            for code in list_codes(indicator, variant, topic, figures):
                yield from compute_part(((topic, code),), indicator, variant, figures)


def compute_part(cell: Codes, indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[IndicatorValue]:
    terms = limit_terms(cell, indicator, variant, figures) if cell else None
    if terms is not None:
        part_variant = Variant(variant.id, variant.name, terms=terms)
        computed = compute_variant(indicator, part_variant, figures)
        yield from convert_to_values(indicator, part_variant, computed, figures, codes=cell)


def get_divided_term(indicator: Indicator, variant: Variant) -> tuple[str, TermSelection]:
    name = next(iter(indicator.divided or variant.terms))
    return name, variant.terms[name]


def list_codes(indicator: Indicator, variant: Variant, topic: str, figures: Figures) -> tuple[str, ...]:
    place = choose_topic_place(indicator, get_divided_term(indicator, variant), topic, figures)
    return place[1] if place else ()


def index_topic_names(
    values: Iterable[IndicatorValue], datasets: Sequence[Dataset], topics: Topics | None = None
) -> dict[str, Text]:
    """Return names of the codes that divide values, such as ``C_CITIZEN.UA``."""
    topics, names = topics or Topics(), dict[str, Text]()
    for topic, code in sorted({pair for value in values for pair in value.codes}):
        dimensions = [(dataset.flow, topics.dimension(dataset.flow.id, topic)) for dataset in datasets]
        codelists = [flow.codelist(dimension) for flow, dimension in dimensions if dimension in flow.structure.key]
        for codelist in (*codelists, topics.listed.get(topic)):
            if codelist is not None and code in codelist:
                names[f"{topic}.{code}"] = codelist[code].name
                break
    return names


def explain_missing_topics(
    indicator: Indicator, variant: Variant, figures: Figures, parts: Iterable[IndicatorValue]
) -> Iterator[tuple[str, str]]:
    shown_topics = {topic for part in parts for topic, _ in part.codes}
    name, lead = get_divided_term(indicator, variant)
    for topic in indicator.primary_topics:
        if topic in shown_topics or topic in POPULATIONS:
            continue
        place = choose_topic_place(indicator, (name, lead), topic, figures)
        if figures.flow(lead.flow) is None and place is None:
            yield topic, f"no data for {figures.name_flow(lead.flow)}"
        elif place is None:
            yield topic, f"{figures.name_flow(lead.flow)} has no dimension {figures.name_flow(topic)}"
        elif not place[1]:
            held_by = figures.name_flow(place[0].selection.flow)
            yield topic, f"{held_by} holds no code of {figures.name_flow(topic)} but the total"
        else:
            terms = limit_terms(((topic, place[1][0]),), indicator, variant, figures)
            part_variant = Variant(variant.id, variant.name, terms=terms or variant.terms)
            yield topic, "; ".join(compute_variant(indicator, part_variant, figures).missing)


INDICATOR, IND_TERM = "INDICATOR", "IND_TERM"
NamedTerm = tuple[str, TermSelection]


@dataclass(frozen=True, slots=True)
class TopicPlace:
    selection: TermSelection
    dimension: str
    below: str = ""

    def at(self, code: str) -> TermSelection:
        codes = {**dict(self.selection.codes), self.dimension: code}
        return TermSelection(self.selection.flow, tuple(sorted(codes.items())))


def list_topic_places(
    indicator: Indicator, named_term: NamedTerm, topic: str, figures: Figures
) -> Iterator[TopicPlace]:
    """Yield the dataflows that may have a term by topic, starting with its own."""
    topics, (name, term) = indicator.topics, named_term
    others = [(flow_id, codes) for flow_id, codes in topics.further.get(term.flow, {}).items()]
    role = topics.own_terms.get(name, "")
    if role and term.flow != topics.own_flow:
        others.append((topics.own_flow, ((INDICATOR, indicator.id), (IND_TERM, role))))
    own = figures.flow(term.flow)
    if own is not None and indicator.topics.dimension(own.id, topic) in own.structure.key:
        others = []  # values that the term's own data could have are not taken from elsewhere
    for flow_id, codes in ((term.flow, term.codes), *others):
        flow = figures.flow(flow_id)
        if flow is None:
            continue
        kept = {dimension: code for dimension, code in term.codes if dimension in flow.structure.key}
        selection = TermSelection(flow_id, tuple(sorted({**kept, **dict(codes)}.items())))
        place = locate_term(flow, selection, topic, indicator)
        if place is not None:
            yield place


def locate_term(flow: Flow, selection: TermSelection, topic: str, indicator: Indicator) -> TopicPlace | None:
    """Find a term by topic in a dataflow: by its own dimension, a renamed one, or one for all topics."""
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


def choose_topic_place(
    indicator: Indicator, named_term: NamedTerm, topic: str, figures: Figures
) -> tuple[TopicPlace, tuple[str, ...]] | None:
    possible = [
        (place, list_place_codes(place, figures)) for place in list_topic_places(indicator, named_term, topic, figures)
    ]
    return next((pair for pair in possible if pair[1]), possible[0] if possible else None)


def list_place_codes(place: TopicPlace, figures: Figures) -> tuple[str, ...]:
    codes = figures.collect_codes(place.selection.flow, place.dimension, place.selection)
    flow = figures.flow(place.selection.flow)
    codelist = flow.codelist(place.dimension) if flow else None
    return tuple(code for code in codes if is_descendant(code, place.below, codelist)) if place.below else codes


def is_descendant(code: str, ancestor: str, codelist: ItemScheme | None) -> bool:
    while codelist is not None and code in codelist:
        code = codelist[code].parent
        if code == ancestor:
            return True
    return False


def is_limited_by(indicator: Indicator, name: str, topic: str) -> bool:
    return topic in PERSON_BREAKDOWNS or topic in indicator.topics.every_term or name in (indicator.divided or (name,))


def limit_terms(
    cell: Codes, indicator: Indicator, variant: Variant, figures: Figures
) -> Mapping[str, TermSelection] | None:
    """Limit terms to a part of the population, the terms of a dataflow together; None if impossible."""
    terms = dict(variant.terms)
    optional_names = list_optional_terms(CALCULATIONS[indicator.calculation])
    for name in variant.terms:
        for topic, code in cell:
            if not is_limited_by(indicator, name, topic):
                continue
            if figures.flow(terms[name].flow) is None:  # the calculation reports missing data
                continue
            found_place = choose_topic_place(indicator, (name, terms[name]), topic, figures)
            if found_place is None and name in optional_names:
                del terms[name]
                break
            if found_place is None:
                return None
            terms[name] = found_place[0].at(code)
    return move_terms_to_shared_flow(terms, indicator, variant, figures)


def move_terms_to_shared_flow(
    terms: Mapping[str, TermSelection], indicator: Indicator, variant: Variant, figures: Figures
) -> Mapping[str, TermSelection]:
    """Move undivided terms to the dataflow of the other terms."""
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
