"""Map of origins or destinations with proportional circles.

See the README of ``templates/geography/`` for sources.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.reporting.charts import ATTENTION, ChartLabels
from sdmxmig.reporting.charts.canvas import ANCHORS, SMALL, Canvas, breadth
from sdmxmig.reporting.charts.svg import PAGE_WIDTH
from sdmxmig.sdmx.model.artefacts import Text

Point = tuple[float, float]
Piece = tuple[tuple[Point, ...], ...]
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
"""The polynomial of the projection: Šavrič, Patterson and Jenny (2019), doi 10.1080/13658816.2018.1504949."""
M = math.sqrt(3) / 2


@dataclass(frozen=True, slots=True)
class Geography:
    """Land outlines and places by CL_AREA code, `projected`.

    `source` and `disclaimer` are those of an office, or empty.
    """

    land: tuple[Piece, ...]
    places: Mapping[str, Point]
    _: KW_ONLY
    source: Text = Text()
    disclaimer: Text = Text()


def projected(longitude: float, latitude: float) -> Point:
    """Project a place; x to the right, y downwards, earth radius 1.

    >>> [round(part, 3) for part in projected(0, 90)], round(projected(180, 0)[0], 3)
    ([0.0, -1.317], 2.707)
    """
    angle = math.asin(M * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square * square * square
    slope = A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square)
    x = math.radians(longitude) * math.cos(angle) / (M * slope)
    return x, -angle * (A1 + A2 * square + sixth * (A3 + A4 * square))


@lru_cache(maxsize=1)
def land() -> tuple[Piece, ...]:
    """Return the pieces of land, each as outline with lakes."""
    path = shipped("templates") / "geography" / "land.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            tuple(
                tuple(projected(*map(float, point.split(","))) for point in ring.split())
                for ring in row["rings"].split(";")
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def places() -> dict[str, Point]:
    path = shipped("templates") / "geography" / "places.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: projected(float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(file)}


@lru_cache(maxsize=1)
def shipped_geography() -> Geography:
    return Geography(land(), places())


Box = tuple[float, float, float, float]
HEIGHT = 300
LARGEST = 24
SMALLEST = 3
NAMED = 8
LEAST = 1.1
MARGIN = 0.18
RESOLUTION = 0.5
LAND = "#e3e8ec"
SEA = "#ffffff"


@dataclass(frozen=True, slots=True)
class OriginCountry:
    """A country: code, name, number, and number as text."""

    code: str
    name: str
    _: KW_ONLY
    value: float
    written: str


@dataclass(frozen=True, slots=True)
class OriginMap:
    """The reporting country and the countries in its figures; those without a place are left out."""

    home: str
    home_name: str
    _: KW_ONLY
    origins: tuple[OriginCountry, ...]
    geography: Geography = field(default_factory=shipped_geography)


@dataclass(frozen=True, slots=True)
class View:
    """The displayed part of the map: its centre, and figure units per unit of the projection."""

    centre: Point
    scale: float

    def place(self, point: Point) -> Point:
        x, y = ((part - middle) * self.scale for part, middle in zip(point, self.centre, strict=True))
        return x + PAGE_WIDTH / 2, y + HEIGHT / 2


def draw(content: OriginMap, labels: ChartLabels) -> str:
    """Draw the map; north is up and east is right in every language."""
    canvas = Canvas(labels)
    place_by_code = content.geography.places
    placed = sorted(
        (origin for origin in content.origins if origin.code in place_by_code),
        key=lambda origin: (-origin.value, origin.code),
    )
    spots = [place_by_code[origin.code] for origin in placed] + [
        place_by_code[code] for code in [content.home] if code in place_by_code
    ]
    view = fitted(spots)
    coasts(canvas, view, content.geography)
    largest = max((origin.value for origin in placed), default=0.0) or 1.0
    discs = [
        (view.place(place_by_code[origin.code]), max(SMALLEST, LARGEST * math.sqrt(origin.value / largest)))
        for origin in placed
    ]
    for centre, radius in discs:
        disc(canvas, centre, radius)
    occupied = [around(centre, radius) for centre, radius in discs]
    if content.home in place_by_code:
        x, y = view.place(place_by_code[content.home])
        canvas.shape("circle", ATTENTION, "#ffffff", cx=x, cy=y, r=5)
        occupied.append(around((x, y), 5))
        named(canvas, ((x, y), 5), content.home_name, occupied, colour=ATTENTION)
    for origin, place in list(zip(placed, discs, strict=True))[:NAMED]:
        named(canvas, place, f"{origin.name} {origin.written}", occupied, colour=canvas.theme.ink)
    return canvas.svg(HEIGHT)


def fitted(spots: Sequence[Point]) -> View:
    if not spots:
        return View((0.0, 0.0), PAGE_WIDTH / 5.5)
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    wide = max(max(xs) - min(xs) + 2 * MARGIN, (max(ys) - min(ys) + 2 * MARGIN) * PAGE_WIDTH / HEIGHT, LEAST)
    return View(((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2), PAGE_WIDTH / wide)


def coasts(canvas: Canvas, view: View, geography: Geography) -> None:
    outlines = []
    for rings in geography.land:
        for ring in rings:
            outline = thinned(clipped([view.place(point) for point in ring]))
            if len(outline) > 2:
                outlines.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in outline) + "Z")
    canvas.box((0, 0), (PAGE_WIDTH, HEIGHT), SEA)
    canvas.path("".join(outlines), LAND, stroke="#c3ccd4")


def clipped(ring: Sequence[Point]) -> list[Point]:
    """Clip an outline to the figure (Sutherland–Hodgman)."""
    points = list(ring)
    for axis, edge, sign in ((0, 0.0, 1), (0, PAGE_WIDTH, -1), (1, 0.0, 1), (1, HEIGHT, -1)):
        previous, points = points, []
        for number, point in enumerate(previous):
            start = previous[number - 1]
            is_in, was_in = ((corner[axis] - edge) * sign >= 0 for corner in (point, start))
            if is_in != was_in:
                share = (edge - start[axis]) / (point[axis] - start[axis])
                x, y = (a + share * (b - a) for a, b in zip(start, point, strict=True))
                points.append((x, y))
            if is_in:
                points.append(point)
    return points


def thinned(ring: Sequence[Point]) -> list[Point]:
    points: list[Point] = []
    for point in ring:
        if not points or math.dist(point, points[-1]) >= RESOLUTION:
            points.append(point)
    return points


def disc(canvas: Canvas, centre: Point, radius: float) -> None:
    colour = canvas.theme.accent
    canvas.parts.append(
        f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6" '
        f'stroke="{colour}" stroke-width="1"/>'
    )


def around(centre: Point, radius: float) -> Box:
    x, y = centre
    inner = radius * 0.8
    return x - inner, y - inner, x + inner, y + inner


def named(canvas: Canvas, place: tuple[Point, float], words: str, occupied: list[Box], *, colour: str) -> None:
    """Draw the words beside a circle where there is room: right, left, below or above."""
    (x, y), radius = place
    wide = breadth(words, SMALL)
    for left, base, anchor in (
        (x + radius + 4, y + 4, "start"),
        (x - radius - 4 - wide, y + 4, "end"),
        (x - wide / 2, y + radius + 13, "middle"),
        (x - wide / 2, y - radius - 5, "middle"),
    ):
        box = (left, base - 11, left + wide, base + 3)
        is_inside = left >= 0 and box[2] <= PAGE_WIDTH and box[1] >= 0 and box[3] <= HEIGHT
        if is_inside and not any(overlap(box, occupied_box) for occupied_box in occupied):
            occupied.append(box)
            text_x = {"start": left, "end": box[2], "middle": x}[anchor]
            side = ANCHORS[anchor] if canvas.mirrored else anchor
            canvas.text(
                (canvas.x(text_x), base), words, anchor=side, size=SMALL, colour=colour, bold=colour == ATTENTION
            )
            return


def overlap(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
