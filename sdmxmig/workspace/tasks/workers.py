"""Processes as workers."""

from __future__ import annotations

import os
import platform
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from sdmxmig.transmission.delivery.clock import Moment
from sdmxmig.transmission.delivery.sending import Sender

PROCESSES = Path("/proc")
ENDED = ("Z", "X", "x")


def sender_here() -> Sender:
    chance = random.SystemRandom().random
    return Sender(worker=worker_named(os.getpid()), now=moment, chance=chance, is_gone=is_gone)


def worker_named(pid: int) -> str:
    """Return the worker name: machine, process number, start."""
    try:
        room = (PROCESSES / "self" / "ns" / "pid").readlink().name.strip("pid:[]")
        begun = process_begun(pid)
    except OSError:
        return f"{platform.node()}:{pid}"
    return f"{platform.node()}:{room}:{pid}:{begun}"


def process_begun(pid: int) -> str:
    """Return the start of a process, or empty; raises `OSError` if unsupported."""
    fields = (PROCESSES / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return "" if fields[0] in ENDED else fields[19]


def is_gone(worker: str) -> bool:
    """Whether a worker was a process of this machine that is no more; no where nobody can tell.

    >>> is_gone(worker_named(os.getpid())), is_gone("another machine:1:2:3")
    (False, False)
    """
    own, (place, _, number) = worker_named(os.getpid()), worker.rpartition(":")[0].rpartition(":")
    if not number.isdigit() or place.count(":") != 1 or not own.startswith(f"{place}:"):
        return False
    if not are_seen():
        return False
    try:
        return process_begun(int(number)) != worker.rpartition(":")[2]
    except OSError:
        return True


def are_seen() -> bool:
    try:
        return bool(process_begun(1))
    except OSError:
        return False


def moment() -> Moment:
    boot = Path("/proc/sys/kernel/random/boot_id")
    start = boot.read_text(encoding="ascii").strip() if boot.is_file() else f"{platform.node()} without a number"
    return Moment(wall=datetime.now(UTC), seconds=time.monotonic(), boot=start)
