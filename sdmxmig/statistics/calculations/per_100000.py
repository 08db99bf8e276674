"""Rates per 100,000."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import PER_100000, CalculationResult, by_year
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("per_100000")
def per_100000(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """Cases of the year per 100,000 of the population that is given for the same year."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return by_year(terms, rates.per_100000, PER_100000)
