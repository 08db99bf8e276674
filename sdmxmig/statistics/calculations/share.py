"""Shares in per cent."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("share")
def share(figures: Figures, *, numerator: TermSelection, denominator: TermSelection) -> CalculationResult:
    """The part in per cent of the whole, same period.

    MI 1.1: 100 × foreign-born residents / all residents.
    """
    terms = (figures.yearly(numerator), figures.yearly(denominator))
    return by_year(terms, rates.share, "100 × {} / {}")
