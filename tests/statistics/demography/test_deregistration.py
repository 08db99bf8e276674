"""Emigrants of a year by a sample: a published example, and intervals against samples of a country that is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.signs_of_life import (
    CorrectedExits,
    LateExits,
    Reliability,
    SampleGroup,
    SignClass,
    add_exits,
    correct_exits,
    estimate_late_by_sample,
    estimate_late_by_signs,
    estimate_leavers,
    estimate_over_coverages,
)

CHANCES = {2023: 0.002, 2022: 0.1, 2021: 0.25, 0: 0.05}
SIZES = {2023: 8_000, 2022: 400, 2021: 60, 0: 500}
"""Persons of a register by the year of their last sign, and which share of them left in 2023."""


def test_variance_equals_that_of_a_simple_random_sample() -> None:
    """Of a list of 3,042 addresses 38 of a sample of 200 need a correction: so 578 do, standard error 82 (81.8).

    W. G. Cochran, Sampling techniques, 1977, section 3.2, as remembered.
    """
    value, variance = estimate_leavers([SignClass(registered=3042, sampled=200, left=38)])
    assert (round(value), round(math.sqrt(variance))) == (578, 82)


def test_sample_without_leavers_has_an_error() -> None:
    value, variance = estimate_leavers([SignClass(registered=600, sampled=50, left=0)])
    assert value == 0
    assert 1.96 * math.sqrt(variance) == pytest.approx(600 * 3 / 50, rel=0.6), "about three of the size of the sample"
    whole = [SignClass(registered=50, sampled=50, left=0), SignClass(registered=20, sampled=20, left=3)]
    assert estimate_leavers(whole) == (3, 0), "everybody is known"


def sampled_year(random: np.random.Generator, sampled: float) -> tuple[int, CorrectedExits]:
    """The true emigrants of a year, and the estimate from a sample of 200 exits: 40 are late and 10 false."""
    classes = []
    truth = 150
    for year, size in SIZES.items():
        left = np.arange(size) < round(size * CHANCES[year])
        known = random.random(size) < sampled
        truth += int(left.sum())
        classes.append(SignClass(registered=size, sampled=int(known.sum()), left=int((known & left).sum())))
    parts = []
    for size, late in ((140, 3), (60, 47)):
        in_year = np.arange(size) >= late
        known = random.random(size) < sampled
        parts.append(SignClass(registered=size, sampled=int(known.sum()), left=int((known & in_year).sum())))
    return truth, correct_exits(200, estimate_late_by_sample(parts), classes)


@pytest.mark.parametrize("sampled", [0.2, 0.5])
def test_intervals_of_emigration_contain_the_truth(sampled: float) -> None:
    runs = [sampled_year(np.random.default_rng(seed), sampled) for seed in range(400)]
    held = [exits.interval[0] <= truth <= exits.interval[1] for truth, exits in runs]
    assert 0.92 <= sum(held) / 400 <= 0.98
    errors = np.std([exits.value for _, exits in runs])
    assert np.mean([exits.value for _, exits in runs]) == pytest.approx(runs[0][0], abs=float(4 * errors / 20))
    assert np.sqrt(np.mean([exits.variance for _, exits in runs])) == pytest.approx(errors, rel=0.1)


def test_errors_of_rates_are_shared_by_all_groups() -> None:
    rule = Reliability(residents=Share(0.8, 0.004), others=Share(0.95, 0.001))
    late = estimate_late_by_signs(estimate_over_coverages([SampleGroup(100, 40)], rule)[0])
    group = CorrectedExits(registered=100, late=late, unregistered=0.0, chance=0.0)
    both = add_exits([group, group])
    assert both.value == pytest.approx(2 * group.value)
    assert both.variance > 2 * group.variance
    assert both.late.known_by == "signs"
    alone = CorrectedExits(registered=100, late=LateExits(), unregistered=0.0, chance=9.0)
    assert add_exits([alone, alone]).variance == 18
