"""A seeded sample of each large campaign; `make long` runs them in full."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from folders import ROOT
from shipped import CATALOGUE

from benchmarks import (
    campaigns,
    combined_sources,
    mutated_files,
    mutated_messages,
    planted_faults,
    spoilt_data,
    spoilt_structures,
)

MISSED_BEFORE = (
    "administrative.xlsx/Permits/B9/decimal",
    "administrative.xlsx/Expulsions/B8/negative",
    "population.xlsx/Table 5/B11/text",
    "population.xlsx/Table 5/B12/negative",
    "migration.xlsx/Table 2/D7/label",
)


@pytest.mark.parametrize("name", ["georgia", pytest.param("sweden", marks=pytest.mark.long)])
def test_planted_faults_are_located_at_their_cell(name: str) -> None:
    example = planted_faults.Example(ROOT / "examples" / name)
    cases = list(example.cases())
    assert {case.kind for case in cases} == {*planted_faults.PLANTS, *planted_faults.NAMED_WITH}
    chosen = [*random.Random(1).sample(cases, 5), *(case for case in cases if case.id in MISSED_BEFORE)]
    for case in chosen:
        assert example.outcome(case) in ("found", "refused")[: 1 + (case.kind == "empty")], case.id


@pytest.mark.parametrize(
    ("seeds", "persons"), [(range(7, 8), 300), pytest.param(range(1, 101), 1000, marks=pytest.mark.long)]
)
def test_five_sources_of_simulated_country_restore_its_truth(seeds: range, persons: int) -> None:
    outcomes = [combined_sources.run(seed, persons, CATALOGUE) for seed in seeds]
    held = [held for outcome in outcomes for held in outcome.held]
    assert max(outcome.margin for outcome in outcomes) == 0
    assert sum(held) >= (0.9 * len(held) if len(held) > 10 else 1)
    assert all(0 <= outcome.twice <= outcome.stated + 3 * outcome.stated**0.5 for outcome in outcomes)
    assert sum(outcome.fitted for outcome in outcomes) < sum(outcome.unfitted for outcome in outcomes)


@pytest.mark.sampled(6)
def test_damaged_files_yield_data_or_an_input_error() -> None:
    reader = mutated_files.Reader(campaigns.georgia_dataset())
    for case in mutated_files.cases(100):
        assert reader.outcome(case) in ("read", "refused"), case.id


@pytest.mark.sampled(6)
def test_damaged_messages_yield_data_or_an_input_error() -> None:
    reader = mutated_messages.Reader(campaigns.sweden_account())
    for case in mutated_messages.cases(30):
        assert reader.outcome(case) in ("read", "refused"), case.id


@pytest.mark.sampled(6)
def test_damaged_structures_are_accepted_reported_or_refused(tmp_path: Path) -> None:
    reader = spoilt_structures.Reader(tmp_path)  # those made by hand, which are everywhere
    for case in random.Random(1).sample([*spoilt_structures.cases(5_000, reader.messages)], 100):
        assert reader.outcome(case) in ("read", "told", "refused"), case.id


@pytest.mark.sampled(6)
def test_data_of_a_damaged_structure_are_accepted_or_refused() -> None:
    campaign = spoilt_data.Campaign(ROOT / "nowhere")
    for case in campaign.cases(50):
        assert campaign.outcome(case) in ("read", "refused"), case.id
