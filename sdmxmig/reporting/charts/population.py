"""Bar chart of population over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.canvas import Canvas
from sdmxmig.reporting.charts.years import YearPlot

WIDE, HIGH = 540.0, 220.0


@dataclass(frozen=True, slots=True)
class PopulationYear:
    """The population of one period; None is a gap."""

    period: str
    value: Decimal | None
    _: KW_ONLY
    is_projected: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Population:
    """Years in order, and the marks of the axis as numbers with text, lowest first."""

    years: Sequence[PopulationYear]
    marks: Sequence[tuple[float, str]]


def draw(population: Population, labels: ChartLabels) -> str:
    """Draw the years as bars from zero; `labels.words` has ``axis`` and ``missing``."""
    years, theme = population.years, labels.theme
    written = [year.label or year.period for year in years]
    values = [float(year.value) for year in years if year.value is not None]
    plot = YearPlot(Canvas(labels), written, population.marks, values=[0.0, *values], wide=WIDE, high=HIGH)
    plot.axes()
    for number, year in enumerate(years):
        if year.value is None:
            plot.missing(number)
        else:
            plot.bar(number, float(year.value), theme.light if year.is_projected else theme.accent)
    return plot.svg()
