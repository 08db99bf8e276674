"""Ratios of two amounts."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year


@CALCULATIONS.add("ratio")
def ratio(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """The one in units of the other, both of the same period: how much, or how many times as much."""
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return by_year(terms, lambda part, whole: part / whole, "{} / {}")
