"""Records for which a version has no place, as notes: JSON in the title of an annotation."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

from sdmxmig.sdmx.model.artefacts import Annotation

Record = TypeVar("Record")
Annotations = tuple[Annotation, ...]


def note_of(type_: str, record: object) -> Annotation:
    """The note that carries a record; empty fields are left out."""
    return Annotation(type_, title=msgspec.json.encode(plain(record)).decode())


def plain(value: Any) -> Any:
    """A record as JSON has it: without the fields that have their default, and without its place."""
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = [field for field in dataclasses.fields(value) if field.compare]
    return {field.name: plain(content) for field in fields if (content := getattr(value, field.name)) != field.default}


def taken(annotations: Annotations, type_: str, kind: type[Record]) -> tuple[Record | None, Annotations]:
    """The record that the first note of a type carries, and the other notes.

    A note of that type which carries no such record is somebody else's and stays among the others.
    """
    for index, note in enumerate(annotations):
        if note.type == type_ and note == Annotation(type_, title=note.title):
            try:
                record = msgspec.json.decode(note.title, type=kind)
            except (msgspec.MsgspecError, RecursionError):
                continue
            return record, annotations[:index] + annotations[index + 1 :]
    return None, annotations


WHOLE = "ANNOTATION"
"""The type of a note that carries another one, of which a version can say only a part."""


def whole_note(note: Annotation) -> Annotation:
    """A note that carries another one whole."""
    return note_of(WHOLE, note)


def unwrapped(note: Annotation) -> Annotation:
    """The note that a note carries; any other note stays as it is."""
    if note.type != WHOLE:
        return note
    whole, _ = taken((note,), WHOLE, Annotation)
    return whole or note
