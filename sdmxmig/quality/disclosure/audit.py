"""Audit: how precisely a reader can infer withheld cells.

Two linear programs per cell find its minimum and maximum, given published figures, sums and non-negative counts.
Personal knowledge of readers is not considered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.relations import Expired, LinearProgram, Relations, components, never

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDED, CONTRADICTION, UNDECIDED = "bounded", "contradiction", "undecided"


AS_GOOD_AS_EQUAL = 1e-6
"""Sums that are this close are equal: figures are held as floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellLimits:
    """The initial bounds of each cell, equal if published."""

    least: NDArray[np.float64]
    most: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The interval of a cell; NaN if not computed."""

    cell: int
    least: float
    most: float
    outcome: str = BOUNDED

    @property
    def width(self) -> float:
        return self.most - self.least


def intervals(
    relations: Relations,
    known: CellLimits,
    cells: NDArray[np.int64],
    *,
    expired: Expired = never,
    largest: int | None = None,
    needed: NDArray[np.float64] | None = None,
) -> list[Interval]:
    """Compute the intervals of cells.

    With `needed` widths, wide intervals are not computed fully. Groups larger than `largest`, and cells after time has
    `expired`, stay undecided, which is never safe.
    """
    free = known.least < known.most
    group = components(relations, free)
    contradicted = contradictions(relations, known)
    bounds: dict[int, Interval] = {
        int(cell): undecided(int(cell), CONTRADICTION)
        if contradicted[cell]
        else Interval(cell=int(cell), least=float(known.least[cell]), most=float(known.most[cell]))
        for cell in cells
        if not free[cell]
    }
    asked = cells[free[cells]]
    for label in np.unique(group[asked]):
        members, wanted = np.flatnonzero(group == label), asked[group[asked] == label]
        if largest is not None and len(members) > largest:
            bounds |= {cell: undecided(cell) for cell in map(int, wanted)}
            continue
        enough = None if needed is None else dict(zip(cells.tolist(), needed.tolist(), strict=True))
        search = ComponentSearch(relations, known, members)
        bounds |= {bound.cell: bound for bound in search.bounds(wanted, enough, expired)}
    return [bounds[int(cell)] for cell in cells]


def contradictions(relations: Relations, known: CellLimits) -> NDArray[np.bool_]:
    free = known.least < known.most
    sums = relations.sums(np.where(free, 0.0, known.least))
    has_free = np.zeros(relations.count, dtype=bool)
    has_free[relations.relation[free[relations.cell]]] = True
    broken = ~has_free & ((sums < relations.least - AS_GOOD_AS_EQUAL) | (sums > relations.most + AS_GOOD_AS_EQUAL))
    contradicted = np.zeros(relations.cells, dtype=bool)
    contradicted[relations.cell[broken[relations.relation]]] = True
    return contradicted


def consistent(relations: Relations, known: CellLimits) -> NDArray[np.float64]:
    """Values for all cells that agree with what is known and with all sums; NaN for those whose sums contradict it."""
    values = np.where(known.least == known.most, known.least, np.nan)
    group = components(relations, known.least < known.most)
    for label in np.unique(group[group >= 0]):
        members = np.flatnonzero(group == label)
        program = program_of(relations, known, members)
        outcome, _ = program.least()
        if outcome == "solved":
            values[members] = program.solution()
    return values


def undecided(cell: int, outcome: str = UNDECIDED) -> Interval:
    return Interval(cell=cell, least=np.nan, most=np.nan, outcome=outcome)


class ComponentSearch:
    """Looks for the ends of cells that hang together, and remembers all values of them that were met on the way."""

    def __init__(self, relations: Relations, known: CellLimits, members: NDArray[np.int64]) -> None:
        self.program = program_of(relations, known, members)
        self.column = {int(cell): number for number, cell in enumerate(members)}
        self.least, self.most = np.full(len(members), np.inf), np.full(len(members), -np.inf)

    def bounds(
        self, wanted: NDArray[np.int64], needed: Mapping[int, float] | None, expired: Expired
    ) -> Iterator[Interval]:
        """The intervals of the cells wanted; with `needed`, of those that are wide enough only so much of them."""
        outcome = "unsolved" if expired() else self.solved()[0]
        if outcome != "solved":
            reason = CONTRADICTION if outcome == "contradiction" else UNDECIDED
            yield from (undecided(int(cell), reason) for cell in wanted)
            return
        for cell in map(int, wanted):
            column = self.column[cell]
            if needed is not None and self.most[column] - self.least[column] >= needed[cell]:
                yield Interval(cell=cell, least=float(self.least[column]), most=float(self.most[column]))
            else:
                yield undecided(cell) if expired() else self.ends(cell)

    def ends(self, cell: int) -> Interval:
        ends = []
        for sign in (1.0, -1.0):
            self.program.cost(self.column[cell], sign)
            outcome, value = self.solved()
            ends.append(value * sign if outcome in ("solved", "endless") else np.nan)
        self.program.cost(self.column[cell], 0.0)
        least, most = ends
        return undecided(cell) if np.isnan(ends).any() else Interval(cell=cell, least=least, most=most)

    def solved(self) -> tuple[str, float]:
        outcome, value = self.program.least()
        if outcome == "solved":
            solution = self.program.solution()
            self.least, self.most = np.minimum(self.least, solution), np.maximum(self.most, solution)
        return outcome, value


def program_of(relations: Relations, known: CellLimits, members: NDArray[np.int64]) -> LinearProgram:
    column = np.full(relations.cells, -1)
    column[members] = np.arange(len(members))
    concerned = np.zeros(relations.count, dtype=bool)
    concerned[relations.relation[column[relations.cell] >= 0]] = True
    inside = concerned[relations.relation]
    relation, cell, sign = relations.relation[inside], relations.cell[inside], relations.sign[inside]
    is_free = column[cell] >= 0
    published = np.zeros(relations.count)
    np.add.at(published, relation[~is_free], (sign * known.least[cell])[~is_free])
    rows = np.flatnonzero(concerned)
    number = np.full(relations.count, -1)
    number[rows] = np.arange(len(rows))
    order = np.argsort(number[relation[is_free]], kind="stable")
    lengths = np.bincount(number[relation[is_free]], minlength=len(rows))
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return LinearProgram(
        (known.least[members], known.most[members]),
        (relations.least[rows] - published[rows], relations.most[rows] - published[rows]),
        (starts, column[cell[is_free]][order].astype(np.int32), sign[is_free][order]),
    )
