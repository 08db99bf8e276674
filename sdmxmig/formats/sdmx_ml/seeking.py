"""Where values stand in a data message of any layout of SDMX-ML."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from sdmxmig.errors import InputError
from sdmxmig.formats.faults import Faults
from sdmxmig.formats.mending import mended
from sdmxmig.formats.seeking import Sought, told
from sdmxmig.intake.xml_feed import XmlFeed
from sdmxmig.places import Place

LISTS = ("SeriesKey", "ObsKey", "GroupKey", "Attributes", "Key")
"""Elements whose values belong to the element above."""
NAMED = {"ObsValue": "OBS_VALUE", "Time": "TIME_PERIOD"}
PARTS = ("Value", "ObsDimension", *NAMED)


def seek(name: str, content: bytes, sought: Sequence[Sought]) -> list[list[Place]]:
    """The elements at which what is sought stands; at the first dataset what stands nowhere."""
    seeker = Seeker(name, sought)
    try:
        for piece in mended(name, io.BytesIO(content), Faults()):
            seeker.feed.feed(piece)
    except InputError:
        pass  # it was told when the file was read
    first = [seeker.dataset or Place(name, line=1)]
    return [places or first for places in told(sought, seeker.found)]


@dataclass(slots=True)
class Scope:
    """An open element: the values that stand at it, and all that hold there."""

    name: str
    place: tuple[int, int]
    all: dict[str, str]
    own: list[tuple[str, str]] = field(default_factory=list)


class Seeker:
    """Follows the elements of a message with the values that hold there."""

    def __init__(self, name: str, sought: Sequence[Sought]) -> None:
        self.name = name
        self.sought = sought
        self.feed = XmlFeed(name, self)
        self.found: list[list[Place]] = [[] for _ in sought]
        self.dataset: Place | None = None
        self.dimension = "TIME_PERIOD"
        self.scopes = [Scope("", (1, 1), {})]
        self.wanted: dict[tuple[str, str], list[int]] = {}
        for number, one in enumerate(sought):
            for component, value in one.where.items():
                if value is not None:
                    self.wanted.setdefault((component, value), []).append(number)

    def start(self, tag: str, attributes: dict[str, str], _before: str) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        above, place = self.scopes[-1], (self.feed.line, self.feed.column)
        if name == "DataSet" and self.dataset is None:
            self.dataset = Place(self.name, line=place[0], column=place[1])
        if name == "Structure":
            self.dimension = attributes.get("dimensionAtObservation", self.dimension)
        if name in LISTS:
            self.scopes.append(Scope(name, above.place, above.all, above.own))
            return
        if name in PARTS and "value" in attributes:
            usual = self.dimension if name == "ObsDimension" else NAMED.get(name, "")
            self.add(above, attributes.get("id") or attributes.get("concept") or usual, attributes["value"])
        scope = Scope(attributes.get("id", name) if name == "Comp" else name, place, dict(above.all))
        self.scopes.append(scope)
        if name not in PARTS and name != "Comp":
            for key, value in attributes.items():
                if "}" not in key:
                    self.add(scope, key, value)

    @staticmethod
    def add(scope: Scope, component: str, value: str) -> None:
        """Keep a value of an element."""
        scope.all[component] = value
        scope.own.append((component, value))

    def end(self, tag: str, text: str) -> None:
        """An element ends: see whether its values are sought."""
        scope, name = self.scopes.pop(), tag.rpartition("}")[2]
        above = self.scopes[-1]
        if text and not text.isspace():
            if name == "Value" and len(self.scopes) > 1:  # of an element Comp, whose name is its component
                self.add(self.scopes[-2], above.name, text.strip())
            else:
                self.add(above, NAMED.get(name, name), text.strip())
        if name in LISTS:
            return
        for number in {number for pair in scope.own for number in self.wanted.get(pair, ())}:
            one, places = self.sought[number], self.found[number]
            fits = all(scope.all.get(part) == value for part, value in one.where.items() if part != one.component)
            value = one.where.get(one.component)
            stands = one.component not in scope.all if value is None else (one.component, value) in scope.own
            if fits and stands and len(places) < one.skipped + one.most:
                places.append(Place(self.name, line=scope.place[0], column=scope.place[1]))
