"""Net rates: what comes in less what goes out, per 1,000 of the average population."""

from __future__ import annotations

from sdmxmig.calculations import CALCULATIONS
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.terms import NET_RATE, CalculationResult, average, by_year, net_crude_rate
from sdmxmig.model.indicators import TermSelection


@CALCULATIONS.add("net_rate")
def net_rate(
    figures: Figures, *, inflow: TermSelection, outflow: TermSelection, population: TermSelection
) -> CalculationResult:
    """Inflow less outflow of the year, per 1,000 of the average of the populations at its start and at its end."""
    terms = (figures.yearly(inflow), figures.yearly(outflow), average(figures.on_1_january(population)))
    return by_year(terms, net_crude_rate, NET_RATE)
