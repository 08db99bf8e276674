"""Constraints: attachments, values, ranges and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.forbidden import carried
from sdmxmig.sdmx.formats.sdmx_ml.elements import add, reference_attributes
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.constraints import ends, services
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint, Member, Selection, TimeRange

AddFields = Callable[[Writing, etree._Element, Key, Any], None]


def add_attachment(
    add_fields: AddFields, writing: Writing, element: etree._Element, row: Field, record: Constraint
) -> None:
    if not record.attached and not record.sets and not record.sources:
        return
    holder = writing.add(element, row.ml)
    for ref in record.attached:
        writing.reference(holder, ref.kind, ref)
    for name, provider, set_id in record.sets:
        add_fields(writing, writing.add(holder, name), "DataSet", Member(set_id, provider=provider))
    add_data_sources(writing, holder, record.sources, add_fields)


def add_data_sources(
    writing: Writing,
    holder: etree._Element,
    sources: Iterable[tuple[str, str]],
    add_fields: AddFields,
) -> None:
    namespace = etree.QName(holder).namespace or ""
    for source in services(sources, writing.refusal):
        if isinstance(source, str):
            add(holder, namespace, "SimpleDataSource", source)
        else:
            add_fields(writing, add(holder, namespace, "QueryableDataSource"), "service", source)


def add_members(
    add_fields: AddFields, writing: Writing, element: etree._Element, row: Field, record: Selection
) -> None:
    for member in record.members:
        name = f"com:{member.kind}" if member.kind else row.ml
        add_fields(writing, writing.add(element, name), member.kind or row.of, member)


def add_object(writing: Writing, element: etree._Element, row: Field, record: Member) -> None:
    add(element, "", row.ml, attributes=reference_attributes(writing.dialect.ref(Ref.parse(record.value))))


def add_bounds(writing: Writing, element: etree._Element, row: Field, record: TimeRange) -> None:
    prefix = row.ml.removesuffix("StartPeriod")
    for name, period, is_included in ends(record):
        attributes = {"isInclusive": "true" if is_included else "false"}
        writing.add(element, f"{prefix}{name[0].upper()}{name[1:]}", period, attributes)


def set_counts(_: Writing, element: etree._Element, __: Field, record: Constraint) -> None:
    for name, count in record.counts:
        element.set(name, carried(count, f"The attribute {name} of AvailabilityConstraint"))


FORMS: dict[Form, Callable[[Writing, etree._Element, Field, Any], None]] = {
    Form.ALWAYS_INCLUDED: lambda *_: None,
    Form.OBJECT: add_object,
    Form.BOUNDS: add_bounds,
    Form.COUNTS: set_counts,
}
