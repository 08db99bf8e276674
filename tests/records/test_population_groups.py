"""Sums of groups: chances of groups add up, and what one rate moves, it moves in all of them."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.records.coverage_release import estimate_population, sum_group_estimates
from sdmxmig.records.group_estimates import Group, Method, WrongRecords
from sdmxmig.statistics.demography.capture import Share, sum_estimates
from sdmxmig.statistics.demography.signs_of_life import OverCoverage, Reliability, SampleGroup, estimate_over_coverages

LISTS = Method(lists=("register", "census"))
RULE = Reliability(residents=Share(0.95, 0.0002), others=Share(0.8, 0.001))


def test_sums_of_groups_include_shared_errors() -> None:
    """Two groups of four, and all four: the uncertain rates of the index make their sums less certain than chance."""
    population = estimate_population(groups_by(RULE), LISTS)
    estimates = [part.estimate for part in population.parts]
    assert sum_group_estimates(population.parts).variance == pytest.approx(population.total.variance)
    by_chance = sum_estimates(estimates[:2])
    assert sum_group_estimates(population.parts[:2]).value == by_chance.value
    assert sum_group_estimates(population.parts[:2]).variance > 1.2 * by_chance.variance
    known = Reliability(residents=Share(0.95), others=Share(0.8))
    exact = estimate_population(groups_by(known), LISTS)
    assert sum_group_estimates(exact.parts[:2]).variance == pytest.approx(2 * exact.parts[0].estimate.variance)


def groups_by(rule: Reliability) -> list[Group]:
    """Four groups with the same counts, as a rule judges them."""
    counts = np.array([0, 400, 60, 500])
    codes = [(status, sex) for status in ("FC", "NC") for sex in ("F", "M")]
    overs = estimate_over_coverages([SampleGroup(900, 110)] * len(codes), rule)
    return [
        Group(group, counts, over=over, wrong=on_register_alone(over)) for group, over in zip(codes, overs, strict=True)
    ]


def on_register_alone(over: OverCoverage) -> WrongRecords:
    """Absent persons who are on no other list."""
    alone = np.array([0.0, 1.0, 0.0, 0.0])
    moved = tuple(reach * alone for reach in over.moved)
    return WrongRecords(number=over.absent * alone, moved=moved, chance=(np.sqrt(over.chance) * alone,))
