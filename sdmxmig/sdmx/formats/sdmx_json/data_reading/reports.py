"""Reference metadata listed among the attributes of a data message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import polars as pl

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.dataset_notes import Attributes, reports_of
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import SWITCHED_OFF, DimensionGroup, described_dimensions
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import MISSING, Absent, ListedComponent, Listing, PlaceOf
from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import DatasetPiece, DatasetReading
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import Ids, attributes_in_cells, depth_of
from sdmxmig.sdmx.model.data_structures import DataStructure

Report = tuple[Mapping[str, str], Attributes]


def reported_in(listing: Listing, structure: DataStructure) -> dict[str, Ids]:
    """Find the listed attributes that are reference metadata, with their paths.

    These are attributes marked as such, attributes that the structure uses from its metadata structure and, if it has
    one, unknown attributes without a relationship.
    """
    roles = {component.id: component.role for component in structure.components}
    ids_by_name = {}
    for listed in listing.of("attribute"):
        is_loose = listed.id not in roles and structure.metadata is not None and "relationship" not in listed.node.value
        if listed.path or is_loose or roles.get(listed.id) == "metadata":
            ids_by_name[listed.id] = listed.path or (listed.id,)
    return ids_by_name


def reported_cells(
    listed: ListedComponent, ids: Ids, cells: Sequence[Any], place_of: PlaceOf, faults: Faults | None
) -> pl.Series:
    """Convert attribute cells of reference metadata to JSON; null if empty.

    Raises `InputError` with its place for invalid values, or records the fault and leaves them out.
    """
    texts: list[str | None] = []
    for row, cell in enumerate(cells):
        try:
            value = None if isinstance(cell, Absent) else resolved(listed, ids, cell, place_of(row))
            texts.append(None if value is None else msgspec.json.encode(value).decode())
        except InputError as error:
            fault(faults, error)
            texts.append(None)
    return pl.Series(listed.id, texts, dtype=pl.String)


def resolved(listed: ListedComponent, ids: Ids, cell: Any, node: Node) -> Any:
    listed_values = listed.node.get("values", list)
    value = pointed_at(listed_values, cell, node) if listed_values is not None else cell
    if depth_of(value, node) > len(ids):
        raise node.wrong(f"More arrays stand in each other than {'.'.join(ids)} has steps.")
    return value


def pointed_at(values: Node, cell: Any, node: Node) -> Any:
    """The listed value that an index means, or those that an array of indices means."""
    if cell is None or (type(cell) is str and cell in MISSING):
        return cell
    if type(cell) is list:
        return [pointed_at(values, element, node.at(index)) for index, element in enumerate(cell)]
    if type(cell) is not int or not 0 <= cell < len(values.value):
        raise node.wrong(f"This is no index of the {len(values.value)} values listed.", "Indices count from 0.")
    entry = values.value[cell]
    if entry is None:
        return None
    if type(entry) is not dict:
        raise values.at(cell).wrong("This has to be an object.")
    return next((entry[name] for name in ("id", "value", "values") if entry.get(name) is not None), None)


def place_in(node: Node, index: int, _: int) -> Node:
    return node.at(index)


class DatasetReports:
    """The reports of one dataset, from its outline and from its pieces."""

    def __init__(self, reading: DatasetReading, groups: Sequence[DimensionGroup]) -> None:
        self.reading = reading
        self._seen: set[tuple[tuple[str, ...], str]] = set()
        self._first = [*self._on_dataset(), *(report for group in groups for report in self._on_group(group))]

    def _on_dataset(self) -> Iterator[Report]:
        array = self.reading.node.get("attributes", list)
        if array is not None:
            yield from self._in_array(array.value, "dataSet", array, {})

    def _on_group(self, group: DimensionGroup) -> Iterator[Report]:
        named = {name: value for name, value in group.key.items() if value != SWITCHED_OFF}
        yield from self._in_array(group.cells, "dimensionGroup", group.node, named)

    def _in_array(self, cells: Sequence[Any], level: str, node: Node, named: Mapping[str, str]) -> Iterator[Report]:
        ids_and_values = []
        for index, (listed, cell) in enumerate(zip(self.reading.listing.of("attribute", level), cells, strict=False)):
            ids = self.reading.reported.get(listed.id)
            if ids is not None:
                text = reported_cells(
                    listed, ids, cells=[cell], place_of=partial(place_in, node, index), faults=self.reading.faults
                )[0]
                ids_and_values += [(ids, msgspec.json.decode(text))] if text is not None else []
        attributes = attributes_in_cells(ids_and_values)
        if attributes:
            yield named, attributes

    def on(self, piece: DatasetPiece) -> pl.DataFrame | None:
        reports, self._first = self._first, []
        if not self.reading.reported:
            return None
        if piece.heads is not None and piece.attributes:
            reports += self._in_columns(piece.heads, piece.attributes)
        reports += self._in_columns(piece.codes, piece.columns)
        return reports_of(self.reading.structure.key, reports)

    def _in_columns(self, codes: pl.DataFrame, columns: Mapping[str, pl.Series]) -> Iterator[Report]:
        reading = self.reading
        parts: dict[tuple[str, ...], list[pl.Series]] = {}
        for name, column in columns.items():
            if name in reading.reported and column.null_count() < column.len():
                parts.setdefault(self._about(reading.reported[name][0], codes), []).append(column)
        for dims, part_columns in parts.items():
            names = [column.name for column in part_columns]
            reporting = (
                pl.DataFrame(part_columns).with_row_index("#row").filter(pl.any_horizontal(pl.col(names).is_not_null()))
            )
            keys = reading.decoded(codes.select(pl.all().gather(reporting["#row"]))).select(dims)
            once = pl.concat([keys, reporting.select(names)], how="horizontal").unique(maintain_order=True)
            for row in once.rows():
                key, cells = row[: len(dims)], row[len(dims) :]
                ids_and_values = [
                    (reading.reported[name], msgspec.json.decode(cell))
                    for name, cell in zip(names, cells, strict=True)
                    if cell is not None
                ]
                if len(dims) < len(reading.structure.key) and self._is_known(key, cells):
                    continue
                attributes = attributes_in_cells(ids_and_values)
                if attributes:
                    yield dict(zip(dims, key, strict=True)), attributes

    def _about(self, top_id: str, codes: pl.DataFrame) -> tuple[str, ...]:
        structure = self.reading.structure
        uses = [
            component for component in structure.of_role("metadata") if component.id == top_id and component.attachment
        ]
        dimensions = described_dimensions(uses[0], structure) if uses else structure.key
        return tuple(name for name in dimensions if name in codes.columns)

    def _is_known(self, key: tuple[str, ...], cells: tuple[str | None, ...]) -> bool:
        report_key = (key, "\n".join(cell or "" for cell in cells))
        if report_key in self._seen:
            return True
        self._seen.add(report_key)
        return False
