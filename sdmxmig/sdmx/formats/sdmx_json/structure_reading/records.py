"""Records read from JSON objects, following the wire tables.

Constraints: attachments, values, ranges and counts. Data structures and metadata structures: component lists, attribute
relationships, targets. The maps of SDMX 3: sides, pairs, and dates mapped to periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.faults import attempt, each
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading import item_schemes
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.item_schemes import (
    annotations_of,
    cascade_of,
    heading,
    minor_notes,
    moment,
    occurrences,
    period,
    representation,
    text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.structures.data_structures import (
    IDENTIFIABLE,
    TARGETS,
    ComponentList,
    Relationship,
    assembled,
    from_component_notes,
)
from sdmxmig.sdmx.formats.structures.notes import COUNTS
from sdmxmig.sdmx.formats.structures.representations import MAP_TYPES, NOTHING, fields_of
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, absent_reference, rows
from sdmxmig.sdmx.formats.wire.constraints import ENDS, FILES, SETS, time_range
from sdmxmig.sdmx.formats.wire.constraints import member as constraint_member
from sdmxmig.sdmx.formats.wire.items import as_pairs
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS, NAMELESS, SHAPES, RecordReader, answered, from_notes
from sdmxmig.sdmx.model.maps import TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Member


def attachment(part: Part, row: Field) -> dict[str, Any]:
    """Read the attachments of a constraint.

    In SDMX-JSON 1.0, content constraints name one file or set, attachment constraints several.
    """
    holder = part.one(row.json) if row.required else part.part(row.json)
    if holder is None:
        return {}
    is_old = part.message.is_old
    attached: list[Ref] = []
    sets: list[Member] = []
    for kind in (kind for kind in row.kinds if kind != FILES):
        name = constraint_member(kind, row)
        if kind in SETS and is_old:
            named = holder.parts(name) + ([alone] if (alone := holder.part(name.removesuffix("s"))) else [])
            sets += [read_record(child, "DataSet", kind=kind) for child in named]
        elif name.endswith("s"):
            attached += holder.references(name, kind)
        elif ref := holder.reference(name, kind):
            attached.append(ref)
    files = holder.strings("simpleDataSources") + ((holder.text("simpleDataSource"),) if is_old else ())
    sources = [("simple", address) for address in files if address]
    for child in holder.parts("queryableDataSources"):
        sources += read_record(child, "service").sources
    holder.close()
    if row.required and len(attached) != 1:
        raise holder.error("This has to name one structure, flow or agreement.")
    if not is_old and len({ref.kind for ref in attached}) > 1:
        raise holder.error("A constraint is attached to artefacts of one kind.")
    named_sets = tuple((data_set.kind, data_set.provider, data_set.value) for data_set in sets)
    return {"attached": tuple(attached), "sources": tuple(sources), "sets": named_sets}


def members(part: Part, row: Field) -> tuple[Member, ...]:
    """Read the values of a component; SDMX-JSON 1.0 lists those with children separately."""
    if part.message.is_old:
        values, cascading = part.strings("values"), part.strings("cascadeValues")
        known = dict.fromkeys((*values, *cascading))
        listed = [Member(value, "true" if value in cascading else "") for value in known]
        listed += [Member(ref.urn, kind="Object") for ref in part.references("objects")]
        for kind, name in (("DataSet", "dataSets"), ("DataKey", "dataKeys")):
            listed += [read_record(child, kind, kind=kind) for child in part.parts(name)]
    else:
        listed = [
            Member(value) if type(value) is str else read_record(Part(value, part.message, pointer), row.of)
            for value, pointer in part.raw(row.json)
        ]
    if listed and part.has("timeRange"):
        raise part.error("This has both values and a range of periods.")
    return tuple(listed)


def members_in_key(part: Part, row: Field) -> tuple[Member, ...]:
    """Read the values of a dimension in a key: several since 2.1; excluded values in 2.0; targets in 1.0."""
    if not part.message.is_old and part.message.version != "2.0" and not part.flag("include", default=True):
        raise part.error("A value of a key cannot be left out.", at="include")
    single = [Member(part.text(row.json))] if part.has(row.json) else []
    part.forget(row.json)
    if part.message.is_old:
        about = part.reference("object")
        single += [Member(about.urn, kind="Object")] if about else []
        for kind, name in (("DataSet", "dataSet"), ("DataKey", "dataKey")):
            single += [read_record(target, kind, kind=kind)] if (target := part.part(name)) else []
        if len(single) != 1:
            raise part.error("This has to name one value.")
        return tuple(single)
    values = [Member(value) for value in part.strings("values")]
    if bool(values) == bool(single):
        raise part.error("This has to have either a “value” or “values”.")
    return tuple(values + single)


def role(part: Part, row: Field) -> str:
    if not part.has(row.json):
        return part.text(row.json, row.default)
    return part.choice(row.json, row.choices[0], *row.choices)


def bounds(part: Part, _: Field) -> dict[str, Any]:
    """Read a range of periods; either end may be open."""
    ends: dict[str, tuple[str, bool]] = {}
    for name in ENDS:
        if end := part.part(name):
            text = period(end, "period", observed=True)
            if not text:
                raise end.error("“period” is missing.")
            ends[name] = text, end.flag("isInclusive", default=True)
            end.close()
    fields = time_range(ends)
    if fields is None:
        part.close()  # an unknown member is more informative than a missing end
        raise part.error("This is neither before, after, nor from one period to another.")
    return fields


def included(part: Part, row: Field) -> bool:
    if not part.flag(row.json, default=True):
        raise part.error("A key cannot be left out, only the whole set.", at=row.json)
    return True


def counts(part: Part, _: Field) -> tuple[tuple[str, str], ...]:
    numbers = ((name, part.number(name, words.WHOLE)) for name in COUNTS)
    return tuple((name, number) for name, number in numbers if number)


def side(part: Part) -> Ref | str:
    codelist, data_type = part.reference("codelist", "Codelist", "ValueList"), part.text("dataType")
    part.close()
    if bool(codelist) == bool(data_type):
        raise part.error("This has to name either a “codelist” or a “dataType”.")
    if data_type and data_type not in MAP_TYPES:
        hint = did_you_mean(data_type, MAP_TYPES)
        raise part.error(f"“{data_type[:80]}” is not a data type.", hint, at="dataType")
    return codelist or data_type


def one_text(part: Part, row: Field) -> tuple[str, ...]:
    text = part.needed(row.json) if row.required else part.text(row.json)
    return (text,) if part.has(row.json) else ()


def time_maps(part: Part, row: Field) -> dict[str, Any]:
    """Read maps of dates to periods, and frequency formats that no such map names."""
    formats = part.message.formats
    formats.clear()
    for child in part.parts(row.json):
        format_id = child.matched("id", words.ID, needed=True)
        if format_id in formats:
            raise child.error(f"There are two formats “{format_id}”.", at="id")
        formats[format_id] = (
            format_id,
            child.matched("frequencyId", words.ID, needed=True),
            child.needed("datePattern"),
        )
        if minor_notes(child):
            raise child.error("Annotations and links have no place here in the model.")
        child.close()
    of_kinds = ((child, kind) for kind, name in words.TIME_MAPS.items() for child in part.parts(name))
    times = tuple(time_link(child, kind) for child, kind in of_kinds)
    used = {format_id for link in times for format_id, _, _ in link.formats}
    return {"times": times, "formats": tuple(form for format_id, form in formats.items() if format_id not in used)}


def time_link(part: Part, kind: str) -> TimeLink:
    link = TimeLink(kind, **read_fields(part, kind))
    if not link.sources or bool(link.frequency) == bool(link.frequency_dimension) or (link.formats and link.frequency):
        raise part.error("This has to map components, and to name either a frequency or the dimension that has it.")
    part.close()
    return link


def mapped_components(part: Part, row: Field) -> dict[str, Any]:
    pairs = []
    for child in part.parts(row.json):
        pairs.append([child.matched(name, words.NESTED_ID, needed=True) for name in ("source", "target")])
        child.close()
    return {"sources": tuple(source for source, _ in pairs), "targets": tuple(target for _, target in pairs)}


def mapped_frequencies(part: Part, row: Field) -> tuple[tuple[str, str, str], ...]:
    formats, names = part.message.formats, part.strings(row.json, words.ID)
    for format_id in names:
        if format_id not in formats:
            raise part.error(f"“{format_id}” is not a frequency format of this map.", at=row.json)
    return tuple(formats[format_id] for format_id in names)


def fixed_component(part: Part, _: Field) -> dict[str, Any]:
    source, target = part.matched("source", words.NESTED_ID), part.matched("target", words.NESTED_ID)
    if bool(source) == bool(target):
        raise part.error("This has to name either a source or a target.")
    return {"component": source or target, "on_source": bool(source)}


TARGETS_OF = {f"{kind[0].lower()}{kind[1:]}s": kind for kind in (IDENTIFIABLE, *TARGETS)}


def components(part: Part, row: Field) -> dict[str, Any]:
    content = part.part(row.json)
    if content is None:
        return {"components": ()}
    metadata = None if part.message.is_old else part.reference("metadata", "MetadataStructure")
    return assembled(read_record(content, row.of), metadata)


def component_list(part: Part, row: Field) -> ComponentList | None:
    listing = part.one(row.json) if row.required else part.part(row.json)
    if listing is None:
        return None
    fixed_id(listing, row)
    notes = minor_notes(listing)
    children: list[tuple[Part, str]] = []
    for known in rows(SHAPES, row.of, family="json", version=SDMX_OF[part.message.version]):
        if known.form is Form.PARTS:
            children += [(child, str(known.of)) for child in listing.parts(known.json)]
        elif child := listing.one(known.json) if known.required else listing.part(known.json):
            children.append((child, str(known.of)))
    faults = part.message.faults
    if row.name == "DimensionList":
        faults, children = None, in_order(listing, children)  # without a dimension, the key differs
    components = tuple(each(faults, lambda child: read_record(*child), children))
    listing.close()
    return notes, components


def in_order(part: Part, children: list[tuple[Part, str]]) -> list[tuple[Part, str]]:
    """Sort dimensions in key order.

    Positions are optional. Since 2.0 they must match the order of the list; in 1.0 they define it.
    """
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


def fixed_id(part: Part, row: Field) -> dict[str, Any]:
    if part.message.is_old:
        part.matched("id", words.ID)
    else:
        part.choice("id", row.default, row.default)
    return {}


def component_id(part: Part, row: Field) -> str:
    if row.default == "TIME_PERIOD" and not part.message.is_old:
        part.choice(row.json, row.default, row.default)
    concept = part.reference("conceptIdentity", "Concept")
    if concept is None or not concept.item:
        raise part.error("“conceptIdentity” is missing.")
    return part.matched(row.json, words.NCNAME) or row.default or concept.item


def represented(part: Part, row: Field) -> dict[str, Any]:
    local = part.part(row.json)
    read = attempt(part.message.faults, lambda part: representation(part, row.pattern, row.default), local)
    shape = read or NOTHING
    if (shape.min_occurs, shape.max_occurs) != ("1", "1") and row.what:
        raise part.error(row.what, at=row.json)
    return fields_of(shape, row.default if row.pattern == "time" else "")


def relationship(part: Part, row: Field) -> dict[str, Any]:
    child = part.one(row.json)
    relationship: Relationship = read_record(child, Relationship)
    if relationship.attachment:
        return relationship.attachment
    raise child.error("This does not say one thing that the attribute describes.")


def described_dimensions(part: Part, row: Field) -> dict[str, Any]:
    dimensions, flags = part.strings(row.json, words.NCNAME), part.raw("areDimensionsOptional")
    if flags and (len(flags) != len(dimensions) or any(type(flag) is not bool for flag, _ in flags)):
        raise part.error("This has to say true or false for each dimension.", at="areDimensionsOptional")
    optional = tuple(name for name, (flag, _) in zip(dimensions, flags, strict=False) if flag)
    return {"dimensions": dimensions, "optional": optional}


def target_objects(part: Part, _: Field) -> tuple[tuple[str, str, str], ...]:
    names = [name for name in part.members() if name in TARGETS_OF]
    return tuple(target_object(child, TARGETS_OF[name]) for name in names for child in part.parts(name))


def target_object(part: Part, kind: str) -> tuple[str, str, str]:
    """Return id, type and representation of a target object."""
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
    no_notes(part)
    part.close()
    return object_id, object_type, representation


def no_notes(part: Part) -> dict[str, Any]:
    if minor_notes(part):
        raise part.error("Annotations and links have no place here in the model.")
    return {}


def passed_over(part: Part, row: Field) -> dict[str, Any]:
    if row.default:
        return fixed_id(part, row)
    part.text(row.json)
    return {}


Read = Callable[[Part, Field], Any]


def read_artefact(part: Part, kind: str) -> Artefact:
    if kind == NAMELESS:
        fields = read_fields(part, kind)
        part.close()
        return answered(part.place, fields)
    head = heading(part, kind)
    fields = read_fields(part, kind)
    carried = from_notes(kind, head.notes, (row for row in noted(kind) if not fields.get(row.name)))
    part.close()
    for row in SHAPES[kind]:
        if row.together and bool(fields[row.name].id) != bool(fields[row.together].id):
            raise part.error(f"“{member(kind, row.together)}” or “{row.called('json')}” is missing.")
    artefact: Artefact = ARTEFACTS[kind](**fields | carried, **head.shared())
    return artefact


def noted(kind: str) -> Iterator[Field]:
    return (row for row in SHAPES[kind] if row.note and row.only != "ml")


def member(kind: str, name: str) -> str:
    return next(row.called("json") for row in SHAPES[kind] if row.name == name)


def read_parts(part: Part, row: Field) -> tuple[Any, ...]:
    if row.name == "contacts" or (row.form is Form.OLD_EACH and part.message.is_old):
        return READER.each(part, row)
    return there(part, row, READER.parts(part, row))


def read_flag(part: Part, row: Field) -> bool:
    if row.required and not part.has(row.json):
        raise part.error(f"“{row.json}” is missing.")
    return part.flag(row.json, default=bool(row.default) and not row.required)


def read_id(part: Part, row: Field) -> str:
    return part.matched(row.json, getattr(words, row.pattern), needed=row.required)


def read_text(part: Part, row: Field) -> str:
    return part.needed(row.json) if row.required else part.text(row.json)


def read_texts(part: Part, row: Field) -> tuple[str, ...]:
    """Read several texts, possibly of a fixed form or in their own object."""
    holder, _, name = row.json.rpartition("/")
    pattern = getattr(words, row.pattern) if row.pattern else None
    if not holder:
        return there(part, row, part.strings(name, pattern))
    holder_part = part.part(holder)
    if holder_part is None:
        return ()
    texts = holder_part.strings(name, pattern)
    holder_part.close()
    return texts


def there(part: Part, row: Field, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if row.required and not values:
        raise part.error(f"“{row.json}” is missing.")
    return values


def read_local(part: Part, row: Field) -> str:
    """Read an id within the same artefact; SDMX-JSON 1.0 uses its URN."""
    if part.message.is_old and part.text(row.json).startswith("urn:"):
        ref = part.reference(row.json, *row.kinds)
        return ref.item if ref else ""
    return read_id(part, row)


def read_locals(part: Part, row: Field) -> tuple[str, ...]:
    if part.message.is_old and row.kinds:
        return tuple(ref.item or ref.id for ref in part.references(row.json, *row.kinds))
    return part.strings(row.json, getattr(words, row.pattern))


def read_reference(part: Part, row: Field) -> Ref | None:
    ref = part.reference(row.json, *row.kinds)
    if ref is None and row.required and row.stub is None:
        raise part.error(f"“{row.json}” is missing.")
    return absent_reference(row) if ref is None else ref


def code_of_hierarchy(part: Part, row: Field) -> Ref:
    """Read the code of a hierarchy; its codelist may be given by alias (SDMX-JSON 1.0)."""
    aliases = part.message.aliases
    code, alias = part.reference(row.json, *row.kinds), part.text("codelistAliasRef")
    code_id = part.matched("codeID", words.ID)
    if code is None and (alias not in aliases or not code_id):
        raise part.error("This names no code.", "Name it by “code”, or by “codelistAliasRef” and “codeID”.")
    return code or replace(aliases[alias], kind="Code", item=code_id)


def level_of_code(part: Part, row: Field) -> str:
    """Read the level of a code; SDMX-JSON 1.0 uses a URN without the id of the hierarchy."""
    level = part.reference(row.json, *row.kinds)
    return level.item.partition(".")[2] or level.item if level else ""


def coding_format(part: Part, row: Field) -> dict[str, Any]:
    form = part.part(row.json)
    data_type, facets, _ = text_format(form, "coding", "") if form else ("", (), ())
    return {"data_type": data_type, "facets": facets}


def read_fields(part: Part, key: Key) -> dict[str, Any]:
    return READER.fields(part, key)


def read_record(part: Part, key: Key, **implied: Any) -> Any:
    return READER.record(part, key, **implied)


FORMS: dict[Form, Read] = {
    Form.ID: read_id,
    **dict.fromkeys((Form.TEXT, Form.ADDRESS), read_text),
    Form.CHOICE: lambda part, row: part.choice(row.json, "", *(() if row.required else ("",)), *row.choices),
    Form.NUMBER: lambda part, row: part.number(row.json, words.WHOLE),
    Form.TEXTS: read_texts,
    Form.TARGETS: lambda part, row: part.strings(row.json, words.WILD_URN),
    **dict.fromkeys((Form.LOCAL, Form.PARENT), read_local),
    Form.LOCALS: read_locals,
    Form.FLAG: read_flag,
    Form.MOMENT: lambda part, row: moment(part, row.json),
    Form.VALIDITY: lambda part, row: moment(part, row.json),
    Form.NAME: lambda part, row: part.words(row.json),
    Form.WORDS: lambda part, row: part.words(row.json),
    Form.NOTES: lambda part, _: annotations_of(part),
    Form.MINOR_NOTES: lambda part, _: minor_notes(part),
    Form.REFERENCE: read_reference,
    Form.REFERENCES: lambda part, row: part.references(row.json, *row.kinds),
    Form.CODE_OF_HIERARCHY: code_of_hierarchy,
    Form.LEVEL_OF_CODE: level_of_code,
    Form.CODING_FORMAT: coding_format,
    **dict.fromkeys((Form.PARTS, Form.OLD_EACH), read_parts),
    Form.ONE_PART: lambda part, row: (READER.record(part.one(row.json), row.of),),
    Form.TIME_MAPS: time_maps,
    Form.SIDES: lambda part, row: tuple(side(child) for child in part.parts(row.json)),
    Form.SCHEME: lambda part, row: (part.reference(row.json, *row.kinds) or Ref("", "", id="", version=""),),
    Form.ONE_TEXT: one_text,
    Form.MAPPED_COMPONENTS: mapped_components,
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
    Form.PASSED_OVER: passed_over,
    Form.POSITION: lambda _, __: {},  # read by the list
    Form.EITHER: lambda part, row: part.choice(row.json, row.default, *row.choices) == row.choices[0],
    Form.COMPONENT_ID: component_id,
    Form.COMPONENT_NOTES: lambda part, row: from_component_notes(minor_notes(part), row.default),
    **dict.fromkeys((Form.REPRESENTATION, Form.METADATA_REPRESENTATION), represented),
    Form.DIMENSIONS: described_dimensions,
    Form.OCCURRENCES: lambda part, _: dict(zip(("min_occurs", "max_occurs"), occurrences(part), strict=True)),
    Form.NO_NOTES: lambda part, _: no_notes(part),
    Form.TARGET_OBJECTS: target_objects,
    Form.COMPONENTS: components,
    Form.COMPONENT_LIST: component_list,
    Form.RELATIONSHIP: relationship,
    Form.SECTION: lambda part, row: READER.part(part, row) or {},
    Form.ITEMS: partial(item_schemes.items, read_fields=read_fields),
    Form.OWN: lambda part, row: as_pairs(read_fields(part, row.of)),
    **item_schemes.FORMS,
    Form.ATTACHMENT: attachment,
    Form.MEMBERS: members,
    Form.MEMBERS_IN_KEY: members_in_key,
    Form.ROLE: role,
    Form.PERIOD: lambda part, row: period(part, row.json),
    Form.CASCADE: lambda part, _: cascade_of(part),
    Form.BOUNDS: bounds,
    Form.ALWAYS_INCLUDED: included,
    Form.COUNTS: counts,
}
READER: RecordReader = RecordReader("json", FORMS)
