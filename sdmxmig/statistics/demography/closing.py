"""Closure of accounts: class, residual, standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.catalogue.accounting.equations import Equation
from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE, TracedAccount, rounding, trace
from sdmxmig.statistics.demography.balancing import SIZE
from sdmxmig.statistics.demography.distributions import chi_square_tail
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.variances import Observation, ReportedFigure, StatedError, reported_figures

BALANCED, ROUNDING, TOLERATED, UNBALANCED = "BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED"
CONTRADICTED = "CONTRADICTED"
CLASSES = (BALANCED, ROUNDING, TOLERATED, UNBALANCED, CONTRADICTED, NOT_TESTABLE)
IMPOSSIBLE = ("zero", "bound")
PRECISE = (BALANCED, ROUNDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResult:
    """A test of an identity.

    `allowed` is rounding; `error` is None if incomplete; `probability` of such a residual by chance.
    """

    test: TracedAccount
    identity: Identity
    result_class: str
    allowed: Decimal
    error: float | None = None
    probability: float | None = None

    @property
    def in_errors(self) -> float | None:
        residual = self.test.account.residual
        return None if residual is None or not self.error else float(residual) / self.error


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClosedAccounts:
    """All tests of some identities on the data of one or more countries, and the figures that take part in them."""

    results: tuple[AccountResult, ...]
    figures: Mapping[Observation, ReportedFigure]
    items: Mapping[Observation, str]

    @property
    def unstated(self) -> tuple[ReportedFigure, ...]:
        return tuple(figure for figure in self.figures.values() if figure.stated is None)


def close_accounts(
    books: Sequence[Book], identities: Sequence[Identity], area: str = "", stated: Sequence[StatedError] = ()
) -> ClosedAccounts:
    """Test identities for an area; `stated` standard errors decide contradictions."""
    tests = trace(books, identities, {area} if area else ())
    items = items_of(tests, identities)
    figures = reported_figures(books, items, stated)
    by_id = {identity.id: identity for identity in identities}
    return ClosedAccounts(
        results=tuple(result_of(test, by_id[test.account.identity], figures) for test in tests),
        figures=figures,
        items=items,
    )


def items_of(tests: Sequence[TracedAccount], identities: Sequence[Identity]) -> dict[Observation, str]:
    sources = {item: source for identity in identities for item, source in identity.item_sources.items()}
    items: dict[Observation, str] = {}
    for test in tests:
        left = test.left.partition("[")[0]
        named = [
            *((left, at) for at in test.ends),
            *((term.item, at) for term in test.cells for at in term.observations),
        ]
        for item, at in named:
            items.setdefault(at, sources[item].next or item)
    return items


def equation_of(test: TracedAccount, identity: Identity) -> Equation:
    return next(equation for equation in identity.equations if equation.written == test.equation)


def result_of(test: TracedAccount, identity: Identity, figures: Mapping[Observation, ReportedFigure]) -> AccountResult:
    """The class of one test, with the standard error of its residual where every term has one."""
    account, equation = test.account, equation_of(test, identity)
    allowed = rounding(account, test.divisor, equation.number)
    if account.residual is None or account.outcome == NOT_TESTABLE:
        return AccountResult(test=test, identity=identity, result_class=NOT_TESTABLE, allowed=allowed)
    error = None if test.divisor else error_of(test, equation, figures)
    probability = None
    if error:
        probability = chi_square_tail((float(account.residual) / error) ** 2, 1)
    elif error == 0 and account.residual:
        probability = 0.0
    return AccountResult(
        test=test,
        identity=identity,
        result_class=class_of(account.outcome, identity, probability),
        allowed=allowed,
        error=error,
        probability=probability,
    )


def class_of(outcome: str, identity: Identity, probability: float | None) -> str:
    if outcome in PRECISE:
        return outcome
    is_beyond_chance = probability is not None and probability < SIZE
    is_impossible = identity.kind in IMPOSSIBLE and outcome == UNBALANCED
    return CONTRADICTED if is_beyond_chance or is_impossible else outcome


def error_of(test: TracedAccount, equation: Equation, figures: Mapping[Observation, ReportedFigure]) -> float | None:
    weights = weights_of(test, equation)
    variances = {at: figures[at].variance for at in weights if at in figures}
    if len(variances) < len(weights) or None in variances.values():
        return None
    return math.sqrt(sum(weight**2 * float(variances[at] or 0.0) for at, weight in weights.items()))


def weights_of(test: TracedAccount, equation: Equation) -> dict[Observation, float]:
    weights: dict[Observation, float] = dict.fromkeys(test.ends, 1.0)
    for term in test.cells:
        for at in term.observations:
            weights[at] = weights.get(at, 0.0) - term.factor / equation.number
    return weights
