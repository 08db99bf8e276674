"""Records read from elements, following the wire tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.set_facts import URN
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import constraints, data_structures, item_schemes, maps
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, minor_notes, moment
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import (
    code_of_hierarchy,
    from_urn,
    local_id,
    local_ids,
    reference,
    references,
)
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.sdmx.formats.wire import CONTENT, Field, Form, Key, absent_reference
from sdmxmig.sdmx.formats.wire.items import as_pairs
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS, NAMELESS, SHAPES, answered, from_notes, noted
from sdmxmig.sdmx.formats.wire.walking import RecordReader
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

Read = Callable[[Part, Field], Any]


def read_artefact(part: Part, kind: str) -> Artefact:
    """An artefact of a kind that the wire tables have."""
    if kind == NAMELESS:
        fields = read_fields(part, kind)
        part.close()
        return answered(part.origin, fields)
    head = heading(part, kind)
    fields = read_fields(part, kind)
    noted_rows = noted(kind, "ml", part.message.version)
    carried = from_notes(kind, head.notes, noted_rows, reference=lambda urn: from_urn(urn, part))
    part.close()
    for row in SHAPES[kind]:
        if row.together and bool(fields[row.name].id) != bool(fields[row.together].id):
            raise part.error(f"lacks <{row.together.title()}> or <{row.ml}>.")
    artefact: Artefact = ARTEFACTS[kind](**fields | carried, **head.shared())
    return artefact


def read_id(part: Part, row: Field) -> str:
    text = read_text(part, row)
    if not row.required:
        return text
    return part.checked_id(text if row.ml.startswith("@") else text.strip())


def read_text(part: Part, row: Field) -> str:
    if row.ml == CONTENT:
        return part.element.text or ""
    if not row.ml.startswith("@"):
        return part.one(row.ml).content() if row.required else part.text(row.ml)
    return part.needed(row.ml[1:]) if row.required else part.attribute(row.ml[1:], row.default)


def read_local(part: Part, row: Field) -> str:
    if row.required:
        return local_id(part.one(row.ml))
    named = part.part(row.ml)
    return local_id(named) if named else ""


def read_reference(part: Part, row: Field) -> Ref | None:
    kind = row.kinds[0] if row.kinds else ""
    if row.required:
        return reference(part.one(row.ml), kind)
    named = part.part(row.ml)
    return reference(named, kind) if named else absent_reference(row)


def inner_texts(part: Part, row: Field) -> tuple[str, ...]:
    """The texts of all elements of a name, perhaps inside another one."""
    holder, _, name = row.ml.rpartition("/")
    if not holder:
        return tuple(part.texts(name))
    holder_part = part.part(holder)
    if holder_part is None:
        return ()
    texts = tuple(holder_part.texts(name))
    holder_part.close()
    return texts


def inner_ids(part: Part, row: Field) -> tuple[str, ...]:
    holder, _, name = row.ml.rpartition("/")
    if not holder:
        return local_ids(part, name)
    ids = []
    for child in part.parts(holder):
        ids.append(local_id(child.one(name)))
        child.close()
    return tuple(ids)


def coding_format(part: Part, row: Field) -> dict[str, Any]:
    form = part.part(row.ml)
    data_type, facets, _ = text_format(form, "") if form else ("", (), ())
    return {"data_type": data_type, "facets": facets}


def targets(part: Part, row: Field) -> tuple[str, ...]:
    urns = tuple(part.each(target_urn, row.ml))
    return () if urns == (row.default,) else urns


def target_urn(part: Part) -> str:
    urn = part.content().strip()
    if not URN.fullmatch(urn):
        raise part.error(f"has “{urn[:200]}”, which is no URN of SDMX.")
    return urn


def read_fields(part: Part, key: Key) -> dict[str, Any]:
    return READER.fields(part, key)


def read_record(part: Part, key: Key, **implied: Any) -> Any:
    return READER.record(part, key, **implied)


FORMS: dict[Form, Read] = {
    Form.ID: read_id,
    **dict.fromkeys((Form.TEXT, Form.CHOICE, Form.NUMBER, Form.VALIDITY, Form.TRUTH), read_text),
    Form.PERIOD: read_text,
    Form.ADDRESS: read_text,
    Form.TEXTS: inner_texts,
    **dict.fromkeys((Form.LOCAL, Form.PARENT), read_local),
    Form.LOCALS: inner_ids,
    Form.FLAG: lambda part, row: part.flag(row.ml[1:], default=bool(row.default)),
    Form.MOMENT: lambda part, row: moment(read_text(part, row)),
    Form.NAME: lambda part, row: part.words(row.ml),
    Form.WORDS: lambda part, row: part.words(row.ml),
    Form.NOTES: lambda part, _: annotations_of(part),
    Form.MINOR_NOTES: lambda part, _: minor_notes(part),
    Form.REFERENCE: read_reference,
    Form.REFERENCES: lambda part, row: references(part, row.ml, row.kinds[0] if row.kinds else ""),
    Form.CODE_OF_HIERARCHY: lambda part, _: code_of_hierarchy(part),
    Form.CODING_FORMAT: coding_format,
    Form.TARGETS: targets,
    Form.ATTACHMENT: lambda part, row: constraints.attachment(part, row, read_record),
    Form.MEMBERS: lambda part, row: constraints.members(part, row, read_record),
    **constraints.FORMS,
    Form.TIME_MAPS: lambda part, row: maps.time_maps(part, row, read_fields),
    Form.OWN: lambda part, row: as_pairs(read_fields(part, row.of)),
    **maps.FORMS,
    **data_structures.FORMS,
    **{form: partial(read, read_record=read_record) for form, read in data_structures.OF_RECORDS.items()},
    Form.SECTION: lambda part, row: READER.part(part, row) or {},
    **item_schemes.FORMS,
}
READER: RecordReader = RecordReader("ml", FORMS)
