"""What is read of a dataset piece by piece: indices of dimensions, and columns of values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_json.data_cells import dimension_values
from sdmxmig.formats.sdmx_json.data_listing import Listed, Listing
from sdmxmig.formats.sdmx_json.data_nodes import Node
from sdmxmig.model.artefacts import Component, DataStructure
from sdmxmig.model.data import Flow

INDEX = pl.UInt32


@dataclass(frozen=True, slots=True)
class Reading:
    """One dataset while it is read: where it stands, what its message lists, and the structure of its dataflow.

    `names` are the components of the structure by the ids that the message lists; one that it does not know is left
    out. `observation` is what the array of an observation holds: measures, then attributes. `language` is that of
    texts that stand alone.
    """

    node: Node
    listing: Listing
    flow: Flow
    names: Mapping[str, Component]
    action: str
    observation: tuple[Listed, ...]
    fixed: Mapping[str, int]
    version: str
    language: str
    faults: Faults | None = None

    @property
    def structure(self) -> DataStructure:
        """The structure of the dataflow."""
        return self.flow.structure

    @property
    def defaults(self) -> bool:
        """Whether what an array leaves away is the default; in a deletion it is nothing."""
        return self.action != "D"

    def decoded(self, codes: pl.DataFrame) -> pl.DataFrame:
        """Indices of dimensions as their values, in the order of the key of the structure."""
        listed = {one.id: one for one in self.listing.of("dimension")}
        wanted = [name for name in self.structure.key if name in codes.columns]
        if not codes.height:
            return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        columns = [dimension_values(listed[name]).gather(codes[name]).alias(name) for name in wanted]
        return pl.DataFrame(columns, schema=dict.fromkeys(wanted, pl.String))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some observations and series of a dataset.

    `codes` has a column of indices for each dimension, `columns` the values of all listed measures and attributes of
    observations. `parents` names the series of each observation, None in a flat dataset; `heads` are the indices of
    the dimensions of the series, `attributes` what the message lists at their level. `left_out` counts the annotations.
    """

    codes: pl.DataFrame
    columns: Mapping[str, pl.Series]
    parents: pl.Series | None = None
    heads: pl.DataFrame | None = None
    attributes: Mapping[str, pl.Series] | None = None
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def height(self) -> int:
        """How many observations there are."""
        return self.codes.height

    def cut(self, size: int) -> list[Piece]:
        """The same in pieces of so many observations at most, each with the series of its observations."""
        if self.height <= size:
            return [self]
        first, *others = (self._slice(start, min(size, self.height - start)) for start in range(0, self.height, size))
        return [replace(first, left_out=self.left_out), *others]

    def _slice(self, start: int, count: int) -> Piece:
        codes = self.codes.slice(start, count)
        columns = {name: column.slice(start, count) for name, column in self.columns.items()}
        if self.parents is None or self.heads is None:
            return Piece(codes, columns)
        last = start + count == self.height
        first = int(self.parents[start]) if start else 0
        end = self.heads.height if last else int(self.parents[start + count - 1]) + 1
        attributes = {name: one.slice(first, end - first) for name, one in (self.attributes or {}).items()}
        parents = self.parents.slice(start, count) - first
        return Piece(codes, columns, parents, self.heads.slice(first, end - first), attributes)


def together(pieces: Sequence[Piece]) -> Piece:
    """Several pieces as one; they are all in series, or all flat."""
    if len(pieces) == 1:
        return pieces[0]
    columns = {name: pl.concat([piece.columns[name] for piece in pieces]) for name in pieces[0].columns}
    codes = pl.concat([piece.codes for piece in pieces])
    left_out = sum((piece.left_out for piece in pieces), Counter[str]())
    heads = [piece.heads for piece in pieces if piece.heads is not None]
    if not heads:
        return Piece(codes, columns, left_out=left_out)
    first = pieces[0].attributes or {}
    attributes = {name: pl.concat([(piece.attributes or {})[name] for piece in pieces]) for name in first}
    return Piece(codes, columns, None, pl.concat(heads), attributes, left_out)
