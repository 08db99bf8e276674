"""OpenAPI description of the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.pull.questions import (
    AVAILABILITY_REFERENCES,
    CONTEXTS,
    DETAILS_1,
    DETAILS_2,
    KINDS_1,
    KINDS_2,
    SCHEMA_CONTEXTS,
    WORDS_1,
    WORDS_2,
)
from sdmxmig.transmission.pull.registrations import ATOM_TYPE, MEDIA_TYPE
from sdmxmig.transmission.pull.url_1 import DETAIL

Json = dict[str, Any]
VERSION = "3.1.0"
TITLE = "SDMX REST service of sdmxmig"
SUMMARY = "Structures, data and reference metadata by SDMX REST, API 1.5 and 2.2.2, for reading."
STATUSES = {
    "304": "Nothing has changed since the client asked last.",
    "400": "The question is none that the API has.",
    "401": "A token is needed.",
    "404": "There is nothing of this name; in API 1.x also: nothing fits the question.",
    "406": "None of the representations asked for is offered, or it cannot say what was asked for.",
    "414": "The address is too long.",
    "422": "The question contradicts itself or the structure of the data.",
    "429": "The client asks too often.",
}
NAMES: Json = {"type": "string", "pattern": r"^(\*|all|[A-Za-z0-9_@$\-.]+([,+][A-Za-z0-9_@$\-.]+)*)$"}
VERSIONS_1: Json = {"type": "string", "pattern": r"^(all|latest|[0-9]+(\.[0-9]+){0,2})$"}
VERSIONS_2: Json = {"type": "string", "pattern": r"^[0-9.*+~]+$", "examples": ["~", "+", "*", "1.0.0", "1.0+.0"]}
KEY_1: Json = {"type": "string", "examples": ["all", "A.GE.", "A..M+F"]}
KEY_2: Json = {"type": "string", "examples": ["*", "A.GE", "A.*.M,A.*.F"]}
MOMENT: Json = {"type": "string", "format": "date-time"}
PERIOD: Json = {"type": "string", "examples": ["2020", "2020-Q1", "2020-01-31"]}
COUNT: Json = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
PLACE: Json = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
FLAG: Json = {"type": "boolean"}
TEXT: Json = {"type": "string"}


def words(values: Iterable[str]) -> Json:
    return {"type": "string", "enum": list(values)}


RECENT_1: dict[str, Json] = {"startPeriod": PERIOD, "endPeriod": PERIOD, "updatedAfter": MOMENT}
FILTERS: dict[str, Json] = {
    "c": {"type": "object", "additionalProperties": TEXT},
    "updatedAfter": MOMENT,
    "reportingYearStartDay": {"type": "string", "pattern": "^--[01][0-9]-[0-3][0-9]$"},
}
DATA_1: dict[str, Json] = {
    **RECENT_1,
    "firstNObservations": COUNT,
    "lastNObservations": COUNT,
    "dimensionAtObservation": TEXT,
    "detail": words(DETAIL),
    "includeHistory": FLAG,
}
DATA_2: dict[str, Json] = {
    **FILTERS,
    "firstNObservations": COUNT,
    "lastNObservations": COUNT,
    "dimensionAtObservation": TEXT,
    "attributes": TEXT,
    "measures": TEXT,
    "includeHistory": FLAG,
    "offset": PLACE,
    "limit": COUNT,
    "sort": TEXT,
    "asOf": MOMENT,
}
MODE = words(("exact", "available"))
STRUCTURES_1: dict[str, Json] = {"detail": words(DETAILS_1), "references": words((*WORDS_1, *KINDS_1))}
STRUCTURES_2: dict[str, Json] = {
    "detail": words(DETAILS_2),
    "references": words((*WORDS_2, *KINDS_2)),
    "asOf": MOMENT,
}
METADATA_2: dict[str, Json] = {"detail": words(("full", "allstubs")), "asOf": MOMENT}
BETWEEN: dict[str, Json] = {"updatedAfter": MOMENT, "updatedBefore": MOMENT}
CONTEXT_2 = words(("*", *CONTEXTS))
PATHS: tuple[tuple[str, str, Mapping[str, Json], Mapping[str, Json]], ...] = (
    (
        "/sdmx/v1/{resource}/{agency}/{id}/{version}/{item}",
        "structure",
        {
            "resource": words(("structure", *KINDS_1)),
            "agency": NAMES,
            "id": NAMES,
            "version": VERSIONS_1,
            "item": NAMES,
        },
        STRUCTURES_1,
    ),
    ("/sdmx/v1/data/{flow}/{key}/{provider}", "data", {"flow": TEXT, "key": KEY_1, "provider": NAMES}, DATA_1),
    (
        "/sdmx/v1/availableconstraint/{flow}/{key}/{provider}/{component}",
        "structure",
        {"flow": TEXT, "key": KEY_1, "provider": NAMES, "component": NAMES},
        {**RECENT_1, "references": words(AVAILABILITY_REFERENCES), "mode": MODE},
    ),
    (
        "/sdmx/v1/schema/{context}/{agency}/{id}/{version}",
        "schema",
        {"context": words(SCHEMA_CONTEXTS), "agency": NAMES, "id": NAMES, "version": VERSIONS_1},
        {"dimensionAtObservation": TEXT, "explicitMeasure": FLAG},
    ),
    (
        "/sdmx/v1/metadata/{flow}/{key}/{provider}",
        "metadata",
        {"flow": TEXT, "key": KEY_1, "provider": NAMES},
        {"startPeriod": PERIOD, "endPeriod": PERIOD, "detail": words(DETAIL)},
    ),
    (
        "/sdmx/v2/structure/{type}/{agency}/{id}/{version}/{item}",
        "structure",
        {"type": words(("*", *KINDS_2)), "agency": NAMES, "id": NAMES, "version": VERSIONS_2, "item": TEXT},
        STRUCTURES_2,
    ),
    (
        "/sdmx/v2/data/{context}/{agency}/{id}/{version}/{key}",
        "data",
        {"context": CONTEXT_2, "agency": NAMES, "id": NAMES, "version": VERSIONS_2, "key": KEY_2},
        DATA_2,
    ),
    (
        "/sdmx/v2/availability/{context}/{agency}/{id}/{version}/{key}/{component}",
        "structure",
        {"context": CONTEXT_2, "agency": NAMES, "id": NAMES, "version": VERSIONS_2, "key": KEY_2, "component": NAMES},
        {**FILTERS, "references": words((*AVAILABILITY_REFERENCES, "valuelist")), "mode": MODE},
    ),
    (
        "/sdmx/v2/schema/{context}/{agency}/{id}/{version}",
        "schema",
        {"context": words(SCHEMA_CONTEXTS), "agency": NAMES, "id": NAMES, "version": VERSIONS_2},
        {"dimensionAtObservation": TEXT, "deletion": FLAG, "asOf": MOMENT},
    ),
    (
        "/sdmx/v2/metadata/metadataset/{provider}/{id}/{version}",
        "metadata",
        {"provider": NAMES, "id": NAMES, "version": VERSIONS_2},
        METADATA_2,
    ),
    (
        "/sdmx/v2/metadata/metadataflow/{agency}/{id}/{version}/{provider}",
        "metadata",
        {"agency": NAMES, "id": NAMES, "version": VERSIONS_2, "provider": NAMES},
        METADATA_2,
    ),
    (
        "/sdmx/v2/metadata/structure/{type}/{agency}/{id}/{version}",
        "metadata",
        {"type": words(("*", *KINDS_2)), "agency": NAMES, "id": NAMES, "version": VERSIONS_2},
        METADATA_2,
    ),
    ("/sdmx/v2/registration/id/{id}", "registration", {"id": TEXT}, BETWEEN),
    (
        "/sdmx/v2/registration/provider/{agency}/{provider}",
        "registration",
        {"agency": NAMES, "provider": NAMES},
        BETWEEN,
    ),
    (
        "/sdmx/v2/registration/{context}/{agency}/{id}/{version}",
        "registration",
        {"context": CONTEXT_2, "agency": NAMES, "id": NAMES, "version": VERSIONS_2},
        BETWEEN,
    ),
    ("/sdmx/atom.xml", "feed", {}, {}),
)


def description(base: str) -> bytes:
    described = {
        "openapi": VERSION,
        "info": {"title": TITLE, "summary": SUMMARY, "version": "1.5/2.2.2"},
        "servers": [{"url": base}],
        "paths": {path: {"get": operation(path, about, parts, asked)} for path, about, parts, asked in PATHS},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=1)


def operation(path: str, about: str, parts: Mapping[str, Json], asked: Mapping[str, Json]) -> Json:
    parameters = [{"name": name, "in": "path", "required": True, "schema": schema} for name, schema in parts.items()]
    for name, schema in asked.items():
        parameter: Json = {"name": name, "in": "query", "schema": schema}
        if name == "c":
            parameter |= {"style": "deepObject", "explode": True}
        parameters.append(parameter)
    answered = {"description": "The answer.", "content": {name: {} for name in media_types(path, about)}}
    statuses = {status: {"description": text} for status, text in STATUSES.items()}
    empty = {"204": {"description": "Nothing fits the question."}} if "/v2/" in path else {}
    return {
        "operationId": operation_id(path),
        "parameters": parameters,
        "responses": {"200": answered, **empty, **statuses},
    }


def media_types(path: str, about: str) -> list[str]:
    if about == "feed":
        return [ATOM_TYPE]
    if about == "registration":
        return [MEDIA_TYPE]
    return [f"{offer.media_type};version={offer.version}" for offer in OFFERS[1 if "/v1/" in path else 2, about]]


def operation_id(path: str) -> str:
    """Return the operation id of a path.

    >>> operation_id("/sdmx/v1/data/{flow}/{key}")
    'v1_data_by_flow_key'
    """
    parts = [part for part in path.removesuffix(".xml").split("/") if part not in ("", "sdmx")]
    fixed = [part for part in parts if not part.startswith("{")]
    open_parts = [part.strip("{}") for part in parts if part.startswith("{")]
    return "_".join(fixed + (["by", *open_parts] if open_parts else []))
