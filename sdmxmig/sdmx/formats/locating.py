"""Locations of wrong values in a file, looked up only when they are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow

MANY = 100
"""Maximum number of places reported for one problem."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Values to locate, by component (None: absent).

    The place is that of `component`; without values, that of the dataset. Of several places, `skipped` correct ones
    precede, and at most `most` are reported.
    """

    component: str
    where: Mapping[str, str | None]
    _: KW_ONLY
    skipped: int = 0
    most: int = MANY


Locate = Callable[[KeptMessage, Sequence[Sought], Mapping[str, Flow]], list[list[Place]]]


def limited_places(sought: Sequence[Sought], all_places: Sequence[Sequence[Place]]) -> list[list[Place]]:
    return [
        list(places[target.skipped : target.skipped + target.most])
        for target, places in zip(sought, all_places, strict=True)
    ]
