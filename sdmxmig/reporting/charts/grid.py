"""Matrix of ratings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdmxmig.reporting.charts import EDGE, RULE, ChartLabels
from sdmxmig.reporting.charts.canvas import SMALL, TEXT, Canvas, breadth, lines
from sdmxmig.reporting.charts.svg import PAGE_WIDTH

NAMES, LEAST_NAMES = 264, 196
ROW = 23
GROUP = 30
WIDEST = 153
SECOND = 13
"""How much a second line of a name makes a row higher."""
NARROW = 58
"""A column narrower than this has its head upright."""
GAP = 2
TWO_LINES = 32
"""A column as wide as this has room for an upright head of two lines."""
HIGHEST = 172
HIGHER = 20
MAX_NAME_LINES = 8
"""More lines than a name takes: none is cut."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: a level of `Theme`, or words; empty for none."""

    level: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with cells; without cells a heading."""

    name: str
    cells: tuple[GridCell, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingGrid:
    """Column heads and rows in order."""

    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]


def draw(grid: RatingGrid, labels: ChartLabels) -> str:
    """Draw the matrix; `labels.words` has the name of each level, for the legend."""
    canvas = Canvas(labels)
    wide = column_width(grid.columns)
    names = PAGE_WIDTH - wide * len(grid.columns)
    y = heads(canvas, grid.columns, wide)
    for row in grid.rows:
        if not row.cells:
            for line, words in enumerate(lines(row.name, PAGE_WIDTH, SMALL + 1, MAX_NAME_LINES)):
                y += SECOND + 2 if line else GROUP
                canvas.text((0, y - 9), words, size=SMALL + 1, colour=canvas.theme.accent, bold=True)
            continue
        name_lines = lines(row.name, names - 8, SMALL + 0.5, MAX_NAME_LINES)
        for line, words in enumerate(name_lines):
            canvas.text((0, y + 15 + line * SECOND), words, size=SMALL + 0.5)
        high = ROW + SECOND * (len(name_lines) - 1)
        for number, cell in enumerate(row.cells):
            if cell.level:
                filled(canvas, (names + number * wide, y), (wide, high), cell)
        y += high
        canvas.line((0, y - 0.5), (PAGE_WIDTH, y - 0.5), RULE)
    return canvas.svg(legend(canvas, grid, y + 12))


def column_width(columns: Sequence[str]) -> float:
    count = max(1, len(columns))
    wide, wider = ((PAGE_WIDTH - names) / count for names in (NAMES, LEAST_NAMES))
    return min(WIDEST, wider if wide < longest_word(columns) + 4 <= wider else wide)


def longest_word(columns: Sequence[str]) -> float:
    return max((breadth(word, SMALL) for head in columns for word in head.split()), default=0.0)


def heads(canvas: Canvas, columns: Sequence[str], wide: float) -> float:
    """Draw the column heads, upright if they are too wide, and return their height."""
    names, longest = PAGE_WIDTH - wide * len(columns), longest_word(columns)
    if wide >= NARROW and longest <= wide - 4:
        level = [lines(head, wide - 4, SMALL, MAX_NAME_LINES) for head in columns]
        for number, head_lines in enumerate(level):
            for line, words in enumerate(head_lines):
                place = (names + (number + 0.5) * wide, 14.0 + line * 14)
                canvas.text(place, words, anchor="middle", size=SMALL, colour=canvas.theme.secondary)
        return 8.0 + 14 * max(map(len, level), default=0)
    most_lines = 2 if wide >= TWO_LINES else 1
    room = max(HIGHEST, longest)
    while any(len(lines(head, room, SMALL, MAX_NAME_LINES)) > most_lines for head in columns):
        room += HIGHER
    heads_in_lines = [lines(head, room, SMALL, most_lines) for head in columns]
    high = max((breadth(words, SMALL) for broken_head in heads_in_lines for words in broken_head), default=0.0) + 6
    for number, head_lines in enumerate(heads_in_lines):
        for line, words in enumerate(head_lines):
            # Upright lines run to the right in every language.
            side = -1 if canvas.mirrored else 1
            aside = (line - (len(head_lines) - 1) / 2) * (SMALL + 2) + 4
            canvas.upright((names + (number + 0.5) * wide + side * aside, high), words, colour=canvas.theme.secondary)
    return high + 6


def filled(canvas: Canvas, place: tuple[float, float], size: tuple[float, float], cell: GridCell) -> None:
    """Draw a cell in the colour of its level, with its sign or words."""
    ground, ink = canvas.theme.levels[cell.level]
    wide, high = size
    canvas.box((place[0] + GAP / 2, place[1]), (wide - GAP, high - GAP), ground, EDGE)
    centre = (place[0] + wide / 2, place[1] + (high - GAP) / 2)
    if cell.words:
        letters = SMALL * min(1.0, (wide - GAP) / max(breadth(cell.words, SMALL), 1.0))
        canvas.text((centre[0], centre[1] + 4.5), cell.words, anchor="middle", size=round(letters, 1), colour=ink)
    else:
        canvas.rating(centre, cell.level)


def legend(canvas: Canvas, grid: RatingGrid, y: float) -> float:
    used_levels = [
        level for level in canvas.theme.levels if level in set(levels(grid)) and canvas.labels.words.get(level)
    ]
    if not used_levels:
        return y
    x = 0.0
    for level in used_levels:
        words = canvas.labels.words[level]
        room = 26 + breadth(words, SMALL) + 14
        if x + room > PAGE_WIDTH and x:
            x, y = 0.0, y + ROW
        filled(canvas, (x, y), (22, ROW), GridCell(level))
        canvas.text((x + 27, y + 15), words, size=SMALL, colour=canvas.theme.ink)
        x += room
    return y + TEXT + 12


def levels(grid: RatingGrid) -> Iterator[str]:
    return (cell.level for row in grid.rows for cell in row.cells if cell.level)
