"""Trees of schemes and hierarchies, in order with depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue.aggregates import aggregates
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, Hierarchy
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact


def in_tree(scheme: ItemScheme) -> Iterator[tuple[int, Item]]:
    key = {id(item): path_in(item, scheme) for item in scheme}
    known_ids = set(key.values())
    children: dict[str, list[Item]] = {}
    for item in scheme:
        children.setdefault(item.parent if item.parent in known_ids else "", []).append(item)

    def down(parent: str, depth: int) -> Iterator[tuple[int, Item]]:
        for item in children.pop(parent, ()):
            yield depth, item
            yield from down(key[id(item)], depth + 1)

    yield from down("", 0)


def path_in(item: Item, scheme: ItemScheme) -> str:
    return f"{item.parent}.{item.id}" if scheme.ref.kind == "CategoryScheme" and item.parent else item.id


def with_depth(nodes: Sequence[HierarchicalCode], depth: int = 0) -> Iterator[tuple[int, HierarchicalCode]]:
    for node in nodes:
        yield depth, node
        yield from with_depth(node.children, depth + 1)


def code_names(artefacts: Mapping[Ref, Artefact], tree: Hierarchy) -> Mapping[Ref, Text]:
    """The names of the codes of a hierarchy."""
    schemes: dict[Ref, Mapping[str, Text]] = {}
    names: dict[Ref, Text] = {}
    for _, node in with_depth(tree.codes):
        owner = node.code.scheme
        if owner not in schemes:
            scheme = artefacts.get(owner)
            schemes[owner] = {item.id: item.name for item in scheme} if isinstance(scheme, ItemScheme) else {}
        names[node.code] = schemes[owner].get(node.code.item, Text())
    return names


def sums(item: Item, scheme: Ref, artefacts: Mapping[Ref, Artefact]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for tree in (hierarchy for hierarchy in artefacts.values() if isinstance(hierarchy, Hierarchy)):
        if any(node.code.scheme == scheme and node.code.item == item.id for _, node in with_depth(tree.codes)):
            parts = aggregates(tree).get(item.id)
            if parts:
                yield tree.ref.id, parts
