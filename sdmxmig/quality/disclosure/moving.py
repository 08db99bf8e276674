"""Movement of confidential cells: others that must change so that sums hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.problem import ENOUGH, ProtectionProblem
from sdmxmig.quality.disclosure.relations import components
from sdmxmig.quality.disclosure.solver import LinearProgram

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = (2, 3)
ROUNDS = 2
FAVOUR = 0.3
MISSED = 1e4
SECONDS_TOGETHER = 60.0


class CellMover:
    """Finds the cells that must change with a cell, by a linear program of its surroundings.

    Falls back to all connected cells.
    """

    def __init__(self, problem: ProtectionProblem) -> None:
        self.problem, self.now = problem, problem.relations.sums(problem.values)
        self.group = components(problem.relations, problem.can_change)
        among = problem.can_change[problem.relations.cell]
        self.relation, self.cell = problem.relations.relation[among], problem.relations.cell[among]

    def moved(self, secondary: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
        whole = np.flatnonzero(self.group == self.group[cell])
        for steps in NEAR:
            members = self._around(cell, steps)
            if len(members) < len(whole):
                further, is_done = self._moved_among(members, secondary, cell)
                if is_done:
                    return further
        return self._moved_among(whole, secondary, cell)[0]

    def _around(self, cell: int, steps: int) -> NDArray[np.int64]:
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
        problem, half = self.problem, len(members)
        cell = int(members[column % half])
        if not problem.can_change[cell]:
            return 0.0, 0.0
        return 0.0, np.inf if column < half else max(float(problem.values[cell]), 0.0)

    def _price(self, program: LinearProgram, members: NDArray[np.int64], secondary: NDArray[np.bool_]) -> None:
        price = self.problem.prices(members, secondary)
        program.costs(np.concatenate((price, price)))

    def moved_together(self, secondary: NDArray[np.bool_], cells: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
        """Find the cells to withhold so that all cells of a group can rise at once.

        Each rises by a share of its width: the full width suffices but withholds more. Repeated solving favours few
        large movements.
        """
        members = np.flatnonzero(self.group == self.group[cells[0]])
        half, count = len(members), len(cells)
        needed = np.maximum(self.problem.width[cells], [self.problem.rise_of(int(cell)) for cell in cells])
        program = self._program(members, (cells, share * needed))
        program.time_limit(SECONDS_TOGETHER)
        price, beyond = self.problem.prices(members, secondary), np.full(count, MISSED)
        further = np.zeros(self.problem.relations.cells, dtype=bool)
        weight = np.ones(half)
        for _ in range(ROUNDS):
            program.costs(np.concatenate((weight * price, weight * price, beyond)))
            outcome, _ = program.least()
            if outcome != "solved":
                break
            solution = program.solution()
            change = solution[:half] + solution[half : 2 * half]
            weight = 1.0 / (change / share + FAVOUR)
            further[:] = False
            changed = members[change > ENOUGH]
            further[changed] = self.problem.may_hide[changed]
        return further

    def _program(
        self, members: NDArray[np.int64], rising: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None
    ) -> LinearProgram:
        """The program of one group of related cells, whose sums change by nothing, or stay within their limits."""
        relations, problem = self.problem.relations, self.problem
        half = len(members)
        cells, by = rising or (np.zeros(0, dtype=np.int64), np.zeros(0))
        column = np.full(relations.cells, -1)
        column[members] = np.arange(half)
        inside = column[relations.cell] >= 0
        relation, cell, sign = relations.relation[inside], column[relations.cell[inside]], relations.sign[inside]
        rows, number = np.unique(relation, return_inverse=True)
        now, own = self.now[rows], len(rows) + np.arange(len(cells))
        row = np.concatenate((number, number, own, own, own))
        columns = np.concatenate((cell, cell + half, column[cells], column[cells] + half, 2 * half + own - len(rows)))
        signs = np.concatenate((sign, -sign, np.ones(len(cells)), -np.ones(len(cells)), np.ones(len(cells))))
        order = np.argsort(row, kind="stable")
        lengths = np.bincount(row, minlength=len(rows) + len(cells))
        movable = problem.can_change[members]
        rise = np.where(movable, np.inf, 0.0)
        fall = np.where(movable, np.maximum(problem.values[members], 0.0), 0.0)
        endless = np.full(len(cells), np.inf)
        most = np.concatenate((rise, fall, endless))
        return LinearProgram(
            (np.zeros(len(most)), most),
            (
                np.concatenate((np.minimum(relations.least[rows] - now, 0.0), by)),
                np.concatenate((np.maximum(relations.most[rows] - now, 0.0), endless)),
            ),
            (np.concatenate(([0], np.cumsum(lengths))).astype(np.int32), columns[order].astype(np.int32), signs[order]),
        )
