"""Calibration of survey weights to totals.

J.-C. Deville, C.-E. Särndal, Calibration estimators in survey sampling, Journal of the American Statistical Association
87, 1992. Linear weights may be negative; raked ones are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

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
