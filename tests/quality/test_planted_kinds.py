"""Faults of known kinds in clean synthetic accounts are found, and clean accounts have no error.

The campaign over all kinds is `python -m benchmarks.planted_kinds`; here are a few plants and two clean datasets.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from folders import ROOT
from shipped import CATALOGUE

from benchmarks.planted_kinds import campaign
from benchmarks.planted_kinds.people import Group, people
from benchmarks.planted_kinds.planting import kinds, planters

TABLE = ROOT / "benchmarks" / "planted_kinds" / "kinds.csv"
KINDS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
NOT_BUILT = {"MIG-0-017", "MIG-1-009", "MIG-1-404"}
"""Rules of the catalogue that other rules stand for, or that no shipped dataflow has data for."""
SAMPLE = 10
"""So many kinds are tried, one plant each."""


def test_every_kind_of_fault_has_description_place_and_rule() -> None:
    assert all(all(kind.values()) for kind in KINDS)
    assert {rule for kind in KINDS for rule in kind["rules"].split()} - set(CATALOGUE.rules) == NOT_BUILT


def test_simulated_stocks_follow_from_events_in_each_cell() -> None:
    """P(t+1) = P(t) + B − D + I − E + change of citizenship, by cohort, here for one group of each sort."""
    of = people(3)
    own = Group(of.area, of.area)
    foreign = Group(of.partners[0], of.partners[0])
    for group in (own, foreign):
        n = of.groups.index(group)
        joined = sum(
            of.acquisitions[:, m] for m, other in enumerate(of.groups) if group == Group(of.area, other.birth) != other
        )
        left = of.deaths[:, n] + of.emigration[:, n] + of.acquisitions[:, n]
        change = of.immigration[:, n] - left + joined
        for age in (1, 27, 84):
            assert (of.stock[1:, n, :, age] == of.stock[:-1, n, :, age - 1] + change[:, :, age]).all()
        assert (of.stock[1:, n, :, 0] == of.births[:, n] + change[:, :, 0]).all()
    assert of.stock.min() >= 0


@pytest.mark.parametrize("base", [1, 5])
def test_clean_datasets_have_no_error(base: int) -> None:
    result = campaign.clean(base, base)
    assert {name: text for name, text in result.first.items() if name.startswith("error")} == {}


DRAWN = sorted(np.random.default_rng(16).permutation(sorted(planters()))[:SAMPLE].tolist())


@pytest.mark.parametrize("kind", DRAWN)
def test_planted_fault_is_found(kind: str) -> None:
    outcome = campaign.outcome(kinds()[kind], 0, seed=16)
    assert outcome.by in kinds()[kind].rules, outcome
