"""Where each component of a structure stands in a data message, by version and dimension at observation."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

AT_TIME = "TIME_PERIOD"


@dataclass(frozen=True, slots=True)
class Placement:
    """The ids of the components that stand at the dataset, at series and at observations, in the structure's order.

    `dimension` is the dimension at observation or ``AllDimensions``; then there are no series. `by_series` says that
    attributes of series stand there, and not at each observation. `spread` are the attributes of parts of the key
    that this version repeats at `series` and `observation`; where it has an element of their own it is empty.
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
        """Whether observations stand without series."""
        return self.dimension == ALL_DIMENSIONS


def place(structure: DataStructure, dimension: str, *, has_atts: bool) -> Placement:
    """Find where components stand; `has_atts` says that the version has an element for attributes of a part key.

    An attribute stands at the series if it describes none but dimensions of the series' key, else at the observation.

    Raises `DeclarationError` for a dimension that the structure does not have.
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
