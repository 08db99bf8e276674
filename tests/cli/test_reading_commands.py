"""Commands that only read change no file of a workspace."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from folders import ROOT
from small_validation import NOW, bare_workspace

from sdmxmig.cli import run

READING = (
    "",
    "status WORKSPACE",
    "receipts WORKSPACE",
    "receipts WORKSPACE --of 0123abcd",
    "history WORKSPACE",
    "history WORKSPACE --format json",
    "table list WORKSPACE",
    "mapping list WORKSPACE",
    "mapping show WORKSPACE pop",
    "map WORKSPACE/tables/office.csv",
    "map WORKSPACE/tables/office.csv DF_POP",
    "trace WORKSPACE --usage",
    "trace WORKSPACE DF_POP",
    "trace WORKSPACE office.csv!B2",
    "verify WORKSPACE/out/submission",
    "check WORKSPACE/out/data/DF_POP.csv",
    "diff WORKSPACE",
    "diff WORKSPACE WORKSPACE",
    "show CL_SEX --workspace WORKSPACE",
    "compute MIG_SHARE --workspace WORKSPACE",
    "get",
    "send WORKSPACE --dry-run",
    "withdraw WORKSPACE 0123abcd --because again",
    "profile progress WORKSPACE",
    "profile claims WORKSPACE",
    "profile sources WORKSPACE",
    "completion bash",
    "convert --help",
)
"""Requests that ask for no file, also ones that the workspace refuses."""


def read_tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workspace that was just made, and one that was run and whose table changed since."""
    folder = tmp_path_factory.mktemp("workspaces")
    fresh, used = bare_workspace(folder / "fresh"), bare_workspace(folder / "used")
    shutil.copy(ROOT / "examples" / "georgia" / "profile.toml", used)
    table = used / "tables" / "office.csv"
    run(["correct", str(used), "office.csv!D3", "--to", "410"])
    run(["correct", str(used), "office.csv!D4", "--to", "410"])
    assert run(["run", str(used), "--now", NOW, "--quiet"]) == 0
    table.write_text(table.read_text().replace("410", "411"))
    return {"fresh": fresh, "used": used}


@pytest.mark.parametrize("state", ["fresh", "used"])
@pytest.mark.parametrize("request_line", READING)
def test_reading_leaves_the_workspace_unchanged(
    request_line: str, state: str, workspaces: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspaces[state]
    before = read_tree(workspace)
    monkeypatch.chdir(workspace)
    run([word.replace("WORKSPACE", str(workspace)) for word in request_line.split()])
    assert read_tree(workspace) == before
