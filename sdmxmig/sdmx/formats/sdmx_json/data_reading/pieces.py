"""Pieces of a dataset during reading: dimension indices and value columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field

import polars as pl

from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import ListedComponent, Listing, dimension_values
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

INDEX = pl.UInt32
NoteNumbers = pl.DataFrame
"""Row numbers (``row``) with numbers of annotations (``note``) in the message."""


def note_numbers(pairs: Iterable[tuple[int, int]]) -> NoteNumbers | None:
    rows = list(pairs)
    return pl.DataFrame(rows, schema={"row": INDEX, "note": INDEX}, orient="row") if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReading:
    """A dataset being read: its position, listing and structure.

    `names` are the components by listed id; unknown ones are left out. `observation` is the order of an observation's
    array: measures, then attributes. `language` is the default language. `reported` are the listed attributes of
    reference metadata with their paths; their columns hold JSON.
    """

    node: Node
    listing: Listing
    flow: Flow
    names: Mapping[str, Component]
    action: str
    observation: tuple[ListedComponent, ...]
    fixed: tuple[str, ...]
    version: str
    language: str
    faults: Faults | None = None
    reported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def structure(self) -> DataStructure:
        return self.flow.structure

    @property
    def defaults(self) -> bool:
        return self.action != "D"

    def decoded(self, codes: pl.DataFrame) -> pl.DataFrame:
        listed = {component.id: component for component in self.listing.of("dimension")}
        names = [name for name in self.structure.key if name in codes.columns]
        if not codes.height:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        columns = [dimension_values(listed[name]).gather(codes[name]).alias(name) for name in names]
        return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


@dataclass(frozen=True, slots=True)
class DatasetPiece:
    """Some observations and series of a dataset.

    `codes` has a column of indices per dimension, `columns` the values at observations. `parents` gives the series of
    each observation, or None if flat; `heads` and `attributes` describe the series. `notes` and `head_notes` link rows
    of `codes` and `heads` to annotations (`NoteNumbers`).
    """

    codes: pl.DataFrame
    columns: Mapping[str, pl.Series]
    _: KW_ONLY
    parents: pl.Series | None = None
    heads: pl.DataFrame | None = None
    attributes: Mapping[str, pl.Series] | None = None
    notes: NoteNumbers | None = None
    head_notes: NoteNumbers | None = None

    @property
    def height(self) -> int:
        return self.codes.height

    def cut(self, size: int) -> list[DatasetPiece]:
        """Cut into pieces of at most `size` observations, each with their series.

        A series without observations comes with the next one that has some, or last.
        """
        if self.height <= size:
            return [self]
        return [self._slice(start, min(size, self.height - start)) for start in range(0, self.height, size)]

    def _slice(self, start: int, count: int) -> DatasetPiece:
        codes = self.codes.slice(start, count)
        columns = {name: column.slice(start, count) for name, column in self.columns.items()}
        notes = slice_notes(self.notes, start, count)
        if self.parents is None or self.heads is None:
            return DatasetPiece(codes, columns, notes=notes)
        is_last = start + count == self.height
        first_head = min(int(self.parents[start]), int(self.parents[start - 1]) + 1) if start else 0
        end = self.heads.height if is_last else int(self.parents[start + count - 1]) + 1
        attributes = {
            name: column.slice(first_head, end - first_head) for name, column in (self.attributes or {}).items()
        }
        parents = self.parents.slice(start, count) - first_head
        heads, head_notes = (
            self.heads.slice(first_head, end - first_head),
            slice_notes(self.head_notes, first_head, end - first_head),
        )
        return DatasetPiece(
            codes, columns, parents=parents, heads=heads, attributes=attributes, notes=notes, head_notes=head_notes
        )


def slice_notes(notes: NoteNumbers | None, start: int, count: int) -> NoteNumbers | None:
    if notes is None:
        return None
    selected = notes.filter(pl.col("row").is_between(start, start + count - 1))
    return selected.with_columns(pl.col("row") - start) if selected.height else None
