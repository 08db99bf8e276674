"""The wheel carries all that it needs: installed in a fresh environment outside the checkout it does its work.

The fresh environment of this Python holds the oldest libraries that the package declares to work with; all other tests
run with the newest.
"""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from folders import ROOT

from benchmarks import declared_versions

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = {version: path for version, path in declared_versions.interpreters().items() if version != THIS}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return declared_versions.wheel(tmp_path_factory.mktemp("dist"))


def installed(wheel: Path, python: Path, folder: Path, resolution: str) -> declared_versions.Environment:
    try:
        return declared_versions.install(wheel, python, folder / "env", resolution)
    except declared_versions.NoRegistryError as error:
        pytest.skip(f"no package registry answers: {error}")


@pytest.mark.long
def test_the_wheel_runs_the_demo_outside_the_checkout_with_the_oldest_libraries_it_allows(
    wheel: Path, tmp_path: Path
) -> None:
    environment = installed(wheel, Path(sys.executable), tmp_path, "lowest-direct")
    oldest = declared_versions.versions_of(environment)["polars"]
    assert f'"polars>={oldest}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    result = environment.sdmxmig("demo", "georgia", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    out = tmp_path / "georgia" / "out"
    for name in ("report-draft.en.html", "report-draft.en.docx"):
        assert (out / name).is_file(), name
    manifest = json.loads(next((out / "submission").glob("*/manifest.json")).read_text(encoding="utf-8"))
    assert manifest["area"] == "GE"
    assert "Traceback" not in result.stderr
    assert "In the browser: sdmxmig open georgia (first: pip install" in result.stderr


@pytest.mark.long
@pytest.mark.parametrize("version", OTHERS)
def test_every_declared_python_that_is_here_converts_and_validates(wheel: Path, version: str, tmp_path: Path) -> None:
    environment = installed(wheel, OTHERS[version], tmp_path, "highest")
    example = tmp_path / "georgia"
    shutil.copytree(ROOT / "examples" / "georgia", example, ignore=shutil.ignore_patterns("out"))
    for command in ("convert", "validate"):
        result = environment.sdmxmig(command, "georgia", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    assert "0 errors, " in result.stderr + result.stdout


def test_an_editable_install_reads_the_folders_of_the_checkout() -> None:
    from sdmxmig.catalogue.folders import shipped

    assert shipped("codelists") == ROOT / "codelists"


def test_the_wheel_holds_no_results_nor_caches(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if "/out/" in name or "__pycache__" in name]
    for folder in ("codelists", "structures", "templates", "examples"):
        assert any(name.startswith(f"sdmxmig/{folder}/") for name in names), folder
