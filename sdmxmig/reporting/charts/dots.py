"""Dot charts: countries among their peers, and estimates with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import EDGE_COLOUR, PEER_COLOUR, RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, SMALL_TEXT_SIZE, Canvas, break_lines, estimate_text_width

NAME_WIDTH = 190
MAX_NAME_LINES = 4
BEGIN, END = NAME_WIDTH + 20, PAGE_WIDTH - 62
RADIUS = 5.5
DOT_STEP = 10
STACK_HEIGHT = 46
MAX_NAMED_DOTS = 6
ROW_HEIGHT = 42
LABEL_OFFSETS = (20.0, 33.0)


@dataclass(frozen=True, slots=True)
class Dot:
    name: str
    reached: float
    _: KW_ONLY
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class DotLine:
    """A measure: name, known countries, maximum and median; `written` is the maximum as text."""

    name: str
    dots: tuple[Dot, ...]
    _: KW_ONLY
    most: float
    written: str
    median: float | None = None


def draw_dots(measures: Sequence[DotLine], labels: ChartLabels) -> str:
    """Draw the measures from zero to their maximum; `labels.words` has the name of the tick."""
    canvas = Canvas(labels)
    y = 6.0
    for measure in measures:
        high = max((compute_step(dots) * (len(dots) - 1) for dots in compute_places(measure).values()), default=0.0)
        base = y + high + RADIUS + 2
        draw_axis(canvas, measure, base, high)
        draw_labels(canvas, measure, base)
        y = base + ROW_HEIGHT
    if any(measure.median is not None for measure in measures):
        canvas.line((BEGIN, y), (BEGIN, y + 14), canvas.theme.ink, width=2)
        canvas.text((BEGIN + 8, y + 11), labels.words["median"], size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
        y += 22
    return canvas.svg(y)


def compute_x(reached: float, measure: DotLine) -> float:
    return BEGIN + (END - BEGIN) * (reached / measure.most if measure.most else 0.0)


def compute_places(measure: DotLine) -> dict[float, list[Dot]]:
    dots_by_place: dict[float, list[Dot]] = {}
    for dot in sorted(measure.dots, key=lambda dot: (dot.reached, not dot.is_own)):
        dots_by_place.setdefault(dot.reached, []).append(dot)
    return dots_by_place


def compute_step(dots: Sequence[Dot]) -> float:
    return min(DOT_STEP, STACK_HEIGHT / max(1, len(dots) - 1))


def draw_axis(canvas: Canvas, measure: DotLine, base: float, high: float) -> None:
    name_lines = break_lines(measure.name, NAME_WIDTH - 6, SMALL_TEXT_SIZE, MAX_NAME_LINES)
    for number, words in enumerate(name_lines):
        canvas.text((0, base + 5 + (number - (len(name_lines) - 1) / 2) * 14), words, size=SMALL_TEXT_SIZE)
    canvas.line((BEGIN, base), (END, base), RULE_COLOUR, width=2)
    for x in (BEGIN, END):
        canvas.line((x, base - 5), (x, base + 5), canvas.theme.secondary)
    canvas.text((END + 10, base + 4.5), measure.written, size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)
    for reached, dots in compute_places(measure).items():
        for number, dot in reversed(list(enumerate(dots))):
            place = (canvas.x(compute_x(reached, measure)), base - number * compute_step(dots))
            colour, edge = (canvas.theme.accent, canvas.theme.accent) if dot.is_own else (PEER_COLOUR, EDGE_COLOUR)
            canvas.shape("circle", colour, edge, cx=place[0], cy=place[1], r=RADIUS)
    if measure.median is not None:
        middle = compute_x(measure.median, measure)
        canvas.line((middle, base - high - RADIUS - 2), (middle, base + RADIUS + 2), canvas.theme.ink, width=2)


def draw_labels(canvas: Canvas, measure: DotLine, base: float) -> None:
    ordered_places = sorted(compute_places(measure).items(), key=lambda place_and_dots: not place_and_dots[1][0].is_own)
    occupied: list[tuple[float, float, float]] = []
    for reached, dots in ordered_places:
        is_own = dots[0].is_own
        if len(measure.dots) > MAX_NAMED_DOTS and not is_own:
            continue
        named_dots = dots if len(measure.dots) <= MAX_NAMED_DOTS else dots[:1]
        words = " ".join(dot.name for dot in named_dots)
        # Capitals are wider than average letters, and names need a gap.
        x, half = compute_x(reached, measure), estimate_text_width(words, SMALL_TEXT_SIZE) * 0.7 + 3
        offset = next(
            (
                label_offset
                for label_offset in LABEL_OFFSETS
                if not is_covered((x - half, x + half, label_offset), occupied)
            ),
            0.0,
        )
        if offset:
            occupied.append((x - half, x + half, offset))
            colour = canvas.theme.accent if is_own else canvas.theme.secondary
            canvas.text((x, base + offset), words, anchor="middle", size=SMALL_TEXT_SIZE, colour=colour, bold=is_own)


def is_covered(place: tuple[float, float, float], occupied: Sequence[tuple[float, float, float]]) -> bool:
    left, right, offset = place
    return any(left < end and begin < right and offset == other_offset for begin, end, other_offset in occupied)


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
