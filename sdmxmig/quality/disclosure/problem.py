"""What is to be protected: tables with their true values, what is confidential there, and how uncertain it must be."""

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
"""What it costs to move a cell that is withheld anyway: enough that none is moved for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectionProblem:
    """A table to be protected: the sums, the true values, what is confidential, and what may be withheld for it.

    `hidden` are cells that are not published anyway, such as totals that are not reported; `width` is how wide the
    interval of each confidential cell must be, and `rise` how far above its value the upper end (no further than the
    width demands, where it is None). `may_hide` are the cells that may be withheld; zeros are best left out, since
    everybody knows many of them. `half` is by how much rounding may have moved each value.
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
        """How far above its value the upper end of a cell must be."""
        return 0.0 if self.rise is None else float(self.rise[cell])

    @property
    def can_change(self) -> NDArray[np.bool_]:
        """The cells that are withheld, or may be."""
        return self.primary | self.hidden | self.may_hide

    def prices(self, members: NDArray[np.int64], secondary: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What it costs to move each of some cells: what is lost by withholding it, next to nothing where it is."""
        free = (self.primary | self.hidden | secondary)[members]
        return np.where(free, NEARLY_NOTHING, 1.0 + np.log1p(np.abs(self.values[members])))


def limits_of(problem: ProtectionProblem, secondary: NDArray[np.bool_]) -> CellLimits:
    """What a reader knows of each cell before looking at sums: its value, or that it is not negative."""
    unknown = problem.primary | problem.hidden | secondary
    least = np.where(unknown, np.minimum(0.0, problem.values), problem.values - problem.half)
    return CellLimits(least=least, most=np.where(unknown, np.inf, problem.values + problem.half))


def wide_enough(problem: ProtectionProblem, bound: Interval) -> bool:
    """Whether an interval was worked out, is at least as wide as its cell needs, and reaches as far above its value."""
    if bound.outcome != BOUNDED or bound.width < problem.width[bound.cell] - ENOUGH:
        return False
    return bool(bound.most >= problem.values[bound.cell] + problem.rise_of(bound.cell) - ENOUGH)


def too_narrow(
    problem: ProtectionProblem, secondary: NDArray[np.bool_], cells: NDArray[np.int64], expired: Expired
) -> NDArray[np.int64]:
    """Those of some confidential cells that a pattern does not show to be wide enough."""
    bounds = intervals(
        problem.relations, limits_of(problem, secondary), cells, expired=expired, needed=problem.width[cells]
    )
    return np.array([bound.cell for bound in bounds if not wide_enough(problem, bound)], dtype=np.int64)
