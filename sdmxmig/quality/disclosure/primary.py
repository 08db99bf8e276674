"""Primary confidentiality: cells in which somebody could be recognised, since they are few or one dominates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """By which rules a cell is confidential, and how wide the interval must be in which a reader can place it.

    A count below `threshold` is confidential, and nothing too where `zero` says so. The interval of a confidential cell
    is at least `times` the threshold wide, and at least this `share` of its value.
    """

    threshold: int
    zero: bool = False
    times: float = 2.0
    share: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class DominanceRules:
    """By which rules a cell is confidential because few contributors make most of it.

    It is where its `largest` contributors together have more than the share `dominance` of it (the rule of n and k),
    and where the second largest can tell what the largest gives to within the share `prior` of that (the rule of p per
    cent). A rule whose share is None is not applied.
    """

    largest: int = 1
    dominance: float | None = None
    prior: float | None = None


def small(values: NDArray[np.float64], rules: SafetyRules) -> NDArray[np.bool_]:
    """Which counts are so small that the people behind them could be recognised; what is not known (NaN) is not.

    >>> small(np.array([0.0, 1.0, 2.0, 3.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [False, True, True, False, False]
    """
    return np.asarray((values < rules.threshold) & ((values > 0) | (rules.zero & (values == 0))))


def rises(
    cell: NDArray[np.int64], contribution: NDArray[np.float64], values: NDArray[np.float64], rules: DominanceRules
) -> NDArray[np.float64]:
    """How far above its value a reader must at least think each cell possible; nothing for those not dominated.

    There is one entry a contributor, its cell and how much it gives. By the rule of n and k that is so far that the
    largest have no more than their share of the upper end, by the rule of p per cent so far that what the second
    largest takes for the largest misses by the share (A. Hundepool and others, Statistical Disclosure Control, 2012,
    chapter 4).

    >>> cells, gives, values = np.array([0, 0, 1, 1]), np.array([90.0, 5, 50, 50]), np.array([100.0, 100])
    >>> rises(cells, gives, values, DominanceRules(largest=1, dominance=0.75)).tolist()
    [20.0, 0.0]
    >>> rises(cells, gives, values, DominanceRules(prior=0.1)).tolist()
    [4.0, 5.0]
    """
    order = np.lexsort((-contribution, cell))
    cell, contribution = cell[order], contribution[order]
    place = np.arange(len(cell)) - np.searchsorted(cell, cell)

    def top(most: int) -> NDArray[np.float64]:
        among_largest, sums = place < most, np.zeros(len(values))
        np.add.at(sums, cell[among_largest], contribution[among_largest])
        return sums

    needed = np.zeros(len(values))
    if rules.dominance is not None:
        needed = np.maximum(needed, top(rules.largest) / rules.dominance - values)
    if rules.prior is not None:
        needed = np.maximum(needed, rules.prior * top(1) - (values - top(2)))
    return needed


def widths(values: NDArray[np.float64], rules: SafetyRules) -> NDArray[np.float64]:
    """How wide the interval of each cell must be; of a cell without a known value (NaN) by the threshold alone.

    >>> widths(np.array([2.0, 100.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [6.0, 30.0, 6.0]
    """
    return np.fmax(rules.times * rules.threshold, rules.share * np.abs(values))
