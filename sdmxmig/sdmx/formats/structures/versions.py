"""Lossless conversion of artefacts between the kinds of SDMX 2.1 and 3."""

from __future__ import annotations

from collections.abc import Container, Iterable

from sdmxmig.primitives.errors import for_each
from sdmxmig.sdmx.formats.structures import data_structures, hierarchies, maps_before_3, maps_since_3
from sdmxmig.sdmx.formats.structures.places import check_places
from sdmxmig.sdmx.formats.structures.representations import representable
from sdmxmig.sdmx.formats.structures.since_3 import as_in_3
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCodelist, Hierarchy, MetadataStructure


def in_kinds(artefacts: Iterable[Artefact], kinds: Container[str], version: str) -> list[Artefact]:
    """Convert artefacts to the kinds of a version; `version` is its display name.

    Kinds without an equivalent are left for the writer to reject. Raises `SdmxmigError` for unsupported content.
    """
    prepared = [representable(artefact) for artefact in artefacts]
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
        return list(maps_since_3.apart(artefact, version))
    if isinstance(artefact, HierarchicalCodelist):
        return list(hierarchies.apart(artefact, version))
    if isinstance(artefact, MetadataStructure):
        return [data_structures.with_tree(artefact, version)]
    return [artefact]


def before_3(artefacts: Iterable[Artefact], version: str) -> list[Artefact]:
    """Artefacts in the kinds of SDMX 2.1; a single hierarchy is left to its writer."""
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
    converted += hierarchies.together(trees)
    brought = maps_since_3.together(maps, version)
    converted += [structure_set for structure_set in brought if isinstance(structure_set, StructureSet)]
    single = [artefact for artefact in brought if not isinstance(artefact, StructureSet)]
    return converted + maps_before_3.framed(single, known, version)


def restored(artefacts: Iterable[Artefact]) -> tuple[Artefact, ...]:
    """The artefacts of a message of SDMX 2.1; those that stand for artefacts of SDMX 3 become these again."""
    artefacts_by_ref: dict[tuple[Ref, int], Artefact] = {}
    for number, artefact in enumerate(artefacts):
        if isinstance(artefact, StructureSet):
            for map_ in maps_before_3.unframed(artefact):
                artefacts_by_ref[map_.ref, 0] = map_
        elif isinstance(artefact, MetadataStructure):
            artefacts_by_ref[artefact.ref, number] = data_structures.without_usual_report(artefact)
        else:
            artefacts_by_ref[artefact.ref, number] = artefact
    return tuple(artefacts_by_ref.values())
