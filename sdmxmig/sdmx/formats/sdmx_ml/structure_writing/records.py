"""Records written as elements, following the wire tables: items, hierarchies, constraints and maps in each version."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.faults import carried
from sdmxmig.sdmx.formats.sdmx_ml.elements import add, add_texts, reference_attributes
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing import data_structures
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.data_structures import add_coding_format, add_representation
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, moment, start
from sdmxmig.sdmx.formats.structures.constraints import refused
from sdmxmig.sdmx.formats.structures.notes import item_notes
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.structures.versions import repeated_id
from sdmxmig.sdmx.formats.wire import CONTENT, Field, Form, Key
from sdmxmig.sdmx.formats.wire.constraints import ends, services
from sdmxmig.sdmx.formats.wire.items import CONTACT_DETAILS, NESTED, of_pairs
from sdmxmig.sdmx.formats.wire.items import SHAPES as ITEMS_SHAPES
from sdmxmig.sdmx.formats.wire.maps import LISTS, MAPS_OF_SETS, TIME_MAPS, USUAL, only_scheme
from sdmxmig.sdmx.formats.wire.tables import NAMELESS, WritingPlan, as_notes, with_fields
from sdmxmig.sdmx.model.artefacts import Contact, Details, Extension, Item, ItemScheme, Text
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, SchemeMap, StructureMap, StructureSet, TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Constraint,
    HierarchicalCodelist,
    Hierarchy,
    Member,
    Selection,
    TimeRange,
)


def add_sides(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for side in getattr(record, row.name):
        if isinstance(side, Ref):
            writing.reference(element, f"{row.ml}Codelist", side)
        else:
            writing.add(element, f"{row.ml}DataType", side)


def add_scheme(writing: Writing, element: etree._Element, row: Field, record: RepresentationMap) -> None:
    scheme = only_scheme(getattr(record, row.name))
    if scheme is None:
        raise writing.refusal(*row.lost)
    writing.reference(element, row.ml, scheme)


def add_formats(writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
    for format_id, frequency, pattern in record.all_formats:
        holder = writing.add(element, row.ml, attributes={"id": format_id})
        writing.add(holder, "FrequencyId", frequency)
        writing.add(holder, "DatePattern", pattern)


def add_components(writing: Writing, element: etree._Element, _: Field, record: TimeLink) -> None:
    for source, target in zip(record.sources, record.targets, strict=True):
        writing.add(element, "Source", source)
        writing.add(element, "Target", target)


def add_frequencies(writing: Writing, element: etree._Element, row: Field, record: TimeLink) -> None:
    for format_id, _, _ in record.formats:
        writing.add(element, row.ml, format_id)


def add_fixed(writing: Writing, element: etree._Element, _: Field, record: FixedValue) -> None:
    writing.add(element, "Source" if record.on_source else "Target", record.component)


CODES = ("Code", "GeoFeatureSetCode", "GeoGridCode")
VTL_MAPPINGS = {
    "Dataflow": "VtlDataflowMapping",
    "GenericDataflow": "VtlDataflowMapping",
    "Codelist": "VtlCodelistMapping",
    "Concept": "VtlConceptMapping",
    "ConceptScheme": "VtlConceptMapping",
}
"""How a mapping of VTL is called in its URN, by what it maps."""


def add_items(writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme) -> None:
    kind, count = row.ml, len(scheme.items)
    if kind in NESTED:
        add_nested(writing, element, row, scheme)
        return
    holders = writing.batches.holders(element, count) if writing.batches else repeat(element, count)
    for holder, item in zip(holders, scheme.items, strict=True):
        add_fields(writing, start_item(writing, holder, kind, item), kind, item)


def add_nested(writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme) -> None:
    """Add nested categories; an item's path is that of its parent and its id."""
    known: dict[str, etree._Element] = {"": element}
    later: list[tuple[etree._Element, Item]] = []
    for item in scheme.items:
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        known[path] = start_item(writing, known[item.parent], row.ml, replace(item, id=path))
        known[path].set("id", item.id)
        later.append((known[path], item))
    for holder, item in later:  # further content of a reporting category follows its children
        add_fields(writing, holder, row.ml, item)


def start_item(writing: Writing, holder: etree._Element, kind: str, item: Item) -> etree._Element:
    identity = {"id": item.id, "urn": "" if kind == "ValueItem" else urn(writing, kind, item)}
    element = writing.add(holder, kind, attributes={**identity, "uri": item.uri})
    as_note = bool(item.parent) and kind not in NESTED and not takes_parent(writing, kind, item)
    own_notes = item_notes(item, parent_as_note=as_note)
    writing.notes(element, [*own_notes, *writing.link_notes(item.links), *item.annotations])
    writing.links(element, item.links)
    if kind == "ValueItem" and not item.name:
        add_texts(element, writing.dialect.common, "Description", item.description)
    else:
        writing.names(element, item.id.rpartition(".")[2] if kind in NESTED else item.id, item.name, item.description)
    return element


def urn(writing: Writing, kind: str, item: Item) -> str:
    mapped = next((VTL_MAPPINGS[name] for name, _ in item.properties if name in VTL_MAPPINGS), kind)
    kind = mapped if kind == "VtlMapping" else kind
    ref = writing.artefact.ref
    return writing.dialect.ref(Ref(kind, ref.agency, id=ref.id, version=ref.version, item=item.id)).urn


def takes_parent(writing: Writing, kind: str, item: Item) -> bool:
    if kind in CODES:
        return bool(re.fullmatch(writing.dialect.structures.code_parents, item.parent))
    return kind in ("Concept", "OrganisationUnit")


def add_parent(writing: Writing, element: etree._Element, row: Field, item: Item) -> None:
    if item.parent and takes_parent(writing, row.kinds[0], item):
        writing.local(element, row.ml, item.parent, row.kinds[0])


def add_own(writing: Writing, element: etree._Element, row: Field, record: Item | ItemScheme) -> None:
    if record.properties or record is not writing.artefact or not writing.artefact.details.external:
        add_fields(writing, element, row.of, of_pairs(record, ITEMS_SHAPES[row.of], writing.refusal))


def add_details(writing: Writing, element: etree._Element, _: Field, contact: Contact) -> None:
    for kind, value in contact.details:
        if kind not in CONTACT_DETAILS:
            raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(CONTACT_DETAILS)}.")
        writing.add(element, CONTACT_DETAILS[kind][0], value)


def add_selection(writing: Writing, element: etree._Element, row: Field, extension: Extension) -> None:
    """Add which codes an extension includes or excludes, and which include their children."""
    if not extension.members:
        if not extension.include:
            hint = "Name the codes that are left out."
            raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", hint)
        return
    selection = writing.add(element, row.ml if extension.include else "ExclusiveCodeSelection")
    cascade = dict(extension.cascade)
    for member in extension.members:
        writing.add(selection, "MemberValue", member, {"cascadeValues": cascade.get(member, "")})


def add_attachment(writing: Writing, element: etree._Element, row: Field, record: Constraint) -> None:
    if not record.attached and not record.sets and not record.sources:
        return
    holder = writing.add(element, row.ml)
    for ref in record.attached:
        writing.reference(holder, ref.kind, ref)
    for name, provider, set_id in record.sets:
        add_fields(writing, writing.add(holder, name), "DataSet", Member(set_id, provider=provider))
    for source in services(record.sources, writing.refusal):
        if isinstance(source, str):
            writing.add(holder, "SimpleDataSource", source)
        else:
            add_fields(writing, writing.add(holder, "QueryableDataSource"), "service", source)


def add_members(writing: Writing, element: etree._Element, row: Field, record: Selection) -> None:
    for member in record.members:
        name = f"com:{member.kind}" if member.kind else row.ml
        add_fields(writing, writing.add(element, name), member.kind or row.of, member)


def add_object(writing: Writing, element: etree._Element, row: Field, record: Member) -> None:
    add(element, "", row.ml, attributes=reference_attributes(writing.dialect.ref(Ref.parse(record.value))))


def add_bounds(writing: Writing, element: etree._Element, row: Field, record: TimeRange) -> None:
    prefix = row.ml.removesuffix("StartPeriod")
    for name, period, is_included in ends(record):
        attributes = {"isInclusive": "true" if is_included else "false"}
        writing.add(element, f"{prefix}{name[0].upper()}{name[1:]}", period, attributes)


def set_counts(_: Writing, element: etree._Element, __: Field, record: Constraint) -> None:
    for name, count in record.counts:
        element.set(name, carried(count, f"The attribute {name} of AvailabilityConstraint"))


Write = Callable[[Writing, etree._Element, Field, Any], None]
"""Adds a field of a record (the last argument) to its element."""


def add_by_table(writing: Writing, holder: etree._Element, artefact: Any) -> None:
    kind = writing.dialect.structures.kind_of.get(artefact.ref.kind, artefact.ref.kind)
    check(writing, artefact, kind)
    if kind == NAMELESS:
        add_fields(writing, writing.add(holder, kind), kind, artefact)
        return
    notes = as_notes(kind, artefact, family="ml", version=writing.dialect.sdmx_version, ref=writing.dialect.ref)
    add_fields(writing, start(writing, holder, kind=kind, notes=notes), kind, artefact)


def check(writing: Writing, artefact: Any, kind: str) -> None:
    """Reject unsupported agreements and constraints; `kind` is their name in the version."""
    if isinstance(artefact, Constraint):
        for what, hint in refused(artefact, kind, family="ml", version=writing.dialect.sdmx_version):
            raise writing.refusal(what, hint)
    if not isinstance(artefact, Agreement) or writing.dialect.has_final:
        return
    expected = {"MetadataProvisionAgreement": ("Metadataflow", "MetadataProvider")}.get(
        artefact.ref.kind, ("Dataflow", "DataProvider")
    )
    if (artefact.flow.kind, artefact.provider.kind) != expected:
        hint = "Since SDMX 3.0 there is a MetadataProvisionAgreement for metadataflows and metadata providers."
        raise writing.refusal(f"the {artefact.flow.kind} and {artefact.provider.kind}", hint)


def add_fields(writing: Writing, element: etree._Element, key: Key, record: Any) -> None:
    """Add the fields of a record.

    Raises `SdmxmigError` for missing mandatory fields and unsupported ones.
    """
    record = with_fields(key, record)
    for row, write in PLAN.steps(writing, key, record, writing.dialect.sdmx_version):
        write(writing, element, row, record)


def add_part(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if (inner_record := getattr(record, row.name)) is not None:
        add_fields(writing, writing.add(element, row.ml), row.of, inner_record)


def add_parts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if row.form is Form.ONE_PART and len(getattr(record, row.name)) != 1:
        raise writing.refusal(*row.lost)
    for inner_record in getattr(record, row.name):
        if row.holds(inner_record):
            add_fields(writing, writing.add(element, row.ml), row.of, inner_record)


def add_text(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    put(writing, element, row, getattr(record, row.name) or row.default)


def put(writing: Writing, element: etree._Element, row: Field, text: str) -> None:
    if row.ml.startswith("@"):
        if text:
            element.set(row.ml[1:], carried(text, f"The attribute {row.ml[1:]} of {etree.QName(element).localname}"))
    elif row.ml == CONTENT:
        element.text = carried(text, f"The text of {etree.QName(element).localname}") or None
    elif text or row.required:
        writing.add(element, row.ml, text)


def add_flag(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    yes = getattr(record, row.name)
    if yes != bool(row.default) or "ml" in row.always:
        put(writing, element, row, "true" if yes else "false")


def add_words(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    add_texts(element, *writing.dialect.qualified(row.ml), getattr(record, row.name))


def add_name(writing: Writing, element: etree._Element, _: Field, record: Any) -> None:
    writing.names(element, record.id, record.name, Text())


def add_reference(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    ref = getattr(record, row.name)
    if ref and ref.id:
        writing.reference(element, row.ml, ref)
    elif ref and row.stub is None:
        raise writing.refusal(f"the missing {row.ml}")


def add_references(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for ref in getattr(record, row.name):
        writing.reference(element, row.ml, ref)


def add_local(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if local_id := getattr(record, row.name):
        writing.local(element, row.ml, local_id)


def add_locals(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    holder, _, name = row.ml.rpartition("/")
    for local_id in getattr(record, row.name):
        writing.local(writing.add(element, holder) if holder else element, name, local_id)


def add_all_texts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    holder, _, name = row.ml.rpartition("/")
    texts = getattr(record, row.name)
    if row.form is Form.ONE_TEXT and len(texts) > 1:
        raise writing.refusal(*row.lost)
    text_holder = writing.add(element, holder) if holder and texts else element
    for text in texts:
        writing.add(text_holder, name, text)


def add_targets(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for target in getattr(record, row.name) or ((row.default,) if row.default else ()):
        writing.add(element, row.ml, target)


def add_times(writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
    for kind, name in TIME_MAPS.items():
        for link in record.times:
            if link.kind == kind:
                add_fields(writing, writing.add(element, name), kind, link)
    add_formats(writing, element, row, record)


FORMS: dict[Form, Write] = {
    Form.PART: add_part,
    **dict.fromkeys((Form.PARTS, Form.EACH, Form.OLD_EACH, Form.ONE_PART), add_parts),
    **dict.fromkeys((Form.ID, Form.COMPONENT_ID, Form.TEXT, Form.CHOICE, Form.NUMBER), add_text),
    **dict.fromkeys((Form.VALIDITY, Form.TRUTH), add_text),
    Form.FIXED: lambda writing, element, row, _: put(writing, element, row, row.default),
    **dict.fromkeys((Form.ROLE, Form.CASCADE, Form.PERIOD, Form.ADDRESS), add_text),
    **dict.fromkeys((Form.TEXTS, Form.ONE_TEXT, Form.EMPTY), add_all_texts),
    Form.LOCAL: add_local,
    Form.LOCALS: add_locals,
    Form.FLAG: add_flag,
    Form.MOMENT: lambda writing, element, row, record: put(writing, element, row, moment(getattr(record, row.name))),
    Form.NAME: add_name,
    Form.WORDS: add_words,
    **dict.fromkeys(
        (Form.NOTES, Form.MINOR_NOTES),
        lambda writing, element, _, record: writing.notes(element, record.annotations),
    ),
    **dict.fromkeys((Form.REFERENCE, Form.CODE_OF_HIERARCHY), add_reference),
    Form.CODING_FORMAT: lambda writing, element, _, record: add_coding_format(writing, element, record),
    Form.TARGETS: add_targets,
    Form.REFERENCES: add_references,
    Form.TIME_MAPS: add_times,
    Form.SIDES: add_sides,
    Form.SCHEME: add_scheme,
    Form.MAPPED_COMPONENTS: add_components,
    Form.MAPPED_FREQUENCIES: add_frequencies,
    Form.FIXED_COMPONENT: add_fixed,
    **data_structures.FORMS,
    **{form: partial(write, add_fields=add_fields) for form, write in data_structures.OF_FIELDS.items()},
    Form.ITEMS: add_items,
    Form.OWN: add_own,
    Form.PARENT: add_parent,
    Form.CORE: lambda writing, element, row, record: add_representation(writing, element, row.ml, of_record(record)),
    Form.CONTACT_DETAILS: add_details,
    Form.SELECTION: add_selection,
    Form.ATTACHMENT: add_attachment,
    Form.MEMBERS: add_members,
    Form.ALWAYS_INCLUDED: lambda *_: None,
    Form.OBJECT: add_object,
    Form.BOUNDS: add_bounds,
    Form.COUNTS: set_counts,
}
"""How each form is written."""
PLAN = WritingPlan("ml", FORMS)


def add_hierarchy(writing: Writing, holder: etree._Element, hierarchy: Hierarchy) -> None:
    if hierarchy.ref.item:
        hint = "Write the hierarchical codelist that contains it."
        raise writing.refusal("a hierarchy without its frame", hint)
    if twice := repeated_id(hierarchy.codes):
        raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")
    add_tree(writing, start(writing, holder), hierarchy)


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
            add_representation_mapping(writing, pair, scheme_map, source, by)


def add_representation_mapping(
    writing: Writing, pair: etree._Element, scheme_map: SchemeMap, source: str, by: str
) -> None:
    """Add how a component's values change: by a map of codes, value pairs or a text type."""
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
