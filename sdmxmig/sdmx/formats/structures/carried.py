"""Unsupported records as annotations with JSON in the title."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

from sdmxmig.sdmx.model.artefacts import Annotation

Record = TypeVar("Record")
Annotations = tuple[Annotation, ...]


def note_of(type_: str, record: object) -> Annotation:
    return Annotation(type_, title=msgspec.json.encode(plain(record)).decode())


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = [field for field in dataclasses.fields(value) if field.compare]
    return {field.name: plain(content) for field in fields if (content := getattr(value, field.name)) != field.default}


def taken(annotations: Annotations, type_: str, kind: type[Record]) -> tuple[Record | None, Annotations]:
    """Take the record from the first annotation of a type, and return the others.

    An annotation of the type without such a record is left.
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


def whole_note(note: Annotation) -> Annotation:
    return note_of(WHOLE, note)


def unwrapped(note: Annotation) -> Annotation:
    if note.type != WHOLE:
        return note
    whole, _ = taken((note,), WHOLE, Annotation)
    return whole or note
