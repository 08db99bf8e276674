"""Charts of estimates with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, SMALL_TEXT_SIZE, Canvas, break_lines

RADIUS = 5.5
ESTIMATE_NAME_WIDTH = 210
ESTIMATE_BEGIN, ESTIMATE_END = ESTIMATE_NAME_WIDTH + 16, PAGE_WIDTH - 190
ESTIMATE_HEIGHT, LINE = 34, 15
CAP = 5.0
REFERENCE_LEVEL = 1.0
MARGIN = 0.08
"""Room beside the outermost interval, as a share of the span."""


@dataclass(frozen=True, slots=True)
class Estimated:
    name: str
    value: float
    _: KW_ONLY
    low: float | None
    high: float | None
    written: str


def draw_estimates(estimates: Sequence[Estimated], labels: ChartLabels) -> str:
    """Draw the estimates in order; `labels.words` has the name of the level."""
    canvas = Canvas(labels)
    ends = [end for each in estimates for end in (each.value, each.low, each.high) if end is not None]
    least, most = min([*ends, REFERENCE_LEVEL]), max([*ends, REFERENCE_LEVEL])
    room = (most - least or REFERENCE_LEVEL) * MARGIN
    begin, span = least - room, most - least + 2 * room

    def at(value: float) -> float:
        return ESTIMATE_BEGIN + (ESTIMATE_END - ESTIMATE_BEGIN) * (value - begin) / span

    bottom = 26.0 + ESTIMATE_HEIGHT * len(estimates)
    canvas.text(
        (at(REFERENCE_LEVEL), 13),
        labels.words["level"],
        anchor="middle",
        size=SMALL_TEXT_SIZE,
        colour=canvas.theme.secondary,
    )
    canvas.line((at(REFERENCE_LEVEL), 20), (at(REFERENCE_LEVEL), bottom), canvas.theme.ink)
    y = 26.0 + ESTIMATE_HEIGHT / 2
    for each in estimates:
        names = break_lines(each.name, ESTIMATE_NAME_WIDTH, SMALL_TEXT_SIZE + 1, 2)
        for number, words in enumerate(names):
            canvas.text((0, y + 4.5 + (number - (len(names) - 1) / 2) * LINE), words, size=SMALL_TEXT_SIZE + 1)
        canvas.line((ESTIMATE_BEGIN, y), (ESTIMATE_END, y), RULE_COLOUR)
        if each.low is not None and each.high is not None:
            canvas.line((at(each.low), y), (at(each.high), y), canvas.theme.accent, width=2)
            for end in (each.low, each.high):
                canvas.line((at(end), y - CAP), (at(end), y + CAP), canvas.theme.accent, width=2)
        canvas.shape("circle", canvas.theme.accent, "#ffffff", cx=canvas.x(at(each.value)), cy=y, r=RADIUS)
        for number, words in enumerate(break_lines(each.written, PAGE_WIDTH - ESTIMATE_END - 12, SMALL_TEXT_SIZE, 2)):
            place = (ESTIMATE_END + 12, y + 4.5 + (number - 0.5) * LINE if len(each.written) > 30 else y + 4.5)
            canvas.text(place, words, size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
        y += ESTIMATE_HEIGHT
    return canvas.svg(bottom + 6)
