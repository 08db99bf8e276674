"""Made-up countries that report their flows to each other, with known true flows, to judge estimates.

This was written before the estimator. Every country has one distortion for immigration and one for emigration, the
same in all years and towards all partners: the duration of stay that defines a migrant, and the unregistered share.
Each report of a corridor also has a random error, partly the same every year, of the usual size of its country. The
estimator must recover the first from the second.

`COUNTRIES` countries are drawn; the first is the benchmark. Its immigration follows the target definition (12 months)
and is complete; its emigration is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

COUNTRIES, YEARS = 12, 3
BENCHMARK = "XA"
DURATIONS = {"none": 0.53, "3 months": 0.63, "6 months": 0.73, "12 months": 1.0, "permanent": 2.26}
"""By what flows of each definition of a migrant are multiplied to be those of 12 months: the coefficients that the
IMEM project estimated, as quoted by Danko in `UndercountMigScores` (Raymer and others 2013)."""
CHANCES = (0.1, 0.15, 0.2, 0.45, 0.1)
"""How many of the countries know a migrant by each of these."""
MISSING_IMMIGRANTS, MISSING_EMIGRANTS = (0.0, 0.25), (0.05, 0.6)
"""The least and the greatest share that a country does not register: those who leave seldom say so."""
ERRORS, ERRORS_OF_BENCHMARK = (0.08, 0.30), 0.06
"""The least and the greatest standard error of a single report of immigration, on the scale of logarithms."""
MORE_ERROR = (1.0, 1.5)
"""By how much that of emigration is larger."""
LASTING = 0.5
"""Which part of the variance of a corridor's error is the same every year."""
NO_REPORT = 0.15
"""How often a country does not publish a partner."""

Report = tuple[str, str, str]
"""Origin, destination, year."""


@dataclass(frozen=True, slots=True)
class World:
    """True flows, the reports of destination and origin, and the factors that correct the reports."""

    flows: Mapping[Report, int]
    immigration: Mapping[Report, int]
    emigration: Mapping[Report, int]
    immigration_factors: Mapping[str, float]
    emigration_factors: Mapping[str, float]


def world(seed: int, countries: int = COUNTRIES, years: int = YEARS) -> World:
    """The same world for the same seed."""
    random = np.random.default_rng(seed)
    names = [f"X{chr(ord('A') + number)}" for number in range(countries)]
    periods = [str(2020 + number) for number in range(years)]
    size, pull = random.normal(0, 0.8, countries), random.normal(0, 0.8, countries)
    near = random.normal(0, 0.8, (countries, countries))
    change = random.normal(0, 0.15, (countries, countries, years))
    expected = np.exp(6.5 + size[:, None, None] + pull[None, :, None] + near[:, :, None] + change)
    flows = random.poisson(expected)

    definition = random.choice(list(DURATIONS.values()), countries, p=CHANCES)
    immigration_factors = definition / (1 - random.uniform(*MISSING_IMMIGRANTS, countries))
    emigration_factors = definition / (1 - random.uniform(*MISSING_EMIGRANTS, countries))
    immigration_factors[0] = 1.0
    error = random.uniform(*ERRORS, countries)
    error[0] = ERRORS_OF_BENCHMARK
    error_of_emigration = error * random.uniform(*MORE_ERROR, countries)

    immigration = reports(random, flows, immigration_factors[None, :], error[None, :])
    emigration = reports(random, flows, emigration_factors[:, None], error_of_emigration[:, None])

    def listed(figures: np.ndarray, published: np.ndarray) -> dict[Report, int]:
        return {
            (names[origin], names[destination], period): int(figures[origin, destination, year])
            for origin in range(countries)
            for destination in range(countries)
            for year, period in enumerate(periods)
            if origin != destination and published[origin, destination]
        }

    everywhere = np.ones((countries, countries), dtype=bool)
    return World(
        flows=listed(flows, everywhere),
        immigration=listed(immigration, random.random((countries, countries)) >= NO_REPORT),
        emigration=listed(emigration, random.random((countries, countries)) >= NO_REPORT),
        immigration_factors=dict(zip(names, map(float, immigration_factors), strict=True)),
        emigration_factors=dict(zip(names, map(float, emigration_factors), strict=True)),
    )


def reports(random: np.random.Generator, flows: np.ndarray, factors: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Reports of these flows: distorted, with the errors of corridor and year, and counted."""
    lasting = random.normal(0, math.sqrt(LASTING), flows.shape[:2]) * error
    yearly = random.normal(0, math.sqrt(1 - LASTING), flows.shape) * error[..., None]
    return random.poisson(flows / factors[..., None] * np.exp(lasting[..., None] + yearly))
