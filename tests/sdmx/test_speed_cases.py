"""Each case of the benchmark of data formats runs on a small table: one that raises is noticed in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.data_speed import VERBS, WARM
from benchmarks.speed_cases import Case, cases_of, prepared


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speed")
    prepared(folder, WARM)
    return folder


@pytest.mark.every_day
@pytest.mark.parametrize("case", cases_of(VERBS), ids=lambda case: case.name)
def test_case_runs_on_a_thousand_observations(case: Case, folder: Path) -> None:
    figure = case.prepare(folder)()
    assert case.verb == "write" or case.tool == "polars" or figure == WARM
