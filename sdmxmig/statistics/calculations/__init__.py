"""Calculations of indicators, registered by name: counts, rates, ratios and shares.

Keyword-only parameters are terms: ``def share(figures, *, numerator, denominator)``. Parameters with defaults are
optional. Examples are in ``tests/statistics/calculations/<ID>.toml``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from sdmxmig.catalogue.indicators import TermSelection
from sdmxmig.primitives.plugins import Kind
from sdmxmig.statistics.calculations.figures import (
    NET_RATE_FORMULA,
    PER_100000,
    RATE_FORMULA,
    CalculationResult,
    Figures,
    average_population,
    combine_by_year,
    compute_crude_rate,
    compute_net_crude_rate,
    compute_per_100000,
    compute_share,
    find_net_migration,
)

Calculation = Callable[..., CalculationResult]

CALCULATIONS: Kind[Calculation] = Kind("sdmxmig.statistics.calculations")


@cache
def list_terms(calculation: Calculation) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in list_parameters(calculation))


@cache
def list_optional_terms(calculation: Calculation) -> tuple[str, ...]:
    return tuple(
        parameter.name for parameter in list_parameters(calculation) if parameter.default is not inspect.Parameter.empty
    )


def list_parameters(calculation: Calculation) -> list[inspect.Parameter]:
    parameters = inspect.signature(calculation).parameters.values()
    return [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]


@CALCULATIONS.add("count")
def count(figures: Figures, *, count: TermSelection) -> CalculationResult:
    """A count; codes joined by ``+`` are added."""
    return combine_by_year((figures.yearly(count),), lambda number: number, "{}")


@CALCULATIONS.add("published")
def published(figures: Figures, *, value: TermSelection) -> CalculationResult:
    return combine_by_year((figures.yearly(value),), lambda number: number, "{}")


@CALCULATIONS.add("rate")
def rate(figures: Figures, *, numerator: TermSelection, population: TermSelection) -> CalculationResult:
    """Events per 1,000 of the average of the populations at the start and end of the year."""
    terms = (figures.yearly(numerator), average_population(figures.on_1_january(population)))
    return combine_by_year(terms, compute_crude_rate, RATE_FORMULA)


@CALCULATIONS.add("ratio")
def ratio(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """The numerator divided by the denominator of the same period."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return combine_by_year(terms, lambda part, whole: part / whole, "{} / {}")


@CALCULATIONS.add("share")
def share(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """A part as a percentage of the whole in the same period. MI 1.1: 100 × foreign-born residents / all residents."""
    part, whole = figures.yearly(numerator), figures.yearly(denominator)
    wholes = {year: figure.value for year, figure in whole.figures.items() if figure.value}
    bounds = {year: limits.as_share_of(wholes[year]) for year, limits in part.bounds.items() if year in wholes}
    shares = combine_by_year((part, whole), compute_share, "100 × {} / {}")
    if numerator.flow == denominator.flow:
        with_whole = {year: replace(figure, whole=wholes[year]) for year, figure in shares.figures.items()}
        shares = replace(shares, figures=with_whole)
    return replace(shares, bounds=bounds)


@CALCULATIONS.add("share_of_start")
def share_of_start(figures: Figures, *, events: TermSelection, population: TermSelection) -> CalculationResult:
    """Events of the year as a percentage of the population on 1 January of that year."""
    terms = (figures.yearly(events), figures.on_1_january(population))
    return combine_by_year(terms, compute_share, "100 × {} / {}")


@CALCULATIONS.add("per_1000")
def per_1000(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """The numerator per 1,000 of the denominator in the same period, such as temporary stays per 1,000 residents."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return combine_by_year(terms, compute_crude_rate, RATE_FORMULA)


@CALCULATIONS.add("per_100000")
def per_100000(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """Cases per 100,000 of the population stated for the same year."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return combine_by_year(terms, compute_per_100000, PER_100000)


@CALCULATIONS.add("net_rate")
def net_rate(
    figures: Figures,
    *,
    inflow: TermSelection,
    outflow: TermSelection,
    population: TermSelection,
    published: TermSelection | None = None,
) -> CalculationResult:
    """Net migration per 1,000 of the average population.

    Published net migration takes precedence over inflow − outflow.
    """
    mean = average_population(figures.on_1_january(population))
    coming, going = figures.yearly(inflow), figures.yearly(outflow)
    balance = figures.yearly(published) if published else None
    if balance is None or not balance.figures:
        return combine_by_year((coming, going, mean), compute_net_crude_rate, NET_RATE_FORMULA)
    return combine_by_year((find_net_migration(balance, coming, going), mean), compute_crude_rate, RATE_FORMULA)
