"""Protection problems: tables, confidential cells and required uncertainty.

Primary suppression: small counts and dominated cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.audit import BOUNDED, CellLimits, Interval, intervals
from sdmxmig.quality.disclosure.relations import Expired, Relations

if TYPE_CHECKING:
    from numpy.typing import NDArray


ENOUGH = 1e-6
"""How much an interval may be too narrow by the arithmetic of the solver."""
NEARLY_NOTHING = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectionProblem:
    """A table to protect.

    `hidden` cells are unpublished anyway. `width` is the required interval, `rise` the upper part (None: by width).
    `may_hide` may be withheld, preferably no zeros. `half` is the rounding of each value.
    """

    relations: Relations
    values: NDArray[np.float64]
    primary: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    may_hide: NDArray[np.bool_]
    width: NDArray[np.float64]
    half: NDArray[np.float64]
    rise: NDArray[np.float64] | None = None

    def rise_of(self, cell: int) -> float:
        return 0.0 if self.rise is None else float(self.rise[cell])

    @property
    def can_change(self) -> NDArray[np.bool_]:
        return self.primary | self.hidden | self.may_hide

    def prices(self, members: NDArray[np.int64], secondary: NDArray[np.bool_]) -> NDArray[np.float64]:
        free = (self.primary | self.hidden | secondary)[members]
        return np.where(free, NEARLY_NOTHING, 1.0 + np.log1p(np.abs(self.values[members])))


def limits_of(problem: ProtectionProblem, secondary: NDArray[np.bool_]) -> CellLimits:
    unknown = problem.primary | problem.hidden | secondary
    least = np.where(unknown, np.minimum(0.0, problem.values), problem.values - problem.half)
    return CellLimits(least=least, most=np.where(unknown, np.inf, problem.values + problem.half))


def wide_enough(problem: ProtectionProblem, bound: Interval) -> bool:
    if bound.outcome != BOUNDED or bound.width < problem.width[bound.cell] - ENOUGH:
        return False
    return bool(bound.most >= problem.values[bound.cell] + problem.rise_of(bound.cell) - ENOUGH)


def too_narrow(
    problem: ProtectionProblem, secondary: NDArray[np.bool_], cells: NDArray[np.int64], expired: Expired
) -> NDArray[np.int64]:
    bounds = intervals(
        problem.relations, limits_of(problem, secondary), cells, expired=expired, needed=problem.width[cells]
    )
    return np.array([bound.cell for bound in bounds if not wide_enough(problem, bound)], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """Rules of confidentiality and required interval widths.

    Counts below `threshold` are confidential, zeros if `zero`. Intervals must be at least `times` the threshold and
    `share` of the value.
    """

    threshold: int
    zero: bool = False
    times: float = 2.0
    share: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class DominanceRules:
    """Dominance rules.

    (n,k) rule: the `largest` contributors exceed share `dominance`. p% rule: the second largest can estimate the
    largest within share `prior`. None disables a rule.
    """

    largest: int = 1
    dominance: float | None = None
    prior: float | None = None


def small(values: NDArray[np.float64], rules: SafetyRules) -> NDArray[np.bool_]:
    """Mark counts below the threshold; unknown values (NaN) are not marked.

    >>> small(np.array([0.0, 1.0, 2.0, 3.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [False, True, True, False, False]
    """
    return np.asarray((values < rules.threshold) & ((values > 0) | (rules.zero & (values == 0))))


def rises(
    cell: NDArray[np.int64], contribution: NDArray[np.float64], values: NDArray[np.float64], rules: DominanceRules
) -> NDArray[np.float64]:
    """Compute how far above its value each dominated cell must seem possible.

    (n,k): until the largest have at most their share; p%: until the second largest misses by p (A. Hundepool and
    others, Statistical Disclosure Control, 2012, chapter 4).

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
