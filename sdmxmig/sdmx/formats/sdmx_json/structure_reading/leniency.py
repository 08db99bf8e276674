"""Leniency: members with other names or of another type than they should have are read nevertheless."""

from __future__ import annotations

from typing import Any

RENAMED = {
    "textType": "dataType",
    "textFormat": "format",
    "structureUsage": "dataflow",
    "timeDimensions": "timeDimension",
}
"""What programs that grew up with SDMX-JSON 1.0 call members of 2.x, such as the Fusion registry before 11.18."""

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
"""The collection to which an artefact belongs that has this member."""


def renamed(value: dict[str, Any], *, is_old: bool) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """An object with the names of its version, in the same order, and what was renamed.

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
    """A value as one of another type, if it is clear which; else None.

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
    """An artefact without a message around it as the data of one; empty if it is no artefact."""
    container = next((CONTAINER_OF[name] for name in CONTAINER_OF if name in value), "")
    return {container: [value]} if container and {"id", "agencyID"} <= value.keys() else {}
