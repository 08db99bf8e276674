"""Protection problems: cells, sums among them, and the intervals that readers can infer.

Two linear programs per cell find its minimum and maximum from published figures, sums and non-negativity. Readers'
private knowledge is not considered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import MissingLibrary, write_pip_install
from sdmxmig.primitives.lazily import Flags, Floats, Integers, np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDED, CONTRADICTION, UNDECIDED = "bounded", "contradiction", "undecided"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relations:
    """Signed sums of cells, each within limits; `cells` is the number of cells.

    `relation`, `cell` and `sign` have one entry per term; `least` and `most` one per relation. Both limits are zero for
    complete totals, only `most` for incomplete ones.
    """

    cells: int
    relation: Integers
    cell: Integers
    sign: Floats
    least: Floats
    most: Floats

    @property
    def count(self) -> int:
        return len(self.least)

    def sums(self, values: Floats) -> Floats:
        sums = np.zeros(self.count)
        np.add.at(sums, self.relation, self.sign * values[self.cell])
        return sums


def build_relations(cells: int, sums: Sequence[tuple[Sequence[tuple[int, float]], float, float]]) -> Relations:
    """Build a system from relations, each with its terms (cell, sign), minimum and maximum.

    >>> system = build_relations(3, [([(1, 1), (2, 1), (0, -1)], 0, 0)])
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


def number_components(relations: Relations, free: Flags) -> Integers:
    """Number the groups of connected free cells; other cells get -1."""
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


def select_relations(relations: Relations, cells: Flags) -> Relations:
    """Return the relations that contain only these cells; cells keep their numbers.

    >>> system = build_relations(3, [([(0, 1), (1, -1)], 0, 0), ([(1, 1), (2, -1)], 0, 0)])
    >>> select_relations(system, np.array([False, True, True])).cell.tolist()
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


EXTRA = write_pip_install("disclosure")
EXACT_TOLERANCE = 1e-9


def is_installed() -> bool:
    return find_spec("highspy") is not None


def import_highs() -> Any:
    try:
        import highspy
    except ModuleNotFoundError:
        raise MissingLibrary(
            "Protecting and rounding tables needs HiGHS, which is not installed.", hint=f"Install it: {EXTRA}"
        ) from None
    return highspy


def never_expires() -> bool:
    return False


Expired = Callable[[], bool]
"""Check whether the time for a computation is over."""


class LinearProgram:
    """A reusable linear program; rows of `matrix` (starts, columns, signs) are sums; `whole` marks integers."""

    def __init__(
        self,
        limits: tuple[Floats, Floats],
        row_limits: tuple[Floats, Floats],
        matrix: tuple[NDArray[np.int32], NDArray[np.int32], Floats],
        whole: Flags | None = None,
    ) -> None:
        self.library = import_highs()
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
        # Python's wrapper of the solver prints to standard output, where data may be.
        self.solver = library.Highs.__base__()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("primal_feasibility_tolerance", EXACT_TOLERANCE),
            ("dual_feasibility_tolerance", EXACT_TOLERANCE),
        ):
            self.solver.setOptionValue(option, value)
        self.solver.passModel(program)

    def set_time_limit(self, seconds: float) -> None:
        self.solver.setOptionValue("time_limit", seconds)

    def cost(self, column: int, value: float) -> None:
        self.solver.changeColCost(column, value)

    def costs(self, values: Floats) -> None:
        self.solver.changeColsCost(len(values), np.arange(len(values), dtype=np.int32), values)

    def limit(self, column: int, least: float, most: float) -> None:
        self.solver.changeColBounds(column, least, most)

    def least(self) -> tuple[str, float]:
        """Minimise; return the outcome and the value.

        Outcomes are ``solved``, ``endless``, ``contradiction`` and ``unsolved`` (time or precision).
        """
        statuses = self.library.HighsModelStatus
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == statuses.kOptimal:
            return "solved", float(self.solver.getInfo().objective_function_value)
        if status in (statuses.kUnbounded, statuses.kUnboundedOrInfeasible):
            return "endless", -np.inf
        return ("contradiction" if status == statuses.kInfeasible else "unsolved"), np.nan

    def read_solution(self) -> Floats:
        return np.array(self.solver.getSolution().col_value)


TOLERANCE = 1e-6
"""Tolerance of intervals for the arithmetic of the solver."""
MIN_AMOUNT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectionProblem:
    """A table to protect.

    `hidden` cells are unpublished in any case. `width` is the required interval width. Cells in `may_hide` may be
    suppressed, zeros only if necessary. `half` is half the rounding unit of each value.
    """

    relations: Relations
    values: Floats
    primary: Flags
    hidden: Flags
    may_hide: Flags
    width: Floats
    half: Floats

    @property
    def can_change(self) -> Flags:
        return self.primary | self.hidden | self.may_hide

    def compute_prices(self, members: Integers, secondary: Flags) -> Floats:
        free = (self.primary | self.hidden | secondary)[members]
        return np.where(free, MIN_AMOUNT, 1.0 + np.log1p(np.abs(self.values[members])))


def find_limits(problem: ProtectionProblem, secondary: Flags) -> CellLimits:
    unknown = problem.primary | problem.hidden | secondary
    least = np.where(unknown, np.minimum(0.0, problem.values), problem.values - problem.half)
    return CellLimits(least=least, most=np.where(unknown, np.inf, problem.values + problem.half))


def is_wide_enough(problem: ProtectionProblem, bound: Interval) -> bool:
    is_wide = bound.outcome == BOUNDED and bound.width >= problem.width[bound.cell] - TOLERANCE
    return is_wide and bool(bound.most >= problem.values[bound.cell] - TOLERANCE)


def find_narrow_cells(problem: ProtectionProblem, secondary: Flags, cells: Integers, expired: Expired) -> Integers:
    bounds = compute_intervals(
        problem.relations, find_limits(problem, secondary), cells, expired=expired, needed=problem.width[cells]
    )
    return np.array([bound.cell for bound in bounds if not is_wide_enough(problem, bound)], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """Confidentiality rules and required interval widths.

    Counts below `threshold` are confidential; zeros only if `zero`. Intervals must be at least `times` the threshold
    and `share` of the value.
    """

    threshold: int
    zero: bool = False
    times: float = 2.0
    share: float = 0.3


def mark_small_counts(values: Floats, rules: SafetyRules) -> Flags:
    """Mark counts below the threshold; unknown values (NaN) are not marked.

    >>> mark_small_counts(np.array([0.0, 1.0, 2.0, 3.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [False, True, True, False, False]
    """
    return np.asarray((values < rules.threshold) & ((values > 0) | (rules.zero & (values == 0))))


def compute_widths(values: Floats, rules: SafetyRules) -> Floats:
    """Return the required interval width of each cell; unknown values (NaN) use only the threshold.

    >>> compute_widths(np.array([2.0, 100.0, np.nan]), SafetyRules(threshold=3)).tolist()
    [6.0, 30.0, 6.0]
    """
    return np.fmax(rules.times * rules.threshold, rules.share * np.abs(values))


EQUALITY_TOLERANCE = 1e-6
"""Tolerance of equal sums of floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellLimits:
    """Initial bounds of each cell; the bounds of published cells are equal."""

    least: Floats
    most: Floats


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


def compute_intervals(
    relations: Relations,
    known: CellLimits,
    cells: Integers,
    *,
    expired: Expired = never_expires,
    largest: int | None = None,
    needed: Floats | None = None,
) -> list[Interval]:
    """Compute the intervals of cells.

    With `needed` widths, intervals are computed only until wide enough. Groups larger than `largest`, and cells left
    when time has `expired`, are undecided and count as unsafe.
    """
    free = known.least < known.most
    group = number_components(relations, free)
    contradicted = find_contradictions(relations, known)
    bounds: dict[int, Interval] = {
        int(cell): build_undecided_interval(int(cell), CONTRADICTION)
        if contradicted[cell]
        else Interval(cell=int(cell), least=float(known.least[cell]), most=float(known.most[cell]))
        for cell in cells
        if not free[cell]
    }
    asked = cells[free[cells]]
    for label in np.unique(group[asked]):
        members, wanted = np.flatnonzero(group == label), asked[group[asked] == label]
        if largest is not None and len(members) > largest:
            bounds |= {cell: build_undecided_interval(cell) for cell in map(int, wanted)}
            continue
        enough = None if needed is None else dict(zip(cells.tolist(), needed.tolist(), strict=True))
        search = ComponentSearch(relations, known, members)
        bounds |= {bound.cell: bound for bound in search.bounds(wanted, enough, expired)}
    return [bounds[int(cell)] for cell in cells]


def find_contradictions(relations: Relations, known: CellLimits) -> Flags:
    free = known.least < known.most
    sums = relations.sums(np.where(free, 0.0, known.least))
    has_free = np.zeros(relations.count, dtype=bool)
    has_free[relations.relation[free[relations.cell]]] = True
    broken = ~has_free & ((sums < relations.least - EQUALITY_TOLERANCE) | (sums > relations.most + EQUALITY_TOLERANCE))
    contradicted = np.zeros(relations.cells, dtype=bool)
    contradicted[relations.cell[broken[relations.relation]]] = True
    return contradicted


def find_consistent_values(relations: Relations, known: CellLimits) -> Floats:
    """Return values that satisfy all sums and known values; NaN for cells of contradictory sums."""
    values = np.where(known.least == known.most, known.least, np.nan)
    group = number_components(relations, known.least < known.most)
    for label in np.unique(group[group >= 0]):
        members = np.flatnonzero(group == label)
        program = build_program(relations, known, members)
        outcome, _ = program.least()
        if outcome == "solved":
            values[members] = program.read_solution()
    return values


def build_undecided_interval(cell: int, outcome: str = UNDECIDED) -> Interval:
    return Interval(cell=cell, least=np.nan, most=np.nan, outcome=outcome)


class ComponentSearch:
    """Finds the bounds of connected cells, reusing earlier solutions."""

    def __init__(self, relations: Relations, known: CellLimits, members: Integers) -> None:
        self.program = build_program(relations, known, members)
        self.column = {int(cell): number for number, cell in enumerate(members)}
        self.least, self.most = np.full(len(members), np.inf), np.full(len(members), -np.inf)

    def bounds(self, wanted: Integers, needed: Mapping[int, float] | None, expired: Expired) -> Iterator[Interval]:
        outcome = "unsolved" if expired() else self.solved()[0]
        if outcome != "solved":
            reason = CONTRADICTION if outcome == "contradiction" else UNDECIDED
            yield from (build_undecided_interval(int(cell), reason) for cell in wanted)
            return
        for cell in map(int, wanted):
            column = self.column[cell]
            if needed is not None and self.most[column] - self.least[column] >= needed[cell]:
                yield Interval(cell=cell, least=float(self.least[column]), most=float(self.most[column]))
            else:
                yield build_undecided_interval(cell) if expired() else self.ends(cell)

    def ends(self, cell: int) -> Interval:
        ends = []
        for sign in (1.0, -1.0):
            self.program.cost(self.column[cell], sign)
            outcome, value = self.solved()
            ends.append(value * sign if outcome in ("solved", "endless") else np.nan)
        self.program.cost(self.column[cell], 0.0)
        least, most = ends
        return build_undecided_interval(cell) if np.isnan(ends).any() else Interval(cell=cell, least=least, most=most)

    def solved(self) -> tuple[str, float]:
        outcome, value = self.program.least()
        if outcome == "solved":
            solution = self.program.read_solution()
            self.least, self.most = np.minimum(self.least, solution), np.maximum(self.most, solution)
        return outcome, value


def build_program(relations: Relations, known: CellLimits, members: Integers) -> LinearProgram:
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
