"""The residual method: net migration as what births, deaths and all else leave of the change of a population.

M* = P(t+1) − P(t) − births + deaths, with changes of citizenship for a group and less the adjustment that is
published, for the whole population, its groups and its cohorts. It needs no migration statistics, and whatever is wrong
with populations, births and deaths is in it.
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
"""The factors of migration in an account: who came, and who left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMigration:
    """Net migration of a population in a year by the residual method, in persons.

    `net` is None where a term is missing, which `missing` names. `measured` is immigration less emigration where both
    are reported, and `discrepancy` what the residual has beyond that. `allowed` is how far rounding of printed figures
    can move it. `error` is its standard error and `low` and `high` the interval of 90 %, None where the standard error
    of a term is not stated.
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
        """What the residual has beyond measured net migration."""
        return None if self.net is None or self.measured is None else self.net - self.measured


def residual_migration(closed: ClosedAccounts) -> tuple[ResidualMigration, ...]:
    """Net migration by the residual method for each account in which both directions of migration stand."""
    return tuple(
        residual_of(result.test, result.identity, closed.figures)
        for result in closed.results
        if takes_both_ways(result.test, result.identity)
    )


def takes_both_ways(test: TracedAccount, identity: Identity) -> bool:
    """Whether an equation is one of a population from which migration can be told: it comes in once, and goes out."""
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
    """The item of a term as an equation writes it, without its key."""
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
    """The ends of the interval of 90 %; None without a standard error."""
    if net is None or error is None:
        return None, None
    width = normal_quantile((1 + LEVEL) / 2) * error
    return float(net) - width, float(net) + width
