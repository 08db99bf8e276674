"""Secondary suppression.

For each unprotected confidential cell, a linear program moves it up and down by its protection width at least loss;
moved cells are withheld too. Many cells are moved at once, which is faster but withholds more. Network heuristic (J. P.
Kelly, B. L. Golden, A. A. Assad, Networks 22, 1992; M. Fischetti and J. J. Salazar, Management Science 47, 2001) on one
system, so hierarchies and linked tables are protected together. The audit decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.audit import Interval, intervals
from sdmxmig.quality.disclosure.moving import CellMover
from sdmxmig.quality.disclosure.problem import ProtectionProblem, limits_of, too_narrow, wide_enough
from sdmxmig.quality.disclosure.solver import Expired, never

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY = 1_000_000
SHARES = (0.2, 1.0)
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best so far", "not protected"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """Withheld cells, confidential and `secondary`.

    `bounds` are intervals; `unprotected` are too narrow or not computed. `outcome` is ``protected`` only if there are
    none.
    """

    secondary: NDArray[np.bool_]
    bounds: tuple[Interval, ...]
    unprotected: tuple[int, ...]
    outcome: str = field(default=PROTECTED)


def protect(
    problem: ProtectionProblem,
    *,
    expired: Expired = never,
    audit_expired: Expired = never,
) -> Pattern:
    """Choose the cells to withhold, with their intervals.

    After time has `expired`, judges the best pattern; after `audit_expired`, unjudged cells count as unprotected.
    """
    secondary = np.zeros(problem.relations.cells, dtype=bool)
    mover = CellMover(problem)
    left = too_narrow(problem, secondary, np.flatnonzero(problem.primary), expired)
    for group in np.unique(mover.group[left]):
        cells = left[mover.group[left] == group]
        if len(cells) * int((mover.group == group).sum()) >= MANY:
            secondary = moved_at_once(mover, secondary, cells, expired)
    for cell in by_urgency(problem, too_narrow(problem, secondary, left, expired)):
        if expired():
            break
        if len(too_narrow(problem, secondary, np.array([cell]), expired)):
            secondary = secondary | mover.moved(secondary, cell)
    pattern = judged(problem, secondary, audit_expired)
    return replace(pattern, outcome=BEST_SO_FAR) if pattern.unprotected and expired() else pattern


def moved_at_once(
    mover: CellMover, secondary: NDArray[np.bool_], cells: NDArray[np.int64], expired: Expired
) -> NDArray[np.bool_]:
    for share in SHARES:
        if len(cells) and not expired():
            secondary = secondary | mover.moved_together(secondary, cells, share)
            cells = too_narrow(mover.problem, secondary, cells, expired)
    return secondary


def by_urgency(problem: ProtectionProblem, cells: NDArray[np.int64]) -> list[int]:
    return [int(cell) for cell in cells[np.lexsort((cells, -problem.width[cells]))]]


def judged(problem: ProtectionProblem, secondary: NDArray[np.bool_], expired: Expired) -> Pattern:
    limits = limits_of(problem, secondary)
    cells = (np.flatnonzero(problem.primary), np.flatnonzero(secondary & ~problem.primary))
    bounds = tuple(bound for part in cells for bound in intervals(problem.relations, limits, part, expired=expired))
    narrow = tuple(bound.cell for bound in bounds if problem.primary[bound.cell] and not wide_enough(problem, bound))
    pattern = Pattern(secondary=secondary & ~problem.primary, bounds=bounds, unprotected=narrow)
    if not narrow:
        return pattern
    return replace(pattern, outcome=BEST_SO_FAR if expired() else NOT_PROTECTED)
