"""Key figures by definition.

Definitions of figures and their comparability.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.definitions import Codes, FlowRule
from sdmxmig.sdmx.model.indicator_results import IndicatorResult, IndicatorValue
from sdmxmig.sdmx.model.region import Comparable, Comparison, Country, CountryFigure, Definition, KeyFigure


def comparison(
    figure: KeyFigure, countries: Sequence[Country], rulebook: Rulebook, series_names: Mapping[str, Text]
) -> Comparison:
    """Compare a key figure; same definition, basis and year."""
    name, code, unit = named(figure, countries, series_names)
    by_definition: dict[tuple[object, ...], tuple[Definition, list[Mapping[str, CountryFigure]]]] = {}
    missing = []
    for country in countries:
        by_year = latest_of_one_basis(figures_of(figure, country.assessment))
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
        for figures in (of_one_year(several) if definition.is_definite else [latest_of_each(several)])
    ]
    groups.sort(key=lambda group: (not group.definition.is_definite, -len(group.figures), group.definition.key))
    return Comparison(figure, name, code=code, unit=unit, groups=tuple(groups), missing=tuple(missing))


def latest_of_one_basis(figures: Sequence[CountryFigure]) -> Mapping[str, CountryFigure]:
    latest = max(figures, key=lambda country_figure: country_figure.period, default=None)
    return {figure.period: figure for figure in figures if latest and figure.basis == latest.basis}


def of_one_year(several: Sequence[Mapping[str, CountryFigure]]) -> Iterator[tuple[CountryFigure, ...]]:
    count_by_year = Counter(year for by_year in several for year in by_year)
    common_year = max(count_by_year, key=lambda year: (count_by_year[year], year))
    having = [by_year for by_year in several if common_year in by_year] if count_by_year[common_year] > 1 else []
    if having:
        yield tuple(by_year[common_year] for by_year in having)
    for by_year in several:
        if by_year not in having:
            yield latest_of_each([by_year])


def latest_of_each(several: Sequence[Mapping[str, CountryFigure]]) -> tuple[CountryFigure, ...]:
    return tuple(by_year[max(by_year)] for by_year in several)


def named(figure: KeyFigure, countries: Sequence[Country], series_names: Mapping[str, Text]) -> tuple[Text, str, str]:
    for country in countries:
        for series in country.assessment.series:
            if series.id == figure.series:
                return series.name, "", series.unit
        for result in country.assessment.indicators:
            for value in values(figure, result):
                return value.name, result.indicator.code, value.unit
    for result in (result for country in countries for result in country.assessment.indicators):
        if result.indicator.id == figure.indicator:
            populations = {variant.id: variant.name for variant in result.indicator.variants}
            name = populations.get(figure.population, result.indicator.name)
            return name, result.indicator.code, result.indicator.unit
    return series_names.get(figure.series, Text.of(en=figure.id)), "", ""


def figures_of(figure: KeyFigure, assessment: Assessment) -> list[CountryFigure]:
    figures = [
        CountryFigure(assessment.area, point.period, value=point.value, status=point.status)
        for series in assessment.series
        if series.id == figure.series
        for point in series.points
        if point.value is not None
    ]
    for result in assessment.indicators:
        figures += [
            CountryFigure(
                assessment.area,
                indicator_value.period,
                value=indicator_value.value,
                status=indicator_value.status,
                basis=indicator_value.basis,
                caveats=indicator_value.caveats,
            )
            for indicator_value in values(figure, result)
        ]
    return figures


def values(figure: KeyFigure, result: IndicatorResult) -> list[IndicatorValue]:
    if result.indicator.id != figure.indicator:
        return []
    return [value for value in result.values if value.variant == figure.population]


RULE, BASIS = "RES_RULE", "DUR_BASIS"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by country and dataflow."""

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
        """Determine the definition of a figure.

        Two rules make it indefinite.
        """
        rules_of_country = self.rules.get(area, {})
        alternatives = [[rules_of_country[name] for name in names if name in rules_of_country] for names in flows]
        flow_rules = [flow_rule for several in alternatives for flow_rule in several]
        rules, bases = (
            merged([flow_rule.rules for flow_rule in flow_rules]),
            merged([flow_rule.bases for flow_rule in flow_rules]),
        )
        is_complete = all(alternatives) and all(flow_rule.rules and flow_rule.bases for flow_rule in flow_rules)
        return Definition(
            rules, bases, is_definite=is_complete and self._enough(RULE, rules) and self._enough(BASIS, bases)
        )

    def _enough(self, attribute: str, codes: Codes) -> bool:
        return len(codes) == 1 and codes[0][0] not in self.alone.get(attribute, ())


def merged(several: Sequence[Codes]) -> Codes:
    return tuple(sorted({code: name for codes in several for code, name in codes}.items()))
