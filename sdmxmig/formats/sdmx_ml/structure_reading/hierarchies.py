"""Hierarchies of SDMX 3, hierarchical codelists of SDMX 2.1, and what hierarchies are used with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, minor_notes, moment
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import local_id, optional_reference, reference
from sdmxmig.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.formats.structures.notes import Heading, Notes
from sdmxmig.model.artefacts import Details
from sdmxmig.model.hierarchies import HierarchicalCode, HierarchicalCodelist, Hierarchy, HierarchyAssociation, Level
from sdmxmig.model.references import Ref

Aliases = Mapping[str, Ref]


def read_hierarchy(part: Part) -> Hierarchy:
    """A hierarchy of SDMX 3."""
    head = heading(part, "Hierarchy")
    found = Hierarchy(
        codes=tuple(part.each(lambda part: hierarchical_code(part, {}), "HierarchicalCode")),
        levels=level(part.part("Level")),
        formal_levels=part.flag("hasFormalLevels"),
        **head.shared(),
    )
    part.close()
    return found


def read_hierarchical_codelist(part: Part) -> HierarchicalCodelist | Hierarchy:
    """A hierarchical codelist of SDMX 2.1; or the hierarchy of SDMX 3 for which it stands, as its annotation says."""
    head = heading(part, "HierarchicalCodelist")
    included = []
    for one in part.parts("IncludedCodelist"):
        alias = one.attribute("alias")
        included.append((alias, reference(one, "Codelist")))
    aliases = {alias: ref for alias, ref in included if alias}
    hierarchies = tuple(inner_hierarchy(one, head, aliases) for one in part.parts("Hierarchy"))
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


def as_hierarchy(head: Heading, inner: Hierarchy) -> Hierarchy:
    """The hierarchy of SDMX 3 that a hierarchical codelist frames."""
    return replace(
        inner,
        ref=replace(head.ref, kind="Hierarchy"),
        name=head.name,
        description=head.description,
        annotations=head.annotations,
        details=head.details,
        place=head.place,
    )


def inner_hierarchy(part: Part, head: Heading, aliases: Aliases) -> Hierarchy:
    """A hierarchy inside a hierarchical codelist."""
    own = part.checked_id(part.needed("id"))
    part.attribute("urn")
    notes = Notes(annotations_of(part))
    addresses = notes.links()
    found = Hierarchy(
        Ref("Hierarchy", head.ref.agency, id=head.ref.id, version=head.ref.version, item=own),
        part.words("com:Name"),
        codes=tuple(part.each(lambda part: hierarchical_code(part, aliases), "HierarchicalCode")),
        levels=level(part.part("Level")),
        formal_levels=part.flag("leveled"),
        description=part.words("com:Description"),
        annotations=notes.left,
        details=Details(uri=part.attribute("uri"), links=addresses),
        place=part.origin,
    )
    part.close()
    return found


def level(part: Part | None) -> Level | None:
    """A level, with those below it."""
    if part is None:
        return None
    form = part.part("CodingFormat")
    data_type, facets, _ = text_format(form, "") if form else ("", (), ())
    found = Level(
        part.checked_id(part.needed("id")),
        part.words("com:Name"),
        data_type=data_type,
        facets=facets,
        below=level(part.part("Level")),
        description=part.words("com:Description"),
        annotations=minor_notes(part),
    )
    part.close()
    return found


def hierarchical_code(part: Part, aliases: Aliases) -> HierarchicalCode:
    """A code in a hierarchy, with those below it."""
    at = part.part("Level")
    found = HierarchicalCode(
        part.checked_id(part.needed("id")),
        referred_code(part, aliases),
        level=local_id(at) if at else "",
        children=tuple(part.each(lambda part: hierarchical_code(part, aliases), "HierarchicalCode")),
        valid_from=moment(part.attribute("validFrom")),
        valid_to=moment(part.attribute("validTo")),
        annotations=minor_notes(part),
        version=part.attribute("version") if part.message.is_21 else "",
    )
    part.close()
    return found


def referred_code(part: Part, aliases: Aliases) -> Ref:
    """The code that stands at this place: by reference, or by the alias of its codelist (SDMX 2.1)."""
    if not part.message.is_21 or not part.has("CodelistAliasRef"):
        return reference(part.one("Code"), "Code")
    alias, own = part.text("CodelistAliasRef").strip(), local_id(part.one("CodeID"))
    if alias not in aliases:
        raise part.error(f"names a codelist “{alias}”, which is not included.")
    owner = aliases[alias]
    return Ref("Code", owner.agency, id=owner.id, version=owner.version, item=own)


def read_association(part: Part) -> HierarchyAssociation:
    """A hierarchy that is to be used with an artefact."""
    head = heading(part, "HierarchyAssociation")
    found = HierarchyAssociation(
        hierarchy=reference(part.one("LinkedHierarchy"), "Hierarchy"),
        target=reference(part.one("LinkedObject"), ""),
        context=optional_reference(part, "ContextObject", ""),
        **head.shared(),
    )
    part.close()
    return found
