"""The disclosure audit on small tables, and its outcome where it cannot decide."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.quality.disclosure.problem import (
    CONTRADICTION,
    UNDECIDED,
    CellLimits,
    Relations,
    build_relations,
    compute_intervals,
    find_consistent_values,
    number_components,
)

INF = np.inf


def total_and_parts(parts: int, *, complete: bool = True) -> Relations:
    """A total, cell 0, and its parts."""
    terms = [(0, -1.0), *((part, 1.0) for part in range(1, parts + 1))]
    return build_relations(parts + 1, [(terms, 0.0 if complete else -INF, 0.0)])


def bounds(system: Relations, least: list[float], most: list[float], cells: list[int]) -> list[tuple[float, float]]:
    limits = CellLimits(least=np.array(least, dtype=float), most=np.array(most, dtype=float))
    return [(interval.least, interval.most) for interval in compute_intervals(system, limits, np.array(cells))]


def test_two_withheld_parts_share_the_rest_of_the_total() -> None:
    assert bounds(total_and_parts(3), [20, 0, 0, 12], [20, INF, INF, 12], [1, 2]) == [(0, 8), (0, 8)]


def test_single_withheld_part_is_disclosed_exactly() -> None:
    assert bounds(total_and_parts(2), [20, 0, 12], [20, INF, 12], [1]) == [(8, 8)]


def test_incomplete_parts_widen_the_interval_downwards() -> None:
    assert bounds(total_and_parts(2, complete=False), [20, 0, 12], [20, INF, 12], [1]) == [(0, 8)]


def test_unlimited_total_has_an_unbounded_interval() -> None:
    assert bounds(total_and_parts(2), [0, 0, 12], [INF, INF, 12], [0, 1]) == [(12, INF), (0, INF)]


def test_rounding_of_both_figures_widens_the_interval() -> None:
    """20 and 12 are each right to within 2.5: the part between them is 8, five more or less."""
    assert bounds(total_and_parts(2), [17.5, 0, 9.5], [22.5, INF, 14.5], [1]) == [(3, 13)]


def test_contradictory_figures_are_reported_without_interval() -> None:
    limits = CellLimits(least=np.array([5.0, 0, 12]), most=np.array([5.0, INF, 12]))
    assert [bound.outcome for bound in compute_intervals(total_and_parts(2), limits, np.array([1]))] == [CONTRADICTION]
    known = np.array([5.0, 1, 12])
    (bound,) = compute_intervals(total_and_parts(2), CellLimits(least=known, most=known), np.array([1]))
    assert bound.outcome == CONTRADICTION
    assert np.isnan(find_consistent_values(total_and_parts(2), limits)[1])


@pytest.mark.parametrize("options", [{"largest": 1}, {"expired": lambda: True}])
def test_undecided_bound_is_reported_without_interval(options: dict[str, object]) -> None:
    limits = CellLimits(least=np.array([20.0, 0, 0]), most=np.array([20.0, INF, INF]))
    (bound,) = compute_intervals(total_and_parts(2), limits, np.array([1]), **options)  # type: ignore[arg-type]
    assert bound.outcome == UNDECIDED
    assert not bound.width >= 0


def test_cells_are_linked_through_unknown_cells() -> None:
    """Two sums share cell 2; once cell 2 is published, the other cells form two groups."""
    system = build_relations(5, [([(0, 1), (1, 1), (2, -1)], 0, 0), ([(2, 1), (3, 1), (4, -1)], 0, 0)])
    assert len(set(number_components(system, np.ones(5, dtype=bool)))) == 1
    apart = number_components(system, np.array([True, True, False, True, True]))
    assert apart[2] == -1
    assert apart[0] == apart[1] != apart[3] == apart[4]


def test_missing_solver_is_reported_with_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(MissingLibrary, match="HiGHS, which is not installed") as refused:
        bounds(total_and_parts(2), [20, 0, 0], [20, INF, INF], [1])
    assert "sdmxmig[disclosure]" in refused.value.hint
