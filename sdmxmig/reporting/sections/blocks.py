"""Building blocks of sections: tables and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.primitives.text import WrittenNumber
from sdmxmig.reporting.charts import ChartLabels

CODE = re.compile(r"[A-Z][A-Z0-9_]*( [A-Z0-9][A-Z0-9_.]*)?")
NO_FIGURE = "–"
"""Stands for a figure that a report does not have, whatever the office or others may publish."""
MAX_SHORT_NOTE = 30
"""Number of letters of a note that fit one line of a column."""


@dataclass(frozen=True, slots=True)
class CitedSentence:
    sentence: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A table cell.

    `sign` and `level` show a rating, `mark` a small word, `note` a second line, `sources` the source keys, `links` the
    targets; `anchor` identifies the row.
    """

    text: str = ""
    note: str = ""
    _: KW_ONLY
    mark: str = ""
    sign: str = ""
    level: str = ""
    sources: tuple[str, ...] = ()
    is_absent: bool = False
    links: tuple[tuple[str, str], ...] = ()
    anchor: str = ""

    @property
    def value(self) -> Decimal | None:
        return self.text.value if isinstance(self.text, WrittenNumber) else None

    @property
    def pattern(self) -> str:
        return self.text.pattern if isinstance(self.text, WrittenNumber) else ""

    @property
    def has_code_note(self) -> bool:
        return bool(CODE.fullmatch(self.note))

    @property
    def has_long_note(self) -> bool:
        """Check whether the note has several lines, which would not be aligned below a number."""
        return len(self.note) > MAX_SHORT_NOTE


@dataclass(frozen=True, slots=True)
class ReportColumn:
    label: str
    is_number: bool = False
    _: KW_ONLY
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row, whose first cell is its header. `kind` is empty, ``group``, or ``total`` (with a rule above)."""

    cells: tuple[ReportCell, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ReportTable:
    id: str
    caption: str
    _: KW_ONLY
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    notes: tuple[str, ...] = ()
    stacked: bool = False

    @property
    def lacks_figures(self) -> bool:
        """Check whether a figure is missing, so that a legend must explain the symbol."""
        return any(cell.is_absent and cell.text == NO_FIGURE for line in self.rows for cell in line.cells)


@dataclass(frozen=True, slots=True)
class ReportFigure:
    id: str
    title: str
    _: KW_ONLY
    svg: str
    description: str
    data: ReportTable
    source: str = ""
    cited: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def build_figure(
    labels: ChartLabels,
    svg: str,
    *,
    data: ReportTable,
    source: str = "",
    cited: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> ReportFigure:
    return ReportFigure(
        labels.id,
        labels.title,
        svg=svg,
        description=labels.description,
        data=data,
        source=source,
        cited=cited,
        notes=notes,
    )


def build_row(cells: Sequence[ReportCell | str], kind: str = "") -> ReportRow:
    return ReportRow(tuple(cell if isinstance(cell, ReportCell) else ReportCell(cell) for cell in cells), kind)
