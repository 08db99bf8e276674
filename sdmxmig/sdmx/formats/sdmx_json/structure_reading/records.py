"""Records read from JSON objects, following the wire tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading import constraints, data_structures, item_schemes, maps
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotations_of, heading, minor_notes, moment
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.representations import text_format
from sdmxmig.sdmx.formats.wire import Field, Form, Key, absent_reference
from sdmxmig.sdmx.formats.wire.items import as_pairs
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS, NAMELESS, SHAPES, answered, from_notes
from sdmxmig.sdmx.formats.wire.walking import RecordReader
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

Read = Callable[[Part, Field], Any]


def read_artefact(part: Part, kind: str) -> Artefact:
    """An artefact of a kind that the wire tables have."""
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
    """Several texts, which may have to be of a form, perhaps in an object of their own."""
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
    Form.TIME_MAPS: lambda part, row: maps.time_maps(part, row, read_fields),
    **maps.FORMS,
    **data_structures.FORMS,
    **{form: partial(read, read_record=read_record) for form, read in data_structures.OF_RECORDS.items()},
    Form.SECTION: lambda part, row: READER.part(part, row) or {},
    Form.ITEMS: partial(item_schemes.items, read_fields=read_fields),
    Form.OWN: lambda part, row: as_pairs(read_fields(part, row.of)),
    **item_schemes.FORMS,
    Form.ATTACHMENT: lambda part, row: constraints.attachment(part, row, read_record),
    Form.MEMBERS: lambda part, row: constraints.members(part, row, read_record),
    Form.MEMBERS_IN_KEY: lambda part, row: constraints.members_in_key(part, row, read_record),
    **constraints.FORMS,
}
READER: RecordReader = RecordReader("json", FORMS)
