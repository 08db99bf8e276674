"""Mirror flows and correction factors.

After de Beer, Raymer, van der Erf and van Wissen (2010), “Overcoming the problems of inconsistent international
migration data”, European Journal of Population 26, doi 10.1007/s10680-010-9220-z: one factor per country and direction
relative to a benchmark's immigration. We add a logarithmic scale, a scatter estimated by country, and intervals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.catalogue.regional import MirrorDataflow
from sdmxmig.primitives.lazily import Floats, np
from sdmxmig.statistics.demography.distributions import compute_student_quantile
from sdmxmig.statistics.demography.ledger import AREA, COUNTRY, POPULATION_DIMENSIONS, REST_CODES, TOTAL, Book

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.intp]


HALF_INTERVAL = 0.5
INTERVAL_LEVEL = 0.9
MAX_ROUNDS = 60
"""Rounds of estimating factors and scatter from each other; after thirty the fifth digit is stable."""
FIRST_SCATTER, MIN_SCATTER = 0.04, 1e-6
PRIOR_WEIGHT = 4.0
"""The weight of the scatter of all countries against that of one, in corridors."""
TOLERANCE = 1e-6
ODD_FACTOR = 3.0
"""A corridor whose reports differ, after correction, by more than so many standard errors is named."""
IMMIGRATION, EMIGRATION = "immigration", "emigration"

Corridor = tuple[str, str]
"""Origin and destination."""
CountryReports = tuple[str, str]
"""A country, and immigration or emigration."""


@dataclass(frozen=True, slots=True)
class MirrorPair:
    """Both reports of a flow; None if absent."""

    origin: str
    destination: str
    period: str
    emigration: float | None
    immigration: float | None

    @property
    def is_complete(self) -> bool:
        return self.emigration is not None and self.immigration is not None

    @property
    def difference(self) -> float | None:
        return None if self.emigration is None or self.immigration is None else self.immigration - self.emigration

    @property
    def ratio(self) -> float | None:
        return None if self.immigration is None or not self.emigration else self.immigration / self.emigration

    @property
    def asymmetry(self) -> float | None:
        if self.emigration is None or self.immigration is None or not self.emigration + self.immigration:
            return None
        return 2 * (self.immigration - self.emigration) / (self.immigration + self.emigration)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFactor:
    """A correction factor with its interval; `scatter` is a standard error in logarithms (0.1 is about 10%)."""

    country: str
    direction: str
    factor: float
    low: float
    high: float
    corridors: int
    scatter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonisedFlow:
    pair: MirrorPair
    estimate: float
    low: float
    high: float
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Factors, flows and omissions.

    `unlinked` countries have no chain of corridors to the benchmark; the model does not explain `odd` corridors.
    """

    benchmark: str
    factors: tuple[CorrectionFactor, ...] = ()
    flows: tuple[HarmonisedFlow, ...] = ()
    unlinked: tuple[CountryReports, ...] = ()
    odd: tuple[tuple[Corridor, float], ...] = ()
    corridors: int = 0
    reason: str = ""


BENCHMARK_WITHOUT_PAIRS, TOO_FEW = "BENCHMARK_WITHOUT_PAIRS", "TOO_FEW"
"""The benchmark's immigration has no counterpart; there are not more corridors than factors."""


def list_pairs(
    immigration: Mapping[tuple[str, str, str], float], emigration: Mapping[tuple[str, str, str], float]
) -> tuple[MirrorPair, ...]:
    return tuple(
        MirrorPair(
            origin, destination, period=period, emigration=emigration.get(route), immigration=immigration.get(route)
        )
        for route in sorted({*immigration, *emigration})
        for origin, destination, period in [route]
    )


def estimate_correction(reported: Sequence[MirrorPair], benchmark: str) -> Correction:
    """Estimate factors and flows relative to the benchmark.

    Intervals cover nine of ten cases if errors are equal for all partners; errors of the benchmark are not included.
    """
    complete = [pair for pair in reported if pair.is_complete]
    linked = find_linked_reports((benchmark, IMMIGRATION), complete)
    unlinked = tuple(sorted(list_reports(reported) - linked))
    used = [pair for pair in complete if (pair.origin, EMIGRATION) in linked]
    if len(linked) == 1:
        return Correction(benchmark=benchmark, unlinked=unlinked, reason=BENCHMARK_WITHOUT_PAIRS)
    others = sorted(linked - {(benchmark, IMMIGRATION)})
    sample = Sample.of(used, {report: at for at, report in enumerate([*others, (benchmark, IMMIGRATION)])})
    degrees = len(sample.routes) - len(others)
    if degrees < 1:
        return Correction(benchmark=benchmark, unlinked=unlinked, corridors=len(sample.routes), reason=TOO_FEW)
    fit = fit_factors(sample)
    quantile = compute_student_quantile((1 + INTERVAL_LEVEL) / 2, degrees)
    return Correction(
        benchmark=benchmark,
        factors=tuple(estimate_factor(report, sample, fit, quantile) for report in sorted(linked)),
        flows=tuple(flow for pair in reported if (flow := estimate_flow(pair, sample, fit, quantile))),
        unlinked=unlinked,
        odd=fit.odd(sample),
        corridors=len(sample.routes),
    )


def list_reports(reported: Iterable[MirrorPair]) -> set[CountryReports]:
    sides = ((pair.destination, IMMIGRATION) for pair in reported if pair.immigration is not None)
    return {*sides, *((pair.origin, EMIGRATION) for pair in reported if pair.emigration is not None)}


def find_linked_reports(start: CountryReports, complete: Sequence[MirrorPair]) -> set[CountryReports]:
    """Return reports linked to this one by corridors that both countries report."""
    beside: dict[CountryReports, set[CountryReports]] = {}
    for pair in complete:
        ends = (pair.origin, EMIGRATION), (pair.destination, IMMIGRATION)
        beside.setdefault(ends[0], set()).add(ends[1])
        beside.setdefault(ends[1], set()).add(ends[0])
    linked, waiting = {start}, [start]
    while waiting:
        for report in beside.get(waiting.pop(), set()) - linked:
            linked.add(report)
            waiting.append(report)
    return linked


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sample:
    """Differences of reports in logarithms, by corridor and period."""

    columns: Mapping[CountryReports, int]
    countries: Mapping[str, int]
    routes: tuple[Corridor, ...]
    route: Numbers
    difference: Floats
    chance: Floats
    sent: Numbers
    received: Numbers
    ends: Numbers

    @classmethod
    def of(cls, used: Sequence[MirrorPair], columns: Mapping[CountryReports, int]) -> Sample:
        routes = tuple(sorted({(pair.origin, pair.destination) for pair in used}))
        countries = {name: at for at, name in enumerate(sorted({name for route in routes for name in route}))}
        both = np.array([(pair.immigration or 0.0, pair.emigration or 0.0) for pair in used]) + HALF_INTERVAL
        numbers = {route: at for at, route in enumerate(routes)}
        return cls(
            columns=columns,
            countries=countries,
            routes=routes,
            route=np.array([numbers[pair.origin, pair.destination] for pair in used]),
            difference=np.log(both[:, 0] / both[:, 1]),
            chance=(1 / both).sum(axis=1),
            sent=np.array([columns[origin, EMIGRATION] for origin, _ in routes]),
            received=np.array([columns[destination, IMMIGRATION] for _, destination in routes]),
            ends=np.array([[countries[name] for name in route] for route in routes]),
        )

    def compute_information(self, weights: Floats) -> Floats:
        size = len(self.columns)
        matrix = np.zeros((size, size))
        np.add.at(matrix, (self.sent, self.sent), weights)
        np.add.at(matrix, (self.received, self.received), weights)
        np.add.at(matrix, (self.sent, self.received), -weights)
        np.add.at(matrix, (self.received, self.sent), -weights)
        return matrix

    def compute_uncertainty(self, covariance: Floats) -> Floats:
        own = covariance[self.sent, self.sent] + covariance[self.received, self.received]
        doubt: Floats = own - 2 * covariance[self.sent, self.received]
        return doubt


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fit:
    logs: Floats
    covariance: Floats
    scatter: Floats
    surprise: Floats

    def odd(self, sample: Sample) -> tuple[tuple[Corridor, float], ...]:
        listed = zip(sample.routes, map(float, self.surprise), strict=True)
        return tuple(sorted(((r, s) for r, s in listed if abs(s) > ODD_FACTOR), key=lambda odd: (-abs(odd[1]), odd[0])))


def fit_factors(sample: Sample) -> Fit:
    """Estimate factors (generalised least squares) and scatter (EM) in turn."""
    scatter, lasting = np.full(len(sample.countries), FIRST_SCATTER), 0.0
    periods = np.bincount(sample.route)
    fit = find_factors(sample, scatter, lasting)
    for _ in range(MAX_ROUNDS):
        rest, doubt = compute_residuals(sample, fit)
        lasting = compute_lasting_share(sample, rest, doubt, scatter) if periods.max() > 1 else 0.0
        scatter = estimate_scatter(sample, rest**2 + doubt, scatter)
        fit = find_factors(sample, scatter, lasting)
    return fit


def find_factors(sample: Sample, scatter: Floats, lasting: float) -> Fit:
    of_route = scatter[sample.ends].sum(axis=1)
    yearly = (1 - lasting) * of_route[sample.route] + sample.chance
    weight = np.bincount(sample.route, 1 / yearly)
    mean = np.bincount(sample.route, sample.difference / yearly) / weight
    variance = 1 / weight + lasting * of_route
    size = len(sample.columns)
    covariance = np.zeros((size, size))
    covariance[:-1, :-1] = np.linalg.inv(sample.compute_information(1 / variance)[:-1, :-1])
    weighted = mean / variance
    logs = covariance @ (np.bincount(sample.sent, weighted, size) - np.bincount(sample.received, weighted, size))
    left = mean - logs[sample.sent] + logs[sample.received]
    surprise = left / np.sqrt(np.maximum(variance - sample.compute_uncertainty(covariance), TOLERANCE * variance))
    return Fit(logs=logs, covariance=covariance, scatter=scatter, surprise=surprise)


def compute_residuals(sample: Sample, fit: Fit) -> tuple[Floats, Floats]:
    explained = fit.logs[sample.sent] - fit.logs[sample.received]
    return sample.difference - explained[sample.route], sample.compute_uncertainty(fit.covariance)[sample.route]


def compute_lasting_share(sample: Sample, rest: Floats, doubt: Floats, scatter: Floats) -> float:
    count = np.bincount(sample.route)
    sums, squares = np.bincount(sample.route, rest), np.bincount(sample.route, rest**2)
    common = sums**2 - squares + count * (count - 1) * np.bincount(sample.route, doubt) / count
    possible = count * (count - 1) * scatter[sample.ends].sum(axis=1)
    return float(np.clip(common.sum() / possible.sum(), 0.0, 1.0))


def estimate_scatter(sample: Sample, squares: Floats, scatter: Floats) -> Floats:
    """Estimate the scatter of countries from squared residuals, shrunk towards the overall one if corridors are few."""
    ends = sample.ends[sample.route]
    variance = scatter[ends].sum(axis=1) + sample.chance
    share = scatter[ends] / variance[:, None]
    expected = scatter[ends] * (1 - share) + share**2 * squares[:, None]
    weights = (1 / np.bincount(sample.route))[sample.route]
    both = np.repeat(weights[:, None], 2, axis=1)
    sums = np.bincount(ends.ravel(), (expected * both).ravel())
    count = np.bincount(ends.ravel(), both.ravel())
    average = sums.sum() / count.sum()
    shrunk: Floats = np.maximum((sums + PRIOR_WEIGHT * average) / (count + PRIOR_WEIGHT), MIN_SCATTER)
    return shrunk


def estimate_factor(report: CountryReports, sample: Sample, fit: Fit, quantile: float) -> CorrectionFactor:
    """Build a factor with its interval; that of the benchmark is 1 by definition."""
    country, direction = report
    at = sample.columns[report]
    log, error = float(fit.logs[at]), math.sqrt(float(fit.covariance[at, at]))
    ends = sample.received if direction == IMMIGRATION else sample.sent
    return CorrectionFactor(
        country=country,
        direction=direction,
        factor=math.exp(log),
        low=math.exp(log - quantile * error),
        high=math.exp(log + quantile * error),
        corridors=int((ends == at).sum()),
        scatter=math.sqrt(float(fit.scatter[sample.countries[country]])),
    )


def estimate_flow(pair: MirrorPair, sample: Sample, fit: Fit, quantile: float) -> HarmonisedFlow | None:
    sides = (((pair.destination, IMMIGRATION), pair.immigration), ((pair.origin, EMIGRATION), pair.emigration))
    usable = [(report, value) for report, value in sides if value is not None and report in sample.columns]
    if not usable:
        return None
    precisions = [
        1 / (fit.scatter[sample.countries[name]] + 1 / (value + HALF_INTERVAL)) for (name, _), value in usable
    ]
    weights = np.array(precisions) / sum(precisions)
    at = [sample.columns[report] for report, _ in usable]
    log = float(weights @ (np.log([value + HALF_INTERVAL for _, value in usable]) + fit.logs[at]))
    variance = 1 / sum(precisions) + float(weights @ fit.covariance[np.ix_(at, at)] @ weights)
    error = quantile * math.sqrt(variance)
    estimate, low, high = (max(math.exp(log + side * error) - HALF_INTERVAL, 0.0) for side in (0, -1, 1))
    return HarmonisedFlow(pair=pair, estimate=estimate, low=low, high=high, reports=len(usable))


MIRROR_FLOW, PARTNER, DIRECTION, REPORTER = "DF_MIRROR", "COUNTERPART_AREA", "DIRECTION", "REPORTED_BY"
"""The flow that has both reports of one movement, and its dimensions."""
INWARD, OWN = "I", "OWN"
"""The codes of immigration into the reference area, and of its own reports."""

Route = tuple[str, str, str]
"""Origin, destination, period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorReports:
    """Annual flows between countries as reported by both; `ambiguous` flows are excluded."""

    immigration: Mapping[Route, Decimal]
    emigration: Mapping[Route, Decimal]
    ambiguous: tuple[tuple[Route, str], ...] = ()


def collect_mirror_reports(books: Iterable[Book], mirrored: Sequence[MirrorDataflow]) -> MirrorReports:
    """Collect reports of flows; national flows take precedence over mirror data."""
    own: dict[tuple[Route, str], set[Decimal]] = {}
    mirror: dict[tuple[Route, str], set[Decimal]] = {}
    for book in books:
        for reports, spread in ((list_own_reports(book, mirrored), own), (list_both_reports(book), mirror)):
            for at, value in reports:
                if value >= 0:
                    spread.setdefault(at, set()).add(value)
    figures = {**mirror, **own}
    clear = {at: next(iter(values)) for at, values in figures.items() if len(values) == 1}
    return MirrorReports(
        immigration={route: value for (route, side), value in sorted(clear.items()) if side == IMMIGRATION},
        emigration={route: value for (route, side), value in sorted(clear.items()) if side == EMIGRATION},
        ambiguous=tuple(sorted(at for at, values in figures.items() if len(values) > 1)),
    )


def list_own_reports(book: Book, mirrored: Sequence[MirrorDataflow]) -> Iterator[tuple[tuple[Route, str], Decimal]]:
    for mirror in mirrored:
        if mirror.flow == book.flow:
            for codes, period, value in list_yearly_totals(book, (mirror.partner,)):
                country, partner = codes[AREA], codes[mirror.partner]
                inward = mirror.direction == IMMIGRATION
                route = (partner, country, period) if inward else (country, partner, period)
                yield (route, mirror.direction), value


def list_both_reports(book: Book) -> Iterator[tuple[tuple[Route, str], Decimal]]:
    if book.flow != MIRROR_FLOW:
        return
    for codes, period, value in list_yearly_totals(book, (PARTNER, DIRECTION, REPORTER)):
        country, partner = codes[AREA], codes[PARTNER]
        inward, own = codes[DIRECTION] == INWARD, codes[REPORTER] == OWN
        route = (partner, country, period) if inward else (country, partner, period)
        yield (route, IMMIGRATION if inward == own else EMIGRATION), value


def list_yearly_totals(book: Book, free: Sequence[str]) -> Iterator[tuple[dict[str, str], str, Decimal]]:
    everybody = dict.fromkeys(POPULATION_DIMENSIONS, (TOTAL,))
    for row in book.rows(everybody, set(free)):
        codes = {name: str(row.get(name) or "") for name in (AREA, *free)}
        amount = row["amount"]
        if isinstance(amount, int) and are_countries(codes[AREA], codes[free[0]]):
            yield codes, str(row[book.time]), book.amounts.exact(amount)


def are_countries(country: str, other: str) -> bool:
    codes = (country, other)
    return country != other and all(len(c) == 2 and COUNTRY.match(c) is not None and c not in REST_CODES for c in codes)
