"""Readers of each kind of artefact of SDMX-ML 2.1 and 3.x.

Hierarchies of SDMX 3, hierarchical codelists of SDMX 2.1, and hierarchy associations. Structure sets of SDMX 2.1 with
their maps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.item_schemes import (
    annotations_of,
    heading,
    minor_notes,
    text_format,
)
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import read_artefact, read_fields
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import local_id, local_ref, reference, references
from sdmxmig.sdmx.formats.structures.notes import Heading, Notes
from sdmxmig.sdmx.formats.wire.maps import LISTS, MAPS_OF_SETS, USUAL
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS
from sdmxmig.sdmx.model.artefacts import Details
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCodelist, Hierarchy


def read_hierarchical_codelist(part: Part) -> HierarchicalCodelist | Hierarchy:
    """Read a hierarchical codelist, or the SDMX 3 hierarchy that its annotation names."""
    head = heading(part, "HierarchicalCodelist")
    included = []
    for codelist in part.parts("IncludedCodelist"):
        alias = codelist.attribute("alias")
        included.append((alias, reference(codelist, "Codelist")))
    part.message.aliases = {alias: ref for alias, ref in included if alias}
    hierarchies = tuple(inner_hierarchy(hierarchy, head) for hierarchy in part.parts("Hierarchy"))
    part.close()
    if len(hierarchies) == 1 and hierarchies[0].ref.item == head.ref.id and head.notes.flag("HIERARCHY"):
        return as_hierarchy(head, hierarchies[0])
    partial = head.notes.flag("IS_PARTIAL")
    return HierarchicalCodelist(
        included=tuple(included),
        hierarchies=hierarchies,
        partial=partial,
        **head.shared(),
    )


def as_hierarchy(head: Heading, hierarchy: Hierarchy) -> Hierarchy:
    """Build the SDMX 3 hierarchy that a hierarchical codelist frames."""
    return replace(
        hierarchy,
        ref=replace(head.ref, kind="Hierarchy"),
        name=head.name,
        description=head.description,
        annotations=head.annotations,
        details=head.details,
        place=head.place,
    )


def inner_hierarchy(part: Part, head: Heading) -> Hierarchy:
    hierarchy_id = part.checked_id(part.needed("id"))
    part.attribute("urn")
    notes = Notes(annotations_of(part))
    addresses = notes.links()
    hierarchy = Hierarchy(
        Ref("Hierarchy", head.ref.agency, id=head.ref.id, version=head.ref.version, item=hierarchy_id),
        part.words("com:Name"),
        **read_fields(part, "Hierarchy"),
        description=part.words("com:Description"),
        annotations=notes.remaining,
        details=Details(uri=part.attribute("uri"), links=addresses),
        place=part.origin,
    )
    part.close()
    return hierarchy


def read_structure_set(part: Part) -> StructureSet:
    head = heading(part, "StructureSet")
    related = references(part, "RelatedStructure", "")
    maps = tuple(scheme_map(child) for child in part.parts(*MAPS_OF_SETS))
    part.close()
    return StructureSet(
        related=related,
        maps=maps,
        **head.shared(),
    )


def scheme_map(part: Part) -> SchemeMap:
    line, kind = MAPS_OF_SETS[part.name]
    links, notes = [], []
    values: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    formats: list[tuple[str, str, str]] = []
    is_structure = part.name == "StructureMap"
    for link in part.parts(line):
        identify = component if is_structure else local_id
        source, target = identify(link.one("Source")), identify(link.one("Target"))
        by = ""
        if is_structure and (way := link.part("RepresentationMapping")):
            by = representation_mapping(way, source, values, formats)
        links.append((source, target, by))
        notes.append(annotations_of(link))
        link.close()
    scheme_map = SchemeMap(
        part.name,
        part.checked_id(part.needed("id")),
        name=part.words("com:Name"),
        source=reference(part.one("Source"), kind),
        target=reference(part.one("Target"), kind),
        links=tuple(links),
        description=part.words("com:Description"),
        annotations=minor_notes(part),
        values=tuple(values),
        formats=tuple(formats),
        link_notes=tuple(notes) if any(notes) else (),
        extension=part.flag("isExtension") if is_structure else False,
    )
    part.close()
    return scheme_map


def component(part: Part) -> str:
    ref = part.one("Ref")
    part.close()
    kind, container, component_id = local_ref(ref)
    usual = USUAL.get(component_id, "Dimension")
    if (kind, container) == (usual, LISTS.get(usual, "DimensionDescriptor")):
        return component_id
    return f"{kind}={container}.{component_id}"


def representation_mapping(
    part: Part,
    source: str,
    values: list[tuple[str, tuple[tuple[str, str], ...]]],
    formats: list[tuple[str, str, str]],
) -> str:
    """Read how values are mapped: by a codelist map (returns its id), values or a type."""
    by = ""
    if child := part.part("CodelistMap"):
        by = local_id(child)
    elif child := part.part("ValueMap"):
        pairs = []
        for line in child.parts("ValueMapping"):
            pairs.append((line.attribute("source"), line.attribute("target")))
            line.close()
        child.close()
        values.append((source, tuple(pairs)))
    else:
        form, how = part.one("ToTextFormat"), part.one("ToValueType")
        data_type, facets, _ = text_format(form, "String")
        if facets:
            raise form.error("has facets, which cannot be kept there.")
        formats.append((source, how.content().strip(), data_type))
    part.close()
    return by


READERS: dict[str, Callable[[Part], Artefact]] = {
    "HierarchicalCodelist": read_hierarchical_codelist,
    "StructureSet": read_structure_set,
    **{kind: partial(read_artefact, kind=kind) for kind in ARTEFACTS},
}
