"""Chart of immigration, emigration and net migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, TEXT_SIZE, Canvas, estimate_text_width
from sdmxmig.reporting.charts.years import LABEL_OFFSET, YearPlot

PLOT_HEIGHT = 300.0
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


def draw(years: Sequence[FlowYear], marks: Sequence[tuple[float, str]], labels: ChartLabels) -> str:
    """Draw flows; `labels.words` has ``axis``, ``immigration``, ``emigration``, ``net``, ``missing``, ``break``."""
    canvas, theme = Canvas(labels), labels.theme
    written = [year.label or year.period for year in years]
    wide = (
        PAGE_WIDTH
        - LABEL_OFFSET
        - max(estimate_text_width(labels.words[name]) for name in ("immigration", "emigration", "net"))
    )
    plot = YearPlot(canvas, written, marks, wide=wide, high=PLOT_HEIGHT)
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


def place_end_labels(plot: YearPlot, years: Sequence[FlowYear]) -> list[tuple[float, str, str]]:
    words, theme = plot.canvas.labels.words, plot.canvas.theme
    last = next(
        (year for year in reversed(years) if year.immigration is not None and year.emigration is not None), None
    )
    if last is None or last.immigration is None or last.emigration is None:
        return []
    room = 1.6 * TEXT_SIZE
    net = plot.y(float(last.net if last.net is not None else last.immigration - last.emigration)) + 5
    return [
        (min(plot.y(float(last.immigration) / 2) + 5, net - room), words["immigration"], theme.accent),
        (net, words["net"], theme.ink),
        (max(plot.y(-float(last.emigration) / 2) + 5, net + room), words["emigration"], theme.light_text),
    ]
