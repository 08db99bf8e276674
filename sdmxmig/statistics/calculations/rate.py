"""Rates per 1,000 of the average population."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import RATE, CalculationResult, average, by_year
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("rate")
def rate(figures: Figures, *, numerator: TermSelection, population: TermSelection) -> CalculationResult:
    """Events of the year per 1,000 of the average of the populations at its start and at its end."""
    terms = (figures.yearly(numerator), average(figures.on_1_january(population)))
    return by_year(terms, rates.crude_rate, RATE)
