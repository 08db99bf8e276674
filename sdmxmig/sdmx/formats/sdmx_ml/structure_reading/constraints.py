"""Constraints: attachments, values, ranges and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.formats.structures.notes import COUNTS
from sdmxmig.sdmx.formats.wire import Field, Form
from sdmxmig.sdmx.formats.wire.constraints import ATTACHABLE, ENDS, SETS, time_range
from sdmxmig.sdmx.model.structures import Member

ReadRecord = Callable[..., Any]
CASCADES = {"true": "true", "false": "", "1": "true", "0": "", "excluderoot": "excluderoot"}


def attachment(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
    """The artefacts that are constrained, the files or queries, and the sets of data or metadata."""
    holder = part.one(row.ml) if row.required else part.part(row.ml)
    if holder is None:
        return {}
    sets = SETS if part.message.is_21 else ()
    known = {kind for kinds in ATTACHABLE.values() for kind in kinds}.difference(sets)
    attached = tuple(reference(target, target.name) for target in holder.parts(*known))
    sources = data_sources(holder.parts("SimpleDataSource", "QueryableDataSource"), read_record)
    named = tuple((child.name, read_record(child, "DataSet", kind=child.name)) for child in holder.parts(*sets))
    holder.close()
    return {
        "attached": attached,
        "sources": sources,
        "sets": tuple((kind, data_set.provider, data_set.value) for kind, data_set in named),
    }


def data_sources(parts: Iterable[Part], read_record: ReadRecord) -> tuple[tuple[str, str], ...]:
    sources: list[tuple[str, str]] = []
    for part in parts:
        part.attribute("TYPE")  # repeats in registrations what the element says
        is_file = part.name == "SimpleDataSource"
        sources += [("simple", part.content())] if is_file else read_record(part, "service").sources
    return tuple(sources)


def members(part: Part, row: Field, read_record: ReadRecord) -> tuple[Member, ...]:
    values = tuple(read_record(child, row.of) for child in part.parts(row.ml))
    if part.message.is_21:
        targets = part.parts("com:Object", "com:DataSet", "com:DataKey")
        return values + tuple(read_record(child, child.name, kind=child.name) for child in targets)
    if values and part.has("TimeRange"):
        raise part.error("has both values and a range of periods.")
    return values


def bounds(part: Part, row: Field) -> dict[str, Any]:
    """The ends of a range of periods, which may be open at one."""
    prefix = row.ml.removesuffix("StartPeriod")
    ends: dict[str, tuple[str, bool]] = {}
    for name in ENDS:
        if end := part.part(f"{prefix}{name[0].upper()}{name[1:]}"):
            is_included = end.flag("isInclusive", default=True)
            ends[name] = end.content().strip(), is_included
    fields = time_range(ends)
    if fields is None:
        raise part.error("is neither before, after, nor from one period to another.")
    return fields


def included(part: Part, row: Field) -> bool:
    if not part.flag(row.ml[1:], default=True):
        raise part.error("is not included, which only the whole set can be.", "Put it into a set of its own.")
    return True


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.ROLE: lambda part, row: part.choice(part.attribute(row.ml[1:], row.default), *row.choices),
    Form.CASCADE: lambda part, row: CASCADES[part.choice(part.attribute(row.ml[1:], "false"), *CASCADES)],
    Form.COUNTS: lambda part, _: tuple((name, part.attribute(name)) for name in COUNTS if name in part.element.attrib),
    Form.OBJECT: lambda part, _: reference(part, "").urn,
    Form.BOUNDS: bounds,
    Form.ALWAYS_INCLUDED: included,
}
