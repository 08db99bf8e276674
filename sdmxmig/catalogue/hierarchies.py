"""Hierarchies in CSV: ``<AGENCY>/H_<NAME>.<VERSION>.csv``.

Columns ``id``, ``parent``, ``code``, ``codelist``, ``level``, ``status``, ``source``, ``valid_from``, ``valid_to``,
names. The row without id describes the hierarchy, with levels such as ``WORLD > REGION > AREA``.
"""

from __future__ import annotations

from pathlib import Path

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.dates import first_day, last_day
from sdmxmig.catalogue.heads import head_of, origin
from sdmxmig.catalogue.naming import check_id
from sdmxmig.catalogue.rows import DeclaredRow, DeclaredRows, read_rows
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, Hierarchy, Level
from sdmxmig.sdmx.model.references import Ref

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
