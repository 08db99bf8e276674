"""SDMX-JSON data messages as tables, by the values listed in the message.

Sheets are as in `sdmxmig.conversion.tables.sdmx`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sdmxmig.conversion.tables.draft import TableDraft, allowance
from sdmxmig.conversion.tables.readers import READERS, TableReader
from sdmxmig.conversion.tables.sdmx import ComponentSheet
from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

Parts = Mapping[str, Any]
Texts = dict[str, str]
ANNOTATION = "ANNOTATION"
"""The column of annotations, which are of no component."""


def recognises(content: bytes) -> bool:
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"dataSets"' in content


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read an SDMX-JSON 1.0 to 2.1 data message as tables.

    Raises `InputError` if it is not JSON, too large or inconsistent.
    """
    parsed = parse_json(content, name)
    shared = allowance()
    tables = []
    try:
        body = parsed.get("data", parsed)
        structures = body.get("structures") or [body.get("structure") or parsed["structure"]]
        for number, dataset in enumerate(body["dataSets"], start=1):
            structure = structures[dataset.get("structure", 0)]
            data = ComponentSheet(TableDraft(name, f"DataSet {number}", allowance=shared))
            groups = ComponentSheet(TableDraft(name, f"Groups {number}", allowance=shared))
            for texts in observations(dataset, structure):
                data.add(texts)
            for texts in group_attributes(dataset, structure):
                groups.add(texts)
            tables += [sheet.draft.table() for sheet in (data, groups) if sheet.rows > 1]
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        message = f"The message does not fit its structure ({type(error).__name__}: {error})."
        raise InputError(message, Place(name), "Ask for the data again.") from None
    if not tables:
        raise InputError("The message has no observations.", Place(name), "Ask for the data again.")
    return tuple(tables)


def observations(dataset: Parts, structure: Parts) -> Iterator[Texts]:
    dimensions, attributes = structure["dimensions"], structure.get("attributes") or {}
    every = {
        component["id"]: text_of(component, 0)
        for component in dimensions.get("dataSet") or dimensions.get("dataset") or ()
        if component["values"]
    }
    every |= values_of(attributes.get("dataSet") or (), dataset.get("attributes") or ())
    measures = (structure.get("measures") or {}).get("observation") or [{"id": "OBS_VALUE"}]
    values = [*measures, *(attributes.get("observation") or ())]
    at_series, at_observation = dimensions.get("series") or (), dimensions.get("observation") or ()
    if not dataset.get("series"):
        at_series, at_observation = (), [*at_series, *at_observation]
    for key, series in (dataset.get("series") or {"": dataset}).items():
        above = every | key_of(at_series, key)
        if key:
            above |= values_of(attributes.get("series") or (), series.get("attributes") or ())
        if not series.get("observations"):
            yield above
        for own_key, entries in (series.get("observations") or {}).items():
            noted = notes_of(structure, entries[len(values) :])
            yield above | key_of(at_observation, own_key) | values_of(values, entries[: len(values)]) | noted


def notes_of(structure: Parts, numbers: Sequence[int]) -> Texts:
    listed = structure.get("annotations") or ()
    texts = [str(listed[number].get("text", listed[number].get("title", ""))) for number in numbers]
    return {ANNOTATION: "\n".join(texts)} if texts else {}


def group_attributes(dataset: Parts, structure: Parts) -> Iterator[Texts]:
    dimensions, attributes = structure["dimensions"], structure.get("attributes") or {}
    levels = ("dataSet", "series", "observation")
    named_dimensions = [dimension for level in levels for dimension in dimensions.get(level) or ()]
    for key, entries in (dataset.get("dimensionGroupAttributes") or {}).items():
        yield key_of(named_dimensions, key) | values_of(attributes.get("dimensionGroup") or (), entries)


def key_of(dimensions: Sequence[Parts], key: str) -> Texts:
    places = key.split(":") if key else []
    fits(places, dimensions)
    return {
        dimension["id"]: text_of(dimension, int(at)) for dimension, at in zip(dimensions, places, strict=False) if at
    }


def values_of(components: Sequence[Parts], entries: Sequence[Any]) -> Texts:
    fits(entries, components)
    return {
        component["id"]: text_of(component, value)
        for component, value in zip(components, entries, strict=False)
        if value is not None
    }


def fits(entries: Sequence[Any], components: Sequence[Parts]) -> None:
    if len(entries) > len(components):
        raise ValueError(f"{len(entries)} values for {len(components)} components")


def text_of(component: Parts, value: Any) -> str:
    """Convert a value to text: listed by number, multilingual and multiple ones on separate lines."""
    listed = component.get("values")
    if listed and isinstance(value, int) and not isinstance(value, bool):
        value = listed[value]
        if isinstance(value, dict):
            value = value.get("id", value.get("value", value.get("name", "")))
    if isinstance(value, dict):
        return "\n".join(str(text) for text in value.values())
    if isinstance(value, list):
        return "\n".join(text_of(component, part) for part in value)
    return str(value)


READERS.add("sdmx_json")(TableReader("sdmx_json", (), magic=b"", read=read, recognises=recognises))
