"""Survey estimates with design-based precision."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np
from sdmxmig.statistics.demography.distributions import normal_quantile, student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LEAST_PERSONS = 30
"""A cell with fewer persons in the sample has no figure."""
UNRELIABLE = 0.3
"""A relative standard error above this makes a figure one of low reliability."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A survey design: weight, stratum, cluster (persons,); `sizes` of strata, or None."""

    weights: Vector
    strata: NDArray[np.int64]
    _: KW_ONLY
    clusters: NDArray[np.int64]
    sizes: Vector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEstimate:
    """A total or ratio with standard error, 95 % interval and sample size."""

    value: float
    error: float
    low: float
    high: float
    persons: int

    @property
    def is_unreliable(self) -> bool:
        return self.error > UNRELIABLE * abs(self.value) or (self.value == 0 and self.high > 0)


def total_of(sample: Sample, values: Vector, cell: NDArray[np.bool_], least: int = LEAST_PERSONS) -> SurveyEstimate:
    """Estimate a total in a cell; raises `SdmxmigError` like `ratio_of`."""
    check(sample, cell, least)
    parts = sample.weights * np.where(cell, values, 0.0)
    return estimate_of(sample, float(parts.sum()), parts, int(cell.sum()))


def ratio_of(
    sample: Sample, values: tuple[Vector, Vector], cell: NDArray[np.bool_], least: int = LEAST_PERSONS
) -> SurveyEstimate:
    """Estimate a ratio in a cell.

    Linearised variance with replacement (W. G. Cochran, Sampling techniques, 1977, sections 6.3 and 11.9; K. M. Wolter,
    Introduction to variance estimation, 2007); Student's t with clusters − strata degrees of freedom. Raises
    `SdmxmigError` for fewer than `least` persons, single clusters and zero denominators.
    """
    check(sample, cell, least)
    numerator, denominator = (sample.weights * np.where(cell, part, 0.0) for part in values)
    whole = float(denominator.sum())
    if whole <= 0:
        raise SdmxmigError("The denominator of a ratio is nothing.", hint="Choose another denominator.")
    value = float(numerator.sum()) / whole
    return estimate_of(sample, value, (numerator - value * denominator) / whole, int(cell.sum()))


def scaled_total_of(
    sample: Sample, values: tuple[Vector, Vector], cell: NDArray[np.bool_], least: int = LEAST_PERSONS
) -> SurveyEstimate:
    """Estimate a total with missing answers, scaled by weight.

    `values`: quality and answered (persons, 0 and 1). Linearised variance (see `ratio_of`). Raises `SdmxmigError` for
    fewer than `least` answers.
    """
    has, answered = values
    heard = cell & (answered > 0)
    share = ratio_of(sample, values, heard, least).value
    everybody = sample.weights * cell
    stood_for = float(everybody.sum()) / float(sample.weights[heard].sum())
    parts = share * everybody + stood_for * sample.weights * np.where(heard, has - share, 0.0)
    return estimate_of(sample, share * float(everybody.sum()), parts, int(heard.sum()))


def share_of(sample: Sample, has: Vector, cell: NDArray[np.bool_], least: int = LEAST_PERSONS) -> SurveyEstimate:
    """Estimate a share with an interval within 0 and 1.

    E. B. Wilson (Probable inference, the law of succession, and statistical inference, 1927) with the effective sample
    size. Raises `SdmxmigError` like `ratio_of`.
    """
    estimate = ratio_of(sample, (has, np.ones(len(has))), cell, least)
    value, left = estimate.value, unseen(sample, cell)
    if left <= 0:
        return replace(estimate, low=value, high=value)  # everybody is in the sample
    size, quantile = effective_size(sample, estimate, cell) / left, normal_quantile(0.975)
    squared = quantile**2 / size
    middle = (value + squared / 2) / (1 + squared)
    reach = math.sqrt(squared * (value * (1 - value) + squared / 4)) / (1 + squared)
    low = 0.0 if value <= 0 else max(0.0, middle - reach)
    high = 1.0 if value >= 1 else min(1.0, middle + reach)
    return replace(estimate, low=low, high=high)


def unseen(sample: Sample, cell: NDArray[np.bool_]) -> float:
    strata = np.unique(np.column_stack([sample.clusters, sample.strata]), axis=0)[:, 1]
    return float(not_drawn(sample, np.bincount(strata))[sample.strata][cell].mean())


def effective_size(sample: Sample, share: SurveyEstimate, cell: NDArray[np.bool_]) -> float:
    """Compute the effective sample size.

    E. L. Korn and B. I. Graubard, Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, 1998. Without variation, each cluster counts once: L. Kish, Survey sampling, 1965,
    section 11.7.
    """
    degrees = len(np.unique(sample.clusters)) - len(np.unique(sample.strata))
    if share.error > 0:
        size = share.value * (1 - share.value) * unseen(sample, cell) / share.error**2
        size *= share.persons / max(share.persons - 1, 1)
    else:
        sums = np.bincount(sample.clusters, weights=sample.weights * cell)
        size = float(sums.sum() ** 2 / (sums**2).sum())
    size *= (student_quantile(0.975, max(share.persons - 1, 1)) / student_quantile(0.975, degrees)) ** 2
    return min(size, float(share.persons))


def estimate_of(sample: Sample, value: float, parts: Vector, persons: int) -> SurveyEstimate:
    """An estimate with the standard error that what each person gives to it has."""
    sums = np.bincount(sample.clusters, weights=parts)
    stratum = np.zeros(len(sums), dtype=np.int64)
    stratum[sample.clusters] = sample.strata
    count = np.bincount(stratum)
    mean = np.bincount(stratum, weights=sums) / np.maximum(count, 1)
    squares = np.bincount(stratum, weights=(sums - mean[stratum]) ** 2)
    variance = float(
        np.sum(squares * not_drawn(sample, count) * np.where(count > 1, count / np.maximum(count - 1, 1), 0))
    )
    error = math.sqrt(variance)
    reach = student_quantile(0.975, len(sums) - int((count > 0).sum())) * error
    return SurveyEstimate(value=value, error=error, low=value - reach, high=value + reach, persons=persons)


def not_drawn(sample: Sample, drawn: NDArray[np.int64]) -> Vector:
    shares = np.ones(len(drawn))
    if sample.sizes is not None:
        shares[sample.strata] = 1 - drawn[sample.strata] / sample.sizes
    return shares


def check(sample: Sample, cell: NDArray[np.bool_], least: int) -> None:
    """Refuse a cell that is too small, and a design that tells no precision."""
    if int(cell.sum()) < least:
        raise SdmxmigError(
            f"Fewer than {least} persons of the sample are in the cell.",
            hint="Put groups together, or take more years.",
        )
    if not (sample.weights > 0).all():
        raise SdmxmigError("A weight is not above 0.", hint="Correct the survey file.")
    pairs = np.unique(np.column_stack([sample.clusters, sample.strata]), axis=0)
    if len(pairs) != len(np.unique(sample.clusters)):
        raise SdmxmigError("A cluster is in two strata.", hint="Give clusters of each stratum numbers of their own.")
    drawn = np.bincount(pairs[:, 1])
    if sample.sizes is not None and (sample.sizes < drawn[sample.strata]).any():
        raise SdmxmigError(
            "More clusters are in the sample of a stratum than it has.", hint="Correct how many there are in all."
        )
    alone = int((drawn == 1).sum())
    if alone:
        raise SdmxmigError(
            f"{alone:,} {'stratum has' if alone == 1 else 'strata have'} one cluster alone, which tells no precision.",
            hint="Put it together with another stratum.",
        )
