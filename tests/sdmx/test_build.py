"""`sdmxmig build` writes every version, and lists artefacts that a version lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import Console
from declared import write

from sdmxmig.cli import run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    assert run(["init", str(tmp_path / "ws")]) == 0
    return tmp_path / "ws"


def test_artefacts_missing_in_a_version_are_listed_as_left_out(workspace: Path, console: Console) -> None:
    write(workspace)
    errors = " ".join(console.errors("build", workspace, code=0).split())
    assert "SDMX-ML 2.1 cannot contain" in errors
    assert "SM_TRY" in errors
    text = (workspace / "out" / "structures" / "left-out.md").read_text(encoding="utf-8")
    assert "## SDMX-ML 2.1" in text
    assert "- `StructureMap=SDMXMIG:SM_TRY(1.0.0-draft)`: SDMX-ML 2.1 cannot express the maps of dates" in text
    assert "## SDMX-ML 3.0" not in text
