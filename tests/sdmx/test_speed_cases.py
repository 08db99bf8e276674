"""Each case of the benchmark of data formats gives its figure on a small table, and takes no more than its budget."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from benchmarks.data_speed import VERBS, WARM
from benchmarks.speed_cases import FLOORS, Case, Run, case_named, cases_of, prepared
from benchmarks.speed_report import BUDGET_SIZE, read_budgets
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import tokens

BUDGETS = {(budget.verb, budget.job): budget.budget for budget in read_budgets()}
TWINS = ("sdmx-ml-2.1 ", "sdmx-ml-3.1 ", "sdmx-csv-2.1 ", "sdmx-json-2.1 ")
"""Formats that the code of another one writes and reads."""
OWN = [case for case in cases_of(VERBS) if case.tool != "polars" and not any(twin in case.name for twin in TWINS)]
ROUNDS, ATTEMPTS = 3, 3


@pytest.fixture(autouse=True)
def portable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as a new process does, which loads the compiled scanner for larger messages only."""
    monkeypatch.delitem(sys.modules, f"{tokens.__package__}.compiled", raising=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speed")
    prepared(folder, WARM)
    return folder


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("larger")
    prepared(folder, BUDGET_SIZE)
    return folder


@pytest.mark.every_day
@pytest.mark.parametrize("case", cases_of(VERBS), ids=lambda case: case.name)
def test_case_runs_on_a_thousand_observations(case: Case, folder: Path) -> None:
    figure = case.prepare(folder)()
    assert case.verb == "write" or case.tool == "polars" or figure == WARM


def measure(run: Run) -> float:
    """The least processor seconds of some rounds."""
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return min(took)


def keeps_budget(case: Case, folder: Path) -> bool:
    """Whether a case takes no more than its budget times what polars takes, at one of some attempts."""
    run, floor = case.prepare(folder), case_named(FLOORS[case.verb]).prepare(folder)
    run()
    return any(measure(run) <= BUDGETS[case.verb, case.job] * measure(floor) for _ in range(ATTEMPTS))


@pytest.mark.every_day
@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_speed_case_stays_within_its_processor_time(case: Case, larger: Path) -> None:
    assert keeps_budget(case, larger)
