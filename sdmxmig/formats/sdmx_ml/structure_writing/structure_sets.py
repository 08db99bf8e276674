"""Structure sets: the maps of SDMX 2.1."""

from __future__ import annotations

import re

from lxml import etree

from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.elements import add
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.model.maps import SchemeMap, StructureSet

ASSOCIATIONS = {
    "OrganisationSchemeMap": "OrganisationMap",
    "CategorySchemeMap": "CategoryMap",
    "CodelistMap": "CodeMap",
    "ConceptSchemeMap": "ConceptMap",
    "ReportingTaxonomyMap": "ReportingCategoryMap",
    "HybridCodelistMap": "HybridCodeMap",
}
"""The element for one pair of items, by the map that holds it."""

RELATED = ("DataStructure", "MetadataStructure", "Dataflow", "Metadataflow")

WHOLE = re.compile(r"(\w+)=(\w+)\.(.+)")
"""A component with its class and the list that it stands in."""

USUAL = {"TIME_PERIOD": "TimeDimension", "OBS_VALUE": "PrimaryMeasure"}
LISTS = {"PrimaryMeasure": "MeasureDescriptor"}


def add_structure_set(writing: Writing, holder: etree._Element, given: StructureSet) -> None:
    """Add a structure set with the structures that it brings together, and its maps."""
    element = start(writing, holder)
    others = [ref.kind for ref in given.related if ref.kind not in RELATED]
    if others:
        raise writing.refusal(f"the relation to a {others[0]}", f"It relates {', '.join(RELATED)}.")
    for structure in given.related:
        writing.reference(element, "RelatedStructure", structure)
    for scheme_map in given.maps:
        add_map(writing, element, scheme_map)


def add_map(writing: Writing, holder: etree._Element, given: SchemeMap) -> None:
    """Add one map with its pairs."""
    if given.kind != "StructureMap" and given.kind not in ASSOCIATIONS:
        raise writing.refusal(f"the map {given.kind}", f"It is StructureMap or one of {', '.join(ASSOCIATIONS)}.")
    if not given.links:
        raise writing.refusal(f"the map {given.id} without pairs", "Give it at least one.")
    own = {"id": given.id, "isExtension": "true" if given.extension else ""}
    element = writing.add(holder, given.kind, attributes=own)
    writing.notes(element, given.annotations)
    writing.names(element, given.id, given.name, given.description)
    writing.reference(element, "Source", given.source)
    writing.reference(element, "Target", given.target)
    is_structure = given.kind == "StructureMap"
    if not is_structure and (given.extension or given.values or given.formats or any(by for _, _, by in given.links)):
        raise writing.refusal(f"representations in the map {given.id}", "Only structure maps have them.")
    notes = given.link_notes or ((),) * len(given.links)
    for (source, target, by), own_notes in zip(given.links, notes, strict=True):
        pair = writing.add(element, "ComponentMap" if is_structure else ASSOCIATIONS[given.kind])
        writing.notes(pair, own_notes)
        for name, one in (("Source", source), ("Target", target)):
            attributes = component_reference(one) if is_structure else {"id": one}
            add(writing.add(pair, name), "", "Ref", attributes=attributes)
        if is_structure:
            add_representation_mapping(writing, pair, given, (source, by))


def add_representation_mapping(writing: Writing, pair: etree._Element, given: SchemeMap, link: tuple[str, str]) -> None:
    """Add how the values of a component change: by a map of codes, by pairs of values, or by a type of text."""
    source, by = link
    values = dict(given.values).get(source, ())
    form = next((one for one in given.formats if one[0] == source), None)
    if bool(by) + bool(values) + (form is not None) > 1:
        raise writing.refusal(f"several representations of {source} in the map {given.id}", "Write one of them.")
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
    """What names a component: its list, class and package.

    >>> component_reference("SEX")["class"], component_reference("Attribute=AttributeDescriptor.UNIT")["containerID"]
    ('Dimension', 'AttributeDescriptor')
    """
    found = WHOLE.fullmatch(component)
    class_, list_, name = found.groups() if found else (USUAL.get(component, "Dimension"), "", component)
    package = "metadatastructure" if class_.startswith("Metadata") else "datastructure"
    return {
        "containerID": list_ or LISTS.get(class_, "DimensionDescriptor"),
        "id": name,
        "class": class_,
        "package": package,
    }
