"""Signals: Ctrl-C, termination and closed terminals."""

from __future__ import annotations

import signal
import time
from types import FrameType

WAYS = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE = 2.0
"""Seconds in which repeated signals are ignored, so that cleanup completes."""


class Stopping:
    """Whether the program was told to stop."""

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
        # Python ends by the signal, whatever exit code it is given, if the last text that it ran was stopped
        # (the classes of a module are made of such texts); a text that is not stopped lets it forget that.
        exec("")  # noqa: S102


def numbers() -> list[signal.Signals]:
    return [signal.Signals[name] for name in WAYS if hasattr(signal, name)]


STOPPING = Stopping()
