"""Suppression of a square of four figures with its totals."""

from __future__ import annotations

import numpy as np
import pytest

from sdmxmig.quality.disclosure.problem import (
    ProtectionProblem,
    SafetyRules,
    build_relations,
    compute_intervals,
    compute_widths,
    find_limits,
    mark_small_counts,
)
from sdmxmig.quality.disclosure.suppression import BEST_SO_FAR, PROTECTED, protect

TOTAL, FIRST_ROW, SECOND_ROW, FIRST_COLUMN, SECOND_COLUMN, A, B, C, D = range(9)
SUMS = [
    ((A, B), FIRST_ROW),
    ((C, D), SECOND_ROW),
    ((A, C), FIRST_COLUMN),
    ((B, D), SECOND_COLUMN),
    ((FIRST_ROW, SECOND_ROW), TOTAL),
    ((FIRST_COLUMN, SECOND_COLUMN), TOTAL),
]
RULES = SafetyRules(threshold=3)


def build_square() -> ProtectionProblem:
    """2 and 18 in the first row, 48 and 32 in the second."""
    values = np.array([100.0, 20, 80, 50, 50, 2, 18, 48, 32])
    sums = [([*((part, 1.0) for part in parts), (total, -1.0)], 0.0, 0.0) for parts, total in SUMS]
    return ProtectionProblem(
        relations=build_relations(9, sums),
        values=values,
        primary=mark_small_counts(values, RULES),
        hidden=np.zeros(9, dtype=bool),
        may_hide=values >= 3,
        width=compute_widths(values, RULES),
        half=np.zeros(9),
    )


def cells(*members: int) -> np.ndarray:
    chosen = np.zeros(9, dtype=bool)
    chosen[list(members)] = True
    return chosen


def test_rectangle_with_least_loss_is_withheld() -> None:
    pattern = protect(build_square())
    assert pattern.outcome == PROTECTED
    assert np.flatnonzero(pattern.secondary).tolist() == [B, C, D]


def test_pattern_out_of_time_is_reported_unprotected() -> None:
    pattern = protect(build_square(), expired=lambda: True)
    assert (pattern.outcome, pattern.unprotected) == (BEST_SO_FAR, (A,))


def test_interval_is_at_least_as_wide_as_requested() -> None:
    """Both parts of 20 are between 0 and 20; a requested width of 6 gives an interval of at least 6."""
    problem = build_square()
    limits = find_limits(problem, cells(A, B, C, D))
    (whole,) = compute_intervals(problem.relations, limits, np.array([A]))
    (enough,) = compute_intervals(problem.relations, limits, np.array([A]), needed=np.array([6.0]))
    assert (whole.least, whole.most) == pytest.approx((0, 20))
    assert enough.width >= 6
    assert whole.least <= enough.least < enough.most <= whole.most
