"""Ratings in their order: a line from zero to a sign for each, with the answer in words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import CHARTS, RULE, ChartLabels
from sdmxmig.reporting.charts.canvas import SMALL, Canvas, lines
from sdmxmig.reporting.charts.svg import PAGE_WIDTH

NAMES = 270
PLOT = 136
ROW = 23
LINE = 15
MOST_LINES = 6
"""More lines than a name or an answer takes: none is cut."""
FULL = 4


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating: what is rated, its level from 0 to 4, and the answer in words."""

    name: str
    level: int
    _: KW_ONLY
    written: str


@CHARTS.add("lollipop")
def draw(rated: Sequence[Rated], labels: ChartLabels) -> str:
    """Draw the ratings, the best first; those that are alike keep their order."""
    canvas = Canvas(labels)
    begin = NAMES + 8
    ordered = sorted(rated, key=lambda rated: -rated.level)
    names = [lines(rating.name, NAMES, SMALL + 1, MOST_LINES) for rating in ordered]
    answers = [
        lines(rating.written, PAGE_WIDTH - begin - PLOT * rating.level / FULL - 14, SMALL, MOST_LINES)
        for rating in ordered
    ]
    heights = [ROW + LINE * (max(len(name), len(answer)) - 1) for name, answer in zip(names, answers, strict=True)]
    bottom = sum(heights) + 8
    for quarter in range(FULL + 1):
        x = begin + PLOT * quarter / FULL
        canvas.line((x, 4), (x, bottom), RULE)
    y = 16.0
    for rating, name, answer, height in zip(ordered, names, answers, heights, strict=True):
        end_x = begin + PLOT * rating.level / FULL
        for number, words in enumerate(name):
            canvas.text((0, y + 4.5 + number * LINE), words, size=SMALL + 1)
        canvas.line((begin, y), (end_x, y), canvas.theme.accent, width=2)
        canvas.shape("circle", "#ffffff", cx=canvas.x(end_x), cy=y, r=8)
        sign(canvas, (end_x, y), rating.level)
        for number, words in enumerate(answer):
            place = (end_x + 13, y + 4.5 + number * LINE)
            canvas.text(place, words, size=SMALL, colour=canvas.theme.secondary)
        y += height
    return canvas.svg(bottom + 4)


def sign(canvas: Canvas, centre: tuple[float, float], level: int) -> None:
    """The sign of a level on the ground of that level."""
    ground, _ = canvas.theme.levels[f"l{min(level, 2)}"]
    canvas.shape("circle", ground, cx=canvas.x(centre[0]), cy=centre[1], r=7)
    canvas.rating(centre, f"l{level}", radius=7, colour=canvas.theme.accent)
