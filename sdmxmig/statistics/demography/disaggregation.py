"""Temporal disaggregation of annual figures."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Floats, Integers, np

CORRELATIONS = tuple(step / 100 for step in range(100))
MIN_SPARE_YEARS = 4
"""Years needed beyond the number of indicators."""


def distribute_by_denton(totals: Floats, indicator: Floats) -> Floats:
    """Distribute annual figures by Denton's method.

    Proportional first differences (F. T. Denton, Adjustment of monthly or quarterly series to annual totals, Journal of
    the American Statistical Association 66, 1971), corrected by P. A. Cholette (1984). `totals` (years,), `indicator`
    (years · months,). Raises `SdmxmigError` for invalid indicators.

    >>> months = distribute_by_denton(np.array([12.0, 24.0]), np.ones(4))
    >>> [round(float(month), 2) for month in months]
    [5.0, 7.0, 11.0, 13.0]
    """
    periods = count_periods(totals, indicator)
    if not (indicator > 0).all():
        raise SdmxmigError(
            "The indicator is not above 0 in every month.", hint="Use another indicator, or no indicator."
        )
    size, years = len(indicator), len(totals)
    sums = build_aggregation(years, periods)
    differences = np.diff(np.eye(size), axis=0)
    system = np.zeros((size + years, size + years))
    system[:size, :size] = differences.T @ differences
    weighted = sums * indicator
    system[:size, size:], system[size:, :size] = weighted.T, weighted
    solved = np.linalg.solve(system, np.concatenate([np.zeros(size), totals]))
    return adjust_to_totals(solved[:size] * indicator, totals)


def distribute_by_chow_lin(totals: Floats, indicators: Floats) -> Floats:
    """Distribute annual figures by Chow–Lin regression.

    G. C. Chow and A. Lin (Best linear unbiased interpolation, distribution, and extrapolation of time series by related
    series, Review of Economics and Statistics 53, 1971), with an autoregression from 0.00 to 0.99 chosen by likelihood.
    `indicators` (years · months, indicators). Raises `SdmxmigError` for too few years and collinearity.
    """
    periods = count_periods(totals, indicators)
    years, size = len(totals), indicators.shape[1]
    if years < size + MIN_SPARE_YEARS:
        raise SdmxmigError(
            f"{years} years are too few for {size} indicators.", hint=f"Use at least {size + MIN_SPARE_YEARS} years."
        )
    sums = build_aggregation(years, periods)
    if np.linalg.matrix_rank(sums @ indicators) < size:
        raise SdmxmigError(
            "The yearly figures of the indicators are collinear; a constant counts as an indicator.",
            hint="Leave out an indicator, or use Denton’s method, which follows the pattern within years.",
        )
    best = max(CORRELATIONS, key=lambda correlation: compute_likelihood(totals, sums, indicators, correlation))
    return adjust_to_totals(distribute_totals(totals, sums, indicators, best), totals)


def count_periods(totals: Floats, indicator: Floats) -> int:
    if not len(totals) or len(indicator) % len(totals) or len(indicator) <= len(totals):
        raise SdmxmigError(
            "The indicator does not cover the months of all years.", hint="Add every month of each year."
        )
    if not (np.isfinite(totals).all() and np.isfinite(indicator).all()):
        raise SdmxmigError("A year or a month has no figure.", hint="Give figures without gaps.")
    return len(indicator) // len(totals)


def build_aggregation(years: int, periods: int) -> Floats:
    return np.asarray(np.kron(np.eye(years), np.ones(periods)))


def adjust_to_totals(months: Floats, totals: Floats) -> Floats:
    table = months.reshape(len(totals), -1)
    return np.asarray((table + ((totals - table.sum(axis=1)) / table.shape[1])[:, None]).ravel())


def build_covariance(size: int, correlation: float) -> Floats:
    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return np.asarray(correlation**steps / (1 - correlation**2))


def compute_likelihood(totals: Floats, sums: Floats, indicators: Floats, correlation: float) -> float:
    spread = sums @ build_covariance(len(indicators), correlation) @ sums.T
    inverse = compute_inverse(spread)
    errors = totals - sums @ indicators @ estimate_effects(totals, sums, indicators, inverse)
    variance = float(errors @ inverse @ errors) / len(totals)
    return -0.5 * (len(totals) * float(np.log(max(variance, 1e-300))) + float(np.linalg.slogdet(spread)[1]))


def compute_inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def estimate_effects(totals: Floats, sums: Floats, indicators: Floats, inverse: Floats) -> Floats:
    yearly = sums @ indicators
    return np.asarray(np.linalg.solve(yearly.T @ inverse @ yearly, yearly.T @ inverse @ totals))


def distribute_totals(totals: Floats, sums: Floats, indicators: Floats, correlation: float) -> Floats:
    monthly = build_covariance(len(indicators), correlation)
    inverse = compute_inverse(sums @ monthly @ sums.T)
    expected = indicators @ estimate_effects(totals, sums, indicators, inverse)
    return np.asarray(expected + monthly @ sums.T @ inverse @ (totals - sums @ expected))


def round_to_integers(values: Floats, total: int) -> Integers:
    """Round to integers with the same sum; raise `SdmxmigError` for negative values.

    >>> round_to_integers(np.array([1.4, 1.4, 1.2]), 4).tolist()
    [2, 1, 1]
    """
    if (values < 0).any():
        raise SdmxmigError("A monthly figure would be negative.", hint="Use another indicator, or Denton’s method.")
    below = np.floor(values).astype(np.int64)
    order = np.lexsort((np.arange(len(values)), -(values - below)))
    below[order[: max(total - int(below.sum()), 0)]] += 1
    return below
