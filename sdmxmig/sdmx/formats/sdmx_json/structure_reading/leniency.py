"""Lenient reading of misnamed members and wrong types."""

from __future__ import annotations

from typing import Any

RENAMED = {
    "textType": "dataType",
    "textFormat": "format",
    "structureUsage": "dataflow",
    "timeDimensions": "timeDimension",
}
"""SDMX-JSON 1.0 names in 2.x messages, as written by the Fusion registry before 11.18."""

CONTAINER_OF = {
    "codes": "codelists",
    "valueItems": "valueLists",
    "concepts": "conceptSchemes",
    "categories": "categorySchemes",
    "agencies": "agencySchemes",
    "dataProviders": "dataProviderSchemes",
    "dataStructureComponents": "dataStructures",
    "metadataStructureComponents": "metadataStructures",
    "hierarchicalCodes": "hierarchies",
    "structure": "dataflows",
}
"""The collection of an artefact, by a typical member."""


def renamed(value: dict[str, Any], *, is_old: bool) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Rename members to those of the version, in the same order, and list the changes.

    >>> renamed({"textType": "Integer"}, is_old=False)
    ({'dataType': 'Integer'}, [('textType', 'dataType')])
    """
    names = {new: old for old, new in RENAMED.items()} if is_old else RENAMED
    changed = [(name, names[name]) for name in value if name in names and names[name] not in value]
    if not changed:
        return value, []
    names_of_members = dict(changed)
    members = {names_of_members.get(name, name): member for name, member in value.items()}
    if "timeDimensions" in names_of_members:  # there was one of them always
        members["timeDimension"] = converted(members["timeDimension"], dict)
    return members, changed


def converted(value: Any, kind: type) -> Any:
    """Convert a value to another type if the conversion is unambiguous; else None.

    >>> converted("true", bool), converted({"id": "A"}, list), converted(2, str), converted([1], str)
    (True, [{'id': 'A'}], '2', None)
    """
    if kind is bool and value in ("true", "false", "1", "0"):
        return value in ("true", "1")
    if kind is list and type(value) in (dict, str):
        return [value]
    if kind is dict and type(value) is list and len(value) == 1 and type(value[0]) is dict:
        return value[0]
    if kind is str and type(value) is int:
        return str(value)
    return None


def alone(value: dict[str, Any]) -> dict[str, Any]:
    container = next((CONTAINER_OF[name] for name in CONTAINER_OF if name in value), "")
    return {container: [value]} if container and {"id", "agencyID"} <= value.keys() else {}
