"""What sections are built of: tables and figures with all their text ready, so that templates only place it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.reporting.charts import ChartLabels


@dataclass(frozen=True, slots=True)
class ReportCell:
    """One cell of a table: its text, and the note, sign, sources and links that stand with it.

    `sign` and `level` show a rating (a sign, and its name in the style sheet), `mark` is a small word beside the
    text such as “candidate”, `note` a second line, `sources` are keys of the list of sources. `links` lead elsewhere on
    the page (address and text); `anchor` is what links to this row lead to, in the first cell of the row.
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


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """The head of a column; `unit` stands below the label."""

    label: str
    is_number: bool = False
    _: KW_ONLY
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row; the first cell heads it. `kind` is empty, or ``total`` for a row set off by a rule, or ``group``."""

    cells: tuple[ReportCell, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table with its caption; `stacked` ones become one block a row on a narrow screen."""

    id: str
    caption: str
    _: KW_ONLY
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    notes: tuple[str, ...] = ()
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure: the sentence that it shows, the drawing (or none), its description, its data and its source.

    `cited` are keys of the list of sources that stand behind `source`.
    """

    id: str
    title: str
    _: KW_ONLY
    svg: str
    description: str
    data: ReportTable
    source: str = ""
    cited: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def drawn(draw: Callable[[Any, ChartLabels], str], content: object, labels: ChartLabels) -> str:
    """A drawing; nothing where what draws is not installed, so that the data and their words still stand."""
    try:
        return draw(content, labels)
    except MissingLibrary:
        return ""


def figure_of(
    labels: ChartLabels,
    draw: Callable[[Any, ChartLabels], str],
    content: object,
    *,
    data: ReportTable,
    source: str = "",
    cited: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> ReportFigure:
    """What a chart draws of its content as a figure of the report, called and described as the labels say."""
    return ReportFigure(
        labels.id,
        labels.title,
        svg=drawn(draw, content, labels),
        description=labels.description,
        data=data,
        source=source,
        cited=cited,
        notes=notes,
    )


def row(cells: Sequence[ReportCell | str], kind: str = "") -> ReportRow:
    """A row of cells, where a plain text is a cell that holds nothing else."""
    return ReportRow(tuple(cell if isinstance(cell, ReportCell) else ReportCell(cell) for cell in cells), kind)
