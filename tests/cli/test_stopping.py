"""Stopping a command by Ctrl-C or signal gives one sentence, exit code 2, and no partial files."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from console import Console
from folders import ROOT
from other_systems import not_on_windows

from sdmxmig.cli.terminal import STOP_REQUEST
from sdmxmig.workspace.tasks import simulating

pytestmark = not_on_windows("signals differ")
DATED = ("findings.html", "metadata.json")
SENTENCE = "Stopped. Nothing half-written was left behind.\n"
EXAMPLES = ROOT / "examples"
KEY = hashlib.sha256(b"of an exercise").hexdigest()
SIMULATE = ["simulate", "--persons", "100", "--seed", "1", "--years", "2019-2019", "-o"]
MADE_UP = """import atexit, os, signal, sys
from sdmxmig import cli
def stop(number): os.kill(os.getpid(), number)
{before}
cli.cli.main = lambda *_, **__: {at_work}
cli.main()
"""

WAITING = """import threading
from sdmxmig.cli import start
sys.stdin = os.fdopen(os.pipe()[0])
def wait():
    import polars
    threading.Timer(0.2, stop, [signal.SIGINT]).start()
    late = threading.Timer(20, os._exit, [9])
    late.daemon = True
    late.start()
    start.ask("Which sex is “m”?")
"""
"""A question waits for its answer after a table has been parsed."""


def environment(folder: Path) -> dict[str, str]:
    """That of a process whose temporary files are in a folder of their own."""
    folder.mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder), "SDMXMIG_SECRET_LINKAGE": KEY, "POLARS_MAX_THREADS": "1"}


@pytest.mark.parametrize(
    ("before", "at_work", "code", "says"),
    [
        ("", "stop(signal.SIGTERM)", 2, SENTENCE),
        ("", 'exec("stop(signal.SIGINT)")', 2, SENTENCE),  # as while the classes of a module are made
        (
            "def twice():\n    try: stop(2)\n    finally: [stop(2), print('cleared away', file=sys.stderr)]",
            "twice()",
            2,
            f"cleared away\n{SENTENCE}",
        ),
        ("signal.signal(signal.SIGHUP, signal.SIG_IGN)", "stop(signal.SIGHUP)", 0, ""),  # as nohup asks for
        ("atexit.register(stop, signal.SIGINT)", "0", 0, ""),  # all was done
        (
            WAITING,
            "wait()",
            2,
            f"Which sex is “m”?: \n{SENTENCE}",
        ),
    ],
)
def test_stopped_process_has_the_right_exit_code(before: str, at_work: str, code: int, says: str) -> None:
    program = MADE_UP.format(before=before, at_work=at_work)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (code, says)


def test_library_error_caused_by_stopping_is_not_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    """DuckDB, for one, says “Query interrupted”."""

    def interrupted(*_: object, **__: object) -> None:
        try:
            STOP_REQUEST.handle_signal(signal.SIGINT, None)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    monkeypatch.setattr(STOP_REQUEST, "is_asked", False)
    monkeypatch.setattr(simulating, "simulate", interrupted)
    assert console.errors(*SIMULATE, tmp_path / "out").endswith(SENTENCE)


SOURCES = "{folder}/country/sources"
COMMANDS: Mapping[str, Sequence[str]] = {
    "simulate": ["--persons", "20000", "--seed", "3", "--years", "2018-2021"],
    "link": [
        "--identities", f"register={SOURCES}/register/simulated_identities.parquet",
        "--identities", f"permits={SOURCES}/permits/simulated_identities.parquet",
    ],
    "derive": [
        "--movements", f"{SOURCES}/border/simulated_movements.parquet",
        "--persons", f"{SOURCES}/register/simulated_persons.parquet",
        "--area", "XA", "--rule", "R12_16", "--from", "2018-01-01", "--to", "2021-12-31", "--year", "2018",
    ],
    "coverage": [
        "--list", f"register={EXAMPLES}/population-lists/register.csv",
        "--list", f"census={EXAMPLES}/population-lists/census.csv",
        "--area", "XA", "--year", "2024", "--rule", "R12",
    ],
    "combine": [f"{EXAMPLES}/combined-sources/combine.toml"],
}  # fmt: skip


MOMENTS = [(share, way) for share in (0.3, 0.5, 0.7, 0.9) for way in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS)
def test_run_after_a_stop_yields_complete_results(command: str, tmp_path: Path) -> None:
    words = COMMANDS[command]
    variables = environment(tmp_path / "temporary")

    def started(out: str, words: Sequence[str] = words, name: str = command) -> subprocess.Popen[str]:
        given = [word.format(folder=tmp_path) for word in words]
        arguments = [sys.executable, "-m", "sdmxmig", name, *given, "-o", str(tmp_path / out)]
        return subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables, cwd=tmp_path,
            start_new_session=True,
        )  # fmt: skip

    if "country" in "".join(words):
        persons = ["--persons", "3000", "--seed", "3", "--years", "2018-2021"]
        started("country", persons, "simulate").communicate()
    begun = time.monotonic()
    whole = started("whole")
    assert (whole.communicate(), whole.returncode)[1] == 0
    seconds = time.monotonic() - begun
    for part, number in MOMENTS:
        running = started("out")
        try:
            running.communicate(timeout=seconds * part)
        except subprocess.TimeoutExpired:
            if number == signal.SIGINT:  # a terminal tells all that it has started
                os.killpg(running.pid, number)
            else:
                running.send_signal(number)
        _, said = running.communicate()
        assert not list((tmp_path / "temporary").iterdir()), said
        if running.returncode == 0:
            continue
        assert (running.returncode, said.endswith(SENTENCE), "Traceback" in said) == (2, True, False), said
        left = {path.name for path in (tmp_path / "out").glob("*")} if (tmp_path / "out").is_dir() else set()
        assert left <= {".linkage"} or files(tmp_path / "out") == files(tmp_path / "whole"), "of the run before"
    again = started("out")
    assert (again.communicate(), again.returncode)[1] == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {".linkage", "made.json", *DATED} & {*path.relative_to(folder).parts}
    }
