"""The made-up world of mirror flows has its known properties, so that it can judge an estimator."""

from __future__ import annotations

import math
from statistics import mean, median

import pytest
from mirror_simulation import BENCHMARK, COUNTRIES, YEARS, world

CORRIDORS = COUNTRIES * (COUNTRIES - 1)


def test_the_same_seed_makes_the_same_world() -> None:
    assert world(1) == world(1)
    assert world(1) != world(2)


def test_every_corridor_has_a_true_flow_and_most_have_both_reports() -> None:
    made = world(3)
    assert len(made.flows) == CORRIDORS * YEARS
    both = made.immigration.keys() & made.emigration.keys()
    assert 0.6 * CORRIDORS * YEARS < len(both) < 0.85 * CORRIDORS * YEARS  # 0.85 x 0.85 = 0.72
    assert {(origin, destination) for origin, destination, _ in both} <= {
        (origin, destination) for origin, destination, _ in made.flows
    }


def test_reports_with_their_factor_are_the_flows_on_the_whole() -> None:
    """The rest is random: over many worlds it averages out, report by report it does not."""
    made = [world(seed) for seed in range(20)]
    slips = [
        math.log(one.emigration[at] * one.emigration_factors[at[0]] / one.flows[at])
        for one in made
        for at in one.emigration
        if one.flows[at] > 200 and one.emigration[at]
    ]
    assert mean(slips) == pytest.approx(0, abs=0.03)
    assert 0.12 < median(map(abs, slips)) < 0.25


def test_benchmark_reports_true_immigration_and_others_do_not() -> None:
    made = [world(seed) for seed in range(20)]
    assert all(one.immigration_factors[BENCHMARK] == 1 for one in made)
    others = [factor for one in made for name, factor in one.immigration_factors.items() if name != BENCHMARK]
    assert min(others) < 0.6
    assert max(others) > 2
    assert all(one.emigration_factors[BENCHMARK] != 1 for one in made)


def test_the_plain_mean_of_both_reports_is_far_from_the_truth() -> None:
    """So that 30 % less than its error means something."""
    errors = []
    for seed in range(20):
        one = world(seed)
        for at in one.immigration.keys() & one.emigration.keys():
            if one.flows[at] and one.immigration[at] + one.emigration[at]:
                errors.append(math.log((one.immigration[at] + one.emigration[at]) / 2 / one.flows[at]))
    assert 0.3 < math.sqrt(mean(error**2 for error in errors)) < 0.7
