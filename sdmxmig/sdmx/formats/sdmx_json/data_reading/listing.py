"""The `structures` part of a data message: components by level and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from operator import itemgetter
from typing import Any

import polars as pl

from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import path_of
from sdmxmig.sdmx.model.artefacts import Item, Text

LEVELS = ("dataSet", "dimensionGroup", "series", "observation")
UNDETERMINED = "und"
"""The language tag (BCP 47) for an undetermined language."""

Cell = Any
"""A text, a list of texts, or a list of languages with texts."""


@dataclass(frozen=True, slots=True)
class ListedComponent:
    """A component as a message lists it: its level and possible values.

    `values` are the texts for indices, or None if the data hold values; `nested` replaces it for other than plain
    texts. `codes` are the coded values. `path` leads to an attribute of reference metadata, whose `id` is internal.
    """

    id: str
    role: str
    _: KW_ONLY
    level: str
    node: Node
    values: pl.Series | None = None
    nested: tuple[Cell, ...] | None = None
    codes: Mapping[str, Item] = field(default_factory=dict)
    default: str | None = None
    position: int | None = None
    path: tuple[str, ...] = ()

    @property
    def is_indexed(self) -> bool:
        return self.values is not None or self.nested is not None


@dataclass(frozen=True, slots=True)
class Listing:
    """One element of `structures`: the components of a dataset by role and level."""

    node: Node
    components: tuple[ListedComponent, ...]
    _: KW_ONLY
    says_measures: bool
    annotations: int

    def of(self, role: str, level: str = "") -> list[ListedComponent]:
        return [component for component in self.components if component.role == role and level in ("", component.level)]


def listing_of(node: Node, language: str) -> Listing:
    """Read an element of `structures` (2.x) or the `structure` (1.0).

    Raises `InputError` with its place for malformed content and duplicate components.
    """
    components: list[ListedComponent] = []
    for role, name in (("dimension", "dimensions"), ("measure", "measures"), ("attribute", "attributes")):
        part = node.get(name, dict)
        if part is None:
            if role == "dimension":
                raise node.wrong("The dimensions are not listed.", "A data message lists its components.")
            continue
        for level in LEVELS:
            components.extend(listed_component(node, role, level, language) for node in part.elements(level))
    names: set[str] = set()
    for component in components:
        if component.id in names:
            raise component.node.wrong(f"“{component.id}” is listed twice.")
        names.add(component.id)
    return Listing(
        node,
        tuple(components),
        says_measures=node.get("measures", dict) is not None,
        annotations=len(node.elements("annotations")),
    )


def listed_component(node: Node, role: str, level: str, language: str) -> ListedComponent:
    """One component of the list."""
    name = node.text("id")
    if not name:
        raise node.wrong("A component has no id.")
    path = path_of(node) if role == "attribute" else ()
    if path:
        return ListedComponent(f"{level}: {'.'.join(path)}", role, level=level, node=node, path=path)
    position = node.get("keyPosition", int)
    default = node.value.get("default")
    if default is not None and type(default) not in (str, int):
        raise node.at("default").wrong("The default has to be a text.")
    parts: dict[str, Any] = {}
    if node.get("values", list) is not None:
        parts = values_of(node, language)
    default_text = None if default is None else str(default)
    return ListedComponent(
        name, role, level=level, node=node, default=default_text, position=position.value if position else None, **parts
    )


def values_of(component: Node, language: str) -> dict[str, Any]:
    """The values that a component may take, and its codes."""
    cells: list[Cell] = []
    codes: dict[str, Item] = {}
    array = component.get("values", list)
    assert array is not None  # noqa: S101 - the caller has seen it
    for index, entry in enumerate(array.value):
        node = Node(entry, array.file, pointer=f"{array.pointer}/{index}")
        if entry is None:
            cells.append(None)
            continue
        code = node.of(dict).text("id")
        if code:
            cells.append(code)
            name, about = (Text.of(node.languages(f"{word}s", word, language)) for word in ("name", "description"))
            codes[code] = Item(code, name, description=about, parent=node.text("parent"))
        elif "value" in entry:
            cells.append(plain(entry["value"], node.at("value")))
        elif "values" in entry:
            cells.append(plain(entry["values"], node.at("values")))
        elif "name" in entry:  # an uncoded attribute of SDMX-JSON 1.0
            cells.append(node.text("name"))
        else:
            raise node.wrong("A value has neither an id nor a value.")
    if any(type(cell) is list for cell in cells):
        return {"nested": tuple(cells), "codes": codes}
    return {"values": pl.Series(cells, dtype=pl.String), "codes": codes}


def plain(value: Any, node: Node) -> Cell:
    """Convert a value to text, list of texts, or list of language structs."""
    kind = type(value)
    if value is None or kind is str:
        return value
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is dict:
        if not all(type(text) is str for text in value.values()):
            raise node.wrong("A text in several languages has a text for each.")
        return [{"language": language, "text": text} for language, text in value.items()] or None
    cells = [plain(element, node.at(index)) for index, element in enumerate(value)]
    if any(type(cell) is list and cell and type(cell[0]) is not dict for cell in cells):
        raise node.wrong("Arrays within arrays are beyond what an attribute of data can hold.")
    return [cell for cell in cells if cell is not None] or None


def walk(rows: Sequence[list[Any]], width: int) -> Iterator[list[Any]]:
    lengths = set(map(len, rows))
    if lengths - {width}:
        padding = [ABSENT] * width
        rows = [row + padding[len(row) :] if len(row) < width else row for row in rows]
    for index in range(width):
        yield list(map(itemgetter(index), rows))


class Absent:
    """Marks a component beyond the end of an array."""

    __slots__ = ()


ABSENT = Absent()
