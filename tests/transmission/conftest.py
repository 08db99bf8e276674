"""The service and the sealed workspace that several modules use."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_service import small_service
from small_validation import NOW, SOUND, workspace

from sdmxmig.cli import run
from sdmxmig.transmission.pull.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return small_service(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a sealed submission of twelve observations of DF_POP, three a year; tests use copies."""
    folder = workspace(tmp_path_factory.mktemp("sealed") / "office", SOUND)
    run(["validate", str(folder), "--now", NOW])
    assert run(["package", str(folder), "--override", "A test.", "--now", NOW]) == 0
    return folder
