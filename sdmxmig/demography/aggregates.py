"""Aggregates of hierarchies: which codes add up to a total, so that no total is typed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.errors import DeclarationError
from sdmxmig.model.hierarchies import HierarchicalCode, Hierarchy


def aggregates(hierarchy: Hierarchy, at: str = "") -> dict[str, tuple[str, ...]]:
    """The codes at the bottom that add up to each code above, in the order of the tree, each of them once.

    `at` is a date (``2024-01-01``): nodes that are not valid then, and what lies below them, do not count; without
    it all count. A code that is a leaf in one place and has codes below it in another stands for these everywhere.
    A code that is reached by two ways counts once.

    Raises `DeclarationError` for a code with different codes below it in two places, for codes of two lists with one
    id, and for a code that stands below itself.
    """
    below: dict[str, tuple[str, ...]] = {}
    lists: dict[str, str] = {}
    for node in _nodes(hierarchy.codes, at):
        code, owner = node.code.item, node.code.scheme.short
        if lists.setdefault(code, owner) != owner:
            message = f"“{code}” is a code of {lists[code]} and of {owner}."
            raise DeclarationError(message, hierarchy.place, "Make a hierarchy for each list.")
        children = tuple(child.code.item for child in node.children if _is_valid(child, at))
        if children and below.setdefault(code, children) != children:
            message = f"“{code}” has different codes below it in two places of {hierarchy.ref.short}."
            raise DeclarationError(message, hierarchy.place, "Make two hierarchies of it.")
    return {code: tuple(dict.fromkeys(_leaves(code, below, (), hierarchy))) for code in below}


def _nodes(codes: tuple[HierarchicalCode, ...], at: str) -> Iterator[HierarchicalCode]:
    for hierarchical_code in codes:
        if _is_valid(hierarchical_code, at):
            yield hierarchical_code
            yield from _nodes(hierarchical_code.children, at)


def _is_valid(node: HierarchicalCode, at: str) -> bool:
    if not at:
        return True
    return node.valid_from[:10] <= at and (not node.valid_to or at <= node.valid_to[:10])


def _leaves(code: str, below: Mapping[str, tuple[str, ...]], above: tuple[str, ...], of: Hierarchy) -> Iterator[str]:
    if code in above:
        raise DeclarationError(f"“{code}” stands below itself in {of.ref.short}.", of.place, "Take it out there.")
    if code not in below:
        yield code
    for child in below.get(code, ()):
        yield from _leaves(child, below, (*above, code), of)
