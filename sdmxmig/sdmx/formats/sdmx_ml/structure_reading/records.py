"""Records read from elements, following the wire tables: items, constraints, structures and maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdmxmig.sdmx.formats.faults import attempt_each
from sdmxmig.sdmx.formats.sdmx_ml.dialects import URN
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import (
    read_annotations,
    read_heading,
    read_hierarchy_code,
    read_links,
    read_local_id,
    read_local_ids,
    read_local_ref,
    read_minor_notes,
    read_moment,
    read_reference,
    read_references,
    read_representation,
    read_text_format,
    read_urn,
)
from sdmxmig.sdmx.formats.structures.data_structures import IDENTIFIABLE, TARGETS, ComponentList, build_structure_fields
from sdmxmig.sdmx.formats.structures.notes import COUNTS, Heading, Notes, read_item_fields
from sdmxmig.sdmx.formats.structures.representations import Representation
from sdmxmig.sdmx.formats.wire import CONTENT, Field, read_absent_reference, read_rows
from sdmxmig.sdmx.formats.wire.tables import (
    ATTACHABLE_KINDS,
    CONTACT_DETAILS,
    CONTAINERS,
    ENDS,
    NESTED,
    SET_KINDS,
    USUAL,
    RecordReader,
    build_time_range,
    list_noted_fields,
    read_note_fields,
)
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Member

CASCADE_VALUES = {"true": "true", "false": "", "1": "true", "0": "", "excluderoot": "excluderoot"}
DETAIL_BY_ELEMENT = {element: detail for detail, (element, _) in CONTACT_DETAILS.items()}


class ElementReader(RecordReader):
    family = "ml"

    # Artefacts and items.

    def heading(self, part: Part, kind: str) -> Heading:
        return read_heading(part, kind)

    def carried(self, part: Part, kind: str, notes: Notes, _fields: Mapping[str, Any]) -> dict[str, Any]:
        listed = list_noted_fields(kind, "ml", part.message.version)
        return read_note_fields(kind, notes, listed, reference=lambda urn: read_urn(urn, part))

    def items(self, part: Part, row: Field) -> tuple[Item, ...]:
        """Return the items collected so far."""
        part.ignore(row.at)
        return tuple(part.message.items)

    def read_items(self, part: Part, kind: str, parent: str = "") -> list[Item]:
        item = self.item(part, kind, parent)
        path = f"{parent}.{item.id}" if parent else item.id
        nested = part.each(lambda child: self.read_items(child, kind, path), kind) if kind in NESTED else ()
        items_below = [item for items in nested for item in items]
        part.close()
        return [item, *items_below]

    def item(self, part: Part, kind: str, parent: str) -> Item:
        if kind == "ValueItem":
            item_id = part.attribute("id")
            if "id" not in part.element.attrib:
                raise part.error("lacks the attribute id.")
        else:
            item_id = part.check_id(part.needed("id"))
            part.attribute("urn")
        notes = Notes(read_annotations(part)) if part.has("com:Annotations") else None
        fields: dict[str, Any] = {"parent": parent} | self.fields(part, kind)
        name, description, addresses = part.words("com:Name"), part.words("com:Description"), read_links(part)
        if notes:
            addresses += notes.links(whole=not part.message.is_21)
            fields |= read_item_fields(notes, fields["parent"])
        return Item(item_id, name, description=description, links=addresses, uri=part.attribute("uri"), **fields)

    def fixed(self, part: Part, row: Field) -> dict[str, Any]:
        part.choice(part.attribute(row.at[1:], row.default), row.default)
        return {}

    def selection(self, part: Part, row: Field) -> dict[str, Any]:
        holder = part.part(row.at, "ExclusiveCodeSelection")
        members: list[str] = []
        cascade: list[tuple[str, str]] = []
        for member in holder.parts("MemberValue") if holder else ():
            how = member.attribute("cascadeValues", "false")
            members.append(member.content())
            if how not in {"false", "0"}:
                cascade.append((members[-1], "true" if how == "1" else how))
        if holder:
            holder.close()
        is_included = holder is None or holder.name == row.at
        return {"include": is_included, "members": tuple(members), "cascade": tuple(cascade)}

    def contact_details(self, part: Part, _: Field) -> tuple[tuple[str, str], ...]:
        return tuple((DETAIL_BY_ELEMENT[detail.name], detail.content()) for detail in part.parts(*DETAIL_BY_ELEMENT))

    # Texts, words and references.

    def id(self, part: Part, row: Field) -> str:
        text = self.text(part, row)
        if not row.required:
            return text
        return part.check_id(text if row.at.startswith("@") else text.strip())

    def text(self, part: Part, row: Field) -> str:
        if row.at == CONTENT:
            return part.element.text or ""
        if not row.at.startswith("@"):
            return part.one(row.at).content() if row.required else part.text(row.at)
        return part.needed(row.at[1:]) if row.required else part.attribute(row.at[1:], row.default)

    choice = number = validity = truth = period = address = text

    def one_text(self, part: Part, row: Field) -> tuple[str, ...]:
        return (part.text(row.at),) if part.has(row.at) else ()

    def empty(self, part: Part, row: Field) -> tuple[str, ...]:
        return tuple(child.content().strip() for child in part.parts(row.at))

    def texts(self, part: Part, row: Field) -> tuple[str, ...]:
        holder, _, name = row.at.rpartition("/")
        if not holder:
            return tuple(part.texts(name))
        holder_part = part.part(holder)
        if holder_part is None:
            return ()
        texts = tuple(holder_part.texts(name))
        holder_part.close()
        return texts

    def local(self, part: Part, row: Field) -> str:
        if row.required:
            return read_local_id(part.one(row.at))
        named = part.part(row.at)
        return read_local_id(named) if named else ""

    parent = local

    def locals(self, part: Part, row: Field) -> tuple[str, ...]:
        holder, _, name = row.at.rpartition("/")
        if not holder:
            return read_local_ids(part, name)
        ids = []
        for child in part.parts(holder):
            ids.append(read_local_id(child.one(name)))
            child.close()
        return tuple(ids)

    def flag(self, part: Part, row: Field) -> bool:
        return part.flag(row.at[1:], default=bool(row.default))

    def either(self, part: Part, row: Field) -> bool:
        word = part.attribute(row.at[1:], row.default) if row.default else part.needed(row.at[1:])
        return part.choice(word, *row.choices) == row.choices[0]

    def role(self, part: Part, row: Field) -> str:
        return part.choice(part.attribute(row.at[1:], row.default), *row.choices)

    def cascade(self, part: Part, row: Field) -> str:
        return CASCADE_VALUES[part.choice(part.attribute(row.at[1:], "false"), *CASCADE_VALUES)]

    def moment(self, part: Part, row: Field) -> str:
        return read_moment(self.text(part, row))

    def passed_over(self, part: Part, row: Field) -> dict[str, Any]:
        part.attribute(row.at[1:])
        return {}

    position = passed_over

    def notes(self, part: Part, _: Field) -> tuple[Annotation, ...]:
        return read_annotations(part)

    def minor_notes(self, part: Part, _: Field) -> tuple[Annotation, ...]:
        return read_minor_notes(part)

    def reference(self, part: Part, row: Field) -> Ref | None:
        kind = row.kinds[0] if row.kinds else ""
        if row.required:
            return read_reference(part.one(row.at), kind)
        named = part.part(row.at)
        return read_reference(named, kind) if named else read_absent_reference(row)

    def references(self, part: Part, row: Field) -> tuple[Ref, ...]:
        return read_references(part, row.at, row.kinds[0] if row.kinds else "")

    def targets(self, part: Part, row: Field) -> tuple[str, ...]:
        urns = tuple(part.each(read_target_urn, row.at))
        return () if urns == (row.default,) else urns

    one_part = old_each = RecordReader.parts

    # Constraints.

    def attachment(self, part: Part, row: Field) -> dict[str, Any]:
        holder = part.one(row.at) if row.required else part.part(row.at)
        if holder is None:
            return {}
        sets = SET_KINDS if part.message.is_21 else ()
        known = {kind for kinds in ATTACHABLE_KINDS.values() for kind in kinds}.difference(sets)
        attached = tuple(read_reference(target, target.name) for target in holder.parts(*known))
        sources: list[tuple[str, str]] = []
        for source in holder.parts("SimpleDataSource", "QueryableDataSource"):
            is_file = source.name == "SimpleDataSource"
            sources += [("simple", source.content())] if is_file else self.record(source, "service").sources
        named = tuple((child.name, self.record(child, "DataSet", kind=child.name)) for child in holder.parts(*sets))
        holder.close()
        return {
            "attached": attached,
            "sources": tuple(sources),
            "sets": tuple((kind, data_set.provider, data_set.value) for kind, data_set in named),
        }

    def members(self, part: Part, row: Field) -> tuple[Member, ...]:
        values = tuple(self.record(child, row.of) for child in part.parts(row.at))
        if part.message.is_21:
            targets = part.parts("com:Object", "com:DataSet", "com:DataKey")
            return values + tuple(self.record(child, child.name, kind=child.name) for child in targets)
        if values and part.has("TimeRange"):
            raise part.error("has both values and a range of periods.")
        return values

    def object(self, part: Part, _: Field) -> str:
        return read_reference(part, "").urn

    def bounds(self, part: Part, row: Field) -> dict[str, Any]:
        prefix = row.at.removesuffix("StartPeriod")
        ends: dict[str, tuple[str, bool]] = {}
        for name in ENDS:
            if end := part.part(f"{prefix}{name[0].upper()}{name[1:]}"):
                is_included = end.flag("isInclusive", default=True)
                ends[name] = end.content().strip(), is_included
        fields = build_time_range(ends)
        if fields is None:
            raise part.error("is neither before, after, nor from one period to another.")
        return fields

    def always_included(self, part: Part, row: Field) -> bool:
        if not part.flag(row.at[1:], default=True):
            raise part.error("is not included, which only the whole set can be.", "Put it into its own set.")
        return True

    def counts(self, part: Part, _: Field) -> tuple[tuple[str, str], ...]:
        return tuple((name, part.attribute(name)) for name in COUNTS if name in part.element.attrib)

    # Data structures and metadata structures.

    def components(self, part: Part, row: Field) -> dict[str, Any]:
        content = part.part(row.at)
        if content is None:
            return {"components": ()}
        lists = self.record(content, row.of)
        whole = Part(part.element, part.message)  # the metadata structure in it is read later
        metadata = whole.part("Metadata")
        return build_structure_fields(lists, read_reference(metadata, "MetadataStructure") if metadata else None)

    def component_list(self, part: Part, row: Field) -> ComponentList | None:
        listing = part.one(row.at) if row.required else part.part(row.at)
        if listing is None:
            return None
        known_rows = read_rows(row.of, family="ml", version=part.message.version)
        elements = [known.at for known in known_rows]

        def component(named: tuple[str, Part]) -> Component:
            name, child = named
            if name not in elements:
                raise child.error(f"is not a {row.at.removesuffix('List').lower()}.")
            made: Component = self.record(child, name)
            return made

        listing.attribute("id")
        notes = read_minor_notes(listing)
        faults = None if row.at == "DimensionList" else part.message.faults  # without a dimension, the key differs
        components = tuple(attempt_each(faults, component, listing.children()))
        listing.close()
        return notes, components

    def component_id(self, part: Part, row: Field) -> str:
        whole = Part(part.element, part.message)
        component_id = (
            part.attribute("id") or row.default or read_reference(whole.one("ConceptIdentity"), "Concept").item
        )
        return part.check_id(component_id)

    def shape(self, part: Part, row: Field) -> Representation:
        return read_representation(part, row.default, row.kinds[0] if row.kinds else "Codelist")

    def metadata_representation(self, part: Part, row: Field) -> dict[str, Any]:
        fields = self.representation(part, row)
        return {name: field for name, field in fields.items() if not name.endswith("occurs")}

    def dimensions(self, part: Part, row: Field) -> dict[str, Any]:
        flags = [(dimension.flag("optional"), read_local_id(dimension)) for dimension in part.parts(row.at)]
        return {"dimensions": tuple(name for _, name in flags), "optional": tuple(name for flag, name in flags if flag)}

    def target_objects(self, part: Part, _: Field) -> tuple[tuple[str, str, str], ...]:
        return tuple(target_object(child) for child in part.parts(IDENTIFIABLE, *TARGETS))

    # Hierarchies and maps.

    def included(self, part: Part, row: Field) -> tuple[tuple[str, Ref], ...]:
        included = tuple((child.attribute("alias"), read_reference(child, "Codelist")) for child in part.parts(row.at))
        part.message.aliases = {alias: ref for alias, ref in included if alias}
        return included

    def hierarchy_heading(self, part: Part) -> tuple[Ref, Details, tuple[Annotation, ...]]:
        owner, hierarchy_id = part.message.owner, part.check_id(part.needed("id"))
        part.attribute("urn")
        notes = Notes(read_annotations(part))
        addresses = notes.links()
        ref = Ref("Hierarchy", owner.agency, id=owner.id, version=owner.version, item=hierarchy_id)
        return ref, Details(uri=part.attribute("uri"), links=addresses), notes.remaining

    def code_of_hierarchy(self, part: Part, _: Field) -> Ref:
        return read_hierarchy_code(part)

    def coding_format(self, part: Part, row: Field) -> dict[str, Any]:
        form = part.part(row.at)
        data_type, facets, _ = read_text_format(form, "") if form else ("", (), ())
        return {"data_type": data_type, "facets": facets}

    def sides(self, part: Part, row: Field) -> tuple[Ref | str, ...]:
        lists, types = f"{row.at}Codelist", f"{row.at}DataType"
        lists_and_types = tuple(
            read_reference(side, "Codelist") if side.name == lists else side.content().strip()
            for side in part.parts(lists, types)
        )
        if not lists_and_types:
            raise part.error("lacks a source or a target.")
        return lists_and_types

    def scheme(self, part: Part, row: Field) -> tuple[Ref, ...]:
        return (read_reference(part.one(row.at), ""),)

    def mapped_components(self, part: Part, _: Field) -> dict[str, Any]:
        return {"sources": tuple(part.texts("Source")), "targets": tuple(part.texts("Target"))}

    def fixed_component(self, part: Part, _: Field) -> dict[str, Any]:
        component = part.one("Source", "Target")
        return {"component": component.content(), "on_source": component.name == "Source"}

    def map_end(self, line: Part, side: str, *, is_component: bool) -> str:
        end = line.one(side)
        return read_component_name(end) if is_component else read_local_id(end)

    def map_way(self, line: Part) -> tuple[str, tuple[tuple[str, str], ...] | None, tuple[str, ...]]:
        way = line.part("RepresentationMapping")
        if way is None:
            return "", None, ()
        by, pairs = "", None
        form: tuple[str, ...] = ()
        if child := way.part("CodelistMap"):
            by = read_local_id(child)
        elif child := way.part("ValueMap"):
            pairs = tuple(read_value_pair(pair) for pair in child.parts("ValueMapping"))
            child.close()
        else:
            type_part, how = way.one("ToTextFormat"), way.one("ToValueType")
            data_type, facets, _ = read_text_format(type_part, "String")
            if facets:
                raise type_part.error("has facets, which cannot be kept there.")
            form = (how.content().strip(), data_type)
        way.close()
        return by, pairs, form


def read_component_name(part: Part) -> str:
    ref = part.one("Ref")
    part.close()
    kind, container, component_id = read_local_ref(ref)
    usual = USUAL.get(component_id, "Dimension")
    if (kind, container) == (usual, CONTAINERS.get(usual, "DimensionDescriptor")):
        return component_id
    return f"{kind}={container}.{component_id}"


def read_value_pair(part: Part) -> tuple[str, str]:
    pair = part.attribute("source"), part.attribute("target")
    part.close()
    return pair


def target_object(part: Part) -> tuple[str, str, str]:
    usual_id, usual_type = TARGETS.get(part.name, ("", "IdentifiableReference"))
    object_id = part.attribute("id") or usual_id
    kind = part.needed("objectType") if part.name == IDENTIFIABLE else part.name
    shape = read_representation(part.part("LocalRepresentation"), usual_type, "ItemScheme")
    if read_minor_notes(part) or shape.facets:
        raise part.error("has annotations, links or facets, which cannot be kept there.")
    part.close()
    if shape.codelist:
        return part.check_id(object_id), kind, shape.codelist.urn
    return part.check_id(object_id), kind, "" if part.name == IDENTIFIABLE else shape.data_type


def read_target_urn(part: Part) -> str:
    urn = part.content().strip()
    if not URN.fullmatch(urn):
        raise part.error(f"has “{urn[:200]}”, which is not a URN of SDMX.")
    return urn


READER = ElementReader()
