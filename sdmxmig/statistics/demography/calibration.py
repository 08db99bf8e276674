"""Calibration of survey weights to totals.

J.-C. Deville, C.-E. Särndal, Calibration estimators in survey sampling, Journal of the American Statistical Association
87, 1992. Linear weights may be negative; raked ones are not.

Iterative proportional fitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Table = NDArray[np.float64]
    Truths = NDArray[np.bool_]


LINEAR, RAKING = "linear", "raking"
EXACT = 1e-9
STEPS = 200
HALVINGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightChange:
    """The method and bounds of weight changes."""

    method: str = LINEAR
    least: float = 0.0
    most: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibrated:
    """New weights, factors, and the largest relative error."""

    weights: Vector
    factors: Vector
    error: float


def calibrated(weights: Vector, variables: Vector, totals: Vector, change: WeightChange) -> Calibrated:
    """Calibrate weights to totals, to a billionth.

    `variables`: (persons, totals). Newton's method with step halving. Raises `SdmxmigError` if impossible within
    bounds.
    """
    check(weights, variables, totals, change)
    scale = np.maximum(np.abs(totals).max(initial=0.0), 1.0)
    multipliers = np.zeros(variables.shape[1])
    factors, slopes = changed(variables @ multipliers, change)
    gap = totals - variables.T @ (weights * factors)
    for _ in range(STEPS):
        error = float(np.abs(gap).max(initial=0.0) / scale)
        if error <= EXACT / 10:
            return Calibrated(weights=weights * factors, factors=factors, error=error)
        step = np.linalg.pinv(variables.T @ ((weights * slopes)[:, None] * variables)) @ gap
        for _ in range(HALVINGS):
            factors, slopes = changed(variables @ (multipliers + step), change)
            new_gap = totals - variables.T @ (weights * factors)
            if np.abs(new_gap).sum() < np.abs(gap).sum():
                break
            step = step / 2
        else:
            break
        multipliers, gap = multipliers + step, new_gap
    raise SdmxmigError(
        f"No weights within the bounds have the totals: a sum stays {float(np.abs(gap).max()):g} away.",
        hint="Widen the bounds, put groups together, or check that the totals go together.",
    )


def changed(scores: Vector, change: WeightChange) -> tuple[Vector, Vector]:
    raw = 1 + scores if change.method == LINEAR else np.exp(np.clip(scores, -50.0, 50.0))
    factors = np.clip(raw, change.least, change.most)
    inside = (raw > change.least) & (raw < change.most)
    return factors, np.where(inside, 1.0 if change.method == LINEAR else raw, 0.0)


def check(weights: Vector, variables: Vector, totals: Vector, change: WeightChange) -> None:
    if change.method not in (LINEAR, RAKING):
        raise SdmxmigError(f"“{change.method}” is no way to calibrate.", hint=f"There are: {LINEAR}, {RAKING}.")
    if not 0 <= change.least <= 1 <= change.most:
        raise SdmxmigError("Bounds of weights enclose 1.", hint="Write for example 0.3 and 3.")
    if not ((weights > 0).all() and np.isfinite(variables).all() and np.isfinite(totals).all()):
        raise SdmxmigError("A weight is not above 0, or a variable or total is empty.", hint="Correct the survey file.")
    if ((totals != 0) & ~variables.any(axis=0)).any():
        raise SdmxmigError("A total has nobody in the survey.", hint="Put groups together.")


ROUNDS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """Known totals by axes."""

    axes: tuple[int, ...]
    totals: Table
    _: KW_ONLY
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A fitted table with rounds and largest relative error."""

    table: Table
    rounds: int
    error: float


def fitted(start: Table, margins: Sequence[Margin], fixed: Truths | None = None) -> Fitted:
    """Fit a table to margins, to a billionth.

    `fixed` cells stay. Raises `SdmxmigError` for contradictory margins and no convergence.

    >>> two = fitted(np.array([[1.0, 2.0], [3.0, 4.0]]), [Margin((0,), np.array([10.0, 20.0]))])
    >>> [[round(float(cell), 2) for cell in row] for row in two.table]
    [[3.33, 6.67], [8.57, 11.43]]
    """
    held = np.zeros(start.shape, dtype=bool) if fixed is None else fixed
    kept = np.where(held, start, 0.0)
    free = np.where(held, 0.0, start)
    check_start(start, margins)
    rest = [Margin(margin.axes, margin.totals - summed_to(kept, margin.axes)) for margin in margins]
    for number, (margin, open_totals) in enumerate(zip(margins, rest, strict=True)):
        check_margin(called(margins, number), margin, (open_totals.totals, summed_to(free, margin.axes)))
    table, error, best = free, np.inf, np.inf
    for step in range(1, ROUNDS + 1):
        for margin in rest:
            table = scaled(table, margin)
        error = max(distance(table, margin) for margin in rest)
        if error <= EXACT / 10:
            return checked(Fitted(table=table + kept, rounds=step, error=error), margins)
        if step % 1000 == 0:
            if error > best / 2:
                break
            best = error
    worst = max(range(len(rest)), key=lambda number: distance(table, rest[number]))
    left = f"{called(margins, worst)} stays {error:.2g} of its largest total away"
    raise SdmxmigError(
        f"No table with these zero and fixed cells has the margins: {left}.",
        hint="Free cells, give zeros a small start where they are possible, or correct the margins.",
    )


def checked(result: Fitted, margins: Sequence[Margin]) -> Fitted:
    error = max(distance(result.table, margin) for margin in margins)
    if error > EXACT:
        raise SdmxmigError("The fitted table misses a margin.", hint="Correct the margins.")
    return Fitted(table=result.table, rounds=result.rounds, error=error)


def called(margins: Sequence[Margin], number: int) -> str:
    return margins[number].name or f"margin {number + 1}"


def summed_to(table: Table, axes: tuple[int, ...]) -> Table:
    return np.asarray(table.sum(axis=tuple(axis for axis in range(table.ndim) if axis not in axes)))


def scaled(table: Table, margin: Margin) -> Table:
    sums = summed_to(table, margin.axes)
    factors = np.divide(margin.totals, sums, out=np.zeros_like(sums), where=sums > 0)
    shape = [size if axis in margin.axes else 1 for axis, size in enumerate(table.shape)]
    return np.asarray(table * factors.reshape(shape))


def distance(table: Table, margin: Margin) -> float:
    largest = float(np.abs(margin.totals).max(initial=0.0)) or 1.0
    return float(np.abs(summed_to(table, margin.axes) - margin.totals).max(initial=0.0)) / largest


def check_start(start: Table, margins: Sequence[Margin]) -> None:
    """Refuse tables and margins that are none, and margins that contradict each other."""
    if not margins:
        raise SdmxmigError("There is no margin.", hint="Name at least one.")
    if not (np.isfinite(start).all() and (start >= 0).all()):
        raise SdmxmigError("A cell of the table is negative or empty.", hint="Cells are 0 or above.")
    for number, margin in enumerate(margins):
        shape = tuple(start.shape[axis] for axis in margin.axes)
        if margin.totals.shape != shape or tuple(sorted(margin.axes)) != margin.axes:
            raise SdmxmigError(
                f"The shape of {called(margins, number)} is not that of the table.", hint="Give a total for each code."
            )
        if not (np.isfinite(margin.totals).all() and (margin.totals >= 0).all()):
            name = called(margins, number)
            raise SdmxmigError(f"A total of {name} is negative or empty.", hint="Totals are 0 or above.")
    for (first, former), (second, other) in combinations(enumerate(margins), 2):
        common = tuple(axis for axis in former.axes if axis in other.axes)
        sums = [
            summed_to(margin.totals, tuple(margin.axes.index(axis) for axis in common)) for margin in (former, other)
        ]
        gap = float(np.abs(sums[0] - sums[1]).max(initial=0.0))
        if gap > EXACT * max(float(np.abs(sums[0]).max(initial=0.0)), 1.0):
            both = f"{called(margins, first)} and {called(margins, second)}"
            raise SdmxmigError(
                f"{both} contradict each other: what both sum to differs by {gap:g}.",
                hint="Bring them to the same totals first.",
            )


def check_margin(name: str, margin: Margin, sums: tuple[Table, Table]) -> None:
    """Refuse a margin that fixed cells exceed, or that has a total which no cell can have."""
    left, available = sums
    tolerance = EXACT * max(float(margin.totals.max(initial=0.0)), 1.0)
    if (left < -tolerance).any():
        raise SdmxmigError(f"Fixed cells exceed a total of {name}.", hint="Correct the fixed cells or the margin.")
    if ((left > tolerance) & (available <= 0)).any():
        raise SdmxmigError(
            f"A total of {name} has no cell that could have it: all are zero or fixed.",
            hint="Give cells that are possible a small start.",
        )
