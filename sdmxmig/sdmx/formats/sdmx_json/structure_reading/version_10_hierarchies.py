"""Hierarchical codelists of SDMX-JSON 1.0."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotations_of, heading, links
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.records import read_fields
from sdmxmig.sdmx.model.artefacts import Details
from sdmxmig.sdmx.model.hierarchies import HierarchicalCodelist, Hierarchy
from sdmxmig.sdmx.model.references import Ref


def hierarchical_codelist(part: Part, kind: str) -> HierarchicalCodelist:
    """The frame around hierarchies: the codelists that they use, by alias, and the hierarchies."""
    head = heading(part, kind)
    included = []
    if listing := part.part("includedCodelists"):
        for alias in listing.members():
            ref = listing.reference(alias, "Codelist")
            included += [(alias, ref)] if ref else []
        listing.close()
    part.message.aliases = dict(included)
    hierarchies = tuple(hierarchy(child, head.ref) for child in part.parts("hierarchies"))
    part.close()
    return HierarchicalCodelist(
        included=tuple(included),
        hierarchies=hierarchies,
        partial=head.notes.flag("IS_PARTIAL"),
        **head.shared(),
    )


def hierarchy(part: Part, frame: Ref) -> Hierarchy:
    """A hierarchy inside its frame."""
    hierarchy_id = part.matched("id", words.ID, needed=True)
    ref = Ref("Hierarchy", frame.agency, id=frame.id, version=frame.version, item=hierarchy_id)
    uri, addresses = links(part, ref.urn)
    notes = annotations_of(part)
    fields = read_fields(part, "Hierarchy")
    name, description = part.words("name"), part.words("description")
    part.close()
    details = Details(uri=uri, links=addresses)
    return Hierarchy(
        ref,
        name,
        **fields,
        description=description,
        annotations=notes,
        details=details,
        place=part.place,
    )
