"""A canvas for lines, shapes and texts, mirrored for right-to-left languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from unicodedata import category

from sdmxmig.reporting.charts import FONT, ChartLabels

PAGE_WIDTH = 570
"""The width of all figures, so that their letters have one size."""
SMALL_TEXT_SIZE = 12
TEXT_SIZE = 14
RIGHT_TO_LEFT_ISOLATE, END_OF_ISOLATE = "\u2067", "\u2069"
ANCHORS = {"start": "end", "end": "start", "middle": "middle"}
FIRST_WIDE_CHARACTER = 0x2E80
"""The first of the characters that are as wide as high, such as Chinese ones."""


CYRILLIC = frozenset(map(chr, range(0x400, 0x530)))
PIECE = re.compile(rf"[{chr(FIRST_WIDE_CHARACTER)}-\U0010ffff]\s*|[^\s{chr(FIRST_WIDE_CHARACTER)}-\U0010ffff]+\s*")
MAX_LONE_LETTERS = 3
"""Letters of a last line that takes another word from the line before, such as “de)”."""
UNDRAWN_CATEGORIES = ("Cf", "Mn")
"""Characters without width: direction marks, and signs above or below a letter."""


class Canvas:
    """A drawing; x is measured from the side where lines of the language begin.

    Lengths are in figure units (`PAGE_WIDTH` is the page). Text anchors `start` and `end` follow the language.
    Coordinates have one decimal, for deterministic output.
    """

    def __init__(self, labels: ChartLabels, width: float = PAGE_WIDTH) -> None:
        self.labels = labels
        self.theme = labels.theme
        self.width = width
        self.mirrored = labels.direction == "rtl"
        self.parts: list[str] = []

    def x(self, position: float) -> float:
        return self.width - position if self.mirrored else position

    def shape(self, name: str, fill: str, stroke: str = "", *, edge_width: float = 1, **numbers: float) -> None:
        places = " ".join(f'{key}="{value:.1f}"' for key, value in numbers.items())
        edge = f' stroke="{stroke}" stroke-width="{edge_width:g}"' if stroke else ""
        self.parts.append(f'<{name} {places} fill="{fill}"{edge}/>')

    def box(self, place: tuple[float, float], size: tuple[float, float], fill: str, stroke: str = "") -> None:
        left = self.x(place[0]) - (size[0] if self.mirrored else 0)
        self.shape("rect", fill, stroke, x=left, y=place[1], width=size[0], height=size[1])

    def line(
        self,
        begin: tuple[float, float],
        end: tuple[float, float],
        colour: str,
        *,
        width: float = 1,
        dashed: bool = False,
    ) -> None:
        (x1, y1), (x2, y2) = begin, end
        dashes = ' stroke-dasharray="4,3"' if dashed else ""
        self.parts.append(
            f'<line x1="{self.x(x1):.1f}" y1="{y1:.1f}" x2="{self.x(x2):.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
        )

    def draw_polyline(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        places = " ".join(f"{self.x(x):.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>')

    def path(self, points: str, fill: str, *, stroke: str = "", opacity: float = 1) -> None:
        edge = f' stroke="{stroke}" stroke-width="1"' if stroke else ""
        clear = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<path d="{points}" fill="{fill}"{clear}{edge}/>')

    def text(
        self,
        place: tuple[float, float],
        words: str,
        *,
        anchor: str = "start",
        size: float = TEXT_SIZE,
        colour: str = "",
        bold: bool = False,
    ) -> None:
        side = ANCHORS[anchor] if self.mirrored else anchor
        weight = ' font-weight="bold"' if bold else ""
        self._words(f'x="{self.x(place[0]):.1f}" y="{place[1]:.1f}" text-anchor="{side}"{weight}', words, size, colour)

    def draw_upright(self, place: tuple[float, float], words: str, colour: str) -> None:
        """Write a text upwards from a point, in every language."""
        x, y = f"{self.x(place[0]) + SMALL_TEXT_SIZE / 3:.1f}", f"{place[1]:.1f}"
        self._words(
            f'x="{x}" y="{y}" text-anchor="start" transform="rotate(-90 {x} {y})"', words, SMALL_TEXT_SIZE, colour
        )

    def _words(self, position: str, words: str, size: float, colour: str) -> None:
        isolated = f"{RIGHT_TO_LEFT_ISOLATE}{words}{END_OF_ISOLATE}" if self.mirrored else words
        look = f'font-family="{FONT}" font-size="{size:g}" fill="{colour or self.theme.ink}"'
        self.parts.append(f"<text {position} {look}>{escape(isolated)}</text>")

    def svg(self, height: float) -> str:
        ground = f'<rect width="{self.width:g}" height="{height:g}" fill="#ffffff"/>'
        return open_svg(self.labels, (0, 0, self.width, height)) + ground + "".join(self.parts) + "</g></svg>"


def estimate_text_width(words: str, size: float = TEXT_SIZE) -> float:
    """Estimate the width of a text; the estimate may be too high.

    >>> estimate_text_width("Georgia") < estimate_text_width("Republic of Moldova")
    True
    """
    visible = (letter for letter in words if category(letter) not in UNDRAWN_CATEGORIES)
    widths = (
        1.0 if ord(letter) >= FIRST_WIDE_CHARACTER else 0.62 if letter in CYRILLIC else 0.58 for letter in visible
    )
    return sum(widths) * size


def shorten_text(words: str, room: float, size: float = TEXT_SIZE) -> str:
    """Shorten a text to the available width, with an ellipsis.

    >>> shorten_text("Bosnia and Herzegovina", 100)
    'Bosnia and…'
    """
    if estimate_text_width(words, size) <= room:
        return words
    beginning = words
    while beginning and estimate_text_width(f"{beginning}…", size) > room:
        beginning = beginning[:-1]
    return f"{beginning.rstrip()}…"


def break_lines(words: str, room: float, size: float = TEXT_SIZE, most: int = 2) -> Sequence[str]:
    """Break a text into lines at spaces and wide characters, shortening the last.

    >>> break_lines("Foreign-born foreign citizens", 130)
    ['Foreign-born', 'foreign citizens']
    >>> break_lines("Bolivia (Plurinational State of)", 250)
    ['Bolivia (Plurinational', 'State of)']
    >>> break_lines("国际移民与临时流动", 70)
    ['国际移民与', '临时流动']
    """
    broken_lines: list[str] = []
    pieces = PIECE.findall(words)
    while pieces:
        count = len(pieces)
        while count > 1 and estimate_text_width("".join(pieces[:count]).rstrip(), size) > room:
            count -= 1
        if 1 < count < len(pieces) and len("".join(pieces[count:])) <= MAX_LONE_LETTERS:
            count -= 1
        if len(broken_lines) == most - 1:
            count = len(pieces)
        broken_lines.append(shorten_text("".join(pieces[:count]).rstrip(), room, size))
        pieces = pieces[count:]
    return broken_lines


def open_svg(labels: ChartLabels, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = box
    if not labels.title.strip() or not labels.description.strip():
        raise ValueError(f"The figure “{labels.id}” has no title or no description.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" width="{width:g}" height="{height:g}" direction="ltr" '
        f'role="img" aria-labelledby="{labels.id}-title {labels.id}-desc">'
        f'<title id="{labels.id}-title">{escape(labels.title)}</title>'
        f'<desc id="{labels.id}-desc">{escape(labels.description)}</desc><g aria-hidden="true">'
    )
