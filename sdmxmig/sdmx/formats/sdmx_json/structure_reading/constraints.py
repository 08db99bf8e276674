"""Constraints: attachments, values, ranges and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.item_schemes import cascade_of
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import period
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.structures.notes import COUNTS
from sdmxmig.sdmx.formats.wire import Field, Form
from sdmxmig.sdmx.formats.wire.constraints import ENDS, FILES, SETS, member, time_range
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Member

ReadRecord = Callable[..., Any]


def attachment(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
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
        name = member(kind, row)
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


def members(part: Part, row: Field, read_record: ReadRecord) -> tuple[Member, ...]:
    """The values of a component; in SDMX-JSON 1.0 those that include their children are named apart."""
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


def members_in_key(part: Part, row: Field, read_record: ReadRecord) -> tuple[Member, ...]:
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
    """The ends of a range of periods, which may be open at one."""
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
        part.close()  # an unknown member says more than that an end is missing
        raise part.error("This is neither before, after, nor from one period to another.")
    return fields


def included(part: Part, row: Field) -> bool:
    if not part.flag(row.json, default=True):
        raise part.error("A key cannot be left out, only the whole set.", at=row.json)
    return True


def counts(part: Part, _: Field) -> tuple[tuple[str, str], ...]:
    numbers = ((name, part.number(name, words.WHOLE)) for name in COUNTS)
    return tuple((name, number) for name, number in numbers if number)


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.ROLE: role,
    Form.PERIOD: lambda part, row: period(part, row.json),
    Form.CASCADE: lambda part, _: cascade_of(part),
    Form.BOUNDS: bounds,
    Form.ALWAYS_INCLUDED: included,
    Form.COUNTS: counts,
}
