"""Results for a page are computed once, also for concurrent requests, until their inputs change."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import pytest
from small_validation import TABLE, workspace
from workbenches import desk

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.web.desk import MAX_DESKS, Desk, Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Desk:
    return desk(workspace(tmp_path, TABLE))


def test_changed_file_of_equal_size_and_time_is_reread(bench: Desk, tmp_path: Path) -> None:
    file = tmp_path / "profile"
    for content in (b"DK", b"NA"):
        publish_file(file, content)
        os.utime(file, ns=(0, 0))
        assert bench.kept("thing", file.read_bytes, file) == content


def test_outdated_result_is_freed_before_the_next_is_computed(bench: Desk) -> None:
    old = weakref.ref(bench.remember_result("thing", 1, lambda: {"large"}))
    assert bench.remember_result("thing", 2, lambda: old() is None)


def test_cache_is_limited_to_a_few_workspaces_of_all_users(bench: Desk, tmp_path: Path) -> None:
    workbench = Workbench(bench)
    folders = {str(number): tmp_path / str(number) for number in range(MAX_DESKS + 2)}
    for person, folder in folders.items():
        workbench.open(folder, person)
    first = workbench.find_person_desk("0")
    assert {person: workbench.find_person_desk(person).folder for person in folders} == folders
    assert workbench.find_person_desk("0") is not first, "it gave way to those that were worked on since"
    assert workbench.find_person_desk("stranger") is bench
