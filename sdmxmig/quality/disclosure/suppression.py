"""Secondary suppression: which further cells must be withheld so that sums do not give the confidential ones away.

For each confidential cell that the pattern so far does not protect, a linear program moves it up, and down, by its
protection width, changing other cells so that all sums still hold, at the least loss; the cells that change are
withheld too. Where there are many, one program moves them all at once, which withholds more and takes seconds instead
of minutes. It is the network heuristic of the literature (J. P. Kelly, B. L. Golden, A. A. Assad, Cell suppression:
disclosure protection for sensitive tabular data, Networks 22, 1992; M. Fischetti and J. J. Salazar, Solving the cell
suppression problem on tabular data with linear constraints, Management Science 47, 2001) on one system of sums, so
that hierarchies and linked tables are protected together. The audit has the last word.
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
"""So many pairs of a confidential cell and a cell that hangs together with it are too many to move each for itself."""
SHARES = (0.2, 1.0)
"""By which shares of their widths many cells are moved at once, one after the other."""
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best so far", "not protected"
"""What a pattern is: all confidential cells are wide enough; the time was over before; or no pattern can do it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """Which cells are withheld: the confidential ones and `secondary` ones for their sake.

    `bounds` are the intervals of all withheld cells, `unprotected` the confidential cells whose interval is too narrow
    or was not worked out. `outcome` is ``protected`` only if there are none.
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
    """The cells to be withheld, and what a reader can tell about each of them then.

    Once the time has `expired` it judges the best pattern so far, which says so in its outcome; cells that are not
    judged when that time is over as well (`audit_expired`) count as unprotected.
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
    """The pattern with what many confidential cells of one group need that are moved at once.

    First each moves by a part of its width, which is enough for most; then those still too narrow by all of it.
    """
    for share in SHARES:
        if len(cells) and not expired():
            secondary = secondary | mover.moved_together(secondary, cells, share)
            cells = too_narrow(mover.problem, secondary, cells, expired)
    return secondary


def by_urgency(problem: ProtectionProblem, cells: NDArray[np.int64]) -> list[int]:
    """The confidential cells, those first that need the widest intervals: what they need often protects the others."""
    return [int(cell) for cell in cells[np.lexsort((cells, -problem.width[cells]))]]


def judged(problem: ProtectionProblem, secondary: NDArray[np.bool_], expired: Expired) -> Pattern:
    """A pattern with the intervals of all its cells: what is not shown to be wide enough counts as unprotected.

    Confidential cells are judged first, so that others are left out if the time does not suffice for all.
    """
    limits = limits_of(problem, secondary)
    cells = (np.flatnonzero(problem.primary), np.flatnonzero(secondary & ~problem.primary))
    bounds = tuple(bound for part in cells for bound in intervals(problem.relations, limits, part, expired=expired))
    narrow = tuple(bound.cell for bound in bounds if problem.primary[bound.cell] and not wide_enough(problem, bound))
    pattern = Pattern(secondary=secondary & ~problem.primary, bounds=bounds, unprotected=narrow)
    if not narrow:
        return pattern
    return replace(pattern, outcome=BEST_SO_FAR if expired() else NOT_PROTECTED)
