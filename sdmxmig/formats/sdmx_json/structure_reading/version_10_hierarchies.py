"""Hierarchical codelists of SDMX-JSON 1.0."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, links
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_reading.records import read_fields
from sdmxmig.model.artefacts import Details
from sdmxmig.model.hierarchies import HierarchicalCodelist, Hierarchy
from sdmxmig.model.references import Ref


def hierarchical_codelist(part: Part, kind: str) -> HierarchicalCodelist:
    """The frame around hierarchies: the codelists that they use, by alias, and the hierarchies."""
    head = heading(part, kind)
    included = []
    if one := part.part("includedCodelists"):
        for alias in one.members():
            ref = one.reference(alias, "Codelist")
            included += [(alias, ref)] if ref else []
        one.close()
    part.message.aliases = dict(included)
    hierarchies = tuple(hierarchy(one, head.ref) for one in part.parts("hierarchies"))
    part.close()
    return HierarchicalCodelist(
        included=tuple(included),
        hierarchies=hierarchies,
        partial=head.notes.flag("IS_PARTIAL"),
        **head.shared(),
    )


def hierarchy(part: Part, frame: Ref) -> Hierarchy:
    """A hierarchy inside its frame."""
    own = part.matched("id", words.ID, needed=True)
    ref = Ref("Hierarchy", frame.agency, id=frame.id, version=frame.version, item=own)
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
