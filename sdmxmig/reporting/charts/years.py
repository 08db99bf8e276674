"""Bars and lines over years: axes, missing figures, and breaks in the series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import groupby

from sdmxmig.reporting.charts import RULE_COLOUR
from sdmxmig.reporting.charts.canvas import SMALL_TEXT_SIZE, TEXT_SIZE, Canvas, estimate_text_width

TOP_MARGIN = 34.0
BOTTOM_MARGIN = 30.0
BAR_SHARE = 0.8
MAX_LABELS = 10
"""Number of years with room along the axis; the last one is always labelled."""
LABEL_OFFSET = 10.0


@dataclass(frozen=True, slots=True)
class YearPlot:
    """The area of bars by year. `years` are their labels; the lowest and the highest mark end the axis."""

    canvas: Canvas
    years: Sequence[str]
    marks: Sequence[tuple[float, str]]
    _: KW_ONLY
    wide: float
    high: float

    @property
    def left(self) -> float:
        return max(estimate_text_width(written, TEXT_SIZE) for _, written in self.marks) + LABEL_OFFSET

    @property
    def step(self) -> float:
        return (self.wide - self.left) / len(self.years)

    def x(self, number: float) -> float:
        return self.left + (number + 0.5) * self.step

    def y(self, value: float) -> float:
        least, most = self.marks[0][0], self.marks[-1][0]
        return TOP_MARGIN + self.high * (most - value) / (most - least)

    def axes(self) -> None:
        grey = self.canvas.theme.secondary
        self.canvas.text((0, TEXT_SIZE), self.canvas.labels.words["axis"], size=SMALL_TEXT_SIZE, colour=grey)
        for value, written in self.marks:
            self.canvas.line((self.left, self.y(value)), (self.wide, self.y(value)), RULE_COLOUR)
            self.canvas.text((self.left - LABEL_OFFSET, self.y(value) + 5), written, anchor="end", colour=grey)
        for number in range(len(self.years) - 1, -1, -(1 + (len(self.years) - 1) // MAX_LABELS)):
            place = (self.x(number), TOP_MARGIN + self.high + BOTTOM_MARGIN - LABEL_OFFSET)
            self.canvas.text(place, self.years[number], anchor="middle", size=SMALL_TEXT_SIZE, colour=grey)

    def bar(self, number: int, value: float, colour: str) -> None:
        upper, lower = sorted((self.y(value), self.y(0)))
        place = (self.x(number) - self.step * BAR_SHARE / 2, upper)
        self.canvas.box(place, (self.step * BAR_SHARE, lower - upper), colour)

    def line(self, values: Sequence[Decimal | None], breaks: Sequence[bool]) -> None:
        """Draw a line with points on a white ground, interrupted by missing years and breaks."""
        theme, part, parts = self.canvas.theme, 0, []
        for number, (value, is_break) in enumerate(zip(values, breaks, strict=True)):
            part += is_break or value is None
            if value is not None:
                parts.append((part, self.x(number), self.y(float(value))))
        for _, members in groupby(parts, key=lambda member: member[0]):
            points = [(x, y) for _, x, y in members]
            self.canvas.draw_polyline(points, "#ffffff", 5)
            self.canvas.draw_polyline(points, theme.ink, 2.2)
        for _, x, y in parts:
            self.canvas.shape("circle", "#ffffff", theme.ink, edge_width=2, cx=self.canvas.x(x), cy=y, r=3.5)

    def missing(self, number: int, beside: float = 0, *, is_below: bool = False) -> None:
        """Write that a value is missing, above a value, or below it and within the area."""
        words, grey = self.canvas.labels.words["missing"], self.canvas.theme.secondary
        y = self.y(beside) - LABEL_OFFSET
        if is_below:
            y = min(self.y(beside) + LABEL_OFFSET + estimate_text_width(words, SMALL_TEXT_SIZE), TOP_MARGIN + self.high)
        self.canvas.draw_upright((self.x(number), y), words, grey)

    def break_before(self, number: int, *, is_named: bool) -> None:
        x, grey = self.left + number * self.step, self.canvas.theme.secondary
        self.canvas.line((x, TOP_MARGIN), (x, TOP_MARGIN + self.high), grey, dashed=True)
        if is_named:
            self.canvas.text((x, TOP_MARGIN - 6), self.canvas.labels.words["break"], size=SMALL_TEXT_SIZE, colour=grey)

    def svg(self) -> str:
        return self.canvas.svg(TOP_MARGIN + self.high + BOTTOM_MARGIN)
