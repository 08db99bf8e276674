"""Tables, and their columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import ceil
from typing import Any, TypeVar

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.wording import Wording

T = TypeVar("T")


def choose_text_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(wording.say(head)) for head in heads)


def choose_number_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(wording.say(head), is_number=True) for head in heads)


def build_table(
    name: str,
    caption: str,
    heads: Iterable[str | ReportColumn],
    rows: Iterable[ReportRow | Sequence[ReportCell | str]],
    wording: Wording,
    *,
    numbers: Collection[int] = (),
    notes: Iterable[str] = (),
    stacked: bool = False,
) -> ReportTable:
    """Build a table from rows or cells; `numbers` are the positions of numeric columns."""
    return ReportTable(
        name,
        caption,
        columns=tuple(
            head if isinstance(head, ReportColumn) else ReportColumn(wording.say(head), place in numbers)
            for place, head in enumerate(heads)
        ),
        rows=tuple(row if isinstance(row, ReportRow) else build_row(row) for row in rows),
        notes=tuple(notes),
        stacked=stacked,
    )


def tabulate(
    name: str,
    caption: str,
    heads: Iterable[str | ReportColumn],
    rows: Iterable[ReportRow | Sequence[ReportCell | str]],
    wording: Wording,
    **options: Any,
) -> ReportTable | None:
    table = build_table(name, caption, heads, rows, wording, **options)
    return table if table.rows else None


def split_evenly(members: Sequence[T], most: int) -> list[Sequence[T]]:
    """Split members into as few parts as possible, of similar size and at most `most` each.

    >>> split_evenly("abcdefg", 3)
    ['abc', 'def', 'g']
    >>> split_evenly("abcdefgh", 6), split_evenly("", 6)
    (['abcd', 'efgh'], [])
    """
    size = ceil(len(members) / ceil(len(members) / most)) if members else most
    return [members[first : first + size] for first in range(0, len(members), size)]
