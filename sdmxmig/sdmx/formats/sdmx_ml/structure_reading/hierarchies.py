"""Hierarchies of SDMX 3, hierarchical codelists of SDMX 2.1, and hierarchy associations."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import annotations_of, heading
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import read_fields
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.formats.structures.notes import Heading, Notes
from sdmxmig.sdmx.model.artefacts import Details
from sdmxmig.sdmx.model.hierarchies import HierarchicalCodelist, Hierarchy
from sdmxmig.sdmx.model.references import Ref


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
    """The hierarchy of SDMX 3 that a hierarchical codelist frames."""
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
    """A hierarchy inside a hierarchical codelist."""
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
