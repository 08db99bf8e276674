"""Residual method: net migration from population change.

M* = P(t+1) − P(t) − births + deaths, adjusted for citizenship changes. Includes all errors of the data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.statistics.demography.accounts import SERIES_BREAK, TermCells, TracedAccount, total
from sdmxmig.statistics.demography.closing import ClosedAccounts, equation_of
from sdmxmig.statistics.demography.distributions import normal_quantile
from sdmxmig.statistics.demography.variances import Observation, ReportedFigure

LEVEL = 0.9
"""How often the truth is to lie within an interval."""
BOTH_WAYS = (1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMigration:
    """Residual net migration in persons.

    `measured` is immigration − emigration; `allowed` rounding; `low` and `high` a 90 % interval.
    """

    test: TracedAccount
    identity: Identity
    net: Decimal | None
    measured: Decimal | None
    allowed: Decimal
    error: float | None
    low: float | None
    high: float | None
    missing: tuple[str, ...]

    @property
    def discrepancy(self) -> Decimal | None:
        return None if self.net is None or self.measured is None else self.net - self.measured


def residual_migration(closed: ClosedAccounts) -> tuple[ResidualMigration, ...]:
    return tuple(
        residual_of(result.test, result.identity, closed.figures)
        for result in closed.results
        if takes_both_ways(result.test, result.identity)
    )


def takes_both_ways(test: TracedAccount, identity: Identity) -> bool:
    equation = equation_of(test, identity)
    factors = [term.factor for term in equation.terms if identity.item_sources[term.item].migration]
    is_whole = equation.number == 1 and not equation.divisor and equation.comparison == "="
    return is_whole and identity.start is not None and tuple(factors) == BOTH_WAYS


def residual_of(
    test: TracedAccount, identity: Identity, figures: Mapping[Observation, ReportedFigure]
) -> ResidualMigration:
    """Net migration of one account, with its interval where the standard errors of all its terms are stated."""
    account = test.account
    of_migration = {item for item, source in identity.item_sources.items() if source.migration}
    ways = [term for term in account.terms if bare(term.item) in of_migration and term.value is not None]
    others = [term for term in account.terms if bare(term.item) not in of_migration]
    of_others = [term for term in test.cells if term.item not in of_migration]
    lacking = (*test.left_missing, *(name for term in of_others for name in term.missing))
    missing = tuple(dict.fromkeys((*lacking, *([SERIES_BREAK] if test.is_broken else []))))
    net = None if missing or account.published_end is None else account.published_end - total(others)
    units = [account.end_unit, *(term.unit * abs(term.sign) for term in others)]
    error = None if net is None else error_of(test, of_others, figures)
    low, high = interval_of(net, error)
    return ResidualMigration(
        test=test,
        identity=identity,
        net=net,
        measured=total(ways) if len(ways) == len(BOTH_WAYS) else None,
        allowed=sum((unit / 2 for unit in units if unit > 1), Decimal(0)),
        error=error,
        low=low,
        high=high,
        missing=missing,
    )


def bare(written: str) -> str:
    return written.partition("[")[0]


def error_of(
    test: TracedAccount, terms: Sequence[TermCells], figures: Mapping[Observation, ReportedFigure]
) -> float | None:
    """The standard error of a sum of terms and the end of a test; None unless one is stated for every figure."""
    weights: dict[Observation, int] = dict.fromkeys(test.ends, 1)
    for term in terms:
        for at in term.observations:
            weights[at] = weights.get(at, 0) - term.factor
    variances = [figures[at].variance for at in weights if at in figures]
    if len(variances) < len(weights) or None in variances:
        return None
    both = zip(weights.values(), variances, strict=True)
    return math.sqrt(sum(weight**2 * (variance or 0.0) for weight, variance in both))


def interval_of(net: Decimal | None, error: float | None) -> tuple[float | None, float | None]:
    if net is None or error is None:
        return None, None
    width = normal_quantile((1 + LEVEL) / 2) * error
    return float(net) - width, float(net) + width
