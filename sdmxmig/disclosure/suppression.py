"""Secondary suppression: which further cells must be withheld so that sums do not give the confidential ones away.

For each confidential cell that the pattern so far does not protect, a linear program moves it up, and down, by its
protection width, changing other cells so that all sums still hold, at the least loss; the cells that change are
withheld too. It is the network heuristic of the literature (J. P. Kelly, B. L. Golden, A. A. Assad, Cell suppression:
disclosure protection for sensitive tabular data, Networks 22, 1992; M. Fischetti and J. J. Salazar, Solving the cell
suppression problem on tabular data with linear constraints, Management Science 47, 2001) on one system of sums, so
that hierarchies and linked tables are protected together. The audit has the last word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sdmxmig.disclosure.audit import BOUNDED, CellLimits, Interval, intervals
from sdmxmig.disclosure.relations import Relations, components
from sdmxmig.disclosure.solver import Expired, LinearProgram, never
from sdmxmig.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH = 1e-6
"""How much an interval may be too narrow by the arithmetic of the solver."""
NEARLY_NOTHING = 1e-4
"""What it costs to move a cell that is withheld anyway: enough that none is moved for nothing."""
NEAR = (2, 3)
"""Over how many sums cells around a confidential one are looked at before all are that hang together with it."""
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best so far", "not protected"
"""What a pattern is: all confidential cells are wide enough; the time was over before; or no pattern can do it."""


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


Proposal = Callable[[ProtectionProblem], "NDArray[np.bool_]"]
"""Another program that proposes the secondary cells; what it proposes is audited all the same."""


def protect(
    problem: ProtectionProblem,
    *,
    expired: Expired = never,
    audit_expired: Expired = never,
    proposal: Proposal | None = None,
) -> Pattern:
    """The cells to be withheld, and what a reader can tell about each of them then.

    Once the time has `expired` it judges the best pattern so far, which says so in its outcome; cells that are not
    judged when that time is over as well (`audit_expired`) count as unprotected.
    """
    secondary = proposal(problem) if proposal else np.zeros(problem.relations.cells, dtype=bool)
    mover = CellMover(problem)
    for cell in by_urgency(problem):
        if expired():
            break
        secondary = secondary | mover.moved(secondary, cell)
    pattern = judged(problem, secondary, audit_expired)
    return replace(pattern, outcome=BEST_SO_FAR) if pattern.unprotected and expired() else pattern


def by_urgency(problem: ProtectionProblem) -> list[int]:
    """The confidential cells, those first that need the widest intervals: what they need often protects the others."""
    cells = np.flatnonzero(problem.primary)
    return [int(cell) for cell in cells[np.lexsort((cells, -problem.width[cells]))]]


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


def judged(problem: ProtectionProblem, secondary: NDArray[np.bool_], expired: Expired) -> Pattern:
    """A pattern with the intervals of all its cells: what is not shown to be wide enough counts as unprotected."""
    withheld = np.flatnonzero(problem.primary | secondary)
    bounds = tuple(intervals(problem.relations, limits_of(problem, secondary), withheld, expired=expired))
    narrow = tuple(bound.cell for bound in bounds if problem.primary[bound.cell] and not wide_enough(problem, bound))
    pattern = Pattern(secondary=secondary & ~problem.primary, bounds=bounds, unprotected=narrow)
    if not narrow:
        return pattern
    return replace(pattern, outcome=BEST_SO_FAR if expired() else NOT_PROTECTED)


class CellMover:
    """Finds what must change with a cell so that all sums still hold: one linear program for the cells around it.

    Each cell has a variable for what it rises by and one for what it falls by. Cells further away stay as they are;
    where nothing near by can change, the program is made of all cells that hang together with the one.
    """

    def __init__(self, problem: ProtectionProblem) -> None:
        self.problem, self.now = problem, problem.relations.sums(problem.values)
        can_change = problem.primary | problem.hidden | problem.may_hide
        self.group = components(problem.relations, can_change)
        among = can_change[problem.relations.cell]
        self.relation, self.cell = problem.relations.relation[among], problem.relations.cell[among]

    def moved(self, secondary: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
        """The cells that must be withheld as well so that this one can be wide; none where nothing helps."""
        whole = np.flatnonzero(self.group == self.group[cell])
        for steps in NEAR:
            members = self._around(cell, steps)
            if len(members) < len(whole):
                further, is_done = self._moved_among(members, secondary, cell)
                if is_done:
                    return further
        return self._moved_among(whole, secondary, cell)[0]

    def _around(self, cell: int, steps: int) -> NDArray[np.int64]:
        """The cells that may change and share a sum with a cell, with those that share one with these, and so on."""
        relations = self.problem.relations
        is_near, is_concerned = np.zeros(relations.cells, dtype=bool), np.zeros(relations.count, dtype=bool)
        is_near[cell] = True
        for _ in range(steps):
            is_concerned[self.relation[is_near[self.cell]]] = True
            is_near[self.cell[is_concerned[self.relation]]] = True
        return np.flatnonzero(is_near)

    def _moved_among(
        self, members: NDArray[np.int64], secondary: NDArray[np.bool_], cell: int
    ) -> tuple[NDArray[np.bool_], bool]:
        """The cells among some that change when a cell moves down and up, and whether it could do both."""
        program, half = self._program(members), len(members)
        column = int(np.searchsorted(members, cell))
        self._price(program, members, secondary)
        further = np.zeros(self.problem.relations.cells, dtype=bool)
        width, value = float(self.problem.width[cell]), float(self.problem.values[cell])
        down = min(max(value, 0.0), width / 2)
        can_fall = self._move((members, program), (column, half + column), down, further)
        self._price(program, members, secondary | further)
        rise = max(width - down if can_fall else width, self.problem.rise_of(cell))
        can_rise = self._move((members, program), (half + column, column), rise, further)
        return further, can_fall and can_rise

    def _move(
        self,
        group: tuple[NDArray[np.int64], LinearProgram],
        columns: tuple[int, int],
        by: float,
        further: NDArray[np.bool_],
    ) -> bool:
        """Move one cell, down by the second of its variables; note in `further` what changes with it."""
        members, program = group
        still, moving = columns
        if by <= 0:
            return True
        before = [self._limits(members, column) for column in columns]
        program.limit(still, 0.0, 0.0)
        program.limit(moving, by, by)
        outcome, _ = program.least()
        if outcome == "solved":
            solution = program.solution()
            change = solution[: len(members)] + solution[len(members) :]
            changed = members[change > ENOUGH]
            further[changed] = self.problem.may_hide[changed]
        for column, limits in zip(columns, before, strict=True):
            program.limit(column, *limits)
        return outcome == "solved"

    def _limits(self, members: NDArray[np.int64], column: int) -> tuple[float, float]:
        """How far a cell may rise (the first variables) or fall (the others)."""
        problem, half = self.problem, len(members)
        cell = int(members[column % half])
        if not (problem.primary[cell] or problem.hidden[cell] or problem.may_hide[cell]):
            return 0.0, 0.0
        return 0.0, np.inf if column < half else max(float(problem.values[cell]), 0.0)

    def _price(self, program: LinearProgram, members: NDArray[np.int64], secondary: NDArray[np.bool_]) -> None:
        """What it costs to move a cell: what is lost by withholding it, next to nothing where it is withheld anyway."""
        problem = self.problem
        free = (problem.primary | problem.hidden | secondary)[members]
        price = np.where(free, NEARLY_NOTHING, 1.0 + np.log1p(np.abs(problem.values[members])))
        program.costs(np.concatenate((price, price)))

    def _program(self, members: NDArray[np.int64]) -> LinearProgram:
        """The program of one group of related cells, whose sums change by nothing, or stay within their limits."""
        relations, half = self.problem.relations, len(members)
        column = np.full(relations.cells, -1)
        column[members] = np.arange(half)
        inside = column[relations.cell] >= 0
        relation, cell, sign = relations.relation[inside], column[relations.cell[inside]], relations.sign[inside]
        rows, number = np.unique(relation, return_inverse=True)
        now = self.now[rows]
        order = np.argsort(np.concatenate((number, number)), kind="stable")
        starts = np.concatenate(([0], np.cumsum(2 * np.bincount(number, minlength=len(rows))))).astype(np.int32)
        limits = [self._limits(members, number) for number in range(2 * half)]
        return LinearProgram(
            (np.array([least for least, _ in limits]), np.array([most for _, most in limits])),
            (np.minimum(relations.least[rows] - now, 0.0), np.maximum(relations.most[rows] - now, 0.0)),
            (
                starts,
                np.concatenate((cell, cell + half))[order].astype(np.int32),
                np.concatenate((sign, -sign))[order],
            ),
        )
