"""Careful reading of series and observations one by one, with the place of each fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import compress, repeat
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.faults import fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import check_rest, further, reported_cells
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import (
    ListedComponent,
    PlaceOf,
    dimension_values,
    key_columns,
    read_column,
    walk,
)
from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import INDEX, DatasetPiece, DatasetReading, note_numbers
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.runs import MemberRun, members_of
from sdmxmig.sdmx.formats.sdmx_json.walk import SeekableInput

PARTS = (("observations", dict, "an object"), ("attributes", list, "an array"), ("annotations", list, "an array"))


@dataclass(frozen=True, slots=True)
class MemberReader:
    """The careful reader of members (`CarefulReader`): one series or observation at a time."""

    reading: DatasetReading
    kind: str
    _: KW_ONLY
    opened: SeekableInput

    def read(self, run: MemberRun, /) -> DatasetPiece:
        return piece_of(self._members(run), self.kind, self.reading)

    def _members(self, run: MemberRun) -> dict[str, Any]:
        """Parse the members of a run; leniently, readable ones and the first of duplicates."""
        node, faults = self.reading.node.at(self.kind), self.reading.faults
        try:
            return run.parsed(self.opened, node.pointer)
        except InputError:
            if faults is None:
                raise
        members: dict[str, Any] = {}
        for member_run in members_of(run):
            try:
                for name, value in member_run.parsed(self.opened, node.pointer).items():
                    if name in members:
                        faults.note(node.wrong(f"The member “{name}” occurs twice in one object."))
                    members.setdefault(name, value)
            except InputError as error:
                faults.note(error)
        return members


def piece_of(members: Mapping[str, Any], kind: str, reading: DatasetReading) -> DatasetPiece:
    """Read parsed series or observations.

    Raises `InputError` with its place, or records the fault and leaves out the part.
    """
    return in_series(members, reading) if kind == "series" else flat(members, reading)


def flat(members: Mapping[str, Any], reading: DatasetReading) -> DatasetPiece:
    """Read observations that name all varying dimensions."""
    node = reading.node.at("observations")
    names, arrays = arrays_of(node, members, reading)
    dimensions = reading.listing.of("dimension", "series") + reading.listing.of("dimension", "observation")
    indices, sound = key_columns(names, dimensions, lambda row: node.at(names[row]), reading.faults)
    if sound is not None:
        names, arrays = list(compress(names, sound)), list(compress(arrays, sound))
    check_dimensions(reading, len(arrays), len(arrays))
    codes = with_fixed(pl.DataFrame(indices), len(arrays), reading)
    columns = columns_of(arrays, reading.observation, reading, lambda row: node.at(names[row]))
    return DatasetPiece(codes, columns, notes=note_numbers(further(arrays, len(reading.observation), reading.listing)))


def in_series(members: Mapping[str, Any], reading: DatasetReading) -> DatasetPiece:
    node = reading.node.at("series")
    bodies = {key: body for key, body in members.items() if is_series(node, key, body, reading)}
    series = list(bodies)
    indices, sound = key_columns(
        series, reading.listing.of("dimension", "series"), lambda row: node.at(series[row]), reading.faults
    )
    if sound is not None:
        series = list(compress(series, sound))
    names: list[str] = []
    arrays: list[list[Any]] = []
    counts: list[int] = []
    for key in series:
        observations = bodies[key].get("observations") or {}
        own_names, lists = arrays_of(node.at(key, "observations"), observations, reading)
        names += own_names
        arrays += lists
        counts.append(len(own_names))
    parents = [number for number, count in enumerate(counts) for _ in repeat(None, count)]

    def place_of(row: int) -> Node:
        return node.at(series[parents[row]], "observations", names[row])

    own_codes, right = key_columns(names, reading.listing.of("dimension", "observation"), place_of, reading.faults)
    if right is not None:
        names, arrays = list(compress(names, right)), list(compress(arrays, right))
        parents = list(compress(parents, right))
    check_dimensions(reading, len(series), len(arrays))
    heads = with_fixed(pl.DataFrame(indices), len(series), reading)
    parent = pl.Series(parents, dtype=INDEX)
    codes = pl.DataFrame({**{name: heads[name].gather(parent) for name in heads.columns}, **own_codes})
    columns = columns_of(arrays, reading.observation, reading, place_of)
    attribute_cells = [bodies[key].get("attributes") or [] for key in series]
    attributes = columns_of(
        attribute_cells,
        reading.listing.of("attribute", "series"),
        reading,
        lambda row: node.at(series[row], "attributes"),
    )
    listed = [bodies[key].get("annotations") or [] for key in series]
    for row, cells in enumerate(listed):
        check_rest(node.at(series[row], "annotations"), cells, width=0, listing=reading.listing, faults=reading.faults)
    of_series = [
        *further(listed, 0, reading.listing),
        *further(attribute_cells, len(reading.listing.of("attribute", "series")), reading.listing),
    ]
    notes = note_numbers(further(arrays, len(reading.observation), reading.listing))
    return DatasetPiece(
        codes,
        columns,
        parents=parent,
        heads=heads,
        attributes=attributes,
        notes=notes,
        head_notes=note_numbers(of_series),
    )


def check_dimensions(reading: DatasetReading, members: int, observations: int) -> None:
    """Reject a message that omits dimensions, or gives a shared dimension several values."""
    listed = reading.listing.of("dimension")
    for dimension in listed if members else ():
        if dimension.id in reading.fixed and (count := dimension_values(dimension).len()) != 1:
            raise dimension.node.wrong(f"A dimension of the dataset has one value, {dimension.id} has {count}.")
    place, names = reading.listing.node.at("dimensions"), {dimension.id for dimension in listed}
    for name in reading.structure.key if observations else ():
        if name not in names:
            raise place.wrong(f"The dimension {name} is not listed.")
    if observations and not reading.structure.key:
        raise place.wrong("There are observations, but no dimensions.")


def with_fixed(codes: pl.DataFrame, height: int, reading: DatasetReading) -> pl.DataFrame:
    fixed = dict.fromkeys(reading.fixed, pl.repeat(0, height, dtype=INDEX, eager=True))
    return pl.DataFrame({**codes.to_dict(), **fixed})


def arrays_of(node: Node, members: Mapping[str, Any], reading: DatasetReading) -> tuple[list[str], list[list[Any]]]:
    if not set(map(type, members.values())) - {list}:
        return list(members), list(members.values())
    for name, array in members.items():
        if type(array) is not list:
            fault(reading.faults, node.at(name).wrong("An observation has to be an array."))
    arrays_by_name = {name: array for name, array in members.items() if type(array) is list}
    return list(arrays_by_name), list(arrays_by_name.values())


def is_series(node: Node, key: str, body: Any, reading: DatasetReading) -> bool:
    if type(body) is not dict:
        fault(reading.faults, node.at(key).wrong("A series has to be an object."))
        return False
    for name, kind, kind_name in PARTS:
        if body.get(name) is not None and type(body[name]) is not kind:
            fault(reading.faults, node.at(key, name).wrong(f"The {name} of a series have to be {kind_name}."))
            return False
    return True


def columns_of(
    arrays: Sequence[list[Any]], listed: Sequence[ListedComponent], reading: DatasetReading, place_of: PlaceOf
) -> dict[str, pl.Series]:
    """Convert arrays of values to columns; components absent from the structure are left out."""
    if max(map(len, arrays), default=0) > len(listed):
        for row, array in enumerate(arrays):
            if len(array) > len(listed):
                check_rest(place_of(row), array, width=len(listed), listing=reading.listing, faults=reading.faults)
    columns: dict[str, pl.Series] = {}
    for index, (entry, cells) in enumerate(zip(listed, walk(arrays, len(listed)), strict=True)):
        if entry.id not in reading.names and entry.id not in reading.reported:
            continue

        def place(row: int, index: int = index) -> Node:
            return place_of(row).at(index)

        if entry.id in reading.reported:
            columns[entry.id] = reported_cells(
                entry, reading.reported[entry.id], cells=cells, place_of=place, faults=reading.faults
            )
            continue
        component = reading.names[entry.id]
        columns[entry.id] = read_column(
            entry, component, cells, place, defaults=reading.defaults, faults=reading.faults
        )
    return columns
