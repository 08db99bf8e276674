"""Hierarchical codelists of SDMX 2.1 become hierarchies of SDMX 3, one artefact each, and can be put together again.

A hierarchy `ONE` of the hierarchical codelist `HCL` is called `HCL_ONE` in SDMX 3, with the version and validity of its
frame. What else the frame said travels as a note, from which the frame is put together again in SDMX 2.1. Codes that
share an id, as a country in several groups does, get ids of their own, and a note with the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain, count

from sdmxmig.sdmx.formats.structures.carried import note_of, taken
from sdmxmig.sdmx.formats.structures.refusals import cannot_express
from sdmxmig.sdmx.model.artefacts import Annotation, Details
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, HierarchicalCodelist, Hierarchy

NOTE = "HIERARCHICAL_CODELIST"
VERSION, ID = "VERSION", "HIERARCHICAL_CODE_ID"
"""The notes on a code of a hierarchy that had a version of its own, and on one whose id another code has."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a hierarchy: its frame without hierarchies, its place and id there, and its own addresses."""

    frame: HierarchicalCodelist
    position: int
    _: KW_ONLY
    id: str
    details: Details = Details()


def apart(frame: HierarchicalCodelist, version: str) -> list[Hierarchy]:
    """The hierarchies of a frame as artefacts of their own.

    Raises `SdmxmigError` for a frame without hierarchies, which nothing is left of in this `version` of SDMX.
    """
    if not frame.hierarchies:
        hint = "Since SDMX 3.0 hierarchies stand alone; give it one, or leave it out."
        raise cannot_express(version, frame, "the frame without hierarchies", hint)
    empty = replace(frame, hierarchies=())
    return [alone(hierarchy, empty, position) for position, hierarchy in enumerate(frame.hierarchies)]


def alone(hierarchy: Hierarchy, frame: HierarchicalCodelist, position: int) -> Hierarchy:
    """One hierarchy out of its frame; validity and finality are those of the frame, its addresses its own."""
    origin = Origin(frame, position, id=hierarchy.ref.item, details=replace(hierarchy.details, uri="", links=()))
    used: set[str] = set()
    return replace(
        hierarchy,
        ref=replace(frame.ref, kind="Hierarchy", id=f"{frame.ref.id}_{hierarchy.ref.item}"),
        codes=tuple(as_since_3(code, used) for code in hierarchy.codes),
        annotations=(note_of(NOTE, origin), *hierarchy.annotations),
        details=replace(frame.details, uri=hierarchy.details.uri, links=hierarchy.details.links),
        place=hierarchy.place or frame.place,
    )


def as_since_3(code: HierarchicalCode, used: set[str]) -> HierarchicalCode:
    """A code whose version is a note, since SDMX 3 has no place for it, and whose id is none of those `used`."""
    numbered = (f"{code.id}_{number}" for number in count(2))
    free_id = next(candidate for candidate in chain([code.id], numbered) if candidate not in used)
    used.add(free_id)
    notes = [Annotation(ID, title=code.id)] if free_id != code.id else []
    notes += [Annotation(VERSION, title=code.version)] if code.version else []
    children = tuple(as_since_3(child, used) for child in code.children)
    return replace(code, id=free_id, version="", annotations=(*notes, *code.annotations), children=children)


def repeated_id(codes: Iterable[HierarchicalCode]) -> str:
    """An id that two codes of a hierarchy have, which SDMX 3 forbids; empty if there is none."""
    counted = Counter(ids_of(codes))
    return next((code_id for code_id, number in counted.items() if number > 1), "")


def ids_of(codes: Iterable[HierarchicalCode]) -> Iterator[str]:
    """The ids of codes and of those below them."""
    for code in codes:
        yield code.id
        yield from ids_of(code.children)


def together(hierarchies: Iterable[Hierarchy]) -> list[HierarchicalCodelist | Hierarchy]:
    """The frames in which hierarchies stood, put together again; those that never had one stay alone."""
    artefacts: list[HierarchicalCodelist | Hierarchy] = []
    frames: dict[HierarchicalCodelist, list[tuple[int, Hierarchy]]] = {}
    for hierarchy in hierarchies:
        origin, notes = taken(hierarchy.annotations, NOTE, Origin)
        if origin is None:
            artefacts.append(hierarchy)
            continue
        owner = replace(hierarchy.ref, kind="HierarchicalCodelist", id=origin.frame.ref.id)
        frame = replace(origin.frame, ref=owner)
        frames.setdefault(frame, []).append(
            (origin.position, inside(replace(hierarchy, annotations=notes), frame, origin))
        )
    for frame, placed_hierarchies in frames.items():
        ordered = sorted(placed_hierarchies, key=lambda pair: pair[0])
        artefacts.append(
            replace(frame, hierarchies=tuple(hierarchy for _, hierarchy in ordered), place=ordered[0][1].place)
        )
    return artefacts


def inside(hierarchy: Hierarchy, frame: HierarchicalCodelist, origin: Origin) -> Hierarchy:
    """A hierarchy as it stands in its frame."""
    return replace(
        hierarchy,
        ref=replace(frame.ref, kind="Hierarchy", item=origin.id),
        codes=tuple(as_before_3(code) for code in hierarchy.codes),
        details=replace(origin.details, uri=hierarchy.details.uri, links=hierarchy.details.links),
    )


def as_before_3(code: HierarchicalCode) -> HierarchicalCode:
    """A code of a hierarchy with the id and version that its first notes carry."""
    old_id, notes = title_of_first(code.annotations, ID)
    version, notes = title_of_first(notes, VERSION)
    children = tuple(as_before_3(child) for child in code.children)
    code_id, version = old_id or code.id, version or code.version
    return replace(code, id=code_id, version=version, annotations=notes, children=children)


def title_of_first(notes: tuple[Annotation, ...], kind: str) -> tuple[str, tuple[Annotation, ...]]:
    """The title of the first note if it is of a kind and has nothing else, and the notes behind it."""
    first = notes[0] if notes else None
    if first is None or not first.title or first != Annotation(kind, title=first.title):
        return "", notes
    return first.title, notes[1:]
