"""Gantt chart of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.reporting.charts import RULE_COLOUR, ChartLabels
from sdmxmig.reporting.charts.canvas import PAGE_WIDTH, SMALL_TEXT_SIZE, Canvas, estimate_text_width

NUMBER_WIDTH = 26
END_ROOM = 46
PLOT_WIDTH = PAGE_WIDTH - NUMBER_WIDTH - END_ROOM
HEAD_HEIGHT = 30
BAR_HEIGHT = 12
ROW_GAP = 6
YEAR_MONTHS = 12
MIN_LABELLED = 44


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """An action: number, name, months, predecessors (`after`), and whether the country set its dates."""

    number: int
    name: str
    _: KW_ONLY
    first: int
    last: int
    written: str
    after: tuple[int, ...] = ()
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Timetable:
    """Actions by start; month 1 is the first month of `years[0]`."""

    rows: tuple[TimetableRow, ...]
    years: Sequence[str]
    _: KW_ONLY
    begin: int = 1


def draw(timetable: Timetable, labels: ChartLabels) -> str:
    """Draw the actions from top to bottom; `labels.words` has ``proposed`` and ``decided``."""
    canvas = Canvas(labels)
    tops = {row.number: HEAD_HEIGHT + place * (BAR_HEIGHT + 2 + ROW_GAP) for place, row in enumerate(timetable.rows)}
    y = HEAD_HEIGHT + len(tops) * (BAR_HEIGHT + 2 + ROW_GAP)
    list_years(canvas, timetable, y)
    for row in timetable.rows:
        top = tops[row.number]
        canvas.text(
            (NUMBER_WIDTH - 8, top + 12),
            str(row.number),
            anchor="end",
            size=SMALL_TEXT_SIZE,
            colour=canvas.theme.secondary,
        )
        draw_bar(canvas, timetable, row, top)
    return canvas.svg(draw_legend(canvas, timetable, y + 8))


def compute_place(timetable: Timetable, month: float) -> float:
    return NUMBER_WIDTH + (month - timetable.begin) * PLOT_WIDTH / (YEAR_MONTHS * len(timetable.years))


def list_years(canvas: Canvas, timetable: Timetable, bottom: float) -> None:
    wide = PLOT_WIDTH / len(timetable.years)
    step = next(number for number in (1, 2, 5, 10, 50) if number * wide >= MIN_LABELLED or number == 50)
    for number, year in enumerate(timetable.years):
        x = NUMBER_WIDTH + number * wide
        canvas.line((x, HEAD_HEIGHT - 10), (x, bottom), RULE_COLOUR)
        if number % step == 0:
            canvas.text((x + 4, HEAD_HEIGHT - 14), year, size=SMALL_TEXT_SIZE, colour=canvas.theme.secondary)


def draw_bar(canvas: Canvas, timetable: Timetable, row: TimetableRow, top: float) -> None:
    begin, end = compute_place(timetable, row.first), compute_place(timetable, row.last + 1)
    fill = canvas.theme.accent if row.is_decided else canvas.theme.levels["l1"][0]
    canvas.box((begin, top + ROW_GAP / 2), (max(end - begin, 2), BAR_HEIGHT), fill, canvas.theme.accent)
    room = 4 + estimate_text_width(row.written, SMALL_TEXT_SIZE - 1)
    if end + room <= PAGE_WIDTH:
        canvas.text((end + 4, top + 13), row.written, size=SMALL_TEXT_SIZE - 1, colour=canvas.theme.ink)
    elif begin - room >= NUMBER_WIDTH:  # otherwise only the table of the figure has the months
        canvas.text((begin - 4, top + 13), row.written, anchor="end", size=SMALL_TEXT_SIZE - 1, colour=canvas.theme.ink)


def draw_legend(canvas: Canvas, timetable: Timetable, y: float) -> float:
    x = 0.0
    for name, is_decided in (("proposed", False), ("decided", True)):
        if any(row.is_decided == is_decided for row in timetable.rows):
            words = canvas.labels.words[name]
            canvas.box(
                (x, y + 3),
                (22, BAR_HEIGHT),
                canvas.theme.accent if is_decided else canvas.theme.levels["l1"][0],
                canvas.theme.accent,
            )
            canvas.text((x + 28, y + 13), words, size=SMALL_TEXT_SIZE)
            x += 28 + estimate_text_width(words, SMALL_TEXT_SIZE) + 16
    return y + 24


def compute_axis(months: Sequence[tuple[int, int]], calendar_month: int) -> tuple[int, int]:
    """Return the first month and the number of calendar years; `calendar_month` (1–12) is that of month 1."""
    begin = (min(first for first, _ in months) + calendar_month - 2) // YEAR_MONTHS * YEAR_MONTHS - calendar_month + 2
    return begin, -(-(max(last for _, last in months) - begin + 1) // YEAR_MONTHS)
