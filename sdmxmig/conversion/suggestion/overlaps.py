"""Whether a label such as “children” counts people whom the other labels of its line, “men” and “women”, count too.

The figures say so: men and women are the total already, or all three are more than it. Where they say neither, men may
be adults, and the label is asked about.
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
"""A sum that is nearer to a total, as a part of it, may be the total in rounded figures."""
FEW = 3
"""And so may one that is this near."""
Figures = Sequence[Mapping[str, Decimal | None]]
"""The figures that stand together, each by its label."""


def overlap(figures: Figures, total: str, parts: Sequence[str], other_labels: Sequence[str]) -> bool:
    """Whether the people under `other_labels` are among those under `parts`, and all among those under `total`."""
    if not parts or len(other_labels) > MOST or any(exceeds(figures, label, total) for label in other_labels):
        return False
    if is_total_of(figures, total, parts):
        return True
    return not any(may_be_sum(figures, total, [*parts, *chosen]) for chosen in subsets(other_labels))


def is_total_of(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    """Whether several parts are a total wherever it stands."""
    listed = [figure for figure in figures if total in figure]
    return len(parts) >= SEVERAL and is_sum(listed, total, {part: part for part in parts})


def subsets(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All subsets of a few texts but the empty one."""
    for size in range(1, len(texts) + 1):
        yield from combinations(texts, size)


def may_be_sum(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    """Whether the figures leave it open that some labels together are the total, as far as figures are rounded."""
    for figure in figures:
        whole, numbers = figure.get(total), [figure.get(part) for part in parts]
        present = [number for number in numbers if number is not None]
        if whole is None or len(present) < len(parts):
            continue
        if abs(sum(present) - whole) > max(Decimal(FEW), ROUNDED * abs(whole)):
            return False
    return True


def exceeds(figures: Figures, text: str, other_label: str) -> bool:
    """Whether somewhere more is counted under a label than under another one, so that it is no part of that."""
    pairs = ((figure.get(text), figure.get(other_label)) for figure in figures)
    return any(number is not None and whole is not None and number > whole for number, whole in pairs)
