"""Balancing by least squares: worked by hand, with fixed, missing and superfluous parts, and against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sdmxmig.statistics.demography.balancing import Balance, BalancedFigure, Constraint, MeasuredFigure, balance
from sdmxmig.statistics.demography.distributions import compute_chi_square_tail, compute_student_quantile

ACCOUNT = Constraint("A01", {"end": 1, "start": -1, "births": -1, "deaths": 1, "came": -1, "left": 1})
FIGURES = {
    "start": MeasuredFigure(1000, 0),
    "births": MeasuredFigure(20, 0),
    "deaths": MeasuredFigure(10, 0),
    "came": MeasuredFigure(50, 100),
    "left": MeasuredFigure(30, 300),
    "end": MeasuredFigure(1050, 0),
}


def of(balanced: Balance) -> dict[str, BalancedFigure]:
    return {figure.name: figure for figure in balanced.figures}


def test_residual_is_divided_by_the_variances() -> None:
    """1000 + 20 - 10 + 50 - 30 = 1030, and 20 are missing: a quarter is added to arrivals, the rest leaves departures.

    The variance of the residual is 100 + 300 = 400, so that 20 are one standard error: chi-square 1, probability 0.317.
    The remaining variance of the arrivals is 100 - 100²/400 = 75; the same remains for the departures.
    """
    result = balance([ACCOUNT], FIGURES)
    came, left = of(result)["came"], of(result)["left"]
    assert (came.balanced, left.balanced) == pytest.approx((55, 15))
    assert (came.moved, left.moved) == pytest.approx((5, -15))
    assert (came.in_errors, left.in_errors) == pytest.approx((1, -1))
    assert (came.balanced_error**2, left.balanced_error**2) == pytest.approx((75, 75))
    assert (result.statistic, result.degrees) == (pytest.approx(1), 1)
    assert result.probability == pytest.approx(0.31731, abs=1e-5)
    assert not result.contradicts
    start = of(result)["start"]
    assert (start.balanced, start.moved, start.in_errors) == (1000, 0, None)


def test_figures_beyond_their_errors_contradict_the_account() -> None:
    result = balance([ACCOUNT], {**FIGURES, "came": MeasuredFigure(50, 20), "left": MeasuredFigure(30, 60)})
    assert result.statistic == pytest.approx(400 / 80)
    assert result.probability == pytest.approx(math.erfc(math.sqrt(2.5)))  # 0.025
    assert result.contradicts


def test_contradictory_fixed_figures_are_named_and_kept() -> None:
    fixed = {name: MeasuredFigure(figure.value, 0) for name, figure in FIGURES.items()}
    result = balance(
        [ACCOUNT, Constraint("net", {"net": 1, "came": -1, "left": 1})], {**fixed, "net": MeasuredFigure(25, 9)}
    )
    assert [(name, round(amount, 9)) for name, amount in result.broken] == [("A01", -20)]
    assert result.contradicts
    assert all(figure.moved == 0 for figure in result.figures)


def test_dependent_identity_counts_once() -> None:
    """Twice the same, and once more with everything doubled: one degree of freedom, and the same result."""
    doubled = Constraint("twice", {name: 2 * factor for name, factor in ACCOUNT.factors.items()})
    once, thrice = balance([ACCOUNT], FIGURES), balance([ACCOUNT, ACCOUNT, doubled], FIGURES)
    assert (thrice.degrees, thrice.statistic) == (1, pytest.approx(once.statistic))
    assert [figure.balanced for figure in thrice.figures] == pytest.approx([f.balanced for f in once.figures])


def test_determined_missing_term_is_computed_with_its_error() -> None:
    """Nobody reports who left: 1000 + 20 - 10 + 50 - 1050 = 10, with the error of those who came."""
    known = {name: figure for name, figure in FIGURES.items() if name != "left"}
    result = balance([ACCOUNT], known)
    left = of(result)["left"]
    assert (left.reported, left.balanced, left.balanced_error) == (None, pytest.approx(10), pytest.approx(10))
    assert (result.degrees, result.probability, result.untested) == (0, None, ("A01",))
    assert of(result)["came"].moved == 0
    assert not result.contradicts


def test_undetermined_terms_are_named() -> None:
    known = {name: figure for name, figure in FIGURES.items() if name not in ("came", "left")}
    result = balance([ACCOUNT], known)
    assert result.undetermined == ("came", "left")
    assert "came" not in of(result)


def test_missing_term_of_two_identities_is_tested_by_both() -> None:
    """Arrivals are missing in two accounts of the same year: 60 by the first, 64 by the second.

    Their difference of 4 has the variance 300 + 100, so that chi-square is 16/400; the mean with the weights 1/300 and
    1/100 is 63 and its variance 1/(1/300 + 1/100) = 75.
    """
    first = Constraint("first", {"came": 1, "left": -1}, constant=30)
    second = Constraint("second", {"came": 1, "other": -1}, constant=30)
    result = balance([first, second], {"left": MeasuredFigure(30, 300), "other": MeasuredFigure(34, 100)})
    came = of(result)["came"]
    assert (came.balanced, came.balanced_error) == (pytest.approx(63), pytest.approx(math.sqrt(75)))
    assert (result.degrees, result.statistic) == (1, pytest.approx(0.04))


def groups(random: np.random.Generator) -> tuple[list[Constraint], dict[str, float]]:
    """Four groups over two years with true figures that close, their totals, and a balance that repeats the others."""
    true: dict[str, float] = {}
    constraints = []
    items = ("births", "deaths", "came", "left")
    for group in "abcd":
        true[f"{group} 0"] = float(random.integers(10_000, 9_000_000))
        for year in (0, 1):
            events = [float(random.integers(10, 90_000)) for _ in items]
            true |= {f"{group} {item} {year}": event for item, event in zip(items, events, strict=True)}
            true[f"{group} {year + 1}"] = true[f"{group} {year}"] + events[0] - events[1] + events[2] - events[3]
            factors = {f"{group} {item} {year}": sign for item, sign in zip(items, (-1, 1, -1, 1), strict=True)}
            ends = {f"{group} {year + 1}": 1, f"{group} {year}": -1}
            constraints.append(Constraint(f"{group} {year}", {**ends, **factors}))
    for what in ("0", "1", "2", *(f"{item} {year}" for item in items for year in (0, 1))):
        true[f"all {what}"] = sum(true[f"{group} {what}"] for group in "abcd")
        constraints.append(Constraint(f"sum {what}", {f"all {what}": 1, **{f"{g} {what}": -1 for g in "abcd"}}))
    for year in (0, 1):
        factors = {f"all {item} {year}": sign for item, sign in zip(items, (-1, 1, -1, 1), strict=True)}
        constraints.append(Constraint(f"all {year}", {f"all {year + 1}": 1, f"all {year}": -1, **factors}))
    return constraints, true


def test_identities_hold_exactly_after_balancing() -> None:
    random = np.random.default_rng(4)
    constraints, true = groups(random)
    errors = {name: float(10 ** random.uniform(-1, 4)) for name in true}
    measured = {
        name: MeasuredFigure(value + random.normal(0, errors[name]), errors[name] ** 2) for name, value in true.items()
    }
    result = balance(constraints, measured)
    after = {figure.name: figure.balanced for figure in result.figures}
    assert result.degrees == 8 + 11, "those of the whole population follow from the groups and the sums"
    for constraint in constraints:
        assert abs(sum(factor * after[name] for name, factor in constraint.factors.items())) <= 1e-6
    assert all(figure.balanced_error <= (figure.error or 0) for figure in result.figures)


@pytest.mark.parametrize("worlds", [1500, pytest.param(10_000, marks=pytest.mark.long)])
def test_balance_test_rejects_5_percent_of_true_accounts(worlds: int) -> None:
    """The figures err as their standard errors say; the test must reject 5 % of them, within 1 %."""
    random = np.random.default_rng(16)
    constraints, true = groups(random)
    errors = {name: 0.003 * value + 5 for name, value in true.items()}
    rejected = 0
    for _ in range(worlds):
        measured = {
            name: MeasuredFigure(value + random.normal(0, errors[name]), errors[name] ** 2)
            for name, value in true.items()
        }
        rejected += balance(constraints, measured).contradicts
    assert 0.04 <= rejected / worlds <= 0.06


@pytest.mark.parametrize(
    ("statistic", "degrees", "probability"),
    [(6.634897, 1, 0.01), (5.991465, 2, 0.05), (18.307038, 10, 0.05), (30.143527, 19, 0.05), (2.705543, 1, 0.1)],
)
def test_chi_square_tails_equal_printed_tables(statistic: float, degrees: int, probability: float) -> None:
    assert compute_chi_square_tail(statistic, degrees) == pytest.approx(probability, abs=1e-6)


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(1, 6.3138), (2, 2.9200), (3, 2.3534), (5, 2.0150), (10, 1.8125), (30, 1.6973)]
)
def test_student_quantiles_equal_printed_tables(degrees: int, quantile: float) -> None:
    assert compute_student_quantile(0.95, degrees) == pytest.approx(quantile, abs=5e-5)
