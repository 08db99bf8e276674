"""Office maps from GeoJSON (RFC 7946)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sdmxmig.io.intake.files import MIB, read_bytes
from sdmxmig.io.intake.json import json_name, parse_json
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.charts.geography import Geography, Piece, Point, places, projected
from sdmxmig.sdmx.declarations import Declared, shown

SIZE_LIMIT = 4 * MIB
POINTS_LIMIT = 200_000
DRAWN = ("Point", "Polygon", "MultiPolygon")
DEGREES = "GeoJSON writes longitude, then latitude, in degrees (WGS 84): save it in EPSG:4326."
CLOSED = 4
"""Minimum positions of a closed outline (RFC 7946, 3.1.6)."""


@dataclass(frozen=True, slots=True)
class GeoJsonPart:
    """A GeoJSON value with its pointer."""

    value: Any
    file: str
    _: KW_ONLY
    pointer: str = ""

    def child(self, key: object) -> GeoJsonPart:
        inside = self.value[key] if isinstance(key, int) else self.value.get(key)
        return GeoJsonPart(inside, self.file, pointer=f"{self.pointer}/{json_name(key)}")

    def listed(self, expected: str) -> list[GeoJsonPart]:
        if not isinstance(self.value, list) or not self.value:
            raise self.refusal(f"This should be {expected}, not {quoted(self.value)}.")
        return [self.child(number) for number in range(len(self.value))]

    def named(self, expected: str) -> GeoJsonPart:
        if not isinstance(self.value, dict):
            raise self.refusal(f"This should be {expected}, not {quoted(self.value)}.")
        return self

    def refusal(self, message: str, hint: str = "") -> DeclarationError:
        return DeclarationError(message, Place(self.file, key=self.pointer or "/"), hint)


def office_geography(path: Path, declared: Declared) -> Geography:
    """Read an office's map; missing places keep the shipped ones.

    Raises `DeclarationError` with key or pointer, `InputError` if unreadable.
    """
    source, disclaimer = declared.texts("source", required=True), declared.texts("disclaimer")
    key = declared.text("code", "code")
    if path.is_symlink():
        raise DeclarationError("The map is a link to another file.", Place(path.name), "Put the file itself there.")
    content = read_bytes(path, limit=SIZE_LIMIT)
    land, spots = read_land(GeoJsonPart(parse_json(content, path.name, float), path.name), key)
    return Geography(land, {**places(), **spots}, source=source, disclaimer=disclaimer)


def read_land(document: GeoJsonPart, key: str) -> tuple[tuple[Piece, ...], dict[str, Point]]:
    """The pieces of land of a GeoJSON text, and the places of countries by the code in the property `key`."""
    land: list[Piece] = []
    spots: dict[str, Point] = {}
    points = 0
    for geometry, properties in geometries(document):
        kind, drawn = geometry.value.get("type"), geometry.child("coordinates")
        if kind == "Point":
            code = area(properties, key, spots)
            spots[code] = projected(*position(drawn))
        elif kind in DRAWN:
            for outlines in [drawn] if kind == "Polygon" else drawn.listed("a list of polygons"):
                land.append(piece(outlines))
                points += sum(map(len, land[-1]))
        else:
            hint = f"Maps are drawn from {', '.join(DRAWN)}."
            raise geometry.child("type").refusal(f"This is not drawn: {quoted(kind)}.", hint)
        if points > POINTS_LIMIT:
            raise geometry.refusal(f"The land has more than {POINTS_LIMIT:,} points.", "Simplify it before.")
    if not land:
        raise document.refusal("There is no land in this file.", "Land is a Polygon or a MultiPolygon.")
    return tuple(land), spots


def geometries(document: GeoJsonPart) -> Iterator[tuple[GeoJsonPart, GeoJsonPart]]:
    """Yield geometries with properties (RFC 7946, 3.2)."""
    kind = document.named("a GeoJSON object").value.get("type")
    features = document.child("features").listed("a list of features") if kind == "FeatureCollection" else [document]
    if kind not in ("FeatureCollection", "Feature"):
        yield document, document.child("properties")
        return
    for feature in features:
        geometry = feature.named("a feature").child("geometry")
        if geometry.value is not None:
            yield geometry.named("a geometry"), feature.child("properties")


def area(properties: GeoJsonPart, key: str, placed: dict[str, Point]) -> str:
    code = properties.named(f"an object with “{key}”, the code of a country in CL_AREA").child(key)
    if not isinstance(code.value, str) or code.value not in places():
        hint = did_you_mean(code.value[:40], places()) if isinstance(code.value, str) else "Write it as a text."
        raise code.refusal(f"{quoted(code.value)} is no code of a country in CL_AREA.", hint)
    if code.value in placed:
        raise code.refusal(f"{quoted(code.value)} has a place already.", "Keep one of them.")
    return code.value


def piece(outlines: GeoJsonPart) -> Piece:
    rings = outlines.listed("a list of outlines")
    return tuple(turned(ring(part), is_lake=number > 0) for number, part in enumerate(rings))


def ring(outline: GeoJsonPart) -> list[Point]:
    """A closed line of positions, projected."""
    positions = outline.listed("a list of positions")
    points = [position(part) for part in positions]
    if len(points) < CLOSED or points[0] != points[-1]:
        hint = f"It has {CLOSED} positions or more, and the last is the first one again."
        raise outline.refusal("The outline is not closed.", hint)
    for part, (before, after) in zip(positions, pairwise(points), strict=False):
        if abs(after[0] - before[0]) > 180 and {abs(before[0]), abs(after[0])} != {180.0}:
            raise part.refusal("The outline crosses the meridian of 180°.", "Cut it there (RFC 7946, 3.1.9).")
    return [projected(*point) for point in points]


def turned(points: Sequence[Point], *, is_lake: bool) -> tuple[Point, ...]:
    twice = sum(before[0] * after[1] - after[0] * before[1] for before, after in pairwise(points))
    return tuple(points if (twice < 0) == is_lake else reversed(points))


def position(part: GeoJsonPart) -> Point:
    value = part.value
    if not isinstance(value, list) or len(value) < 2 or any(type(degrees) not in (int, float) for degrees in value):
        raise part.refusal(f"This should be a position such as [44.8, 41.7], not {quoted(value)}.", DEGREES)
    longitude, latitude = value[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise part.refusal("This position is not on earth.", DEGREES)
    return float(longitude), float(latitude)


def quoted(value: object) -> str:
    if value is None:
        return "a missing value"
    return "an object" if isinstance(value, dict) else shown(value if not isinstance(value, str) else value[:40])
