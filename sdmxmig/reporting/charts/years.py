"""Charts by year: flows as bars and lines, and population with its censuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import groupby

from sdmxmig.reporting.charts import RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import SMALL_TEXT_SIZE, TEXT_SIZE, Canvas, estimate_text_width

TOP_MARGIN = 34.0
BOTTOM_MARGIN = 30.0
BAR_SHARE = 0.8
MAX_LABELS = 10
"""Number of years with room along the axis; the last one is always labelled."""
LABEL_OFFSET = 10.0


@dataclass(frozen=True, slots=True)
class YearPlot:
    """The plot area of bars by year. `years` are labels; the lowest and highest ticks end the axis."""

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
        """Draw a line with points on a white background, interrupted by missing years and breaks."""
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
        """Write that a value is missing, above a value, or below it but within the area."""
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
        drawn = self.canvas.svg(TOP_MARGIN + self.high + BOTTOM_MARGIN)
        return drawn.replace("<svg", '<svg class="years"', 1)  # narrow screens show its newest years first


FLOWS_WIDTH, FLOWS_HEIGHT = 760.0, 220.0
"""The flows have the whole width of page one, with letters as large as in other figures."""
BREAK_WORD = 48
"""The width of the word beside a break, with some room."""


@dataclass(frozen=True, slots=True)
class FlowYear:
    """The flows of a period; None is missing. `is_break`: earlier values are not comparable."""

    period: str
    immigration: Decimal | None
    _: KW_ONLY
    emigration: Decimal | None
    net: Decimal | None
    is_break: bool = False
    label: str = ""


def draw_flow_years(years: Sequence[FlowYear], marks: Sequence[tuple[float, str]], labels: ChartLabels) -> str:
    """Draw flows; `labels.words` has ``axis``, ``immigration``, ``emigration``, ``net``, ``missing``, ``break``."""
    canvas, theme = Canvas(labels, FLOWS_WIDTH), labels.theme
    written = [year.label or year.period for year in years]
    wide = (
        FLOWS_WIDTH
        - LABEL_OFFSET
        - max(estimate_text_width(labels.words[name]) for name in ("immigration", "emigration", "net"))
    )
    plot = YearPlot(canvas, written, marks, wide=wide, high=FLOWS_HEIGHT)
    plot.axes()
    has_emigration = any(year.emigration for year in years)
    for number, year in enumerate(years):
        if year.immigration is not None:
            plot.bar(number, float(year.immigration), theme.accent)
        elif year.emigration is not None or year.net is None:
            plot.missing(number)
        if year.emigration is not None:
            plot.bar(number, -float(year.emigration), theme.light)
        elif has_emigration and year.immigration is not None:
            plot.missing(number, is_below=True)
    canvas.line((plot.left, plot.y(0)), (wide, plot.y(0)), theme.ink)
    named = find_labelled_breaks([year.is_break for year in years], BREAK_WORD / plot.step)
    for number, year in enumerate(years):
        if year.is_break:
            plot.break_before(number, is_named=named[number])
    plot.line([year.net for year in years], [year.is_break for year in years])
    for y, word, colour in place_end_labels(plot, years):
        canvas.text((wide + LABEL_OFFSET, y), word, colour=colour, bold=True)
    return plot.svg()


def find_labelled_breaks(breaks: Sequence[bool], covered: float) -> list[bool]:
    named: list[bool] = []
    for is_break in breaks:
        named.append(is_break and not any(named[-int(covered) - 1 :]))
    return named


LABEL_ROOM = 1.6 * TEXT_SIZE
"""The least distance between labels at the right edge."""


def place_end_labels(plot: YearPlot, years: Sequence[FlowYear]) -> list[tuple[float, str, str]]:
    """Label the line at its end, and the bars beside the last year that has both."""
    words, theme = plot.canvas.labels.words, plot.canvas.theme
    last = next(
        (year for year in reversed(years) if year.immigration is not None and year.emigration is not None), None
    )
    if last is None or last.immigration is None or last.emigration is None:
        return []
    newest = next((year.net for year in reversed(years) if year.net is not None), last.immigration - last.emigration)
    net = plot.y(float(newest)) + 5
    bars = [
        (plot.y(float(last.immigration) / 2) + 5, words["immigration"], theme.accent),
        (plot.y(-float(last.emigration) / 2) + 5, words["emigration"], theme.light_text),
    ]
    above, below = [bar for bar in bars if bar[0] <= net], [bar for bar in bars if bar[0] > net]
    placed = [(net, words["net"], theme.ink)]
    for y, word, colour in reversed(above):
        placed.insert(0, (min(y, placed[0][0] - LABEL_ROOM), word, colour))
    for y, word, colour in below:
        placed.append((max(y, placed[-1][0] + LABEL_ROOM), word, colour))
    return placed


POPULATION_WIDTH, POPULATION_HEIGHT = 540.0, 220.0
DOT_RADIUS = 5.0
LABEL_DISTANCE = 16.0
"""The distance from a census to the baseline of a label below it."""


@dataclass(frozen=True, slots=True)
class PopulationYear:
    """The population of one period; None is a gap.

    `census` is a count besides the annual figures, and `census_at` its distance from their day in years.
    """

    period: str
    value: Decimal | None
    _: KW_ONLY
    census: Decimal | None = None
    census_at: float = 0
    census_label: str = ""
    label: str = ""


def draw_population_years(
    years: Sequence[PopulationYear], marks: Sequence[tuple[float, str]], labels: ChartLabels
) -> str:
    """Draw the years as a line and censuses as dots; `labels.words` has ``axis`` and ``missing``."""
    canvas = Canvas(labels)
    written = [year.label or year.period for year in years]
    plot = YearPlot(canvas, written, marks, wide=POPULATION_WIDTH, high=POPULATION_HEIGHT)
    plot.axes()
    plot.line([year.value for year in years], [False for _ in years])
    for number, year in enumerate(years):
        if year.census is not None:
            x, y = plot.x(min(number + year.census_at, len(years) - 0.5)), plot.y(float(year.census))
            canvas.shape("circle", labels.theme.accent, cx=canvas.x(x), cy=y, r=DOT_RADIUS)
            side, anchor = (-LABEL_OFFSET, "end") if number > len(years) / 2 else (LABEL_OFFSET, "start")
            is_below = year.value is not None and year.census < year.value
            beside_line = y + LABEL_DISTANCE if is_below else y - DOT_RADIUS
            canvas.text((x + side, beside_line), year.census_label, anchor=anchor, colour=labels.theme.accent)
        elif year.value is None:
            plot.missing(number, marks[0][0])
    return plot.svg()
