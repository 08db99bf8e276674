"""The bridge to pytauargus: what it is told, what is made of what it proposes, and that our audit judges it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from random_tables import judged_by_scipy, random_table

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.disclosure import tau_argus
from sdmxmig.quality.disclosure.primary import SafetyRules, small, widths
from sdmxmig.quality.disclosure.problem import ProtectionProblem, too_narrow
from sdmxmig.quality.disclosure.relations import relations_of
from sdmxmig.quality.disclosure.solver import never
from sdmxmig.quality.disclosure.suppression import PROTECTED, protect
from sdmxmig.quality.disclosure.tau_argus import TauArgusProposal, problem_text

RULES = SafetyRules(threshold=3)
A, B, C, D, FIRST_ROW, SECOND_ROW, FIRST_COLUMN, SECOND_COLUMN = range(8)
installed = pytest.mark.skipif(find_spec("pytauargus") is None, reason="pytauargus is not installed")


def square(**changes: object) -> ProtectionProblem:
    """2 and 18 in the first row, 48 and 32 in the second; the sums of rows and columns may not be withheld."""
    values = np.array([2.0, 18, 48, 32, 20, 80, 50, 50])
    sums = [((A, B), FIRST_ROW), ((C, D), SECOND_ROW), ((A, C), FIRST_COLUMN), ((B, D), SECOND_COLUMN)]
    problem = ProtectionProblem(
        relations=relations_of(8, [([*((part, 1.0) for part in parts), (whole, -1.0)], 0, 0) for parts, whole in sums]),
        values=values,
        primary=small(values, RULES),
        hidden=np.zeros(8, dtype=bool),
        may_hide=(np.arange(8) < FIRST_ROW) & (values >= RULES.threshold),
        width=widths(values, RULES),
        half=np.zeros(8),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def answering(cells: list[int] | None) -> tau_argus.Solve:
    """An engine that always answers the same."""

    def answer(problem: str, seconds: float) -> list[int] | None:
        return cells if problem and seconds else []

    return answer


def test_the_engine_is_told_cells_with_what_they_need_and_the_sums_that_hold() -> None:
    """2 is to be at least 2 too low and 4 too high; a price is 1 + ln(1 + figure) in hundredths; sums are published."""
    lines = problem_text(square(), np.arange(4)).splitlines()
    assert lines == [
        "0",
        "4",
        "0 2 1 u 0 490 2 4 0",
        "1 18 394 s 0 490 0 0 0",
        "2 48 489 s 0 490 0 0 0",
        "3 32 449 s 0 490 0 0 0",
        "4",
        "20 2 : 0 (1) 1 (1) ",
        "80 2 : 2 (1) 3 (1) ",
        "50 2 : 0 (1) 2 (1) ",
        "50 2 : 1 (1) 3 (1) ",
    ]


def test_a_sum_of_some_parts_has_a_rest_and_one_of_rounded_figures_is_left_to_the_audit() -> None:
    relations = square().relations
    least = relations.least.copy()
    least[0] = -np.inf
    half = np.zeros(8)
    half[SECOND_ROW] = 2.5
    values = square().values.copy()
    values[FIRST_ROW] = 25
    changed = square(relations=replace(relations, least=least), half=half, values=values)
    lines = problem_text(changed, np.arange(4)).splitlines()
    assert lines[6] == "4 5 1 u 0 495 0 0 0", "of 25 the parts are 20"
    assert lines[7:] == ["3", "25 3 : 0 (1) 1 (1) 4 (1) ", "50 2 : 0 (1) 2 (1) ", "50 2 : 1 (1) 3 (1) "]


def test_a_pattern_that_protects_is_taken_as_it_is() -> None:
    proposal = TauArgusProposal(solve=answering([1, 2, 3]))
    pattern = protect(square(), proposal=proposal)
    assert (pattern.outcome, np.flatnonzero(pattern.secondary).tolist()) == (PROTECTED, [B, C, D])
    assert (proposal.proposed, proposal.asked, proposal.left) == (3, 1, 0)


def test_a_pattern_that_does_not_protect_is_completed() -> None:
    pattern = protect(square(), proposal=TauArgusProposal(solve=answering([1])))
    assert (pattern.outcome, np.flatnonzero(pattern.secondary).tolist()) == (PROTECTED, [B, C, D])


@pytest.mark.parametrize("told", [[0, 7, 99], []])
def test_what_may_not_be_withheld_or_does_not_exist_is_not_taken_over(told: list[int]) -> None:
    proposal = TauArgusProposal(solve=answering(told))
    assert not proposal(square()).any()


def test_without_an_answer_our_own_pattern_stands_and_the_group_is_counted() -> None:
    proposal = TauArgusProposal(solve=answering(None))
    assert protect(square(), proposal=proposal).outcome == PROTECTED
    assert (proposal.proposed, proposal.asked, proposal.left) == (0, 0, 1)


def test_groups_that_are_too_large_and_those_after_the_time_are_not_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(problem: str, seconds: float) -> list[int]:
        raise AssertionError(problem, seconds)

    late = TauArgusProposal(solve=refuse, expired=lambda: True)
    assert not late(square()).any()
    monkeypatch.setattr(tau_argus, "LARGEST", 3)
    large = TauArgusProposal(solve=refuse)
    assert not large(square()).any()
    assert (late.left, large.left) == (1, 1)


def test_an_engine_that_breaks_down_proposes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tau_argus, "WORKER", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert tau_argus.solved_by_engine("0\n", 10.0) is None
    monkeypatch.setattr(tau_argus, "WORKER", "import time\ntime.sleep(60)")
    assert tau_argus.solved_by_engine("0\n", 0.1) is None
    monkeypatch.setattr(
        tau_argus, "WORKER", "import sys\nopen(sys.argv[2], 'w').write('  6\\n  7\\n')\nprint('code', 1)"
    )
    assert tau_argus.solved_by_engine("0\n", 10.0) == [6, 7]


def test_where_it_is_not_installed_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tau_argus, "is_installed", lambda: False)
    with pytest.raises(SdmxmigError, match="pytauargus is not installed") as caught:
        TauArgusProposal()
    assert "sdmxmig[tau-argus]" in caught.value.hint


@installed
@pytest.mark.parametrize("seed", [0, 4, 6, 13])
def test_what_the_engine_proposes_for_random_tables_protects_them(seed: int) -> None:
    table = random_table(seed)
    values = table.values
    primary = small(values, RULES)
    problem = ProtectionProblem(
        relations=relations_of(
            len(values), [([*((part, 1.0) for part in parts), (whole, -1.0)], 0, 0) for parts, whole in table.sums]
        ),
        values=values,
        primary=primary,
        hidden=np.zeros(len(values), dtype=bool),
        may_hide=values >= RULES.threshold,
        width=widths(values, RULES),
        half=np.zeros(len(values)),
    )
    proposal = TauArgusProposal()(problem)
    assert proposal.any()
    assert not len(too_narrow(problem, proposal, np.flatnonzero(primary), never))
    for cell in np.flatnonzero(primary):
        least, most = judged_by_scipy(table, primary | proposal, cell)
        assert most - least >= problem.width[cell] - 1e-6
    assert proposal.sum() <= protect(problem).secondary.sum() + 2
