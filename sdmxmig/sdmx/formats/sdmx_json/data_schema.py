"""A JSON Schema for data of one structure in SDMX-JSON.

Extends the official schema, which knows no structure, with the components at each level and their codes. Uncoded values
are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2019-09/schema"
LEVELS = ("dataSet", "series", "observation")
GROUPS = "dimensionGroup"
"""Where attributes of a part of the key stand."""


def json_data_schema(
    flow: Flow, version: str, dimension_at_observation: str, *, name: str, partial: bool = False
) -> bytes:
    """Build the JSON Schema of a dataflow's data; `name` is its URI.

    `partial` allows missing dimensions, for deletions. Raises `DeclarationError` for an unknown codelist.
    """
    structure = flow.structure
    dimensions = [listed(flow, each, place) for place, each in enumerate(structure.dimensions)]
    attributes = [listed(flow, each) for each in structure.attributes()]
    if structure.metadata is not None:  # what a metadata structure has may be told with the data
        attributes.append({"properties": {"id": {"not": {"enum": [each.id for each in structure.attributes()]}}}})
    levels: Json = {level: items(dimensions) for level in LEVELS}
    if dimension_at_observation == ALL_DIMENSIONS:
        levels["series"]["maxItems"] = 0
    else:
        at_observation = {"properties": {"id": {"const": dimension_at_observation}}}
        levels["observation"]["items"] = {"allOf": [at_observation, levels["observation"]["items"]]}
        levels["series"]["items"] = {"allOf": [{"not": at_observation}, levels["series"]["items"]]}
    all_there = [] if partial else [somewhere(each.id) for each in structure.dimensions]
    measures = items([listed(flow, each) for each in structure.measures])
    components = {
        "dimensions": {"properties": levels, "allOf": all_there} if all_there else {"properties": levels},
        "measures": {"properties": {"observation": measures}},
        "attributes": {"properties": {level: items(attributes) for level in (*LEVELS, GROUPS)}},
    }
    within = {"properties": {"data": {"properties": {"structures": {"items": {"properties": components}}}}}}
    schema = {
        "$schema": DIALECT,
        "$id": name,
        "title": f"Data of {structure.ref.short} in SDMX-JSON {version}",
        "allOf": [{"$ref": VERSIONS[version].schema}, within],
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=1)


def items(allowed: Sequence[Json]) -> Json:
    return {"items": {"anyOf": list(allowed)}} if allowed else {"maxItems": 0}


def listed(flow: Flow, component: Component, place: int | None = None) -> Json:
    """A component as a message lists it: by its id, at its place in the key, with its codes."""
    properties: Json = {"id": {"const": component.id}}
    if place is not None:
        properties["keyPosition"] = {"const": place}
    if component.is_coded:
        codelist = flow.codelist(component)
        if codelist is None:
            raise DeclarationError(f"The codelist of {component.id} is not known.", flow.structure.place)
        properties["values"] = {"items": codes(codelist.ids)}
    return {"properties": properties}


def codes(ids: Iterable[str]) -> Json:
    code = {"enum": list(ids)}
    return {"properties": {"id": code, "ids": {"items": code}}}


def somewhere(dimension: str) -> Json:
    is_it = {"properties": {"id": {"const": dimension}}, "required": ["id"]}
    return {"anyOf": [{"properties": {level: {"contains": is_it}}, "required": [level]} for level in LEVELS]}
