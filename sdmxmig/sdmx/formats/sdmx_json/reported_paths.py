"""Attributes of reference metadata in data messages; repeated values are nested in arrays by step of the path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.metadata_versions import AttributeNode, Attributes, Path, build_attributes, split_instances
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.versions import LANGUAGE
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

KIND = "MetadataAttribute"
PATH_MEMBER = "x-path"
"""The member for the path of an attribute without a metadata structure."""

Ids = tuple[str, ...]


def read_path(listed: Node) -> Ids:
    """Return the path of a reference metadata attribute by its URN or dotted id; () for other attributes."""
    name = listed.text(PATH_MEMBER) or listed.text("id")
    ref = read_reference(listed)
    if ref is not None:
        name = ref.item
    elif name == listed.value.get("id") and PATH_MEMBER not in listed.value and "." not in name:
        return ()
    ids = tuple(name.split("."))
    if not all(ids):
        raise listed.wrong(f"“{name}” is not a path of an attribute.", "Write it as CONTACT.NAME.")
    return ids


def read_reference(listed: Node) -> Ref | None:
    for link in listed.elements("links"):
        urn = link.text("urn")
        try:
            ref = Ref.parse(urn) if KIND in urn else None
        except DeclarationError:
            continue
        if ref is not None and ref.kind == KIND and ref.item:
            return ref
    return None


def count_arrays(cell: Any, node: Node) -> int:
    if type(cell) is list:
        depths = {count_arrays(element, node.at(index)) for index, element in enumerate(cell) if element is not None}
        if len(depths) > 1:
            raise node.wrong("Some of these values are in arrays, others are not.")
        return 1 + (depths.pop() if depths else 0)
    if type(cell) is dict:
        for language, text in cell.items():
            if not LANGUAGE.fullmatch(language) or type(text) is not str:
                raise node.at(language).wrong(f"This is not text in the language “{language[:80]}”.")
    return 0


def list_leaves(cell: Any, numbers: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    if type(cell) is not list:
        yield numbers, cell
        return
    for number, element in enumerate(cell):
        if element is not None:
            yield from list_leaves(element, (*numbers, number))


def build_reported_attributes(cells: Iterable[tuple[Ids, Any]]) -> tuple[ReportedAttribute, ...]:
    """Build attributes from cells and paths; if a path has more steps than arrays, the last ones repeat."""
    root = AttributeNode()
    for ids, cell in cells:
        for numbers, value in list_leaves(cell):
            grown = root.reached(ids, (*(0 for _ in ids[len(numbers) :]), *numbers))
            if type(value) is dict:
                grown.text = Text(tuple(value.items()))
            elif type(value) is bool:
                grown.values = ("true" if value else "false",)
            else:
                grown.values = (str(value),)
    return build_attributes(root.below)


def build_cell(attributes: Attributes, path: Path, level: int = 0) -> Any:
    matching = [attribute for attribute in split_instances(attributes) if attribute.id == path.ids[level]]
    is_last = level + 1 == len(path.ids)
    cells = [
        build_leaf(attribute) if is_last else build_cell(attribute.attributes, path, level + 1)
        for attribute in matching
    ]
    if any(path.many):
        return cells if any(cell is not None for cell in cells) else None
    return cells[0] if cells else None


def build_leaf(attribute: ReportedAttribute) -> str | dict[str, str] | None:
    text = attribute.text or attribute.structured
    if text:
        return dict(text)
    return attribute.values[0] if attribute.values else None
