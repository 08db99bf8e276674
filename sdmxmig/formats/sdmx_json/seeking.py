"""Where values stand in a data message of SDMX-JSON: where its structure lists them, else in its datasets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sdmxmig.errors import InputError
from sdmxmig.formats.seeking import Sought, told
from sdmxmig.intake.json import json_name, parse_json
from sdmxmig.places import Place

ARRAYS = ("observations", "attributes", "dimensionGroupAttributes")
NAMES = ("id", "value", "name")
"""By which members a listed value says what it is."""


def seek(name: str, content: bytes, sought: Sequence[Sought]) -> list[list[Place]]:
    """The JSON pointers of what is sought; the datasets where it is not found."""
    try:
        message = parse_json(content, name)
    except InputError:  # it was told when the file was read
        return [[Place(name, key="/")] for _ in sought]
    data, above = (message["data"], "/data") if isinstance(message.get("data"), dict) else (message, "")
    found = []
    for one in sought:
        value = one.where.get(one.component) if len(one.where) == 1 else None
        pointers = list(pointers_of(data, above, one.component, value, one.most)) if value is not None else []
        found.append([Place(name, key=pointer) for pointer in pointers])
    return [places or [Place(name, key=f"{above}/dataSets")] for places in told(sought, found)]


def pointers_of(data: dict[str, Any], above: str, component: str, value: str, most: int) -> Iterator[str]:
    """Where a value of a component stands."""
    listed = list(listed_values(data, above, component, value))
    if listed:
        yield from listed[:most]
        return
    slots = [slot for member in ("structures", "structure") for slot in slots_of(data.get(member), component)]
    for pointer, name, array in arrays(data.get("dataSets"), f"{above}/dataSets"):
        own = [index for level, index in slots if (level == "observation") == (name == "observations")]
        for index in own:
            if most and len(array) > index and type(array[index]) is not bool and str(array[index]) == value:
                most -= 1
                yield f"{pointer}/{index}"


def slots_of(structures: Any, component: str) -> set[tuple[str, int]]:
    """The level at which a component's values stand in datasets, and their places in the arrays there."""
    found = set()
    for structure in structures if isinstance(structures, list) else [structures]:
        holders = structure if isinstance(structure, dict) else {}
        levels = [("measure", name, one) for name, one in pairs(holders.get("measures"))]
        before = sum(len(one) for _, _, one in levels) or 1
        levels += [("attribute", name, one) for name, one in pairs(holders.get("attributes"))]
        for role, level, listed in levels:
            for index, one in enumerate(listed):
                if isinstance(one, dict) and one.get("id") == component:
                    moved = index + before if role == "attribute" and level == "observation" else index
                    found.add((level, moved))
    return found


def pairs(levels: Any) -> list[tuple[str, list[Any]]]:
    """The lists of components by level."""
    return [(name, one) for name, one in levels.items() if isinstance(one, list)] if isinstance(levels, dict) else []


def arrays(value: Any, pointer: str, name: str = "") -> Iterator[tuple[str, str, list[Any]]]:
    """The arrays of values in datasets, with their pointers and the member in which they stand, in order."""
    if isinstance(value, list) and name in ARRAYS:
        yield pointer, name, value
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from arrays(one, f"{pointer}/{index}", name)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from arrays(one, f"{pointer}/{json_name(key)}", name if key[:1].isdigit() else key)


def listed_values(data: dict[str, Any], above: str, component: str, value: str) -> Iterator[str]:
    """Where the structures of a message list a value of a component."""
    for member in ("structures", "structure"):
        for pointer, part in objects(data.get(member), f"{above}/{member}"):
            values = part.get("values")
            if part.get("id") == component and isinstance(values, list):
                for index, one in enumerate(values):
                    names = [one.get(name) for name in NAMES] if isinstance(one, dict) else [one]
                    if any(str(name) == value for name in names if name is not None):
                        yield f"{pointer}/values/{index}"


def objects(value: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects in a value with their pointers."""
    waiting = [(pointer, value)]
    while waiting:
        at, one = waiting.pop()
        if isinstance(one, dict):
            yield at, one
            waiting += [(f"{at}/{json_name(name)}", inner) for name, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{at}/{index}", inner) for index, inner in enumerate(one)]
