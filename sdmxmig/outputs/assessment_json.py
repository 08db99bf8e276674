"""Assessments as JSON: the form in which one command leaves them for the next."""

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

from sdmxmig.calculations.progress import (
    LOOKED_FOR,
    NOT_KNOWN,
    TOPICS_ITEM,
    EarlierAssessment,
    EarlierGap,
    topics_of,
)
from sdmxmig.errors import InputError
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment
from sdmxmig.outputs.documents import JsonDocument
from sdmxmig.places import Place

DOCUMENT = JsonDocument("sdmxmig-assessment", 8, what="an assessment", hint="Make it anew with: sdmxmig assess")
DAY = len("2025-01-31")
SCALARS = {str: "a text", int: "a whole number", bool: "true or false"}


def render(assessment: Assessment) -> bytes:
    """An assessment as JSON: every field by its name and in its order, numbers with all their digits as text.

    The same assessment gives the same bytes. Texts are objects by language; where a declaration stands is left out.
    With it goes its hash, by which a reader knows whether somebody has changed it since.
    """
    plain = _plain(assessment)
    document = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "sha256": _hash(plain), "assessment": plain}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read(content: bytes, name: str = "assessment.json", *, changed: bool = False) -> Assessment:
    """Read an assessment that `render` wrote; ``read(render(a)) == a``.

    Raises `InputError` naming the file and the key if it is none, or was written by another version; so it does if
    somebody has changed it, unless it may be `changed`.
    """
    document = DOCUMENT.opened(content, name)
    assessment = _typed(Assessment, document.get("assessment"), Place(name, key="assessment"))
    if not changed and is_changed(content, name):
        hint = f"{DOCUMENT.hint}. Or take it as it is: --changed."
        raise InputError("This assessment was changed since sdmxmig made it.", Place(name), hint)
    return typing.cast("Assessment", assessment)


def read_earlier(content: bytes, name: str) -> EarlierAssessment:
    """What an assessment is remembered by, of this form or an earlier one: its date, its answers and its gaps.

    Raises `InputError` naming the file if it is none.
    """
    try:
        document = json.loads(content.decode("utf-8"))
        plain = document["assessment"] if document["schema"] == DOCUMENT.schema else {}
        prepared = dict(plain["provenance"]).get("prepared", "")
        answers = [str(score["answer"]) for score in plain["scores"]]
        gaps = tuple(EarlierGap(_subjects(gap), Text.of(gap["statement"])) for gap in plain["gaps"])
        known_then = _known_then(plain)
        area, year = str(plain["area"]), str(plain["year"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "Name the assessment.json that sdmxmig assess wrote at the time."
        raise InputError("This is not an assessment.", Place(name), hint) from None
    known = sum(answer not in NOT_KNOWN for answer in answers)
    return EarlierAssessment(area, prepared[:DAY] or year, answers=known, gaps=gaps, known=known_then)


def is_changed(content: bytes, name: str = "assessment.json") -> bool:
    """Whether somebody has changed an assessment since `render` wrote it."""
    document = DOCUMENT.opened(content, name)
    return document.get("sha256") != _hash(document.get("assessment"))


def _subjects(gap: Mapping[str, Any]) -> tuple[str, ...]:
    """What asks for a gap: each of its reasons, or the one subject that gaps had in an earlier form."""
    return tuple(str(reason["subject"]) for reason in gap.get("reasons") or [gap])


def _known_then(plain: Mapping[str, Any]) -> frozenset[str] | None:
    """What had an answer in an earlier assessment; None where its form does not say of what its answers are."""
    if any(part not in plain for part in ("indicators", "quality")) or any(
        "item" not in score for score in plain["scores"]
    ):
        return None
    items = [score["item"]["id"] for score in plain["scores"] if score["answer"] not in NOT_KNOWN]
    results = plain["indicators"]
    indicators = [
        result["indicator"]["id"]
        for result in results
        if result["declared"] not in NOT_KNOWN or any(not value.get("basis") for value in result.get("values", ()))
    ]
    topics = [
        topics_of(result["indicator"]["id"])
        for result in results
        if result.get("answers", {}).get(TOPICS_ITEM, {}).get("answer", "") not in NOT_KNOWN
    ]
    issues = [issue["issue"] for issue in plain["quality"] if issue["state"] in LOOKED_FOR]
    return frozenset(map(str, (*items, *indicators, *topics, *issues)))


def _hash(plain: object) -> str:
    """The hash of an assessment as what JSON knows, however it is laid out in a file."""
    return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()


def _plain(value: object) -> object:
    """A record as what JSON knows."""
    if isinstance(value, Text):
        return dict(value.values)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in _fields(type(value))}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


@cache
def _fields(record: type) -> tuple[dataclasses.Field[Any], ...]:
    """The fields that make a record what it is; where it was declared does not."""
    return tuple(field for field in dataclasses.fields(record) if field.compare)


@cache
def _types(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


def _typed(kind: Any, value: object, place: Place) -> object:
    """What JSON gave as a value of a type of the model; `InputError` with the key if it is of another one."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner_type = next(option for option in typing.get_args(kind) if option is not type(None))
        return None if value is None else _typed(inner_type, value, place)
    if kind is Text:
        return Text(tuple((key, str(_scalar(str, part, place))) for key, part in _object(value, place).items()))
    if dataclasses.is_dataclass(kind):
        return _record(typing.cast("type", kind), _object(value, place), place)
    if origin is abc.Mapping:
        inner_type = typing.get_args(kind)[1]
        return {key: _typed(inner_type, part, _below(place, key)) for key, part in _object(value, place).items()}
    if origin is tuple:
        return _tuple(typing.get_args(kind), value, place)
    return _decimal(value, place) if kind is Decimal else _scalar(kind, value, place)


def _record(kind: type, values: Mapping[str, object], place: Place) -> object:
    names = [field.name for field in _fields(kind)]
    for name in values:
        if name not in names:
            raise InputError(f"“{name}” is not known here.", _below(place, name), DOCUMENT.hint)
    for name in names:
        if name not in values:
            raise InputError(f"“{name}” is missing.", place, DOCUMENT.hint)
    make: Callable[..., object] = kind
    return make(**{name: _typed(_types(kind)[name], values[name], _below(place, name)) for name in names})


def _tuple(kinds: tuple[Any, ...], value: object, place: Place) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise InputError(f"This should be a list, not {value!r}.", place, DOCUMENT.hint)
    if kinds[-1] is not Ellipsis and len(value) != len(kinds):
        raise InputError(f"This should be a list of {len(kinds)}, not of {len(value)}.", place, DOCUMENT.hint)
    expected = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else kinds
    return tuple(
        _typed(kind, part, _below(place, str(number)))
        for number, (kind, part) in enumerate(zip(expected, value, strict=True), start=1)
    )


def _object(value: object, place: Place) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f"This should be an object, not {value!r}.", place, DOCUMENT.hint)
    return value


def _decimal(value: object, place: Place) -> Decimal:
    try:
        number = Decimal(str(_scalar(str, value, place)))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"“{value}” is not a number.", place, DOCUMENT.hint)
    return number


def _scalar(kind: type, value: object, place: Place) -> object:
    if type(value) is not kind:
        raise InputError(f"This should be {SCALARS[kind]}, not {value!r}.", place, DOCUMENT.hint)
    return value


def _below(place: Place, key: str) -> Place:
    return Place(place.file, key=f"{place.key}.{key}")
