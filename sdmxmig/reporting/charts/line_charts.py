"""Line charts by year: one panel per definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from math import ceil

from sdmxmig.reporting.charts import RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import (
    PAGE_WIDTH,
    SMALL_TEXT_SIZE,
    Canvas,
    break_lines,
    estimate_text_width,
    shorten_text,
)

OTHER_COLOURS = ("#b34700", "#4c7a34", "#7a4fa3", "#8a5a00")
"""The figure of one year; provisional ones are rings, and breaks end the line."""
PANELS_PER_ROW = 4
ROW_WIDTH = 760.0
PANEL_GAP = 22
HIGH, HIGH_ALONE = 92, 150
HEAD_LINE = 16
NAME_STEP = 15
NAME_WIDTH = 150
RADIUS = 3.2


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    year: int
    value: float
    _: KW_ONLY
    is_final: bool = True
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class SeriesLine:
    name: str
    points: tuple[SeriesPoint, ...]


@dataclass(frozen=True, slots=True)
class SeriesPlot:
    courses: tuple[SeriesLine, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Area:
    x: float
    y: float
    _: KW_ONLY
    wide: float
    high: float
    years: tuple[int, int]
    span: tuple[float, float]

    def place(self, year: int, value: float) -> tuple[float, float]:
        (first, last), (least, most) = self.years, self.span
        along = (year - first) / (last - first) if last > first else 0.5
        up = (value - least) / (most - least) if most > least else 0.5
        return self.x + along * self.wide, self.y + self.high * (1 - up)


def draw(plots: Sequence[SeriesPlot], labels: ChartLabels) -> str:
    """Draw the panels over the same years; `labels.words` has ``provisional`` for rings."""
    across = ceil(len(plots) / ceil(len(plots) / PANELS_PER_ROW))
    canvas = Canvas(labels, ROW_WIDTH if across > 1 else PAGE_WIDTH)
    room = (canvas.width - PANEL_GAP * (across - 1)) / across
    years = [point.year for plot in plots for course in plot.courses for point in course.points]
    y = 4.0
    for first in range(0, len(plots), across):
        row = plots[first : first + across]
        heads = [
            break_lines(plot.courses[0].name, room, SMALL_TEXT_SIZE + 1, 2) if len(plot.courses) == 1 else []
            for plot in row
        ]
        top = y + HEAD_LINE * max(map(len, heads)) + 10
        high = HIGH if across > 1 else HIGH_ALONE
        for number, (plot, head) in enumerate(zip(row, heads, strict=True)):
            x = number * (room + PANEL_GAP)
            for line, words in enumerate(head):
                canvas.text((x, y + 12 + HEAD_LINE * line), words, size=SMALL_TEXT_SIZE + 1, bold=True)
            draw_panel(canvas, plot, (x, top), (room, high), years=(min(years), max(years)))
        y = top + high + 36
    if any(not point.is_final for plot in plots for course in plot.courses for point in course.points):
        draw_ring(canvas, (RADIUS + 2, y), canvas.theme.secondary)
        canvas.text(
            (RADIUS * 2 + 10, y + 4), labels.words["provisional"], size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary
        )
        y += 14
    return canvas.svg(y)


def draw_panel(
    canvas: Canvas, plot: SeriesPlot, place: tuple[float, float], size: tuple[float, float], *, years: tuple[int, int]
) -> None:
    axis_room = max((estimate_text_width(written, SMALL_TEXT_SIZE) for _, written in plot.ticks), default=0.0) + 8
    is_named = len(plot.courses) > 1
    names_room = (
        min(NAME_WIDTH, max(estimate_text_width(course.name, SMALL_TEXT_SIZE) for course in plot.courses) + 12)
        if is_named
        else 8
    )
    span = (plot.ticks[0][0], plot.ticks[-1][0])
    wide = size[0] - axis_room - names_room
    area = Area(place[0] + axis_room, place[1], wide=wide, high=size[1], years=years, span=span)
    draw_axes(canvas, plot, area)
    for number, course in enumerate(plot.courses):
        draw_curve(canvas, course, area, get_colour(canvas, number))
    if is_named:
        list_names(canvas, plot, area, names_room)


def draw_axes(canvas: Canvas, plot: SeriesPlot, area: Area) -> None:
    for value, written in plot.ticks:
        x, y = area.place(area.years[0], value)
        canvas.line((area.x, y), (area.x + area.wide, y), canvas.theme.secondary if value == 0 else RULE_COLOUR)
        canvas.text((area.x - 6, y + 4), written, anchor="end", size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
    for year, anchor in zip(area.years, ("start", "end"), strict=True):
        if year == area.years[0] or area.years[0] != area.years[1]:
            x = area.place(year, 0)[0]
            base = area.y + area.high + 20
            canvas.text((x, base), str(year), anchor=anchor, size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)


def draw_curve(canvas: Canvas, course: SeriesLine, area: Area, colour: str) -> None:
    """Draw a line, interrupted where years are missing or the series breaks."""
    for point, next_point in pairwise(course.points):
        if next_point.year == point.year + 1 and not next_point.is_break:
            begin, end = area.place(point.year, point.value), area.place(next_point.year, next_point.value)
            canvas.line(begin, end, colour, width=2)
    for point in course.points:
        x, y = area.place(point.year, point.value)
        if point.is_final:
            canvas.shape("circle", colour, cx=canvas.x(x), cy=y, r=RADIUS)
        else:
            draw_ring(canvas, (x, y), colour)


def get_colour(canvas: Canvas, number: int) -> str:
    colours = (canvas.theme.accent, *OTHER_COLOURS)
    return colours[number % len(colours)]


def draw_ring(canvas: Canvas, place: tuple[float, float], colour: str) -> None:
    canvas.shape("circle", "#ffffff", colour, cx=canvas.x(place[0]), cy=place[1], r=RADIUS + 0.6)


def list_names(canvas: Canvas, plot: SeriesPlot, area: Area, room: float) -> None:
    ends = [
        (area.place(course.points[-1].year, course.points[-1].value)[1], number)
        for number, course in enumerate(plot.courses)
    ]
    if len(ends) * NAME_STEP > area.high + NAME_STEP:
        return
    lowest = area.y + area.high - NAME_STEP * (len(ends) - 1)
    previous = area.y - NAME_STEP
    for rank, (y, number) in enumerate(sorted(ends)):
        previous = max(previous + NAME_STEP, min(y, lowest + NAME_STEP * rank))
        words = shorten_text(plot.courses[number].name, room - 8, SMALL_TEXT_SIZE)
        colour = get_colour(canvas, number)
        canvas.text((area.x + area.wide + 8, previous + 4), words, size=SMALL_TEXT_SIZE, colour=colour)
