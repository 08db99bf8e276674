"""Records written as JSON objects, following the wire tables.

Items of schemes: codes, concepts, organisations, categories, VTL definitions. Constraints: attachments, values, ranges
and counts. The maps of SDMX 3: sides, pairs, and dates mapped to periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing import data_structures, version_10
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.data_structures import coding_format, representation
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.sdmx.formats.structures.constraints import refused
from sdmxmig.sdmx.formats.structures.notes import COUNTS, item_notes
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.structures.versions import repeated_id
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, about
from sdmxmig.sdmx.formats.wire.constraints import ends, services
from sdmxmig.sdmx.formats.wire.constraints import member as constraint_member
from sdmxmig.sdmx.formats.wire.items import CONTACT_DETAILS, NESTED, WITH_PARENT, of_pairs
from sdmxmig.sdmx.formats.wire.maps import only_scheme
from sdmxmig.sdmx.formats.wire.tables import NAMELESS, SHAPES, WritingPlan, as_notes, with_fields
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, Extension, Item, ItemScheme
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint, Hierarchy, Selection, TimeRange

BY_URN = ("Concept", "OrganisationUnit")
"""Items whose parents SDMX-JSON 1.0 expects as addresses; an annotation is clearer."""


def items(writing: Writing, row: Field, scheme: ItemScheme) -> Json:
    if row.ml in NESTED:
        listed = nested(writing, row, scheme)
    else:
        listed = [item_of(writing, row.ml, item) for item in scheme.items]
    return {row.json: listed} if listed else {}


def nested(writing: Writing, row: Field, scheme: ItemScheme) -> list[Json]:
    """Nest categories; an item's path is that of its parent and its id."""
    known: dict[str, Json] = {"": {row.json: []}}
    for item in scheme.items:
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        known[path] = item_of(writing, row.ml, replace(item, parent=""), path=path)
        if len(known[path].keys() & {"structuralMetadata", "provisioningMetadata"}) > 1:
            raise writing.refusal(f"structures and flows of {path} at once", "Name one of them.")
        known[item.parent].setdefault(row.json, []).append(known[path])
    return list(known[""][row.json])


def item_of(writing: Writing, kind: str, item: Item, *, path: str = "") -> Json:
    pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
    members: Json = {"id": item.id if kind == "ValueItem" else writing.checked(item.id, pattern, "an id")}
    members |= writing.names(item.name, item.description, "" if kind == "ValueItem" else item.id)
    as_note = bool(item.parent) and (kind not in WITH_PARENT or (writing.is_10 and kind in BY_URN))
    has_uri = bool(words.ADDRESS.fullmatch(item.uri))
    uri_notes = [Annotation("URI", title=item.uri)] if item.uri and not has_uri else []
    members |= writing.notes([*item_notes(item, parent_as_note=as_note), *uri_notes, *item.annotations])
    if has_uri:
        self_link = {"rel": "self", "urn": item_urn(writing, kind, path or item.id)}
        members |= writing.links(item.links, self_link | {"uri": item.uri})
    else:
        members |= writing.links(item.links)
    if kind == "VtlMapping":
        check_mapping(writing, item)
    return members | fields_of(writing, kind, replace(item, parent="") if as_note else item)


def item_urn(writing: Writing, kind: str, path: str) -> str:
    """Return the URN of an item; VTL mappings have none of their own kind."""
    if kind == "VtlMapping":
        raise writing.refusal(f"the URI of {path}")
    return writing.urn(replace(writing.artefact.ref, kind=kind, item=path))


def check_mapping(writing: Writing, item: Item) -> None:
    mapped = [name for name, _ in item.properties if name != "alias"]
    if len(mapped) != 1 or len(item.properties) == 1:
        raise writing.refusal(f"the mapping {item.id}", "It has one alias and maps one thing.")


def details(writing: Writing, _: Field, contact: Contact) -> Json:
    """Write contact details by kind, in order of first appearance."""
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


def selection(writing: Writing, row: Field, extension: Extension) -> Json:
    """Write which codes an extension includes or excludes, and which include their children."""
    if not extension.members and not extension.include:
        raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", "Name the codes that are left out.")
    cascade = dict(extension.cascade)
    chosen: Json = {}
    for member in extension.members:
        writing.checked(member, words.MEMBER, f"a code of {extension.codelist.short}")
        if member.endswith("%") and member in cascade:
            raise writing.refusal(f"the cascade of {member}", "Only single codes bring their children.")
        how = cascade.get(member)
        selected = {"value": member, "cascadeValues": True if how == "true" else how} if how else member
        listed = chosen.setdefault("wildcardedMemberValues" if member.endswith("%") else "memberValues", [])
        if selected in listed:
            raise writing.refusal(f"the code {member} twice")
        listed.append(selected)
    return {row.json if extension.include else "exclusiveCodeSelection": chosen} if chosen else {}


def attachment(writing: Writing, row: Field, record: Constraint) -> Json:
    """Write the attachment of a constraint: artefacts of one kind or files, then queried services."""
    members: Json = {}
    for ref in record.attached:
        members.setdefault(constraint_member(ref.kind, row), []).append(writing.urn(ref, *row.kinds))
    sources = services(record.sources, writing.refusal)
    if files := [writing.address(source) for source in sources if isinstance(source, str)]:
        members["simpleDataSources"] = files
    if queried := [fields_of(writing, "service", source) for source in sources if not isinstance(source, str)]:
        members["queryableDataSources"] = queried
    alone = {name: value if name.endswith("s") else value[0] for name, value in members.items()}
    return {row.json: alone} if alone else {}


def members(writing: Writing, row: Field, record: Selection) -> Json:
    """Write each value as an object: the schema allows a bare text too, but pysdmx does not read it."""
    values = []
    for value in record.members:
        if value.language != value.language.lower():
            raise writing.refusal(f"the language {value.language} of a value", "Write it in small letters.")
        values.append(fields_of(writing, row.of, value))
    return {row.json: values} if values else {}


def members_in_key(_: Writing, row: Field, record: Selection) -> Json:
    values = [value.value for value in record.members]
    return {row.json: values[0]} if len(values) == 1 else {"values": values}


def bounds(writing: Writing, _: Field, record: TimeRange) -> Json:
    return {
        name: {"period": writing.period(period, observed=True), "isInclusive": is_included}
        for name, period, is_included in ends(record)
    }


def counts(writing: Writing, _: Field, record: Constraint) -> Json:
    for name, count in record.counts:
        if name not in COUNTS or count.startswith("-"):
            raise writing.refusal(f"the count {name} of {count}")
    return {name: writing.number(count, f"the {name}", whole=True) for name, count in record.counts}


def sides(writing: Writing, row: Field, record: RepresentationMap) -> Json:
    written = [
        {"codelist": writing.urn(side, "Codelist", "ValueList")} if isinstance(side, Ref) else {"dataType": side}
        for side in getattr(record, row.name)
    ]
    return {row.json: written} if written else {}


def scheme(writing: Writing, row: Field, record: RepresentationMap) -> Json:
    only = only_scheme(getattr(record, row.name))
    if only is None:
        raise writing.refusal(*row.lost)
    return {row.json: writing.urn(only, *row.kinds)}


def one_text(writing: Writing, row: Field, record: Any) -> Json:
    texts = getattr(record, row.name)
    if len(texts) > 1:
        raise writing.refusal(*row.lost)
    return {row.json: texts[0]} if texts else {}


def time_maps(writing: Writing, row: Field, record: StructureMap) -> Json:
    """Write maps of dates to periods, and each pattern once, by frequency."""
    members: Json = {}
    for kind, name in words.TIME_MAPS.items():
        if times := [fields_of(writing, kind, link) for link in record.times if link.kind == kind]:
            members[name] = times
    formats = [
        {
            "id": writing.checked(format_id, words.ID, "the id of a format"),
            "frequencyId": writing.checked(frequency, words.ID, "a frequency"),
            "datePattern": pattern,
        }
        for format_id, frequency, pattern in record.all_formats
    ]
    return members | ({row.json: formats} if formats else {})


def mapped_components(writing: Writing, row: Field, record: TimeLink) -> Json:
    for component in (*record.sources, *record.targets):
        writing.checked(component, words.NESTED_ID, row.what)
    pairs = zip(record.sources, record.targets, strict=True)
    return {row.json: [{"source": source, "target": target} for source, target in pairs]}


def mapped_frequencies(_: Writing, row: Field, record: TimeLink) -> Json:
    return {row.json: [format_id for format_id, _, _ in record.formats]} if record.formats else {}


def fixed_component(writing: Writing, row: Field, record: FixedValue) -> Json:
    component_id = writing.checked(record.component, words.NESTED_ID, row.what)
    return {"source" if record.on_source else "target": component_id}


Write = Callable[[Writing, Field, Any], Json]
"""The members that say a field of a record (the last argument)."""


def artefact_by_table(writing: Writing, artefact: Any) -> Json:
    kind = artefact.ref.kind
    if isinstance(artefact, Hierarchy):
        check_hierarchy(writing, artefact)
    if isinstance(artefact, Constraint):
        for what, hint in refused(artefact, kind, family="json", version=SDMX_OF[writing.version]):
            raise writing.refusal(what, hint)
        if kind == NAMELESS:
            return fields_of(writing, kind, artefact)
    notes = as_notes(kind, artefact, family="json", version=SDMX_OF[writing.version])
    return start(writing, notes) | fields_of(writing, kind, artefact)


def check_hierarchy(writing: Writing, hierarchy: Hierarchy) -> None:
    """Reject a hierarchy from an SDMX 2.1 frame, and duplicate code ids."""
    if hierarchy.ref.item:
        raise writing.refusal("a hierarchy without its frame", "Hierarchical codelists are of SDMX 2.1 only.")
    if twice := repeated_id(hierarchy.codes):
        raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")


def fields_of(writing: Writing, key: Key, record: Any) -> Json:
    """Write the members of a record.

    Raises `SdmxmigError` for missing mandatory fields and unsupported ones.
    """
    record = with_fields(key, record)
    members: Json = {}
    for row, write in PLAN.steps(writing, key, record, SDMX_OF[writing.version]):
        members |= write(writing, row, record)
    return members


def checked(writing: Writing, row: Field, record: Any) -> Json:
    text = getattr(record, row.name)
    if not text and not row.required:
        return {}
    pattern = getattr(words, row.pattern)
    if not pattern.fullmatch(text):  # building the message is slower than this check
        writing.checked(text, pattern, about(row.what, record))
    return {row.json: text}


def text_of(_: Writing, row: Field, record: Any) -> Json:
    text = getattr(record, row.name) or row.default
    return {row.json: text} if text or row.required else {}


def texts_of(writing: Writing, row: Field, record: Any) -> Json:
    """Write texts after checking their form and uniqueness."""
    texts, what = list(getattr(record, row.name)), about(row.what, record)
    if row.unique:
        writing.distinct(texts, about(row.unique, record))
    for text in texts if row.pattern else ():
        writing.checked(text, getattr(words, row.pattern), what)
    if row.kinds and writing.is_10:  # there, parts of the same artefact are named by URN
        owner = replace(writing.artefact.ref, version=writing.numbered(writing.artefact.ref.version))
        texts = [replace(owner, kind=row.kinds[0], item=text).urn for text in texts]
    holder, _, name = row.json.rpartition("/")
    members: Json = {name: texts} if texts or row.required else {}
    return {holder: members} if holder and members else members


def flag_of(_: Writing, row: Field, record: Any) -> Json:
    yes = getattr(record, row.name)
    return {row.json: yes} if yes != bool(row.default) or "json" in row.always else {}


def spelt(spell: Callable[[Writing, str], str]) -> Write:
    def text_spelt(writing: Writing, row: Field, record: Any) -> Json:
        text = getattr(record, row.name)
        return {row.json: spell(writing, text)} if text or row.required else {}

    return text_spelt


def number_of(writing: Writing, row: Field, record: Any) -> Json:
    text = getattr(record, row.name)
    return {row.json: writing.number(text, about(row.what, record), whole=True)} if text else {}


def reference_of(writing: Writing, row: Field, record: Any) -> Json:
    ref = getattr(record, row.name)
    return {row.json: writing.urn(ref, *row.kinds)} if ref and (ref.id or row.stub is None) else {}


def references_of(writing: Writing, row: Field, record: Any) -> Json:
    urns = [writing.urn(ref, *row.kinds) for ref in getattr(record, row.name)]
    if row.unique:
        writing.distinct(urns, about(row.unique, record))
    return {row.json: urns} if urns else {}


def targets_of(writing: Writing, row: Field, record: Any) -> Json:
    targets = [writing.any_urn(target, "a target", "Any") for target in getattr(record, row.name)]
    writing.distinct(targets, "a target twice")
    return {row.json: targets} if targets else {}


def part_of(writing: Writing, row: Field, record: Any) -> Json:
    inner_record = getattr(record, row.name)
    return {} if inner_record is None else {row.json: fields_of(writing, row.of, inner_record)}


def parts_of(writing: Writing, row: Field, record: Any) -> Json:
    parts = [fields_of(writing, row.of, inner) for inner in getattr(record, row.name) if row.holds(inner)]
    return {row.json: parts} if parts or row.required else {}


def one_part(writing: Writing, row: Field, record: Any) -> Json:
    parts = getattr(record, row.name)
    if len(parts) != 1:
        raise writing.refusal(*row.lost)
    return {row.json: fields_of(writing, row.of, parts[0])}


FORMS: dict[Form, Write] = {
    **dict.fromkeys((Form.ID, Form.LOCAL, Form.PARENT), checked),
    **dict.fromkeys((Form.TEXT, Form.CHOICE, Form.ROLE), text_of),
    Form.NUMBER: number_of,
    **dict.fromkeys((Form.TEXTS, Form.LOCALS), texts_of),
    Form.TARGETS: targets_of,
    Form.FLAG: flag_of,
    **dict.fromkeys((Form.MOMENT, Form.VALIDITY), spelt(Writing.moment)),
    Form.PERIOD: spelt(Writing.period),
    Form.ADDRESS: spelt(Writing.address),
    Form.NAME: lambda writing, row, record: writing.texts(row.json, record.name, record.id),
    Form.WORDS: lambda writing, row, record: writing.texts(row.json, getattr(record, row.name)),
    **dict.fromkeys((Form.NOTES, Form.MINOR_NOTES), lambda writing, _, record: writing.notes(record.annotations)),
    Form.REFERENCE: reference_of,
    Form.REFERENCES: references_of,
    Form.CODING_FORMAT: lambda writing, _, record: coding_format(writing, record),
    Form.PART: part_of,
    **dict.fromkeys((Form.PARTS, Form.EACH, Form.OLD_EACH), parts_of),
    Form.ONE_PART: one_part,
    Form.TIME_MAPS: time_maps,
    Form.SIDES: sides,
    Form.SCHEME: scheme,
    Form.ONE_TEXT: one_text,
    Form.MAPPED_COMPONENTS: mapped_components,
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
    **data_structures.FORMS,
    **{form: partial(write, fields_of=fields_of) for form, write in data_structures.OF_FIELDS.items()},
    Form.ITEMS: items,
    Form.OWN: lambda writing, row, record: fields_of(
        writing, row.of, of_pairs(record, SHAPES[row.of], writing.refusal)
    ),
    Form.CORE: lambda writing, row, record: representation(writing, row.json, of_record(record)),
    Form.TRUTH: lambda writing, row, record: {
        row.json: writing.flag(getattr(record, row.name), f"{row.name} of {record.id}")
    },
    Form.EMPTY: lambda _, row, record: {row.json: {}} if getattr(record, row.name) else {},
    Form.FIXED: lambda _, row, __: {row.json: row.default},
    Form.CONTACT_DETAILS: details,
    Form.SELECTION: selection,
    **version_10.FORMS,
    Form.ATTACHMENT: attachment,
    Form.MEMBERS: members,
    Form.CASCADE: lambda _, row, record: (
        {row.json: record.cascade == "true" or record.cascade} if record.cascade else {}
    ),
    Form.ALWAYS_INCLUDED: lambda *_: {},
    Form.MEMBERS_IN_KEY: members_in_key,
    Form.BOUNDS: bounds,
    Form.COUNTS: counts,
}
"""How each form is written."""
PLAN = WritingPlan("json", FORMS)
