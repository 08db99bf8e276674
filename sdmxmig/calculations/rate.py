"""Rates: events of a calendar year per 1,000 of the average population."""

from __future__ import annotations

from sdmxmig.calculations import CALCULATIONS
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.terms import RATE, CalculationResult, average, by_year
from sdmxmig.demography import rates
from sdmxmig.sdmx.model.indicators import TermSelection


@CALCULATIONS.add("rate")
def rate(figures: Figures, *, numerator: TermSelection, population: TermSelection) -> CalculationResult:
    """Events of the year per 1,000 of the average of the populations at its start and at its end."""
    terms = (figures.yearly(numerator), average(figures.on_1_january(population)))
    return by_year(terms, rates.crude_rate, RATE)
