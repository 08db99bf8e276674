"""People first: seeded counts of persons by sex, age, citizenship and birth, of which all tables are sums.

A country is simulated over years: events are drawn by cohort, only present persons leave, births enter age 0 and the
native-born, naturalised persons join the nationals. The next stock is computed cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

Counts = np.ndarray
"""Whole numbers of persons; the axes are named where a count is made."""

AREAS = ("GE", "LV", "MD", "SI", "SE", "NO", "CL", "UY")
"""Countries that may report; none of them is among its own partners."""
NORDIC = ("DK", "FI", "IS", "NO", "SE")
PAIRS = (("AT", "AU"), ("NE", "NG"), ("SK", "SI"), ("KR", "KP"), ("CD", "CG"))
"""Countries whose names or codes are mistaken for each other; each country has one such pair among its partners."""
MORE = (
    "DE", "PL", "RU", "UA", "TR", "IN", "CN", "IQ", "IR", "SY", "FR", "IT", "ES", "RO", "BG", "GR", "HU", "CZ", "LT",
    "EE", "BY", "AM", "AZ", "KZ", "UZ", "PK", "BD", "VN", "PH", "TH", "US", "CA", "MX", "BR", "CO", "VE", "PE", "AR",
    "MA", "DZ", "TN", "EG", "ET", "SO", "ER", "SN", "GH", "KE", "ZA", "AF", "LK", "NP", "RS", "BA", "HR", "AL", "MK",
    "PT", "NL", "BE", "CH", "IE", "JP", "ID", "MY", "SA", "IL", "JO", "LB", "NA", "GB",
)  # fmt: skip
SEXES = ("F", "M")
OLDEST = 85
"""The open class of ages begins here."""
UNKNOWN_AGE = OLDEST + 1
"""Behind the single ages stand people of unknown age, who do not grow older."""
AGES = OLDEST + 2
REST, UNKNOWN = "_O", "_U"
CITIZEN, FOREIGN = "NC", "FC"
NATIVE, BORN_ABROAD = "NB", "FB"
FIRST_YEAR = 2013
BOYS = 105 / 205
FOREIGN_AT_BIRTH = 0.4
"""Which share of the children of foreign mothers have their citizenship; the others are nationals."""
RETIRED = 70
"""At this age and later next to nobody immigrates."""
SETTLING = 26
"""So many years go by before the first that is published, so that ages and groups have settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The extent of a simulation: years of flows (one less than stocks), and partner countries."""

    years: int = 12
    partners: int = 12
    size: float = 1.0
    """Times the usual population."""
    spread: float = 0.7
    """How different the sizes of citizenships are, on the log."""


USUAL = Extent()


@dataclass(frozen=True, slots=True)
class Group:
    """People of one citizenship and country of birth; the reporting area stands for nationals and for natives."""

    citizenship: str
    birth: str


@dataclass(frozen=True, eq=False)
class People:
    """The persons of one country and what happened to them.

    `stock` has the axes year (one more than `years`), group, sex, age; `deaths`, `immigration`, `emigration` and
    `acquisitions` have year, group, sex, age, where the age is that reached in the year; `births` year, group, sex.
    An acquisition is counted in the group that the person leaves. `moves_by_country` has, for ``I`` and ``E``, the axes
    year, sex, age group of five years, country of previous or next residence (those of `residences`).
    """

    seed: int
    area: str
    years: tuple[int, ...]
    partners: tuple[str, ...]
    groups: tuple[Group, ...]
    _: KW_ONLY
    stock: Counts
    births: Counts
    deaths: Counts
    immigration: Counts
    emigration: Counts
    acquisitions: Counts
    moves_by_country: dict[str, Counts]

    @property
    def residences(self) -> tuple[str, ...]:
        return (*self.partners, REST, UNKNOWN)

    @cached_property
    def citizenship_of(self) -> Counts:
        return np.array([group.citizenship for group in self.groups])

    @cached_property
    def birth_of(self) -> Counts:
        return np.array([group.birth for group in self.groups])

    def status_of(self, countries: Counts, own: str, other: str) -> Counts:
        return np.where(countries == self.area, own, np.where(countries == UNKNOWN, UNKNOWN, other))


def people(seed: int, extent: Extent = USUAL) -> People:
    """The persons of the country with this seed; the same seed always gives the same persons."""
    rng = np.random.default_rng([16, seed])
    area = AREAS[int(rng.integers(len(AREAS)))]
    partners = partners_of(rng, area, extent.partners)
    groups = groups_of(area, partners)
    simulated = Simulation(rng, area, groups, extent)
    return simulated.run(seed, partners)


def partners_of(rng: np.random.Generator, area: str, number: int) -> tuple[str, ...]:
    """So many partner countries: one easily mistaken pair, Namibia, Nordic ones for a Nordic country, others."""
    pairs = [pair for pair in PAIRS if area not in pair]
    chosen = [*pairs[int(rng.integers(len(pairs)))], "NA"]
    if area in NORDIC:
        chosen += [code for code in NORDIC if code != area][:2]
    others = [code for code in MORE if code not in chosen and code != area]
    chosen += [others[int(n)] for n in rng.permutation(len(others))[: number - len(chosen)]]
    return tuple(sorted(chosen[:number]))


def groups_of(area: str, partners: Sequence[str]) -> tuple[Group, ...]:
    """Nationals by country of birth; foreigners born here, in their country, and in another; the unknown."""
    countries = (*partners, REST)
    elsewhere = (*countries[1:], countries[0])
    return (
        Group(area, area),
        *(Group(area, country) for country in countries),
        *(Group(country, area) for country in countries),
        *(Group(country, country) for country in countries),
        *(Group(country, other) for country, other in zip(countries, elsewhere, strict=True)),
        Group(UNKNOWN, UNKNOWN),
    )


class Simulation:
    """Draws the rates of a country, its first stock, and then one year after another."""

    def __init__(self, rng: np.random.Generator, area: str, groups: tuple[Group, ...], extent: Extent) -> None:
        self.rng, self.area, self.groups, self.extent = rng, area, groups, extent
        self.citizenship = np.array([group.citizenship for group in groups])
        self.birth = np.array([group.birth for group in groups])
        self.is_foreign = (self.citizenship != area) & (self.citizenship != UNKNOWN)
        self.is_native = self.birth == area
        self.size = float(rng.uniform(50e6, 90e6)) * extent.size
        self.ages = np.arange(OLDEST + 1)
        self._draw_rates()

    def _draw_rates(self) -> None:
        rng = self.rng
        citizenships = list(dict.fromkeys(self.citizenship))
        place = {name: n for n, name in enumerate(citizenships)}
        self.of_citizenship = np.array([place[name] for name in self.citizenship])
        number = len(citizenships)
        foreign = np.array([name not in (self.area, UNKNOWN) for name in citizenships])
        rest = np.array([name == REST for name in citizenships])
        emigration = np.where(foreign, rng.uniform(0.045, 0.08, number), rng.uniform(0.004, 0.007))
        acquisition = np.where(foreign, rng.uniform(0.015, 0.05, number), 0.0)
        growth = np.where(foreign, rng.uniform(-0.02, 0.035, number), 0.0)
        self.emigration_rate = emigration[self.of_citizenship]
        self.acquisition_rate = acquisition[self.of_citizenship]
        self.moves_in = (growth + emigration + acquisition + 0.002)[self.of_citizenship]
        self.trend = np.where(foreign, steady_trends(rng, number), 0.02)[self.of_citizenship]
        self.trend_out = np.where(foreign, 0.6 * steady_trends(rng, number), 0.015)[self.of_citizenship]
        self.trend_acquired = np.where(foreign, 0.6 * steady_trends(rng, number), 0.0)[self.of_citizenship]
        self.men = np.where(foreign, rng.uniform(0.42, 0.6, number), 0.497)[self.of_citizenship]
        share = rng.uniform(0.06, 0.105)
        weights = np.where(foreign & ~rest, np.exp(rng.normal(0, self.extent.spread, number)), 0)
        weights = weights / weights.sum() * share * 0.93
        self.share_of_citizenship = np.where(rest, share * 0.07, weights)

    def first_stock(self) -> Counts:
        """The first stock: group, sex, age."""
        pyramid = np.interp(self.ages, [0, 20, 45, 65, 80, 85], [1.0, 1.05, 1.1, 0.85, 0.4, 0.28])
        pyramid[OLDEST] = 2.2 * pyramid[OLDEST - 1]
        young = np.exp(-(((self.ages - 36) / 16) ** 2)) + 0.08
        children = np.exp(-self.ages / 30.0) * pyramid
        share_national = 1 - self.share_of_citizenship.sum() - 0.004
        stock = np.zeros((len(self.groups), 2, AGES))
        for n, group in enumerate(self.groups):
            if group.citizenship == UNKNOWN:  # nobody is born into this group: it has whom immigration brought
                share, profile = 0.004, np.cumsum(arriving(self.ages)) * pyramid
            elif group.citizenship == self.area:
                own = group.birth == self.area
                born_abroad = 0.5 * self.share_of_citizenship[self._of(group.birth)] if not own else 0
                share = share_national - 0.5 * self.share_of_citizenship.sum() if own else born_abroad
                profile = pyramid if own else np.exp(-(((self.ages - 50) / 18) ** 2)) + 0.02
            else:
                part = 0.15 if group.birth == self.area else (0.79 if group.birth == group.citizenship else 0.06)
                share = self.share_of_citizenship[self._of(group.citizenship)] * part
                profile = children if group.birth == self.area else young
            old = np.exp(-np.clip(self.ages - 60, 0, None) * 0.02)
            for sex in range(2):
                men = self.men[n] if sex else 1 - self.men[n]
                by_age = profile * (old if sex else 1.0) * men
                stock[n, sex, : OLDEST + 1] = self.size * share * men * by_age / by_age.sum()
        stock[:, :, UNKNOWN_AGE] = stock.sum(axis=2) * 0.004
        return whole(self.rng, stock)

    def _of(self, country: str) -> int:
        return int(self.of_citizenship[np.flatnonzero(self.citizenship == country)[0]])

    def run(self, seed: int, partners: tuple[str, ...]) -> People:
        """All years one after another."""
        years = range(FIRST_YEAR, FIRST_YEAR + self.extent.years)
        stock = self.first_stock()
        self.moves_in_base = self._immigration_base(stock)
        for n in range(-SETTLING, 0):
            stock = self.next_stock(stock, self.year(stock, n / 2))
        stocks = [stock]
        events: dict[str, list[Counts]] = {
            name: [] for name in ("births", "deaths", "immigration", "emigration", "acquisitions")
        }
        for n in range(len(years)):
            of_year = self.year(stocks[-1], n)
            stocks.append(self.next_stock(stocks[-1], of_year))
            for name, counts in of_year.items():
                events[name].append(counts)
        arrays = {name: np.stack(counts) for name, counts in events.items()}
        moves = {
            direction: self.by_country(arrays[name], (*partners, REST, UNKNOWN))
            for direction, name in (("I", "immigration"), ("E", "emigration"))
        }
        return People(
            seed,
            self.area,
            tuple(years),
            partners,
            self.groups,
            stock=np.stack(stocks),
            moves_by_country=moves,
            **arrays,
        )

    def _immigration_base(self, stock: Counts) -> Counts:
        """How many of each group immigrate in the first year."""
        people_of_group = stock.sum(axis=(1, 2)).astype(float)
        of_citizenship = np.array([people_of_group[self.citizenship == name].sum() for name in self.citizenship])
        in_group = np.where(
            self.is_foreign & (self.birth == self.citizenship),
            0.94,
            np.where(self.is_foreign & ~self.is_native, 0.06, 0.0),
        )
        foreign = of_citizenship * self.moves_in * in_group
        national = np.where(
            (self.citizenship == self.area) & self.is_native,
            self.size * 0.0062,
            np.where(self.citizenship == self.area, people_of_group * 0.006, 0),
        )
        lasting = (np.cumsum(arriving(self.ages)) * np.exp(-0.012 * self.ages)).sum()
        base: Counts = foreign + national + np.where(self.citizenship == UNKNOWN, people_of_group / lasting, 0)
        return base

    def year(self, stock: Counts, number: float) -> dict[str, Counts]:
        """Draw the events of one year by age reached in it."""
        rng = self.rng
        there = exposed(stock)

        def common() -> Counts:
            return np.asarray(np.exp(rng.normal(0, 0.008, (len(self.groups), 1, 1))))

        ages = self.ages
        immigration = self.moves_in_base[:, None, None] * np.exp(self.trend[:, None, None] * number)
        men = np.stack([1 - self.men, self.men], axis=1)[:, :, None]
        immigration = immigration * men * arriving(ages) * common()
        immigration = widened(immigration, 0.004)
        immigrants = self.drawn(immigration)
        mothers = stock[:, 0, 15:50].sum(axis=1).astype(float)
        born = self.births_of(mothers)
        there[:, :, 0] = born
        mortality = np.minimum(0.5, 0.00003 * np.exp(0.098 * ages) + np.where(ages == 0, 0.003, 0.00015))
        mortality[OLDEST] = 0.14
        deaths = self.drawn(with_unknown(there[:, :, : OLDEST + 1] * mortality, there, 0.01) * common())
        leaving = np.where(ages < 14, 0.15, 0.35) + 1.9 * np.exp(-(((ages - 28) / 8.0) ** 2))
        leaving = np.where(ages > 70, 0.15, leaving)
        rate = (self.emigration_rate * np.exp(self.trend_out * number))[:, None, None]
        rate = rate * np.where(self.is_native & self.is_foreign, 0.4, 1.0)[:, None, None]
        emigration = with_unknown(there[:, :, : OLDEST + 1] * rate * leaving, there, 0.01) * common()
        acquiring = 0.5 + np.exp(-(((ages - 35) / 12.0) ** 2))
        acquisition = (self.acquisition_rate * np.exp(self.trend_acquired * number))[:, None, None] * acquiring
        acquisitions = with_unknown(there[:, :, : OLDEST + 1] * acquisition, there, 0.0) * common()
        died = np.minimum(deaths, there)
        left = np.minimum(self.drawn(emigration), there - died)
        naturalised = np.minimum(self.drawn(acquisitions), there - died - left)
        return {
            "births": born,
            "deaths": died,
            "immigration": immigrants,
            "emigration": left,
            "acquisitions": naturalised,
        }

    def births_of(self, mothers: Counts) -> Counts:
        """Births by group and sex: all are born in the country, some of foreign mothers have their citizenship."""
        rate = 0.049 * np.exp(self.rng.normal(0, 0.006))
        born = np.zeros((len(self.groups), 2))
        for n, group in enumerate(self.groups):
            if group.birth != self.area:
                continue
            number = mothers[self.citizenship == group.citizenship].sum() * rate * FOREIGN_AT_BIRTH
            if group.citizenship == self.area:
                foreign = mothers[self.citizenship != group.citizenship].sum() * (1 - FOREIGN_AT_BIRTH)
                number = (mothers[self.citizenship == group.citizenship].sum() + foreign) * rate
            noise = np.exp(self.rng.normal(0, min(0.2, 1 / max(number, 1) ** 0.5), 2))
            born[n] = number * np.array([1 - BOYS, BOYS]) * noise
        return np.floor(born + self.rng.uniform(0, 1, born.shape)).astype(np.int64)

    def drawn(self, expected: Counts) -> Counts:
        """Whole events about what is expected (group, sex, age): noise by five years of age, larger where few are."""
        fives = np.add.reduceat(expected, np.arange(0, AGES, 5), axis=2)
        spread = np.minimum(0.35, np.sqrt(0.0001 + 0.4 / np.maximum(fives, 1)))
        noise = np.exp(self.rng.normal(0, 1, fives.shape) * spread - spread**2 / 2)
        return whole(self.rng, expected * np.repeat(noise, 5, axis=2)[:, :, :AGES])

    def next_stock(self, stock: Counts, of_year: dict[str, Counts]) -> Counts:
        """The stock a year later, cell by cell."""
        there = exposed(stock)
        there[:, :, 0] = of_year["births"]
        gone = of_year["deaths"] + of_year["emigration"] + of_year["acquisitions"]
        after: Counts = there + of_year["immigration"] - gone
        for n, group in enumerate(self.groups):
            if self.is_foreign[n]:
                national = next(m for m, other in enumerate(self.groups) if other == Group(self.area, group.birth))
                after[national] += of_year["acquisitions"][n]
        return after

    def by_country(self, moves: Counts, residences: tuple[str, ...]) -> Counts:
        """Moves by sex and five years of age divided among countries of residence: year, sex, age group, country."""
        rng = self.rng
        general = np.exp(rng.normal(0, 0.5, len(residences)))
        general[-2:] = 0.06 * general[:-2].sum(), 0.012 * general[:-2].sum()
        trends = np.append(steady_trends(rng, len(residences) - 2), [0.02, 0.02])
        years = np.arange(len(moves))
        general = general * np.exp(years[:, None] * trends)
        general /= general.sum(axis=1, keepdims=True)
        chance = np.zeros((len(years), len(self.groups), len(residences)))
        for n, group in enumerate(self.groups):
            chance[:, n] = general
            if group.citizenship in residences[:-2]:
                chance[:, n] = 0.1 * general
                chance[:, n, residences.index(group.citizenship)] += 0.9
        by_age = np.add.reduceat(moves[..., : OLDEST + 1], np.arange(0, OLDEST + 1, 5), axis=3)
        unknown = moves[..., UNKNOWN_AGE:]
        by_age = np.concatenate([by_age, unknown], axis=3).astype(float)
        expected = np.einsum("tgsa,tgr->tsar", by_age, chance)
        old = np.arange(expected.shape[2]) >= 14
        small = np.argsort(general[0, :-2])[: max(2, (len(residences) - 2) // 4)]
        for country in small:  # structural zeros
            expected[:, :, old, country] = 0
        spread = np.minimum(0.35, np.sqrt(0.0001 + 0.4 / np.maximum(expected, 1)))
        expected = expected * np.exp(rng.normal(0, 1, expected.shape) * spread)
        totals = by_age.sum(axis=1)
        expected *= (totals / np.maximum(expected.sum(axis=3), 1e-9))[..., None]
        upto = np.floor(np.cumsum(expected, axis=3) + 0.5).astype(np.int64)
        upto[..., -1] = totals.astype(np.int64)
        upto = np.minimum(upto, upto[..., -1:])
        return np.diff(upto, axis=3, prepend=0)


def steady_trends(rng: np.random.Generator, number: int) -> Counts:
    """By how much counts grow or fall in a year, on the log: clearly, and for half of them either way."""
    signs = rng.permutation(np.where(np.arange(number) % 2, 1, -1))
    return signs * rng.uniform(0.025, 0.06, number)


def whole(rng: np.random.Generator, expected: Counts) -> Counts:
    """Whole numbers whose sums over neighbouring ages are within one of the expected sums."""
    shape = (*expected.shape[:-1], 1)
    upto = np.floor(np.cumsum(expected, axis=-1) + rng.uniform(0, 1, shape))
    return np.diff(upto, axis=-1, prepend=0).astype(np.int64).clip(0)


def arriving(ages: Counts) -> Counts:
    """Which share of the immigrants has each age: most are young adults, some bring children."""
    peak = np.exp(-(((ages - 27) / 9.0) ** 2)) + 0.12 * np.exp(-ages / 12) + 0.03 * (ages < RETIRED)
    return np.asarray(peak / peak.sum())


def exposed(stock: Counts) -> Counts:
    """The people of a stock by the age that they reach in the year; nobody yet at age 0."""
    there = np.zeros_like(stock)
    there[:, :, 1 : OLDEST + 1] = stock[:, :, :OLDEST]
    there[:, :, OLDEST] += stock[:, :, OLDEST]
    there[:, :, UNKNOWN_AGE] = stock[:, :, UNKNOWN_AGE]
    return there


def widened(by_age: Counts, share: float) -> Counts:
    return np.concatenate([by_age, share * by_age.sum(axis=2, keepdims=True)], axis=2)


def with_unknown(by_age: Counts, there: Counts, rate: float) -> Counts:
    """Counts by single age with those of unknown age behind them, at a rate of their own."""
    return np.concatenate([by_age, rate * there[:, :, UNKNOWN_AGE:]], axis=2)
