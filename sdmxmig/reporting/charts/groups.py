"""Bars of the four groups of birth and citizenship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import EDGE, PEER, ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, SMALL, TEXT, Canvas, break_lines, estimate_text_width

COLOURS = {"NB_NC": "#5b7c99", "FB_NC": "#56b4e9", "NB_FC": "#e69f00", "FB_FC": "#d55e00"}
NAMES = 234
ROW = 42
BAR = 24


@dataclass(frozen=True, slots=True)
class StatusGroup:
    """A group of birth (native, foreign) and citizenship: code, name, size, and size as text."""

    code: str
    name: str
    _: KW_ONLY
    value: Decimal
    written: str


def draw(groups: Sequence[StatusGroup], labels: ChartLabels) -> str:
    canvas = Canvas(labels)
    room = max((estimate_text_width(group.written) for group in groups), default=0) + 14
    named = min(NAMES, max((estimate_text_width(group.name, SMALL + 1) for group in groups), default=0) + 14)
    plot = PAGE_WIDTH - named - room
    largest = max((group.value for group in groups), default=Decimal(0)) or Decimal(1)
    for number, group in enumerate(groups):
        y = 8 + number * ROW
        name_lines = break_lines(group.name, named - 10, SMALL + 1)
        for line, words in enumerate(name_lines):
            canvas.text((0, y + (17 if len(name_lines) == 1 else 11) + 15 * line), words, size=SMALL + 1)
        wide = float(plot * float(group.value / largest))
        canvas.box((named, y), (max(wide, 1), BAR), COLOURS.get(group.code, PEER), EDGE)
        canvas.text((named + wide + 8, y + 17), group.written, size=TEXT)
    bottom = 8 + ROW * len(groups)
    canvas.line((named, 2), (named, bottom - 8), canvas.theme.secondary)
    return canvas.svg(bottom)
