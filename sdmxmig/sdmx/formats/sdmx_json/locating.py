"""Locations of values in an SDMX-JSON data message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.io.intake.json import json_name, parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Sought, limited_places
from sdmxmig.sdmx.formats.sdmx_json.runs import pointer_of, runs_of, walked
from sdmxmig.sdmx.formats.sdmx_json.walk import seekable_input, sound
from sdmxmig.sdmx.model.data import Flow

ARRAYS = ("observations", "attributes", "dimensionGroupAttributes")
NAMES = ("id", "value", "name")
Slot = tuple[bool, int]
"""Whether an array belongs to an observation, and an index into it."""


def locate(message: KeptMessage, sought: Sequence[Sought], _: Mapping[str, Flow]) -> list[list[Place]]:
    """Return the JSON pointers of values, or of the datasets if not found.

    Searches series and observations run by run, in constant memory.
    """
    name = message.name
    try:
        with seekable_input(message.file(), name) as raw, sound(raw, Faults()) as opened:
            walk = walked(opened)
            outline = parse_json(bytes(walk.retained), name)
            seeker = ArrayLocator(outline, sought)
            for path, span in walk.spans.items() if seeker.pending else ():
                pointer = pointer_of(path)
                for run in runs_of(opened, span, str(path[-1])):
                    if not seeker.pending:
                        break
                    seeker.look(parse_json(b"{" + run.text + b"}", name), pointer, str(path[-1]))
    except InputError:  # it was listed when the file was read
        return [[Place(name, key="/")] for _ in sought]
    all_places = [[Place(name, key=pointer) for pointer in pointers] for pointers in seeker.pointers]
    return [places or [Place(name, key=f"{seeker.above}/dataSets")] for places in limited_places(sought, all_places)]


class ArrayLocator:
    """Searches the arrays of datasets after the listed values.

    `pending` are the values still sought, by component.
    """

    def __init__(self, outline: dict[str, Any], sought: Sequence[Sought]) -> None:
        inner = outline.get("data")
        self.data: dict[str, Any] = inner if isinstance(inner, dict) else outline
        self.above = "/data" if isinstance(inner, dict) else ""
        self.sought = sought
        self.pointers: list[list[str]] = [[] for _ in sought]
        self.pending: dict[Slot, dict[str, list[int]]] = {}
        for number, target in enumerate(sought):
            value = target.where.get(target.component) if len(target.where) == 1 else None
            if value is None:
                continue
            self.pointers[number] = list(listed_values(self.data, self.above, target.component, value))[: target.most]
            if not self.pointers[number]:
                self._await(number, target.component, value)
        self.look(self.data.get("dataSets"), f"{self.above}/dataSets", "")

    def _await(self, number: int, component: str, value: str) -> None:
        for member in ("structures", "structure"):
            for level, index in slots_of(self.data.get(member), component):
                numbers = self.pending.setdefault((level == "observation", index), {}).setdefault(value, [])
                if number not in numbers:
                    numbers.append(number)

    def look(self, part: Any, pointer: str, name: str) -> None:
        for place, kind, array in arrays(part, pointer, name):
            for (is_observation, index), values in list(self.pending.items()):
                if is_observation == (kind == "observations") and len(array) > index:
                    cell = array[index]
                    for number in values.get(str(cell), ()) if type(cell) is not bool else ():
                        self._take(number, f"{place}/{index}")

    def _take(self, number: int, pointer: str) -> None:
        self.pointers[number].append(pointer)
        if len(self.pointers[number]) < self.sought[number].most:
            return
        for slot, values in list(self.pending.items()):
            remaining = {
                value: [other_number for other_number in numbers if other_number != number]
                for value, numbers in values.items()
            }
            self.pending[slot] = {value: numbers for value, numbers in remaining.items() if numbers}
            if not self.pending[slot]:
                del self.pending[slot]


def slots_of(structures: Any, component: str) -> set[tuple[str, int]]:
    """Return the levels and array positions of a component.

    Version 1.0 lists no measure: it is first in observations.
    """
    slots = set()
    for structure in structures if isinstance(structures, list) else [structures]:
        holders = structure if isinstance(structure, dict) else {}
        levels = [("measure", name, components) for name, components in pairs(holders.get("measures"))]
        measure_count = sum(len(components) for _, _, components in levels) or 1
        levels += [("attribute", name, components) for name, components in pairs(holders.get("attributes"))]
        for role, level, listed in levels:
            for index, entry in enumerate(listed):
                if isinstance(entry, dict) and entry.get("id") == component:
                    moved = index + measure_count if role == "attribute" and level == "observation" else index
                    slots.add((level, moved))
        if (
            holders
            and "measures" not in holders
            and not any(part.get("id") == component for _, part in objects(holders, ""))
        ):
            slots.add(("observation", 0))
    return slots


def pairs(levels: Any) -> list[tuple[str, list[Any]]]:
    return (
        [(name, components) for name, components in levels.items() if isinstance(components, list)]
        if isinstance(levels, dict)
        else []
    )


def arrays(value: Any, pointer: str, name: str = "") -> Iterator[tuple[str, str, list[Any]]]:
    if isinstance(value, list) and name in ARRAYS:
        yield pointer, name, value
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from arrays(element, f"{pointer}/{index}", name)
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from arrays(element, f"{pointer}/{json_name(key)}", name if key[:1].isdigit() else key)


def listed_values(data: dict[str, Any], above: str, component: str, value: str) -> Iterator[str]:
    for member in ("structures", "structure"):
        for pointer, part in objects(data.get(member), f"{above}/{member}"):
            values = part.get("values")
            if part.get("id") == component and isinstance(values, list):
                for index, entry in enumerate(values):
                    names = [entry.get(name) for name in NAMES] if isinstance(entry, dict) else [entry]
                    if any(str(name) == value for name in names if name is not None):
                        yield f"{pointer}/values/{index}"


def objects(value: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [(pointer, value)]
    while waiting:
        at, part = waiting.pop()
        if isinstance(part, dict):
            yield at, part
            waiting += [(f"{at}/{json_name(name)}", inner) for name, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(f"{at}/{index}", inner) for index, inner in enumerate(part)]
