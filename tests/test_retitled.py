"""A seeded sample of the campaign over tables that were damaged or retitled: none is wrong in silence."""

from __future__ import annotations

import random

from benchmarks.retitled import GOOD, Campaign, Trial
from benchmarks.retitled_tables.make_tables import cases

SEED, SAMPLE, ALL = 20261121, 5, 2_000


def test_tables_that_changed_are_right_or_asked_about() -> None:
    campaign = Campaign()
    numbers = random.Random(SEED).sample(range(1, ALL + 1), SAMPLE)
    trials = [Trial(one, "from nothing") for one in cases({f"P{number:04d}" for number in numbers}) if one.kind.harm]
    trials += [Trial(one.case, "by last year's mapping") for one in trials]
    assert trials
    assert {one.id: outcome for one in trials if (outcome := campaign.outcome(one)) not in GOOD} == {}
