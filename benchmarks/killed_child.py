"""A command in its own process: watched before each file operation, or killed by its parent at any moment.

The disk right before an operation is what a kill would leave, so one watched run shows all states between operations.
Processes are forked from one that has read everything, so each starts at once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sdmxmig.cli import run

OPERATIONS = frozenset(
    (
        *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod"),
        *("shutil.rmtree", "shutil.copyfile", "tempfile.mkstemp", "os.truncate"),
    )
)
"""What Python tells of its operations on files; those on the disk itself (fsync) are counted besides."""
REMOVALS = ("os.remove", "os.rmdir")
"""Operations that name a file within an open folder, when a whole folder is removed."""
OUTPUTS = ("html", "md")
"""The outputs of reports, in the campaign: the others take long and are written by the same operations."""


def context() -> ForkServerContext:
    """Return the context of processes that have imported and read everything needed.

    Each process imports the module started with `python -m`, after the modules that it needs.
    """
    made = multiprocessing.get_context("forkserver")
    needed = [name for name in sys.modules if name.startswith(f"{__package__}.")]
    made.set_forkserver_preload(["benchmarks.killed_child_preload", *needed])
    return made


class Watching:
    """Counts file operations below a folder, and keeps the state of the disk before each if requested."""

    def __init__(self, folder: Path, states: Path | None) -> None:
        self.folder = str(folder)
        self.states = states
        self.count = 0
        self.is_copying = False
        self.copies: dict[tuple[int, int, int], str] = {}

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An operation is about to be done."""
        if event in OPERATIONS and not self.is_copying and self.concerns(event, arguments):
            self.tick()

    def concerns(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """Check whether an operation concerns a path below the folder, or content of an open folder."""
        if event in REMOVALS and arguments[-1] not in (-1, None):
            return True
        return any(
            isinstance(argument, (str, bytes, os.PathLike)) and os.fsdecode(argument).startswith(self.folder)
            for argument in arguments
        )

    def tick(self) -> None:
        self.count += 1
        if self.states is not None:
            self.is_copying = True
            if Path(self.folder).is_dir():
                kept = state_at(self.states, self.count)
                shutil.copytree(self.folder, kept, symlinks=True, copy_function=self.copy)
            self.is_copying = False

    def copy(self, source: str, target: str) -> None:
        """Copy a changed file; unchanged ones are linked."""
        known = Path(source).lstat()
        file = (known.st_ino, known.st_size, known.st_mtime_ns)
        if file in self.copies:
            os.link(self.copies[file], target, follow_symlinks=False)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
            self.copies[file] = target

    def fsync(self, _: int) -> None:
        """Count a disk synchronisation without waiting for it."""
        self.tick()


def state_at(states: Path, number: int) -> Path:
    return states / f"{number:05}"


def child(arguments: Sequence[str], folder: Path, states: Path | None, counted: Path | None) -> None:
    """Run a command line in this process, watched; returns the number of operations at the end."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    watching = Watching(folder, states)
    os.fsync = watching.fsync  # type: ignore[assignment]
    sys.addaudithook(watching)
    code = run(list(arguments))
    if counted is not None:
        counted.write_text(f"{watching.count} {code}", encoding="utf-8")
    os._exit(0)


def killed(arguments: Sequence[str], folder: Path, seconds: float) -> bool:
    """Run a command that is killed after some time; False if it was done before."""
    process = context().Process(target=child, args=(arguments, folder, None, None))
    process.start()
    process.join(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


def whole(arguments: Sequence[str], folder: Path, counted: Path, states: Path | None = None) -> tuple[int, float, int]:
    """Run a command to its end; returns operations, seconds and exit code.

    `states` receives the disk before each operation, if given.
    """
    start = time.perf_counter()
    process = context().Process(target=child, args=(arguments, folder, states, counted))
    process.start()
    process.join()
    operations, code = counted.read_text(encoding="utf-8").split()
    counted.unlink()
    return int(operations), time.perf_counter() - start, int(code)
