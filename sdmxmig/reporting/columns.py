"""The heads of tables: columns of texts, and columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.reporting.blocks import ReportColumn
from sdmxmig.reporting.wording import Wording


def text_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    """Columns of texts with these heads, in the language of the report."""
    return tuple(ReportColumn(wording.say(head)) for head in heads)


def number_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    """Columns of numbers with these heads, in the language of the report."""
    return tuple(ReportColumn(wording.say(head), is_number=True) for head in heads)
