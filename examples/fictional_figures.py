"""The figures of the made-up countries, from a simulation of eleven years.

They are not statements about any country. Rates are chosen so that the tables resemble those of a small country with
more immigration than emigration, a slump of travel in 2020 and many arrivals in 2022.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sdmxmig.records.simulation.populations import (
    BIRTH,
    DEATH,
    MOVE,
    NATURALISATION,
    Event,
    Group,
    Year,
    build_first_population,
    find_inhabited_countries,
    scale_behaviour,
    simulate,
)

SEED = 2025
FIRST, LAST = 2015, 2025
SIZES = {code: country.residents for code, country in find_inhabited_countries().items()}
"""Residents on 1 January of the first year."""
SEEN = {"XB": 0.97, "XC": 0.85, "XD": 0.93, "XE": 1.0, "XF": 0.80, "XG": 0.95}
"""The share of moves that the statistics of a neighbour find."""

Codes = tuple[str, ...]
Leaves = Mapping[str, Mapping[Codes, int]]
"""Numbers by period and by the codes of all components of a table, none of them a total."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of a workbook: names, and rows of figures by period.

    `shown` are the components in the row labels, `fixed` the others of the dataflow. `rows` have the figures by codes
    of a row and period; a code ``_T`` is a total.
    """

    workbook: str
    sheet: str
    mapping: str
    flow: str
    title: str
    shown: Codes
    fixed: Mapping[str, str]
    rows: Mapping[Codes, Mapping[str, str]] = field(default_factory=dict)


def simulated() -> list[Year]:
    return simulate(build_first_population(SEED, 1.0), scale_behaviour, range(FIRST, LAST + 1), SEED)


def five_years(age: int) -> str:
    """The group of five years of age, in the codes of CL_AGE.

    >>> five_years(0), five_years(34), five_years(97)
    ('Y0T4', 'Y30T34', 'Y_GE85')
    """
    return "Y_GE85" if age >= 85 else f"Y{age // 5 * 5}T{age // 5 * 5 + 4}"


def traits(group: Group, country: str) -> dict[str, str]:
    """Return the codes of a group in a table of a country."""
    return {
        "BIRTH_STATUS": "NB" if group.birth == country else "FB",
        "CTZ_STATUS": "NC" if group.citizenship == country else "FC",
        "SEX": group.sex,
        "AGE": five_years(group.age),
        "C_BIRTH": group.birth,
        "C_CITIZEN": group.citizenship,
    }


def residents(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """The population of a country on every 1 January."""
    for year in years:
        for group, number in year.population.items():
            if group.residence == country:
                yield str(year.year), traits(group, country), number


def immigrants(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Yield immigrants of a country by year and origin."""
    for year, event in events_of(years, MOVE):
        if event.after is not None and event.after.residence == country:
            yield year, {**traits(event.after, country), "C_RESIDENCE": event.before.residence}, event.persons


def emigrants(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Yield emigrants of a country by year and destination."""
    for year, event in events_of(years, MOVE):
        if event.after is not None and event.before.residence == country:
            yield year, {**traits(event.before, country), "C_RESIDENCE": event.after.residence}, event.persons


def newborn(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """The children born in a country in each year."""
    for year, event in events_of(years, BIRTH):
        if event.after is not None and event.after.residence == country:
            yield year, traits(event.after, country), event.persons


def deaths(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """The residents of a country who died in each year."""
    for year, event in events_of(years, DEATH):
        if event.before.residence == country:
            yield year, traits(event.before, country), event.persons


def naturalised(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """The residents who became citizens of a country in each year, by what they were before."""
    for year, event in events_of(years, NATURALISATION):
        if event.before.residence == country:
            yield year, {**traits(event.before, country), "C_FORMER": event.before.citizenship}, event.persons


def natives_abroad(years: Iterable[Year], country: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Yield natives of a country who live in another on every 1 January."""
    for year in years:
        for group, number in year.population.items():
            if group.birth == country != group.residence:
                yield str(year.year), {**traits(group, country), "COUNTERPART_AREA": group.residence}, number


def events_of(years: Iterable[Year], kind: str) -> Iterator[tuple[str, Event]]:
    """The events of one kind, each with its year."""
    for year in years:
        for event in year.events:
            if event.kind == kind:
                yield str(year.year), event


def cube(
    facts: Iterable[tuple[str, Mapping[str, str], int]], shown: Codes, views: Sequence[Codes]
) -> dict[Codes, dict[str, str]]:
    """Numbers by period and the codes of the shown components, for each view: its components apart, the others total.

    >>> cube([("2015", {"SEX": "M", "AGE": "Y0"}, 2), ("2015", {"SEX": "F", "AGE": "Y0"}, 3)],
    ...      ("SEX", "AGE"), [(), ("SEX",)])
    {('F', '_T'): {'2015': '3'}, ('M', '_T'): {'2015': '2'}, ('_T', '_T'): {'2015': '5'}}
    """
    counts: dict[Codes, Counter[str]] = {}
    for period, codes, number in facts:
        for view in views:
            key = tuple(codes[component] if component in view else "_T" for component in shown)
            counts.setdefault(key, Counter())[period] += number
    periods = sorted({period for by_period in counts.values() for period in by_period})
    return {key: {period: str(counts[key][period]) for period in periods} for key in sorted(counts)}


def every_view(shown: Codes) -> list[Codes]:
    return [view for size in range(len(shown) + 1) for view in combinations(shown, size)]
