"""What goes into a copy, whatever the workbook is made from: its sheets, styles and names, and what was left out."""

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
"""Signs that a sheet name has not; a name with brackets would be taken for one of another file."""


@dataclass(slots=True)
class CopyLosses:
    """What is not in a copy: what the workbook runs and shows, from where it fetches, links, formulas, comments, looks.

    `formulas` are those of which only the values are there, `links` those of cells, `remarks` comments of ours beyond
    what programs show; with `looks` the copy has none of the office's fonts and frames.
    """

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
    """A sheet as it goes into the copy: its title there, the name that it had, and what is written of it.

    `pieces` gives the rows anew each time; `wrapper` is a start tag that declares what they use.
    """

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
        """The cell that is seen at an address: the first one of a merged cell, else itself."""
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
    """A workbook as it goes into its copy."""

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
        """The sheets to which formulas may refer: those that kept their name."""
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
