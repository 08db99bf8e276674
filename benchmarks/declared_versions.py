"""What `pyproject.toml` declares holds: the package works on each Python and with the oldest libraries that it names.

``python -m benchmarks.declared_versions`` is what `make lowest` runs: for each declared Python that is on this machine,
once with the oldest and once with the newest libraries allowed, it installs the wheel in a fresh environment, runs the
demo and the tests that lean on libraries most, and writes a dated table.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uv

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
RESOLUTIONS = ("lowest-direct", "highest")
EXTRAS = ("report", "exchange")
TESTS = (
    *("statistics", "quality/rules", "quality/test_validation.py", "reporting", "catalogue", "primitives"),
    *("conversion/mapping", "conversion/tables", "conversion/recognition", "conversion/test_map.py", "forms/profiles"),
    *("sdmx", "transmission/test_submission.py"),
)
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "playwright", "axe-playwright-python", "pypdf", "python-calamine")
JUDGES = ("pysdmx[data,xml]", "xmlschema", "build")
SHOWN = ("polars", "pandas", "numpy", "lxml", "pyarrow", "sdmx1", "click")
NO_REGISTRY = re.compile(r"error sending request|Failed to fetch|dns error|Connection refused|timed out", re.IGNORECASE)


class NoRegistryError(Exception):
    """No package registry answers, so versions cannot be tested."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with the package in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / SCRIPTS / "python"

    def sdmxmig(self, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        return call(self.folder / SCRIPTS / "sdmxmig", *words, cwd=cwd)


def call(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without this process's environment."""
    return subprocess.run(  # noqa: S603 what runs is named here, in this file
        [str(part) for part in command], cwd=cwd, env=own_environment(), capture_output=True, text=True, check=False
    )


def own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def interpreters() -> dict[str, Path]:
    """The declared versions of Python that this machine has, on the path or among those of pyenv."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    versions = [version for text in declared if (version := text.rpartition(" :: ")[2]).startswith("3.")]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, Path] = {}
    for version in versions:
        on_path = shutil.which(f"python{version}")
        for path in [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"{version}.*/bin/python"))]:
            answer = call(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", cwd=ROOT)
            if version not in found and answer.stdout.strip() == version:
                found[version] = path
    return found


def wheel(folder: Path) -> Path:
    made = call(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    if made.returncode:
        raise AssertionError(made.stderr)
    return next(folder.glob("*.whl"))


def install(package: Path, python: Path, folder: Path, resolution: str) -> Environment:
    """A fresh environment with the package and the libraries that a resolution chooses.

    Raises:
        NoRegistryError: No package registry answers.
    """
    environment = Environment(folder)
    made = call(uv.find_uv_bin(), "venv", "--quiet", "--python", python, folder, cwd=folder.parent)
    if made.returncode:
        raise AssertionError(made.stderr)
    extras: list[str] = [word for extra in EXTRAS for word in ("--extra", extra)]
    declared = ["--requirements", str(ROOT / "pyproject.toml"), *extras]
    _add(environment, "--resolution", resolution, "--only-binary", ":all:", *declared, package)
    return environment


def _add(environment: Environment, *what: str | Path) -> None:
    command = (uv.find_uv_bin(), "pip", "install", "--quiet", "--python", environment.python)
    installed = call(*command, *what, cwd=environment.folder)
    if installed.returncode:
        raise (NoRegistryError if NO_REGISTRY.search(installed.stderr) else AssertionError)(installed.stderr)


def versions_of(environment: Environment) -> dict[str, str]:
    listed = call(uv.find_uv_bin(), "pip", "freeze", "--python", environment.python, cwd=environment.folder).stdout
    return dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)


def tried(environment: Environment, folder: Path, names: Iterable[str]) -> tuple[str, str]:
    """Run the demo, then these tests; returns both results."""
    demo = environment.sdmxmig("demo", "georgia", cwd=folder)
    allowed = folder / "constraints.txt"
    allowed.write_text("".join(f"{name}=={version}\n" for name, version in versions_of(environment).items()), "utf-8")
    _add(environment, "--constraint", allowed, *TOOLS, *JUDGES)
    paths = [f"tests/{name}" for name in names]
    tests = call(environment.python, "-m", "pytest", *paths, "-p", "no:cacheprovider", "-m", "not long", cwd=ROOT)
    last = (tests.stdout.strip().splitlines() or [tests.stderr.strip()])[-1]
    failed = [line for line in tests.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    sys.stderr.write("\n".join([*failed, ""]))
    return "ran" if not demo.returncode else f"exit {demo.returncode}", re.sub(r" in [\d.]+s.*", "", last.strip("= "))


def main() -> int:
    """Try every declared Python that is here with the oldest and the newest libraries, and write the table."""
    parser = argparse.ArgumentParser(description="Try what pyproject.toml declares.")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="the date of the table")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="which files and folders of tests to run")
    arguments = parser.parse_args()
    date, names = arguments.date, arguments.tests
    head = ["Python", "libraries", *SHOWN, "demo", "tests", "seconds"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    good = True
    with tempfile.TemporaryDirectory() as name:
        package = wheel(Path(name))
        for version, python in interpreters().items():
            for resolution in RESOLUTIONS:
                start = time.perf_counter()
                folder = Path(name) / f"{version}-{resolution}"
                folder.mkdir()
                environment = install(package, python, folder / "env", resolution)
                demo, tests = tried(environment, folder, names)
                good = good and demo == "ran" and "failed" not in tests and "error" not in tests
                known = versions_of(environment)
                row = [version, resolution, *(known[library] for library in SHOWN), demo, tests]
                lines.append(f"| {' | '.join(row)} | {time.perf_counter() - start:.0f} |")
                sys.stderr.write(lines[-1] + "\n")
    words = f"`python -m benchmarks.declared_versions`; tests: {', '.join(names)}."
    text = "\n".join([f"# Declared versions, {date}", "", words, "", *lines, ""])
    (RESULTS / f"{date}-declared-versions.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
