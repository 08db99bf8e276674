"""The position of components in a data message, by version and dimension at observation."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

AT_TIME = "TIME_PERIOD"


@dataclass(frozen=True, slots=True)
class Placement:
    """Component ids at the dataset, series and observations, in structure order.

    `dimension` is the dimension at observation or ``AllDimensions`` (no series). `by_series`: series attributes are at
    series, not repeated at observations. `spread` are key-part attributes repeated at `series` and `observation` if the
    version has no element for them.
    """

    dimension: str
    dataset: tuple[str, ...]
    _: KW_ONLY
    series_key: tuple[str, ...]
    series: tuple[str, ...]
    observation_key: tuple[str, ...]
    measures: tuple[str, ...]
    observation: tuple[str, ...]
    by_series: bool
    spread: tuple[str, ...]

    @property
    def is_flat(self) -> bool:
        return self.dimension == ALL_DIMENSIONS


def place(structure: DataStructure, dimension: str, *, has_atts: bool) -> Placement:
    """Determine the position of components; `has_atts`: partial keys have their own element.

    An attribute is at the series if it describes only dimensions of the series key, else at the observation.

    Raises `DeclarationError` for an unknown dimension.
    """
    if dimension == AT_TIME and structure.time is None and AT_TIME not in structure.key:
        hint = f"Write its data by another dimension at observation, or by {ALL_DIMENSIONS}."
        raise DeclarationError(f"{structure.ref.short} has no time dimension.", structure.place, hint)
    if dimension not in (*structure.key, ALL_DIMENSIONS):
        hint = f"It is one of {', '.join(structure.key)} or {ALL_DIMENSIONS}."
        raise DeclarationError(f"{structure.ref.short} has no “{dimension}”.", structure.place, hint)
    flat = dimension == ALL_DIMENSIONS
    series_key = () if flat else tuple(name for name in structure.key if name != dimension)
    at_time = structure.time is not None and dimension == structure.time.id
    spread = () if has_atts else tuple(c.id for c in structure.attributes("dimensions"))

    def at_series(component: Component) -> bool:
        if component.attachment == "series":
            return at_time
        return component.attachment == "dimensions" and not flat and dimension not in component.dimensions

    placed = [c for c in structure.attributes() if c.attachment in ("series", "observation") or c.id in spread]
    return Placement(
        dimension,
        tuple(c.id for c in structure.attributes("dataset")),
        series_key=series_key,
        series=tuple(c.id for c in placed if at_series(c)),
        observation_key=tuple(name for name in structure.key if name not in series_key),
        measures=tuple(c.id for c in structure.measures),
        observation=tuple(c.id for c in placed if not at_series(c)),
        by_series=at_time,
        spread=spread,
    )
