"""Ratings in their order: a line from zero to a sign for each, with the answer in words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.charts import CHARTS, RULE, ChartLabels
from sdmxmig.charts.canvas import SMALL, Canvas, shortened
from sdmxmig.charts.svg import PAGE_WIDTH

NAMES = 270
PLOT = 136
ROW = 23
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
    bottom = ROW * len(ordered) + 8
    for quarter in range(FULL + 1):
        x = begin + PLOT * quarter / FULL
        canvas.line((x, 4), (x, bottom), RULE)
    for number, rating in enumerate(ordered):
        y = 16 + number * ROW
        end_x = begin + PLOT * rating.level / FULL
        canvas.text((0, y + 4.5), shortened(rating.name, NAMES, SMALL + 1), size=SMALL + 1)
        canvas.line((begin, y), (end_x, y), canvas.theme.accent, width=2)
        canvas.shape("circle", "#ffffff", cx=canvas.x(end_x), cy=y, r=8)
        sign(canvas, (end_x, y), rating.level)
        words = shortened(rating.written, PAGE_WIDTH - end_x - 14, SMALL)
        canvas.text((end_x + 13, y + 4.5), words, size=SMALL, colour=canvas.theme.secondary)
    return canvas.svg(bottom + 4)


def sign(canvas: Canvas, centre: tuple[float, float], level: int) -> None:
    """The sign of a level on the ground of that level."""
    ground, _ = canvas.theme.levels[f"l{min(level, 2)}"]
    canvas.shape("circle", ground, cx=canvas.x(centre[0]), cy=centre[1], r=7)
    canvas.rating(centre, f"l{level}", radius=7, colour=canvas.theme.accent)
