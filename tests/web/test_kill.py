"""The workbench is killed while steps are made: files are whole, and the history agrees with them."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from served import ForkedProcess, ForkServer, Served, served, status
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import run
from sdmxmig.io.publishing.made import MADE_FILE, compute_hash, read_record
from sdmxmig.workspace.tasks.history import (
    INTENT,
    KEPT,
    LAST,
    altered_line,
    find_last_state,
    hash_own_files,
    read_history,
    settle,
    undo,
)

ROUNDS = [pytest.param(4, id="sample"), pytest.param(200, id="all", marks=pytest.mark.long)]
SEED = 20260131
Made = tuple[set[bytes], list[int]]


def table(number: int) -> bytes:
    """Make a table that differs from all others and is large enough to be truncated."""
    return TABLE.replace("1000", str(100_000 + number)).encode() + b"2024,1,1,0\n" * 2_000


def put(bench: Served, name: str, content: bytes) -> int:
    """Put a table into the workspace, as the form of Data does."""
    body = (
        '--b\r\nContent-Disposition: form-data; name="replace"\r\n\r\nyes\r\n'
        f'--b\r\nContent-Disposition: form-data; name="table"; filename="{name}"\r\n\r\n'
    ).encode() + content + b"\r\n--b--\r\n"  # fmt: skip
    more = ["Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(body)}", "Connection: close"]
    return status(bench.ask(bench.head("POST /data/do/add", *more).encode() + body))


def undone(bench: Served, step: int) -> int:
    """Take a step back, as the form of Home does."""
    body = f"step={step}"
    more = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "Connection: close"]
    return status(bench.ask(bench.head("POST /home/do/undo", *more) + body))


def begin(bench: Served, command: str) -> int:
    """Begin a command of the line, as the form of Home does."""
    body = f"command={command}"
    more = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "Connection: close"]
    return status(bench.ask(bench.head("POST /home/do/start", *more) + body))


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.is_file()]
    parents = {int(stat.split(" ", 1)[0]): int(stat.rpartition(")")[2].split()[1]) for stat in stats}
    return [child for child, parent in parents.items() if parent == process]


@dataclass
class Round:
    """One life of a workbench: when it is killed, whether a command runs meanwhile, and whether that is killed too."""

    seconds: float
    has_job: bool
    is_job_killed: bool


def worked_until_killed(
    serving: AbstractContextManager[Served], folder: Path, numbers: itertools.count[int], life: Round
) -> Made:
    """Make steps until the workbench is killed; gives what was sent, and the commands that go on without it."""
    sent: set[bytes] = set()
    left: list[int] = []

    def kill() -> None:
        jobs = children(bench.process.pid) if life.has_job else []
        bench.process.kill()
        for job in jobs:
            if life.is_job_killed:
                ForkedProcess(job).kill()
            left.append(job)

    with serving as bench:
        if life.has_job:
            assert begin(bench, "convert") == 303
        sent.add(table(first := next(numbers)))
        assert put(bench, "table0.csv", table(first)) == 303  # the first step takes long, and is made before
        killer = threading.Timer(life.seconds, kill)
        killer.start()
        while bench.process.poll() is None:
            number = next(numbers)
            sent.add(table(number))
            try:
                put(bench, f"table{number % 3}.csv", table(number))
                if number % 4 == 0:
                    undone(bench, len(read_history(folder)) - 1)
            except Exception:
                if bench.process.poll() is None:
                    time.sleep(0.2)
                if bench.process.poll() is None:
                    raise
        killer.join()
    return sent, left


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.end()


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="which processes there are is read there")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_killed_processes_leave_complete_files_and_a_correct_history(
    tmp_path: Path, rounds: int, forks: ForkServer, record_property: Callable[[str, object], None]
) -> None:
    dice, numbers = random.Random(SEED), itertools.count()
    folder, state = workspace(tmp_path / "ws", TABLE), tmp_path / "state"
    sent, lives, interrupted = {TABLE.encode()}, [], 0
    for number in range(rounds):
        life = Round(dice.uniform(0.01, 1.0), has_job=number % 8 == 3, is_job_killed=number % 16 == 3)
        lives.append(life)
        serving = served if number % 25 == 0 else forks.served
        contents, left = worked_until_killed(serving(folder, state), folder, numbers, life)
        sent |= contents
        for path in (folder / "tables").glob("*.csv"):
            assert path.read_bytes() in sent, f"{path.name} is half-written"
        interrupted += (folder / KEPT / INTENT).exists()
        with forks.served(folder, state):  # the next start clears what the killed one left
            pass
        check_record(folder)
        for job in left:
            ForkedProcess(job).wait(100)
    record_property("rounds", len(lives))
    record_property("with a command", sum(life.has_job for life in lives))
    record_property("killed in the midst of a step", interrupted)
    record_property("steps", len(read_history(folder)))
    check_results(folder)
    last = read_history(folder)[-1]
    if last.number > 1:
        undo(folder, last.number, NOW)
        assert find_last_state(read_history(folder)) == hash_own_files(folder)


def check_record(folder: Path) -> None:
    """History and files agree, every content is kept whole, and nothing else lies about."""
    steps = read_history(folder)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert find_last_state(steps) == hash_own_files(folder)
    assert not any(step.what == "outside" for step in steps), "every change has its own line"
    assert altered_line(folder) == 0
    for path in {*(folder / KEPT).iterdir()} - {folder / KEPT / LAST}:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, "nothing else is left there"
    assert {sha for step in steps for sha in (*step.before.values(), *step.after.values())} <= {
        path.name for path in (folder / KEPT).iterdir()
    }
    assert {path.suffix for path in (folder / "tables").iterdir()} == {".csv"}, "nothing is left beside the tables"


def check_results(folder: Path) -> None:
    for path in sorted((folder / "tables").glob("table*.csv")):
        path.unlink()
    assert run(["convert", str(folder), "--now", NOW, "--quiet"]) == 0
    for made in (folder / "out").rglob(MADE_FILE):
        for name, sha256 in read_record(made.parent).files.items():
            assert compute_hash(made.parent / name) == sha256
    assert not list((folder / "out").rglob(".sdmxmig*"))
    settle(folder, NOW)
