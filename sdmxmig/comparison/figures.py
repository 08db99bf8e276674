"""Key figures of several countries, apart by the definition under which they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.comparison.definitions import Rulebook
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment
from sdmxmig.model.comparisons import KeyFigure
from sdmxmig.model.indicator_results import IndicatorResult, IndicatorValue
from sdmxmig.model.region import Comparable, Comparison, Country, CountryFigure, Definition


def comparison(
    figure: KeyFigure, countries: Sequence[Country], rulebook: Rulebook, series_names: Mapping[str, Text]
) -> Comparison:
    """One key figure of all countries; groups under a definite definition first, the larger before the smaller."""
    name, code, unit = named(figure, countries, series_names)
    by_definition: dict[tuple[object, ...], tuple[Definition, list[CountryFigure]]] = {}
    missing = []
    for country in countries:
        latest_figure = latest(figure, country.assessment)
        if latest_figure is None:
            missing.append(country.area)
            continue
        definition = rulebook.definition(country.area, figure.flows)
        by_definition.setdefault((definition.is_definite, definition.key), (definition, []))[1].append(latest_figure)
    ordered_groups = sorted(
        by_definition.values(), key=lambda group: (not group[0].is_definite, -len(group[1]), group[0].key)
    )
    groups = tuple(Comparable(definition, tuple(figures)) for definition, figures in ordered_groups)
    return Comparison(figure, name, code=code, unit=unit, groups=groups, missing=tuple(missing))


def named(figure: KeyFigure, countries: Sequence[Country], series_names: Mapping[str, Text]) -> tuple[Text, str, str]:
    """What a figure is called, the code of its indicator, and its unit, as the first assessment that has it says.

    One of which no country has a value is called as its series or its indicator is, with its population.
    """
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


def latest(figure: KeyFigure, assessment: Assessment) -> CountryFigure | None:
    """The figure of the latest period that has a value; None if there is none."""
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
            )
            for indicator_value in values(figure, result)
        ]
    return max(figures, key=lambda country_figure: country_figure.period, default=None)


def values(figure: KeyFigure, result: IndicatorResult) -> list[IndicatorValue]:
    """The values of an indicator of the population that a figure names; none if it names another indicator."""
    if result.indicator.id != figure.indicator:
        return []
    return [value for value in result.values if value.variant == figure.population]
