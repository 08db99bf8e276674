"""Hierarchies: artefacts in SDMX 3, part of a hierarchical codelist in 2.1.

Structure sets: the maps of SDMX 2.1.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from sdmxmig.sdmx.formats.faults import carried
from sdmxmig.sdmx.formats.sdmx_ml.elements import add
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.records import add_fields
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.sdmx.formats.structures.hierarchies import repeated_id
from sdmxmig.sdmx.formats.wire.maps import LISTS, MAPS_OF_SETS, USUAL
from sdmxmig.sdmx.model.artefacts import Annotation, Details
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.structures import HierarchicalCodelist, Hierarchy


def add_hierarchy(writing: Writing, holder: etree._Element, hierarchy: Hierarchy) -> None:
    """Add a hierarchy; in 2.1 within a hierarchical codelist of the same name, marked by an annotation."""
    if hierarchy.ref.item:
        hint = "Write the hierarchical codelist that it stands in."
        raise writing.refusal("a hierarchy without its frame", hint)
    if not writing.dialect.has_final:
        if twice := repeated_id(hierarchy.codes):
            raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")
        element = start(writing, holder)
        add_tree(writing, element, hierarchy)
        return
    frame = start(writing, holder, kind="HierarchicalCodelist", notes=[Annotation("HIERARCHY", title="true")])
    ref = replace(hierarchy.ref, item=hierarchy.ref.id)
    add_inner(
        writing,
        frame,
        Hierarchy(
            ref, hierarchy.name, codes=hierarchy.codes, levels=hierarchy.levels, formal_levels=hierarchy.formal_levels
        ),
    )


def add_hierarchical_codelist(writing: Writing, holder: etree._Element, frame: HierarchicalCodelist) -> None:
    element = start(writing, holder)
    for alias, codelist in frame.included:
        writing.reference(element, "IncludedCodelist", codelist)
        if alias:
            element[-1].set("alias", alias)
    for hierarchy in frame.hierarchies:
        add_inner(writing, element, hierarchy)


def add_inner(writing: Writing, frame: etree._Element, hierarchy: Hierarchy) -> None:
    if replace(hierarchy.details, uri="", links=()) != Details():
        raise writing.refusal(f"validity or addresses of {hierarchy.ref.item}", "Give them to its frame.")
    ref = writing.dialect.ref(hierarchy.ref)
    attributes = {"id": ref.item, "urn": ref.urn, "uri": hierarchy.details.uri}
    element = writing.add(frame, "Hierarchy", attributes=attributes)
    writing.notes(element, [*writing.link_notes(hierarchy.details.links), *hierarchy.annotations])
    writing.names(element, ref.item, hierarchy.name, hierarchy.description)
    add_tree(writing, element, hierarchy)


def add_tree(writing: Writing, element: etree._Element, hierarchy: Hierarchy) -> None:
    if not hierarchy.codes:
        raise writing.refusal("a hierarchy without codes", "Give it at least one code.")
    add_fields(writing, element, "Hierarchy", hierarchy)


RELATED = ("DataStructure", "MetadataStructure", "Dataflow", "Metadataflow")

WHOLE = re.compile(r"(\w+)=(\w+)\.(.+)")


def add_structure_set(writing: Writing, holder: etree._Element, structure_set: StructureSet) -> None:
    element = start(writing, holder)
    others = [ref.kind for ref in structure_set.related if ref.kind not in RELATED]
    if others:
        raise writing.refusal(f"the relation to a {others[0]}", f"It relates {', '.join(RELATED)}.")
    for structure in structure_set.related:
        writing.reference(element, "RelatedStructure", structure)
    for scheme_map in structure_set.maps:
        add_map(writing, element, scheme_map)


def add_map(writing: Writing, holder: etree._Element, scheme_map: SchemeMap) -> None:
    """Add one map with its pairs."""
    if scheme_map.kind not in MAPS_OF_SETS:
        raise writing.refusal(f"the map {scheme_map.kind}", f"It is one of {', '.join(MAPS_OF_SETS)}.")
    if not scheme_map.links:
        raise writing.refusal(f"the map {scheme_map.id} without pairs", "Give it at least one.")
    map_attributes = {"id": scheme_map.id, "isExtension": "true" if scheme_map.extension else ""}
    element = writing.add(holder, scheme_map.kind, attributes=map_attributes)
    writing.notes(element, scheme_map.annotations)
    writing.names(element, scheme_map.id, scheme_map.name, scheme_map.description)
    writing.reference(element, "Source", scheme_map.source)
    writing.reference(element, "Target", scheme_map.target)
    is_structure = scheme_map.kind == "StructureMap"
    if not is_structure and (
        scheme_map.extension or scheme_map.values or scheme_map.formats or any(by for _, _, by in scheme_map.links)
    ):
        raise writing.refusal(f"representations in the map {scheme_map.id}", "Only structure maps have them.")
    notes = scheme_map.link_notes or ((),) * len(scheme_map.links)
    for (source, target, by), own_notes in zip(scheme_map.links, notes, strict=True):
        pair = writing.add(element, MAPS_OF_SETS[scheme_map.kind][0])
        writing.notes(pair, own_notes)
        for name, end_id in (("Source", source), ("Target", target)):
            attributes = component_reference(end_id) if is_structure else {"id": end_id}
            add(writing.add(pair, name), "", "Ref", attributes=attributes)
        if is_structure:
            add_representation_mapping(writing, pair, scheme_map, (source, by))


def add_representation_mapping(
    writing: Writing, pair: etree._Element, scheme_map: SchemeMap, link: tuple[str, str]
) -> None:
    """Add how the values of a component change: by a map of codes, by pairs of values, or by a type of text."""
    source, by = link
    values = dict(scheme_map.values).get(source, ())
    form = next((candidate for candidate in scheme_map.formats if candidate[0] == source), None)
    if bool(by) + bool(values) + (form is not None) > 1:
        raise writing.refusal(f"several representations of {source} in the map {scheme_map.id}", "Write one of them.")
    if not (by or values or form):
        return
    holder = writing.add(pair, "RepresentationMapping")
    if by:
        writing.local(holder, "CodelistMap", by)
    elif form:
        writing.add(holder, "ToTextFormat", attributes={"textType": form[2]})
        writing.add(holder, "ToValueType", form[1])
    else:
        listed = writing.add(holder, "ValueMap")
        for before, after in values:
            line = writing.add(listed, "ValueMapping")
            line.set("source", carried(before, f"A value of {source}"))
            line.set("target", carried(after, f"A value of {source}"))


def component_reference(component: str) -> dict[str, str]:
    """Return the attributes of a component reference: list, class and package.

    >>> component_reference("SEX")["class"], component_reference("Attribute=AttributeDescriptor.UNIT")["containerID"]
    ('Dimension', 'AttributeDescriptor')
    """
    match = WHOLE.fullmatch(component)
    class_, list_, name = match.groups() if match else (USUAL.get(component, "Dimension"), "", component)
    package = "metadatastructure" if class_.startswith("Metadata") else "datastructure"
    return {
        "containerID": list_ or LISTS.get(class_, "DimensionDescriptor"),
        "id": name,
        "class": class_,
        "package": package,
    }
