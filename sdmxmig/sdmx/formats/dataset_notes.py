"""Annotations of parts of a dataset: series, observations, groups, key parts and values.

`Dataset.notes` is a frame with the dimensions of the key (null: any), the annotated component (null: all) and the
annotation as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats.structures.carried import plain
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure

COMPONENT, NOTE = "#component", "#note"
"""The columns beside the dimensions; ids of components never contain ``#``."""

WORDS = ("groups", "parts of the key", "series", "observations", "values")

KeyPart = tuple[str, ...]
"""The dimensions that a note names, in key order."""


def packed(note: Annotation) -> str:
    return msgspec.json.encode(plain(note)).decode()


def unpacked(text: str) -> Annotation:
    return msgspec.json.decode(text, type=Annotation)


def notes_frame(key: Sequence[str], rows: Iterable[tuple[Mapping[str, str], str, Annotation]]) -> pl.DataFrame | None:
    """Build the frame of notes from dimension values, components and texts; None if absent."""
    packed_rows = [
        (*(part_name.get(name) for name in key), component or None, packed(note)) for part_name, component, note in rows
    ]
    schema = dict.fromkeys((*key, COMPONENT, NOTE), pl.String())
    return pl.DataFrame(packed_rows, schema=schema, orient="row") if packed_rows else None


def by_part(dataset: Dataset) -> dict[KeyPart, pl.DataFrame]:
    """Group the notes of a dataset by the dimensions that they name.

    Each frame has these dimensions and the column `NOTE`, with one note per line.
    """
    if dataset.notes is None:
        return {}
    notes = dataset.notes.filter(pl.col(COMPONENT).is_null())
    return parts_of(notes, dataset.flow.structure.key, NOTE)


def parts_of(frame: pl.DataFrame, key: KeyPart, column: str) -> dict[KeyPart, pl.DataFrame]:
    """Group the texts of a column by the dimensions that their key parts name, one text per line.

    Texts without dimensions are left out.
    """
    has_value = frame.select(pl.col(key).is_not_null())
    frames = {}
    for row in has_value.unique(maintain_order=True).iter_rows():
        part = tuple(name for name, is_named in zip(key, row, strict=True) if is_named)
        part_rows = frame.filter(
            has_value.select(pl.all_horizontal(pl.col(n) == v for n, v in zip(key, row, strict=True)))[:, 0]
        )
        if part:
            frames[part] = part_rows.group_by(part, maintain_order=True).agg(pl.col(column).str.join("\n"))
    return frames


def notes_of(dataset: Dataset) -> list[Annotation]:
    texts = [] if dataset.notes is None else dataset.notes[NOTE].unique(maintain_order=True).to_list()
    return [*dataset.annotations, *map(unpacked, texts)]


def rendered(texts: pl.Series, render: Callable[[list[str]], str]) -> pl.Series:
    rendered_texts = {text: render(text.split("\n")) for text in texts.drop_nulls().unique(maintain_order=True)}
    return texts.replace_strict(rendered_texts, default=None, return_dtype=pl.String)


def part_name(part: KeyPart, structure: DataStructure) -> str:
    if set(part) == set(structure.key):
        return "observations"
    if set(part) == set(structure.series_key):
        return "series"
    is_group = any(set(group.dimensions) == set(part) for group in structure.groups)
    return "groups" if is_group else "parts of the key"


def unplaced(dataset: Dataset, has_place: Callable[[KeyPart], bool], *, of_values: bool = False) -> list[str]:
    if dataset.notes is None:
        return []
    structure = dataset.flow.structure
    unplaced_words = {part_name(part, structure) for part in by_part(dataset) if not has_place(part)}
    if not of_values and dataset.notes[COMPONENT].null_count() < dataset.notes.height:
        unplaced_words.add("values")
    return [word for word in WORDS if word in unplaced_words]
