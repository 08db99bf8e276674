"""The series and observations of a dataset as columns of indices, and their values block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import polars as pl

from sdmxmig.formats.sdmx_json.data_cells import dimension_values, key_columns, read_column
from sdmxmig.formats.sdmx_json.data_facts import Fact, check_rest
from sdmxmig.formats.sdmx_json.data_listing import Listed, Listing, walk
from sdmxmig.formats.sdmx_json.data_nodes import Node
from sdmxmig.model.artefacts import Component, DataStructure

VALUE = "OBS_VALUE"


@dataclass(frozen=True, slots=True)
class Rows:
    """All observations of a dataset: indices of their dimensions, their arrays as they stand, and their series.

    `codes` has a column of indices for each dimension. `parents` names the series of each observation, None in a flat
    dataset; `heads` are the indices of the dimensions of the series, `attributes` their arrays.
    """

    node: Node
    listing: Listing
    structure: DataStructure
    names: Sequence[str]
    arrays: Sequence[list[Any]]
    codes: pl.DataFrame
    series: Sequence[str] = ()
    parents: pl.Series | None = None
    heads: pl.DataFrame | None = None
    attributes: Sequence[list[Any] | None] = ()

    @property
    def height(self) -> int:
        """How many observations there are."""
        return len(self.arrays)

    def place(self, row: int) -> Node:
        """Where an observation stands."""
        if self.parents is None:
            return self.node.at("observations", self.names[row])
        return self.node.at("series", self.series[self.parents[row]], "observations", self.names[row])

    def keys(self, start: int, count: int) -> pl.DataFrame:
        """The dimensions of a block of observations as text."""
        return self.decoded(self.codes.slice(start, count))

    def decoded(self, codes: pl.DataFrame) -> pl.DataFrame:
        """Indices of dimensions as their values, in the order of the key of the structure."""
        listed = {one.id: one for one in self.listing.of("dimension")}
        wanted = [name for name in self.structure.key if name in codes.columns]
        if not codes.height:
            return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        columns = [dimension_values(listed[name]).gather(codes[name]).alias(name) for name in wanted]
        return pl.DataFrame(columns, schema=dict.fromkeys(wanted, pl.String))

    def columns(
        self, names: Mapping[str, Component], start: int, count: int, *, defaults: bool
    ) -> dict[str, pl.Series]:
        """The measures and attributes of a block of observations."""
        listed = listed_columns(self.listing)
        arrays = list(self.arrays[start : start + count])
        if listed and listed[0] is None:  # the measure that a message does not list
            measure = self.structure.measures[0] if self.structure.measures else None
            if measure is None:
                raise self.node.wrong("Its structure has no measure for the first value of each observation.")
            listed[0] = Listed(measure.id, "measure", "observation", self.listing.node)
            names = {**names, measure.id: measure}
        if max(map(len, arrays), default=0) > len(listed):
            for row, array in enumerate(arrays, start=start):
                check_rest(self.place(row), array, len(listed), self.listing)
        found: dict[str, pl.Series] = {}
        for index, (one, cells) in enumerate(zip(listed, walk(arrays, len(listed)), strict=False)):
            assert one is not None  # noqa: S101 - replaced above

            def where(row: int, index: int = index) -> Node:
                return self.place(start + row).at(index)

            found[one.id] = read_column(one, names[one.id], cells, where, defaults=defaults)
        return found

    def series_keys(self) -> pl.DataFrame:
        """The keys of all series in the words of the structure, each once."""
        keys = list(self.structure.series_key)
        if self.heads is not None and set(keys) <= set(self.heads.columns):
            return self.decoded(self.heads.select(keys)).unique(maintain_order=True)
        if not set(keys) <= set(self.codes.columns):
            return pl.DataFrame(schema=dict.fromkeys(keys, pl.String))
        return self.decoded(self.codes.select(keys).unique(maintain_order=True))

    def series_facts(self, names: Mapping[str, Component], *, defaults: bool) -> Iterator[Fact]:
        """The attributes that stand at the level of series."""
        listed = self.listing.of("attribute", "series")
        if self.heads is None or not self.series or not listed:
            return
        arrays = [array if array is not None else [] for array in self.attributes]
        dimensions = tuple(name for name in self.structure.key if name in self.heads.columns)
        keys = self.decoded(self.heads)
        for row, array in enumerate(arrays):
            if len(array) > len(listed):
                check_rest(self.node.at("series", self.series[row], "attributes"), array, len(listed), self.listing)
        for index, (one, cells) in enumerate(zip(listed, walk(arrays, len(listed)), strict=False)):

            def where(row: int, index: int = index) -> Node:
                return self.node.at("series", self.series[row], "attributes", index)

            column = read_column(one, names[one.id], cells, where, defaults=defaults)
            yield Fact(names[one.id], dimensions, keys.with_columns(column), self.node.at("series"))


def listed_columns(listing: Listing) -> list[Listed | None]:
    """What the array of an observation holds: measures, then attributes; None for a measure that is not listed."""
    measures: list[Listed | None] = list(listing.of("measure"))
    if not listing.says_measures:
        measures = [None]
    return [*measures, *listing.of("attribute", "observation")]


def rows_of(node: Node, listing: Listing, structure: DataStructure) -> Rows:
    """Read the observations of a dataset, in series or flat; the values themselves are not looked at yet."""
    series, flat = node.get("series", dict), node.get("observations", dict)
    if series is not None and flat is not None and series.value and flat.value:
        raise node.wrong("The dataset has both series and observations.", "Send two datasets.")
    build = in_series if series is not None else flat_rows
    rows = build(node, series if series is not None else flat, listing, structure)
    fixed = fixed_dimensions(listing, rows.height)
    codes = pl.DataFrame({**{one: rows.codes[one] for one in rows.codes.columns}, **fixed})
    missing = [name for name in structure.key if name not in codes.columns]
    if missing and rows.height:
        raise listing.node.at("dimensions").wrong(f"The dimension {missing[0]} is not listed.")
    if rows.height and not structure.key:
        raise listing.node.at("dimensions").wrong("There are observations, but no dimensions.")
    if missing:
        codes = pl.DataFrame(schema=dict.fromkeys(structure.key, pl.UInt32))
    heads = rows.heads
    if heads is not None and heads.height:
        heads = heads.with_columns(pl.lit(0, pl.UInt32).alias(name) for name in fixed)
    return replace(rows, codes=codes, heads=heads)


def fixed_dimensions(listing: Listing, height: int) -> dict[str, pl.Series]:
    """The dimensions that have one value in the whole dataset, as columns of the index of that value."""
    found = {}
    for one in (*listing.of("dimension", "dataSet"), *listing.of("dimension", "dimensionGroup")):
        if height and dimension_values(one).len() != 1:
            raise one.node.wrong(
                f"A dimension of the dataset has one value, {one.id} has {dimension_values(one).len()}."
            )
        found[one.id] = pl.Series(one.id, [0], dtype=pl.UInt32).new_from_index(0, height)
    return found


def flat_rows(node: Node, found: Node | None, listing: Listing, structure: DataStructure) -> Rows:
    """The observations of a dataset without series; their keys name all dimensions that vary."""
    names, arrays = list(found.value) if found else [], list(found.value.values()) if found else []
    dimensions = listing.of("dimension", "series") + listing.of("dimension", "observation")
    check_arrays(node.at("observations"), names, arrays)
    rows = Rows(node, listing, structure, names, arrays, pl.DataFrame())
    codes = pl.DataFrame(key_columns(names, dimensions, rows.place)) if names else pl.DataFrame()
    return Rows(node, listing, structure, names, arrays, codes)


def check_arrays(node: Node, names: Sequence[str], arrays: Sequence[Any]) -> None:
    """Refuse an observation that is no array."""
    if set(map(type, arrays)) - {list}:
        row = next(row for row, array in enumerate(arrays) if type(array) is not list)
        raise node.at(names[row]).wrong("An observation has to be an array.")


def in_series(node: Node, found: Node | None, listing: Listing, structure: DataStructure) -> Rows:
    """The observations of a dataset in series."""
    found = found if found is not None else node.at("series")
    names: list[str] = []
    arrays: list[Any] = []
    counts: list[int] = []
    attributes: list[list[Any] | None] = []
    for key, body in found.value.items():
        if type(body) is not dict:
            raise found.at(key).wrong("A series has to be an object.")
        own, given = body.get("observations"), body.get("attributes")
        if own is not None and type(own) is not dict:
            raise found.at(key, "observations").wrong("The observations of a series have to be an object.")
        if given is not None and type(given) is not list:
            raise found.at(key, "attributes").wrong("The attributes of a series have to be an array.")
        own = own or {}
        names.extend(own)
        arrays.extend(own.values())
        counts.append(len(own))
        attributes.append(given)
        if own and set(map(type, own.values())) != {list}:
            check_arrays(found.at(key, "observations"), list(own), list(own.values()))
    series = list(found.value)
    parents = pl.Series([number for number, count in enumerate(counts) for _ in repeat(None, count)], dtype=pl.UInt32)
    rows = Rows(node, listing, structure, names, arrays, pl.DataFrame(), series, parents)
    of_series, at_observation = listing.of("dimension", "series"), listing.of("dimension", "observation")
    heads = pl.DataFrame(key_columns(series, of_series, lambda row: found.at(series[row])))
    own_codes = key_columns(names, at_observation, rows.place)
    codes = pl.DataFrame({**{name: heads[name].gather(parents) for name in heads.columns}, **own_codes})
    return Rows(node, listing, structure, names, arrays, codes, series, parents, heads, attributes)
