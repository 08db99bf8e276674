"""Trees of schemes and hierarchies, in order with depth.

Aggregates of hierarchies. Hierarchies in CSV: ``<AGENCY>/H_<NAME>.<VERSION>.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.heads import head_of, origin
from sdmxmig.catalogue.rows import DeclaredRow, DeclaredRows, check_id, first_day, last_day, read_rows
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCode, Hierarchy, Level


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


COLUMNS = ("id", "parent", "code", "codelist", "level", "status", "source", "valid_from", "valid_to", "external")


def read_hierarchy(file: Path, content: bytes, index: ArtefactIndex) -> Hierarchy:
    """Read a hierarchy; raises `DeclarationError` with the line."""
    rows = read_rows(file, content, "Hierarchy", COLUMNS)
    head = head_of(rows)
    default = index.ref(rows.head["codelist"], "Codelist", rows.head.place) if rows.head["codelist"] else None
    levels = [level.strip() for level in rows.head["level"].split(">") if level.strip()]
    children: dict[str, list[DeclaredRow]] = {"": []}
    codes: dict[str, Ref] = {}
    for row in rows.rows:
        check_node(row, rows, children, levels)
        codes[row["id"]] = code_of(row, default, index)
        children[row["id"]] = []
        children[row["parent"]].append(row)
    return Hierarchy(
        codes=tree("", children, codes),
        levels=level_of(levels),
        formal_levels=bool(levels) and all(row["level"] for row in rows.rows),
        **head.shared(),
    )


def check_node(
    row: DeclaredRow, rows: DeclaredRows, nodes_above: dict[str, list[DeclaredRow]], levels: list[str]
) -> None:
    check_id("HierarchicalCode", row["id"], row.place)
    if row["id"] in nodes_above:
        first_line = next(earlier.place.line for earlier in rows.rows if earlier["id"] == row["id"])
        raise DeclarationError(f"“{row['id']}” stands twice.", row.place, f"See line {first_line}.")
    if row["parent"] not in nodes_above:
        message = f"The parent “{row['parent']}” of “{row['id']}” does not stand above it."
        raise DeclarationError(
            message, row.place, did_you_mean(row["parent"], [node_id for node_id in nodes_above if node_id])
        )
    if row["level"]:
        check_known("level", row["level"], levels, row.place)
    if row.texts("name") or row.texts("description"):
        hint = "Leave names and descriptions to the codelist."
        raise DeclarationError(f"“{row['id']}” has a name of its own.", row.place, hint)


def code_of(row: DeclaredRow, default: Ref | None, index: ArtefactIndex) -> Ref:
    name = row["code"] or row["id"]
    if ":" in name:
        return index.item(name, "Code", row.place)
    if default is None:
        hint = "Name the list in the column codelist of the first row, or write AGENCY:CL_X(VERSION).CODE."
        raise DeclarationError(f"Of which list is the code “{name}”?", row.place, hint)
    index.check_items(default, [name], row.place)
    return Ref("Code", default.agency, id=default.id, version=default.version, item=name)


def tree(parent: str, children: dict[str, list[DeclaredRow]], codes: dict[str, Ref]) -> tuple[HierarchicalCode, ...]:
    """The nodes below a node, in the order of the file."""
    return tuple(
        HierarchicalCode(
            row["id"],
            codes[row["id"]],
            level=row["level"],
            children=tree(row["id"], children, codes),
            valid_from=first_day(row["valid_from"], row.place),
            valid_to=last_day(row["valid_to"], row.place),
            annotations=(
                *origin(row.status if row["status"] else "", row["source"]),
                *row.notes,
            ),
        )
        for row in children[parent]
    )


def level_of(names: list[str]) -> Level | None:
    level: Level | None = None
    for name in reversed(names):
        level = Level(name, Text.of(en=name), below=level)
    return level
