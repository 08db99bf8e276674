"""Values that are computed by their producer and only repeated here, such as an index."""

from __future__ import annotations

from sdmxmig.calculations import CALCULATIONS
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.terms import CalculationResult, by_year
from sdmxmig.sdmx.model.indicators import TermSelection


@CALCULATIONS.add("published")
def published(figures: Figures, *, value: TermSelection) -> CalculationResult:
    """The value as it is published, for indicators that are no ratio of two numbers."""
    return by_year((figures.yearly(value),), lambda number: number, "{}")
