"""Libraries that take long to read are read when they are first used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sdmxmig.lazily import later

LIBRARY = "print('read'); NUMBER = 7"


def test_a_library_is_read_when_something_in_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "slow_library.py").write_text(LIBRARY, encoding="utf-8")
    program = (
        "from sdmxmig.lazily import later\nslow_library = later('slow_library')\n"
        "print('imported'); print(slow_library.NUMBER); print(slow_library.NUMBER)"
    )
    root = Path(__file__).parents[1]
    environment = {"PYTHONPATH": f"{root}:{tmp_path}"}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["imported", "read", "7", "7"]


def test_a_library_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        later("no_such_library")


def test_a_module_of_a_package_leaves_the_package_alone_until_then(tmp_path: Path) -> None:
    folder = tmp_path / "slow_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("print('package')", encoding="utf-8")
    (folder / "part.py").write_text(LIBRARY, encoding="utf-8")
    program = (
        "from sdmxmig.lazily import later\npart = later('slow_package.part')\nprint('imported'); print(part.NUMBER)"
    )
    root = Path(__file__).parents[1]
    environment = {"PYTHONPATH": f"{root}:{tmp_path}"}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["imported", "package", "read", "7"]
