"""Annotations listed in a data message and references to them by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from sdmxmig.sdmx.formats.dataset_notes import COMPONENT, NOTE, notes_frame, packed
from sdmxmig.sdmx.formats.faults import attempt, fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import SWITCHED_OFF, DimensionGroup
from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import DatasetPiece, DatasetReading, NoteNumbers
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotation
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Message, Part
from sdmxmig.sdmx.model.artefacts import Annotation


class ListedNotes:
    """The list of annotations of a message; each is parsed on first use."""

    def __init__(self, reading: DatasetReading) -> None:
        self.reading = reading
        self.nodes = reading.listing.node.elements("annotations")
        self._read: dict[int, Annotation | None] = {}
        self._last: tuple[str | None, ...] | None = None  # the key of the series that the block before ended with

    def note(self, number: int) -> Annotation | None:
        if number not in self._read:
            reading, node = self.reading, self.nodes[number]
            message = Message(node.file, reading.version, language=reading.language, faults=reading.faults)
            self._read[number] = attempt(reading.faults, annotation, Part(node.value, message, node.pointer))
        return self._read[number]

    def on_dataset(self) -> Iterator[Annotation]:
        for index in self.reading.node.elements("annotations", int):
            if not 0 <= index.value < len(self.nodes):
                message = f"There are {len(self.nodes)} annotations, but this is number {index.value}."
                fault(self.reading.faults, index.wrong(message))
                continue
            note = self.note(index.value)
            if note is not None:
                yield note

    def on_groups(self, named: Sequence[tuple[DimensionGroup, int]]) -> pl.DataFrame | None:
        rows = [
            ({name: value for name, value in group.key.items() if value != SWITCHED_OFF}, "", note)
            for group, number in named
            if (note := self.note(number)) is not None
        ]
        return notes_frame(self.reading.structure.key, rows)

    def on_parts(self, piece: DatasetPiece, others: pl.DataFrame | None) -> pl.DataFrame | None:
        """Return the notes of a piece and `others`; notes of a continued series appear once."""
        frames = [] if others is None else [others]
        if piece.heads is not None and piece.heads.height:
            heads = self.reading.decoded(piece.heads)
            if piece.head_notes is not None:
                notes = self._frame(heads, piece.head_notes)
                fresh = [row != self._last for row in notes.select(heads.columns).rows()]
                frames.append(notes.filter(pl.Series(fresh, dtype=pl.Boolean)))
            self._last = heads.row(-1)
        if piece.notes is not None:
            frames.append(self._frame(self.reading.decoded(piece.codes), piece.notes))
        together = pl.concat(frames).unique(maintain_order=True) if frames else None
        return together if together is not None and together.height else None

    def _frame(self, keys: pl.DataFrame, noted: NoteNumbers) -> pl.DataFrame:
        """Notes as `Dataset` has them, from keys and the numbers of rows and notes."""
        numbers = noted["note"].unique().to_list()
        texts = {number: packed(note) if (note := self.note(number)) is not None else None for number in numbers}
        rows = keys.select(pl.all().gather(noted["row"]))
        absent = (name for name in (*self.reading.structure.key, COMPONENT) if name not in keys.columns)
        whole = rows.with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in absent),
            noted["note"].replace_strict(texts, return_dtype=pl.String).alias(NOTE),
        )
        return whole.select(*self.reading.structure.key, COMPONENT, NOTE).drop_nulls(NOTE)
