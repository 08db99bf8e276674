"""Overlapping labels: whether “children” are included in “men” and “women”.

Figures decide, or the label is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from sdmxmig.conversion.suggestion.sums_of_parts import is_sum

SEVERAL = 2
"""So many parts that are the total leave nobody else."""
MOST = 6
"""Of more labels that may or may not be parts it is not tried which are."""
ROUNDED = Decimal("0.02")
FEW = 3
"""And so may one that is this near."""
Figures = Sequence[Mapping[str, Decimal | None]]
"""The figures that stand together, each by its label."""


def overlap(figures: Figures, total: str, parts: Sequence[str], other_labels: Sequence[str]) -> bool:
    if not parts or len(other_labels) > MOST or any(exceeds(figures, label, total) for label in other_labels):
        return False
    if is_total_of(figures, total, parts):
        return True
    return not any(may_be_sum(figures, total, [*parts, *chosen]) for chosen in subsets(other_labels))


def is_total_of(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    listed = [figure for figure in figures if total in figure]
    return len(parts) >= SEVERAL and is_sum(listed, total, {part: part for part in parts})


def subsets(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(texts) + 1):
        yield from combinations(texts, size)


def may_be_sum(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    for figure in figures:
        whole, numbers = figure.get(total), [figure.get(part) for part in parts]
        present = [number for number in numbers if number is not None]
        if whole is None or len(present) < len(parts):
            continue
        if abs(sum(present) - whole) > max(Decimal(FEW), ROUNDED * abs(whole)):
            return False
    return True


def exceeds(figures: Figures, text: str, other_label: str) -> bool:
    pairs = ((figure.get(text), figure.get(other_label)) for figure in figures)
    return any(number is not None and whole is not None and number > whole for number, whole in pairs)
