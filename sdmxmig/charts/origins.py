"""Where people come from or go to: circles on a map of land without boundaries, as large as their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.charts import ATTENTION, CHARTS, Labels
from sdmxmig.charts.canvas import ANCHORS, SMALL, Canvas, breadth
from sdmxmig.charts.geography import Geography, Point, shipped_geography
from sdmxmig.charts.svg import PAGE_WIDTH

Box = tuple[float, float, float, float]
HEIGHT = 300
LARGEST = 24
SMALLEST = 3
NAMED = 8
LEAST = 1.1
"""The smallest part of the earth that is shown, so that a neighbourhood is still known by its coasts."""
MARGIN = 0.18
RESOLUTION = 0.5
"""Coasts say no more than this, in units of the figure; what is nearer together is one point."""
LAND = "#e3e8ec"
SEA = "#ffffff"


@dataclass(frozen=True, slots=True)
class Origin:
    """One country: its code and name, how many, and that as written."""

    code: str
    name: str
    _: KW_ONLY
    value: float
    written: str


@dataclass(frozen=True, slots=True)
class OriginMap:
    """The country that the figures are of, and the countries that they name; those without a place are left out."""

    home: str
    home_name: str
    _: KW_ONLY
    origins: tuple[Origin, ...]
    geography: Geography = field(default_factory=shipped_geography)


@dataclass(frozen=True, slots=True)
class View:
    """The part of the map that is shown: its centre and how much one unit of the projection is in the figure."""

    centre: Point
    scale: float

    def place(self, point: Point) -> Point:
        """Where a point of the projection lies in the figure."""
        x, y = ((part - middle) * self.scale for part, middle in zip(point, self.centre, strict=True))
        return x + PAGE_WIDTH / 2, y + HEIGHT / 2


@CHARTS.add("origins")
def draw(content: OriginMap, labels: Labels) -> str:
    """Draw the map; north is up and east is right in every language."""
    canvas = Canvas(labels)
    known = content.geography.places
    found = sorted(
        (origin for origin in content.origins if origin.code in known), key=lambda origin: (-origin.value, origin.code)
    )
    spots = [known[origin.code] for origin in found] + [known[code] for code in [content.home] if code in known]
    view = fitted(spots)
    coasts(canvas, view, content.geography)
    most = max((origin.value for origin in found), default=0.0) or 1.0
    discs = [
        (view.place(known[origin.code]), max(SMALLEST, LARGEST * math.sqrt(origin.value / most))) for origin in found
    ]
    for centre, radius in discs:
        disc(canvas, centre, radius)
    taken = [around(centre, radius) for centre, radius in discs]
    if content.home in known:
        x, y = view.place(known[content.home])
        canvas.shape("circle", ATTENTION, "#ffffff", cx=x, cy=y, r=5)
        taken.append(around((x, y), 5))
        named(canvas, ((x, y), 5), content.home_name, taken, colour=ATTENTION)
    for origin, place in list(zip(found, discs, strict=True))[:NAMED]:
        named(canvas, place, f"{origin.name} {origin.written}", taken, colour=canvas.theme.ink)
    return canvas.svg(HEIGHT)


def fitted(spots: Sequence[Point]) -> View:
    """The part of the map that holds all these points with a margin, never less than a neighbourhood."""
    if not spots:
        return View((0.0, 0.0), PAGE_WIDTH / 5.5)
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    wide = max(max(xs) - min(xs) + 2 * MARGIN, (max(ys) - min(ys) + 2 * MARGIN) * PAGE_WIDTH / HEIGHT, LEAST)
    return View(((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2), PAGE_WIDTH / wide)


def coasts(canvas: Canvas, view: View, geography: Geography) -> None:
    """All land that lies in the view, cut off at its edges, without what is too small to be seen."""
    outlines = []
    for rings in geography.land:
        for ring in rings:
            cut = thinned(clipped([view.place(point) for point in ring]))
            if len(cut) > 2:
                outlines.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in cut) + "Z")
    canvas.box((0, 0), (PAGE_WIDTH, HEIGHT), SEA)
    canvas.path("".join(outlines), LAND, stroke="#c3ccd4")


def clipped(ring: Sequence[Point]) -> list[Point]:
    """The part of an outline that lies within the figure (Sutherland and Hodgman, one edge after the other)."""
    found = list(ring)
    for axis, edge, sign in ((0, 0.0, 1), (0, PAGE_WIDTH, -1), (1, 0.0, 1), (1, HEIGHT, -1)):
        given, found = found, []
        for number, point in enumerate(given):
            before = given[number - 1]
            is_in, was_in = ((one[axis] - edge) * sign >= 0 for one in (point, before))
            if is_in != was_in:
                share = (edge - before[axis]) / (point[axis] - before[axis])
                x, y = (a + share * (b - a) for a, b in zip(before, point, strict=True))
                found.append((x, y))
            if is_in:
                found.append(point)
    return found


def thinned(ring: Sequence[Point]) -> list[Point]:
    """An outline without the points that are nearer to the one before than can be seen."""
    found: list[Point] = []
    for point in ring:
        if not found or math.dist(point, found[-1]) >= RESOLUTION:
            found.append(point)
    return found


def disc(canvas: Canvas, centre: Point, radius: float) -> None:
    """One circle, through which others can still be seen."""
    colour = canvas.theme.accent
    canvas.parts.append(
        f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6" '
        f'stroke="{colour}" stroke-width="1"/>'
    )


def around(centre: Point, radius: float) -> Box:
    """The box that a circle fills, its corners left to others."""
    x, y = centre
    inner = radius * 0.8
    return x - inner, y - inner, x + inner, y + inner


def named(canvas: Canvas, place: tuple[Point, float], words: str, taken: list[Box], *, colour: str) -> None:
    """The words beside a circle where there is room: right, left, below, above; else none, the table has them."""
    (x, y), radius = place
    wide = breadth(words, SMALL)
    for left, base, anchor in (
        (x + radius + 4, y + 4, "start"),
        (x - radius - 4 - wide, y + 4, "end"),
        (x - wide / 2, y + radius + 13, "middle"),
        (x - wide / 2, y - radius - 5, "middle"),
    ):
        box = (left, base - 11, left + wide, base + 3)
        inside = left >= 0 and box[2] <= PAGE_WIDTH and box[1] >= 0 and box[3] <= HEIGHT
        if inside and not any(overlap(box, other) for other in taken):
            taken.append(box)
            near = {"start": left, "end": box[2], "middle": x}[anchor]
            side = ANCHORS[anchor] if canvas.mirrored else anchor
            canvas.text((canvas.x(near), base), words, anchor=side, size=SMALL, colour=colour, bold=colour == ATTENTION)
            return


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a part in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
