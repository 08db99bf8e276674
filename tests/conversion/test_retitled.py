"""A seeded sample of the campaign over tables that were damaged or retitled: none is wrong in silence."""

from __future__ import annotations

import random

from benchmarks.retitled import GOOD, Campaign, Trial
from benchmarks.retitled_tables.make_tables import cases

SEED, SAMPLE, ALL = 20261121, 2, 2_000


def test_changed_tables_are_mapped_right_or_asked_about() -> None:
    campaign = Campaign()
    numbers = random.Random(SEED).sample(range(1, ALL + 1), SAMPLE)
    trials = [Trial(case, "from nothing") for case in cases({f"P{number:04d}" for number in numbers}) if case.kind.harm]
    trials += [Trial(trial.case, "by last year's mapping") for trial in trials]
    assert trials
    assert {trial.id: outcome for trial in trials if (outcome := campaign.outcome(trial)) not in GOOD} == {}
