"""Series or observations of a dataset in pieces, using the fast reader where safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from sdmxmig.sdmx.formats.faults import fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.duplicate_keys import DuplicateKeys
from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import INDEX, DatasetPiece, DatasetReading
from sdmxmig.sdmx.formats.sdmx_json.data_reading.regular import ColumnReader
from sdmxmig.sdmx.formats.sdmx_json.data_reading.rows import MemberReader, piece_of
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.outline import SPANS
from sdmxmig.sdmx.formats.sdmx_json.runs import runs_of
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import SeekableInput
from sdmxmig.sdmx.formats.sdmx_json.walk import Span


def pieces_of(reading: DatasetReading, spans: Mapping[str, Span], opened: SeekableInput) -> Iterator[DatasetPiece]:
    """Yield the series or observations of a dataset in at least one piece, which may be empty.

    Raises `InputError` with its place, or records the fault and leaves out the part.
    """
    for kind in SPANS:
        reading.node.get(kind, dict)
    filled = {kind: span for kind, span in spans.items() if not opened.is_blank(span.start, span.end)}
    if len(filled) > 1:
        raise reading.node.wrong("The dataset has both series and observations.", "Send two datasets.")
    for kind, span in filled.items():
        yield from (in_key_order(piece, reading) for piece in Members(reading, kind).pieces(span, opened))
    if not filled:
        yield in_key_order(piece_of({}, "series" if "series" in spans else "observations", reading), reading)


class Members:
    """The members of one object of series or observations, which must be unique."""

    def __init__(self, reading: DatasetReading, kind: str) -> None:
        self.reading, self.kind = reading, kind
        self.node = reading.node.at(kind)
        inner, outer = sizes(reading, "observation"), sizes(reading, "series")
        self.fast = ColumnReader(reading, kind)
        self.duplicates = DuplicateKeys(outer if kind == "series" else {**outer, **inner})
        self.inner = DuplicateKeys(inner)
        self.part = self.node

    def pieces(self, span: Span, opened: SeekableInput) -> Iterator[DatasetPiece]:
        """Yield the pieces of a span; raises `InputError` with its place, or records the fault."""
        careful = MemberReader(self.reading, self.kind, opened=opened)
        left_out = False
        for run in runs_of(opened, span, self.kind):
            if run.is_continuation and left_out:
                continue
            piece = self.fast.read(run)
            if piece is None or self._has_duplicates(piece):
                piece = careful.read(run)
                if self._has_duplicates(piece):  # such as “1” and “01”
                    fault(self.reading.faults, self.node.wrong("Two members have the same key.", "Keep one of them."))
            if piece.parents is None or piece.heads is None:
                self.duplicates.add(piece.codes)
            elif not run.is_continuation:
                self._refuse(self.inner, self.part)
                self.duplicates.add(piece.heads)
                left_out = not piece.heads.height  # read leniently, a series whose key cannot be read
            if run.is_part and piece.heads is not None and piece.height:
                head = piece.heads.select(*self.duplicates.sizes).row(0)
                self.part = self.node.at(":".join(map(str, head)), "observations")
                self.inner.add(piece.codes)
            yield piece
        self._refuse(self.inner, self.part)
        self._refuse(self.duplicates, self.node)

    def _has_duplicates(self, piece: DatasetPiece) -> bool:
        if piece.parents is None or piece.heads is None:
            return self.duplicates.among(piece.codes)
        if self.duplicates.among(piece.heads):
            return True
        if len(self.inner.sizes) == 1:
            key, parents = piece.codes[next(iter(self.inner.sizes))], piece.parents
            if ((key > key.shift(1)) | (parents != parents.shift(1))).all():
                return False
        rows = pl.DataFrame([piece.parents.alias("parents"), *(piece.codes[name] for name in self.inner.sizes)])
        return bool(rows.is_duplicated().any())

    def _refuse(self, duplicates: DuplicateKeys, node: Node) -> None:
        duplicate = duplicates.first_duplicate()
        if duplicate is not None:
            message = f"The member “{':'.join(map(str, duplicate))}” stands twice in one object."
            fault(self.reading.faults, node.wrong(message, "Keep one of them; readers would take either."))


def sizes(reading: DatasetReading, level: str) -> dict[str, int]:
    dimensions = reading.listing.of("dimension", level)
    return {dimension.id: dimension.values.len() if dimension.values is not None else 0 for dimension in dimensions}


def in_key_order(piece: DatasetPiece, reading: DatasetReading) -> DatasetPiece:
    key = reading.structure.key
    codes = piece.codes.select(*key) if piece.height else pl.DataFrame(schema=dict.fromkeys(key, INDEX))
    heads = piece.heads
    if heads is not None:
        heads = heads.select(*(name for name in key if name in heads.columns))
    return replace(piece, codes=codes, heads=heads)
