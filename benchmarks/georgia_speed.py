"""Processor seconds (user and system) of commands on the example of Georgia: ``python -m benchmarks.georgia_speed``.

Each command runs in a process of its own, with compiled modules and a warm cache of declarations; the least of the
rounds counts. The first run has no structure message of an earlier one. Goals in seconds.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

from benchmarks.data_speed import machine

ROUNDS = 3
GOALS = {
    "first run": 9.9,
    "unchanged run": 0.6,
    "validate, nothing changed": 1.5,
    "validate --force": 1.5,
    "convert, nothing changed": 1.5,
    "convert --force": 1.5,
    "convert after one corrected cell": 1.5,
    "validate after one corrected cell": 1.5,
    "run after one corrected cell": 6.0,
    "imports of the pipeline": 0.4,
}


def seconds(folder: Path, *arguments: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"XDG_CACHE_HOME": str(folder.parent / "cache"), "PYTHONPYCACHEPREFIX": str(folder.parent / "pyc")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def correct_a_cell(table: Path) -> None:
    workbook = openpyxl.load_workbook(table)
    cell = workbook["Births"]["B8"]
    cell.value = int(str(cell.value)) + 1
    workbook.save(table)


def measure(folder: Path) -> dict[str, float]:
    folder.mkdir()
    shutil.rmtree(folder.parent / "cache" / "sdmxmig" / "cache" / "structures", ignore_errors=True)
    program = ("-m", "sdmxmig")
    took = {"first run": seconds(folder, *program, "demo", "--example", "georgia")}
    took["unchanged run"] = seconds(folder, *program, "run", "georgia")
    for command in ("validate", "convert"):
        took[f"{command}, nothing changed"] = seconds(folder, *program, command, "georgia")
    for command in ("validate", "convert"):
        took[f"{command} --force"] = seconds(folder, *program, command, "georgia", "--force")
    seconds(folder, *program, "run", "georgia")
    for command in ("convert", "validate", "run"):
        correct_a_cell(folder / "georgia" / "tables" / "vital.xlsx")
        took[f"{command} after one corrected cell"] = seconds(folder, *program, command, "georgia")
    took["imports of the pipeline"] = seconds(folder, "-c", "import sdmxmig.workspace.tasks.pipeline")
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        rounds = [measure(Path(place) / str(number)) for number in range(ROUNDS + 1)][1:]
    lines = [f"{machine()}\n", "| command | processor seconds | goal |", "|---|---|---|"]
    lines += [f"| {name} | {min(one[name] for one in rounds):.2f} | {goal} |" for name, goal in GOALS.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
