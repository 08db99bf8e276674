"""Locations of values in any SDMX-ML data message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.io.intake.xml import XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, SoughtValues, limit_places
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import read_data
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import NUMBER
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import FastReader
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import ScannedRun
from sdmxmig.sdmx.model.data import Flow

UNIT_COLUMN = "#unit"
KEY_ELEMENTS = ("SeriesKey", "ObsKey", "GroupKey", "Attributes", "Key")
"""Elements whose values belong to the element above."""
COMPONENT_BY_ELEMENT = {"ObsValue": "OBS_VALUE", "Time": "TIME_PERIOD"}
VALUE_ELEMENTS = ("Value", "ObsDimension", *COMPONENT_BY_ELEMENT)


def locate(message: KeptMessage, sought: Sequence[SoughtValues], flows: Mapping[str, Flow]) -> list[list[Place]]:
    """Return the elements of the values sought, or the first dataset, inspecting only matching elements."""
    seeker = ElementLocator(message.name, sought)
    follower = Follower(seeker)
    try:
        for _ in read_data(message.name, message.again(), flows, faults=Faults(), watch=follower):
            if follower.is_lost:
                break
    except InputError:
        pass  # listed when the file was read
    fallback = [seeker.dataset or Place(message.name, line=1)]
    return [places or fallback for places in limit_places(sought, seeker.places)]


class Follower:
    """Passes parsed elements, and the matching elements of regular runs, to a locator.

    `is_lost` after malformed content, when the search ends.
    """

    def __init__(self, seeker: ElementLocator) -> None:
        self.seeker = seeker
        self.is_lost = False

    def on_end(self) -> None:
        """Do nothing at the end of the message."""

    def on_piece(self, piece: bytes) -> None:
        if not self.is_lost:
            try:
                self.seeker.feed.feed(piece)
            except InputError:
                self.is_lost = True

    def on_run(self, run: bytes, parsed: ScannedRun, reader: FastReader) -> None:
        units = set() if self.is_lost else self._find_units_with_values(parsed)
        if not units:
            self._skip(run)
            return
        for number, unit in enumerate(split_units(run, reader.start)):
            if number in units:
                self.on_piece(unit)
            else:
                self._skip(unit)

    def _skip(self, piece: bytes) -> None:
        if not self.is_lost:
            self.seeker.feed.skip(piece)

    def _find_units_with_values(self, run: ScannedRun) -> set[int]:
        rows = run.observations
        numbers = pl.int_range(rows.height, eager=True) if run.series is None else rows[NUMBER]
        table = rows.with_columns(numbers.alias(UNIT_COLUMN))
        if run.series is not None:
            heads = run.series.with_columns(pl.int_range(run.series.height).alias(UNIT_COLUMN))
            head_columns = [name for name in heads.columns if name not in table.columns]
            table = heads.join(table.drop(NUMBER), on=UNIT_COLUMN, how="left").select(
                *head_columns, *table.drop(NUMBER).columns
            )
        units: set[int] = set()
        for names, values in self.seeker.open_values().items():
            columns = [name for name in names if name in table.columns]
            if not columns:
                continue
            sought_values = (
                pl.DataFrame(values, schema=dict.fromkeys(names, pl.String), orient="row").select(columns).unique()
            )
            units |= set(table.join(sought_values, on=columns, how="semi")[UNIT_COLUMN].to_list())
        return units


def split_units(run: bytes, start: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(run):
        end = run.find(start, at + 1)
        end = len(run) if end < 0 else end
        yield run[at:end]
        at = end


@dataclass(slots=True)
class Scope:
    name: str
    place: tuple[int, int]
    in_force: dict[str, str]
    own_values: list[tuple[str, str]] = field(default_factory=list)


class ElementLocator:
    def __init__(self, name: str, sought: Sequence[SoughtValues]) -> None:
        self.name = name
        self.sought = sought
        self.feed = XmlFeed(name, self)
        self.places: list[list[Place]] = [[] for _ in sought]
        self.dataset: Place | None = None
        self.dimension = "TIME_PERIOD"
        self.scopes = [Scope("", (1, 1), in_force={})]
        self.numbers_by_value: dict[tuple[str, str], list[int]] = {}
        for number, target in enumerate(sought):
            for component, value in target.where.items():
                if value is not None:
                    self.numbers_by_value.setdefault((component, value), []).append(number)

    def start(self, tag: str, attributes: dict[str, str], _before: str) -> None:
        name = tag.rpartition("}")[2]
        above, place = self.scopes[-1], (self.feed.line, self.feed.column)
        if name == "DataSet" and self.dataset is None:
            self.dataset = Place(self.name, line=place[0], column=place[1])
        if name == "Structure":
            self.dimension = attributes.get("dimensionAtObservation", self.dimension)
        if name in KEY_ELEMENTS:
            self.scopes.append(Scope(name, above.place, in_force=above.in_force, own_values=above.own_values))
            return
        if name in VALUE_ELEMENTS and "value" in attributes:
            usual = self.dimension if name == "ObsDimension" else COMPONENT_BY_ELEMENT.get(name, "")
            self.add(above, attributes.get("id") or attributes.get("concept") or usual, attributes["value"])
        scope = Scope(attributes.get("id", name) if name == "Comp" else name, place, in_force=dict(above.in_force))
        self.scopes.append(scope)
        if name not in VALUE_ELEMENTS and name != "Comp":
            for key, value in attributes.items():
                if "}" not in key:
                    self.add(scope, key, value)

    def open_values(self) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
        values_by_components: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for target, places in zip(self.sought, self.places, strict=True):
            present = {name: value for name, value in target.where.items() if value is not None}
            if present and len(places) < target.skipped + target.most:
                values_by_components.setdefault(tuple(present), []).append(tuple(present.values()))
        return values_by_components

    @staticmethod
    def add(scope: Scope, component: str, value: str) -> None:
        scope.in_force[component] = value
        scope.own_values.append((component, value))

    def end(self, tag: str, text: str) -> None:
        scope, name = self.scopes.pop(), tag.rpartition("}")[2]
        above = self.scopes[-1]
        if text and not text.isspace():
            if name == "Value" and len(self.scopes) > 1:  # of an element Comp, named by its component
                self.add(self.scopes[-2], above.name, text.strip())
            else:
                self.add(above, COMPONENT_BY_ELEMENT.get(name, name), text.strip())
        if name in KEY_ELEMENTS:
            return
        for number in {number for pair in scope.own_values for number in self.numbers_by_value.get(pair, ())}:
            target, places = self.sought[number], self.places[number]
            fits = all(
                scope.in_force.get(part) == value for part, value in target.where.items() if part != target.component
            )
            value = target.where.get(target.component)
            stands = (
                target.component not in scope.in_force
                if value is None
                else (target.component, value) in scope.own_values
            )
            if fits and stands and len(places) < target.skipped + target.most:
                places.append(Place(self.name, line=scope.place[0], column=scope.place[1]))
