"""Lossless conversion of artefacts between the kinds of SDMX 2.1 and 3.

Hierarchy `ONE` of codelist `HCL` becomes `HCL_ONE`, with the version and validity of its frame. An annotation keeps the
rest for the way back. Codes that share an id, such as a country in several groups, get new ids and an annotation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain, count

from sdmxmig.primitives.errors import for_each
from sdmxmig.sdmx.formats.structures import data_structures, maps_before_3, maps_since_3
from sdmxmig.sdmx.formats.structures.notes import cannot_express, note_of, taken
from sdmxmig.sdmx.formats.structures.places import check_places
from sdmxmig.sdmx.formats.structures.representations import held, map_each
from sdmxmig.sdmx.formats.structures.since_3 import as_in_3
from sdmxmig.sdmx.model.artefacts import Annotation, Details
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCode, HierarchicalCodelist, Hierarchy, MetadataStructure

NOTE = "HIERARCHICAL_CODELIST"
VERSION, ID = "VERSION", "HIERARCHICAL_CODE_ID"
FRAME = Annotation("HIERARCHY", title="true")
"""Marks the frame of a hierarchy of SDMX 3."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a hierarchy: its frame without hierarchies, its place and id there, and its own addresses."""

    frame: HierarchicalCodelist
    position: int
    _: KW_ONLY
    id: str
    details: Details = Details()


def split_frame(frame: HierarchicalCodelist, version: str) -> list[Hierarchy]:
    """Split a frame into hierarchies.

    Raises `SdmxmigError` for a frame without hierarchies, which `version` cannot express.
    """
    if not frame.hierarchies:
        hint = "Since SDMX 3.0, hierarchies are independent artefacts: give it one, or leave it out."
        raise cannot_express(version, frame, "the frame without hierarchies", hint)
    empty = replace(frame, hierarchies=())
    return [hierarchy_of_frame(hierarchy, empty, position) for position, hierarchy in enumerate(frame.hierarchies)]


def hierarchy_of_frame(hierarchy: Hierarchy, frame: HierarchicalCodelist, position: int) -> Hierarchy:
    """Take one hierarchy from its frame, with validity and finality of the frame and its own addresses."""
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
    numbered = (f"{code.id}_{number}" for number in count(2))
    free_id = next(candidate for candidate in chain([code.id], numbered) if candidate not in used)
    used.add(free_id)
    notes = [Annotation(ID, title=code.id)] if free_id != code.id else []
    notes += [Annotation(VERSION, title=code.version)] if code.version else []
    children = tuple(as_since_3(child, used) for child in code.children)
    return replace(code, id=free_id, version="", annotations=(*notes, *code.annotations), children=children)


def repeated_id(codes: Iterable[HierarchicalCode]) -> str:
    counted = Counter(ids_of(codes))
    return next((code_id for code_id, number in counted.items() if number > 1), "")


def ids_of(codes: Iterable[HierarchicalCode]) -> Iterator[str]:
    for code in codes:
        yield code.id
        yield from ids_of(code.children)


def together(hierarchies: Iterable[Hierarchy]) -> list[HierarchicalCodelist | Hierarchy]:
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


def in_frame(hierarchy: Hierarchy) -> Hierarchy | HierarchicalCodelist:
    """Return a frame of the same name around a hierarchy, empty for a stub; one that is part of a frame stays."""
    if hierarchy.ref.item:
        return hierarchy
    inner = Hierarchy(
        replace(hierarchy.ref, item=hierarchy.ref.id),
        hierarchy.name,
        codes=hierarchy.codes,
        levels=hierarchy.levels,
        formal_levels=hierarchy.formal_levels,
    )
    return HierarchicalCodelist(
        replace(hierarchy.ref, kind="HierarchicalCodelist"),
        hierarchy.name,
        description=hierarchy.description,
        annotations=(FRAME, *hierarchy.annotations),
        details=hierarchy.details,
        place=hierarchy.place,
        hierarchies=() if hierarchy.details.external else (inner,),
    )


def out_of_frame(frame: HierarchicalCodelist) -> HierarchicalCodelist | Hierarchy:
    """Return the hierarchy around which a frame was put, else the frame."""
    if [hierarchy.ref.item for hierarchy in frame.hierarchies] != [frame.ref.id] or FRAME not in frame.annotations:
        return frame
    place = frame.annotations.index(FRAME)
    return replace(
        frame.hierarchies[0],
        ref=replace(frame.ref, kind="Hierarchy"),
        name=frame.name,
        description=frame.description,
        annotations=frame.annotations[:place] + frame.annotations[place + 1 :],
        details=frame.details,
        place=frame.place,
    )


def inside(hierarchy: Hierarchy, frame: HierarchicalCodelist, origin: Origin) -> Hierarchy:
    return replace(
        hierarchy,
        ref=replace(frame.ref, kind="Hierarchy", item=origin.id),
        codes=tuple(as_before_3(code) for code in hierarchy.codes),
        details=replace(origin.details, uri=hierarchy.details.uri, links=hierarchy.details.links),
    )


def as_before_3(code: HierarchicalCode) -> HierarchicalCode:
    old_id, notes = title_of_first(code.annotations, ID)
    version, notes = title_of_first(notes, VERSION)
    children = tuple(as_before_3(child) for child in code.children)
    code_id, version = old_id or code.id, version or code.version
    return replace(code, id=code_id, version=version, annotations=notes, children=children)


def title_of_first(notes: tuple[Annotation, ...], kind: str) -> tuple[str, tuple[Annotation, ...]]:
    first = notes[0] if notes else None
    if first is None or not first.title or first != Annotation(kind, title=first.title):
        return "", notes
    return first.title, notes[1:]


def in_kinds(artefacts: Iterable[Artefact], kinds: Container[str], version: str) -> list[Artefact]:
    """Convert artefacts to the kinds of a version; `version` is its display name.

    Kinds without an equivalent are left for the writer to reject. Raises `SdmxmigError` for unsupported content.
    """
    prepared = [map_each(artefact, held) for artefact in artefacts]
    for_each(prepared, lambda artefact: check_places(artefact, version))
    if "StructureSet" in kinds:
        return before_3(prepared, version)
    return [
        converted
        for parts in for_each(as_in_3(prepared), lambda artefact: since_3(artefact, version))
        for converted in parts
    ]


def since_3(artefact: Artefact, version: str) -> list[Artefact]:
    if isinstance(artefact, StructureSet):
        return list(maps_since_3.split_set(artefact, version))
    if isinstance(artefact, HierarchicalCodelist):
        return list(split_frame(artefact, version))
    if isinstance(artefact, MetadataStructure):
        return [data_structures.with_tree(artefact, version)]
    return [artefact]


def before_3(artefacts: Iterable[Artefact], version: str) -> list[Artefact]:
    """Convert artefacts to the kinds of SDMX 2.1."""
    prepared = [
        data_structures.with_report(metadata_structure)
        if isinstance(metadata_structure, MetadataStructure)
        else metadata_structure
        for metadata_structure in artefacts
    ]
    maps = [artefact for artefact in prepared if isinstance(artefact, RepresentationMap | StructureMap)]
    trees = [hierarchy for hierarchy in prepared if isinstance(hierarchy, Hierarchy)]
    if not maps and not trees:
        return prepared
    known: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in prepared}
    converted: list[Artefact] = [
        artefact for artefact in prepared if not isinstance(artefact, RepresentationMap | StructureMap | Hierarchy)
    ]
    converted += [in_frame(tree) if isinstance(tree, Hierarchy) else tree for tree in together(trees)]
    brought = maps_since_3.together(maps, version)
    converted += [structure_set for structure_set in brought if isinstance(structure_set, StructureSet)]
    single = [artefact for artefact in brought if not isinstance(artefact, StructureSet)]
    return converted + maps_before_3.framed(single, known, version)


def restored(artefacts: Iterable[Artefact]) -> tuple[Artefact, ...]:
    """Restore the SDMX 3 artefacts that SDMX 2.1 artefacts represent."""
    artefacts_by_ref: dict[tuple[Ref, int], Artefact] = {}
    for number, artefact in enumerate(artefacts):
        if isinstance(artefact, StructureSet):
            for map_ in maps_before_3.unframed(artefact):
                artefacts_by_ref[map_.ref, 0] = map_
        elif isinstance(artefact, MetadataStructure):
            artefacts_by_ref[artefact.ref, number] = data_structures.without_usual_report(artefact)
        elif isinstance(artefact, HierarchicalCodelist):
            artefacts_by_ref[artefact.ref, number] = out_of_frame(artefact)
        else:
            artefacts_by_ref[artefact.ref, number] = artefact
    return tuple(artefacts_by_ref.values())
