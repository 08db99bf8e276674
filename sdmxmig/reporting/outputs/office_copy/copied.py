"""Content of a copied workbook."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.io.workbook_bytes import free_title
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.office_copy.comments import Remark
from sdmxmig.reporting.outputs.office_copy.styles import StyleBook
from sdmxmig.sdmx.model.tables import Cell, Range

NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]|^'|'$")


@dataclass(slots=True)
class CopyLosses:
    """Content missing from a copy; `formulas` became values; `remarks` exceed limits."""

    running: bool = False
    shown: bool = False
    _: KW_ONLY
    sources: bool = False
    formulas: int = 0
    links: int = 0
    remarks: int = 0
    looks: bool = False


@dataclass(frozen=True, slots=True)
class CopiedSheet:
    """A copied sheet; `pieces` yields its rows."""

    title: str
    original_name: str
    _: KW_ONLY
    place: Place
    before: bytes
    behind: bytes
    wrapper: bytes
    pieces: Callable[[], Iterator[bytes]]
    merged: tuple[Range, ...] = ()
    state: str = ""
    remarks: Mapping[Cell, Remark] = field(default_factory=dict)

    def shown_at(self, cell: Cell) -> Cell:
        row, column = cell
        for rectangle in self.merged:
            if (
                rectangle.first_row <= row <= rectangle.last_row
                and rectangle.first_column <= column <= rectangle.last_column
            ):
                return rectangle.first_row, rectangle.first_column
        return cell


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name that stands for cells of the workbook; `sheet` is the number of the sheet that has it for itself."""

    name: str
    cells: str
    _: KW_ONLY
    sheet: int | None = None


@dataclass(frozen=True, slots=True)
class CopySource:
    """A workbook to copy."""

    sheets: Sequence[CopiedSheet]
    styles: StyleBook
    _: KW_ONLY
    losses: CopyLosses
    names: Sequence[DefinedName] = ()
    theme: bytes = b""
    strings: Callable[[], Iterator[bytes]] | None = None
    since_1904: bool = False
    calculates: bool = False

    @property
    def titles(self) -> Collection[str]:
        return frozenset(
            copied_sheet.title.casefold()
            for copied_sheet in self.sheets
            if copied_sheet.title == copied_sheet.original_name
        )


def titled(names: Iterable[str], nameless: str = "Sheet") -> list[str]:
    """Titles that sheets may have, each once, in the order of the names that are wanted.

    >>> titled(["Data", "data", "[x.xlsx]S", ""])
    ['Data', 'data 2', ' x.xlsx S', 'Sheet']
    """
    titles: list[str] = []
    for name in names:
        titles.append(free_title(titles, NOT_IN_TITLES.sub(" ", name) or nameless))
    return titles
