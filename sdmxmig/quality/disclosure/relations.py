"""Sums among cells as one system across tables.

Linear programs: feasibility and minimum within limits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import MissingLibrary, pip_install
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


EXTRA = pip_install("disclosure")
EXACT = 1e-9
"""How far a solution may miss a limit."""


def is_installed() -> bool:
    return find_spec("highspy") is not None


def highs() -> Any:
    """The library HiGHS; raises `MissingLibrary` if it is not installed."""
    try:
        import highspy
    except ModuleNotFoundError:
        raise MissingLibrary(
            "Protecting and rounding tables needs HiGHS, which is not installed.", hint=f"Install it: {EXTRA}"
        ) from None
    return highspy


def never() -> bool:
    return False


Expired = Callable[[], bool]
"""Whether the time for a computation is over."""


class LinearProgram:
    """A reusable linear program; rows of `matrix` (starts, columns, signs) are sums, `whole` marks integers."""

    def __init__(
        self,
        limits: tuple[NDArray[np.float64], NDArray[np.float64]],
        row_limits: tuple[NDArray[np.float64], NDArray[np.float64]],
        matrix: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]],
        whole: NDArray[np.bool_] | None = None,
    ) -> None:
        self.library = highs()
        library = self.library
        program = library.HighsLp()
        program.num_col_, program.num_row_ = len(limits[0]), len(row_limits[0])
        program.col_cost_ = np.zeros(len(limits[0]))
        program.col_lower_, program.col_upper_ = limits
        program.row_lower_, program.row_upper_ = row_limits
        program.a_matrix_.format_ = library.MatrixFormat.kRowwise
        program.a_matrix_.start_, program.a_matrix_.index_, program.a_matrix_.value_ = matrix
        if whole is not None:
            kinds = library.HighsVarType
            program.integrality_ = [kinds.kInteger if is_whole else kinds.kContinuous for is_whole in whole]
        # What Python adds to the solver announces itself on the standard output, where data may stand.
        self.solver = library.Highs.__base__()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("primal_feasibility_tolerance", EXACT),
            ("dual_feasibility_tolerance", EXACT),
        ):
            self.solver.setOptionValue(option, value)
        self.solver.passModel(program)

    def time_limit(self, seconds: float) -> None:
        self.solver.setOptionValue("time_limit", seconds)

    def cost(self, column: int, value: float) -> None:
        self.solver.changeColCost(column, value)

    def costs(self, values: NDArray[np.float64]) -> None:
        self.solver.changeColsCost(len(values), np.arange(len(values), dtype=np.int32), values)

    def limit(self, column: int, least: float, most: float) -> None:
        self.solver.changeColBounds(column, least, most)

    def least(self) -> tuple[str, float]:
        """Minimise: ``solved`` with value, ``endless``, ``contradiction`` or ``unsolved`` (time or precision)."""
        statuses = self.library.HighsModelStatus
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == statuses.kOptimal:
            return "solved", float(self.solver.getInfo().objective_function_value)
        if status in (statuses.kUnbounded, statuses.kUnboundedOrInfeasible):
            return "endless", -np.inf
        return ("contradiction" if status == statuses.kInfeasible else "unsolved"), np.nan

    def solution(self) -> NDArray[np.float64]:
        return np.array(self.solver.getSolution().col_value)
