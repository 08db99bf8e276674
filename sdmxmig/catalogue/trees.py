"""Trees: the items of a scheme and the nodes of a hierarchy, each after the one above it, with how deep it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.model.artefacts import Item, ItemScheme
from sdmxmig.model.structures import HierarchicalCode


def in_tree(scheme: ItemScheme) -> Iterator[tuple[int, Item]]:
    """The items of a scheme with their depth, in their order; one whose parent is elsewhere stands on top."""
    key = {id(item): path_in(item, scheme) for item in scheme}
    known = set(key.values())
    below: dict[str, list[Item]] = {}
    for item in scheme:
        below.setdefault(item.parent if item.parent in known else "", []).append(item)

    def down(parent: str, depth: int) -> Iterator[tuple[int, Item]]:
        for item in below.pop(parent, ()):
            yield depth, item
            yield from down(key[id(item)], depth + 1)

    yield from down("", 0)


def path_in(item: Item, scheme: ItemScheme) -> str:
    """The id of an item in its scheme; that of a category tells those above it."""
    return f"{item.parent}.{item.id}" if scheme.ref.kind == "CategoryScheme" and item.parent else item.id


def with_depth(nodes: Sequence[HierarchicalCode], depth: int = 0) -> Iterator[tuple[int, HierarchicalCode]]:
    """All nodes of a hierarchy with their depth."""
    for node in nodes:
        yield depth, node
        yield from with_depth(node.children, depth + 1)
