"""Bar charts: population groups, population pyramids with an outline of all residents, and estimates with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import EDGE_COLOUR, PEER_COLOUR, RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import (
    PAGE_WIDTH,
    SMALL_TEXT_SIZE,
    TEXT_SIZE,
    Canvas,
    break_lines,
    estimate_text_width,
)

COLOURS = {
    "NB_NC": "#5b7c99",
    "FB_NC": "#56b4e9",
    "NB_FC": "#e69f00",
    "FB_FC": "#d55e00",
    "IMMIGRANTS": "#56b4e9",
    "EMIGRANTS": "#e69f00",
}
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


def draw_groups(groups: Sequence[StatusGroup], labels: ChartLabels, *, step: float = ROW_HEIGHT) -> str:
    canvas = Canvas(labels)
    room = max((estimate_text_width(group.written) for group in groups), default=0) + 14
    named = min(
        NAME_WIDTH, max((estimate_text_width(group.name, SMALL_TEXT_SIZE + 1) for group in groups), default=0) + 14
    )
    plot = PAGE_WIDTH - named - room
    largest = max((group.value for group in groups), default=Decimal(0)) or Decimal(1)
    for number, group in enumerate(groups):
        y = 8 + number * step
        name_lines = break_lines(group.name, named - 10, SMALL_TEXT_SIZE + 1)
        for line, words in enumerate(name_lines):
            canvas.text((0, y + (17 if len(name_lines) == 1 else 11) + 15 * line), words, size=SMALL_TEXT_SIZE + 1)
        wide = float(plot * float(group.value / largest))
        canvas.box((named, y), (max(wide, 1), BAR_HEIGHT), COLOURS.get(group.code, PEER_COLOUR), EDGE_COLOUR)
        canvas.text((named + wide + 8, y + 17), group.written, size=TEXT_SIZE)
    bottom = 8 + step * len(groups)
    canvas.line((named, 2), (named, bottom - 8), canvas.theme.secondary)
    return canvas.svg(bottom)


AXIS_WIDTH = 84
SIDE_WIDTH = (PAGE_WIDTH - AXIS_WIDTH) / 2
TOP_MARGIN = 46
MAX_ROW_HEIGHT = 26
MAX_HEIGHT = 380


@dataclass(frozen=True, slots=True)
class AgeClass:
    """Shares of an age group by sex, each of its own population; None if unknown."""

    name: str
    men: float
    _: KW_ONLY
    women: float
    all_men: float | None = None
    all_women: float | None = None


def draw_pyramid(classes: Sequence[AgeClass], marks: Sequence[tuple[float, str]], labels: ChartLabels) -> str:
    """Draw the pyramid; `labels.words` has ``men``, ``women``, ``shown`` and optionally ``all``."""
    canvas = Canvas(labels)
    row = min(MAX_ROW_HEIGHT, MAX_HEIGHT / max(1, len(classes)))
    largest_share = find_largest_share(classes, marks)
    bottom = TOP_MARGIN + row * len(classes)
    draw_legend(canvas)
    for share, label in marks:
        for side in (-1, 1):
            x = PAGE_WIDTH / 2 + side * (AXIS_WIDTH / 2 + share / largest_share * (SIDE_WIDTH - 24))
            canvas.line((x, TOP_MARGIN), (x, bottom), RULE_COLOUR)
            canvas.text((x, bottom + 16), label, anchor="middle", size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
    label_step = max(1, round(15 / row))
    for number, age_class in enumerate(classes):
        y = bottom - row * (number + 1)
        if number % label_step == 0:
            canvas.text((PAGE_WIDTH / 2, y + row / 2 + 4), age_class.name, anchor="middle", size=SMALL_TEXT_SIZE)
        draw_bars(canvas, (y, row), age_class, (SIDE_WIDTH - 24) / largest_share)
    return canvas.svg(bottom + 26)


def draw_bars(canvas: Canvas, place: tuple[float, float], age_class: AgeClass, scale: float) -> None:
    y, row = place
    for share, everybody, side, colour in (
        (age_class.men, age_class.all_men, -1, canvas.theme.light),
        (age_class.women, age_class.all_women, 1, canvas.theme.pale),
    ):
        for drawn_share, fill, edge in ((share, colour, EDGE_COLOUR), (everybody, "none", canvas.theme.ink)):
            if drawn_share is not None:
                wide = drawn_share * scale
                begin = PAGE_WIDTH / 2 + side * AXIS_WIDTH / 2 - (wide if side < 0 else 0)
                canvas.box((begin, y + 1), (wide, row - 2), fill, edge)


def draw_legend(canvas: Canvas) -> None:
    words = canvas.labels.words
    middle = PAGE_WIDTH / 2
    canvas.text((middle - AXIS_WIDTH / 2, 38), words["men"], anchor="end", colour=canvas.theme.accent, bold=True)
    canvas.text((middle + AXIS_WIDTH / 2, 38), words["women"], colour=canvas.theme.accent, bold=True)
    canvas.box((0, 4), (18, 12), canvas.theme.light, EDGE_COLOUR)
    canvas.box((18, 4), (18, 12), canvas.theme.pale, EDGE_COLOUR)
    canvas.text((42, 14.5), words["shown"], size=SMALL_TEXT_SIZE)
    if words.get("all"):
        canvas.box((middle + 20, 4), (24, 12), "none", canvas.theme.ink)
        canvas.text((middle + 50, 14.5), words["all"], size=SMALL_TEXT_SIZE)


def find_largest_share(classes: Sequence[AgeClass], marks: Sequence[tuple[float, str]]) -> float:
    shares = [share for share, _ in marks]
    for age_class in classes:
        shares += [age_class.men, age_class.women, age_class.all_men or 0.0, age_class.all_women or 0.0]
    return max(shares, default=0.0) or 1.0


RADIUS = 5.5
ESTIMATE_NAME_WIDTH = 210
ESTIMATE_BEGIN, ESTIMATE_END = ESTIMATE_NAME_WIDTH + 16, PAGE_WIDTH - 190
ESTIMATE_HEIGHT, LINE = 34, 15
CAP_WIDTH = 5.0
REFERENCE_LEVEL = 1.0
MARGIN = 0.08
"""Room beside the outermost interval, as a share of the span."""


@dataclass(frozen=True, slots=True)
class EstimateBar:
    name: str
    value: float
    _: KW_ONLY
    low: float | None
    high: float | None
    written: str


def draw_estimates(estimates: Sequence[EstimateBar], labels: ChartLabels) -> str:
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
                canvas.line((at(end), y - CAP_WIDTH), (at(end), y + CAP_WIDTH), canvas.theme.accent, width=2)
        canvas.shape("circle", canvas.theme.accent, "#ffffff", cx=canvas.x(at(each.value)), cy=y, r=RADIUS)
        for number, words in enumerate(break_lines(each.written, PAGE_WIDTH - ESTIMATE_END - 12, SMALL_TEXT_SIZE, 2)):
            place = (ESTIMATE_END + 12, y + 4.5 + (number - 0.5) * LINE if len(each.written) > 30 else y + 4.5)
            canvas.text(place, words, size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
        y += ESTIMATE_HEIGHT
    return canvas.svg(bottom + 6)
