"""Sums of groups: chances of groups add up, and what one rate moves, it moves in all of them."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.demography.capture import Estimate, Share, summed
from sdmxmig.demography.signs_of_life import Reliability
from sdmxmig.records.group_estimates import Group, Method
from sdmxmig.records.population_groups import population_of, sum_of

RULE = Reliability(residents=Share(0.95, 0.0002), others=Share(0.8, 0.001))


def test_sums_of_groups_have_the_errors_that_all_groups_have_in_common() -> None:
    """Two groups of four, and all four: the uncertain rates of the index make their sums less certain than chance."""
    counts = np.array([0, 400, 60, 500])
    groups = [Group((status, sex), counts, silent=110) for status in ("FC", "NC") for sex in ("F", "M")]
    population = population_of(groups, Method(("register", "census"), reliability=RULE))
    estimates = [part.estimate for part in population.parts if part.estimate]
    assert sum_of(population.parts).variance == pytest.approx(population.total.variance)
    by_chance = summed(estimates[:2])
    assert sum_of(population.parts[:2]).value == by_chance.value
    assert sum_of(population.parts[:2]).variance > 1.2 * by_chance.variance
    known = Reliability(residents=Share(0.95), others=Share(0.8))
    exact = population_of(groups, Method(("register", "census"), reliability=known))
    assert sum_of(exact.parts[:2]).variance == pytest.approx(2 * by_chance_of_one(exact.parts[0].estimate))


def by_chance_of_one(estimate: Estimate | None) -> float:
    """The variance of a group."""
    assert estimate is not None
    return estimate.variance
