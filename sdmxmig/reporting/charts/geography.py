"""Land and places in the Equal Earth projection.

See the README of ``templates/geography/`` for sources.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
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
