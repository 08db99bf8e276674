"""Values of one indicator: for each of its populations and, where the data allow, by topic of disaggregation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import product

from sdmxmig.calculations import CALCULATIONS, terms_of
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.terms import CalculationResult
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset
from sdmxmig.model.indicator_results import IndicatorValue
from sdmxmig.model.indicators import TOTAL, Indicator, TermSelection, Variant

OF_PERSONS = ("SEX", "AGE")
"""Topics that limit every term of a formula: a rate of women is per 1,000 women. Other topics, such as the country of
birth, limit the divided terms only: immigrants from a country are per 1,000 of all residents."""
POPULATIONS = ("BIRTH_STATUS", "CTZ_STATUS")
"""Topics that are variants of an indicator already."""
Codes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IndicatorValues:
    """What the data give for one indicator, and the reasons for what they do not give.

    `values` are those of the variants and `missing` reasons by variant; `parts` are values by topic of disaggregation
    and `undivided` reasons by topic.
    """

    values: tuple[IndicatorValue, ...]
    missing: tuple[tuple[str, str], ...]
    _: KW_ONLY
    parts: tuple[IndicatorValue, ...] = ()
    undivided: tuple[tuple[str, str], ...] = ()


def compute(indicator: Indicator, datasets: Sequence[Dataset], area: str = "") -> IndicatorValues:
    """All values of an indicator that these datasets give, for one area (by default the only one that they have).

    Raises `DeclarationError` if the indicator names a calculation or term that does not exist, or if the datasets are
    of several areas and none is named.
    """
    return values_of(indicator, Figures(datasets, area or only_area(datasets)))


def only_area(datasets: Iterable[Dataset]) -> str:
    """The area of the datasets; empty if they hold none."""
    areas = {
        code for dataset in datasets for code in dataset.observations.get_column("REF_AREA").unique().cast(str) if code
    }
    if len(areas) > 1:
        hint = f"Name one of: {', '.join(sorted(areas))}."
        raise DeclarationError("The datasets are of several areas.", hint=hint)
    return next(iter(areas), "")


def values_of(indicator: Indicator, figures: Figures) -> IndicatorValues:
    """All values of an indicator that these figures give."""
    values: list[IndicatorValue] = []
    missing: list[tuple[str, str]] = []
    parts: list[IndicatorValue] = []
    variants = indicator.variants if indicator.calculation else ()
    for variant in variants:
        computed = of_variant(indicator, variant, figures)
        spare = stand_in(indicator, variant, figures, computed)
        values += as_values(indicator, variant, computed, spare=spare)
        missing += [(variant.id, reason) for reason in (spare.missing or computed.missing)]
        parts += parts_of(indicator, variant, figures)
    undivided = tuple(reasons(indicator, variants[0], figures, parts)) if variants else ()
    return IndicatorValues(tuple(values), tuple(missing), parts=tuple(parts), undivided=undivided)


def topics_shown(indicator: Indicator, figures: Figures) -> tuple[tuple[str, bool], ...]:
    """The primary topics of an indicator, each with whether all of its years are divided by it, not one row of one.

    The years are those of all its populations together; everybody, or else one of the populations that have a figure
    in each of them, must be divided by the topic in each of them, also beside other topics.
    """
    years_by_variant = {variant.id: years_of(indicator, variant, figures) for variant in indicator.variants}
    years = frozenset[int]().union(*years_by_variant.values())
    whole = [variant for variant in indicator.variants if years and years == years_by_variant[variant.id]]
    whole = [variant for variant in whole if variant.id == TOTAL] or whole
    return tuple(
        (topic, any(years <= years_of(indicator, variant, figures, topic) for variant in whole))
        for topic in indicator.primary_topics
    )


def years_of(indicator: Indicator, variant: Variant, figures: Figures, topic: str = "") -> frozenset[int]:
    """The years in which every divided term of a variant, or every one that stands in, has figures (by the topic)."""
    years = frozenset[int]()
    for terms in (variant.terms, variant.otherwise):
        selections = [terms[name] for name in (indicator.divided or terms)] if terms else []
        by_term = [
            figures.years_divided_by(selection, topic) if topic else frozenset(figures.yearly(selection).figures)
            for selection in selections
        ]
        years |= by_term[0].intersection(*by_term[1:]) if by_term else frozenset()
    return years


def of_variant(indicator: Indicator, variant: Variant, figures: Figures) -> CalculationResult:
    """Run the calculation of an indicator on the terms of one variant."""
    if indicator.calculation not in CALCULATIONS:
        hint = did_you_mean(indicator.calculation, CALCULATIONS)
        raise DeclarationError(f"There is no calculation “{indicator.calculation}”.", indicator.place, hint)
    calculation = CALCULATIONS[indicator.calculation]
    term_names = terms_of(calculation)
    check_terms(indicator, variant, term_names)
    terms: dict[str, TermSelection] = {name: variant.terms[name] for name in term_names}
    return calculation(figures, **terms)


def stand_in(
    indicator: Indicator, variant: Variant, figures: Figures, computed: CalculationResult
) -> CalculationResult:
    """What the terms that stand in give for the years for which the terms of a variant give nothing."""
    if not variant.otherwise:
        return CalculationResult({})
    substitute = of_variant(indicator, replace(variant, terms=variant.otherwise), figures)
    added_figures = {year: figure for year, figure in substitute.figures.items() if year not in computed.figures}
    has_some = substitute.figures or len(substitute.missing) < len(variant.otherwise)  # one of its terms at least
    return CalculationResult(added_figures, substitute.missing if has_some and not computed.figures else ())


def check_terms(indicator: Indicator, variant: Variant, term_names: Sequence[str]) -> None:
    """Refuse terms that the calculation does not have, and the lack of one that it has."""
    subject = f"The variant {variant.id} of {indicator.code}"
    for name in variant.terms:
        if name not in term_names:
            message = f"{subject} gives “{name}”, which is no term of the calculation {indicator.calculation}."
            raise DeclarationError(message, indicator.place, did_you_mean(name, term_names))
    for name in term_names:
        if name not in variant.terms:
            hint = f'Give a flow: {name} = {{ flow = "DF_POP" }}.'
            raise DeclarationError(f"{subject} lacks the term “{name}”.", indicator.place, hint)


def as_values(
    indicator: Indicator,
    variant: Variant,
    computed: CalculationResult,
    codes: Codes = (),
    spare: CalculationResult | None = None,
) -> list[IndicatorValue]:
    """Computed figures as values of a variant, by period; those of `spare` say what they rest on instead."""
    spare_figures = spare.figures if spare else {}
    return [
        IndicatorValue(
            variant.id,
            variant.name,
            period=str(year),
            value=figure.value,
            unit=indicator.unit,
            formula=figure.formula,
            terms=figure.inputs,
            status=figure.status,
            places=figure.places,
            codes=codes,
            basis=variant.basis if year in spare_figures else Text(),
        )
        for year, figure in sorted({**spare_figures, **computed.figures}.items())
    ]


def parts_of(indicator: Indicator, variant: Variant, figures: Figures) -> Iterator[IndicatorValue]:
    """The values of a variant by sex and age, each and both together, and by each other topic of its own."""
    lead = lead_of(indicator, variant)
    topics = [topic for topic in indicator.primary_topics if topic not in POPULATIONS]
    personal = [topic for topic in OF_PERSONS if topic in topics]
    crossed = product(*([(topic, code) for code in (TOTAL, *codes(figures, lead, topic))] for topic in personal))
    cells = [tuple((topic, code) for topic, code in cell if code != TOTAL) for cell in crossed]
    cells += [((topic, code),) for topic in topics if topic not in personal for code in codes(figures, lead, topic)]
    for cell in cells:
        if cell:
            part_variant = Variant(variant.id, variant.name, terms=limited_to(cell, indicator, variant, figures))
            yield from as_values(indicator, variant, of_variant(indicator, part_variant, figures), cell)


def lead_of(indicator: Indicator, variant: Variant) -> TermSelection:
    """The term whose data say by which codes an indicator can be broken down: the first of the divided ones."""
    name = next(iter(indicator.divided or variant.terms))
    return variant.terms[name]


def codes(figures: Figures, lead: TermSelection, topic: str) -> tuple[str, ...]:
    """The codes of a topic in the data of a term; none if the term fixes the topic itself."""
    return () if topic in dict(lead.codes) else figures.codes_in(lead.flow, topic)


def limited_to(cell: Codes, indicator: Indicator, variant: Variant, figures: Figures) -> Mapping[str, TermSelection]:
    """The terms of a variant for a part of its population, as far as a topic limits them."""
    divided_terms = indicator.divided or tuple(variant.terms)
    limited_terms = {}
    for name, term in variant.terms.items():
        flow = figures.flow(term.flow)
        key = flow.structure.key if flow else ()
        fixed = {topic: code for topic, code in cell if topic in OF_PERSONS or (name in divided_terms and topic in key)}
        limited_terms[name] = TermSelection(term.flow, tuple(sorted({**fixed, **dict(term.codes)}.items())))
    return limited_terms


def topic_names(values: Iterable[IndicatorValue], datasets: Sequence[Dataset]) -> dict[str, Text]:
    """The names of the codes by which values are divided, each as ``C_CITIZEN.UA``, as lists of the data have them."""
    names: dict[str, Text] = {}
    for topic, code in sorted({pair for value in values for pair in value.codes}):
        for codelist in (dataset.flow.codelist(topic) for dataset in datasets if topic in dataset.flow.structure.key):
            if codelist is not None and code in codelist:
                names[f"{topic}.{code}"] = codelist[code].name
                break
    return names


def reasons(
    indicator: Indicator, variant: Variant, figures: Figures, parts: Iterable[IndicatorValue]
) -> Iterator[tuple[str, str]]:
    """Why there are no values by a primary topic, topic by topic."""
    shown_topics = {topic for part in parts for topic, _ in part.codes}
    lead = lead_of(indicator, variant)
    flow = figures.flow(lead.flow)
    for topic in indicator.primary_topics:
        if topic in shown_topics or topic in POPULATIONS:
            continue
        topic_codes = codes(figures, lead, topic)
        if flow is None:
            yield topic, f"no data for {figures.called(lead.flow)}"
        elif topic not in flow.structure.key:
            yield topic, f"{figures.called(lead.flow)} has no dimension {figures.called(topic)}"
        elif not topic_codes:
            yield topic, f"{figures.called(lead.flow)} holds no code of {figures.called(topic)} but the total"
        else:
            part_variant = Variant(
                variant.id, variant.name, terms=limited_to(((topic, topic_codes[0]),), indicator, variant, figures)
            )
            yield topic, "; ".join(of_variant(indicator, part_variant, figures).missing)
