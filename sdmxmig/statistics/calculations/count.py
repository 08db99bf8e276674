"""Counts as published."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year


@CALCULATIONS.add("count")
def count(figures: Figures, *, count: TermSelection) -> CalculationResult:
    """The number itself; codes with ``+`` between them are added up."""
    return by_year((figures.yearly(count),), lambda number: number, "{}")
