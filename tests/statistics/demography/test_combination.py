"""Fitting, calibration, months of years, and estimates of surveys: published examples and other programs as judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipfn.ipfn import ipfn
from scipy.optimize import minimize

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.statistics.demography.disaggregation import (
    build_aggregation,
    build_covariance,
    distribute_by_chow_lin,
    distribute_by_denton,
    distribute_totals,
    round_to_integers,
)
from sdmxmig.statistics.demography.surveys import (
    RAKING,
    Margin,
    Sample,
    WeightChange,
    calibrate_weights,
    estimate_ratio,
    estimate_scaled_total,
    estimate_share,
    estimate_total,
    fit_table,
)

STATUS = np.array(
    [
        [1306, 83, 0], [619, 765, 3], [263, 1194, 9], [173, 1372, 28],
        [171, 1393, 51], [159, 1372, 81], [208, 1350, 108], [1116, 4100, 2329],
    ],
    dtype=float,
)  # fmt: skip
"""Women by age and marital status: D. Friedlander 1961, in Y. M. M. Bishop and others, Discrete multivariate analysis,
1975, page 98."""
AGES = np.array([1412, 1402, 1450, 1541, 1681, 1532, 1662, 7644], dtype=float)
SINGLE = np.array([3988, 11702, 2634], dtype=float)


def test_table_of_friedlander_is_fitted_as_by_another_program() -> None:
    result = fit_table(STATUS, [Margin((0,), AGES), Margin((1,), SINGLE)])
    oracle = ipfn(STATUS.copy(), [AGES, SINGLE], [[0], [1]], convergence_rate=1e-14, max_iteration=5000).iteration()
    assert result.table == pytest.approx(oracle, rel=1e-7)
    assert result.error <= 1e-9
    assert result.table[0, 2] == 0, "a zero stays zero"
    odds = [table[1, 0] * table[2, 1] / (table[1, 1] * table[2, 0]) for table in (STATUS, result.table)]
    assert odds[0] == pytest.approx(odds[1]), "the pattern stays"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_fitted_table_meets_margins_and_keeps_fixed_cells(seed: int) -> None:
    """The truth meets all margins, so that a fit exists; it has them, and fixed cells keep their value."""
    random = np.random.default_rng(seed)
    truth = random.integers(1, 50, (3, 4, 2)).astype(float)
    truth[random.random(truth.shape) < 0.15] = 0
    fixed = random.random(truth.shape) < 0.1
    start = np.where(fixed, truth, np.where(truth > 0, random.integers(1, 50, truth.shape), 0)).astype(float)
    margins = [Margin((0, 1), truth.sum(axis=2)), Margin((1, 2), truth.sum(axis=0))]
    result = fit_table(start, margins, fixed)
    assert result.error <= 1e-9
    assert (result.table[fixed] == truth[fixed]).all()
    assert (result.table[(truth == 0) & ~fixed] == 0).all()


@pytest.mark.parametrize(
    ("start", "margins", "says"),
    [
        ([[1, 1], [1, 1]], [([0], [3, 4]), ([1], [3, 5])], "contradict each other: their common total differs by 1"),
        ([[0, 0], [1, 1]], [([0], [3, 4])], "has no cell"),
        ([[0, 1], [1, 1]], [([0], [5, 5]), ([1], [8, 2])], "No table with these zero"),
        ([[1, -1], [1, 1]], [([0], [3, 4])], "negative"),
        ([[1, 1], [1, 1]], [([0], [3, 4, 5])], "shape"),
    ],
)
def test_impossible_margins_are_refused(
    start: list[list[int]], margins: list[tuple[list[int], list[int]]], says: str
) -> None:
    asked = [Margin(tuple(axes), np.array(totals, dtype=float)) for axes, totals in margins]
    with pytest.raises(SdmxmigError, match=says):
        fit_table(np.array(start, dtype=float), asked)


def test_fixed_cells_above_a_margin_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="Fixed cells exceed"):
        fit_table(np.array([[9.0, 1.0]]), [Margin((0,), np.array([5.0]))], np.array([[True, False]]))


def survey(seed: int = 1, size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Weights and the columns of two margins of a survey."""
    random = np.random.default_rng(seed)
    sex, age = random.integers(0, 2, size), random.integers(0, 3, size)
    variables = np.column_stack([sex == 0, sex == 1, age == 0, age == 1, age == 2]).astype(float)
    return random.uniform(5, 15, size), variables


TOTALS = np.array([1100.0, 900.0, 500.0, 800.0, 700.0])


def test_linear_weights_equal_regression_estimator() -> None:
    weights, variables = survey()
    factors, _ = calibrate_weights(weights, variables, TOTALS, WeightChange(least=-0.0))
    gap = TOTALS - variables.T @ weights
    expected = weights * (1 + variables @ np.linalg.pinv(variables.T @ (weights[:, None] * variables)) @ gap)
    assert weights * factors == pytest.approx(expected, rel=1e-8)
    assert variables.T @ (weights * factors) == pytest.approx(TOTALS, rel=1e-9)


def test_raked_weights_equal_proportional_fitting() -> None:
    weights, variables = survey()
    factors, _ = calibrate_weights(weights, variables, TOTALS, WeightChange(method=RAKING))
    sex, age = variables[:, :2].argmax(axis=1), variables[:, 2:].argmax(axis=1)
    table = np.zeros((2, 3))
    np.add.at(table, (sex, age), weights)
    oracle = ipfn(table.copy(), [TOTALS[:2], TOTALS[2:]], [[0], [1]], convergence_rate=1e-14, max_iteration=5000)
    assert factors == pytest.approx((oracle.iteration() / table)[sex, age], rel=1e-7)


def test_bounded_weights_are_nearest_within_their_bounds() -> None:
    weights, variables = survey(2, 16)
    change = WeightChange(least=0.6, most=1.5)
    totals = np.array([260.0, 190.0, 150.0, 160.0, 140.0])
    totals *= (variables.T @ weights)[:2].sum() / totals[:2].sum()
    totals = 0.7 * variables.T @ weights + 0.3 * totals
    factors, _ = calibrate_weights(weights, variables, totals, change)
    assert 0.6 <= factors.min() <= factors.max() <= 1.5

    def cost(factors: np.ndarray) -> float:
        return float(np.sum(weights * (factors - 1) ** 2))

    oracle = minimize(
        cost,
        np.ones(16),
        bounds=[(0.6, 1.5)] * 16,
        constraints={"type": "eq", "fun": lambda factors: (variables.T @ (weights * factors) - totals)[:4]},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert cost(factors) <= oracle.fun * (1 + 1e-6) + 1e-9


def test_totals_beyond_the_weight_bounds_are_refused() -> None:
    weights, variables = survey()
    with pytest.raises(SdmxmigError, match="No weights within the bounds"):
        calibrate_weights(weights, variables, TOTALS * 9, WeightChange(least=0.5, most=2.0))
    with pytest.raises(SdmxmigError, match="No weights within the bounds"):
        calibrate_weights(weights, variables, TOTALS + np.array([50, 0, 0, 0, 0]), WeightChange())
    with pytest.raises(SdmxmigError, match="include 1"):
        calibrate_weights(weights, variables, TOTALS, WeightChange(least=1.5))


IMF = np.array([98.2, 100.8, 102.2, 100.8, 99.0, 101.6, 102.7, 101.5, 100.5, 103.0, 103.5, 101.5])
"""Quarters of an indicator: A. M. Bloem and others, Quarterly national accounts manual, IMF 2001, example 6.2."""


def test_denton_method_reproduces_example_of_the_manual() -> None:
    """Two years are benchmarked; the ratio of the last quarter is carried forward, as the manual does."""
    from statsmodels.tsa.interp import dentonm

    quarters = distribute_by_denton(np.array([4000.0, 4161.4]), IMF[:8])
    assert quarters == pytest.approx([969.8, 998.4, 1018.3, 1013.4, 1007.2, 1042.9, 1060.3, 1051.0], abs=0.06)
    carried = IMF[8:] * quarters[-1] / IMF[7]
    assert carried == pytest.approx([1040.6, 1066.5, 1071.7, 1051.0], abs=0.06)
    assert quarters == pytest.approx(dentonm(IMF[:8], np.array([4000.0, 4161.4]), freq="aq"), rel=1e-6)


def test_months_add_up_to_their_years_in_whole_persons() -> None:
    random = np.random.default_rng(4)
    years = random.integers(1_000, 9_000, 6)
    months = distribute_by_denton(years.astype(float), random.uniform(50, 150, 72))
    assert months.reshape(6, 12).sum(axis=1) == pytest.approx(years, rel=1e-12)
    whole = [round_to_integers(row, int(year)) for row, year in zip(months.reshape(6, 12), years, strict=True)]
    assert [int(row.sum()) for row in whole] == years.tolist()
    assert np.abs(np.concatenate(whole) - months).max() < 1


def test_chow_lin_equals_generalised_least_squares() -> None:
    from statsmodels.regression.linear_model import GLS

    random = np.random.default_rng(6)
    indicators = np.column_stack([np.ones(120), random.uniform(5, 15, 120).cumsum() / 10])
    errors = np.zeros(120)
    for month in range(1, 120):
        errors[month] = 0.8 * errors[month - 1] + random.normal()
    truth = indicators @ [50.0, 3.0] + errors
    sums = build_aggregation(10, 12)
    months = distribute_by_chow_lin(sums @ truth, indicators)
    assert sums @ months == pytest.approx(sums @ truth, rel=1e-12)
    at_share = distribute_totals(sums @ truth, sums, indicators, 0.8)
    spread = build_covariance(120, 0.8)
    oracle = GLS(sums @ truth, sums @ indicators, sigma=sums @ spread @ sums.T).fit()
    expected = indicators @ oracle.params
    smoothed = expected + spread @ sums.T @ np.linalg.solve(sums @ spread @ sums.T, sums @ (truth - expected))
    assert at_share == pytest.approx(smoothed, rel=1e-8)
    assert np.abs(months - truth).mean() < np.abs(np.repeat(sums @ truth / 12, 12) - truth).mean()


def test_months_without_information_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="not above 0"):
        distribute_by_denton(np.array([1.0]), np.array([1.0, 0.0]))
    with pytest.raises(SdmxmigError, match="does not cover"):
        distribute_by_denton(np.array([1.0, 2.0]), np.ones(23))
    with pytest.raises(SdmxmigError, match="too few"):
        distribute_by_chow_lin(np.ones(4), np.ones((48, 1)))
    with pytest.raises(SdmxmigError, match="are collinear"):
        distribute_by_chow_lin(np.ones(8), np.ones((96, 2)))
    with pytest.raises(SdmxmigError, match="would be negative"):
        round_to_integers(np.array([3.0, -1.0]), 2)


def design(seed: int) -> tuple[Sample, np.ndarray, np.ndarray]:
    """Four strata with eight clusters each, a quality of persons, and who is in a cell."""
    random = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(32), 15)
    quality = (random.random(480) < 0.3 + 0.2 * random.normal(size=32)[clusters].clip(-1, 1)).astype(float)
    return Sample(random.uniform(50, 150, 480), clusters // 8, clusters=clusters), quality, random.random(480) < 0.6


def test_variance_of_a_total_equals_jackknife_variance() -> None:
    """For totals, leaving out each cluster in turn gives the same variance to the last digit."""
    sample, quality, cell = design(1)
    estimate = estimate_total(sample, quality, cell)
    variance = 0.0
    for left_out in range(32):
        stratum = left_out // 8
        weights = np.where(sample.strata == stratum, sample.weights * 8 / 7, sample.weights)
        weights = np.where(sample.clusters == left_out, 0.0, weights)
        variance += 7 / 8 * (float(np.sum(weights * quality * cell)) - estimate.value) ** 2
    assert estimate.error == pytest.approx(np.sqrt(variance))


SPENDING = """
7 34 7 7 34 7 7 412 4 9 27 14 7 34 2 9 230 15 9 27 15 7 501 2 9 230 8 9 230 7 7 501 3 8 59 20 7 403 4 7 403 11
8 59 13 8 59 17 8 143 12 8 143 16 8 59 18 9 235 9 8 143 10 9 312 8 9 235 6 9 235 11 9 312 10 7 321 6 8 156 19
8 156 14 7 321 3 7 321 12 7 489 2 7 489 9 7 78 1 7 78 10 7 489 2 7 156 1 7 78 6 7 412 6 7 156 2 9 301 8
"""
"""Grade, study group and weekly spending of 40 pupils: the stratified cluster sample of the examples of the procedure
SURVEYMEANS in the SAS/STAT user's guide."""


def test_cluster_sample_equals_its_published_example() -> None:
    """Groups were drawn from 608, 252 and 403 ones of their grade.

    The data are those of the guide; its output (8.923860, 0.650859 and 0.056368) is quoted from memory.
    """
    grade, group, spending = np.array(SPENDING.split(), dtype=float).reshape(-1, 3).T
    groups, drawn = {7: 608.0, 8: 252.0, 9: 403.0}, {7: 8, 8: 3, 9: 5}
    sizes = np.array([groups[number] for number in grade])
    weights = sizes / np.array([drawn[number] for number in grade])
    clusters = np.unique(np.column_stack([grade, group]), axis=0, return_inverse=True)[1].ravel()
    sample = Sample(weights, (grade - 7).astype(int), clusters=clusters, sizes=sizes)
    everybody = np.ones(40, dtype=bool)
    mean = estimate_ratio(sample, (spending, np.ones(40)), everybody)
    assert (round(mean.value, 6), round(mean.error, 6)) == (8.923860, 0.650859)
    assert (round(mean.low, 7), round(mean.high, 7)) == (7.5177637, 10.3299565)
    more = estimate_ratio(sample, ((spending >= 10).astype(float), np.ones(40)), everybody)
    assert (round(more.value, 6), round(more.error, 6)) == (0.438563, 0.056368)
    with pytest.raises(SdmxmigError, match="More clusters"):
        estimate_ratio(replace(sample, sizes=sizes / 200), (spending, np.ones(40)), everybody)


def test_variance_of_share_equals_textbook_formula() -> None:
    random = np.random.default_rng(2)
    quality, everybody = (random.random(400) < 0.4).astype(float), np.ones(400)
    sample = Sample(np.full(400, 25.0), np.zeros(400, dtype=int), clusters=np.arange(400))
    estimate = estimate_ratio(sample, (quality, everybody), everybody > 0)
    share = quality.mean()
    assert estimate.value == pytest.approx(share)
    assert estimate.error == pytest.approx(np.sqrt(share * (1 - share) / 399))


def test_intervals_of_shares_contain_the_truth() -> None:
    """Persons of a cluster are alike; 95 % intervals hold the truth of the population in most of 200 samples."""
    random = np.random.default_rng(7)
    level = np.clip(0.3 + 0.15 * random.normal(size=(4, 400)), 0.02, 0.98)
    held = 0
    for _ in range(200):
        drawn = np.array([random.integers(0, 400, 15) for _ in range(4)])
        chance = np.repeat(level[np.arange(4)[:, None], drawn].ravel(), 12)
        clusters = np.repeat(np.arange(60), 12)
        sample = Sample(np.ones(720), clusters // 15, clusters=clusters)
        quality = (random.random(720) < chance).astype(float)
        estimate = estimate_share(sample, quality, np.ones(720, dtype=bool))
        held += estimate.low <= level.mean() <= estimate.high
    assert 0.9 <= held / 200 <= 0.99


def simple(size: int) -> Sample:
    """Persons each drawn for itself with the same weight, of so many that those do not matter."""
    return Sample(np.full(size, 25.0), np.zeros(size, dtype=int), clusters=np.arange(size))


@pytest.mark.parametrize(("size", "having"), [(50, 50), (50, 49), (50, 1), (50, 0), (400, 163), (30, 15)])
def test_interval_of_share_equals_wilson_interval(size: int, having: int) -> None:
    from statsmodels.stats.proportion import proportion_confint

    estimate = estimate_share(simple(size), (np.arange(size) < having).astype(float), np.ones(size, dtype=bool))
    low, high = proportion_confint(having, size, method="wilson")
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)
    assert 0 <= estimate.low < estimate.high <= 1
    assert estimate.low <= estimate.value <= estimate.high
    assert estimate.is_unreliable == (having <= 1)


def test_uniform_clusters_count_as_one_person() -> None:
    """Ten clusters of five who all work tell as much as ten persons: those of a cluster may be alike."""
    clusters, everybody = np.repeat(np.arange(10), 5), np.ones(50, dtype=bool)
    sample = Sample(np.full(50, 4.0), np.zeros(50, dtype=int), clusters=clusters, sizes=None)
    ten = estimate_share(simple(10), np.ones(10), np.ones(10, dtype=bool), least=2)
    alike = estimate_share(sample, np.ones(50), everybody)
    assert alike.high == 1
    assert alike.low < ten.low < 0.75, "nine degrees of freedom tell less than fifty persons"
    all_drawn = estimate_share(replace(sample, sizes=np.full(50, 10.0)), np.ones(50), everybody)
    assert (all_drawn.low, all_drawn.high) == (1, 1)
    half_drawn = estimate_share(replace(sample, sizes=np.full(50, 20.0)), np.ones(50), everybody)
    assert alike.low < half_drawn.low < 1


def test_scaled_total_has_the_jackknife_variance() -> None:
    sample, quality, cell = design(1)
    known = np.arange(480) % 5 != 0

    def scaled(weights: np.ndarray) -> float:
        heard = weights * cell * known
        return float(np.sum(weights * cell) * np.sum(heard * quality) / np.sum(heard))

    estimate = estimate_scaled_total(sample, (quality * known, known.astype(float)), cell)
    assert estimate.value == pytest.approx(scaled(sample.weights))
    assert estimate.persons == int((cell & known).sum())
    variance = 0.0
    for left_out in range(32):
        weights = np.where(sample.strata == left_out // 8, sample.weights * 8 / 7, sample.weights)
        weights = np.where(sample.clusters == left_out, 0.0, weights)
        variance += 7 / 8 * (scaled(weights) - estimate.value) ** 2
    assert estimate.error == pytest.approx(np.sqrt(variance), rel=0.01)
    full = estimate_scaled_total(sample, (quality, np.ones(480)), cell)
    assert (full.value, full.error) == pytest.approx((estimate_total(sample, quality, cell).value,
                                                      estimate_total(sample, quality, cell).error))  # fmt: skip


def test_cells_and_designs_without_precision_are_refused() -> None:
    sample, quality, cell = design(3)
    with pytest.raises(SdmxmigError, match="Fewer than 30 persons"):
        estimate_total(sample, quality, np.arange(480) < 29)
    with pytest.raises(SdmxmigError, match="only one cluster"):
        estimate_total(replace(sample, strata=np.where(sample.clusters == 0, 9, sample.strata)), quality, cell)
    with pytest.raises(SdmxmigError, match="denominator"):
        estimate_ratio(sample, (quality, quality * 0), cell)
