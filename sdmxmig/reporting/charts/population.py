"""Line chart of population over time, with the counts of censuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.canvas import Canvas
from sdmxmig.reporting.charts.years import LABEL_OFFSET, YearPlot

WIDE, HIGH = 540.0, 220.0
DOT_RADIUS = 5.0
BOTTOM_MARGIN = 16.0
"""The distance from a census to the baseline of a label below it."""


@dataclass(frozen=True, slots=True)
class PopulationYear:
    """The population of one period; None is a gap.

    `census` is a count apart from the yearly figures, `census_at` the part of a year from their day to its own.
    """

    period: str
    value: Decimal | None
    _: KW_ONLY
    census: Decimal | None = None
    census_at: float = 0
    census_label: str = ""
    label: str = ""


def draw(years: Sequence[PopulationYear], marks: Sequence[tuple[float, str]], labels: ChartLabels) -> str:
    """Draw the years as a line and censuses as dots; `labels.words` has ``axis`` and ``missing``."""
    canvas = Canvas(labels)
    written = [year.label or year.period for year in years]
    plot = YearPlot(canvas, written, marks, wide=WIDE, high=HIGH)
    plot.axes()
    plot.line([year.value for year in years], [False for _ in years])
    for number, year in enumerate(years):
        if year.census is not None:
            x, y = plot.x(min(number + year.census_at, len(years) - 0.5)), plot.y(float(year.census))
            canvas.shape("circle", labels.theme.accent, cx=canvas.x(x), cy=y, r=DOT_RADIUS)
            side, anchor = (-LABEL_OFFSET, "end") if number > len(years) / 2 else (LABEL_OFFSET, "start")
            is_below = year.value is not None and year.census < year.value
            beside_line = y + BOTTOM_MARGIN if is_below else y - DOT_RADIUS
            canvas.text((x + side, beside_line), year.census_label, anchor=anchor, colour=labels.theme.accent)
        elif year.value is None:
            plot.missing(number, marks[0][0])
    return plot.svg()
