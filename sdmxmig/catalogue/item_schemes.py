"""Item schemes (``<AGENCY>/<ID>.<VERSION>.csv``), hierarchies (``H_<NAME>.<VERSION>.csv``), and their trees.

The row without an id describes the scheme. Columns: ``id``, ``parent``, ``name_en``, ``description_en``, ``status``,
``source``, ``valid_from``, ``valid_to``, ``@X`` (see `rows`); concepts also ``codelist``, ``type``. Scheme row:
``partial``, ``external``, ``kind`` (``Codelist``). Parents of categories are paths (``A.B``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue.artefact_heads import ArtefactIndex, build_head, parse_reference
from sdmxmig.catalogue.benchmarking import read_declared_file
from sdmxmig.catalogue.rows import DeclaredRow, DeclaredRows, check_id, find_first_day, find_last_day, read_rows
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.structures.notes import build_origin_notes
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCode, Hierarchy, Level, MetadataAttribute


def walk_tree(scheme: ItemScheme) -> Iterator[tuple[int, Item]]:
    key = {id(item): write_path(item, scheme) for item in scheme}
    known_ids = set(key.values())
    children: dict[str, list[Item]] = {}
    for item in scheme:
        children.setdefault(item.parent if item.parent in known_ids else "", []).append(item)

    def down(parent: str, depth: int) -> Iterator[tuple[int, Item]]:
        for item in children.pop(parent, ()):
            yield depth, item
            yield from down(key[id(item)], depth + 1)

    yield from down("", 0)


def write_path(item: Item, scheme: ItemScheme) -> str:
    return item.path if scheme.ref.kind == "CategoryScheme" else item.id


Node = TypeVar("Node", HierarchicalCode, MetadataAttribute)


def walk_with_depth(nodes: Sequence[Node], depth: int = 0) -> Iterator[tuple[int, Node]]:
    for node in nodes:
        yield depth, node
        yield from walk_with_depth(node.children, depth + 1)


def list_sums(item: Item, scheme: Ref, artefacts: Mapping[Ref, Artefact]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for tree in (hierarchy for hierarchy in artefacts.values() if isinstance(hierarchy, Hierarchy)):
        if any(node.code.scheme == scheme and node.code.item == item.id for _, node in walk_with_depth(tree.codes)):
            parts = index_aggregates(tree).get(item.id)
            if parts:
                yield tree.ref.id, parts


def index_aggregates(hierarchy: Hierarchy) -> dict[str, tuple[str, ...]]:
    """Return the leaf codes of each code once, in tree order; raise `DeclarationError` for cycles."""
    children_by_code: dict[str, tuple[str, ...]] = {}
    lists: dict[str, str] = {}
    for _, node in walk_with_depth(hierarchy.codes):
        code, owner = node.code.item, node.code.scheme.short
        if lists.setdefault(code, owner) != owner:
            message = f"“{code}” is a code of {lists[code]} and of {owner}."
            raise DeclarationError(message, hierarchy.place, "Make a hierarchy for each list.")
        children = tuple(child.code.item for child in node.children)
        if children and children_by_code.setdefault(code, children) != children:
            message = f"“{code}” has different codes below it in two places of {hierarchy.ref.short}."
            raise DeclarationError(message, hierarchy.place, "Split it into two hierarchies.")
    return {
        code: tuple(dict.fromkeys(_list_leaves(code, children_by_code, (), hierarchy))) for code in children_by_code
    }


def _list_leaves(
    code: str, children_by_code: Mapping[str, tuple[str, ...]], ancestors: tuple[str, ...], hierarchy: Hierarchy
) -> Iterator[str]:
    if code in ancestors:
        raise DeclarationError(
            f"“{code}” is its own descendant in {hierarchy.ref.short}.", hierarchy.place, "Remove it there."
        )
    if code not in children_by_code:
        yield code
    for child in children_by_code.get(code, ()):
        yield from _list_leaves(child, children_by_code, (*ancestors, code), hierarchy)


TREE_COLUMNS = ("id", "parent", "code", "codelist", "level", "status", "source", "valid_from", "valid_to", "external")


def read_hierarchy(file: Path, content: bytes, index: ArtefactIndex) -> Hierarchy:
    rows = read_rows(file, content, "Hierarchy", TREE_COLUMNS)
    head = build_head(rows)
    default = index.ref(rows.head["codelist"], "Codelist", rows.head.place) if rows.head["codelist"] else None
    levels = [level.strip() for level in rows.head["level"].split(">") if level.strip()]
    children: dict[str, list[DeclaredRow]] = {"": []}
    codes: dict[str, Ref] = {}
    for row in rows.rows:
        check_node(row, rows, children, levels)
        codes[row["id"]] = find_code(row, default, index)
        children[row["id"]] = []
        children[row["parent"]].append(row)
    return Hierarchy(
        codes=list_tree("", children, codes),
        levels=find_level(levels),
        formal_levels=bool(levels) and all(row["level"] for row in rows.rows),
        **head.shared(),
    )


def check_node(
    row: DeclaredRow, rows: DeclaredRows, nodes_above: dict[str, list[DeclaredRow]], levels: list[str]
) -> None:
    check_id("HierarchicalCode", row["id"], row.place)
    if row["id"] in nodes_above:
        first_line = next(earlier.place.line for earlier in rows.rows if earlier["id"] == row["id"])
        raise DeclarationError(f"“{row['id']}” occurs twice.", row.place, f"See line {first_line}.")
    if row["parent"] not in nodes_above:
        message = f"The parent “{row['parent']}” of “{row['id']}” is not in a row above."
        raise DeclarationError(
            message, row.at("parent"), did_you_mean(row["parent"], [node_id for node_id in nodes_above if node_id])
        )
    if row["level"]:
        check_known("level", row["level"], levels, row.at("level"))
    if row.texts("name") or row.texts("description"):
        hint = "Names and descriptions come from the codelist."
        raise DeclarationError(f"“{row['id']}” must not have its own name.", row.place, hint)


def find_code(row: DeclaredRow, default: Ref | None, index: ArtefactIndex) -> Ref:
    name = row["code"] or row["id"]
    if ":" in name:
        return index.item(name, "Code", row.at("code"))
    if default is None:
        hint = "Name the list in the column codelist of the first row, or write AGENCY:CL_X(VERSION).CODE."
        raise DeclarationError(f"The codelist of “{name}” is not stated.", row.place, hint)
    index.check_items(default, [name], row.place)
    return Ref("Code", default.agency, id=default.id, version=default.version, item=name)


def list_tree(
    parent: str, children: dict[str, list[DeclaredRow]], codes: dict[str, Ref]
) -> tuple[HierarchicalCode, ...]:
    return tuple(
        HierarchicalCode(
            row["id"],
            codes[row["id"]],
            level=row["level"],
            children=list_tree(row["id"], children, codes),
            valid_from=find_first_day(row["valid_from"], row.place),
            valid_to=find_last_day(row["valid_to"], row.place),
            annotations=(*build_origin_notes(row.status if row["status"] else "", row["source"]), *row.notes),
        )
        for row in children[parent]
    )


def find_level(names: list[str]) -> Level | None:
    level: Level | None = None
    for name in reversed(names):
        level = Level(name, Text.of(en=name), below=level)
    return level


COLUMNS = (
    "id",
    "parent",
    "status",
    "source",
    "valid_from",
    "valid_to",
    "codelist",
    "type",
    "partial",
    "external",
    "kind",
)
ORGANISATION_KINDS = {
    "AGENCIES": "AgencyScheme",
    "DATA_PROVIDERS": "DataProviderScheme",
    "METADATA_PROVIDERS": "MetadataProviderScheme",
}
KIND_BY_PREFIX = {"CL_": "Codelist", "CAT_": "CategoryScheme", "H_": "Hierarchy"}


def find_scheme_kind(scheme_id: str) -> str:
    """Return the kind of artefact from the id of a CSV file.

    >>> (find_scheme_kind("CL_SEX"), find_scheme_kind("H_AREA"),
    ...  find_scheme_kind("DATA_PROVIDERS"), find_scheme_kind("CS_MIG"))
    ('Codelist', 'Hierarchy', 'DataProviderScheme', 'ConceptScheme')
    """
    by_prefix = next((kind for prefix, kind in KIND_BY_PREFIX.items() if scheme_id.startswith(prefix)), "ConceptScheme")
    return ORGANISATION_KINDS.get(scheme_id, by_prefix)


@lru_cache(maxsize=512)  # the catalogue is read again after declarations change; shipped files do not
def read_item_scheme(file: Path, content: bytes) -> ItemScheme:
    rows = read_rows(file, content, find_scheme_kind(file.name.partition(".")[0]), COLUMNS)
    if kind := rows.head["kind"]:
        if kind not in KIND_BY_PREFIX.values() or kind == "Hierarchy":
            hint = did_you_mean(kind, ("Codelist", "CategoryScheme"))
            raise DeclarationError(f"“{kind}” is not a kind of item scheme.", rows.head.place, hint)
        rows = replace(rows, ref=replace(rows.ref, kind=kind))
    if rows.ref.kind in ORGANISATION_KINDS.values() and rows.ref.version != "1.0":
        hint = f"Call the file {rows.ref.id}.1.0.csv."
        raise DeclarationError("SDMX fixes the version of this scheme to 1.0.", rows.place, hint)
    head = build_head(rows)
    items = tuple(read_item(row, rows.ref.kind) for row in rows.rows)
    check_items(items, rows.rows, by_path=rows.ref.kind == "CategoryScheme")
    return ItemScheme(items=items, partial=rows.head["partial"] == "yes", **head.add_origin())


def read_item(row: DeclaredRow, kind: str) -> Item:
    check_id(ITEM_KINDS[kind], row["id"], row.place)
    name = row.texts("name")
    if not name:
        raise DeclarationError(f"“{row['id']}” has no name.", row.at("name_en"))
    return Item(
        row["id"],
        name,
        description=row.texts("description"),
        parent=row["parent"],
        status=row.status,
        source=row["source"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        codelist=parse_reference(row["codelist"], "Codelist", row.at("codelist")) if row["codelist"] else None,
        data_type=row["type"],
        annotations=row.notes,
    )


def check_items(items: Iterable[Item], rows: Iterable[DeclaredRow], *, by_path: bool) -> None:
    lines: dict[str, int] = {}
    placed = [(item.path if by_path else item.id, item, row) for item, row in zip(items, rows, strict=True)]
    for name, _, row in placed:
        if name in lines:
            raise DeclarationError(f"“{name}” occurs twice.", row.place, f"See line {lines[name]}.")
        lines[name] = row.place.line
    for _, item, row in placed:
        if item.parent and item.parent not in lines:
            message = f"The parent “{item.parent}” of “{item.id}” is not in the list."
            raise DeclarationError(message, row.at("parent"), did_you_mean(item.parent, lines))


def check_codelists(scheme: ItemScheme, files: Mapping[Path, bytes], index: ArtefactIndex) -> None:
    for item in scheme:
        if item.codelist is not None and item.codelist not in index.artefacts:
            file = (scheme.ref.agency, scheme.place.file if scheme.place else "")
            content = next((content for path, content in files.items() if path.parts[-2:] == file), b"")
            place = Place(file[1], line=find_line(content, item.codelist))
            codelist = index.find(item.codelist, place)
            raise DeclarationError("The codelist is not named in full.", place, f"Write {codelist.ref.short}.")


def find_line(content: bytes, ref: Ref) -> int:
    lines = content.decode("utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if ref.short in line), 0)


ADDITION_SUFFIX = "+.csv"
ADDED_CODES_FILE = "added_codes.toml"
OWN_AGENCY = "SDMXMIG"
ADDED_MARK = "ADDED"


def is_addition(file: Path) -> bool:
    """Check whether a file adds codes to a codelist instead of declaring one.

    >>> is_addition(Path("SDMX/CL_AREA.2.0+.csv")), is_addition(Path("SDMX/CL_AREA.2.0.csv"))
    (True, False)
    """
    return file.name.endswith(ADDITION_SUFFIX)


def add_codes(
    schemes: Iterable[ItemScheme], files: Mapping[Path, bytes], structures: Sequence[Path]
) -> list[ItemScheme]:
    ranges = read_allowed_ranges(structures)
    extended = {scheme.ref.short: scheme for scheme in schemes}
    for path, content in files.items():
        name = path.name.removesuffix(ADDITION_SUFFIX)
        short = f"{path.parent.name}:{name.partition('.')[0]}({name.partition('.')[2]})"
        if short not in extended:
            raise DeclarationError(f"There is no list {short}.", Place(path.name), did_you_mean(short, extended))
        scheme = extended[short]
        extended[short] = extend(scheme, read_added_rows(path, content, scheme), ranges.get(short, ()))
    return list(extended.values())


def read_added_rows(path: Path, content: bytes, scheme: ItemScheme) -> list[DeclaredRow]:
    list_file = path.with_name(f"{path.name.removesuffix(ADDITION_SUFFIX)}.csv")
    try:
        rows = read_rows(list_file, content, scheme.ref.kind, COLUMNS).rows
    except DeclarationError as error:
        place = replace(error.place, file=path.name) if error.place else Place(path.name)
        raise DeclarationError(error.message, place, error.hint) from None
    return [replace(row, place=Place(path.name, line=row.place.line)) for row in rows]


def extend(scheme: ItemScheme, rows: Sequence[DeclaredRow], ranges: Sequence[str]) -> ItemScheme:
    codes = {item.id for item in scheme}
    added: list[Item] = []
    for row in rows:
        code = row["id"]
        if code in codes:
            hint = "A file that adds to a list cannot change it."
            raise DeclarationError(f"“{code}” is already in {scheme.ref.short}.", row.place, hint)
        if scheme.ref.agency != OWN_AGENCY and not is_user_assigned(code, ranges):
            hint = f"Users can add only these: {', '.join(ranges)}." if ranges else f"{scheme.ref.agency} maintains it."
            raise DeclarationError(f"“{code}” may not be added to {scheme.ref.short}.", row.place, hint)
        if row["parent"] and row["parent"] not in codes:
            message = f"The parent “{row['parent']}” of “{code}” is not in the list."
            raise DeclarationError(message, row.at("parent"), did_you_mean(row["parent"], codes))
        codes.add(code)
        added.append(mark_added(read_item(row, scheme.ref.kind), scheme))
    return replace(scheme, items=(*scheme.items, *added))


def mark_added(item: Item, scheme: ItemScheme) -> Item:
    note = Annotation(ADDED_MARK, Text.of(en=f"Added by the sender; not part of the published {scheme.ref.short}."))
    return replace(item, annotations=(*item.annotations, note))


def find_code_place(item: Item, place: Place) -> Place:
    return Place(f"{place.file.removesuffix('.csv')}{ADDITION_SUFFIX}") if is_added(item) else place


def is_added(item: Item) -> bool:
    return any(note.type == ADDED_MARK for note in item.annotations)


def is_user_assigned(code: str, ranges: Collection[str]) -> bool:
    """Check whether a code is in one of the ranges, including their ends.

    >>> is_user_assigned("XB", ["AA", "XA–XJ"]), is_user_assigned("XK", ["XA–XJ"]), is_user_assigned("AA", ["AA"])
    (True, False, True)
    """
    ends = [(first, last or first) for first, _, last in (text.partition("–") for text in ranges)]
    return any(len(code) == len(first) and first <= code <= last for first, last in ends)


def list_free_codes(scheme: ItemScheme, structures: Sequence[Path]) -> Iterator[str]:
    """Yield the unused user-assigned codes of another agency's codelist."""
    for text in read_allowed_ranges(structures).get(scheme.ref.short, ()):
        first, _, last = text.partition("–")
        codes = (f"{first[:-1]}{chr(letter)}" for letter in range(ord(first[-1]), ord((last or first)[-1]) + 1))
        yield from (code for code in codes if code not in scheme)


def read_allowed_ranges(structures: Sequence[Path]) -> Mapping[str, tuple[str, ...]]:
    """Return the ranges of codes that users may add to codelists of other agencies, by codelist id."""
    declared = read_declared_file(structures, ADDED_CODES_FILE)
    if declared is None:
        return {}
    ranges = {}
    for table in declared.tables("list"):
        ranges[table.text("list")] = table.strings("ranges")
        table.text("source"), table.text("status")
        table.close()
    declared.close()
    return ranges
