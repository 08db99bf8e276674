"""Published values of other producers."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year


@CALCULATIONS.add("published")
def published(figures: Figures, *, value: TermSelection) -> CalculationResult:
    """The published value, for indicators that are not ratios."""
    return by_year((figures.yearly(value),), lambda number: number, "{}")
