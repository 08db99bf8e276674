"""The demo ends with how to open its result in the browser, and can show each result as it appears."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from console import Console
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import pipeline as pipeline_commands
from sdmxmig.cli import run, workspaces
from sdmxmig.workspace.tasks import pipeline
from sdmxmig.workspace.tasks.new_workspace import FILES
from sdmxmig.workspace.tasks.session import lock_session


def test_demo_prints_the_command_that_opens_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    folder = tmp_path / "my demo"
    monkeypatch.setattr(pipeline_commands, "run_pipeline", lambda *_, **__: 0)
    assert run(["demo", str(folder), "--example", "norway"]) == 0
    assert console.readouterr().err.splitlines()[-1] == f'In the browser: sdmxmig open "{folder}"'
    monkeypatch.setattr(workspaces, "REQUIRED_LIBRARIES", ("no_such_library",))
    assert run(["demo", str(folder), "--example", "norway"]) == 0
    assert console.readouterr().err.splitlines()[-1].endswith('(first: pip install "sdmxmig[web]")')


@pytest.mark.parametrize("one_by_one", [True, False])
def test_results_are_published_step_by_step_or_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_by_one: bool
) -> None:
    folder = workspace(tmp_path, TABLE)
    shutil.rmtree(folder / "out")
    there: dict[str, Any] = {}
    validate = pipeline.validating.validate

    def remember(*arguments: Any) -> Any:
        there["data"] = any((folder / "out" / "data").glob("*.csv"))
        return validate(*arguments)

    monkeypatch.setattr(pipeline.validating, "validate", remember)
    with lock_session(folder, None, NOW) as session:
        pipeline.run_stages(session, one_by_one=one_by_one)
    assert there["data"] is one_by_one
    assert (folder / "out" / "findings" / "findings.jsonl").is_file()


@pytest.mark.parametrize("example", sorted({*FILES} - {"first-table"}))
def test_commands_in_the_readme_of_an_example_run_in_its_folder(example: str, tmp_path: Path) -> None:
    assert run(["demo", str(tmp_path / example), "--example", example]) == 0
    readme = (tmp_path / example / "README.md").read_text()
    commands = "\n".join(text.strip() for text in readme.splitlines() if text.startswith("    "))
    assert "sdmxmig" in commands
    path = {"PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}
    script = ["bash", "-euc", commands]
    subprocess.run(script, cwd=tmp_path / example, env=os.environ | path, check=True, capture_output=True, timeout=120)
