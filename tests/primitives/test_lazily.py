"""Slow libraries are loaded on first use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.primitives.lazily import later

LIBRARY = "print('read'); NUMBER = 7"


def output_of(program: str, folder: Path) -> list[str]:
    """The output of a program that can import the modules of a folder."""
    environment = {"PYTHONPATH": f"{ROOT}:{folder}"}
    command = [sys.executable, "-c", f"from sdmxmig.primitives.lazily import later\n{program}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()


def test_library_is_loaded_on_first_use(tmp_path: Path) -> None:
    (tmp_path / "slow_library.py").write_text(LIBRARY, encoding="utf-8")
    program = (
        "slow_library = later('slow_library')\n"
        "print('imported'); print(slow_library.NUMBER); print(slow_library.NUMBER)"
    )
    assert output_of(program, tmp_path) == ["imported", "read", "7", "7"]


def test_package_of_a_lazy_module_is_not_loaded_before_use(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("print('package')", encoding="utf-8")
    (tmp_path / "package" / "slow_module.py").write_text(LIBRARY, encoding="utf-8")
    program = "slow_module = later('package.slow_module')\nprint('imported'); print(slow_module.NUMBER)"
    assert output_of(program, tmp_path) == ["imported", "package", "read", "7"]


def test_missing_library_is_reported_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        later("no_such_library")
