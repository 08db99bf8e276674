"""The index of residence: recursion, training, planted overcoverage, and unregistered exits."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.signs_of_life import (
    OverCoverage,
    Reliability,
    ResidenceIndex,
    SampleGroup,
    compute_index,
    estimate_over_coverages,
    find_unregistered_exits,
    measure_reliability,
    sum_over_coverages,
    train_index,
)

YEARS = 5
ACTIVE = {"health": (0.7, 0.02), "school": (0.15, 0.0), "tax": (0.55, 0.08)}
"""How likely residents, and others, have a sign in a year."""


def registered_persons(
    random: np.random.Generator, count: int, absent: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Signs of registered persons, and which are still resident; emigrants left in one of the years."""
    resident = random.random(count) >= absent
    left = np.where(resident, YEARS, random.integers(0, YEARS, count))
    here = np.arange(YEARS)[None, :] < left[:, None]
    signs = {
        name: (random.random((count, YEARS)) < np.where(here, *chances)).astype(float)
        for name, chances in ACTIVE.items()
    }
    return signs, resident


def estimated(random: np.random.Generator, count: int, absent: float) -> tuple[float, OverCoverage]:
    """The true over-coverage of a register, and its estimate from a training sample and a second one for its errors."""
    life = train_index(*registered_persons(random, 1_500, 0.3))
    signs, resident = registered_persons(random, 1_500, 0.3)
    reliability = measure_reliability(compute_index(signs, life)[:, -1] >= life.threshold, resident)
    signs, resident = registered_persons(random, count, absent)
    silent = int((compute_index(signs, life)[:, -1] < life.threshold).sum())
    return 1 - resident.mean(), estimate_over_coverages([SampleGroup(count, silent)], reliability)[0]


def holds(estimate: OverCoverage, absent: float) -> bool:
    """Whether the interval holds the true number of persons who are not residents."""
    low, high = estimate.interval
    return low <= absent <= high


def judged_register(random: np.random.Generator, sampled: float) -> OverCoverage:
    """Over-coverage of a register of 10,000 persons of whom 600 have left, from a sample of this share.

    Of residents 96 in 100 are classified so, of the others 70 as absent; the sample estimates these rates.
    """
    absent = np.arange(10_000) < 600
    silent = random.random(10_000) < np.where(absent, 0.7, 0.04)
    sample = random.random(10_000) < sampled
    residents, known_absent = int((sample & ~absent).sum()), int((sample & absent).sum())
    rule = measure_reliability(~silent[sample], ~absent[sample])
    unseen = int((silent & ~sample).sum())
    group = SampleGroup(10_000, unseen, known_residents=residents, known_absent=known_absent)
    return estimate_over_coverages([group], rule)[0]


@pytest.mark.parametrize("sampled", [0.05, 0.5, 0.9])
def test_intervals_have_their_stated_coverage(sampled: float) -> None:
    """The register is no sample: with any known share, intervals cover the number at their stated rate."""
    runs = [judged_register(np.random.default_rng(seed), sampled) for seed in range(400)]
    assert 0.92 <= sum(holds(run, 600) for run in runs) / 400 <= 0.975
    errors = np.std([run.absent for run in runs])
    assert np.sqrt(np.mean([run.variance for run in runs])) == pytest.approx(errors, rel=0.12)
    assert np.mean([run.absent for run in runs]) == pytest.approx(600, abs=float(4 * errors / 20))


def test_known_persons_are_not_estimated() -> None:
    rule = Reliability(residents=Share(0.9, 0.001), others=Share(0.8, 0.002))
    (everybody,) = estimate_over_coverages([SampleGroup(100, 0, known_residents=93, known_absent=7)], rule)
    assert (everybody.absent, everybody.variance, everybody.interval) == (7, 0, (7, 7))
    (some,) = estimate_over_coverages([SampleGroup(100, 9, known_residents=20, known_absent=7)], rule)
    assert some.absent == pytest.approx(7 + (9 - 0.1 * 73) / 0.7)
    assert some.interval[0] == 7, "as many are known"
    with pytest.raises(SdmxmigError, match="More persons are marked absent than the group has"):
        estimate_over_coverages([SampleGroup(100, 74, known_residents=20, known_absent=7)], rule)


def test_errors_of_rates_are_shared_by_all_groups() -> None:
    """Two halves of a register have the error of the whole, though each has more than half that error."""
    rule = Reliability(residents=Share(0.95, 0.0001), others=Share(0.8, 0.0009))
    (whole,), (half, _) = (
        estimate_over_coverages(groups, rule) for groups in ([SampleGroup(2_000, 300)], [SampleGroup(1_000, 150)] * 2)
    )
    both = sum_over_coverages([half, half])
    assert [both.absent, both.variance] == pytest.approx([whole.absent, whole.variance])
    assert whole.variance > 2 * half.variance


@pytest.mark.parametrize("rate", [0.0, 0.03])
def test_small_groups_add_up_to_absences_of_the_whole(rate: float) -> None:
    """Eighty groups of fifty persons: each by itself, without fewer than none, they had 133 where 105 had left."""
    random = np.random.default_rng(5)
    rule = Reliability(residents=Share(0.95), others=Share(0.85))
    errors, alone = [], []
    for _ in range(40):
        absent = random.binomial(50, rate, 80)
        silent = random.binomial(50 - absent, 0.05) + random.binomial(absent, 0.85)
        groups = [SampleGroup(50, int(number)) for number in silent]
        overs = estimate_over_coverages(groups, rule)
        (whole,) = estimate_over_coverages([SampleGroup(4_000, int(silent.sum()))], rule)
        assert sum(over.absent for over in overs) == pytest.approx(whole.absent)
        assert sum_over_coverages(overs).variance == pytest.approx(whole.variance)
        assert min(over.absent for over in overs) == 0
        errors.append(whole.absent - absent.sum())
        alone.append(sum(estimate_over_coverages([group], rule)[0].absent for group in groups) - absent.sum())
    assert np.mean(errors) < 10, "where nobody has left, chance alone has its half above nothing"
    assert np.mean(alone) > 20


def test_index_is_decayed_and_increased_by_signs_of_life() -> None:
    signs = {"health": np.array([[1, 0, 2]]), "tax": np.array([[0, 1, 0]])}
    life = ResidenceIndex(decay=0.8, gain=0.5, threshold=0.7, weights={"health": 1.0, "tax": 2.0})
    assert compute_index(signs, life)[0] == pytest.approx([0.5, 0.8 * 0.5 + 1.0, 0.8 * 1.4 + 1.0])
    with pytest.raises(SdmxmigError, match="no weight for: school"):
        compute_index({"school": np.zeros((1, 3))}, life)
    with pytest.raises(SdmxmigError, match="Decay must be"):
        compute_index(signs, ResidenceIndex(decay=1.0, gain=1.0, threshold=1.0, weights={"health": 1.0, "tax": 1.0}))


@pytest.mark.parametrize("absent", [0.08, 0.2])
def test_simulated_over_coverage_is_recovered_within_10_percent(absent: float) -> None:
    runs = [estimated(np.random.default_rng(seed), 40_000, absent) for seed in range(10)]
    assert np.mean([estimate.rate for _, estimate in runs]) == pytest.approx(
        np.mean([true for true, _ in runs]), rel=0.1
    )


@pytest.mark.parametrize("runs", [20, pytest.param(200, marks=pytest.mark.long)])
def test_intervals_contain_the_true_over_coverage(runs: int) -> None:
    results = [estimated(np.random.default_rng(seed), 4_000, 0.15) for seed in range(runs)]
    held = sum(holds(estimate, true * 4_000) for true, estimate in results)
    assert (0.9 <= held / runs <= 0.98) if runs > 20 else held >= 16


def test_correction_equals_that_of_rogan_and_gladen() -> None:
    """With known errors the variance is that with which residents are called absent, and others are not."""
    rule = Reliability(residents=Share(0.95), others=Share(0.9))
    (estimate,) = estimate_over_coverages([SampleGroup(10_000, 1_350)], rule)
    assert estimate.rate == pytest.approx((0.135 - 0.05) / 0.85)
    assert estimate.absent == pytest.approx(1_000)
    assert estimate.variance == pytest.approx((9_000 * 0.95 * 0.05 + 1_000 * 0.9 * 0.1) / 0.85**2)


def test_signs_without_information_are_refused() -> None:
    random = np.random.default_rng(3)
    resident = random.random(500) < 0.5
    noise = {"noise": (random.random((500, 3)) < 0.5).astype(float) * ~resident[:, None]}
    with pytest.raises(SdmxmigError, match="No sign is more frequent"):
        train_index(noise, resident)
    with pytest.raises(SdmxmigError, match="Fewer than 30"):
        train_index(noise, np.arange(500) < 20)
    with pytest.raises(SdmxmigError, match="does not separate"):
        estimate_over_coverages([SampleGroup(100, 20)], Reliability(residents=Share(0.6), others=Share(0.5)))
    with pytest.raises(SdmxmigError, match="residents only"):
        measure_reliability(resident, np.ones(500, dtype=bool))


def test_exits_are_dated_in_the_year_after_the_last_sign() -> None:
    """As a walk through each person's years finds them, for persons by chance."""
    random = np.random.default_rng(5)
    active, silent = random.random((300, 6)) < 0.3, random.random(300) < 0.5
    walked = np.zeros((300, 6), dtype=bool)
    for person in np.flatnonzero(silent):
        signs = np.flatnonzero(active[person])
        if len(signs) and signs[-1] < 5:
            walked[person, signs[-1] + 1] = True
    assert (find_unregistered_exits(active, silent) == walked).all()
    assert walked.any()
