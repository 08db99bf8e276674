"""The maps of SDMX 3: sides, pairs, and dates mapped to periods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import minor_notes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.maps import TIME_MAPS
from sdmxmig.sdmx.model.maps import TimeLink
from sdmxmig.sdmx.model.references import Ref


def sides(part: Part, row: Field) -> tuple[Ref | str, ...]:
    lists, types = f"{row.ml}Codelist", f"{row.ml}DataType"
    lists_and_types = tuple(
        reference(side, "Codelist") if side.name == lists else side.content().strip()
        for side in part.parts(lists, types)
    )
    if not lists_and_types:
        raise part.error("lacks a source or a target.")
    return lists_and_types


def time_maps(part: Part, row: Field, read_fields: Callable[[Part, Key], dict[str, Any]]) -> dict[str, Any]:
    """How dates become periods, and the frequency formats that no map of dates names."""
    formats = part.message.formats
    formats.clear()
    for child in part.parts(row.ml):
        format_id = child.checked_id(child.needed("id"))
        formats[format_id] = (format_id, child.text("FrequencyId").strip(), child.text("DatePattern"))
        if minor_notes(child):
            raise child.error("has annotations or links, which cannot be kept there.")
        child.close()
    kinds = {name: kind for kind, name in TIME_MAPS.items()}
    times = []
    for child in part.parts(*kinds):
        times.append(TimeLink(kinds[child.name], **read_fields(child, kinds[child.name])))
        child.close()
    used = {format_id for link in times for format_id, _, _ in link.formats}
    return {
        "times": tuple(times),
        "formats": tuple(form for format_id, form in formats.items() if format_id not in used),
    }


def mapped_frequencies(part: Part, row: Field) -> tuple[tuple[str, str, str], ...]:
    mapped = []
    for child in part.parts(row.ml):
        format_id = child.content().strip()
        if format_id not in part.message.formats:
            raise child.error(f"names “{format_id}”, which is no frequency format of this map.")
        mapped.append(part.message.formats[format_id])
    return tuple(mapped)


def fixed_component(part: Part, _: Field) -> dict[str, Any]:
    component = part.one("Source", "Target")
    return {"component": component.content(), "on_source": component.name == "Source"}


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.SIDES: sides,
    Form.SCHEME: lambda part, row: (reference(part.one(row.ml), ""),),
    Form.ONE_TEXT: lambda part, row: (part.text(row.ml),) if part.has(row.ml) else (),
    Form.MAPPED_COMPONENTS: lambda part, _: {
        "sources": tuple(part.texts("Source")),
        "targets": tuple(part.texts("Target")),
    },
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
}
