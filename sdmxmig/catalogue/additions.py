"""Codes added to lists by a workspace.

``codelists/SDMX/CL_AREA.2.0+.csv`` adds rows, annotated as additions. Lists of other agencies allow only user-assigned
codes (``structures/added_codes.toml``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sdmxmig.catalogue.evidence import declared_file
from sdmxmig.catalogue.item_schemes import COLUMNS, item_of
from sdmxmig.catalogue.rows import DeclaredRow, read_rows
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text

SUFFIX = "+.csv"
"""How the names of files end that add to a list."""
RULES = "added_codes.toml"
OWN = "SDMXMIG"
ADDED = "ADDED"
"""The type of the annotation that marks an added code."""


def is_addition(file: Path) -> bool:
    """Whether a file adds to a list instead of declaring one.

    >>> is_addition(Path("SDMX/CL_AREA.2.0+.csv")), is_addition(Path("SDMX/CL_AREA.2.0.csv"))
    (True, False)
    """
    return file.name.endswith(SUFFIX)


def with_additions(
    schemes: Sequence[tuple[ItemScheme, bytes]], files: Sequence[tuple[Path, bytes]], structures: Sequence[Path]
) -> list[tuple[ItemScheme, bytes]]:
    """Add codes to schemes; raises `DeclarationError` for unknown lists, duplicates and reserved codes."""
    ranges = allowed_ranges(structures)
    extended = {scheme.ref.short: (scheme, content) for scheme, content in schemes}
    for path, content in files:
        name = path.name.removesuffix(SUFFIX)
        short = f"{path.parent.name}:{name.partition('.')[0]}({name.partition('.')[2]})"
        if short not in extended:
            raise DeclarationError(f"There is no list {short}.", Place(path.name), did_you_mean(short, extended))
        scheme, declared = extended[short]
        extended[short] = extend(scheme, added_rows(path, content, scheme), ranges.get(short, ())), declared
    return list(extended.values())


def added_rows(path: Path, content: bytes, scheme: ItemScheme) -> list[DeclaredRow]:
    list_file = path.with_name(f"{path.name.removesuffix(SUFFIX)}.csv")
    try:
        rows = read_rows(list_file, content, scheme.ref.kind, COLUMNS).rows
    except DeclarationError as error:
        place = replace(error.place, file=path.name) if error.place else Place(path.name)
        raise DeclarationError(error.message, place, error.hint) from None
    return [replace(row, place=Place(path.name, line=row.place.line)) for row in rows]


def extend(scheme: ItemScheme, rows: Sequence[DeclaredRow], ranges: Sequence[str]) -> ItemScheme:
    """A scheme with added rows behind its own."""
    codes = {item.id for item in scheme}
    added: list[Item] = []
    for row in rows:
        code = row["id"]
        if code in codes:
            hint = "A file that adds to a list cannot change it."
            raise DeclarationError(f"“{code}” is already in {scheme.ref.short}.", row.place, hint)
        if scheme.ref.agency != OWN and not is_left_to_users(code, ranges):
            hint = f"Only these are left to users: {', '.join(ranges)}." if ranges else f"{scheme.ref.agency} keeps it."
            raise DeclarationError(f"“{code}” may not be added to {scheme.ref.short}.", row.place, hint)
        if row["parent"] and row["parent"] not in codes:
            message = f"The parent “{row['parent']}” of “{code}” is not in the list."
            raise DeclarationError(message, row.place, did_you_mean(row["parent"], codes))
        codes.add(code)
        added.append(marked(item_of(row, scheme.ref.kind), scheme))
    return replace(scheme, items=(*scheme.items, *added))


def marked(item: Item, scheme: ItemScheme) -> Item:
    note = Annotation(ADDED, Text.of(en=f"Added by the sender; not part of the published {scheme.ref.short}."))
    return replace(item, annotations=(*item.annotations, note))


def is_left_to_users(code: str, ranges: Collection[str]) -> bool:
    """Whether one of some ranges of codes, ends included, holds a code.

    >>> is_left_to_users("XB", ["AA", "XA–XJ"]), is_left_to_users("XK", ["XA–XJ"]), is_left_to_users("AA", ["AA"])
    (True, False, True)
    """
    ends = [(first, last or first) for first, _, last in (text.partition("–") for text in ranges)]
    return any(len(code) == len(first) and first <= code <= last for first, last in ends)


def allowed_ranges(structures: Sequence[Path]) -> Mapping[str, tuple[str, ...]]:
    """The codes that may be added to lists of other agencies, by the short name of the list."""
    declared = declared_file(structures, RULES)
    if declared is None:
        return {}
    ranges = {}
    for table in declared.tables("list"):
        ranges[table.text("list")] = table.strings("ranges")
        table.text("source"), table.text("status")
        table.close()
    declared.close()
    return ranges
