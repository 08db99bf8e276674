"""Being told to stop: by Ctrl-C, by the system, or by a terminal that closes; all of them end a command alike."""

from __future__ import annotations

import signal
import time
from types import FrameType

WAYS = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE = 2.0
"""For so many seconds nothing is heard after a first word: what is cleared away then is to be cleared away whole."""


class Stopping:
    """Whether this program was told to stop: a library that was at work may have made an error of its own of that."""

    def __init__(self) -> None:
        self.is_asked = False
        self.deaf_until = 0.0

    def listen(self) -> None:
        """Hear of it from now on; ways that whoever called us had closed (``nohup``) stay closed."""
        for number in numbers():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.hear)

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        """Stop what is at work, which leaves nothing half-written; who is impatient is heard again a little later."""
        now = time.monotonic()
        if now < self.deaf_until:
            return
        self.is_asked, self.deaf_until = True, now + PATIENCE
        raise KeyboardInterrupt

    def over(self) -> None:
        """Hear no more, since all is done: whoever stops what has ended shall not take its exit code from it."""
        for number in numbers():
            signal.signal(number, signal.SIG_IGN)
        # Python ends by the signal, whatever exit code it is given, if the last text that it ran was stopped
        # (the classes of a module are made of such texts); a text that is not stopped lets it forget that.
        exec("")  # noqa: S102


def numbers() -> list[signal.Signals]:
    """The signals that this system has."""
    return [signal.Signals[name] for name in WAYS if hasattr(signal, name)]


STOPPING = Stopping()
