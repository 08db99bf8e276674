"""The maps of SDMX 3: sides, pairs, and dates mapped to periods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.wire import Field, Form
from sdmxmig.sdmx.formats.wire.maps import only_scheme
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import Ref


def add_sides(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for side in getattr(record, row.name):
        if isinstance(side, Ref):
            writing.reference(element, f"{row.ml}Codelist", side)
        else:
            writing.add(element, f"{row.ml}DataType", side)


def add_scheme(writing: Writing, element: etree._Element, row: Field, record: RepresentationMap) -> None:
    scheme = only_scheme(getattr(record, row.name))
    if scheme is None:
        raise writing.refusal(*row.lost)
    writing.reference(element, row.ml, scheme)


def add_formats(writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
    for format_id, frequency, pattern in record.all_formats:
        holder = writing.add(element, row.ml, attributes={"id": format_id})
        writing.add(holder, "FrequencyId", frequency)
        writing.add(holder, "DatePattern", pattern)


def add_components(writing: Writing, element: etree._Element, _: Field, record: TimeLink) -> None:
    for source, target in zip(record.sources, record.targets, strict=True):
        writing.add(element, "Source", source)
        writing.add(element, "Target", target)


def add_frequencies(writing: Writing, element: etree._Element, row: Field, record: TimeLink) -> None:
    for format_id, _, _ in record.formats:
        writing.add(element, row.ml, format_id)


def add_fixed(writing: Writing, element: etree._Element, _: Field, record: FixedValue) -> None:
    writing.add(element, "Source" if record.on_source else "Target", record.component)


FORMS: dict[Form, Callable[[Writing, etree._Element, Field, Any], None]] = {
    Form.SIDES: add_sides,
    Form.SCHEME: add_scheme,
    Form.MAPPED_COMPONENTS: add_components,
    Form.MAPPED_FREQUENCIES: add_frequencies,
    Form.FIXED_COMPONENT: add_fixed,
}
