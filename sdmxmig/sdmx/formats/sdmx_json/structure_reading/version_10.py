"""Differences between SDMX-JSON 1.0 (SDMX 2.1) and 2.x, with hierarchical codelists and structure sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.item_schemes import (
    annotations_of,
    heading,
    links,
    minor_notes,
    text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.records import read_fields
from sdmxmig.sdmx.formats.structures.notes import NEVER_FINAL
from sdmxmig.sdmx.formats.wire.maps import MAPS_OF_SETS, USUAL
from sdmxmig.sdmx.model.artefacts import Details
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCodelist, Hierarchy


def hierarchical_codelist(part: Part, kind: str) -> HierarchicalCodelist:
    """Read the frame around hierarchies: its codelists by alias, and the hierarchies."""
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


CLASSES = {
    "DataAttribute": ("Attribute", "AttributeDescriptor"),
    "PrimaryMeasure": ("PrimaryMeasure", "MeasureDescriptor"),
}
"""Component classes and lists that the URN does not reveal."""
VALUE_TYPES = ("Value", "Name", "Description")
Values = list[tuple[str, tuple[tuple[str, str], ...]]]
Formats = list[tuple[str, str, str]]


def structure_set(part: Part, kind: str) -> StructureSet:
    head = heading(part, kind)
    related = part.references("relatedStructures")
    kinds = {plural(kind): kind for kind in MAPS_OF_SETS}
    maps = [
        scheme_map(child, kinds[member]) for member in part.members() if member in kinds for child in part.parts(member)
    ]
    part.close()
    return StructureSet(
        related=related,
        maps=tuple(maps),
        **head.shared(),
    )


def plural(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}s"


def scheme_map(part: Part, kind: str) -> SchemeMap:
    is_structure = kind == "StructureMap"
    links, notes = [], []
    values: Values = []
    formats: Formats = []
    for link in part.parts(plural(MAPS_OF_SETS[kind][0])):
        before, after = (named(link, side, is_structure=is_structure) for side in ("source", "target"))
        way = link.part("representationMapping") if is_structure else None
        links.append((before, after, representation_mapping(way, before, values, formats) if way else ""))
        notes.append(annotations_of(link))
        link.close()
    source, target = part.one_reference("source"), part.one_reference("target")
    scheme_map = SchemeMap(
        kind,
        part.matched("id", words.ID, needed=True),
        name=part.words("name"),
        source=source,
        target=target,
        links=tuple(links),
        description=part.words("description"),
        annotations=minor_notes(part),
        values=tuple(values),
        formats=tuple(formats),
        link_notes=tuple(notes) if any(notes) else (),
        extension=part.flag("isExtension") if is_structure else False,
    )
    part.close()
    return scheme_map


def named(part: Part, side: str, *, is_structure: bool) -> str:
    """Return the id or path of a mapped item or component, which is named by its URN."""
    ref = part.one_reference(side)
    if not ref.item:
        raise part.error(f"“{ref.urn}” names no item.", at=side)
    if not is_structure:
        return ref.item
    list_id, _, component_id = ref.item.rpartition(".")
    if ref.kind == USUAL.get(component_id, "Dimension"):
        return component_id
    class_, list_ = CLASSES.get(ref.kind, (ref.kind, list_id or "DimensionDescriptor"))
    return f"{class_}={list_}.{component_id}"


def representation_mapping(part: Part, source: str, values: Values, formats: Formats) -> str:
    """Read how values are mapped: by a codelist map (returns its id), values or a type."""
    by, form = part.reference("codelistMap", "CodelistMap"), part.part("toTextFormat")
    if value_map := part.part("valueMap"):
        pairs = []
        for line in value_map.parts("valueMappings"):
            pairs.append((line.needed("source"), line.needed("target")))
            line.close()
        value_map.close()
        values.append((source, tuple(pairs)))
    if form:
        data_type, facets, _ = text_format(form, "basic", "String")
        if facets:
            raise form.error("Facets cannot be kept there.")
        formats.append((source, part.choice("toValueType", "Value", *VALUE_TYPES), data_type))
    part.close()
    return by.item if by else ""


def drafts(data: Part) -> dict[Ref, Ref]:
    """Find the non-final artefacts with three-part versions, and their names as drafts."""
    drafts_by_ref: dict[Ref, Ref] = {}
    for kind, member in {**words.CONTAINERS, **words.OLD_CONTAINERS}.items():
        if not data.has(member) or kind in NEVER_FINAL:
            continue
        for part in data.parts(member):
            version, is_final = part.text("version"), part.flag("isFinal")
            if not is_final and version.count(".") == 2 and words.OLD_VERSION.fullmatch(version):
                ref = Ref(kind, part.text("agencyID"), id=part.text("id"), version=version)
                drafts_by_ref[ref] = replace(ref, version=f"{version}-draft")
    return drafts_by_ref


READERS: dict[str, Callable[..., Artefact]] = {
    "HierarchicalCodelist": hierarchical_codelist,
    "StructureSet": structure_set,
}
