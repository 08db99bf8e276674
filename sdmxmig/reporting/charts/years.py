"""Bars over years: axes, missing figures, and breaks in the series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import RULE
from sdmxmig.reporting.charts.canvas import SMALL, TEXT, Canvas, breadth

TOP = 34.0
"""The room above the bars for the name of the axis and the words of breaks."""
BELOW = 30.0
"""The room below the bars for the years."""
BAR = 0.8
"""The width of a bar as a share of its year’s."""
MAX_LABELS = 7
"""So many years have room along the axis; the last one is always labelled."""
ASIDE = 10.0
"""The room between an axis or a line and its words."""


@dataclass(frozen=True, slots=True)
class YearPlot:
    """The area of bars by year. `years` are their labels, `values` the figures of the chart."""

    canvas: Canvas
    years: Sequence[str]
    marks: Sequence[tuple[float, str]]
    _: KW_ONLY
    values: Sequence[float]
    wide: float
    high: float

    @property
    def left(self) -> float:
        return max(breadth(written, TEXT) for _, written in self.marks) + ASIDE

    @property
    def step(self) -> float:
        return (self.wide - self.left) / len(self.years)

    def x(self, number: int) -> float:
        """Return the middle of a year."""
        return self.left + (number + 0.5) * self.step

    def y(self, value: float) -> float:
        least, most = min(0.0, *self.values), max(0.0, *self.values)
        return TOP + self.high * (most - value) / ((most - least) or 1.0)

    def axes(self) -> None:
        grey = self.canvas.theme.secondary
        self.canvas.text((0, TEXT), self.canvas.labels.words["axis"], size=SMALL, colour=grey)
        for value, written in self.marks:
            self.canvas.line((self.left, self.y(value)), (self.wide, self.y(value)), RULE)
            self.canvas.text((self.left - ASIDE, self.y(value) + 5), written, anchor="end", colour=grey)
        for number in range(len(self.years) - 1, -1, -(1 + (len(self.years) - 1) // MAX_LABELS)):
            place = (self.x(number), TOP + self.high + BELOW - ASIDE)
            self.canvas.text(place, self.years[number], anchor="middle", colour=grey)

    def bar(self, number: int, value: float, colour: str) -> None:
        upper, lower = sorted((self.y(value), self.y(0)))
        place = (self.x(number) - self.step * BAR / 2, upper)
        self.canvas.box(place, (self.step * BAR, lower - upper), colour)

    def missing(self, number: int, beside: float = 0, *, is_below: bool = False) -> None:
        """Write that a value is missing, above or below a value."""
        place = (self.x(number), self.y(beside) + (ASIDE if is_below else -ASIDE))
        anchor = "end" if is_below else "start"
        words = self.canvas.labels.words["missing"]
        self.canvas.upright(place, words, anchor=anchor, colour=self.canvas.theme.secondary)

    def break_before(self, number: int, *, is_named: bool) -> None:
        """Draw a dashed line before a year, with a word where there is room."""
        x, grey = self.left + number * self.step, self.canvas.theme.secondary
        self.canvas.line((x, TOP), (x, TOP + self.high), grey, dashed=True)
        if is_named:
            self.canvas.text((x, TOP - 6), self.canvas.labels.words["break"], size=SMALL, colour=grey)

    def svg(self) -> str:
        return self.canvas.svg(TOP + self.high + BELOW)
