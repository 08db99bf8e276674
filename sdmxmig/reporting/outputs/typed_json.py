"""Model records, such as assessments and integration records, as typed JSON."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec

from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.gaps import (
    SEARCHED_OUTCOMES,
    TOPICS_ITEM,
    UNKNOWN_ANSWERS,
    EarlierAssessment,
    EarlierGap,
    build_topics_id,
)
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.integration import INTEGRATION_COMMANDS, IntegrationRecord

SCALAR_NAMES = {str: "a text", int: "a whole number", bool: "true or false"}


def convert_to_json(value: object) -> object:
    if isinstance(value, Text):
        return dict(value.values)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: convert_to_json(getattr(value, field.name)) for field in list_fields(type(value))}
    if isinstance(value, Mapping):
        return {key: convert_to_json(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [convert_to_json(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


@cache
def list_fields(record: type) -> tuple[dataclasses.Field[Any], ...]:
    return tuple(field for field in dataclasses.fields(record) if field.compare)


@cache
def resolve_types(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


def read_value(kind: Any, value: object, place: Place, hint: str) -> object:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner_type = next(option for option in typing.get_args(kind) if option is not type(None))
        return None if value is None else read_value(inner_type, value, place, hint)
    if kind is Text:
        words = write_object(value, place, hint)
        return Text(tuple((key, str(read_scalar(str, part, place, hint))) for key, part in words.items()))
    if dataclasses.is_dataclass(kind):
        return read_record(typing.cast("type", kind), write_object(value, place, hint), place, hint)
    if origin is abc.Mapping:
        inner_type = typing.get_args(kind)[1]
        members = write_object(value, place, hint)
        return {key: read_value(inner_type, part, extend_place(place, key), hint) for key, part in members.items()}
    if origin is tuple:
        return read_tuple(typing.get_args(kind), value, place, hint)
    return read_decimal(value, place, hint) if kind is Decimal else read_scalar(kind, value, place, hint)


def read_record(kind: type, values: Mapping[str, object], place: Place, hint: str) -> object:
    names = [field.name for field in list_fields(kind)]
    for name in values:
        if name not in names:
            raise InputError(f"“{name}” is not a valid key here.", extend_place(place, name), hint)
    for name in names:
        if name not in values:
            raise InputError(f"“{name}” is missing.", place, hint)
    make: Callable[..., object] = kind
    return make(
        **{name: read_value(resolve_types(kind)[name], values[name], extend_place(place, name), hint) for name in names}
    )


def read_tuple(kinds: tuple[Any, ...], value: object, place: Place, hint: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise InputError(f"This should be a list, not {value!r}.", place, hint)
    if kinds[-1] is not Ellipsis and len(value) != len(kinds):
        raise InputError(f"This should be a list of {len(kinds)}, not of {len(value)}.", place, hint)
    expected = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else kinds
    return tuple(
        read_value(kind, part, extend_place(place, str(number)), hint)
        for number, (kind, part) in enumerate(zip(expected, value, strict=True), start=1)
    )


def write_object(value: object, place: Place, hint: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f"This should be an object, not {value!r}.", place, hint)
    return value


def read_decimal(value: object, place: Place, hint: str) -> Decimal:
    try:
        number = Decimal(str(read_scalar(str, value, place, hint)))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"“{value}” is not a number.", place, hint)
    return number


def read_scalar(kind: type, value: object, place: Place, hint: str) -> object:
    if type(value) is not kind:
        raise InputError(f"This should be {SCALAR_NAMES[kind]}, not {value!r}.", place, hint)
    return value


def extend_place(place: Place, key: str) -> Place:
    return Place(place.file, key=f"{place.key}.{key}")


HINT = f"Give what one of these wrote: sdmxmig {', '.join(INTEGRATION_COMMANDS)}"
DOCUMENT = JsonDocument("sdmxmig-integration", 1, what="a record of how sources were brought together", hint=HINT)


def name_integration_file(command: str) -> str:
    """Return the file name of a command's integration record.

    >>> name_integration_file("link")
    'integration-link.json'
    """
    return f"integration-{command}.json"


def render_integration(record: IntegrationRecord) -> bytes:
    document = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "record": convert_to_json(record)}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_integration(content: bytes, name: str) -> IntegrationRecord:
    document = DOCUMENT.opened(content, name)
    record = typing.cast(
        "IntegrationRecord", read_value(IntegrationRecord, document.get("record"), Place(name, key="record"), HINT)
    )
    if record.command not in INTEGRATION_COMMANDS:
        raise InputError(f"“{record.command}” does not combine sources.", Place(name, key="record.command"), HINT)
    return record


ASSESSMENT_DOCUMENT = JsonDocument(
    "sdmxmig-assessment", 14, what="an assessment", hint="Write it again with: sdmxmig assess"
)
DAY_LENGTH = len("2025-01-31")


def render(assessment: Assessment) -> bytes:
    """Write an assessment as deterministic JSON with all digits, and a hash for detecting changes."""
    plain = convert_to_json(assessment)
    document = {
        "schema": ASSESSMENT_DOCUMENT.schema,
        "version": ASSESSMENT_DOCUMENT.version,
        "sha256": _hash(plain),
        "assessment": plain,
    }
    written = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()  # built-in indentation is slow
    return msgspec.json.format(written, indent=1) + b"\n"


def read(content: bytes, name: str = "assessment.json", *, changed: bool = False) -> Assessment:
    """Read an assessment; raise `InputError` for other files and versions, and for changes unless `changed`."""
    document = ASSESSMENT_DOCUMENT.opened(content, name)
    assessment = read_value(
        Assessment, document.get("assessment"), Place(name, key="assessment"), ASSESSMENT_DOCUMENT.hint
    )
    if not changed and is_changed(content, name):
        hint = f"{ASSESSMENT_DOCUMENT.hint}. Or accept the changed file: --changed."
        raise InputError("This assessment was changed since sdmxmig made it.", Place(name), hint)
    return typing.cast("Assessment", assessment)


def read_earlier(content: bytes, name: str) -> EarlierAssessment:
    """Read date, answers and gaps of an earlier assessment in any version; raise `InputError` for other files."""
    try:
        document = json.loads(content.decode("utf-8"))
        plain = document["assessment"] if document["schema"] == ASSESSMENT_DOCUMENT.schema else {}
        prepared = dict(plain["provenance"]).get("prepared", "")
        answers = [str(score["answer"]) for score in plain["scores"]]
        gaps = tuple(EarlierGap(_list_subjects(gap), Text.of(gap["statement"])) for gap in plain["gaps"])
        known_then = _collect_known(plain)
        area, year = str(plain["area"]), str(plain["year"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "Name the assessment.json that sdmxmig assess wrote at the time."
        raise InputError("This is not an assessment.", Place(name), hint) from None
    known = sum(answer not in UNKNOWN_ANSWERS for answer in answers)
    return EarlierAssessment(area, prepared[:DAY_LENGTH] or year, answers=known, gaps=gaps, known=known_then)


def is_changed(content: bytes, name: str = "assessment.json") -> bool:
    document = ASSESSMENT_DOCUMENT.opened(content, name)
    return document.get("sha256") != _hash(document.get("assessment"))


def _list_subjects(gap: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(reason["subject"]) for reason in gap.get("reasons") or [gap])


def _collect_known(plain: Mapping[str, Any]) -> frozenset[str] | None:
    if any(part not in plain for part in ("indicators", "quality")) or any(
        "item" not in score for score in plain["scores"]
    ):
        return None
    items = [score["item"]["id"] for score in plain["scores"] if score["answer"] not in UNKNOWN_ANSWERS]
    results = plain["indicators"]
    indicators = [
        result["indicator"]["id"]
        for result in results
        if result["declared"] not in UNKNOWN_ANSWERS
        or any(not value.get("basis") for value in result.get("values", ()))
    ]
    topics = [
        build_topics_id(result["indicator"]["id"])
        for result in results
        if result.get("answers", {}).get(TOPICS_ITEM, {}).get("answer", "") not in UNKNOWN_ANSWERS
    ]
    issues = [issue["issue"] for issue in plain["quality"] if issue["state"] in SEARCHED_OUTCOMES]
    return frozenset(map(str, (*items, *indicators, *topics, *issues)))


def _hash(plain: object) -> str:
    return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()
