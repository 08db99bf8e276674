"""Coverage of a simulated register: the interval contains the truth, and the result states that it is simulated."""

from __future__ import annotations

import pytest
from shipped import catalogue_of

from benchmarks import coverage_intervals as campaign


def test_interval_contains_the_simulated_population(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small country of three years: so few have left that no signs of life are needed."""
    monkeypatch.setattr(campaign, "catalogue", lambda: catalogue_of(None))
    country = campaign.country_of(10, 0, persons=1_500, first=2019)
    made = campaign.covered(country, files={"persons": "persons", "citizenships": "citizenships"})
    assert made.population.total.low <= country.residents + country.absent <= made.population.total.high
    assert made.is_simulated
    assert "Simulated records" in made.report
