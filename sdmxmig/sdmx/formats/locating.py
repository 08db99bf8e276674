"""Where wrong values stand in a file, looked up when they are reported: the readers keep no places of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow

MANY = 100
"""So many places of one thing are reported."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Values that stand together: `where` gives them by component; None is one that is absent.

    The place is that of `component`, if it stands by itself. Without values the dataset is meant. Of several places
    the first `skipped` are right, and `most` are told.
    """

    component: str
    where: Mapping[str, str | None]
    _: KW_ONLY
    skipped: int = 0
    most: int = MANY


Locate = Callable[[KeptMessage, Sequence[Sought], Mapping[str, Flow]], list[list[Place]]]
"""Gives the places of each thing that is sought in a message, whose data are of known dataflows."""


def limited_places(sought: Sequence[Sought], all_places: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """The places to report of those that were found: without the skipped ones, and no more than wanted."""
    return [
        list(places[target.skipped : target.skipped + target.most])
        for target, places in zip(sought, all_places, strict=True)
    ]
