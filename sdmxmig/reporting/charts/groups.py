"""Bars of the four groups of birth and citizenship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import EDGE_COLOUR, PEER_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import (
    PAGE_WIDTH,
    SMALL_TEXT_SIZE,
    TEXT_SIZE,
    Canvas,
    break_lines,
    estimate_text_width,
)

COLOURS = {"NB_NC": "#5b7c99", "FB_NC": "#56b4e9", "NB_FC": "#e69f00", "FB_FC": "#d55e00"}
NAME_WIDTH = 234
ROW_HEIGHT = 42
BAR_HEIGHT = 24


@dataclass(frozen=True, slots=True)
class StatusGroup:
    code: str
    name: str
    _: KW_ONLY
    value: Decimal
    written: str


def draw(groups: Sequence[StatusGroup], labels: ChartLabels) -> str:
    canvas = Canvas(labels)
    room = max((estimate_text_width(group.written) for group in groups), default=0) + 14
    named = min(
        NAME_WIDTH, max((estimate_text_width(group.name, SMALL_TEXT_SIZE + 1) for group in groups), default=0) + 14
    )
    plot = PAGE_WIDTH - named - room
    largest = max((group.value for group in groups), default=Decimal(0)) or Decimal(1)
    for number, group in enumerate(groups):
        y = 8 + number * ROW_HEIGHT
        name_lines = break_lines(group.name, named - 10, SMALL_TEXT_SIZE + 1)
        for line, words in enumerate(name_lines):
            canvas.text((0, y + (17 if len(name_lines) == 1 else 11) + 15 * line), words, size=SMALL_TEXT_SIZE + 1)
        wide = float(plot * float(group.value / largest))
        canvas.box((named, y), (max(wide, 1), BAR_HEIGHT), COLOURS.get(group.code, PEER_COLOUR), EDGE_COLOUR)
        canvas.text((named + wide + 8, y + 17), group.written, size=TEXT_SIZE)
    bottom = 8 + ROW_HEIGHT * len(groups)
    canvas.line((named, 2), (named, bottom - 8), canvas.theme.secondary)
    return canvas.svg(bottom)
