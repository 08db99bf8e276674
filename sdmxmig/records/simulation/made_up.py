"""Simulated countries, from ``structures/simulation/countries.csv``.

Not statements about real countries.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from random import Random

from sdmxmig.catalogue.folders import shipped
from sdmxmig.records.simulation.populations import ELSEWHERE, MEN, OLDEST, WOMEN, Behaviour, Group, moving, whole

HOME = "XA"
FIRST_TRAVEL = 2015
"""The year whose travel others are compared with."""
TRAVEL = {2020: 0.55, 2021: 0.8, 2022: 1.35, 2023: 1.15}
"""How much more or less people move in some years than in others."""


@dataclass(frozen=True, slots=True)
class Country:
    """A simulated country.

    `elsewhere` is its share of the rest of the world; `land` the share of land journeys to Alvoria; `former` its former
    state.
    """

    code: str
    name: str
    _: KW_ONLY
    residents: int
    wealth: float
    arriving: float
    elsewhere: float
    script: str
    land: float
    calendar: str
    former: str
    refugees: float


@cache
def countries() -> dict[str, Country]:
    text = (shipped("structures") / "simulation" / "countries.csv").read_text(encoding="utf-8")
    return {row["country"]: country_of(row) for row in csv.DictReader(io.StringIO(text, newline=""))}


def country_of(row: Mapping[str, str]) -> Country:
    """One country from its line."""
    return Country(
        row["country"],
        row["name"],
        residents=int(row["residents"]),
        wealth=float(row["wealth"]),
        arriving=float(row["arriving"]),
        elsewhere=float(row["elsewhere"]),
        script=row["script"],
        land=float(row["land"]),
        calendar=row["calendar"],
        former=row["former"],
        refugees=float(row["refugees"]),
    )


def peopled() -> dict[str, Country]:
    return {code: country for code, country in countries().items() if country.residents}


def behaviour_in(year: int, scale: float = 1.0) -> Mapping[str, Behaviour]:
    """How the people of all countries behave in a year; `scale` makes the countries larger or smaller than declared."""
    travel = TRAVEL.get(year, 1.0) * (1 + 0.01 * (year - FIRST_TRAVEL))
    followed = peopled()
    behaviours = {}
    for code, country in followed.items():
        leaving = {
            other: 0.0022 * travel * there.wealth / country.wealth * (there.residents / 300_000) ** 0.3
            for other, there in followed.items()
            if other != code
        }
        leaving[ELSEWHERE] = 0.004 * travel / country.wealth
        behaviours[code] = Behaviour(
            children=1.55 + 0.2 / country.wealth,
            life=1.25 - 0.15 * country.wealth,
            leaving=leaving,
            arriving=country.arriving * travel * scale,
            naturalising=0.025,
            home=6.0,
        )
    return behaviours


def first_population(seed: int, scale: float = 1.0) -> dict[Group, int]:
    """The population of all countries when the simulation begins: natives, foreign-born, and who lives elsewhere."""
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    pyramid = {age: math.exp(-0.006 * age) / (1 + math.exp((age - 79) / 6)) for age in range(OLDEST + 1)}
    movers = {age: moving(max(0, age - 8)) * pyramid[age] for age in range(OLDEST + 1)}
    children = dict.fromkeys(range(16), 1.0)
    counts: Counter[Group] = Counter()

    def put(group: tuple[str, str, str], persons: float, weights: Mapping[int, float]) -> None:
        total = sum(weights.values())
        for sex, share in ((MEN, 0.495), (WOMEN, 0.505)):
            for age, weight in weights.items():
                counts[Group(*group, sex=sex, age=age)] += whole(persons * share * weight / total, random)

    followed = peopled()
    for code, country in followed.items():
        size = country.residents * scale
        put((code, code, code), size * (0.97 - 0.07 * country.wealth), pyramid)
        put((ELSEWHERE, code, code), size * 0.05 / country.wealth, movers)
        for other in (*(name for name in followed if name != code), ELSEWHERE):
            share = 0.07 * country.wealth / len(followed) * (1.6 if other == ELSEWHERE else 1.0)
            put((code, other, other), size * share * 0.62, movers)
            put((code, other, code), size * share * 0.32, movers)
            put((code, code, other), size * share * 0.06, children)
    return {group: number for group, number in counts.items() if number}
