"""Table columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import TypeVar

from sdmxmig.reporting.sections.blocks import ReportColumn
from sdmxmig.reporting.sections.wording import Wording

T = TypeVar("T")


def choose_text_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(wording.say(head)) for head in heads)


def choose_number_columns(heads: Iterable[str], wording: Wording) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(wording.say(head), is_number=True) for head in heads)


def split_evenly(members: Sequence[T], most: int) -> list[Sequence[T]]:
    """Split members into the fewest parts of similar size with at most `most` each.

    >>> split_evenly("abcdefg", 3)
    ['abc', 'def', 'g']
    >>> split_evenly("abcdefgh", 6), split_evenly("", 6)
    (['abcd', 'efgh'], [])
    """
    size = ceil(len(members) / ceil(len(members) / most)) if members else most
    return [members[first : first + size] for first in range(0, len(members), size)]
