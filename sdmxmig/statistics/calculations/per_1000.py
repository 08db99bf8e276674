"""Rates per 1,000 at a date."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import RATE, CalculationResult, by_year
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("per_1000")
def per_1000(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """The one per 1,000 of the other, both of the same period, such as persons who stay for a time per residents."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return by_year(terms, rates.crude_rate, RATE)
