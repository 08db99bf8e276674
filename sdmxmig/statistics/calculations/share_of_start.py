"""Shares of the population at the start."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import CalculationResult, by_year
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("share_of_start")
def share_of_start(figures: Figures, *, events: TermSelection, population: TermSelection) -> CalculationResult:
    """Events of the year in per cent of the population on 1 January of that year."""
    terms = (figures.yearly(events), figures.on_1_january(population))
    return by_year(terms, rates.share, "100 × {} / {}")
