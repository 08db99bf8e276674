"""Artefacts to SDMX-ML structure messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import groupby, repeat
from typing import Any, cast

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError, apply_to_each
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.sdmx.formats.sdmx_ml.markup import add, add_texts, start_message, to_bytes, write_reference
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import (
    Batches,
    Writing,
    add_coding_format,
    add_representation,
    start,
    write_moment,
)
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.constraints import check_constraint
from sdmxmig.sdmx.formats.structures.data_structures import TARGETS
from sdmxmig.sdmx.formats.structures.notes import list_item_notes
from sdmxmig.sdmx.formats.structures.representations import read_representation
from sdmxmig.sdmx.formats.structures.versions import convert_kinds, find_repeated_id
from sdmxmig.sdmx.formats.wire import CONTENT, Field, read_rows
from sdmxmig.sdmx.formats.wire.tables import (
    CONTACT_DETAILS,
    CONTAINERS,
    MAPS_OF_SETS,
    NAMELESS,
    NESTED,
    TIME_MAPS,
    USUAL,
    WITHOUT_REPRESENTATIONS,
    RecordWriter,
    add_field_names,
    build_property_fields,
    find_only_scheme,
    iterate_range_ends,
    read_services,
    write_notes,
)
from sdmxmig.sdmx.model.artefacts import Contact, Details, Extension, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, SchemeMap, StructureMap, StructureSet, TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Constraint,
    HierarchicalCodelist,
    Hierarchy,
    Level,
    Member,
    MetadataTarget,
    Selection,
    TimeRange,
)
from sdmxmig.sdmx.model.submission import Header

CODE_KINDS = ("Code", "GeoFeatureSetCode", "GeoGridCode")
VTL_MAPPINGS = {
    "Dataflow": "VtlDataflowMapping",
    "GenericDataflow": "VtlDataflowMapping",
    "Codelist": "VtlCodelistMapping",
    "Concept": "VtlConceptMapping",
    "ConceptScheme": "VtlConceptMapping",
}
"""Names of VTL mappings in a URN, by mapped kind."""
RELATED_KINDS = ("DataStructure", "MetadataStructure", "Dataflow", "Metadataflow")

WHOLE = re.compile(r"(\w+)=(\w+)\.(.+)")


class ElementWriter(RecordWriter):
    family = "ml"

    def artefact(self, writing: Writing, holder: etree._Element, artefact: Any) -> None:
        kind = writing.dialect.kinds.get(artefact.ref.kind, artefact.ref.kind)
        check(writing, artefact, kind)
        if kind == NAMELESS:
            self.add(writing, writing.add(holder, kind), kind, artefact)
            return
        notes = write_notes(kind, artefact, family="ml", version=writing.dialect.sdmx_version, ref=writing.dialect.ref)
        self.add(writing, start(writing, holder, kind, notes), kind, artefact)

    def add(self, writing: Writing, element: etree._Element, key: str, record: Any) -> None:
        record = add_field_names(key, record)
        for row, write in self.steps(writing, key, record, writing.dialect.sdmx_version):
            write(writing, element, row, record)

    def part(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        if (inner_record := getattr(record, row.name)) is not None:
            self.add(writing, writing.add(element, row.at), row.of, inner_record)

    def parts(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        if row.form == "one_part" and len(getattr(record, row.name)) != 1:
            raise writing.refusal(row.lost, row.hint)
        for inner_record in getattr(record, row.name):
            if row.holds(inner_record):
                self.add(writing, writing.add(element, row.at), row.of, inner_record)

    each = old_each = one_part = parts

    def section(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        content = writing.add(element, row.at)
        self.add(writing, content, row.of, record)
        if not len(content):
            element.remove(content)

    def own(self, writing: Writing, element: etree._Element, row: Field, record: Item | ItemScheme) -> None:
        if record.properties or record is not writing.artefact or not writing.artefact.details.external:
            self.add(writing, element, row.of, build_property_fields(record, row.of, writing.refusal))

    # Texts, words and references.

    def text(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        write_field(writing, element, row, getattr(record, row.name) or row.default)

    id = component_id = choice = number = validity = truth = role = cascade = period = address = text

    def fixed(self, writing: Writing, element: etree._Element, row: Field, _: Any) -> None:
        write_field(writing, element, row, row.default)

    def moment(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        write_field(writing, element, row, write_moment(getattr(record, row.name)))

    def texts(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        holder, _, name = row.at.rpartition("/")
        texts = getattr(record, row.name)
        if row.form == "one_text" and len(texts) > 1:
            raise writing.refusal(row.lost, row.hint)
        text_holder = writing.add(element, holder) if holder and texts else element
        for text in texts:
            writing.add(text_holder, name, text)

    one_text = empty = texts

    def flag(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        yes = getattr(record, row.name)
        if yes != bool(row.default) or "ml" in row.always:
            write_field(writing, element, row, "true" if yes else "false")

    def either(self, _: Writing, element: etree._Element, row: Field, record: Any) -> None:
        element.set(row.at[1:], row.choices[0 if getattr(record, row.name) else 1])

    def words(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        add_texts(element, *writing.dialect.qualified(row.at), getattr(record, row.name))

    def name(self, writing: Writing, element: etree._Element, _: Field, record: Any) -> None:
        writing.names(element, record.id, record.name, Text())

    def reference(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        ref = getattr(record, row.name)
        if ref and ref.id:
            writing.reference(element, row.at, ref)
        elif ref and not row.stub:
            raise writing.refusal(f"the missing {row.at}")

    code_of_hierarchy = reference

    def references(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        for ref in getattr(record, row.name):
            writing.reference(element, row.at, ref)

    def targets(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        for target in getattr(record, row.name) or ((row.default,) if row.default else ()):
            writing.add(element, row.at, target)

    def local(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        if local_id := getattr(record, row.name):
            writing.local(element, row.at, local_id)

    def locals(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        holder, _, name = row.at.rpartition("/")
        for local_id in getattr(record, row.name):
            writing.local(writing.add(element, holder) if holder else element, name, local_id)

    def parent(self, writing: Writing, element: etree._Element, row: Field, item: Item) -> None:
        if item.parent and accepts_parent(writing, row.kinds[0], item):
            writing.local(element, row.at, item.parent, row.kinds[0])

    def passed_over(self, _: Writing, element: etree._Element, row: Field, __: Any) -> None:
        if row.default:
            element.set(row.at[1:], row.default)

    def notes(self, writing: Writing, element: etree._Element, _: Field, record: Any) -> None:
        writing.notes(element, record.annotations)

    minor_notes = notes

    def no_notes(self, *_: Any) -> None:
        """Write nothing, since the model has no such annotations."""

    always_included = no_notes

    # Items.

    def items(self, writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme) -> None:
        kind, count = row.at, len(scheme.items)
        if kind in NESTED:
            self.nested(writing, element, row, scheme)
            return
        holders = writing.batches.holders(element, count) if writing.batches else repeat(element, count)
        for holder, item in zip(holders, scheme.items, strict=True):
            self.add(writing, start_item(writing, holder, kind, item), kind, item)

    def nested(self, writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme) -> None:
        """Add nested categories; an item's path is that of its parent and its id."""
        known: dict[str, etree._Element] = {"": element}
        later: list[tuple[etree._Element, Item]] = []
        for item in scheme.items:
            if item.parent not in known:
                hint = "Put each category after the one above it, which it names by its path, such as A.B."
                raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
            path = item.path
            known[path] = start_item(writing, known[item.parent], row.at, replace(item, id=path))
            known[path].set("id", item.id)
            later.append((known[path], item))
        for holder, item in later:  # further content of a reporting category follows its children
            self.add(writing, holder, row.at, item)

    def contact_details(self, writing: Writing, element: etree._Element, _: Field, contact: Contact) -> None:
        for kind, value in contact.details:
            if kind not in CONTACT_DETAILS:
                raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(CONTACT_DETAILS)}.")
            writing.add(element, CONTACT_DETAILS[kind][0], value)

    def selection(self, writing: Writing, element: etree._Element, row: Field, extension: Extension) -> None:
        if not extension.members:
            if not extension.include:
                hint = "Name the codes to exclude."
                raise writing.refusal(f"an exclusion without codes from {extension.codelist.short}", hint)
            return
        selection = writing.add(element, row.at if extension.include else "ExclusiveCodeSelection")
        cascade = dict(extension.cascade)
        for member in extension.members:
            writing.add(selection, "MemberValue", member, {"cascadeValues": cascade.get(member, "")})

    # Constraints.

    def attachment(self, writing: Writing, element: etree._Element, row: Field, record: Constraint) -> None:
        if not record.attached and not record.sets and not record.sources:
            return
        holder = writing.add(element, row.at)
        for ref in record.attached:
            writing.reference(holder, ref.kind, ref)
        for name, provider, set_id in record.sets:
            self.add(writing, writing.add(holder, name), "DataSet", Member(set_id, provider=provider))
        for source in read_services(record.sources, writing.refusal):
            if isinstance(source, str):
                writing.add(holder, "SimpleDataSource", source)
            else:
                self.add(writing, writing.add(holder, "QueryableDataSource"), "service", source)

    def members(self, writing: Writing, element: etree._Element, row: Field, record: Selection) -> None:
        for member in record.members:
            name = f"com:{member.kind}" if member.kind else row.at
            self.add(writing, writing.add(element, name), member.kind or row.of, member)

    def object(self, writing: Writing, element: etree._Element, row: Field, record: Member) -> None:
        add(element, "", row.at, attributes=write_reference(writing.dialect.ref(Ref.parse(record.value))))

    def bounds(self, writing: Writing, element: etree._Element, row: Field, record: TimeRange) -> None:
        prefix = row.at.removesuffix("StartPeriod")
        for name, period, is_included in iterate_range_ends(record):
            attributes = {"isInclusive": "true" if is_included else "false"}
            writing.add(element, f"{prefix}{name[0].upper()}{name[1:]}", period, attributes)

    def counts(self, _: Writing, element: etree._Element, __: Field, record: Constraint) -> None:
        for name, count in record.counts:
            element.set(name, check_characters(count, f"The attribute {name} of AvailabilityConstraint"))

    # Data structures and metadata structures.

    def components(self, writing: Writing, element: etree._Element, row: Field, structure: DataStructure) -> None:
        structures.check(structure, writing.refusal)
        if writing.dialect.has_final:
            check_21(writing, structure)
        if structure.components:
            self.add(writing, writing.add(element, row.at), row.of, structure)

    def component_list(self, writing: Writing, element: etree._Element, row: Field, structure: DataStructure) -> None:
        notes, components = structures.list_components(structure, row.name)
        if not components and not row.required:
            if notes:
                noun = f"{row.at.removesuffix('List').lower()}s"
                raise writing.refusal(f"the annotations of its {noun}", f"It has no {noun}.")
            return
        holder = writing.add(element, row.at, attributes={"id": row.default})
        writing.notes(holder, notes)
        known_elements = read_rows(row.of, family="ml", version=writing.dialect.sdmx_version)
        for component in components:
            elements = [known.of for known in known_elements if known.name == component.role]
            name = elements[-1 if structures.has_own_element(component) else 0]
            self.add(writing, writing.add(holder, name), name, component)

    def component_notes(self, writing: Writing, element: etree._Element, _: Field, component: Component) -> None:
        writing.notes(element, [*structures.list_component_notes(component), *component.annotations])

    def position(self, writing: Writing, element: etree._Element, _: Field, component: Component) -> None:
        dimensions = enumerate(cast(DataStructure, writing.artefact).dimensions, start=1)
        element.set("position", next(str(place) for place, dimension in dimensions if dimension is component))

    def relationship(self, writing: Writing, element: etree._Element, row: Field, component: Component) -> None:
        relationship = structures.find_relationship(cast(DataStructure, writing.artefact), component, writing.refusal)
        self.add(writing, writing.add(element, row.at), "Relationship", relationship)

    def dimensions(
        self, writing: Writing, element: etree._Element, row: Field, relationship: structures.Relationship
    ) -> None:
        for dimension in relationship.dimensions:
            writing.local(element, row.at, dimension)
            if dimension in relationship.optional:
                element[-1].set("optional", "true")

    def target_objects(self, writing: Writing, element: etree._Element, row: Field, target: MetadataTarget) -> None:
        for name, kind, representation in target.objects:
            is_other = kind in TARGETS
            attributes = {"id": name} if is_other else {"id": name, "objectType": kind}
            target_element = writing.add(element, kind if is_other else row.at, attributes=attributes)
            local = writing.add(target_element, "LocalRepresentation")
            if representation and not is_other:
                writing.reference(local, "Enumeration", Ref.parse(representation))
            else:
                writing.add(local, "TextFormat", attributes={"textType": representation or "IdentifiableReference"})

    def representation(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        shape = read_representation(record)
        if writing.dialect.has_final and isinstance(record, Component) and structures.has_optional_value(record):
            shape = replace(shape, min_occurs="1")
        add_representation(writing, element, row.at, shape)

    metadata_representation = representation

    # Hierarchies and maps.

    def included(self, writing: Writing, element: etree._Element, row: Field, frame: HierarchicalCodelist) -> None:
        for alias, codelist in frame.included:
            writing.reference(element, row.at, codelist)
            if alias:
                element[-1].set("alias", alias)

    def hierarchies(self, writing: Writing, element: etree._Element, row: Field, frame: HierarchicalCodelist) -> None:
        for hierarchy in frame.hierarchies:
            if replace(hierarchy.details, uri="", links=()) != Details():
                hint = "Give them to its frame."
                raise writing.refusal(f"validity or addresses of {hierarchy.ref.item}", hint)
            refuse_empty(writing, hierarchy)
            ref = writing.dialect.ref(hierarchy.ref)
            attributes = {"id": ref.item, "urn": ref.urn, "uri": hierarchy.details.uri}
            inner = writing.add(element, row.at, attributes=attributes)
            writing.notes(inner, [*writing.link_notes(hierarchy.details.links), *hierarchy.annotations])
            writing.names(inner, ref.item, hierarchy.name, hierarchy.description)
            self.add(writing, inner, "Hierarchy", hierarchy)

    def coding_format(self, writing: Writing, element: etree._Element, _: Field, level: Level) -> None:
        add_coding_format(writing, element, level)

    def sides(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        for side in getattr(record, row.name):
            if isinstance(side, Ref):
                writing.reference(element, f"{row.at}Codelist", side)
            else:
                writing.add(element, f"{row.at}DataType", side)

    def scheme(self, writing: Writing, element: etree._Element, row: Field, record: RepresentationMap) -> None:
        scheme = find_only_scheme(getattr(record, row.name))
        if scheme is None:
            raise writing.refusal(row.lost, row.hint)
        writing.reference(element, row.at, scheme)

    def time_maps(self, writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
        for name, kind in TIME_MAPS.items():
            for link in record.times:
                if link.kind == kind:
                    self.add(writing, writing.add(element, name), kind, link)
        for form in record.all_formats:
            self.add(writing, writing.add(element, row.at), "frequency format", form)

    def mapped_components(self, writing: Writing, element: etree._Element, _: Field, record: TimeLink) -> None:
        for source, target in zip(record.sources, record.targets, strict=True):
            writing.add(element, "Source", source)
            writing.add(element, "Target", target)

    def mapped_frequencies(self, writing: Writing, element: etree._Element, row: Field, record: TimeLink) -> None:
        for format_id, _, _ in record.formats:
            writing.add(element, row.at, format_id)

    def fixed_component(self, writing: Writing, element: etree._Element, _: Field, record: FixedValue) -> None:
        writing.add(element, "Source" if record.on_source else "Target", record.component)

    def maps(self, writing: Writing, element: etree._Element, _: Field, structure_set: StructureSet) -> None:
        for scheme_map in structure_set.maps:
            if scheme_map.kind not in MAPS_OF_SETS:
                raise writing.refusal(f"the map {scheme_map.kind}", f"It is one of {', '.join(MAPS_OF_SETS)}.")
            holder = writing.add(element, scheme_map.kind)
            self.add(writing, holder, f"{scheme_map.kind} of a set", scheme_map)

    def links(self, writing: Writing, element: etree._Element, row: Field, scheme_map: SchemeMap) -> None:
        is_structure = row.of == "StructureMap"
        notes = scheme_map.link_notes or ((),) * len(scheme_map.links)
        for (source, target, by), own_notes in zip(scheme_map.links, notes, strict=True):
            if by and not is_structure:
                what, hint = WITHOUT_REPRESENTATIONS
                raise writing.refusal(what.format(id=scheme_map.id), hint)
            pair = writing.add(element, row.at)
            writing.notes(pair, own_notes)
            for name, end_id in (("Source", source), ("Target", target)):
                attributes = write_component_reference(end_id) if is_structure else {"id": end_id}
                add(writing.add(pair, name), "", "Ref", attributes=attributes)
            if is_structure:
                add_representation_mapping(writing, pair, scheme_map, source, by)


def write_field(writing: Writing, element: etree._Element, row: Field, text: str) -> None:
    if row.ml.startswith("@"):
        if text:
            element.set(
                row.ml[1:], check_characters(text, f"The attribute {row.ml[1:]} of {etree.QName(element).localname}")
            )
    elif row.ml == CONTENT:
        element.text = check_characters(text, f"The text of {etree.QName(element).localname}") or None
    elif text or row.required:
        writing.add(element, row.ml, text)


def start_item(writing: Writing, holder: etree._Element, kind: str, item: Item) -> etree._Element:
    identity = {"id": item.id, "urn": "" if kind == "ValueItem" else build_item_urn(writing, kind, item)}
    element = writing.add(holder, kind, attributes={**identity, "uri": item.uri})
    as_note = bool(item.parent) and kind not in NESTED and not accepts_parent(writing, kind, item)
    own_notes = list_item_notes(item, parent_as_note=as_note)
    writing.notes(element, [*own_notes, *writing.link_notes(item.links), *item.annotations])
    writing.links(element, item.links)
    if kind == "ValueItem" and not item.name:
        add_texts(element, writing.dialect.common, "Description", item.description)
    else:
        writing.names(element, item.id.rpartition(".")[2] if kind in NESTED else item.id, item.name, item.description)
    return element


def build_item_urn(writing: Writing, kind: str, item: Item) -> str:
    mapped = next((VTL_MAPPINGS[name] for name, _ in item.properties if name in VTL_MAPPINGS), kind)
    kind = mapped if kind == "VtlMapping" else kind
    ref = writing.artefact.ref
    return writing.dialect.ref(Ref(kind, ref.agency, id=ref.id, version=ref.version, item=item.id)).urn


def accepts_parent(writing: Writing, kind: str, item: Item) -> bool:
    if kind in CODE_KINDS:
        return bool(re.fullmatch(writing.dialect.code_parents, item.parent))
    return kind in ("Concept", "OrganisationUnit")


def check_21(writing: Writing, structure: DataStructure) -> None:
    if structure.components and [measure.id for measure in structure.measures] != ["OBS_VALUE"]:
        hint = "SDMX 2.1 knows exactly one, OBS_VALUE; write SDMX-ML 3.0."
        raise writing.refusal("other measures than OBS_VALUE", hint)
    if structure.select_role("metadata"):
        raise writing.refusal("the metadata attributes that are reported with data")
    for group in structure.groups:
        if group.constraint and group.dimensions:
            raise writing.refusal(f"the constraint of the group {group.id}", "Name the dimensions of the group.")
    for component in structure.components:
        if component.concept_roles and component.role == "measure":
            raise writing.refusal(f"the concept roles of {component.id}", "It cannot have any.")
        if component.measures not in ((), ("OBS_VALUE",)):
            raise writing.refusal(f"the measures that {component.id} describes")


def check(writing: Writing, artefact: Any, kind: str) -> None:
    if isinstance(artefact, Constraint):
        for what, hint in check_constraint(artefact, kind, family="ml", version=writing.dialect.sdmx_version):
            raise writing.refusal(what, hint)
    if isinstance(artefact, StructureSet):
        others = [ref.kind for ref in artefact.related if ref.kind not in RELATED_KINDS]
        if others:
            raise writing.refusal(f"the relation to a {others[0]}", f"It relates {', '.join(RELATED_KINDS)}.")
    if isinstance(artefact, Hierarchy):
        if artefact.ref.item:
            hint = "Write the hierarchical codelist that contains it."
            raise writing.refusal("a hierarchy without its frame", hint)
        if twice := find_repeated_id(artefact.codes):
            raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy its own id.")
        refuse_empty(writing, artefact)
    if not isinstance(artefact, Agreement) or writing.dialect.has_final:
        return
    expected = {"MetadataProvisionAgreement": ("Metadataflow", "MetadataProvider")}.get(
        artefact.ref.kind, ("Dataflow", "DataProvider")
    )
    if (artefact.flow.kind, artefact.provider.kind) != expected:
        hint = "Since SDMX 3.0 there is a MetadataProvisionAgreement for metadataflows and metadata providers."
        raise writing.refusal(f"the {artefact.flow.kind} and {artefact.provider.kind}", hint)


def refuse_empty(writing: Writing, hierarchy: Hierarchy) -> None:
    if not hierarchy.codes:
        raise writing.refusal("a hierarchy without codes", "Give it at least one code.")


def add_representation_mapping(
    writing: Writing, pair: etree._Element, scheme_map: SchemeMap, source: str, by: str
) -> None:
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
            line.set("source", check_characters(before, f"A value of {source}"))
            line.set("target", check_characters(after, f"A value of {source}"))


def write_component_reference(component: str) -> dict[str, str]:
    """Return the attributes of a component reference: list, class and package.

    >>> write_component_reference("Attribute=AttributeDescriptor.UNIT")["containerID"]
    'AttributeDescriptor'
    """
    match = WHOLE.fullmatch(component)
    class_, list_, name = match.groups() if match else (USUAL.get(component, "Dimension"), "", component)
    package = "metadatastructure" if class_.startswith("Metadata") else "datastructure"
    return {
        "containerID": list_ or CONTAINERS.get(class_, "DimensionDescriptor"),
        "id": name,
        "class": class_,
        "package": package,
    }


WRITER = ElementWriter()


def write_structures(artefacts: Iterable[Artefact], header: Header, dialect: Dialect) -> bytes:
    """Write artefacts as one structure message, deterministic and independent of their order.

    Raises `SdmxmigError` for different artefacts with one name, unsupported content and forbidden characters.
    """
    root = start_message(dialect, "Structure", {"str": dialect.structure})
    add_header(root, dialect, header)
    structures = add(root, dialect.message, "Structures")
    batches = Batches()
    by_kind: dict[str, list[Artefact]] = {}
    for artefact in drop_duplicates(convert_kinds(artefacts, dialect.containers, dialect.name), dialect):
        by_kind.setdefault(find_kind(artefact, dialect), []).append(artefact)
    for container, kinds in groupby(dialect.containers.items(), key=lambda pair: pair[1]):
        of_container = [artefact for kind, _ in kinds for artefact in by_kind.get(kind, [])]
        if of_container:
            holder = add(structures, dialect.structure, container)
            apply_to_each(of_container, partial(add_artefact, holder, dialect, batches))
    add_footer(root, dialect, header.notes)
    return batches.filled(to_bytes(root))


def find_kind(artefact: Artefact, dialect: Dialect) -> str:
    kind = dialect.kinds.get(artefact.ref.kind, artefact.ref.kind)
    if kind not in dialect.containers:
        hint = "Leave it out, or write another version of SDMX-ML."
        what = f"{dialect.name} cannot express {artefact.ref.kind} {artefact.ref.short}: it has no {kind}."
        raise SdmxmigError(what, artefact.place, hint)
    return kind


def drop_duplicates(artefacts: Iterable[Artefact], dialect: Dialect) -> list[Artefact]:
    known: dict[tuple[Ref, str], Artefact] = {}
    for artefact in artefacts:
        kind = find_kind(artefact, dialect)
        ref = dialect.ref(artefact.ref)
        key = (
            Ref(kind, ref.agency, id=ref.id, version=ref.version, item=ref.item),
            repr(artefact) if kind == NAMELESS else "",
        )
        if known.setdefault(key, artefact) != artefact:
            hint = f"{dialect.name} calls both {ref.short}; write one of them."
            raise SdmxmigError(f"There are two different artefacts {ref}.", artefact.place, hint)
    return [known[key] for key in sorted(known)]


def add_artefact(holder: etree._Element, dialect: Dialect, batches: Batches, artefact: Artefact) -> None:
    WRITER.artefact(Writing(dialect, artefact, batches=batches), holder, artefact)
