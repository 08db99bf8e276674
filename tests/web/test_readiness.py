"""While somebody reads the first page, the other screens are filled, so that none makes people wait at first."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from small_validation import TABLE, workspace
from starlette.testclient import TestClient
from workbenches import HOST, OURS, desk

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.application import Readiness, application
from sdmxmig.web.desk import Desk
from sdmxmig.web.screens import Screen, Shown, Visit, data, home
from sdmxmig.workspace.tasks.history import hash_own_files, read_history


def screen(name: str, *, of_workspace: bool = True, rail: bool = True, error: Exception | None = None) -> Screen:
    def show(visit: Visit) -> Shown:
        if error:
            raise error
        return Shown({"language": visit.language})

    return Screen(name=name, title=name, show=show, of_workspace=of_workspace, rail=rail)


def filled(folder: Path, *screens: Screen, worked_at: bool = True) -> list[tuple[str, str]]:
    """Which screens are filled for a desk, in which language."""
    pages: list[tuple[str, str]] = []
    ready = Readiness(
        screens,
        lambda screen, _, shown: pages.append((screen.name, shown.facts["language"])),
        lambda shown_folder: worked_at and shown_folder == folder,
    )
    ready.fill_all(Visit(desk(folder), language="ar"))
    return pages


def test_every_screen_of_the_rail_is_filled_in_the_language_of_the_reader(tmp_path: Path) -> None:
    screens = screen("data"), screen("job", rail=False), screen("start", of_workspace=False), screen("report")
    assert filled(tmp_path, *screens) == [("data", "ar"), ("report", "ar")]


@pytest.mark.parametrize("error", [SdmxmigError("The profile cannot be read."), RuntimeError("a bug")])
def test_error_while_filling_one_screen_does_not_stop_others(tmp_path: Path, error: Exception) -> None:
    assert filled(tmp_path, screen("profile", error=error), screen("report")) == [("report", "ar")]


def test_it_ends_when_another_workspace_is_opened(tmp_path: Path) -> None:
    assert filled(tmp_path, screen("data"), worked_at=False) == []


@pytest.fixture
def bench(tmp_path: Path) -> Desk:
    return desk(workspace(tmp_path, TABLE))


def test_the_first_page_of_the_workbench_lets_the_others_be_filled_and_changes_nothing(bench: Desk) -> None:
    prepared = threading.Event()
    screens = home.SCREEN, replace(data.SCREEN, prepare=lambda _: prepared.set())
    client = TestClient(application(bench, screens, is_made_ready=True), base_url=f"http://{HOST}", headers=OURS)
    assert client.get(f"/enter?key={bench.door.key}").status_code == 200
    files, steps = hash_own_files(bench.folder), read_history(bench.folder)
    assert prepared.wait(30)
    assert (hash_own_files(bench.folder), read_history(bench.folder)) == (files, steps)
