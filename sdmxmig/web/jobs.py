"""Long commands as separate processes with progress. Stopping leaves no partial results."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import IO

MAX_LINES, LONGEST_LINE = 500, 2_000
"""Maximum number of lines of output kept from a command, and of signs of each."""
MAX_JOBS = 50
STOP_SECONDS = 10
STOPPED_CODE = -1
LINE_STEPS = ("convert", "build", "validate", "package", "assess", "report")
LAST_STEP_BY_TARGET = {"findings": "validate", "submission": "package"}
DONE_CODES = (0, 1)


@dataclass(slots=True)
class Job:
    """A running or finished command; `code` is None while running, `STOPPED_CODE`, or the exit code."""

    number: int
    words: tuple[str, ...]
    _: KW_ONLY
    lines: list[str] = field(default_factory=list)
    folder: Path = Path()
    code: int | None = None
    is_stopped: bool = False
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def command(self) -> str:
        return shlex.join(["sdmxmig", *self.words])

    @property
    def is_running(self) -> bool:
        return self.code is None

    @property
    def stages(self) -> tuple[str, ...]:
        if self.words[0] not in ("run", "demo"):
            return ()
        until = self.words[self.words.index("--until") + 1] if "--until" in self.words else ""
        return (
            LINE_STEPS[: LINE_STEPS.index(LAST_STEP_BY_TARGET[until]) + 1]
            if until in LAST_STEP_BY_TARGET
            else LINE_STEPS
        )

    @property
    def stage(self) -> dict[str, object] | None:
        said = {
            parts[1] for line in self.lines if (parts := line.split(maxsplit=2))[:1] in (["✓"], ["·"]) and parts[1:]
        }
        behind = max((number for number, name in enumerate(self.stages, 1) if name in said), default=0)
        if not self.is_running or behind >= len(self.stages):
            return None
        return {"name": self.stages[behind], "number": behind + 1, "count": len(self.stages)}

    def facts(self) -> dict[str, object]:
        return {
            "number": self.number,
            "command": self.command,
            "code": self.code,
            "lines": list(self.lines),
            "stage": self.stage,
            "seconds": int((time.monotonic() if self.ended is None else self.ended) - self.began),
        }


class Jobs:
    """The commands of a workbench, one at a time."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._environment = dict(environment or {})

    def start(self, words: Sequence[str], folder: Path) -> Job:
        """Start a command in a folder, or return the one that is running."""
        with self._lock:
            running = next((job for job in self._jobs.values() if job.is_running), None)
            if running is not None:
                return running
            job = Job(next(self._numbers), tuple(words), folder=folder)
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "sdmxmig", *words],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **import_path(), **self._environment},
                start_new_session=True,
            )
            self._jobs[job.number], self._processes[job.number] = job, process
            self._forget()
        threading.Thread(target=self._follow, args=(job, process), daemon=True).start()
        return job

    def get(self, number: int) -> Job | None:
        return self._jobs.get(number)

    @property
    def last(self) -> Job | None:
        return self._jobs[max(self._jobs)] if self._jobs else None

    def stop(self, number: int) -> None:
        """Stop a command like Ctrl-C, by force if necessary."""
        job, process = self._jobs.get(number), self._processes.get(number)
        if job is None or process is None or not job.is_running:
            return
        job.is_stopped = True
        with contextlib.suppress(OSError):
            process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            end_process(process)

    def stop_all(self) -> None:
        for number in list(self._processes):
            self.stop(number)

    def _follow(self, job: Job, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - it was started so
        with process.stdout as output:
            for line in list_lines(output):
                job.lines = [*job.lines[-MAX_LINES + 1 :], line]
        code = process.wait()
        job.ended = time.monotonic()
        job.code = STOPPED_CODE if job.is_stopped and code not in DONE_CODES else code

    def _forget(self) -> None:
        for number in sorted(self._jobs)[:-MAX_JOBS]:
            del self._jobs[number]
            self._processes.pop(number, None)


def end_process(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def list_lines(output: IO[bytes]) -> Iterator[str]:
    while line := output.readline(LONGEST_LINE):
        yield line.decode("utf-8", "replace").rstrip()


def import_path() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder)}
