"""Net rates per 1,000."""

from __future__ import annotations

from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.statistics.calculations import CALCULATIONS
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.terms import (
    NET_RATE,
    RATE,
    CalculationResult,
    average,
    by_year,
    net_crude_rate,
    net_migration,
)
from sdmxmig.statistics.demography import rates


@CALCULATIONS.add("net_rate")
def net_rate(
    figures: Figures,
    *,
    inflow: TermSelection,
    outflow: TermSelection,
    population: TermSelection,
    published: TermSelection | None = None,
) -> CalculationResult:
    """Net migration per 1,000 of the average population.

    Published net migration takes precedence over inflow − outflow.
    """
    mean = average(figures.on_1_january(population))
    coming, going = figures.yearly(inflow), figures.yearly(outflow)
    balance = figures.yearly(published) if published else None
    if balance is None or not balance.figures:
        return by_year((coming, going, mean), net_crude_rate, NET_RATE)
    return by_year((net_migration(balance, coming, going), mean), rates.crude_rate, RATE)
