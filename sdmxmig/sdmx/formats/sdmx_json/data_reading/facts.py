"""Attributes at another level than the structure's, attributes of key parts, and reference metadata.

A message may show an attribute at a finer level (a series title at each observation) or a coarser one (a unit at the
dataset). Each `AttributeFact` is moved to the level of its structure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.dataset_notes import Attributes, build_reports
from sdmxmig.sdmx.formats.faults import Faults, report_fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import (
    MISSING_TEXTS,
    DatasetPiece,
    DatasetReading,
    ListedComponent,
    Listing,
    OmittedValue,
    PlaceOf,
    build_range_error,
    is_plain,
    read_column,
    read_dimension_values,
    walk,
)
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import Ids, build_reported_attributes, count_arrays
from sdmxmig.sdmx.frames import find_first_repeated
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, parse_whole_number

SWITCHED_OFF = "~"


@dataclass(frozen=True, slots=True)
class AttributeFact:
    component: Component
    dimensions: tuple[str, ...]
    table: pl.DataFrame
    node: Node


def repeat_by_series(
    fact: AttributeFact, dimensions: Sequence[str], universe: pl.DataFrame, faults: Faults | None = None
) -> pl.DataFrame:
    """Convert attribute values to the wanted dimensions.

    Values at a finer level must agree; a value at a coarser level holds for all combinations of `universe` that it
    covers. Raises `InputError` for a contradiction, or records it and uses the first value.
    """
    name, keys = fact.component.id, [dimension for dimension in dimensions if dimension in fact.dimensions]
    table = fact.table.filter(pl.col(name).is_not_null())
    if len(keys) == len(dimensions):
        table = table.select(*keys, name)
        once = table.unique(subset=keys, keep="first", maintain_order=True) if keys else table.head(1)
        if is_plain(fact.component) and table.unique().height != once.height:
            hint = f"{name} has one value for each {', '.join(dimensions) or 'dataset'}."
            report_fault(faults, fact.node.wrong(f"The values of {name} contradict each other.", hint))
        return once
    if not keys:
        return universe.with_columns(find_first_repeated(table[name], universe.height))
    return universe.join(table.select(*keys, name), on=keys, how="inner", nulls_equal=True, maintain_order="left")


def add_missing_dimensions(fact: AttributeFact, dimensions: Sequence[str]) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(dimension) for dimension in dimensions if dimension not in fact.dimensions]
    return fact.table.with_columns(missing).select(*dimensions, fact.component.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionGroup:
    key: Mapping[str, str]
    cells: list[Any]
    node: Node


def read_groups(
    node: Node,
    listing: Listing,
    structure: DataStructure,
    names: Mapping[str, Component],
    faults: Faults | None = None,
) -> list[DimensionGroup]:
    """Read `dimensionGroupAttributes`.

    Positions in a key such as ``0::1:`` refer to the key of the structure, but some senders use the order of the
    message. Uses the order in which all keys are valid, else the first.
    """
    group_node = node.get("dimensionGroupAttributes", dict)
    if group_node is None:
        return []
    listed = {component.id: component for component in listing.of("dimension")}
    rank = {name: index for index, name in enumerate(structure.key)}
    orders = [sorted(listed.values(), key=lambda component: rank[component.id]), list(listed.values())]
    attributes = listing.of("attribute", "dimensionGroup")
    entries = []
    for key, entry in group_node.members():
        parts = key.split(":")
        if type(entry.value) is not list:
            report_fault(faults, entry.wrong("This must be an array."))
        elif len(parts) != len(listed):
            report_fault(faults, entry.wrong(f"The key has {len(parts)} places for {len(listed)} dimensions."))
        else:
            entries.append((parts, entry))
    described = [
        set(structure.list_described(names[attribute.id])) if attribute.id in names else None
        for attribute in attributes
    ]
    fitting = [
        order for order in orders if all(is_valid_key(parts, entry, order, described) for parts, entry in entries)
    ]
    order = (fitting or orders)[0]
    groups = []
    for parts, entry in entries:
        try:
            groups.append(
                DimensionGroup(key=dict(iterate_key_values(parts, order, entry)), cells=entry.value, node=entry)
            )
        except InputError as error:
            report_fault(faults, error)
    return groups


def is_valid_key(
    parts: Sequence[str], entry: Node, order: Sequence[ListedComponent], described: Sequence[set[str] | None]
) -> bool:
    for part, listed in zip(parts, order, strict=True):
        number = parse_whole_number(part)
        if number is not None and (listed.values is None or number >= listed.values.len()):
            return False
    named = {listed.id for part, listed in zip(parts, order, strict=True) if part not in ("", SWITCHED_OFF)}
    expected = [dims for dims, cell in zip(described, entry.value, strict=False) if cell is not None]
    return all(dims is None or named == dims for dims in expected)


def iterate_key_values(
    parts: Sequence[str], order: Sequence[ListedComponent], entry: Node
) -> Iterator[tuple[str, str]]:
    for part, listed in zip(parts, order, strict=True):
        if part == SWITCHED_OFF:
            yield listed.id, SWITCHED_OFF
        elif part:
            if not (part.isascii() and part.isdigit() and len(part) <= 9):
                raise entry.wrong(f"“{part}” is not an index of {listed.id}.")
            values = read_dimension_values(listed)
            if int(part) >= values.len():
                raise build_range_error(listed, int(part), entry)
            yield listed.id, values[int(part)]


def group_facts(
    groups: Sequence[DimensionGroup],
    listing: Listing,
    names: Mapping[str, Component],
    structure: DataStructure,
    *,
    defaults: bool,
    faults: Faults | None,
) -> Iterator[AttributeFact]:
    attributes = listing.of("attribute", "dimensionGroup")
    patterns: dict[tuple[str, ...], list[DimensionGroup]] = {}
    for group in groups:
        check_rest(group.node, group.cells, width=len(attributes), listing=listing, faults=faults)
        patterns.setdefault(tuple(dimension for dimension in structure.key if dimension in group.key), []).append(group)
    for dimensions, members in patterns.items():
        columns = walk([group.cells for group in members], len(attributes))
        keys = {dimension: [group.key[dimension] for group in members] for dimension in dimensions}
        for index, (listed, cells) in enumerate(zip(attributes, columns, strict=False)):
            if listed.id not in names:
                continue
            described = structure.list_described(names[listed.id])

            def place_of(row: int, members: list[DimensionGroup] = members, index: int = index) -> Node:
                return members[row].node.at(index)

            with_defaults = defaults and set(dimensions) == set(described)
            column = read_column(listed, names[listed.id], cells, place_of, defaults=with_defaults, faults=faults)
            table = pl.DataFrame({**keys, listed.id: column}, schema_overrides=dict.fromkeys(dimensions, pl.String))
            table = table.filter(pl.col(listed.id).is_not_null())
            real = tuple(name for name in dimensions if name in described or (table[name] != SWITCHED_OFF).any())
            if table.height:
                yield AttributeFact(names[listed.id], real, table=table.select(*real, listed.id), node=members[0].node)


def iterate_trailing_notes(arrays: Iterable[Sequence[Any]], width: int, listing: Listing) -> Iterator[tuple[int, int]]:
    """Yield the indices of arrays with those of their annotations, which follow `width` cells."""
    for row, array in enumerate(arrays):
        if len(array) > width:
            yield from ((row, cell) for cell in array[width:] if is_note(cell, listing))


def is_note(cell: Any, listing: Listing) -> bool:
    return type(cell) is int and 0 <= cell < listing.annotations


def check_rest(node: Node, cells: Sequence[Any], width: int, listing: Listing, faults: Faults | None) -> None:
    for index, cell in enumerate(cells[width:], start=width):
        if not is_note(cell, listing):
            hint = f"The message lists {width} components here and {listing.annotations} annotations."
            report_fault(faults, node.at(index).wrong("There is no component at this place of the array.", hint))


Report = tuple[Mapping[str, str], Attributes]


def find_reported_attributes(listing: Listing, structure: DataStructure) -> dict[str, Ids]:
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


def convert_reported_cells(
    listed: ListedComponent, ids: Ids, cells: Sequence[Any], place_of: PlaceOf, faults: Faults | None
) -> pl.Series:
    values = (
        None if isinstance(cell, OmittedValue) else convert_reported_value(listed, ids, cell, place_of(row), faults)
        for row, cell in enumerate(cells)
    )
    texts = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    return pl.Series(listed.id, texts, dtype=pl.String)


def convert_reported_value(listed: ListedComponent, ids: Ids, cell: Any, node: Node, faults: Faults | None) -> Any:
    try:
        listed_values = listed.node.get("values", list)
        value = resolve_indices(listed_values, cell, node) if listed_values is not None else cell
        if count_arrays(value, node) > len(ids):
            raise node.wrong(f"More arrays are nested than {'.'.join(ids)} has steps.")
    except InputError as error:
        report_fault(faults, error)
        return None
    return value


def resolve_indices(values: Node, cell: Any, node: Node) -> Any:
    if cell is None or (type(cell) is str and cell in MISSING_TEXTS):
        return cell
    if type(cell) is list:
        return [resolve_indices(values, element, node.at(index)) for index, element in enumerate(cell)]
    if type(cell) is not int or not 0 <= cell < len(values.value):
        raise node.wrong(f"This is not an index of the {len(values.value)} values listed.", "Indices count from 0.")
    entry = values.value[cell]
    if entry is None:
        return None
    if type(entry) is not dict:
        raise values.at(cell).wrong("This must be an object.")
    return next((entry[name] for name in ("id", "value", "values") if entry.get(name) is not None), None)


class DatasetReports:
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
                value = convert_reported_value(listed, ids, cell, node.at(index), self.reading.faults)
                ids_and_values += [(ids, value)] if value is not None else []
        attributes = build_reported_attributes(ids_and_values)
        if attributes:
            yield named, attributes

    def on(self, piece: DatasetPiece) -> pl.DataFrame | None:
        reports, self._first = self._first, []
        if not self.reading.reported:
            return None
        if piece.heads is not None and piece.attributes:
            reports += self._in_columns(piece.heads, piece.attributes)
        reports += self._in_columns(piece.codes, piece.columns)
        return build_reports(self.reading.structure.key, reports)

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
            keys = reading.decode_codes(codes.select(pl.all().gather(reporting["#row"]))).select(dims)
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
                attributes = build_reported_attributes(ids_and_values)
                if attributes:
                    yield dict(zip(dims, key, strict=True)), attributes

    def _about(self, top_id: str, codes: pl.DataFrame) -> tuple[str, ...]:
        structure = self.reading.structure
        uses = [
            component
            for component in structure.select_role("metadata")
            if component.id == top_id and component.attachment
        ]
        dimensions = structure.list_described(uses[0]) if uses else structure.key
        return tuple(name for name in dimensions if name in codes.columns)

    def _is_known(self, key: tuple[str, ...], cells: tuple[str | None, ...]) -> bool:
        report_key = (key, "\n".join(cell or "" for cell in cells))
        if report_key in self._seen:
            return True
        self._seen.add(report_key)
        return False
