"""Values that are computed by their producer and only repeated here, such as an index."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year


@CALCULATIONS.add("published")
def published(figures: Figures, *, value: TermSelection) -> CalculationResult:
    """The value as it is published, for indicators that are no ratio of two numbers."""
    return by_year((figures.yearly(value),), lambda number: number, "{}")
