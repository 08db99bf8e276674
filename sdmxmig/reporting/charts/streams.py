"""Sankey diagram of origins and destinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, SMALL_TEXT_SIZE, Canvas, break_lines, estimate_text_width

TOP_MARGIN = 30
PLOT_HEIGHT = 260
NAME_WIDTH = 196
NODE_WIDTH = 10
NODE_GAP = 8
MAX_NAME_LINES = 4
MIN_ROOM = 14


@dataclass(frozen=True, slots=True)
class Stream:
    name: str
    value: float
    _: KW_ONLY
    written: str


def draw(home: str, origins: Sequence[Stream], destinations: Sequence[Stream], labels: ChartLabels) -> str:
    """Draw both sides of a country on one scale; `labels.words` has ``origins`` and ``destinations``."""
    canvas = Canvas(labels)
    sides = (origins, destinations)
    largest_total = max(sum(stream.value for stream in side) for side in sides) or 1.0
    longest = max(len(side) for side in sides)
    scale = (PLOT_HEIGHT - NODE_GAP * max(0, longest - 1)) / largest_total
    high = max(PLOT_HEIGHT * 1.0, *(compute_height(side, scale) for side in sides))
    middle = (PAGE_WIDTH - NODE_WIDTH) / 2
    canvas.text((0, 14), labels.words["origins"], colour=canvas.theme.accent, bold=True)
    canvas.text((PAGE_WIDTH, 14), labels.words["destinations"], anchor="end", colour=canvas.theme.accent, bold=True)
    tall = max(sum(stream.value for stream in side) for side in sides) * scale
    top = TOP_MARGIN + (high - tall) / 2
    for side, is_origin in zip(sides, (True, False), strict=True):
        outer = TOP_MARGIN + (high - compute_height(side, scale)) / 2
        inner = TOP_MARGIN + (high - sum(stream.value for stream in side) * scale) / 2
        for side_stream in side:
            wide = side_stream.value * scale
            height = max(wide, MIN_ROOM)
            draw_stream(canvas, outer + (height - wide) / 2, inner, wide, middle, is_origin=is_origin)
            draw_end_label(canvas, side_stream, (outer, height), is_origin=is_origin)
            outer += height + NODE_GAP
            inner += wide
    canvas.box((middle, top), (NODE_WIDTH, max(tall, 1)), canvas.theme.ink)
    canvas.text((PAGE_WIDTH / 2, 14), home, anchor="middle", bold=True)
    return canvas.svg(TOP_MARGIN + high + 8)


def compute_height(side: Sequence[Stream], scale: float) -> float:
    return sum(max(stream.value * scale, MIN_ROOM) for stream in side) + NODE_GAP * max(0, len(side) - 1)


def draw_stream(canvas: Canvas, outer: float, inner: float, wide: float, middle: float, *, is_origin: bool) -> None:
    """Draw a stream from its outer end to the country; `outer` and `inner` are the tops of its ends."""
    begin, end_x = (NAME_WIDTH, middle) if is_origin else (PAGE_WIDTH - NAME_WIDTH, middle + NODE_WIDTH)
    a, b, half = canvas.x(begin), canvas.x(end_x), canvas.x((begin + end_x) / 2)
    thick = max(wide, 0.8)
    canvas.path(
        f"M{a:.1f} {outer:.1f}C{half:.1f} {outer:.1f} {half:.1f} {inner:.1f} {b:.1f} {inner:.1f}"
        f"V{inner + thick:.1f}C{half:.1f} {inner + thick:.1f} {half:.1f} {outer + thick:.1f} {a:.1f} "
        f"{outer + thick:.1f}Z",
        canvas.theme.accent if is_origin else canvas.theme.light,
        opacity=0.65,
    )


def draw_end_label(canvas: Canvas, side_stream: Stream, place: tuple[float, float], *, is_origin: bool) -> None:
    x = NAME_WIDTH - 6 if is_origin else PAGE_WIDTH - NAME_WIDTH + 6
    side = "end" if is_origin else "start"
    words = f"{side_stream.name} {side_stream.written}"
    # A long name takes several lines if the stream is high enough, else smaller type; it is never cut.
    broken = break_lines(words, NAME_WIDTH - 10, SMALL_TEXT_SIZE, MAX_NAME_LINES)
    shown = broken if len(broken) * MIN_ROOM <= place[1] else [words]
    size = min(
        SMALL_TEXT_SIZE,
        *(SMALL_TEXT_SIZE * (NAME_WIDTH - 10) / estimate_text_width(line, SMALL_TEXT_SIZE) for line in shown),
    )
    for number, line in enumerate(shown):
        y = place[0] + place[1] / 2 + 4 + (number - (len(shown) - 1) / 2) * MIN_ROOM
        canvas.text((x, y), line, anchor=side, size=round(size, 1))
