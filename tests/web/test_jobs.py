"""A stopped command ends with everything that it started; a finished command is not shown as stopped."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from other_systems import not_on_windows

from sdmxmig.web import jobs
from sdmxmig.web.jobs import STOPPED_CODE, Job, Jobs

STUBBORN = "import signal, subprocess, sys, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "

pytestmark = not_on_windows("signals there are others")


def begun(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Jobs, Job]:
    """A command that is another script than ours, and has said its first line."""
    real = subprocess.Popen

    def other(words: list[str], **how: Any) -> subprocess.Popen[bytes]:
        return real([words[0], "-c", script], **how)

    monkeypatch.setattr(jobs.subprocess, "Popen", other)
    commands = Jobs()
    job = commands.start([], folder)
    while not job.lines:
        time.sleep(0.01)
    return commands, job


def ended(job: Job) -> int | None:
    """How a command has ended; None if it has not after a while."""
    deadline = time.monotonic() + 20
    while job.code is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return job.code


def test_job_finished_before_the_stop_counts_as_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands, job = begun(f"{STUBBORN} print('begun', flush=True); time.sleep(0.2)", tmp_path, monkeypatch)
    commands.stop(job.number)
    assert ended(job) == 0


def test_child_process_ends_with_its_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.1)
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    script = f"{STUBBORN} print({child}.pid, flush=True); time.sleep(60)"
    commands, job = begun(script, tmp_path, monkeypatch)
    commands.stop(job.number)
    assert ended(job) == STOPPED_CODE
    deadline = time.monotonic() + 10
    while is_alive(int(job.lines[0])) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(job.lines[0]))


def is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and was not taken notice of does not."""
    try:
        os.kill(process, 0)
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
