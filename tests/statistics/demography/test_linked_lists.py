"""Link errors in three lists: persons are split and merged one by one, and the counts are recovered."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.group_estimates import Group, Method, estimate_group
from sdmxmig.statistics.demography.capture import (
    LinkErrors,
    Share,
    TwoLists,
    compute_factor,
    compute_factor_error,
    correct_link_errors,
    estimate_from_two_lists,
)
from sdmxmig.statistics.demography.signs_of_life import estimate_share

RECALL, PRECISION = (0.9, 0.85), (0.97, 0.95)
"""Of the links of the second list, and of the third."""


def linked_wrongly(random: np.random.Generator, true: np.ndarray) -> np.ndarray:
    """Counts by history after each of two lists was linked with errors to the persons before it, one by one.

    `true` has a row a person and a column a list. A link that is missed leaves the record of the list alone, and later
    lists find either part of such a person; a false link puts a record that has none together with somebody else.
    """
    histories = true[:, 0].astype(int).tolist()
    people = list(range(len(true)))
    for place in (1, 2):
        recall, precision = RECALL[place - 1], PRECISION[place - 1]
        entity_of: dict[int, int] = {}
        for entity in random.permutation([number for number, history in enumerate(histories) if history]):
            entity_of[people[entity]] = int(entity)
        alone: list[int] = []
        linked = 0
        for person in np.flatnonzero(true[:, place]):
            entity = entity_of.get(int(person))
            if entity is not None and random.random() < recall:
                histories[entity] |= 1 << place
                linked += 1
            else:
                alone.append(int(person))
        wrong = random.binomial(round(linked / precision), 1 - precision)
        random.shuffle(alone)
        free = [entity for entity, history in enumerate(histories) if history and not history >> place & 1]
        for entity in random.permutation(free)[:wrong]:
            histories[int(entity)] |= 1 << place
        for person in alone[wrong:]:
            histories.append(1 << place)
            people.append(person)
    return np.bincount(np.array(histories), minlength=8)


def three_lists(random: np.random.Generator, population: int) -> tuple[np.ndarray, np.ndarray]:
    """True counts by history of three independent lists, and those after wrong links."""
    true = random.random((population, 3)) < (0.7, 0.5, 0.4)
    counts = np.bincount(true @ np.array([1, 2, 4]), minlength=8)
    return counts, linked_wrongly(random, true)


FAULTS = {
    number + 1: LinkErrors(precision=Share(precision), recall=Share(recall))
    for number, (precision, recall) in enumerate(zip(PRECISION, RECALL, strict=True))
}


def test_corrected_counts_equal_true_counts_on_average() -> None:
    """On average over many populations, in each history, where raw counts are far off."""
    random = np.random.default_rng(1)
    runs = [three_lists(random, 4_000) for _ in range(12)]
    factors = {number: compute_factor(faults) for number, faults in FAULTS.items()}
    true = np.mean([counts for counts, _ in runs], axis=0)[1:]
    raw = np.mean([wrong for _, wrong in runs], axis=0)[1:]
    right = np.mean([correct_link_errors(wrong.astype(float), (0, 1, 2), factors) for _, wrong in runs], axis=0)[1:]
    assert np.abs(raw / true - 1).max() > 0.25
    assert right == pytest.approx(true, rel=0.06)


def measured_in_samples(random: np.random.Generator) -> dict[int, LinkErrors]:
    """The faults of the links as samples of 500 tell them, which are not quite the true ones."""
    drawn = {
        number: [random.binomial(500, share.value) / 500 for share in (faults.precision, faults.recall)]
        for number, faults in FAULTS.items()
    }
    return {
        number: LinkErrors(precision=estimate_share(precision, 500), recall=estimate_share(recall, 500))
        for number, (precision, recall) in drawn.items()
    }


@pytest.mark.parametrize("runs", [4, pytest.param(200, marks=pytest.mark.long)])
def test_intervals_of_wrongly_linked_lists_contain_truth(runs: int) -> None:
    held = raw = 0
    for seed in range(runs):
        random = np.random.default_rng(seed)
        _, counts = three_lists(random, 3_000)
        group = Group((), counts)
        measured = measured_in_samples(random)
        estimate = estimate_group(group, Method(lists=("a", "b", "c"), links=measured)).estimate
        uncorrected = estimate_group(group, Method(lists=("a", "b", "c"))).estimate
        held += estimate.low <= 3_000 <= estimate.high
        raw += uncorrected.low <= 3_000 <= uncorrected.high
    assert (0.9 <= held / runs <= 0.98) if runs > 4 else held >= 3
    assert raw <= runs / 2, "without the correction the truth is missed"


def test_two_lists_are_corrected_like_the_dual_system() -> None:
    counts = correct_link_errors(np.array([0.0, 300.0, 200.0, 500.0]), (0, 1), {1: compute_factor(FAULTS[1])})
    both = TwoLists(first=800, second=700, both=500)
    assert counts[3] == pytest.approx(500 * 0.97 / 0.9)
    assert (counts[1] + counts[3], counts[2] + counts[3]) == pytest.approx((800, 700)), "lists stay as long"
    plain = estimate_from_two_lists(TwoLists(first=800, second=700, both=counts[3])).value
    assert estimate_from_two_lists(both, FAULTS[1]).value == pytest.approx(plain)
    assert compute_factor_error(np.array([0.0, 300.0, 200.0, 500.0]), (0, 1), 1, FAULTS[1]) > 0


def test_rates_that_do_not_match_the_lists_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="on one list alone is negative"):
        correct_link_errors(np.array([0.0, 5.0, 5.0, 90.0]), (0, 1), {1: 1.5})
