"""Records written as JSON objects, following the wire tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing import (
    constraints,
    data_structures,
    item_schemes,
    maps,
    version_10,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.representations import coding_format
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.sdmx.formats.structures.constraints import refused
from sdmxmig.sdmx.formats.structures.hierarchies import repeated_id
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, about
from sdmxmig.sdmx.formats.wire.items import of_pairs
from sdmxmig.sdmx.formats.wire.tables import NAMELESS, SHAPES, as_notes, with_fields
from sdmxmig.sdmx.formats.wire.walking import WritingPlan
from sdmxmig.sdmx.model.hierarchies import Hierarchy
from sdmxmig.sdmx.model.structures import Constraint

Write = Callable[[Writing, Field, Any], Json]
"""The members that say a field of a record (the last argument)."""


def artefact_by_table(writing: Writing, artefact: Any) -> Json:
    """An artefact of a kind that the wire tables have."""
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
    if not pattern.fullmatch(text):  # the words of a refusal cost more than the look
        writing.checked(text, pattern, about(row.what, record))
    return {row.json: text}


def text_of(_: Writing, row: Field, record: Any) -> Json:
    text = getattr(record, row.name) or row.default
    return {row.json: text} if text or row.required else {}


def texts_of(writing: Writing, row: Field, record: Any) -> Json:
    """Several texts, which may have to be of a form and to differ."""
    texts, what = list(getattr(record, row.name)), about(row.what, record)
    if row.unique:
        writing.distinct(texts, about(row.unique, record))
    for text in texts if row.pattern else ():
        writing.checked(text, getattr(words, row.pattern), what)
    if row.kinds and writing.is_10:  # there parts of the same artefact go by their URNs
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
    Form.TIME_MAPS: lambda writing, row, record: maps.time_maps(writing, row, record, fields_of),
    **maps.FORMS,
    **data_structures.FORMS,
    **{form: partial(write, fields_of=fields_of) for form, write in data_structures.OF_FIELDS.items()},
    Form.ITEMS: partial(item_schemes.items, fields_of=fields_of),
    Form.OWN: lambda writing, row, record: fields_of(
        writing, row.of, of_pairs(record, SHAPES[row.of], writing.refusal)
    ),
    **item_schemes.FORMS,
    **version_10.FORMS,
    Form.ATTACHMENT: lambda writing, row, record: constraints.attachment(writing, row, record, fields_of),
    Form.MEMBERS: lambda writing, row, record: constraints.members(writing, row, record, fields_of),
    **constraints.FORMS,
}
"""How each form is written."""
PLAN = WritingPlan("json", FORMS)
