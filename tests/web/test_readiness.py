"""While the first page is read, the other screens are prepared, so that they open without delay."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from small_validation import TABLE, workspace
from starlette.testclient import TestClient
from workbenches import HOST, OURS, workbench

from sdmxmig.web import application
from sdmxmig.web.application import CacheFiller, build_application
from sdmxmig.web.screens import ScreenContent, Visit, data, home
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import hash_own_files, read_history


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return workbench(workspace(tmp_path, TABLE))


def test_first_page_prepares_other_pages_without_changes(bench: Workbench) -> None:
    prepared = threading.Event()
    screens = home.SCREEN, replace(data.SCREEN, prepare=lambda _: prepared.set())
    client = TestClient(build_application(bench, screens, is_made_ready=True), base_url=f"http://{HOST}", headers=OURS)
    assert client.get(f"/enter?key={bench.access.key}").status_code == 200
    files, steps = hash_own_files(bench.folder), read_history(bench.folder)
    assert prepared.wait(30)
    assert (hash_own_files(bench.folder), read_history(bench.folder)) == (files, steps)


def test_cache_filling_waits_while_a_page_is_built(bench: Workbench) -> None:
    made: list[str] = []
    screen = replace(data.SCREEN, show=lambda _: made.append("filled") or ScreenContent({}))  # type: ignore[func-returns-value]
    readiness = CacheFiller((screen,), lambda *_: None, lambda _: True)
    with readiness.pause_filling():
        readiness.begin(Visit(bench))
        time.sleep(1)
        assert made == []
    for _ in range(100):
        if made:
            break
        time.sleep(0.1)
    assert made == ["filled"]


def test_label_words_are_loaded_before_a_table_is_chosen(at_start: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()
    monkeypatch.setattr(application, "read_shipped_words", read.set)
    client = TestClient(build_application(at_start, is_made_ready=True), base_url=f"http://{HOST}", headers=OURS)
    assert client.get(f"/enter?key={at_start.access.key}").status_code == 200
    assert read.wait(30)
