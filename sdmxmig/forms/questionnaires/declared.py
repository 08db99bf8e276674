"""Questionnaire layouts (``templates/questionnaire/tables.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.declarations import Declared

FILE = "tables.toml"


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Codes of a list in tables."""

    codes: tuple[str, ...] = ()
    hierarchy: str = ""
    _: KW_ONLY
    leaves: bool = False
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layouts:
    """All layouts; `by_column` attributes have a cell per column."""

    tables: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    _: KW_ONLY
    by_column: tuple[str, ...]
    most_rows: int
    fixed: Mapping[str, str]
    defaults: Mapping[str, str]
    lists: Mapping[str, ListLayout]
    metadata: str


def read_layouts(name: str, content: bytes) -> Layouts:
    """Read layouts; raises `DeclarationError`."""
    declared = Declared.parse(name, content)
    lists = declared.table("lists")
    tables = declared.tables("table")
    layouts = Layouts(
        tuple(table.strings("rows", None) for table in tables),
        declared.strings("columns"),
        by_column=declared.strings("by_column"),
        most_rows=declared.integer("most_rows", 2000),
        fixed=declared.table("fixed").pairs(),
        defaults=declared.table("defaults").pairs(),
        lists={key: read_list(lists.table(key)) for key in lists.values},
        metadata=declared.text("metadata", ""),
    )
    for section in (*tables, lists, declared):
        section.close()
    return layouts


def read_list(declared: Declared) -> ListLayout:
    layout = ListLayout(
        declared.strings("codes"),
        declared.text("hierarchy", ""),
        leaves=declared.flag("leaves", default=False),
        last=declared.strings("last"),
    )
    declared.close()
    return layout
