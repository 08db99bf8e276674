"""Protection problems: tables, confidential cells and required uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.audit import BOUNDED, CellLimits, Interval, intervals
from sdmxmig.quality.disclosure.relations import Relations
from sdmxmig.quality.disclosure.solver import Expired

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
