"""The maps of SDMX 3: sides, pairs, and dates mapped to periods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import minor_notes
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.structures.data_types import MAP_TYPES
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.model.maps import TimeLink
from sdmxmig.sdmx.model.references import Ref

ReadFields = Callable[[Part, Key], dict[str, Any]]


def side(part: Part) -> Ref | str:
    codelist, data_type = part.reference("codelist", "Codelist", "ValueList"), part.text("dataType")
    part.close()
    if bool(codelist) == bool(data_type):
        raise part.error("This has to name either a “codelist” or a “dataType”.")
    if data_type and data_type not in MAP_TYPES:
        hint = did_you_mean(data_type, MAP_TYPES)
        raise part.error(f"“{data_type[:80]}” is no data type.", hint, at="dataType")
    return codelist or data_type


def one_text(part: Part, row: Field) -> tuple[str, ...]:
    text = part.needed(row.json) if row.required else part.text(row.json)
    return (text,) if part.has(row.json) else ()


def time_maps(part: Part, row: Field, read_fields: ReadFields) -> dict[str, Any]:
    """How dates become periods, and the frequency formats that no map of dates names."""
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
    times = tuple(time_link(child, kind, read_fields) for child, kind in of_kinds)
    used = {format_id for link in times for format_id, _, _ in link.formats}
    return {"times": times, "formats": tuple(form for format_id, form in formats.items() if format_id not in used)}


def time_link(part: Part, kind: str, read_fields: ReadFields) -> TimeLink:
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
            raise part.error(f"“{format_id}” is no frequency format of this map.", at=row.json)
    return tuple(formats[format_id] for format_id in names)


def fixed_component(part: Part, _: Field) -> dict[str, Any]:
    source, target = part.matched("source", words.NESTED_ID), part.matched("target", words.NESTED_ID)
    if bool(source) == bool(target):
        raise part.error("This has to name either a source or a target.")
    return {"component": source or target, "on_source": bool(source)}


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.SIDES: lambda part, row: tuple(side(child) for child in part.parts(row.json)),
    Form.SCHEME: lambda part, row: (part.reference(row.json, *row.kinds) or Ref("", "", id="", version=""),),
    Form.ONE_TEXT: one_text,
    Form.MAPPED_COMPONENTS: mapped_components,
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
}
