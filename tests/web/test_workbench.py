"""Results for a page are computed once, also for concurrent requests, until their inputs change."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import pytest
from small_validation import TABLE, workspace
from workbenches import workbench

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.web.workbench import MAX_WORKBENCHES, Workbench, Workbenches


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return workbench(workspace(tmp_path, TABLE))


def test_changed_file_of_equal_size_and_time_is_reread(bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "profile"
    for content in (b"DK", b"NA"):
        publish_file(file, content)
        os.utime(file, ns=(0, 0))
        assert bench.kept("thing", file.read_bytes, file) == content


def test_outdated_result_is_freed_before_the_next_is_computed(bench: Workbench) -> None:
    old = weakref.ref(bench.remember_result("thing", 1, lambda: {"large"}))
    assert bench.remember_result("thing", 2, lambda: old() is None)


def test_cache_is_limited_to_a_few_workspaces_of_all_users(bench: Workbench, tmp_path: Path) -> None:
    workbenches = Workbenches(bench)
    folders = {str(number): tmp_path / str(number) for number in range(MAX_WORKBENCHES + 2)}
    for person, folder in folders.items():
        workbenches.open(folder, person)
    first = workbenches.find_for_person("0")
    assert {person: workbenches.find_for_person(person).folder for person in folders} == folders
    assert workbenches.find_for_person("0") is not first, "it gave way to those that were worked on since"
    assert workbenches.find_for_person("stranger") is bench
