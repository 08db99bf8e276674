"""The workbench is killed while steps are made: files are whole, and the history agrees with them."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
import time
from pathlib import Path

import pytest
from served import Served, served, status
from small_validation import NOW, TABLE, workspace

from sdmxmig.application.history import INTENT, KEPT, last_state, own_files, read_history, settle, undo

ROUNDS = [pytest.param(8, id="sample"), pytest.param(200, id="all", marks=pytest.mark.long)]
SEED = 20260131


def table(number: int) -> bytes:
    """A table that is told from all others, large enough to be cut."""
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


def worked_until_killed(folder: Path, state: Path, numbers: itertools.count[int], seconds: float) -> set[bytes]:
    """Make steps until the workbench is killed; gives what was sent."""
    sent: set[bytes] = set()
    with served(folder, state) as bench:
        killer = threading.Timer(seconds, bench.process.kill)
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
    return sent


@pytest.mark.parametrize("rounds", ROUNDS)
def test_whoever_is_killed_leaves_whole_files_and_a_true_history(tmp_path: Path, rounds: int) -> None:
    dice, numbers = random.Random(SEED), itertools.count()
    folder = workspace(tmp_path / "ws", TABLE)
    sent = {TABLE.encode()}
    for _ in range(rounds):
        sent |= worked_until_killed(folder, tmp_path / "state", numbers, dice.uniform(0.01, 1.0))
        for path in (folder / "tables").glob("*.csv"):
            assert path.read_bytes() in sent, f"{path.name} is half-written"
        settle(folder, NOW)
        steps = read_history(folder)
        assert [step.number for step in steps] == list(range(1, len(steps) + 1))
        assert last_state(steps) == own_files(folder)
        assert not any(step.what == "outside" for step in steps), "every change has its own line"
        for sha256 in {sha for step in steps for sha in (*step.before.values(), *step.after.values())}:
            assert hashlib.sha256((folder / KEPT / sha256).read_bytes()).hexdigest() == sha256
        assert not (folder / KEPT / INTENT).exists()
        assert {path.suffix for path in (folder / "tables").iterdir()} == {".csv"}, "nothing is left beside the tables"
    last = read_history(folder)[-1]
    if last.number > 1:
        undo(folder, last.number, NOW)
        assert last_state(read_history(folder)) == own_files(folder)
