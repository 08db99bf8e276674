"""Constraints: attachments, values, ranges and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.structures.notes import COUNTS
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.constraints import ends, member, services
from sdmxmig.sdmx.model.structures import Constraint, Member, Selection, TimeRange

FieldsOf = Callable[[Writing, Key, Any], Json]


def attachment(writing: Writing, row: Field, record: Constraint, fields_of: FieldsOf) -> Json:
    """The attachment of a constraint: artefacts of one kind, or files; then the services that are queried for it."""
    members: Json = {}
    for ref in record.attached:
        members.setdefault(member(ref.kind, row), []).append(writing.urn(ref, *row.kinds))
    sources = services(record.sources, writing.refusal)
    if files := [writing.address(source) for source in sources if isinstance(source, str)]:
        members["simpleDataSources"] = files
    if queried := [fields_of(writing, "service", source) for source in sources if not isinstance(source, str)]:
        members["queryableDataSources"] = queried
    alone = {name: value if name.endswith("s") else value[0] for name, value in members.items()}
    return {row.json: alone} if alone else {}


def members(writing: Writing, row: Field, record: Selection, fields_of: FieldsOf) -> Json:
    values = []
    for value in record.members:
        if value.language != value.language.lower():
            raise writing.refusal(f"the language {value.language} of a value", "Write it in small letters.")
        values.append(value.value if value == Member(value.value) else fields_of(writing, row.of, value))
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


FORMS: dict[Form, Callable[[Writing, Field, Any], Json]] = {
    Form.CASCADE: lambda _, row, record: (
        {row.json: record.cascade == "true" or record.cascade} if record.cascade else {}
    ),
    Form.ALWAYS_INCLUDED: lambda *_: {},
    Form.MEMBERS_IN_KEY: members_in_key,
    Form.BOUNDS: bounds,
    Form.COUNTS: counts,
}
