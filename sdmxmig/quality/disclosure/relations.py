"""Sums among cells as one system across tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relations:
    """Signed sums of `cells` cells within limits.

    `relation`, `cell`, `sign` have one entry per term; `least`, `most` per relation. Complete totals have both at zero,
    incomplete ones only `most`.
    """

    cells: int
    relation: NDArray[np.int64]
    cell: NDArray[np.int64]
    sign: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]

    @property
    def count(self) -> int:
        return len(self.least)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.zeros(self.count)
        np.add.at(sums, self.relation, self.sign * values[self.cell])
        return sums


def relations_of(cells: int, sums: Sequence[tuple[Sequence[tuple[int, float]], float, float]]) -> Relations:
    """A system from single relations: the terms (cell, sign) of each, its least and its most.

    >>> system = relations_of(3, [([(1, 1), (2, 1), (0, -1)], 0, 0)])
    >>> system.count, system.sums(np.array([5.0, 2.0, 3.0])).tolist()
    (1, [0.0])
    """
    terms = [(number, cell, sign) for number, (parts, _, _) in enumerate(sums) for cell, sign in parts]
    return Relations(
        cells=cells,
        relation=np.array([term[0] for term in terms], dtype=np.int64),
        cell=np.array([term[1] for term in terms], dtype=np.int64),
        sign=np.array([term[2] for term in terms], dtype=np.float64),
        least=np.array([limits[1] for limits in sums], dtype=np.float64),
        most=np.array([limits[2] for limits in sums], dtype=np.float64),
    )


def components(relations: Relations, free: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the groups of connected free cells; -1 for others."""
    label = np.where(free, np.arange(relations.cells), relations.cells)
    among = free[relations.cell]
    relation, cell = relations.relation[among], relations.cell[among]
    while True:
        of_relation = np.full(relations.count, relations.cells)
        np.minimum.at(of_relation, relation, label[cell])
        spread = label.copy()
        np.minimum.at(spread, cell, of_relation[relation])
        spread = np.where(free, spread[np.minimum(spread, relations.cells - 1)], spread) if relations.cells else spread
        if np.array_equal(spread, label):
            return np.where(free, label, -1)
        label = spread


def among(relations: Relations, cells: NDArray[np.bool_]) -> Relations:
    """The relations all of whose cells are among these; cells keep their numbers.

    >>> system = relations_of(3, [([(0, 1), (1, -1)], 0, 0), ([(1, 1), (2, -1)], 0, 0)])
    >>> among(system, np.array([False, True, True])).cell.tolist()
    [1, 2]
    """
    is_whole = np.ones(relations.count, dtype=bool)
    is_whole[relations.relation[~cells[relations.cell]]] = False
    number, inside = np.cumsum(is_whole) - 1, is_whole[relations.relation]
    return Relations(
        cells=relations.cells,
        relation=number[relations.relation[inside]],
        cell=relations.cell[inside],
        sign=relations.sign[inside],
        least=relations.least[is_whole],
        most=relations.most[is_whole],
    )
