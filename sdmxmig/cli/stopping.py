"""How a command ends: signals (Ctrl-C, termination, a closed terminal), closed pipes and exit codes."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import time
from types import FrameType
from typing import TextIO

WAYS = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE = 2.0
"""Seconds in which repeated signals are ignored, so that cleanup completes."""


class Stopping:
    """Whether the program was asked to stop."""

    def __init__(self) -> None:
        self.is_asked = False
        self.deaf_until = 0.0

    def listen(self) -> None:
        for number in numbers():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.hear)

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now < self.deaf_until:
            return
        self.is_asked, self.deaf_until = True, now + PATIENCE
        raise KeyboardInterrupt

    def over(self) -> None:
        for number in numbers():
            signal.signal(number, signal.SIG_IGN)
        # Python ends by the signal, whatever its exit code, if the text executed last was interrupted (class bodies
        # are such texts); executing another text resets this.
        exec("")  # noqa: S102


def numbers() -> list[signal.Signals]:
    return [signal.Signals[name] for name in WAYS if hasattr(signal, name)]


STOPPING = Stopping()


def speak_utf_8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def let_go_of(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


OK, FINDINGS, WRONG_REQUEST, BUG, UNCHECKED = 0, 1, 2, 3, 4
