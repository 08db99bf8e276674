"""Fixtures of the workbench: shipped files are loaded once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipped import CATALOGUE
from small_validation import NOW
from workbenches import HOST, PORT, workbench

from sdmxmig.catalogue.documentation import LiveSite
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.screens import catalogue
from sdmxmig.web.workbench import Workbench


@pytest.fixture(scope="session", autouse=True)
def shipped_site_is_made_once() -> Iterator[None]:
    """Workbenches share the site of the shipped catalogue: to make it took half the time of all screens."""
    site = LiveSite(CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "LiveSite", lambda given: site if given is CATALOGUE else LiveSite(given))
        yield


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))


@pytest.fixture
def at_start(tmp_path: Path) -> Workbench:
    """A workbench without an open workspace."""
    base = tmp_path / "base"
    base.mkdir()
    return Workbench(base, BrowserAccess(PORT, hosts=(HOST,)), now=lambda: NOW, base=base, at_start=True)


@pytest.fixture
def bench(once: Path, tmp_path: Path) -> Workbench:
    """A workbench with a copy of the workspace that a module makes once."""
    return workbench(Path(shutil.copytree(once, tmp_path / "ws")))
