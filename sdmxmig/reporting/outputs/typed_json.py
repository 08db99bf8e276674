"""Model records as JSON, typed on reading."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

SCALARS = {str: "a text", int: "a whole number", bool: "true or false"}


def as_json(value: object) -> object:
    """A record as what JSON knows."""
    if isinstance(value, Text):
        return dict(value.values)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields_of(type(value))}
    if isinstance(value, Mapping):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [as_json(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


@cache
def fields_of(record: type) -> tuple[dataclasses.Field[Any], ...]:
    return tuple(field for field in dataclasses.fields(record) if field.compare)


@cache
def types_of(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


def typed(kind: Any, value: object, place: Place, hint: str) -> object:
    """Convert JSON to a model type; raises `InputError` with the key."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner_type = next(option for option in typing.get_args(kind) if option is not type(None))
        return None if value is None else typed(inner_type, value, place, hint)
    if kind is Text:
        words = object_of(value, place, hint)
        return Text(tuple((key, str(scalar_of(str, part, place, hint))) for key, part in words.items()))
    if dataclasses.is_dataclass(kind):
        return record_of(typing.cast("type", kind), object_of(value, place, hint), place, hint)
    if origin is abc.Mapping:
        inner_type = typing.get_args(kind)[1]
        members = object_of(value, place, hint)
        return {key: typed(inner_type, part, below(place, key), hint) for key, part in members.items()}
    if origin is tuple:
        return tuple_of(typing.get_args(kind), value, place, hint)
    return decimal_of(value, place, hint) if kind is Decimal else scalar_of(kind, value, place, hint)


def record_of(kind: type, values: Mapping[str, object], place: Place, hint: str) -> object:
    """A record of a kind from the values of its fields, of which none is missing or unknown."""
    names = [field.name for field in fields_of(kind)]
    for name in values:
        if name not in names:
            raise InputError(f"“{name}” is not known here.", below(place, name), hint)
    for name in names:
        if name not in values:
            raise InputError(f"“{name}” is missing.", place, hint)
    make: Callable[..., object] = kind
    return make(**{name: typed(types_of(kind)[name], values[name], below(place, name), hint) for name in names})


def tuple_of(kinds: tuple[Any, ...], value: object, place: Place, hint: str) -> tuple[object, ...]:
    """A list as a tuple, whose members are of these kinds."""
    if not isinstance(value, list):
        raise InputError(f"This should be a list, not {value!r}.", place, hint)
    if kinds[-1] is not Ellipsis and len(value) != len(kinds):
        raise InputError(f"This should be a list of {len(kinds)}, not of {len(value)}.", place, hint)
    expected = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else kinds
    return tuple(
        typed(kind, part, below(place, str(number)), hint)
        for number, (kind, part) in enumerate(zip(expected, value, strict=True), start=1)
    )


def object_of(value: object, place: Place, hint: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f"This should be an object, not {value!r}.", place, hint)
    return value


def decimal_of(value: object, place: Place, hint: str) -> Decimal:
    try:
        number = Decimal(str(scalar_of(str, value, place, hint)))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"“{value}” is not a number.", place, hint)
    return number


def scalar_of(kind: type, value: object, place: Place, hint: str) -> object:
    if type(value) is not kind:
        raise InputError(f"This should be {SCALARS[kind]}, not {value!r}.", place, hint)
    return value


def below(place: Place, key: str) -> Place:
    return Place(place.file, key=f"{place.key}.{key}")
