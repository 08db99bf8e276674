"""The package as pip installs it: built from the checkout, in an environment with only its dependencies.

There are no downloads. Dependencies are links to the libraries that run the tests, so an undeclared one is missing.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import uv
from folders import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.declared_versions import Environment, call


def build(kind: str, source: Path, folder: Path) -> Path:
    """Build a ``wheel`` or an ``sdist`` of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    made = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (path,) = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return path


@functools.cache
def wheel() -> Path:
    """The wheel of the checkout, built once for all tests of a process."""
    return build("wheel", ROOT, Path(tempfile.mkdtemp()))


def install(folder: Path, *extras: str) -> Environment:
    """Install the wheel of the checkout, and links to what it and these extras require."""
    folder.mkdir()
    environment = Environment(folder / "env")
    venv.create(environment.folder, symlinks=True)
    command = ("pip", "install", "--quiet", "--offline", "--no-deps", "--python", environment.python, wheel())
    installed = call(uv.find_uv_bin(), *command, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    (package,) = (environment.folder / "lib").glob("python*/site-packages/sdmxmig")
    (own,) = package.parent.glob("sdmxmig-*.dist-info")
    for name in required(Distribution.at(own), extras):
        library = distribution(name)
        for part in {file.parts[0] for file in library.files or ()} - {"..", "__pycache__"}:
            if not (package.parent / part).exists():
                (package.parent / part).symlink_to(Path(str(library.locate_file(part))))
    return environment


def required(package: Distribution, extras: tuple[str, ...]) -> set[str]:
    """The names of all distributions that a package requires with these extras, directly or not."""
    found = dict[str, set[str]]()
    waiting = list(requirements(package, {*extras}))
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        wanted = found.get(name, set()) | requirement.extras
        if found.get(name) != wanted:
            found[name] = wanted
            waiting += requirements(distribution(name), wanted)
    return set(found)


def requirements(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """Requirements of a distribution with these extras on this machine."""
    for text in package.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in ("", *extras)):
            yield requirement
