"""Controlled rounding: multiples of the base, all sums kept, close to the figures, and optimal by another solver."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from random_tables import RandomTable, random_table
from scipy.optimize import Bounds, LinearConstraint, milp

from sdmxmig.quality.disclosure.problem import Expired, Relations, build_relations
from sdmxmig.quality.disclosure.suppression import FURTHER, NEXT, NONE, round_figures

TABLES = 60


def relations(table: RandomTable) -> Relations:
    sums = [([*((part, 1.0) for part in parts), (total, -1.0)], 0.0, 0.0) for parts, total in table.sums]
    return build_relations(len(table.values), sums)


def least_change(table: RandomTable, base: int) -> float:
    """The least sum of changes of a rounding to next multiples: scipy's program has a variable for the changes too."""
    count = len(table.values)
    matrix = np.zeros((len(table.sums), count))
    for row, (parts, total) in enumerate(table.sums):
        matrix[row, parts] += 1
        matrix[row, total] -= 1
    below, above = np.floor(table.values / base), np.ceil(table.values / base)
    cost = np.where(above > below, base * (above + below) - 2 * table.values, 0.0)  # of going up rather than down
    answer = milp(
        cost,
        constraints=LinearConstraint(matrix, 0, 0),
        bounds=Bounds(below, above),
        integrality=np.ones(count),
        options={"mip_rel_gap": 0},
    )
    assert answer.success
    return float(np.abs(np.round(answer.x) * base - table.values).sum())


@pytest.mark.sampled(10)
@pytest.mark.parametrize("seed", range(TABLES))
@pytest.mark.parametrize("base", [3, 5])
def test_rounded_table_adds_up_with_the_least_change(base: int, seed: int) -> None:
    table = random_table(seed)
    rounded, kind = round_figures(relations(table), table.values, base)
    assert kind == NEXT
    assert not (rounded % base).any()
    for parts, total in table.sums:
        assert rounded[parts].sum() == rounded[total]
    assert (np.abs(rounded - table.values) < base).all()
    assert np.abs(rounded - table.values).sum() == pytest.approx(least_change(table, base))


def triangle() -> tuple[Relations, np.ndarray]:
    """Three ones in three pairs, each of which is two: rounded to 2, the pairs stay, and no ones can be found."""
    pairs = [([(0, 1.0), (1, 1.0), (3, -1.0)], 0.0, 0.0), ([(0, 1.0), (2, 1.0), (4, -1.0)], 0.0, 0.0)]
    system = build_relations(6, [*pairs, ([(1, 1.0), (2, 1.0), (5, -1.0)], 0.0, 0.0)])
    return system, np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])


def test_figures_are_rounded_further_if_needed_to_add_up() -> None:
    system, values = triangle()
    rounded, kind = round_figures(system, values, 2)
    assert kind == FURTHER
    assert not system.sums(rounded).any()
    change = np.abs(rounded - values)
    assert change[:3].tolist() == [1, 1, 1]
    assert sorted(change[3:]) == [0, 0, 2], "one pair is enough"


def test_rounding_out_of_time_returns_no_figures() -> None:
    system, values = triangle()
    over: Expired = lambda: True  # noqa: E731 - a clock that has run out
    rounded, kind = round_figures(system, values, 2, expired=over)
    assert kind == NONE
    assert np.isnan(rounded).all()


def test_rounded_incomplete_parts_do_not_exceed_the_total() -> None:
    system = build_relations(3, [([(1, 1.0), (2, 1.0), (0, -1.0)], -np.inf, 0.0)])
    (total, first, second), _ = round_figures(system, np.array([9.0, 4.0, 4.0]), 5)
    assert (total, first, second) in ((10, 5, 5), (5, 5, 0), (5, 0, 5))
    assert first + second <= total


def test_solver_does_not_write_to_standard_output() -> None:
    program = (
        "import numpy as np\n"
        "from sdmxmig.quality.disclosure.problem import build_relations\n"
        "from sdmxmig.quality.disclosure.suppression import round_figures\n"
        "system = build_relations(3, [([(0, 1.0), (1, 1.0), (2, -1.0)], 0.0, 0.0)])\n"
        "print(round_figures(system, np.array([1.0, 4.0, 5.0]), 3)[0].sum())"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout == "12.0\n"
