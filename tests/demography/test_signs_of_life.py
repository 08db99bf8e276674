"""The index of residence: its recursion, its training, over-coverage that was planted, and exits nobody registered."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.demography.capture import Share
from sdmxmig.demography.signs_of_life import (
    OverCoverage,
    Reliability,
    ResidenceIndex,
    index_of,
    over_coverage,
    reliability_of,
    trained,
    unregistered_exits,
)
from sdmxmig.errors import SdmxmigError

YEARS = 5
ACTIVE = {"health": (0.7, 0.02), "school": (0.15, 0.0), "tax": (0.55, 0.08)}
"""How likely residents, and others, have a sign in a year."""


def registered_persons(
    random: np.random.Generator, count: int, absent: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Signs of registered persons, and who of them is still resident; who left did so in one of the years."""
    resident = random.random(count) >= absent
    left = np.where(resident, YEARS, random.integers(0, YEARS, count))
    here = np.arange(YEARS)[None, :] < left[:, None]
    signs = {
        name: (random.random((count, YEARS)) < np.where(here, *chances)).astype(float)
        for name, chances in ACTIVE.items()
    }
    return signs, resident


def estimated(random: np.random.Generator, count: int, absent: float) -> tuple[float, OverCoverage]:
    """The true over-coverage of a register, and what a training sample and a second one for its errors make of it."""
    life = trained(*registered_persons(random, 1_500, 0.3))
    signs, resident = registered_persons(random, 1_500, 0.3)
    reliability = reliability_of(index_of(signs, life)[:, -1] >= life.threshold, resident)
    signs, resident = registered_persons(random, count, absent)
    silent = int((index_of(signs, life)[:, -1] < life.threshold).sum())
    return 1 - resident.mean(), over_coverage(count, silent, reliability)


def test_the_index_is_last_years_and_what_the_signs_add() -> None:
    signs = {"health": np.array([[1, 0, 2]]), "tax": np.array([[0, 1, 0]])}
    life = ResidenceIndex(decay=0.8, gain=0.5, threshold=0.7, weights={"health": 1.0, "tax": 2.0})
    assert index_of(signs, life)[0] == pytest.approx([0.5, 0.8 * 0.5 + 1.0, 0.8 * 1.4 + 1.0])
    with pytest.raises(SdmxmigError, match="no weight for: school"):
        index_of({"school": np.zeros((1, 3))}, life)
    with pytest.raises(SdmxmigError, match="Decay lies"):
        index_of(signs, ResidenceIndex(decay=1.0, gain=1.0, threshold=1.0, weights={"health": 1.0, "tax": 1.0}))


@pytest.mark.parametrize("absent", [0.08, 0.2])
def test_planted_over_coverage_is_recovered_within_a_tenth(absent: float) -> None:
    runs = [estimated(np.random.default_rng(seed), 40_000, absent) for seed in range(10)]
    assert np.mean([estimate.rate for _, estimate in runs]) == pytest.approx(
        np.mean([true for true, _ in runs]), rel=0.1
    )


@pytest.mark.parametrize("runs", [20, pytest.param(200, marks=pytest.mark.long)])
def test_intervals_hold_the_true_over_coverage(runs: int) -> None:
    results = [estimated(np.random.default_rng(seed), 4_000, 0.15) for seed in range(runs)]
    held = sum(estimate.low <= true <= estimate.high for true, estimate in results)
    assert (0.9 <= held / runs <= 0.98) if runs > 20 else held >= 16


def test_the_correction_is_that_of_rogan_and_gladen() -> None:
    """With known errors the variance is that of the observed share, by the square of what the rule tells."""
    rule = Reliability(residents=Share(0.95), others=Share(0.9))
    estimate = over_coverage(10_000, 1_350, rule)
    assert estimate.rate == pytest.approx((0.135 - 0.05) / 0.85)
    assert estimate.error == pytest.approx(np.sqrt(0.135 * 0.865 / 10_000) / 0.85, rel=1e-3)
    assert estimate.absent == pytest.approx(1_000)


def test_what_tells_nothing_is_refused() -> None:
    random = np.random.default_rng(3)
    resident = random.random(500) < 0.5
    noise = {"noise": (random.random((500, 3)) < 0.5).astype(float) * ~resident[:, None]}
    with pytest.raises(SdmxmigError, match="No sign is more frequent"):
        trained(noise, resident)
    with pytest.raises(SdmxmigError, match="Fewer than 30"):
        trained(noise, np.arange(500) < 20)
    with pytest.raises(SdmxmigError, match="hardly tells"):
        over_coverage(100, 20, Reliability(residents=Share(0.6), others=Share(0.5)))
    with pytest.raises(SdmxmigError, match="Nobody is registered"):
        over_coverage(0, 0)
    with pytest.raises(SdmxmigError, match="residents only"):
        reliability_of(resident, np.ones(500, dtype=bool))


def test_exits_are_in_the_year_after_the_last_sign() -> None:
    """As a walk through each person's years finds them, for persons by chance."""
    random = np.random.default_rng(5)
    active, silent = random.random((300, 6)) < 0.3, random.random(300) < 0.5
    walked = np.zeros((300, 6), dtype=bool)
    for person in np.flatnonzero(silent):
        signs = np.flatnonzero(active[person])
        if len(signs) and signs[-1] < 5:
            walked[person, signs[-1] + 1] = True
    assert (unregistered_exits(active, silent) == walked).all()
    assert walked.any()
