"""A small workspace with the results of a run, to be changed by people and commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from folders import ROOT
from quickly import write_readably

from sdmxmig.cli import run

NOW = "2026-01-31T12:00:00+00:00"


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose data were converted, validated, packaged, assessed and reported."""
    workspace = tmp_path_factory.mktemp("sealed") / "ge"
    shutil.copytree(ROOT / "templates" / "workspace", workspace)
    with pytest.MonkeyPatch.context() as patch:
        write_readably(patch)
        assert run(["run", str(workspace), "--now", NOW]) == 0
    return workspace


@pytest.fixture
def sealed(sealed_once: Path, tmp_path: Path, readable_reports: None) -> Path:
    shutil.copytree(sealed_once, tmp_path / "ge", symlinks=True)
    return tmp_path / "ge"
