"""The wheel carries all that it needs: installed in a fresh environment outside the checkout it runs the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"


def call(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    made = call(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_runs_the_demo_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env")
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        tmp_path / "env" / SCRIPTS / "python",
    )
    quick = ("--quiet", "--no-compile")  # what is not imported need not be compiled
    installed = call(*pip, "install", *quick, wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    result = call(tmp_path / "env" / SCRIPTS / "sdmxmig", "demo", "georgia", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    out = tmp_path / "georgia" / "out"
    for name in ("report-draft.html", "report-draft.docx"):
        assert (out / name).is_file(), name
    manifest = json.loads(next((out / "submission").glob("*/manifest.json")).read_text(encoding="utf-8"))
    assert manifest["area"] == "GE"
    assert "Traceback" not in result.stderr


def test_an_editable_install_reads_the_folders_of_the_checkout() -> None:
    from sdmxmig.catalogue.folders import shipped

    assert shipped("codelists") == ROOT / "codelists"


def test_the_wheel_holds_no_results_nor_caches(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if "/out/" in name or "__pycache__" in name]
    for folder in ("codelists", "structures", "templates", "examples"):
        assert any(name.startswith(f"sdmxmig/{folder}/") for name in names), folder
