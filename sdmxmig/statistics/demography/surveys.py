"""Calibration of survey weights, and survey estimates with design-based precision.

Source: J.-C. Deville, C.-E. Särndal, Calibration estimators in survey sampling, Journal of the American Statistical
Association 87, 1992. Linear weights may be negative; raked ones are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Flags, Floats, Integers, np
from sdmxmig.statistics.demography.distributions import compute_normal_quantile, compute_student_quantile

LINEAR, RAKING = "linear", "raking"
TOLERANCE = 1e-9
MAX_STEPS = 200
MAX_HALVINGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightChange:
    method: str = LINEAR
    least: float = 0.0
    most: float = float("inf")


def calibrate_weights(weights: Floats, variables: Floats, totals: Floats, change: WeightChange) -> tuple[Floats, float]:
    """Return factors that calibrate weights to totals, to a billionth, and the error that remains.

    `variables`: (persons, totals). Newton's method with step halving. Raises `SdmxmigError` if impossible within
    bounds.
    """
    check_calibration(weights, variables, totals, change)
    scale = np.maximum(np.abs(totals).max(initial=0.0), 1.0)
    multipliers = np.zeros(variables.shape[1])
    factors, slopes = compare_weights(variables @ multipliers, change)
    gap = totals - variables.T @ (weights * factors)
    for _ in range(MAX_STEPS):
        error = float(np.abs(gap).max(initial=0.0) / scale)
        if error <= TOLERANCE / 10:
            return factors, error
        step = np.linalg.pinv(variables.T @ ((weights * slopes)[:, None] * variables)) @ gap
        for _ in range(MAX_HALVINGS):
            factors, slopes = compare_weights(variables @ (multipliers + step), change)
            new_gap = totals - variables.T @ (weights * factors)
            if np.abs(new_gap).sum() < np.abs(gap).sum():
                break
            step = step / 2
        else:
            break
        multipliers, gap = multipliers + step, new_gap
    raise SdmxmigError(
        f"No weights within the bounds match the totals: a sum differs by {float(np.abs(gap).max()):g} away.",
        hint="Widen the bounds, merge groups, or check that the totals are consistent.",
    )


def compare_weights(scores: Floats, change: WeightChange) -> tuple[Floats, Floats]:
    raw = 1 + scores if change.method == LINEAR else np.exp(np.clip(scores, -50.0, 50.0))
    factors = np.clip(raw, change.least, change.most)
    inside = (raw > change.least) & (raw < change.most)
    return factors, np.where(inside, 1.0 if change.method == LINEAR else raw, 0.0)


def check_calibration(weights: Floats, variables: Floats, totals: Floats, change: WeightChange) -> None:
    if change.method not in (LINEAR, RAKING):
        raise SdmxmigError(
            f"“{change.method}” is not a calibration method.", hint=f"Possible values: {LINEAR}, {RAKING}."
        )
    if not 0 <= change.least <= 1 <= change.most:
        raise SdmxmigError("The bounds of weights must include 1.", hint="Write for example 0.3 and 3.")
    if not ((weights > 0).all() and np.isfinite(variables).all() and np.isfinite(totals).all()):
        raise SdmxmigError(
            "A weight is 0 or negative, or a variable or total is empty.", hint="Correct the survey file."
        )
    if ((totals != 0) & ~variables.any(axis=0)).any():
        raise SdmxmigError("A total has no persons in the survey.", hint="Merge groups.")


MAX_ROUNDS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    axes: tuple[int, ...]
    totals: Floats
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedTable:
    table: Floats
    rounds: int
    error: float


def fit_table(start: Floats, margins: Sequence[Margin], fixed: Flags | None = None) -> FittedTable:
    """Fit a table to margins, to a billionth.

    `fixed` cells are kept. Raises `SdmxmigError` for contradictory margins or without convergence.

    >>> two = fit_table(np.array([[1.0, 2.0], [3.0, 4.0]]), [Margin((0,), np.array([10.0, 20.0]))])
    >>> [[round(float(cell), 2) for cell in row] for row in two.table]
    [[3.33, 6.67], [8.57, 11.43]]
    """
    held = np.zeros(start.shape, dtype=bool) if fixed is None else fixed
    kept = np.where(held, start, 0.0)
    free = np.where(held, 0.0, start)
    check_start(start, margins)
    rest = [Margin(margin.axes, margin.totals - sum_to_axes(kept, margin.axes)) for margin in margins]
    for number, (margin, open_totals) in enumerate(zip(margins, rest, strict=True)):
        check_margin(name_margin(margins, number), margin, open_totals.totals, sum_to_axes(free, margin.axes))
    table, error, best = free, np.inf, np.inf
    for step in range(1, MAX_ROUNDS + 1):
        for margin in rest:
            table = scale_to_margin(table, margin)
        error = max(compute_distance(table, margin) for margin in rest)
        if error <= TOLERANCE / 10:
            return check_margins(FittedTable(table=table + kept, rounds=step, error=error), margins)
        if step % 1000 == 0:
            if error > best / 2:
                break
            best = error
    worst = max(range(len(rest)), key=lambda number: compute_distance(table, rest[number]))
    left = f"{name_margin(margins, worst)} stays {error:.2g} of its largest total away"
    raise SdmxmigError(
        f"No table with these zero and fixed cells matches the margins: {left}.",
        hint="Free cells, give zeros a small start where they are possible, or correct the margins.",
    )


def check_margins(result: FittedTable, margins: Sequence[Margin]) -> FittedTable:
    error = max(compute_distance(result.table, margin) for margin in margins)
    if error > TOLERANCE:
        raise SdmxmigError("The fitted table does not match its margins.", hint="Correct the margins.")
    return FittedTable(table=result.table, rounds=result.rounds, error=error)


def name_margin(margins: Sequence[Margin], number: int) -> str:
    return margins[number].name or f"margin {number + 1}"


def sum_to_axes(table: Floats, axes: tuple[int, ...]) -> Floats:
    return np.asarray(table.sum(axis=tuple(axis for axis in range(table.ndim) if axis not in axes)))


def scale_to_margin(table: Floats, margin: Margin) -> Floats:
    sums = sum_to_axes(table, margin.axes)
    factors = np.divide(margin.totals, sums, out=np.zeros_like(sums), where=sums > 0)
    shape = [size if axis in margin.axes else 1 for axis, size in enumerate(table.shape)]
    return np.asarray(table * factors.reshape(shape))


def compute_distance(table: Floats, margin: Margin) -> float:
    largest = float(np.abs(margin.totals).max(initial=0.0)) or 1.0
    return float(np.abs(sum_to_axes(table, margin.axes) - margin.totals).max(initial=0.0)) / largest


def check_start(start: Floats, margins: Sequence[Margin]) -> None:
    if not margins:
        raise SdmxmigError("There is no margin.", hint="Name at least one.")
    if not (np.isfinite(start).all() and (start >= 0).all()):
        raise SdmxmigError("A cell of the table is negative or empty.", hint="Enter 0 or more in each cell.")
    for number, margin in enumerate(margins):
        shape = tuple(start.shape[axis] for axis in margin.axes)
        if margin.totals.shape != shape or tuple(sorted(margin.axes)) != margin.axes:
            raise SdmxmigError(
                f"The shape of {name_margin(margins, number)} is not that of the table.",
                hint="Give a total for each code.",
            )
        if not (np.isfinite(margin.totals).all() and (margin.totals >= 0).all()):
            name = name_margin(margins, number)
            raise SdmxmigError(f"A total of {name} is negative or empty.", hint="Enter 0 or more in each total.")
    for (first, former), (second, other) in combinations(enumerate(margins), 2):
        common = tuple(axis for axis in former.axes if axis in other.axes)
        sums = [
            sum_to_axes(margin.totals, tuple(margin.axes.index(axis) for axis in common)) for margin in (former, other)
        ]
        gap = float(np.abs(sums[0] - sums[1]).max(initial=0.0))
        if gap > TOLERANCE * max(float(np.abs(sums[0]).max(initial=0.0)), 1.0):
            both = f"{name_margin(margins, first)} and {name_margin(margins, second)}"
            raise SdmxmigError(
                f"{both} contradict each other: their common total differs by {gap:g}.",
                hint="Adjust them to the same totals first.",
            )


def check_margin(name: str, margin: Margin, left: Floats, available: Floats) -> None:
    """Raise `SdmxmigError` for margins below their fixed cells, or totals that cannot be reached."""
    tolerance = TOLERANCE * max(float(margin.totals.max(initial=0.0)), 1.0)
    if (left < -tolerance).any():
        raise SdmxmigError(f"Fixed cells exceed a total of {name}.", hint="Correct the fixed cells or the margin.")
    if ((left > tolerance) & (available <= 0)).any():
        raise SdmxmigError(
            f"A total of {name} has no cell that can contribute: all are zero or fixed.",
            hint="Give cells that are possible a small start.",
        )


MIN_PERSONS = 30
"""Minimum number of sampled persons in a cell with a figure."""
UNRELIABLE_ERROR = 0.3
"""Relative standard error above which a figure is of low reliability."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A survey design: weights, strata and clusters (persons,), and `sizes` of strata or None."""

    weights: Floats
    strata: Integers
    clusters: Integers
    sizes: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEstimate:
    value: float
    error: float
    low: float
    high: float
    persons: int

    @property
    def is_unreliable(self) -> bool:
        return self.error > UNRELIABLE_ERROR * abs(self.value) or (self.value == 0 and self.high > 0)


def estimate_total(sample: Sample, values: Floats, cell: Flags, least: int = MIN_PERSONS) -> SurveyEstimate:
    check_sample(sample, cell, least)
    parts = sample.weights * np.where(cell, values, 0.0)
    return compute_estimate(sample, float(parts.sum()), parts, int(cell.sum()))


def estimate_ratio(
    sample: Sample, values: tuple[Floats, Floats], cell: Flags, least: int = MIN_PERSONS
) -> SurveyEstimate:
    """Estimate a ratio in a cell.

    Linearised variance with replacement (W. G. Cochran, Sampling techniques, 1977, sections 6.3 and 11.9; K. M. Wolter,
    Introduction to variance estimation, 2007); Student's t with clusters − strata degrees of freedom. Raises
    `SdmxmigError` for fewer than `least` persons, single clusters and zero denominators.
    """
    check_sample(sample, cell, least)
    numerator, denominator = (sample.weights * np.where(cell, part, 0.0) for part in values)
    whole = float(denominator.sum())
    if whole <= 0:
        raise SdmxmigError("The denominator of a ratio is zero.", hint="Choose another denominator.")
    value = float(numerator.sum()) / whole
    return compute_estimate(sample, value, (numerator - value * denominator) / whole, int(cell.sum()))


def estimate_scaled_total(
    sample: Sample, values: tuple[Floats, Floats], cell: Flags, least: int = MIN_PERSONS
) -> SurveyEstimate:
    """Estimate a total with missing answers, scaled by weight.

    `values` are quality and answered (persons; 0 or 1). Linearised variance (see `estimate_ratio`). Raises
    `SdmxmigError` for fewer than `least` answers.
    """
    has, answered = values
    heard = cell & (answered > 0)
    share = estimate_ratio(sample, values, heard, least).value
    everybody = sample.weights * cell
    stood_for = float(everybody.sum()) / float(sample.weights[heard].sum())
    parts = share * everybody + stood_for * sample.weights * np.where(heard, has - share, 0.0)
    return compute_estimate(sample, share * float(everybody.sum()), parts, int(heard.sum()))


def estimate_share(sample: Sample, has: Floats, cell: Flags, least: int = MIN_PERSONS) -> SurveyEstimate:
    """Estimate a share with an interval within 0 and 1.

    E. B. Wilson (Probable inference, the law of succession, and statistical inference, 1927) with the effective sample
    size. Raises `SdmxmigError` like `estimate_ratio`.
    """
    estimate = estimate_ratio(sample, (has, np.ones(len(has))), cell, least)
    value, left = estimate.value, compute_unseen_share(sample, cell)
    if left <= 0:
        return replace(estimate, low=value, high=value)  # the sample includes everybody
    size, quantile = compute_effective_size(sample, estimate, cell) / left, compute_normal_quantile(0.975)
    squared = quantile**2 / size
    middle = (value + squared / 2) / (1 + squared)
    reach = math.sqrt(squared * (value * (1 - value) + squared / 4)) / (1 + squared)
    low = 0.0 if value <= 0 else max(0.0, middle - reach)
    high = 1.0 if value >= 1 else min(1.0, middle + reach)
    return replace(estimate, low=low, high=high)


def compute_unseen_share(sample: Sample, cell: Flags) -> float:
    strata = np.unique(np.column_stack([sample.clusters, sample.strata]), axis=0)[:, 1]
    return float(compute_unsampled_shares(sample, np.bincount(strata))[sample.strata][cell].mean())


def compute_effective_size(sample: Sample, share: SurveyEstimate, cell: Flags) -> float:
    """Compute the effective sample size.

    E. L. Korn and B. I. Graubard, Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, 1998. Without variation, each cluster counts once: L. Kish, Survey sampling, 1965,
    section 11.7.
    """
    degrees = len(np.unique(sample.clusters)) - len(np.unique(sample.strata))
    if share.error > 0:
        size = share.value * (1 - share.value) * compute_unseen_share(sample, cell) / share.error**2
        size *= share.persons / max(share.persons - 1, 1)
    else:
        sums = np.bincount(sample.clusters, weights=sample.weights * cell)
        size = float(sums.sum() ** 2 / (sums**2).sum())
    size *= (compute_student_quantile(0.975, max(share.persons - 1, 1)) / compute_student_quantile(0.975, degrees)) ** 2
    return min(size, float(share.persons))


def compute_estimate(sample: Sample, value: float, parts: Floats, persons: int) -> SurveyEstimate:
    sums = np.bincount(sample.clusters, weights=parts)
    stratum = np.zeros(len(sums), dtype=np.int64)
    stratum[sample.clusters] = sample.strata
    count = np.bincount(stratum)
    mean = np.bincount(stratum, weights=sums) / np.maximum(count, 1)
    squares = np.bincount(stratum, weights=(sums - mean[stratum]) ** 2)
    variance = float(
        np.sum(
            squares * compute_unsampled_shares(sample, count) * np.where(count > 1, count / np.maximum(count - 1, 1), 0)
        )
    )
    error = math.sqrt(variance)
    reach = compute_student_quantile(0.975, len(sums) - int((count > 0).sum())) * error
    return SurveyEstimate(value=value, error=error, low=value - reach, high=value + reach, persons=persons)


def compute_unsampled_shares(sample: Sample, drawn: Integers) -> Floats:
    shares = np.ones(len(drawn))
    if sample.sizes is not None:
        shares[sample.strata] = 1 - drawn[sample.strata] / sample.sizes
    return shares


def check_sample(sample: Sample, cell: Flags, least: int) -> None:
    if int(cell.sum()) < least:
        raise SdmxmigError(
            f"Fewer than {least} persons of the sample are in the cell.", hint="Merge groups, or use more years."
        )
    if not (sample.weights > 0).all():
        raise SdmxmigError("A weight is 0 or negative.", hint="Correct the survey file.")
    pairs = np.unique(np.column_stack([sample.clusters, sample.strata]), axis=0)
    if len(pairs) != len(np.unique(sample.clusters)):
        raise SdmxmigError("A cluster is in two strata.", hint="Number the clusters of each stratum separately.")
    drawn = np.bincount(pairs[:, 1])
    if sample.sizes is not None and (sample.sizes < drawn[sample.strata]).any():
        raise SdmxmigError(
            "More clusters are in the sample of a stratum than it has.", hint="Correct the total number of clusters."
        )
    alone = int((drawn == 1).sum())
    if alone:
        raise SdmxmigError(
            f"{alone:,} {'stratum has' if alone == 1 else 'strata have'} only one cluster: precision is unknown.",
            hint="Merge it with another stratum.",
        )
