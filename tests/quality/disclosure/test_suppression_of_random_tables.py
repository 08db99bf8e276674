"""Suppression on random tables: an independent solver confirms the required interval of each confidential cell."""

from __future__ import annotations

import numpy as np
import pytest
from random_tables import RandomTable, judged_by_scipy, random_table

from sdmxmig.quality.disclosure import suppression
from sdmxmig.quality.disclosure.problem import (
    ProtectionProblem,
    SafetyRules,
    build_relations,
    compute_widths,
    mark_small_counts,
)
from sdmxmig.quality.disclosure.suppression import PROTECTED, protect

RULES = SafetyRules(threshold=3)
TABLES = 200


@pytest.mark.sampled(20)
@pytest.mark.parametrize("seed", range(TABLES))
def test_every_confidential_cell_of_a_random_table_is_protected(seed: int) -> None:
    check_protected(random_table(seed))


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(0, TABLES, 5))
def test_cells_are_protected_without_pairwise_comparisons(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression, "MAX_COMPARISONS", 0)
    check_protected(random_table(seed))


def check_protected(table: RandomTable) -> None:
    """Judge the pattern of a table by scipy on the full program."""
    values = table.values
    sums = [([*((part, 1.0) for part in parts), (total, -1.0)], 0.0, 0.0) for parts, total in table.sums]
    primary = mark_small_counts(values, RULES)
    problem = ProtectionProblem(
        relations=build_relations(len(values), sums),
        values=values,
        primary=primary,
        hidden=np.zeros(len(values), dtype=bool),
        may_hide=values >= RULES.threshold,
        width=compute_widths(values, RULES),
        half=np.zeros(len(values)),
    )
    pattern = protect(problem)
    assert (pattern.outcome, pattern.unprotected) == (PROTECTED, ())
    withheld = primary | pattern.secondary
    assert {bound.cell for bound in pattern.bounds} == set(np.flatnonzero(withheld))
    assert not (pattern.secondary & (values < RULES.threshold)).any(), "no zero and no one protects others"
    for bound in pattern.bounds:
        least, most = judged_by_scipy(table, withheld, bound.cell)
        assert bound.least == pytest.approx(least, abs=1e-6)
        assert bound.most == pytest.approx(most, abs=1e-6)
        assert least - 1e-6 <= values[bound.cell] <= most + 1e-6
        if primary[bound.cell]:
            assert most - least >= max(6, 0.3 * values[bound.cell]) - 1e-6
