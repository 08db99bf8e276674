"""Aggregates of hierarchies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, Hierarchy


def aggregates(hierarchy: Hierarchy, valid_on: str = "") -> dict[str, tuple[str, ...]]:
    """Return the leaf codes of each code, in tree order.

    `valid_on` is a date (``2024-01-01``). Codes reached twice count once. Raises `DeclarationError` for contradictions
    and circles.
    """
    children_by_code: dict[str, tuple[str, ...]] = {}
    lists: dict[str, str] = {}
    for node in _nodes(hierarchy.codes, valid_on):
        code, owner = node.code.item, node.code.scheme.short
        if lists.setdefault(code, owner) != owner:
            message = f"“{code}” is a code of {lists[code]} and of {owner}."
            raise DeclarationError(message, hierarchy.place, "Make a hierarchy for each list.")
        children = tuple(child.code.item for child in node.children if _is_valid(child, valid_on))
        if children and children_by_code.setdefault(code, children) != children:
            message = f"“{code}” has different codes below it in two places of {hierarchy.ref.short}."
            raise DeclarationError(message, hierarchy.place, "Make two hierarchies of it.")
    return {code: tuple(dict.fromkeys(_leaves(code, children_by_code, (), hierarchy))) for code in children_by_code}


def _nodes(codes: tuple[HierarchicalCode, ...], valid_on: str) -> Iterator[HierarchicalCode]:
    for hierarchical_code in codes:
        if _is_valid(hierarchical_code, valid_on):
            yield hierarchical_code
            yield from _nodes(hierarchical_code.children, valid_on)


def _is_valid(node: HierarchicalCode, valid_on: str) -> bool:
    if not valid_on:
        return True
    return node.valid_from[:10] <= valid_on and (not node.valid_to or valid_on <= node.valid_to[:10])


def _leaves(
    code: str, children_by_code: Mapping[str, tuple[str, ...]], ancestors: tuple[str, ...], hierarchy: Hierarchy
) -> Iterator[str]:
    if code in ancestors:
        raise DeclarationError(
            f"“{code}” stands below itself in {hierarchy.ref.short}.", hierarchy.place, "Take it out there."
        )
    if code not in children_by_code:
        yield code
    for child in children_by_code.get(code, ()):
        yield from _leaves(child, children_by_code, (*ancestors, code), hierarchy)
