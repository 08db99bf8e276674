"""How accounts close: the class of each test, its residual beside its standard error, and what is missing."""

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
"""A residual beyond what the stated standard errors allow, or a figure that cannot be, such as negative persons."""
CLASSES = (BALANCED, ROUNDING, TOLERATED, UNBALANCED, CONTRADICTED, NOT_TESTABLE)
"""How a test can end, from best to worst, and last that it could not be made."""
IMPOSSIBLE = ("zero", "bound")
"""Kinds of identities that no uncertainty of figures excuses: nobody is born abroad in the country."""
PRECISE = (BALANCED, ROUNDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResult:
    """One test of an identity: what it came to, and for which figures.

    `result_class` is one of `CLASSES`. `allowed` is how far rounding of printed figures alone can move the residual.
    `error` is the standard error of the residual, None where it is not stated for every term; `in_errors` the residual
    in these standard errors, and `probability` how likely one as large is by chance.
    """

    test: TracedAccount
    identity: Identity
    result_class: str
    allowed: Decimal
    error: float | None = None
    probability: float | None = None

    @property
    def in_errors(self) -> float | None:
        """The residual in its standard errors; None where these are not known or nothing but zero."""
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
        """The figures for which no standard error is stated."""
        return tuple(figure for figure in self.figures.values() if figure.stated is None)


def close_accounts(
    books: Sequence[Book], identities: Sequence[Identity], area: str = "", stated: Sequence[StatedError] = ()
) -> ClosedAccounts:
    """Every test of these identities for an area (for all without one), with its class and residual.

    `stated` are the standard errors of figures; where they are known for all terms of a test, they decide whether its
    residual contradicts the account.
    """
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
    """Of which item each observation in these tests is; one at the end of a year is that at the start of the next."""
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
    """The equation of an identity that was tested."""
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
    """The class of a test that came out so: beyond chance, or where there is no excuse, it is a contradiction."""
    if outcome in PRECISE:
        return outcome
    is_beyond_chance = probability is not None and probability < SIZE
    is_impossible = identity.kind in IMPOSSIBLE and outcome == UNBALANCED
    return CONTRADICTED if is_beyond_chance or is_impossible else outcome


def error_of(test: TracedAccount, equation: Equation, figures: Mapping[Observation, ReportedFigure]) -> float | None:
    """The standard error of the residual of a test, in persons; None unless one is stated for every figure in it."""
    weights = weights_of(test, equation)
    variances = {at: figures[at].variance for at in weights if at in figures}
    if len(variances) < len(weights) or None in variances.values():
        return None
    return math.sqrt(sum(weight**2 * float(variances[at] or 0.0) for at, weight in weights.items()))


def weights_of(test: TracedAccount, equation: Equation) -> dict[Observation, float]:
    """How often each observation counts in the residual of a test without divisor: left side less right side."""
    weights: dict[Observation, float] = dict.fromkeys(test.ends, 1.0)
    for term in test.cells:
        for at in term.observations:
            weights[at] = weights.get(at, 0.0) - term.factor / equation.number
    return weights
