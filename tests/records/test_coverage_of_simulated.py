"""Coverage of a simulated register: the estimate holds the truth, says that it is simulated, and how it was made."""

from __future__ import annotations

import json

import pytest
from shipped import catalogue_of

from benchmarks import coverage_intervals as campaign


def test_the_population_of_a_simulated_country_is_held_by_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small country of three years: so few have left that no signs of life are needed."""
    monkeypatch.setattr(campaign, "catalogue", lambda: catalogue_of(None))
    country = campaign.country_of(10, 0, persons=1_500, first=2019)
    made = campaign.covered(country, files={"persons": "persons", "citizenships": "citizenships"})
    assert made.population.total.low <= country.residents + country.absent <= made.population.total.high
    assert made.is_simulated
    assert "Simulated records" in made.report


@pytest.mark.long
def test_intervals_hold_the_truth_of_simulated_countries() -> None:
    """As in the full campaign, `python -m benchmarks.coverage_intervals`."""
    outcomes = [campaign.outcome(campaign.Case(seed, draw)) for seed in (300, 311) for draw in range(10)]
    known = [json.loads(text) for text in outcomes if text.startswith("{")]
    assert len(known) >= 18
    for name in ("population", "population, social as a third list", "absent", "emigration"):
        held = [low <= truth <= high for truth, _, low, high, _ in (row[name] for row in known)]
        assert sum(held) >= 0.85 * len(known), name
