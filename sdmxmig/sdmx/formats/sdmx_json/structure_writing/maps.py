"""The maps of SDMX 3: sides, pairs, and dates mapped to periods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.maps import only_scheme
from sdmxmig.sdmx.model.maps import FixedValue, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import Ref

FieldsOf = Callable[[Writing, Key, Any], Json]


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


def time_maps(writing: Writing, row: Field, record: StructureMap, fields_of: FieldsOf) -> Json:
    """How dates become periods, and all patterns of periods by frequency, each once."""
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


FORMS: dict[Form, Callable[[Writing, Field, Any], Json]] = {
    Form.SIDES: sides,
    Form.SCHEME: scheme,
    Form.ONE_TEXT: one_text,
    Form.MAPPED_COMPONENTS: mapped_components,
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
}
