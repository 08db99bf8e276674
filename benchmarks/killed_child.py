"""A command in a process that is ended without warning: at its n-th file operation, or by its parent at any moment.

The processes are forked from one that has read everything before, so that each begins at once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sdmxmig.cli import run

KILLED = 9
OPERATIONS = frozenset(
    (
        *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod"),
        *("shutil.rmtree", "shutil.copyfile", "tempfile.mkstemp", "os.truncate"),
    )
)
"""What Python tells of its operations on files; those on the disk itself (fsync) are counted besides."""
OUTPUTS = ("html", "md")
"""The outputs of reports, in the campaign: the others take long and are written by the same operations."""


def context() -> ForkServerContext:
    """Where processes come from: one that has imported what commands need, and read what ships."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["benchmarks.killed_child_preload"])
    return made


class Ending:
    """Counts the operations on files below a folder, and ends the process before the n-th; never, if that is 0."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = str(folder)
        self.number = number
        self.count = 0
        self.sync = os.fsync

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An operation is about to be done."""
        if event in OPERATIONS and any(self.concerns(one) for one in arguments):
            self.tick()

    def concerns(self, argument: object) -> bool:
        """Whether an argument of an operation is a path below the folder."""
        return isinstance(argument, (str, bytes, os.PathLike)) and os.fsdecode(argument).startswith(self.folder)

    def tick(self) -> None:
        """Count one operation."""
        self.count += 1
        if self.count == self.number:
            os._exit(KILLED)

    def fsync(self, _: int) -> None:
        """Count the operation that waits for the disk; it does not wait, since no power goes away here."""
        self.tick()


def child(arguments: Sequence[str], folder: str, number: int, counted: str) -> None:
    """Run a command line in this process, ended before its n-th operation; says at the end how many there were."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    ending = Ending(Path(folder), number)
    os.fsync = ending.fsync
    sys.addaudithook(ending)
    code = run(list(arguments))
    if counted:
        Path(counted).write_text(f"{ending.count} {code}", encoding="utf-8")
    os._exit(0)


def ended(arguments: Sequence[str], folder: Path, number: int) -> bool:
    """Run a command that ends before its n-th operation below a folder; False if it had fewer."""
    process = context().Process(target=child, args=(arguments, str(folder), number, ""))
    process.start()
    process.join()
    return process.exitcode == KILLED


def killed(arguments: Sequence[str], folder: Path, seconds: float) -> bool:
    """Run a command that is killed after some time; False if it was done before."""
    process = context().Process(target=child, args=(arguments, str(folder), 0, ""))
    process.start()
    process.join(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


def whole(arguments: Sequence[str], folder: Path, counted: Path) -> tuple[int, float, int]:
    """Run a command to its end: how many operations it took, how many seconds, and its exit code."""
    start = time.perf_counter()
    process = context().Process(target=child, args=(arguments, str(folder), 0, str(counted)))
    process.start()
    process.join()
    operations, code = counted.read_text(encoding="utf-8").split()
    counted.unlink()
    return int(operations), time.perf_counter() - start, int(code)
