"""Data structures made of the heading and components that all formats read alike."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.formats.structures.notes import Heading
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref

Parts = tuple[tuple[Component, ...], tuple[Group, ...]]
"""The components of a data structure and its groups."""
ListNotes = list[tuple[str, tuple[Annotation, ...]]]
"""The annotations of the lists of components, by the name of the list."""


def data_structure(
    head: Heading, parts: Parts, notes: ListNotes, *, evolving: bool = False, metadata: Ref | None = None
) -> DataStructure:
    """A data structure with this heading; its status and source are taken out of its notes."""
    components, groups = parts
    return DataStructure(
        ref=head.ref,
        name=head.name,
        components=components,
        description=head.description,
        status=head.notes.title("STATUS"),
        source=head.notes.english("SOURCE"),
        annotations=head.annotations,  # after the two above, which take their notes out
        place=head.place,
        details=head.details,
        groups=groups,
        evolving=evolving,
        metadata=metadata,
        list_notes=tuple(notes),
    )


def with_series(component: Component, key: set[str]) -> Component:
    """An attribute of exactly all dimensions but time describes the series; without such dimensions, all data."""
    if component.attachment == "series" and not key:
        return replace(component, attachment="dataset")
    whole = component.attachment == "dimensions" and not component.group and not component.optional
    if whole and len(component.dimensions) == len(key) and set(component.dimensions) == key:
        return replace(component, attachment="series", dimensions=())
    return component
