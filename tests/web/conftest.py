"""What the tests of the workbench share: what ships is read once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from quickly import take_what_is_read
from small_validation import NOW
from workbenches import HOST, PORT

from sdmxmig.web.desk import Desk
from sdmxmig.web.guard import Door


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """What ships is taken as it was read, also by what a module sets up once for its tests."""
    with pytest.MonkeyPatch.context() as patch:
        take_what_is_read(patch)
        yield


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the workbench remembers of a user lies in a folder of the test."""
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))


@pytest.fixture
def at_start(tmp_path: Path) -> Desk:
    """A desk at which no workspace has been opened yet."""
    base = tmp_path / "base"
    base.mkdir()
    return Desk(base, Door(PORT, hosts=(HOST,)), now=lambda: NOW, base=base, at_start=True)
