"""Effects of definitions, measured by pairs of figures that differ in one definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from sdmxmig.catalogue.indicators import TermSelection
from sdmxmig.catalogue.study import EffectProbe
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import DEFINITIONS
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.statistics.calculations.availability import CENSUS
from sdmxmig.statistics.calculations.evidence import Claims
from sdmxmig.statistics.calculations.figures import Figures, SourcedFigure, YearlyTerm, add_fallback_years
from sdmxmig.statistics.model.availability import LATER_YEARS, MODEL_ESTIMATE, Alignment, Effect, EffectFigure
from sdmxmig.statistics.model.evidence import Statement

ALIGNED_RATING = "3"
UNKNOWN_CODE = "_U"
RANGE_DASH = " – "
FREQUENCY = "FREQ"


def assess_alignment(claims: Claims, figures: Figures, groups: ItemScheme | None) -> tuple[Alignment, ...]:
    order = groups.ids if groups else ()
    definitions = [item for item in claims.items.values() if item.group]
    definitions.sort(key=lambda item: order.index(item.group) if item.group in order else len(order))
    effects_by_item = ((item, *find_effects(item.id, claims, figures)) for item in definitions)
    return tuple(
        Alignment(item=item.id, group=item.group, effects=effects, untold=why_no_effect)
        for item, effects, why_no_effect in effects_by_item
    )


def find_effects(item: str, claims: Claims, figures: Figures) -> tuple[tuple[Effect, ...], Statement | None]:
    probes = [effect_probe for effect_probe in claims.study.effects if item in effect_probe.items]
    effects = tuple(effect for probe in probes for effect in COMPARISON_BY_KIND[probe.kind](probe, figures))
    return effects, None if effects else explain_missing_effect(item, probes, claims)


def list_separate_counts(claims: Claims, figures: Figures) -> tuple[Effect, ...]:
    """Return effects that are not due to a definition."""
    probes = [probe for probe in claims.study.effects if not probe.items]
    return tuple(effect for probe in probes for effect in COMPARISON_BY_KIND[probe.kind](probe, figures))


def explain_missing_effect(item: str, probes: Sequence[EffectProbe], claims: Claims) -> Statement | None:
    """State why the effect of a deviation has no figures; None if the definition does not deviate."""
    answer = claims.answer(item)
    if claims.scale(item).silence(answer) or answer == ALIGNED_RATING:
        return None
    if not probes:
        return Statement("untold.no_look")
    flows = dict.fromkeys(
        term.flow for effect_probe in probes for term in (effect_probe.first, effect_probe.second) if term
    )
    names = tuple(claims.name_of(flow) for flow in flows)
    return Statement("untold.no_figures", (("flows", names),))


def compare_pair(probe: EffectProbe, figures: Figures) -> Iterator[Effect]:
    if probe.first is None or probe.second is None:
        return
    first, second = figures.yearly(probe.first), figures.yearly(probe.second)
    year = max(set(first.figures) & set(second.figures), default=None)
    if year is not None:
        first_figure = find_effect_figure(probe.first, first.figures[year], figures)
        yield build_effect(
            probe, str(year), first_figure, find_effect_figure(probe.second, second.figures[year], figures)
        )


def compare_count(probe: EffectProbe, figures: Figures) -> Iterator[Effect]:
    """Compare a count (not a model estimate) with the population on the nearest 1 January, or in its year."""
    if probe.first is None or probe.second is None:
        return
    yearly_counts = add_fallback_years(figures.yearly(CENSUS), figures.yearly(probe.first))
    january = figures.on_1_january(probe.second)
    days = (1, 0) if january.figures else (0,)
    yearly = january if january.figures else figures.yearly(probe.second)
    yearly_figures = {year: figure for year, figure in yearly.figures.items() if figure.kind != MODEL_ESTIMATE}
    for year in sorted(yearly_counts.figures, reverse=True):
        count = yearly_counts.figures[year].value
        candidates = [year + later for later in days if year + later in yearly_figures]
        if candidates:
            nearest = min(candidates, key=lambda candidate: abs(yearly_figures[candidate].value - count))
            first = find_effect_figure(probe.first, yearly_counts.figures[year], figures)
            period = str(nearest) if january.figures else ""
            second = replace(find_effect_figure(probe.second, yearly_figures[nearest], figures), period=period)
            found = build_effect(probe, str(year), first, second)
            later = (LATER_YEARS, Decimal(max(yearly.figures) - year))
            yield replace(found, sentence=replace(found.sentence, numbers=(*found.sentence.numbers, later)))
            return


def compare_attribute(probe: EffectProbe, figures: Figures) -> Iterator[Effect]:
    """Compare all pairs of values of an attribute in the latest year that has two for the same day."""
    if probe.first is None:
        return
    values = split_by_attribute(figures, probe.first, probe.attribute)
    years = {year for _, _, yearly in values for year in yearly.figures}
    for year in sorted(years, reverse=True):
        found = [(code, name, yearly.figures[year]) for code, name, yearly in values if year in yearly.figures]
        pairs = [
            (convert_to_figure(first, name), convert_to_figure(second, other_name))
            for (code, name, first), (other_code, other_name, second) in combinations(found, 2)
            if code != other_code and collect_days(first) == collect_days(second)
        ]
        if pairs:
            yield from (build_effect(probe, str(year), first, second) for first, second in pairs)
            return


def split_by_attribute(figures: Figures, selection: TermSelection, name: str) -> list[tuple[str, Text, YearlyTerm]]:
    """Return a selection by value of an attribute: its code, its name, and the figures by year.

    Since a series has one value of a definition, other dataflows with the same structure are included.
    """
    own_flow = figures.flow(selection.flow)
    if own_flow is None:
        return []
    parts: dict[tuple[str, str], list[Dataset]] = {}
    for dataset in figures.datasets:
        flow, frame = dataset.flow, dataset.observations
        is_alike = name in DEFINITIONS and flow.structure.ref == own_flow.structure.ref
        if flow.id != selection.flow and not is_alike:
            continue
        if name not in frame.columns:
            parts.setdefault((dataset.attributes.get(name, UNKNOWN_CODE), flow.id), []).append(dataset)
            continue
        measure = pl.col(flow.structure.measure.id)
        for code in frame.get_column(name).drop_nulls().unique().sort():
            # Other values are emptied rather than removed, so that cells stay with their rows.
            of_code = frame.with_columns(pl.when(pl.col(name) == code).then(measure))
            parts.setdefault((code, flow.id), []).append(replace(dataset, observations=of_code))
    return [
        (
            code,
            join_titles(
                [
                    name_of_code(flow, name, code),
                    *([flow.dataflow.name] if flow.id != own_flow.id else []),
                    *(name_of_code(flow, dimension, member) for dimension, member in selection.codes),
                ]
            ),
            Figures(datasets, figures.area).yearly(replace(selection, flow=flow.id)),
        )
        for (code, _), datasets in sorted(parts.items())
        for flow in [datasets[0].flow]
        if code not in (UNKNOWN_CODE, "")
    ]


def collect_days(figure: SourcedFigure) -> frozenset[str]:
    return frozenset(trait.day for trait in figure.traits)


def name_of_code(flow: Flow, component: str, code: str) -> Text:
    codelist = flow.codelist(component)
    return codelist[code].name if codelist and code in codelist else Text.of(en=code)


def find_effect_figure(selection: TermSelection, figure: SourcedFigure, figures: Figures) -> EffectFigure:
    flow = figures.flow(selection.flow)
    if flow is None:
        return convert_to_figure(figure, Text())
    codes = [name_of_code(flow, dimension, code) for dimension, code in selection.codes if dimension != FREQUENCY]
    return convert_to_figure(figure, join_titles(codes or [flow.dataflow.name]))


def convert_to_figure(figure: SourcedFigure, name: Text) -> EffectFigure:
    key = " + ".join(key for key, _ in figure.inputs)
    return EffectFigure(name=name, key=key, value=figure.value, places=figure.places, bounds=figure.bounds)


def join_titles(titles: Iterable[Text], between: str = RANGE_DASH) -> Text:
    names = list(titles)
    languages = dict.fromkeys(language for title in names for language, _ in title)
    return Text(tuple((name, between.join(title.in_language(name) for title in names)) for name in languages))


def build_effect(probe: EffectProbe, period: str, first: EffectFigure, second: EffectFigure) -> Effect:
    difference = second.value - first.value
    words = (("period", (Text.of(en=period),)), ("part", (second.name,)))
    numbers = (("first", first.value), ("second", second.value), ("difference", difference))
    share = difference / first.value if first.value else None
    return Effect(
        kind=probe.kind,
        period=period,
        first=first,
        second=second,
        difference=difference,
        share=share,
        sentence=Statement(probe.sentence, words, numbers=numbers),
    )


COMPARISON_BY_KIND: Mapping[str, Callable[[EffectProbe, Figures], Iterator[Effect]]] = {
    "pair": compare_pair,
    "counts": compare_count,
    "attribute": compare_attribute,
}
