"""Records read from JSON objects, following the wire tables: items, constraints, structures and maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.faults import attempt_each
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.artefacts import (
    read_annotations,
    read_heading,
    read_links,
    read_minor_notes,
    read_moment,
    read_occurrences,
    read_period,
    read_representation,
    read_text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.json_objects import Part
from sdmxmig.sdmx.formats.structures.data_structures import (
    IDENTIFIABLE,
    NOWHERE,
    TARGETS,
    ComponentList,
    build_structure_fields,
)
from sdmxmig.sdmx.formats.structures.notes import COUNTS, Heading, Notes, read_item_fields
from sdmxmig.sdmx.formats.structures.representations import Representation
from sdmxmig.sdmx.formats.wire import SDMX_OF, SHAPES, Field, read_absent_reference, read_rows
from sdmxmig.sdmx.formats.wire.tables import (
    CONTACT_DETAILS,
    DATAFLOWS,
    ENDS,
    FILES,
    NESTED,
    SET_KINDS,
    USUAL,
    RecordReader,
    build_time_range,
    read_note_fields,
)
from sdmxmig.sdmx.formats.wire.tables import find_field_name as constraint_member
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, Link
from sdmxmig.sdmx.model.data_structures import MAP_TYPES
from sdmxmig.sdmx.model.references import BASE_KINDS, Ref
from sdmxmig.sdmx.model.structures import Member

DETAIL_BY_MEMBER = {member: detail for detail, (_, member) in CONTACT_DETAILS.items()}
NO_LINKS: tuple[Link, ...] = ()
TARGET_KINDS = {words.find_array_name(kind): kind for kind in (IDENTIFIABLE, *TARGETS)}
REFERENCE_CLASSES = {
    "DataAttribute": ("Attribute", "AttributeDescriptor"),
    "PrimaryMeasure": ("PrimaryMeasure", "MeasureDescriptor"),
}
VALUE_TYPES = ("Value", "Name", "Description")


class ObjectReader(RecordReader):
    family = "json"

    # Artefacts and items.

    def heading(self, part: Part, kind: str) -> Heading:
        return read_heading(part, kind)

    def carried(self, _part: Part, kind: str, notes: Notes, fields: Mapping[str, Any]) -> dict[str, Any]:
        absent = (row for row in SHAPES[kind] if row.note not in ("", "METADATA") and not fields.get(row.name))
        return read_note_fields(kind, notes, absent)

    def items(self, part: Part, row: Field, parent: str = "") -> tuple[Item, ...]:
        branches = part.each(lambda child: self.branch(child, row, parent), row.at)
        return tuple(item for items_of_branch in branches for item in items_of_branch)

    def branch(self, part: Part, row: Field, parent: str) -> tuple[Item, ...]:
        item = self.item(part, row.ml, parent)
        path = f"{parent}.{item.id}" if parent else item.id
        items_below = self.items(part, row, path) if row.ml in NESTED else ()
        part.close()
        return (item, *items_below)

    def item(self, part: Part, kind: str, parent: str) -> Item:
        pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
        item_id = part.needed("id") if kind == "ValueItem" else part.matched("id", pattern, needed=True)
        if kind != "ValueItem" and not part.has("name") and not part.has("names"):
            part.deviation("“name” is missing.")
        notes = Notes(read_annotations(part))
        fields: dict[str, Any] = {"parent": parent} | self.fields(part, kind)
        uri, addresses = "", NO_LINKS
        if kind != "ValueItem" and part.has("links"):
            path = f"{parent}.{item_id}" if parent else item_id
            own_kind = BASE_KINDS.get(kind, kind)
            uri, addresses = read_links(part, replace(part.message.owner, kind=own_kind, item=path).urn)
        elif kind != "ValueItem":
            part.ignore("links")
        uri = uri or notes.title("URI")
        name, description = part.words("name"), part.words("description")
        fields |= read_item_fields(notes, fields["parent"])
        if part.message.is_old and kind == "Concept" and (address := part.text("isoConceptReference")):
            fields["annotations"] += (Annotation("ISO_CONCEPT_REFERENCE", title=address),)  # without parts there
        item = Item(item_id, name, description=description, uri=uri, links=addresses, **fields)
        if kind == "VtlMapping":
            check_mapping(part, item)
        return item

    def truth(self, part: Part, row: Field) -> str:
        if row.required and not part.has(row.at):
            raise part.error(f"“{row.at}” is missing.")
        return "true" if part.flag(row.at) else "false"

    def empty(self, part: Part, row: Field) -> tuple[str, ...]:
        child = part.part(row.at)
        if child:
            child.close()
        return ("",) if child else ()

    def fixed(self, part: Part, row: Field) -> dict[str, Any]:
        part.choice(row.at, row.default, row.default)
        return {}

    def contact_details(self, part: Part, _: Field) -> tuple[tuple[str, str], ...]:
        listed = (
            (DETAIL_BY_MEMBER[member], part.strings(member)) for member in part.members() if member in DETAIL_BY_MEMBER
        )
        return tuple((detail, value) for detail, values in listed for value in values)

    def selection(self, part: Part, row: Field) -> dict[str, Any]:
        inclusive, exclusive = part.part(row.at), part.part("exclusiveCodeSelection")
        if inclusive and exclusive:
            raise part.error("Codes can be either included or excluded.")
        chosen = inclusive or exclusive
        members: list[str] = []
        cascade: list[tuple[str, str]] = []
        for name in chosen.members() if chosen else ():
            if chosen and name == "wildcardedMemberValues":
                members += chosen.strings(name, words.MEMBER)
            elif chosen and name == "memberValues":
                for value, pointer in chosen.raw(name):
                    selected = Part({"value": value} if type(value) is str else value, part.message, pointer)
                    members.append(selected.matched("value", words.ID, needed=True))
                    how = read_cascade(selected)
                    selected.close()
                    cascade += [(members[-1], how)] if how else []
        if chosen:
            chosen.close()
        return {"include": exclusive is None, "members": tuple(members), "cascade": tuple(cascade)}

    # Texts, words and references.

    def id(self, part: Part, row: Field) -> str:
        return part.matched(row.at, getattr(words, row.pattern), needed=row.required)

    def text(self, part: Part, row: Field) -> str:
        return part.needed(row.at) if row.required else part.text(row.at)

    address = text

    def number(self, part: Part, row: Field) -> str:
        return part.number(row.at, words.WHOLE)

    def period(self, part: Part, row: Field) -> str:
        return read_period(part, row.at)

    def moment(self, part: Part, row: Field) -> str:
        return read_moment(part, row.at)

    validity = moment

    def one_text(self, part: Part, row: Field) -> tuple[str, ...]:
        text = part.needed(row.at) if row.required else part.text(row.at)
        return (text,) if part.has(row.at) else ()

    def texts(self, part: Part, row: Field) -> tuple[str, ...]:
        holder, _, name = row.at.rpartition("/")
        pattern = getattr(words, row.pattern)
        if not holder:
            return check_required(part, row, part.strings(name, pattern))
        holder_part = part.part(holder)
        if holder_part is None:
            return ()
        texts = holder_part.strings(name, pattern)
        holder_part.close()
        return texts

    def local(self, part: Part, row: Field) -> str:
        """Read an id within the same artefact; SDMX-JSON 1.0 uses its URN."""
        if part.message.is_old and part.text(row.at).startswith("urn:"):
            ref = part.reference(row.at, *row.kinds)
            return ref.item if ref else ""
        return self.id(part, row)

    parent = local

    def locals(self, part: Part, row: Field) -> tuple[str, ...]:
        if part.message.is_old and row.kinds:
            return tuple(ref.item or ref.id for ref in part.references(row.at, *row.kinds))
        return part.strings(row.at, getattr(words, row.pattern))

    def choice(self, part: Part, row: Field) -> str:
        return part.choice(row.at, "", *(() if row.required else ("",)), *row.choices)

    def either(self, part: Part, row: Field) -> bool:
        return part.choice(row.at, row.default, *row.choices) == row.choices[0]

    def role(self, part: Part, row: Field) -> str:
        if not part.has(row.at):
            return part.text(row.at, row.default)
        return part.choice(row.at, row.choices[0], *row.choices)

    def flag(self, part: Part, row: Field) -> bool:
        if row.required and not part.has(row.at):
            raise part.lacking(row.at)
        return part.flag(row.at, default=bool(row.default) and not row.required)

    def cascade(self, part: Part, _: Field) -> str:
        return read_cascade(part)

    def passed_over(self, part: Part, row: Field) -> dict[str, Any]:
        if row.default:
            check_fixed_id(part, row)
        else:
            part.text(row.at)
        return {}

    def position(self, _part: Part, _row: Field) -> dict[str, Any]:
        return {}  # read by the list

    def notes(self, part: Part, _: Field) -> tuple[Annotation, ...]:
        return read_annotations(part)

    def minor_notes(self, part: Part, _: Field) -> tuple[Annotation, ...]:
        return read_minor_notes(part)

    def reference(self, part: Part, row: Field) -> Ref | None:
        ref = part.reference(row.at, *row.kinds)
        if ref is None and row.required and not row.stub:
            raise part.lacking(row.at)
        return read_absent_reference(row) if ref is None else ref

    def references(self, part: Part, row: Field) -> tuple[Ref, ...]:
        return part.references(row.at, *row.kinds)

    def targets(self, part: Part, row: Field) -> tuple[str, ...]:
        return part.strings(row.at, words.WILD_URN)

    def parts(self, part: Part, row: Field) -> tuple[Any, ...]:
        return self.each(part, row) if row.name == "contacts" else check_required(part, row, super().parts(part, row))

    def old_each(self, part: Part, row: Field) -> tuple[Any, ...]:
        return self.each(part, row) if part.message.is_old else self.parts(part, row)

    def one_part(self, part: Part, row: Field) -> tuple[Any, ...]:
        return (self.record(part.one(row.at), row.of),)

    # Constraints.

    def attachment(self, part: Part, row: Field) -> dict[str, Any]:
        """Read the attachments of a constraint; content constraints of SDMX-JSON 1.0 name one file or set."""
        holder = part.one(row.at) if row.required else part.part(row.at)
        if holder is None:
            return {}
        is_old = part.message.is_old
        attached: list[Ref] = []
        sets: list[Member] = []
        for kind in (kind for kind in row.kinds if kind != FILES):
            name = constraint_member(kind, row)
            if kind in SET_KINDS and is_old:
                named = holder.parts(name) + ([alone] if (alone := holder.part(name.removesuffix("s"))) else [])
                sets += [self.record(child, "DataSet", kind=kind) for child in named]
            elif name.endswith("s"):
                attached += holder.references(name, kind)
            elif ref := holder.reference(name, kind):
                attached.append(ref)
        files = holder.strings("simpleDataSources") + ((holder.text("simpleDataSource"),) if is_old else ())
        sources = [("simple", address) for address in files if address]
        for child in holder.parts("queryableDataSources"):
            sources += self.record(child, "service").sources
        holder.close()
        if row.required and len(attached) != 1:
            raise holder.error("This must name one structure, flow or agreement.")
        if not is_old and len({ref.kind for ref in attached}) > 1:
            raise holder.error("A constraint is attached to artefacts of one kind.")
        named_sets = tuple((data_set.kind, data_set.provider, data_set.value) for data_set in sets)
        return {"attached": tuple(attached), "sources": tuple(sources), "sets": named_sets}

    def members(self, part: Part, row: Field) -> tuple[Member, ...]:
        """Read the values of a component; SDMX-JSON 1.0 lists those with children separately."""
        if part.message.is_old:
            values, cascading = part.strings("values"), part.strings("cascadeValues")
            known = dict.fromkeys((*values, *cascading))
            listed = [Member(value, "true" if value in cascading else "") for value in known]
            listed += [Member(ref.urn, kind="Object") for ref in part.references("objects")]
            for kind, name in (("DataSet", "dataSets"), ("DataKey", "dataKeys")):
                listed += [self.record(child, kind, kind=kind) for child in part.parts(name)]
        else:
            listed = [
                Member(value) if type(value) is str else self.record(Part(value, part.message, pointer), row.of)
                for value, pointer in part.raw(row.at)
            ]
        if listed and part.has("timeRange"):
            raise part.error("This has both values and a range of periods.")
        return tuple(listed)

    def members_in_key(self, part: Part, row: Field) -> tuple[Member, ...]:
        """Read the values of a dimension in a key: several since 2.1; excluded values in 2.0; targets in 1.0."""
        if not part.message.is_old and part.message.version != "2.0" and not part.flag("include", default=True):
            raise part.error("A value of a key cannot be left out.", at="include")
        single = [Member(part.text(row.at))] if part.has(row.at) else []
        part.ignore(row.at)
        if part.message.is_old:
            about = part.reference("object")
            single += [Member(about.urn, kind="Object")] if about else []
            for kind, name in (("DataSet", "dataSet"), ("DataKey", "dataKey")):
                single += [self.record(target, kind, kind=kind)] if (target := part.part(name)) else []
            if len(single) != 1:
                raise part.error("This must name one value.")
            return tuple(single)
        values = [Member(value) for value in part.strings("values")]
        if bool(values) == bool(single):
            raise part.error("This must have either a “value” or “values”.")
        return tuple(values + single)

    def bounds(self, part: Part, _: Field) -> dict[str, Any]:
        ends: dict[str, tuple[str, bool]] = {}
        for name in ENDS:
            if end := part.part(name):
                text = read_period(end, "period", observed=True)
                if not text:
                    raise end.error("“period” is missing.")
                ends[name] = text, end.flag("isInclusive", default=True)
                end.close()
        fields = build_time_range(ends)
        if fields is None:
            part.close()  # an unknown member is more informative than a missing end
            raise part.error("This is neither before, after, nor from one period to another.")
        return fields

    def always_included(self, part: Part, row: Field) -> bool:
        if not part.flag(row.at, default=True):
            raise part.error("A key cannot be left out, only the whole set.", at=row.at)
        return True

    def counts(self, part: Part, _: Field) -> tuple[tuple[str, str], ...]:
        numbers = ((name, part.number(name, words.WHOLE)) for name in COUNTS)
        return tuple((name, number) for name, number in numbers if number)

    # Data structures and metadata structures.

    def components(self, part: Part, row: Field) -> dict[str, Any]:
        content = part.part(row.at)
        if content is None:
            return {"components": ()}
        metadata = None if part.message.is_old else part.reference("metadata", "MetadataStructure")
        return build_structure_fields(self.record(content, row.of), metadata)

    def component_list(self, part: Part, row: Field) -> ComponentList | None:
        listing = part.one(row.at) if row.required else part.part(row.at)
        if listing is None:
            return None
        check_fixed_id(listing, row)
        notes = read_minor_notes(listing)
        children: list[tuple[Part, str]] = []
        for known in read_rows(row.of, family="json", version=SDMX_OF[part.message.version]):
            if known.form == "parts":
                children += [(child, known.of) for child in listing.parts(known.at)]
            elif child := listing.one(known.at) if known.required else listing.part(known.at):
                children.append((child, known.of))
        faults = part.message.faults
        if row.name == "DimensionList":
            faults, children = None, sort_dimensions(listing, children)  # without a dimension, the key differs
        components = tuple(attempt_each(faults, lambda child: self.record(*child), children))
        listing.close()
        return notes, components

    def component_id(self, part: Part, row: Field) -> str:
        if row.default == "TIME_PERIOD" and not part.message.is_old:
            part.choice(row.at, row.default, row.default)
        concept = part.reference("conceptIdentity", "Concept")
        if concept is None or not concept.item:
            raise part.error("“conceptIdentity” is missing.")
        return part.matched(row.at, words.NCNAME) or row.default or concept.item

    def shape(self, part: Part, row: Field) -> Representation:
        return read_representation(part, row.pattern, row.default)

    def representation(self, part: Part, row: Field) -> dict[str, Any]:
        fields = super().representation(part, row)
        if row.what and fields.keys() & {"min_occurs", "max_occurs"}:
            raise part.error(row.what, at=row.at)
        return fields

    metadata_representation = representation

    def occurrences(self, part: Part, _: Field) -> dict[str, Any]:
        return dict(zip(("min_occurs", "max_occurs"), read_occurrences(part), strict=True))

    def dimensions(self, part: Part, row: Field) -> dict[str, Any]:
        dimensions, flags = part.strings(row.at, words.NCNAME), part.raw("areDimensionsOptional")
        if flags and (len(flags) != len(dimensions) or any(type(flag) is not bool for flag, _ in flags)):
            raise part.error("This must state true or false for each dimension.", at="areDimensionsOptional")
        optional = tuple(name for name, (flag, _) in zip(dimensions, flags, strict=False) if flag)
        return {"dimensions": dimensions, "optional": optional}

    def target_objects(self, part: Part, row: Field) -> tuple[tuple[str, str, str], ...]:
        names = [name for name in part.members() if name in TARGET_KINDS]
        return tuple(self.target_object(child, TARGET_KINDS[name], row) for name in names for child in part.parts(name))

    def target_object(self, part: Part, kind: str, row: Field) -> tuple[str, str, str]:
        usual_id, usual_type = TARGETS.get(kind, ("", ""))
        is_object = kind == IDENTIFIABLE
        object_id = part.matched("id", words.NCNAME, needed=not usual_id) or usual_id
        object_type = part.needed("objectType") if is_object else kind
        representation = ""
        if local := part.part("localRepresentation"):
            listed, form = local.reference("enumeration"), local.part("textFormat")
            data_type = form.text("textType") if form else ""
            representation = listed.urn if listed else "" if is_object else data_type or usual_type
            if form:
                form.close()
            local.close()
        self.no_notes(part, row)
        part.close()
        return object_id, object_type, representation

    # Hierarchies and maps.

    def included(self, part: Part, row: Field) -> tuple[tuple[str, Ref], ...]:
        included = []
        if listing := part.part(row.at):
            for alias in listing.members():
                ref = listing.reference(alias, "Codelist")
                included += [(alias, ref)] if ref else []
            listing.close()
        part.message.aliases = dict(included)
        return tuple(included)

    def hierarchy_heading(self, part: Part) -> tuple[Ref, Details, tuple[Annotation, ...]]:
        owner, hierarchy_id = part.message.owner, part.matched("id", words.ID, needed=True)
        ref = Ref("Hierarchy", owner.agency, id=owner.id, version=owner.version, item=hierarchy_id)
        uri, addresses = read_links(part, ref.urn)
        return ref, Details(uri=uri, links=addresses), read_annotations(part)

    def code_of_hierarchy(self, part: Part, row: Field) -> Ref:
        """Read the code of a hierarchy; its codelist may be given by alias (SDMX-JSON 1.0)."""
        aliases = part.message.aliases
        code, alias = part.reference(row.at, *row.kinds), part.text("codelistAliasRef")
        code_id = part.matched("codeID", words.ID)
        if code is None and (alias not in aliases or not code_id):
            raise part.error("This names no code.", "Name it by “code”, or by “codelistAliasRef” and “codeID”.")
        return code or replace(aliases[alias], kind="Code", item=code_id)

    def level_of_code(self, part: Part, row: Field) -> str:
        """Read the level of a code; SDMX-JSON 1.0 uses a URN without the id of the hierarchy."""
        level = part.reference(row.at, *row.kinds)
        return level.item.partition(".")[2] or level.item if level else ""

    def coding_format(self, part: Part, row: Field) -> dict[str, Any]:
        form = part.part(row.at)
        data_type, facets, _ = read_text_format(form, "coding", "") if form else ("", (), ())
        return {"data_type": data_type, "facets": facets}

    def sides(self, part: Part, row: Field) -> tuple[Ref | str, ...]:
        return tuple(read_side(child) for child in part.parts(row.at))

    def scheme(self, part: Part, row: Field) -> tuple[Ref, ...]:
        return (part.reference(row.at, *row.kinds) or NOWHERE,)

    def mapped_components(self, part: Part, row: Field) -> dict[str, Any]:
        pairs = []
        for child in part.parts(row.at):
            pairs.append([child.matched(name, words.NESTED_ID, needed=True) for name in ("source", "target")])
            child.close()
        return {"sources": tuple(source for source, _ in pairs), "targets": tuple(target for _, target in pairs)}

    def fixed_component(self, part: Part, _: Field) -> dict[str, Any]:
        source, target = part.matched("source", words.NESTED_ID), part.matched("target", words.NESTED_ID)
        if bool(source) == bool(target):
            raise part.error("This must name either a source or a target.")
        return {"component": source or target, "on_source": bool(source)}

    def map_end(self, line: Part, side: str, *, is_component: bool) -> str:
        name = side.lower()
        ref = line.read_one_reference(name)
        if not ref.item:
            raise line.error(f"“{ref.urn}” names no item.", at=name)
        if not is_component:
            return ref.item
        list_id, _, component_id = ref.item.rpartition(".")
        if ref.kind == USUAL.get(component_id, "Dimension"):
            return component_id
        class_, list_ = REFERENCE_CLASSES.get(ref.kind, (ref.kind, list_id or "DimensionDescriptor"))
        return f"{class_}={list_}.{component_id}"

    def map_way(self, line: Part) -> tuple[str, tuple[tuple[str, str], ...] | None, tuple[str, ...]]:
        way = line.part("representationMapping")
        if way is None:
            return "", None, ()
        pairs = None
        form: tuple[str, ...] = ()
        by, type_part = way.reference("codelistMap", "CodelistMap"), way.part("toTextFormat")
        if value_map := way.part("valueMap"):
            pairs = tuple(read_value_pair(pair) for pair in value_map.parts("valueMappings"))
            value_map.close()
        if type_part:
            data_type, facets, _ = read_text_format(type_part, "basic", "String")
            if facets:
                raise type_part.error("Facets cannot be kept there.")
            form = (way.choice("toValueType", "Value", *VALUE_TYPES), data_type)
        way.close()
        return by.item if by else "", pairs, form


def check_mapping(part: Part, item: Item) -> None:
    mapped = [name for name, _ in item.properties if name != "alias"]
    if len(mapped) != 1:
        raise part.error("A mapping of VTL maps one thing: a dataflow, a codelist or a concept.")
    if mapped[0] not in DATAFLOWS and (item.to_vtl or item.from_vtl):
        raise part.error("Only dataflows are mapped with a method.", at=f"{'to' if item.to_vtl else 'from'}VtlMapping")


def read_cascade(part: Part) -> str:
    """Check whether a value includes its children; some writers send this boolean as text."""
    cascade = part.value.get("cascadeValues")
    part.ignore("cascadeValues")
    if cascade is None or cascade is False or cascade == "false":
        return ""
    if cascade is True or cascade == "true":
        return "true"
    if cascade != "excluderoot":
        raise part.error("This must be true, false or “excluderoot”.", at="cascadeValues")
    return "excluderoot"


def read_side(part: Part) -> Ref | str:
    codelist, data_type = part.reference("codelist", "Codelist", "ValueList"), part.text("dataType")
    part.close()
    if bool(codelist) == bool(data_type):
        raise part.error("This must name either a “codelist” or a “dataType”.")
    if data_type and data_type not in MAP_TYPES:
        hint = did_you_mean(data_type, MAP_TYPES)
        raise part.error(f"“{data_type[:80]}” is not a data type.", hint, at="dataType")
    return codelist or data_type


def sort_dimensions(part: Part, children: list[tuple[Part, str]]) -> list[tuple[Part, str]]:
    """Sort dimensions in key order; stated positions must match the list, and define the order in 1.0."""
    is_old = part.message.is_old
    positions = [child.position() if is_old or name != "TimeDimension" else None for child, name in children]
    present = [position for position in positions if position is not None]
    if is_old:
        places = [place if position is None else position for place, position in enumerate(positions)]
        return [child for _, child in sorted(zip(places, children, strict=True), key=lambda pair: pair[0])]
    if present != sorted(set(present)):
        hint = "Put the dimensions in the order of their positions."
        raise part.error("The positions of the dimensions are not in order.", hint, at="dimensions")
    return children


def check_fixed_id(part: Part, row: Field) -> None:
    if part.message.is_old:
        part.matched("id", words.ID)
    else:
        part.choice("id", row.default, row.default)


def check_required(part: Part, row: Field, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if row.required and not values:
        raise part.lacking(row.at)
    return values


def read_value_pair(part: Part) -> tuple[str, str]:
    pair = part.needed("source"), part.needed("target")
    part.close()
    return pair


READER = ObjectReader()
