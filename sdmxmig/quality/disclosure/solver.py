"""Linear programs: feasibility and minimum within limits."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import MissingLibrary, pip_install
from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
