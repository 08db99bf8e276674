"""Artefacts to SDMX-JSON 1.0, 2.0 and 2.1 structure messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_words import find_array_name
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import (
    Json,
    Writing,
    encode_message,
    start,
    write_coding_format,
    write_occurrences,
    write_representation,
)
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.constraints import check_constraint
from sdmxmig.sdmx.formats.structures.data_structures import IDENTIFIABLE, TARGETS
from sdmxmig.sdmx.formats.structures.notes import COUNTS, list_item_notes
from sdmxmig.sdmx.formats.structures.representations import read_representation
from sdmxmig.sdmx.formats.structures.versions import convert_kinds, find_repeated_id
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, fill_blanks, list_containers, read_rows
from sdmxmig.sdmx.formats.wire.tables import (
    CONTACT_DETAILS,
    KINDS_WITH_PARENT,
    NAMELESS,
    NESTED,
    TIME_MAPS,
    RecordWriter,
    add_field_names,
    build_property_fields,
    find_only_scheme,
    iterate_range_ends,
    read_services,
    write_notes,
)
from sdmxmig.sdmx.formats.wire.tables import find_field_name as constraint_member
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, Extension, Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    HierarchicalCode,
    HierarchicalCodelist,
    Hierarchy,
    Level,
    Member,
    MetadataAttribute,
    MetadataTarget,
    Selection,
    TimeRange,
)
from sdmxmig.sdmx.model.submission import Header

KINDS_BY_URN = ("Concept", "OrganisationUnit")
"""Items whose parents SDMX-JSON 1.0 expects as addresses; an annotation is clearer."""


class ObjectWriter(RecordWriter):
    family = "json"

    def artefact(self, writing: Writing, artefact: Any) -> Json:
        kind = artefact.ref.kind
        if isinstance(artefact, Hierarchy):
            if artefact.ref.item:
                raise writing.refusal("a hierarchy without its frame", "Hierarchical codelists are of SDMX 2.1 only.")
            if twice := find_repeated_id(artefact.codes):
                raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy its own id.")
        if isinstance(artefact, Constraint):
            for what, hint in check_constraint(artefact, kind, family="json", version=SDMX_OF[writing.version]):
                raise writing.refusal(what, hint)
            if kind == NAMELESS:
                return self.fields(writing, kind, artefact)
        notes = write_notes(kind, artefact, family="json", version=SDMX_OF[writing.version])
        return start(writing, notes) | self.fields(writing, kind, artefact)

    def fields(self, writing: Writing, key: str, record: Any) -> Json:
        record = add_field_names(key, record)
        members: Json = {}
        for row, write in self.steps(writing, key, record, SDMX_OF[writing.version]):
            members |= write(writing, row, record)
        return members

    def part(self, writing: Writing, row: Field, record: Any) -> Json:
        inner_record = getattr(record, row.name)
        return {} if inner_record is None else {row.at: self.fields(writing, row.of, inner_record)}

    def parts(self, writing: Writing, row: Field, record: Any) -> Json:
        parts = [self.fields(writing, row.of, inner) for inner in getattr(record, row.name) if row.holds(inner)]
        return {row.at: parts} if parts or row.required else {}

    each = old_each = parts

    def one_part(self, writing: Writing, row: Field, record: Any) -> Json:
        parts = getattr(record, row.name)
        if len(parts) != 1:
            raise writing.refusal(row.lost, row.hint)
        return {row.at: self.fields(writing, row.of, parts[0])}

    def section(self, writing: Writing, row: Field, record: Any) -> Json:
        members = self.fields(writing, row.of, record)
        return {row.at: members} if members.keys() - {"id"} else {}

    def own(self, writing: Writing, row: Field, record: Item | ItemScheme) -> Json:
        return self.fields(writing, row.of, build_property_fields(record, row.of, writing.refusal))

    # Texts, words and references.

    def local(self, writing: Writing, row: Field, record: Any) -> Json:
        text = getattr(record, row.name)
        if not text and not row.required:
            return {}
        pattern = getattr(words, row.pattern)
        if not pattern.fullmatch(text):  # building the message is slower than this check
            writing.checked(text, pattern, fill_blanks(row.what, record))
        return {row.at: text}

    id = parent = local

    def text(self, _: Writing, row: Field, record: Any) -> Json:
        text = getattr(record, row.name) or row.default
        return {row.at: text} if text or row.required else {}

    choice = role = text

    def texts(self, writing: Writing, row: Field, record: Any) -> Json:
        texts, what = list(getattr(record, row.name)), fill_blanks(row.what, record)
        if row.unique:
            writing.distinct(texts, fill_blanks(row.unique, record))
        for text in texts:
            writing.checked(text, getattr(words, row.pattern), what)
        if row.kinds and writing.is_10:  # there, parts of the same artefact are named by URN
            owner = replace(writing.artefact.ref, version=writing.numbered(writing.artefact.ref.version))
            texts = [replace(owner, kind=row.kinds[0], item=text).urn for text in texts]
        holder, _, name = row.at.rpartition("/")
        members: Json = {name: texts} if texts or row.required else {}
        return {holder: members} if holder and members else members

    locals = texts

    def one_text(self, writing: Writing, row: Field, record: Any) -> Json:
        texts = getattr(record, row.name)
        if len(texts) > 1:
            raise writing.refusal(row.lost, row.hint)
        return {row.at: texts[0]} if texts else {}

    def number(self, writing: Writing, row: Field, record: Any) -> Json:
        text = getattr(record, row.name)
        return {row.at: writing.number(text, fill_blanks(row.what, record), whole=True)} if text else {}

    def flag(self, _: Writing, row: Field, record: Any) -> Json:
        yes = getattr(record, row.name)
        return {row.at: yes} if yes != bool(row.default) or "json" in row.always else {}

    def truth(self, writing: Writing, row: Field, record: Any) -> Json:
        return {row.at: writing.flag(getattr(record, row.name), f"{row.name} of {record.id}")}

    def either(self, _: Writing, row: Field, record: Any) -> Json:
        return {row.at: row.choices[0 if getattr(record, row.name) else 1]}

    def empty(self, _: Writing, row: Field, record: Any) -> Json:
        return {row.at: {}} if getattr(record, row.name) else {}

    def fixed(self, _: Writing, row: Field, __: Any) -> Json:
        return {row.at: row.default}

    def passed_over(self, _: Writing, row: Field, __: Any) -> Json:
        return {row.at: row.default} if row.default else {}

    def moment(self, writing: Writing, row: Field, record: Any) -> Json:
        return write_text_field(row, record, writing.moment)

    validity = moment

    def period(self, writing: Writing, row: Field, record: Any) -> Json:
        return write_text_field(row, record, writing.period)

    def address(self, writing: Writing, row: Field, record: Any) -> Json:
        return write_text_field(row, record, writing.address)

    def name(self, writing: Writing, row: Field, record: Any) -> Json:
        return writing.texts(row.at, record.name, record.id)

    def words(self, writing: Writing, row: Field, record: Any) -> Json:
        return writing.texts(row.at, getattr(record, row.name))

    def notes(self, writing: Writing, _: Field, record: Any) -> Json:
        return writing.notes(record.annotations)

    minor_notes = notes

    def no_notes(self, *_: Any) -> Json:
        return {}

    always_included = no_notes

    def reference(self, writing: Writing, row: Field, record: Any) -> Json:
        ref = getattr(record, row.name)
        return {row.at: writing.urn(ref, *row.kinds)} if ref and (ref.id or not row.stub) else {}

    def references(self, writing: Writing, row: Field, record: Any) -> Json:
        urns = [writing.urn(ref, *row.kinds) for ref in getattr(record, row.name)]
        if row.unique:
            writing.distinct(urns, fill_blanks(row.unique, record))
        return {row.at: urns} if urns else {}

    def targets(self, writing: Writing, row: Field, record: Any) -> Json:
        targets = [writing.write_any_urn(target, "a target", "Any") for target in getattr(record, row.name)]
        writing.distinct(targets, "a target twice")
        return {row.at: targets} if targets else {}

    # Items.

    def items(self, writing: Writing, row: Field, scheme: ItemScheme) -> Json:
        if row.ml in NESTED:
            listed = self.nested(writing, row, scheme)
        else:
            listed = [self.item(writing, row.ml, item) for item in scheme.items]
        return {row.at: listed} if listed else {}

    def nested(self, writing: Writing, row: Field, scheme: ItemScheme) -> list[Json]:
        """Nest categories; an item's path is that of its parent and its id."""
        known: dict[str, Json] = {"": {row.at: []}}
        for item in scheme.items:
            path = item.path
            if item.parent not in known:
                hint = "Put each category after the one above it, which it names by its path, such as A.B."
                raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
            known[path] = self.item(writing, row.ml, replace(item, parent=""), path=path)
            if len(known[path].keys() & {"structuralMetadata", "provisioningMetadata"}) > 1:
                raise writing.refusal(f"structures and flows of {path} at once", "Name one of them.")
            known[item.parent].setdefault(row.at, []).append(known[path])
        return list(known[""][row.at])

    def item(self, writing: Writing, kind: str, item: Item, *, path: str = "") -> Json:
        pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
        members: Json = {"id": item.id if kind == "ValueItem" else writing.checked(item.id, pattern, "an id")}
        members |= writing.names(item.name, item.description, "" if kind == "ValueItem" else item.id)
        as_note = bool(item.parent) and (kind not in KINDS_WITH_PARENT or (writing.is_10 and kind in KINDS_BY_URN))
        has_uri = bool(words.ADDRESS.fullmatch(item.uri))
        uri_notes = [Annotation("URI", title=item.uri)] if item.uri and not has_uri else []
        members |= writing.notes([*list_item_notes(item, parent_as_note=as_note), *uri_notes, *item.annotations])
        if has_uri:
            self_link = {"rel": "self", "urn": write_item_urn(writing, kind, path or item.id)}
            members |= writing.links(item.links, self_link | {"uri": item.uri})
        else:
            members |= writing.links(item.links)
        if kind == "VtlMapping":
            check_mapping(writing, item)
        return members | self.fields(writing, kind, replace(item, parent="") if as_note else item)

    def contact_details(self, writing: Writing, _: Field, contact: Contact) -> Json:
        members: Json = {}
        for kind, value in contact.details:
            if kind not in CONTACT_DETAILS:
                raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(CONTACT_DETAILS)}.")
            if kind == "uri":
                writing.checked(value, words.ADDRESS, "an address of a contact")
            if kind == "email" and "@" not in value:
                raise writing.refusal(f"“{value}” as an e-mail address")
            members.setdefault(CONTACT_DETAILS[kind][1], []).append(value)
        return members

    def selection(self, writing: Writing, row: Field, extension: Extension) -> Json:
        if not extension.members and not extension.include:
            raise writing.refusal(
                f"an exclusion without codes from {extension.codelist.short}", "Name the codes to exclude."
            )
        cascade = dict(extension.cascade)
        chosen: Json = {}
        for member in extension.members:
            writing.checked(member, words.MEMBER, f"a code of {extension.codelist.short}")
            if member.endswith("%") and member in cascade:
                raise writing.refusal(f"the cascade of {member}", "Only single codes include their children.")
            how = cascade.get(member)
            selected = {"value": member, "cascadeValues": True if how == "true" else how} if how else member
            listed = chosen.setdefault("wildcardedMemberValues" if member.endswith("%") else "memberValues", [])
            if selected in listed:
                raise writing.refusal(f"the code {member} twice")
            listed.append(selected)
        return {row.at if extension.include else "exclusiveCodeSelection": chosen} if chosen else {}

    # Constraints.

    def attachment(self, writing: Writing, row: Field, record: Constraint) -> Json:
        members: Json = {}
        for ref in record.attached:
            members.setdefault(constraint_member(ref.kind, row), []).append(writing.urn(ref, *row.kinds))
        sources = read_services(record.sources, writing.refusal)
        if files := [writing.address(source) for source in sources if isinstance(source, str)]:
            members["simpleDataSources"] = files
        if queried := [self.fields(writing, "service", source) for source in sources if not isinstance(source, str)]:
            members["queryableDataSources"] = queried
        alone = {name: value if name.endswith("s") else value[0] for name, value in members.items()}
        return {row.at: alone} if alone else {}

    def members(self, writing: Writing, row: Field, record: Selection) -> Json:
        """Write each value as an object. The schema also allows plain text, but pysdmx does not read it."""
        values = []
        for value in record.members:
            if value.language != value.language.lower():
                raise writing.refusal(f"the language {value.language} of a value", "Write it in small letters.")
            values.append(self.fields(writing, row.of, value))
        return {row.at: values} if values else {}

    def members_in_key(self, _: Writing, row: Field, record: Selection) -> Json:
        values = [value.value for value in record.members]
        return {row.at: values[0]} if len(values) == 1 else {"values": values}

    def bounds(self, writing: Writing, _: Field, record: TimeRange) -> Json:
        return {
            name: {"period": writing.period(period, observed=True), "isInclusive": is_included}
            for name, period, is_included in iterate_range_ends(record)
        }

    def counts(self, writing: Writing, _: Field, record: Constraint) -> Json:
        for name, count in record.counts:
            if name not in COUNTS or count.startswith("-"):
                raise writing.refusal(f"the count {name} of {count}")
        return {name: writing.number(count, f"the {name}", whole=True) for name, count in record.counts}

    def cascade(self, _: Writing, row: Field, record: Member) -> Json:
        return {row.at: record.cascade == "true" or record.cascade} if record.cascade else {}

    # Data structures and metadata structures.

    def components(self, writing: Writing, row: Field, structure: DataStructure) -> Json:
        structures.check(structure, writing.refusal)
        if structure.list_notes and not structure.components:
            raise writing.refusal("notes on lists that are empty")
        if not (structure.components or structure.groups):
            return {}
        return {row.at: dict(sorted(self.fields(writing, row.of, structure).items()))}

    def component_list(self, writing: Writing, row: Field, structure: DataStructure) -> Json:
        notes, components = structures.list_components(structure, row.name)
        if not (components or notes or row.required):
            return {}
        members = {"id": row.default, **writing.notes(notes)}
        known_rows = read_rows(row.of, family="json", version=SDMX_OF[writing.version])
        for known in known_rows:
            of_role = [other for other in known_rows if other.name == known.name]
            held = [
                member
                for member in components
                if member.role == known.name and known is of_role[-1 if structures.has_own_element(member) else 0]
            ]
            if objects := [self.fields(writing, known.of, member) for member in held]:
                members[known.at] = objects if known.form == "parts" else objects[0]
        return {row.at: members}

    def component_id(self, writing: Writing, row: Field, record: Any) -> Json:
        return {row.at: writing.checked(record.id, words.NCNAME, fill_blanks(row.what, record))}

    def component_notes(self, writing: Writing, _: Field, component: Component) -> Json:
        return writing.notes([*structures.list_component_notes(component), *component.annotations])

    def representation(self, writing: Writing, row: Field, record: Any) -> Json:
        return write_representation(writing, row.at, read_representation(record))

    metadata_representation = representation

    def relationship(self, writing: Writing, row: Field, component: Component) -> Json:
        described = structures.find_relationship(cast(DataStructure, writing.artefact), component, writing.refusal)
        return {row.at: self.fields(writing, "Relationship", described)}

    def dimensions(self, writing: Writing, row: Field, described: structures.Relationship) -> Json:
        if not described.dimensions:
            return {}
        what = fill_blanks(row.what, described)
        writing.distinct(described.dimensions, fill_blanks(row.unique, described))
        members: Json = {row.at: [writing.checked(name, words.NCNAME, what) for name in described.dimensions]}
        if described.optional:
            members["areDimensionsOptional"] = [name in described.optional for name in described.dimensions]
        return members

    def position(self, writing: Writing, row: Field, component: Component) -> Json:
        dimensions = cast(DataStructure, writing.artefact).dimensions
        return {row.at: next(place for place, dimension in enumerate(dimensions) if dimension is component)}

    def occurrences(self, writing: Writing, _: Field, attribute: MetadataAttribute) -> Json:
        """Return both bounds even where they are the default, because pysdmx requires them."""
        always: Json = {"minOccurs": 1, "maxOccurs": 1}
        return always | write_occurrences(writing, attribute.min_occurs, attribute.max_occurs, attribute.id)

    def target_objects(self, writing: Writing, _: Field, target: MetadataTarget) -> Json:
        members: Json = {}
        for object_id, object_type, represented in target.objects:
            kind = object_type if object_type in TARGETS else IDENTIFIABLE
            written: Json = {"id": writing.checked(object_id, words.NCNAME, "the id of a target")}
            if kind == IDENTIFIABLE:
                written["objectType"] = object_type
            if represented.startswith("urn:"):
                written["localRepresentation"] = {"enumeration": represented}
            else:
                written["localRepresentation"] = {"textFormat": {"textType": represented or "IdentifiableReference"}}
            members.setdefault(f"{kind[0].lower()}{kind[1:]}s", []).append(written)
        return members

    # Hierarchies and maps.

    def included(self, writing: Writing, row: Field, frame: HierarchicalCodelist) -> Json:
        writing.distinct([alias for alias, _ in frame.included], "two codelists of one alias")
        included = {
            writing.checked(alias, words.ID, "an alias"): writing.urn(codelist, "Codelist")
            for alias, codelist in frame.included
        }
        return {row.at: included} if included else {}

    def hierarchies(self, writing: Writing, row: Field, frame: HierarchicalCodelist) -> Json:
        hierarchies = [self.hierarchy(writing, hierarchy) for hierarchy in frame.hierarchies]
        return {row.at: hierarchies} if hierarchies else {}

    def hierarchy(self, writing: Writing, hierarchy: Hierarchy) -> Json:
        name = hierarchy.ref.item
        members: Json = {"id": writing.checked(name, words.ID, "the id of a hierarchy")}
        members |= writing.names(hierarchy.name, hierarchy.description, name) | writing.notes(hierarchy.annotations)
        return members | writing.links(hierarchy.details.links) | self.fields(writing, "Hierarchy", hierarchy)

    def code_of_hierarchy(self, writing: Writing, row: Field, code: HierarchicalCode) -> Json:
        return {row.at: writing.urn(code.code, *row.kinds)}

    def level_of_code(self, writing: Writing, row: Field, code: HierarchicalCode) -> Json:
        if not code.level:
            return {}
        frame = writing.artefact.ref
        level = replace(frame, kind="Level", item=writing.checked(code.level, words.NESTED_ID, "the level of a code"))
        return {row.at: writing.urn(level, *row.kinds)}

    def coding_format(self, writing: Writing, _: Field, level: Level) -> Json:
        return write_coding_format(writing, level)

    def sides(self, writing: Writing, row: Field, record: RepresentationMap) -> Json:
        written = [
            {"codelist": writing.urn(side, "Codelist", "ValueList")} if isinstance(side, Ref) else {"dataType": side}
            for side in getattr(record, row.name)
        ]
        return {row.at: written} if written else {}

    def scheme(self, writing: Writing, row: Field, record: RepresentationMap) -> Json:
        only = find_only_scheme(getattr(record, row.name))
        if only is None:
            raise writing.refusal(row.lost, row.hint)
        return {row.at: writing.urn(only, *row.kinds)}

    def time_maps(self, writing: Writing, row: Field, record: StructureMap) -> Json:
        members: Json = {}
        for name, kind in TIME_MAPS.items():
            if times := [self.fields(writing, kind, link) for link in record.times if link.kind == kind]:
                members[find_array_name(name)] = times
        formats = [self.fields(writing, "frequency format", form) for form in record.all_formats]
        return members | ({row.at: formats} if formats else {})

    def mapped_components(self, writing: Writing, row: Field, record: TimeLink) -> Json:
        for component in (*record.sources, *record.targets):
            writing.checked(component, words.NESTED_ID, row.what)
        pairs = zip(record.sources, record.targets, strict=True)
        return {row.at: [{"source": source, "target": target} for source, target in pairs]}

    def mapped_frequencies(self, _: Writing, row: Field, record: TimeLink) -> Json:
        return {row.at: [format_id for format_id, _, _ in record.formats]} if record.formats else {}

    def fixed_component(self, writing: Writing, row: Field, record: FixedValue) -> Json:
        component_id = writing.checked(record.component, words.NESTED_ID, row.what)
        return {"source" if record.on_source else "target": component_id}


def write_item_urn(writing: Writing, kind: str, path: str) -> str:
    """Return the URN of an item; VTL mappings have none of their own kind."""
    if kind == "VtlMapping":
        raise writing.refusal(f"the URI of {path}")
    return writing.urn(replace(writing.artefact.ref, kind=kind, item=path))


def check_mapping(writing: Writing, item: Item) -> None:
    mapped = [name for name, _ in item.properties if name != "alias"]
    if len(mapped) != 1 or len(item.properties) == 1:
        raise writing.refusal(f"the mapping {item.id}", "It has one alias and maps one thing.")


def write_text_field(row: Field, record: Any, spell: Callable[[str], str]) -> Json:
    text = getattr(record, row.name)
    return {row.at: spell(text)} if text or row.required else {}


WRITER = ObjectWriter()


RENAMED_KINDS = {
    "1.0": {"DataConstraint": "ContentConstraint", "AvailabilityConstraint": "ContentConstraint"},
    "2.0": {"ContentConstraint": "DataConstraint", "AvailabilityConstraint": "DataConstraint"},
    "2.1": {"ContentConstraint": "DataConstraint"},
}


def write_structures(artefacts: Iterable[Artefact], header: Header, version: str) -> bytes:
    """Write artefacts as one structure message, deterministic and independent of their order.

    Texts appear in all languages, and again in English or their first language. A time without offset gets ``-00:00``
    (unknown).

    Raises `SdmxmigError` for different artefacts with one name, and for content that the version does not support.
    """
    by_kind: dict[str, list[Json]] = {}
    languages: set[str] = set()
    known = list_containers("json", SDMX_OF[version])
    for artefact in drop_duplicates(convert_kinds(artefacts, known, f"SDMX-JSON {version}"), version):
        writing = Writing(version, artefact, languages=languages)
        by_kind.setdefault(artefact.ref.kind, []).append(WRITER.artefact(writing, artefact))
    data = {name: by_kind[kind] for kind, name in known.items() if kind in by_kind}
    return encode_message(words.find_structure_version(version), header, languages=languages, data=data)


def drop_duplicates(artefacts: Iterable[Artefact], version: str) -> list[Artefact]:
    known: dict[tuple[Ref, str], Artefact] = {}
    for original in artefacts:
        artefact = replace(original, ref=replace(original.ref, kind=find_kind(original, version)))
        key = (artefact.ref, repr(artefact) if artefact.ref.kind == NAMELESS else "")
        if known.setdefault(key, artefact) != artefact:
            hint = "Write one of them."
            raise SdmxmigError(f"There are two different artefacts {artefact.ref}.", artefact.place, hint)
    return [known[key] for key in sorted(known)]


def find_kind(artefact: Artefact, version: str) -> str:
    kind = RENAMED_KINDS[version].get(artefact.ref.kind, artefact.ref.kind)
    if kind not in list_containers("json", SDMX_OF[version]) or kind == "StructureSet":
        hint = "Leave it out, or write SDMX-ML 2.1."
        what = f"SDMX-JSON {version} cannot express {artefact.ref.kind} {artefact.ref.short}: it has no {kind}."
        raise SdmxmigError(what, artefact.place, hint)
    return kind
