"""Secondary suppression, and controlled rounding to a base.

A linear program moves each unprotected confidential cell up and down by its protection width at least loss. Other cells
that move to keep sums valid are suppressed too. Moving many cells at once is faster but suppresses more. This is the
network heuristic (J. P. Kelly, B. L. Golden, A. A. Assad, Networks 22, 1992; M. Fischetti and J. J. Salazar, Management
Science 47, 2001) applied to one system, so hierarchies and linked tables are protected together. The audit has the
final decision.

Rounding changes each figure to an adjacent multiple with least total change (L. H. Cox, Controlled rounding for tables
with subtotals, 1987). Tables with more than two dimensions may need a further multiple; this is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sdmxmig.primitives.lazily import Flags, Floats, Integers, np
from sdmxmig.quality.disclosure.problem import (
    TOLERANCE,
    Expired,
    Interval,
    LinearProgram,
    ProtectionProblem,
    Relations,
    compute_intervals,
    find_limits,
    find_narrow_cells,
    is_wide_enough,
    never_expires,
    number_components,
)

NEXT, FURTHER, NONE = "next multiples", "further multiples", "none"
COST_STEPS = {NEXT: (1.0,), FURTHER: (1.0, 1.0, -1.0)}
EXCEPTION_COST = 10.0
NEARLY = 1e-9


def round_figures(
    relations: Relations, values: Floats, base: int, *, expired: Expired = never_expires, seconds: float = 60.0
) -> tuple[Floats, str]:
    """Round figures to a base and keep all sums, within `seconds` per group.

    Returns the figures (NaN if none found) and the kind of rounding. If sums are not exact, parts never exceed the
    total.
    """
    result = np.full(relations.cells, np.nan)
    group = number_components(relations, np.ones(relations.cells, dtype=bool))
    kinds = []
    for label in np.unique(group):
        members = np.flatnonzero(group == label)
        if len(members) == 1:
            result[members] = round_to_base(values[members], base)
            continue
        kind = NONE
        for kind_of_steps in COST_STEPS:
            chosen = None if expired() else choose_multiples(relations, values, base, members, kind_of_steps, seconds)
            if chosen is not None:
                result[members], kind = chosen, kind_of_steps
                break
        kinds.append(kind)
    return result, max(kinds, key=[NEXT, FURTHER, NONE].index, default=NEXT)


def round_to_base(values: Floats, base: int) -> Floats:
    """Return the nearest multiples of a base; halves round up.

    >>> round_to_base(np.array([1.0, 2.0, 7.5]), 5).tolist()
    [0.0, 0.0, 10.0]
    """
    return np.asarray(np.floor(values / base + 0.5) * base)


def choose_multiples(
    relations: Relations, values: Floats, base: int, members: Integers, kind: str, seconds: float
) -> Floats | None:
    count = len(members)
    column = np.full(relations.cells, -1)
    column[members] = np.arange(count)
    below = np.floor(values[members] / base + NEARLY)
    rest = np.maximum(values[members] / base - below, 0.0)
    signs = COST_STEPS[kind]
    inside = column[relations.cell] >= 0
    rows, number = np.unique(relations.relation[inside], return_inverse=True)
    cell, sign = column[relations.cell[inside]], relations.sign[inside]
    start = np.zeros(len(rows))
    np.add.at(start, number, sign * below[cell])
    holds = np.abs(relations.sums(values)[rows]) < NEARLY * base
    order = np.argsort(np.tile(number, len(signs)), kind="stable")
    starts = np.concatenate(([0], np.cumsum(len(signs) * np.bincount(number, minlength=len(rows))))).astype(np.int32)
    columns = np.concatenate([cell + block * count for block in range(len(signs))])[order].astype(np.int32)
    most = np.concatenate([rest >= NEARLY, np.full(count, 1.0), below >= 1][: len(signs)]).astype(np.float64)
    program = LinearProgram(
        (np.zeros(len(most)), most),
        (np.where(holds & (relations.least[rows] == 0), -start, -np.inf), -start),
        (starts, columns, np.concatenate([step * sign for step in signs])[order]),
        whole=np.ones(len(most), dtype=bool),
    )
    program.set_time_limit(seconds)
    program.costs(np.concatenate((1.0 - 2.0 * rest, np.full(len(most) - count, EXCEPTION_COST))))
    outcome, _ = program.least()
    if outcome != "solved":
        return None
    steps = np.round(program.read_solution()).reshape(len(signs), count)
    return np.asarray((below + np.array(signs) @ steps) * base)


MAX_COMPARISONS = 1_000_000
COMPARED_SHARES = (0.2, 1.0)
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best so far", "not protected"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """Suppressed cells: confidential and `secondary`.

    `bounds` are intervals; `unprotected` cells have an interval that is too narrow or not computed. `outcome` is
    ``protected`` if no cell is unprotected.
    """

    secondary: Flags
    bounds: tuple[Interval, ...]
    unprotected: tuple[int, ...]
    outcome: str = field(default=PROTECTED)


def protect(
    problem: ProtectionProblem, *, expired: Expired = never_expires, audit_expired: Expired = never_expires
) -> Pattern:
    """Choose the cells to suppress, with their intervals.

    When time has `expired`, the best pattern is audited; after `audit_expired`, remaining cells count as unprotected.
    """
    secondary = np.zeros(problem.relations.cells, dtype=bool)
    mover = CellMover(problem)
    left = find_narrow_cells(problem, secondary, np.flatnonzero(problem.primary), expired)
    for group in np.unique(mover.group[left]):
        cells = left[mover.group[left] == group]
        if len(cells) * int((mover.group == group).sum()) >= MAX_COMPARISONS:
            secondary = extend_suppression(mover, secondary, cells, expired)
    for cell in sort_by_urgency(problem, find_narrow_cells(problem, secondary, left, expired)):
        if expired():
            break
        if len(find_narrow_cells(problem, secondary, np.array([cell]), expired)):
            secondary = secondary | mover.moved(secondary, cell)
    pattern = judge_pattern(problem, secondary, audit_expired)
    return replace(pattern, outcome=BEST_SO_FAR) if pattern.unprotected and expired() else pattern


def extend_suppression(mover: CellMover, secondary: Flags, cells: Integers, expired: Expired) -> Flags:
    for share in COMPARED_SHARES:
        if len(cells) and not expired():
            secondary = secondary | mover.move_together(secondary, cells, share)
            cells = find_narrow_cells(mover.problem, secondary, cells, expired)
    return secondary


def sort_by_urgency(problem: ProtectionProblem, cells: Integers) -> list[int]:
    return [int(cell) for cell in cells[np.lexsort((cells, -problem.width[cells]))]]


def judge_pattern(problem: ProtectionProblem, secondary: Flags, expired: Expired) -> Pattern:
    limits = find_limits(problem, secondary)
    cells = (np.flatnonzero(problem.primary), np.flatnonzero(secondary & ~problem.primary))
    bounds = tuple(
        bound for part in cells for bound in compute_intervals(problem.relations, limits, part, expired=expired)
    )
    narrow = tuple(bound.cell for bound in bounds if problem.primary[bound.cell] and not is_wide_enough(problem, bound))
    pattern = Pattern(secondary=secondary & ~problem.primary, bounds=bounds, unprotected=narrow)
    if not narrow:
        return pattern
    return replace(pattern, outcome=BEST_SO_FAR if expired() else NOT_PROTECTED)


NEAR_SIZES = (2, 3)
MAX_ROUNDS = 2
WEIGHT_SHIFT = 0.3
"""Bounds the weight of cells that did not change."""
MISSED_COST = 1e4
JOINT_SECONDS = 60.0


class CellMover:
    """Finds the cells that must change with a cell, from nearby cells or, if necessary, all cells."""

    def __init__(self, problem: ProtectionProblem) -> None:
        self.problem, self.now = problem, problem.relations.sums(problem.values)
        self.group = number_components(problem.relations, problem.can_change)
        among = problem.can_change[problem.relations.cell]
        self.relation, self.cell = problem.relations.relation[among], problem.relations.cell[among]

    def moved(self, secondary: Flags, cell: int) -> Flags:
        whole = np.flatnonzero(self.group == self.group[cell])
        for steps in NEAR_SIZES:
            members = self._find_neighbours(cell, steps)
            if len(members) < len(whole):
                further, is_done = self._move_among(members, secondary, cell)
                if is_done:
                    return further
        return self._move_among(whole, secondary, cell)[0]

    def _find_neighbours(self, cell: int, steps: int) -> Integers:
        relations = self.problem.relations
        is_near, is_affected = np.zeros(relations.cells, dtype=bool), np.zeros(relations.count, dtype=bool)
        is_near[cell] = True
        for _ in range(steps):
            is_affected[self.relation[is_near[self.cell]]] = True
            is_near[self.cell[is_affected[self.relation]]] = True
        return np.flatnonzero(is_near)

    def _move_among(self, members: Integers, secondary: Flags, cell: int) -> tuple[Flags, bool]:
        """Return the cells that change when a cell moves down and up, and whether it can do both."""
        program, half = self._build_program(members), len(members)
        column = int(np.searchsorted(members, cell))
        self._set_prices(program, members, secondary)
        further = np.zeros(self.problem.relations.cells, dtype=bool)
        width, value = float(self.problem.width[cell]), float(self.problem.values[cell])
        down = min(max(value, 0.0), width / 2)
        can_fall = self._move(members, program, (column, half + column), down, further)
        self._set_prices(program, members, secondary | further)
        rise = width - down if can_fall else width
        can_rise = self._move(members, program, (half + column, column), rise, further)
        return further, can_fall and can_rise

    def _move(
        self,
        members: Integers,
        program: LinearProgram,
        columns: tuple[int, int],
        by: float,
        further: Flags,
    ) -> bool:
        """Move a cell (down by its second variable) and record the changed cells in `further`."""
        still, moving = columns
        if by <= 0:
            return True
        before = [self._limits(members, column) for column in columns]
        program.limit(still, 0.0, 0.0)
        program.limit(moving, by, by)
        outcome, _ = program.least()
        if outcome == "solved":
            solution = program.read_solution()
            change = solution[: len(members)] + solution[len(members) :]
            changed = members[change > TOLERANCE]
            further[changed] = self.problem.may_hide[changed]
        for column, limits in zip(columns, before, strict=True):
            program.limit(column, *limits)
        return outcome == "solved"

    def _limits(self, members: Integers, column: int) -> tuple[float, float]:
        problem, half = self.problem, len(members)
        cell = int(members[column % half])
        if not problem.can_change[cell]:
            return 0.0, 0.0
        return 0.0, np.inf if column < half else max(float(problem.values[cell]), 0.0)

    def _set_prices(self, program: LinearProgram, members: Integers, secondary: Flags) -> None:
        price = self.problem.compute_prices(members, secondary)
        program.costs(np.concatenate((price, price)))

    def move_together(self, secondary: Flags, cells: Integers, share: float) -> Flags:
        """Find the cells to suppress so that all cells of a group can rise at once.

        Each rises by a share of its width, since the full width suppresses more. Repeated solving favours a few large
        movements.
        """
        members = np.flatnonzero(self.group == self.group[cells[0]])
        half, count = len(members), len(cells)
        program = self._build_program(members, (cells, share * self.problem.width[cells]))
        program.set_time_limit(JOINT_SECONDS)
        price, beyond = self.problem.compute_prices(members, secondary), np.full(count, MISSED_COST)
        further = np.zeros(self.problem.relations.cells, dtype=bool)
        weight = np.ones(half)
        for _ in range(MAX_ROUNDS):
            program.costs(np.concatenate((weight * price, weight * price, beyond)))
            outcome, _ = program.least()
            if outcome != "solved":
                break
            solution = program.read_solution()
            change = solution[:half] + solution[half : 2 * half]
            weight = 1.0 / (change / share + WEIGHT_SHIFT)
            further[:] = False
            changed = members[change > TOLERANCE]
            further[changed] = self.problem.may_hide[changed]
        return further

    def _build_program(self, members: Integers, rising: tuple[Integers, Floats] | None = None) -> LinearProgram:
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
