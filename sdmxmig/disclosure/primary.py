"""Primary confidentiality: cells in which somebody could be recognised, since they are few or one dominates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """By which rules a cell is confidential, and how wide the interval must be in which a reader can place it.

    A count below `threshold` is confidential, and nothing too where `zero` says so. The interval of a confidential cell
    is at least `times` the threshold wide, and at least this `share` of its value. A cell is dominated where its
    `largest` contributors have more than the share `dominance` of it; nothing is where that share is 1.
    """

    threshold: int
    zero: bool = False
    times: float = 2.0
    share: float = 0.3
    largest: int = 1
    dominance: float = 1.0


def small(values: NDArray[np.float64], rules: SafetyRules) -> NDArray[np.bool_]:
    """Which counts are so small that the people behind them could be recognised; what is not known (NaN) is not.

    >>> small(np.array([0.0, 1.0, 2.0, 3.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [False, True, True, False, False]
    """
    return np.asarray((values < rules.threshold) & ((values > 0) | (rules.zero & (values == 0))))


def dominated(
    cell: NDArray[np.int64], contribution: NDArray[np.float64], cells: int, rules: SafetyRules
) -> NDArray[np.bool_]:
    """Which of `cells` cells a few contributors dominate: one entry a contributor, its cell and how much it gives.

    >>> rules = SafetyRules(threshold=3, largest=1, dominance=0.8)
    >>> dominated(np.array([0, 0, 1, 1]), np.array([90.0, 10, 50, 50]), 2, rules).tolist()
    [True, False]
    """
    order = np.lexsort((-contribution, cell))
    cell, contribution = cell[order], contribution[order]
    first = np.searchsorted(cell, cell)
    among_largest = np.arange(len(cell)) - first < rules.largest
    total, top = np.zeros(cells), np.zeros(cells)
    np.add.at(total, cell, contribution)
    np.add.at(top, cell[among_largest], contribution[among_largest])
    return (total > 0) & (top > rules.dominance * total)


def widths(values: NDArray[np.float64], rules: SafetyRules) -> NDArray[np.float64]:
    """How wide the interval of each cell must be; of a cell without a known value (NaN) by the threshold alone.

    >>> widths(np.array([2.0, 100.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [6.0, 30.0, 6.0]
    """
    return np.fmax(rules.times * rules.threshold, rules.share * np.abs(values))
