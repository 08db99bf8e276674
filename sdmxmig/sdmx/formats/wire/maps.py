"""Maps between structures, representations and item schemes, as messages have them."""

from __future__ import annotations

from sdmxmig.sdmx.formats.wire import SHAPES
from sdmxmig.sdmx.model.references import Ref

MAPS_OF_SETS = tuple(key.removesuffix(" of a set") for key in SHAPES if key.endswith(" of a set"))
USUAL = {"TIME_PERIOD": "TimeDimension", "OBS_VALUE": "PrimaryMeasure"}
LISTS = {"PrimaryMeasure": "MeasureDescriptor"}
TIME_MAPS = {"EpochMap": "epoch", "DatePatternMap": "pattern"}
WITHOUT_REPRESENTATIONS = ("representations in the map {id}", "Only structure maps have them.")


def only_scheme(sides: tuple[Ref | str, ...]) -> Ref | None:
    return sides[0] if len(sides) == 1 and isinstance(sides[0], Ref) else None
