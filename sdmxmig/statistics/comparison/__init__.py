"""Comparison of countries: figures, mirror flows, distances from targets, common gaps and a shared roadmap.

Figures are compared only under one residence rule and duration basis. Countries are not ranked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from statistics import median

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import UNKNOWN
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.indicators import TOTAL
from sdmxmig.catalogue.regional import (
    EMIGRATION,
    IMMIGRATION,
    Comparisons,
    KeyFigure,
    MirrorDataflow,
    read_comparisons,
)
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.figures import find_time_dimension
from sdmxmig.statistics.calculations.roadmap import index_predecessors, keep_direct_predecessors
from sdmxmig.statistics.comparison.groups import build_peer_groups, check_areas, find_source
from sdmxmig.statistics.comparison.one_source import drop_covered, find_one_source
from sdmxmig.statistics.demography.amounts import Amounts, compute_amounts
from sdmxmig.statistics.model.assessment import Action, Assessment, CountryFigure
from sdmxmig.statistics.model.availability import Codes, FlowRule
from sdmxmig.statistics.model.indicator_results import NOT_APPLICABLE, IndicatorResult, IndicatorValue, count_by_status
from sdmxmig.statistics.model.region import (
    CommonGap,
    Comparable,
    Comparison,
    Corridor,
    Country,
    Definition,
    Distance,
    PeerGroup,
    RegionalStudy,
    ReportedFlow,
    SeriesPanel,
    SeriesSet,
    SharedAction,
    StudyRequest,
    Tally,
)

SERIES_LIST = "CL_SERIES"


def compare(
    countries: Sequence[Country],
    request: StudyRequest,
    catalogue: Catalogue,
    *,
    datasets: Mapping[str, Sequence[Dataset]] | None = None,
) -> RegionalStudy:
    """Compare assessments of several countries.

    The result does not depend on order. Raises `SdmxmigError` for fewer than two or duplicate countries, and
    countries that are not in the study.
    """
    ordered = tuple(sorted(countries, key=lambda country: country.area))
    check(ordered)
    check_areas(request, [country.area for country in ordered])
    comparisons = read_comparisons(list_search_path("structures"), catalogue)
    rulebook = Rulebook.of(ordered, comparisons.alone)
    rules = {country.area: rulebook.definition(country.area, comparisons.flows) for country in ordered}
    sources = {country.area: find_source(country.assessment, *comparisons.same_source) for country in ordered}
    groups = build_peer_groups(request.groups, rules, sources, catalogue)
    series_names = {item.id: item.name for item in catalogue.item_scheme(SERIES_LIST)}
    figures = tuple(compare_figure(figure, ordered, rulebook, series_names) for figure in comparisons.figures)
    figures_of_one_source = find_one_source(datasets or {}, comparisons.one_source)
    return RegionalStudy(
        name=request.name,
        countries=ordered,
        definitions=comparisons.definitions,
        groups=groups,
        comparisons=drop_covered(figures, figures_of_one_source, ordered),
        distances=list_distances(ordered, groups),
        gaps=list_common_gaps(ordered),
        actions=list_shared_actions(ordered),
        steps=request.steps,
        findings=request.findings,
        corridors=pair_corridors(datasets or {}, comparisons.mirrored, rulebook),
        one_source=figures_of_one_source,
        rules=tuple(rules.items()),
        courses=choose_series(comparisons, ordered, figures, rulebook),
        translations=request.translations,
        headings=request.headings,
        status=comparisons.status,
        source=comparisons.source,
    )


def check(countries: Sequence[Country]) -> None:
    if len(countries) < 2:
        raise SdmxmigError("A regional study compares two countries or more.", hint="Name more workspaces.")
    for country, next_country in pairwise(countries):
        if country.area == next_country.area:
            files = " and in ".join(dict.fromkeys((country.file, next_country.file)))
            raise SdmxmigError(f"“{country.area}” is in the study twice: in {files}.", hint="Remove one of them.")


ANNUAL = "A"
AREA, FREQUENCY = "REF_AREA", "FREQ"
ReportKey = tuple[str, str, str, str]
"""Origin, destination, period and direction of a report."""


def pair_corridors(
    datasets: Mapping[str, Sequence[Dataset]], mirrored: Sequence[MirrorDataflow], rulebook: Rulebook
) -> tuple[Corridor, ...]:
    """Pair mirror flows in the latest of the most complete years; ignore conflicting reports."""
    reports: dict[ReportKey, ReportedFlow] = {}
    for area in sorted(datasets):
        for mirror in mirrored:
            reports |= collect_reported_flows(area, datasets[area], mirror, rulebook)
    by_pair: dict[tuple[str, str], dict[str, dict[str, ReportedFlow]]] = {}
    for (origin, destination, period, direction), report in reports.items():
        by_pair.setdefault((origin, destination), {}).setdefault(period, {})[direction] = report
    all_corridors = []
    for (origin, destination), periods in sorted(by_pair.items()):
        period = max(periods, key=lambda year: (len(periods[year]), year))
        sides = periods[period]
        all_corridors.append(
            Corridor(
                origin, destination, period=period, emigration=sides.get(EMIGRATION), immigration=sides.get(IMMIGRATION)
            )
        )
    return tuple(all_corridors)


def collect_reported_flows(
    area: str, datasets: Sequence[Dataset], mirrored: MirrorDataflow, rulebook: Rulebook
) -> dict[ReportKey, ReportedFlow]:
    partners = frozenset(rulebook.rules) - {area}
    definition = rulebook.definition(area, ((mirrored.flow,),))
    figures: dict[ReportKey, Decimal] = {}
    unclear: set[ReportKey] = set()
    for dataset in datasets:
        if dataset.flow.id == mirrored.flow:
            for partner, period, value in list_yearly_totals(dataset, area, mirrored, partners):
                route = (partner, area) if mirrored.direction == IMMIGRATION else (area, partner)
                key = (*route, period, mirrored.direction)
                if figures.setdefault(key, value) != value:
                    unclear.add(key)
    return {key: ReportedFlow(value, definition) for key, value in figures.items() if key not in unclear}


def list_yearly_totals(
    dataset: Dataset, area: str, mirrored: MirrorDataflow, partners: frozenset[str]
) -> Iterator[tuple[str, str, Decimal]]:
    """Yield annual figures of the whole population by partner: partner, year, persons."""
    dataset_amounts: Amounts = compute_amounts(dataset)
    time = find_time_dimension(dataset.flow)
    conditions = [
        pl.col(AREA) == area,
        pl.col(mirrored.partner).is_in(sorted(partners)),
        pl.col("amount").is_not_null(),
    ]
    for dimension in dataset.flow.structure.series_key:
        codelist = dataset.flow.codelist(dimension)
        if dimension == FREQUENCY:
            conditions.append(pl.col(dimension) == ANNUAL)
        elif dimension not in (AREA, mirrored.partner) and codelist is not None and TOTAL in codelist:
            conditions.append(pl.col(dimension) == TOTAL)
    rows = (
        dataset_amounts.frame.filter(*conditions).select(mirrored.partner, time, "amount").sort(mirrored.partner, time)
    )
    for partner, period, amount in rows.iter_rows():
        yield partner, period, dataset_amounts.exact(amount)


def choose_series(
    declared: Comparisons, countries: Sequence[Country], comparisons: Sequence[Comparison], rulebook: Rulebook
) -> SeriesSet | None:
    """Return the first series that two countries have under one rule."""
    comparison_by_series = {comparison.figure.series: comparison for comparison in comparisons}
    all_courses = [
        build_series(comparison_by_series[series], countries, rulebook, years=declared.drawn_years)
        for series in declared.drawn_series
        if series in comparison_by_series
    ]
    return next((several for several in all_courses if several.panels), None)


def build_series(comparison: Comparison, countries: Sequence[Country], rulebook: Rulebook, *, years: int) -> SeriesSet:
    all_figures = {
        country.area: [
            figure for figure in list_figures(comparison.figure, country.assessment) if figure.period.isdigit()
        ]
        for country in countries
    }
    latest_year = max((int(figure.period) for figures in all_figures.values() for figure in figures), default=0)
    courses_by_definition: dict[Definition, list[tuple[CountryFigure, ...]]] = {}
    for area, figures in all_figures.items():
        definition, course = (
            rulebook.definition(area, comparison.figure.flows),
            select_recent(figures, latest_year - years),
        )
        if course and definition.is_definite:
            courses_by_definition.setdefault(definition, []).append(course)
    panels = [SeriesPanel(definition, tuple(courses)) for definition, courses in courses_by_definition.items()]
    comparable = [panel for panel in panels if len(panel.courses) > 1]
    return SeriesSet(comparison, tuple(sorted(comparable, key=lambda panel: (-len(panel.courses), panel.areas))))


def select_recent(figures: Sequence[CountryFigure], after: int) -> tuple[CountryFigure, ...]:
    by_year: Mapping[str, CountryFigure] = {
        figure.period: figure for figure in figures if int(figure.period) > after and not figure.basis
    }
    return tuple(by_year[year] for year in sorted(by_year))


DEFINITIONS_SCALE = "ALIGN"
MIN_COUNTRIES = 3
FULL_RATING = 4


def count_produced(assessment: Assessment, part: str, tier: str) -> Tally:
    counts = count_by_status(assessment.of(part, tier))
    return Tally(assessment.area, counts.produced, asked=counts.total - counts.not_applicable, unknown=counts.unknown)


def build_definitions(assessment: Assessment) -> Tally:
    scale = assessment.scale(DEFINITIONS_SCALE)
    texts = [
        score for score in assessment.scores if score.item.scale == DEFINITIONS_SCALE and score.item.recommendation
    ]
    applicable = [score for score in texts if score.answer != NOT_APPLICABLE]
    levels = [scale.level(score.answer) for score in applicable]
    return Tally(assessment.area, levels.count(FULL_RATING), asked=len(applicable), unknown=levels.count(None))


MEASURE_FUNCTIONS: Mapping[str, Callable[[Assessment], Tally]] = {
    "core A": partial(count_produced, part="A", tier="core"),
    "core B": partial(count_produced, part="B", tier="core"),
    "additional A": partial(count_produced, part="A", tier="additional"),
    "definitions": build_definitions,
}


def list_distances(countries: Sequence[Country], groups: Sequence[PeerGroup]) -> tuple[Distance, ...]:
    reaches = {
        (name, country.area): measure(country.assessment)
        for name, measure in MEASURE_FUNCTIONS.items()
        for country in countries
    }
    all_distances = (
        compute_distance(name, group, [reaches[name, area] for area in group.areas])
        for group in groups
        for name in MEASURE_FUNCTIONS
    )
    return tuple(measured for measured in all_distances if measured.known > 1)


def compute_distance(measure: str, group: PeerGroup, reaches: Sequence[Tally]) -> Distance:
    numbers = [reach.reached for reach in reaches if reach.is_known]
    # The median of two is their mean, which hides both.
    middle = Decimal(str(median(numbers))) if len(numbers) >= MIN_COUNTRIES else None
    return Distance(measure=measure, group=group.id, reaches=tuple(reaches), known=len(numbers), median=middle)


def list_common_gaps(countries: Sequence[Country]) -> tuple[CommonGap, ...]:
    gaps = {country.area: {gap.id: gap for gap in country.assessment.gaps} for country in countries}
    silent = {country.area: collect_unanswered_subjects(country.assessment) for country in countries}
    codes = {
        result.indicator.id: result.indicator.code for country in countries for result in country.assessment.indicators
    }
    common = []
    for subject in sorted({subject for country_gaps in gaps.values() for subject in country_gaps}):
        having = {area: country_gaps[subject] for area, country_gaps in gaps.items() if subject in country_gaps}
        gap = next(iter(having.values()))
        asked_by = tuple(dict.fromkeys(name for country_gap in having.values() for name in country_gap.subjects))
        common.append(
            CommonGap(
                subject=subject,
                code=", ".join(codes.get(name, name) for name in asked_by),
                statement=gap.statement,
                action=gap.action,
                whole=tuple(area for area, gap in having.items() if not gap.is_partial),
                partial=tuple(area for area, gap in having.items() if gap.is_partial),
                unknown=tuple(area for area, subjects in silent.items() if subjects.issuperset(asked_by)),
            )
        )
    return tuple(sorted(common, key=lambda gap: (-len(gap.areas), -len(gap.whole), gap.subject)))


def collect_unanswered_subjects(assessment: Assessment) -> set[str]:
    items = {
        score.item.id
        for score in assessment.scores
        if score.is_contradicted or assessment.scale(score.item.scale).silence(score.answer) == UNKNOWN
    }
    return items | {
        result.indicator.id for result in assessment.indicators if not result.is_known or result.contradicted
    }


def list_shared_actions(countries: Sequence[Country]) -> tuple[SharedAction, ...]:
    actions_by_id: dict[str, dict[str, Action]] = {}
    needs: dict[str, set[str]] = {}
    for country in countries:
        actions = country.assessment.roadmap.actions
        before = index_predecessors({action.id: action.after for action in actions})
        for action in actions:
            actions_by_id.setdefault(action.id, {})[country.area] = action
            needs.setdefault(action.id, set()).update(before[action.id])
    common = {name: by_country for name, by_country in actions_by_id.items() if len(by_country) > 1}
    after = keep_direct_predecessors({name: tuple(sorted(needs[name] & common.keys())) for name in common})
    shared = [combine_action(name, by_country, after[name]) for name, by_country in common.items()]
    return sort_actions(
        sorted(shared, key=lambda shared_action: (-len(shared_action.areas), -shared_action.priority, shared_action.id))
    )


def combine_action(name: str, action_by_country: dict[str, Action], after: tuple[str, ...]) -> SharedAction:
    """Combine an action across countries; name and class are those of the first country."""
    first_action = next(iter(action_by_country.values()))
    actions = list(action_by_country.values())
    return SharedAction(
        id=name,
        name=first_action.name,
        phase=first_action.phase,
        cost=first_action.cost,
        areas=tuple(action_by_country),
        closes=merge_names(action.closes for action in actions),
        unlocks=merge_names(action.unlocks for action in actions),
        after=after,
        priority=sum((action.priority.value for action in actions), Decimal(0)),
    )


def merge_names(several: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for names in several for name in names}))


def sort_actions(actions: Sequence[SharedAction]) -> tuple[SharedAction, ...]:
    """Order actions after their prerequisites; circular dependencies start with their first action."""
    waiting = {shared_action.id: shared_action for shared_action in actions}
    ordered: list[SharedAction] = []
    while waiting:
        startable = (
            shared_action
            for shared_action in waiting.values()
            if not any(predecessor in waiting for predecessor in shared_action.after)
        )
        next_action = next(startable, next(iter(waiting.values())))
        ordered.append(waiting.pop(next_action.id))
    return tuple(ordered)


def compare_figure(
    figure: KeyFigure, countries: Sequence[Country], rulebook: Rulebook, series_names: Mapping[str, Text]
) -> Comparison:
    name, unit = name_and_unit(figure, countries, series_names)
    by_definition: dict[tuple[object, ...], tuple[Definition, list[Mapping[str, CountryFigure]]]] = {}
    missing = []
    for country in countries:
        by_year = index_figures_of_latest_basis(list_figures(figure, country.assessment))
        if not by_year:
            missing.append(country.area)
            continue
        definition = rulebook.definition(country.area, figure.flows)
        basis = by_year[max(by_year)].basis.values if definition.is_definite else ()
        key = (definition.is_definite, definition.key, basis)
        by_definition.setdefault(key, (definition, []))[1].append(by_year)
    groups = [
        Comparable(definition, figures)
        for definition, several in by_definition.values()
        for figures in (group_by_common_year(several) if definition.is_definite else [list_latest_figures(several)])
    ]
    groups.sort(key=lambda group: (not group.definition.is_definite, -len(group.figures), group.definition.key))
    return Comparison(figure, name, unit=unit, groups=tuple(groups), missing=tuple(missing))


def index_figures_of_latest_basis(figures: Sequence[CountryFigure]) -> Mapping[str, CountryFigure]:
    latest = max(figures, key=lambda country_figure: country_figure.period, default=None)
    return {figure.period: figure for figure in figures if latest and figure.basis == latest.basis}


def group_by_common_year(several: Sequence[Mapping[str, CountryFigure]]) -> Iterator[tuple[CountryFigure, ...]]:
    count_by_year = Counter(year for by_year in several for year in by_year)
    common_year = max(count_by_year, key=lambda year: (count_by_year[year], year))
    having = [by_year for by_year in several if common_year in by_year] if count_by_year[common_year] > 1 else []
    if having:
        yield tuple(by_year[common_year] for by_year in having)
    for by_year in several:
        if by_year not in having:
            yield list_latest_figures([by_year])


def list_latest_figures(several: Sequence[Mapping[str, CountryFigure]]) -> tuple[CountryFigure, ...]:
    return tuple(by_year[max(by_year)] for by_year in several)


def name_and_unit(
    figure: KeyFigure, countries: Sequence[Country], series_names: Mapping[str, Text]
) -> tuple[Text, str]:
    for country in countries:
        for series in country.assessment.series:
            if series.id == figure.series:
                return series.name, series.unit
        for result in country.assessment.indicators:
            for value in list_values(figure, result):
                return value.name, value.unit
    for result in (result for country in countries for result in country.assessment.indicators):
        if result.indicator.id == figure.indicator:
            populations = {variant.id: variant.name for variant in result.indicator.variants}
            name = populations.get(figure.population, result.indicator.name)
            return name, result.indicator.unit
    return series_names.get(figure.series, Text.of(en=figure.id)), ""


def list_figures(figure: KeyFigure, assessment: Assessment) -> list[CountryFigure]:
    figures = [
        CountryFigure(
            area=assessment.area,
            period=point.period,
            value=point.value,
            status=point.status,
            sources=point.sources,
        )
        for series in assessment.series
        if series.id == figure.series
        for point in series.points
        if point.value is not None
    ]
    for result in assessment.indicators:
        figures += [
            CountryFigure(
                area=assessment.area,
                period=indicator_value.period,
                value=indicator_value.value,
                status=indicator_value.status,
                basis=indicator_value.basis,
                caveats=indicator_value.caveats,
                sources=indicator_value.sources,
            )
            for indicator_value in list_values(figure, result)
        ]
    return figures


def list_values(figure: KeyFigure, result: IndicatorResult) -> list[IndicatorValue]:
    if result.indicator.id != figure.indicator:
        return []
    return [value for value in result.values if value.variant == figure.population]


RULE, BASIS = "RES_RULE", "DUR_BASIS"


@dataclass(frozen=True, slots=True)
class Rulebook:
    rules: Mapping[str, Mapping[str, FlowRule]]
    alone: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, countries: Sequence[Country], alone: Mapping[str, tuple[str, ...]]) -> Rulebook:
        rules = {
            country.area: {flow_rule.flow: flow_rule for flow_rule in country.assessment.flow_rules}
            for country in countries
        }
        return cls(rules, alone)

    def definition(self, area: str, flows: Sequence[Sequence[str]]) -> Definition:
        """Determine the definition of a figure; with two rules it is indefinite."""
        rules_of_country = self.rules.get(area, {})
        alternatives = [[rules_of_country[name] for name in names if name in rules_of_country] for names in flows]
        flow_rules = [flow_rule for several in alternatives for flow_rule in several]
        rules, bases = (
            merge_codes([flow_rule.rules for flow_rule in flow_rules]),
            merge_codes([flow_rule.bases for flow_rule in flow_rules]),
        )
        is_complete = all(alternatives) and all(flow_rule.rules and flow_rule.bases for flow_rule in flow_rules)
        return Definition(
            rules, bases, is_definite=is_complete and self._has_enough(RULE, rules) and self._has_enough(BASIS, bases)
        )

    def _has_enough(self, attribute: str, codes: Codes) -> bool:
        return len(codes) == 1 and codes[0][0] not in self.alone.get(attribute, ())


def merge_codes(several: Sequence[Codes]) -> Codes:
    return tuple(sorted({code: name for codes in several for code, name in codes}.items()))
