"""Annotations for content that a version lacks, restored on reading; records are JSON in their title."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypeVar

import msgspec

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, ItemScheme, Link, Maintainable, Shared, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

LINK_NOTE = "LINK"
PARTS, ALL_PARTS = 4, 6
"""Lengths of the JSON array of a link: relation, address, URN, type; optionally language and titles."""
COUNTS = {"seriesCount": "series_count", "obsCount": "obs_count"}
"""Counts by SDMX name, and the ids of their annotations."""
METRICS_TYPE = "sdmx_metrics"
THREE_NUMBERS = re.compile(r"\d+\.\d+\.\d+")
NEVER_FINAL = ("AgencyScheme", "DataProviderScheme", "DataConsumerScheme")
"""Schemes that SDMX 2.1 always marks as not final."""
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00")


def list_artefact_notes(
    artefact: Artefact, *, says_partial_language: bool, says_final: bool, says_version: bool
) -> Iterator[Annotation]:
    """Yield annotations for properties of an artefact that the version, by the flags, does not support."""
    if isinstance(artefact, ItemScheme | DataStructure | Dataflow):
        yield from build_origin_notes(artefact.status, artefact.source)
    if artefact.details.partial_language and not says_partial_language:
        yield Annotation("IS_PARTIAL_LANGUAGE", title="true")
    if artefact.details.final is False and not says_final:
        yield Annotation("IS_FINAL", title="false")
    if artefact.ref.version != "1.0" and not says_version:
        yield Annotation("VERSION", title=artefact.ref.version)


def build_origin_notes(status: str, source: str) -> Iterator[Annotation]:
    if status:
        yield Annotation("STATUS", title=status)
    if source:
        yield Annotation("SOURCE", Text.of(en=source))


def list_item_notes(item: Item, *, parent_as_note: bool) -> Iterator[Annotation]:
    yield from build_origin_notes(item.status, item.source)
    for type_, value in (("VALID_FROM", item.valid_from), ("VALID_TO", item.valid_to)):
        if value:
            yield Annotation(type_, title=value)
    if parent_as_note:
        yield Annotation("PARENT", title=item.parent)


def read_item_fields(notes: Notes, parent: str) -> dict[str, Any]:
    return {
        "status": notes.title("STATUS"),
        "source": notes.english("SOURCE"),
        "valid_from": notes.title("VALID_FROM"),
        "valid_to": notes.title("VALID_TO"),
        "parent": parent or notes.title("PARENT"),
        "annotations": notes.remaining,
    }


class Notes:
    """The annotations of an artefact or part; those that represent model fields are taken out."""

    def __init__(self, annotations: tuple[Annotation, ...]) -> None:
        self.remaining = annotations

    def _remove(self, index: int) -> None:
        self.remaining = self.remaining[:index] + self.remaining[index + 1 :]

    def title(self, type_: str, pattern: str = ".+") -> str:
        for index, note in enumerate(self.remaining):
            if note.type != type_ or note != Annotation(type_, title=note.title):
                continue
            if re.fullmatch(pattern, note.title, re.DOTALL):
                self._remove(index)
                return note.title
        return ""

    def titles(self, type_: str) -> tuple[str, ...]:
        matching = [note for note in self.remaining if note.title and note == Annotation(type_, title=note.title)]
        if matching:
            taken = set(map(id, matching))
            self.remaining = tuple(note for note in self.remaining if id(note) not in taken)
        return tuple(note.title for note in matching)

    def flag(self, type_: str, title: str = "true") -> bool:
        for index, note in enumerate(self.remaining):
            if note == Annotation(type_, title=title):
                self._remove(index)
                return True
        return False

    def english(self, type_: str) -> str:
        for index, note in enumerate(self.remaining):
            if note.type == type_ and note == Annotation(type_, Text.of(en=str(note.text))) and note.text:
                self._remove(index)
                return str(note.text)
        return ""

    def links(self, *, whole: bool = False) -> tuple[Link, ...]:
        if not any(note.type == LINK_NOTE for note in self.remaining):
            return ()
        links = [link_in(note, whole=whole) for note in self.remaining]
        self.remaining = tuple(note for note, link in zip(self.remaining, links, strict=True) if link is None)
        return tuple(link for link in links if link is not None)


@dataclass(slots=True)
class Heading:
    ref: Ref
    name: Text
    _: KW_ONLY
    description: Text
    notes: Notes
    details: Details
    place: Place

    def shared(self) -> Shared:
        return {
            "ref": self.ref,
            "name": self.name,
            "description": self.description,
            "annotations": self.notes.remaining,
            "details": self.details,
            "place": self.place,
        }

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        return self.notes.remaining


def copy_heading(artefact: Maintainable, ref: Ref, annotations: tuple[Annotation, ...]) -> Shared:
    return {
        "ref": ref,
        "name": artefact.name,
        "description": artefact.description,
        "annotations": annotations,
        "details": artefact.details,
        "place": artefact.place,
    }


def link_notes(links: Iterable[Link], *, whole: bool = False) -> tuple[Annotation, ...]:
    return tuple(
        Annotation(LINK_NOTE, title=json.dumps(list_link_parts(link, whole=whole), ensure_ascii=False))
        for link in links
    )


def list_link_parts(link: Link, *, whole: bool) -> list[str | dict[str, str]]:
    plain: list[str | dict[str, str]] = [link.rel, link.url, link.urn, link.type]
    return [*plain, link.language, dict(link.title)] if whole or is_described(link) else plain


def is_described(link: Link) -> bool:
    return bool(link.title or link.language)


def link_in(note: Annotation, *, whole: bool) -> Link | None:
    if note != Annotation(LINK_NOTE, title=note.title) or not note.title.startswith("["):
        return None
    try:
        parts = json.loads(note.title)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) not in ((ALL_PARTS,) if whole else (PARTS, ALL_PARTS)):
        return None
    *plain, title = parts if len(parts) == ALL_PARTS else (*parts, "", {})
    words = list(title.values()) if isinstance(title, dict) else [None]
    if not all(isinstance(text, str) for text in (*plain, *words)):
        return None
    rel, url, urn, type_, language = plain
    return Link(rel, url, urn=urn, type=type_, title=Text(tuple(title.items())), language=language)


def count_notes(counts: Iterable[tuple[str, str]]) -> Iterator[Annotation]:
    for name, count in counts:
        yield Annotation(METRICS_TYPE, title=count, id=COUNTS.get(name, name))


def read_counts(notes: tuple[Annotation, ...]) -> tuple[tuple[Annotation, ...], tuple[tuple[str, str], ...]]:
    """Separate the counts from the other annotations."""
    counts = []
    for name, note_id in COUNTS.items():
        note = next(
            (annotation for annotation in notes if annotation.id == note_id and annotation.type == METRICS_TYPE), None
        )
        if note and note == Annotation(METRICS_TYPE, title=note.title, id=note_id) and note.title:
            counts.append((name, note.title))
            notes = tuple(annotation for annotation in notes if annotation is not note)
    return notes, tuple(counts)


Record = TypeVar("Record")
Annotations = tuple[Annotation, ...]


def write_note(type_: str, record: object) -> Annotation:
    return Annotation(type_, title=msgspec.json.encode(simplify_value(record)).decode())


def simplify_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [simplify_value(member) for member in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = [field for field in dataclasses.fields(value) if field.compare]
    return {
        field.name: simplify_value(content)
        for field in fields
        if (content := getattr(value, field.name)) != field.default
    }


def take_record(annotations: Annotations, type_: str, kind: type[Record]) -> tuple[Record | None, Annotations]:
    """Take the record from the first annotation of a type, and return the others."""
    for index, note in enumerate(annotations):
        if note.type == type_ and note == Annotation(type_, title=note.title):
            try:
                record = msgspec.json.decode(note.title, type=kind)
            except (msgspec.MsgspecError, RecursionError):
                continue
            return record, annotations[:index] + annotations[index + 1 :]
    return None, annotations


WHOLE = "ANNOTATION"


def join_note(note: Annotation) -> Annotation:
    return write_note(WHOLE, note)


def unwrap_note(note: Annotation) -> Annotation:
    if note.type != WHOLE:
        return note
    whole, _ = take_record((note,), WHOLE, Annotation)
    return whole or note


def build_expression_error(version: str, artefact: Artefact, what: str, hint: str = "") -> SdmxmigError:
    name = f"{artefact.ref.kind} {artefact.ref.short}"
    return SdmxmigError(
        f"{version} cannot express {what} of {name}.", artefact.place, hint or "Leave it out, or change it."
    )
