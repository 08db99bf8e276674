"""Charts of the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.sdmx.model.comparisons import ChartChoice
from sdmxmig.sdmx.model.region import (
    Comparison,
    Country,
    CountryFigure,
    CoursePanel,
    Courses,
    Definition,
    OneSourceComparison,
)
from sdmxmig.statistics.comparison.definitions import Rulebook
from sdmxmig.statistics.comparison.figures import figures_of

Drawn = tuple[Courses | None, OneSourceComparison | None]


def drawn(
    choice: ChartChoice,
    countries: Sequence[Country],
    comparisons: Sequence[Comparison],
    one_source: Sequence[OneSourceComparison],
    *,
    rulebook: Rulebook,
) -> Drawn:
    comparison_by_series = {comparison.figure.series: comparison for comparison in comparisons}
    all_courses = [
        courses(comparison_by_series[series], countries, rulebook, years=choice.years)
        for series in choice.series
        if series in comparison_by_series
    ]
    comparable = next((several for several in all_courses if several.is_comparable), None)
    if comparable is not None:
        return comparable, None
    figure_by_id = {figure.id: figure for figure in one_source}
    of_one_source = [figure_by_id[name] for name in choice.one_source if name in figure_by_id]
    if of_one_source:
        # What the data remark on some countries and not on others, such as refugees counted in, comes last.
        return None, min(of_one_source, key=lambda figure: len({value.comment for value in figure.values}))
    return next((several for several in all_courses if several.panels), None), None


def courses(comparison: Comparison, countries: Sequence[Country], rulebook: Rulebook, *, years: int) -> Courses:
    all_figures = {
        country.area: [
            figure for figure in figures_of(comparison.figure, country.assessment) if figure.period.isdigit()
        ]
        for country in countries
    }
    latest_year = max((int(figure.period) for figures in all_figures.values() for figure in figures), default=0)
    panels: dict[tuple[object, ...], tuple[Definition, list[tuple[CountryFigure, ...]]]] = {}
    for area, figures in all_figures.items():
        course = recent(figures, latest_year - years)
        if course:
            definition = rulebook.definition(area, comparison.figure.flows)
            key = definition.key if definition.is_definite else (area,)
            panels.setdefault(key, (definition, []))[1].append(course)
    ordered = sorted(panels.values(), key=lambda panel: (-len(panel[1]), panel[1][0][0].area))
    return Courses(comparison, tuple(CoursePanel(definition, tuple(several)) for definition, several in ordered))


def recent(figures: Sequence[CountryFigure], after: int) -> tuple[CountryFigure, ...]:
    by_year: Mapping[str, CountryFigure] = {
        figure.period: figure for figure in figures if int(figure.period) > after and not figure.basis
    }
    return tuple(by_year[year] for year in sorted(by_year))
