"""Clock, injectable for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def present() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    now: Callable[[], datetime] = present
    sleep: Callable[[float], None] = time.sleep


def in_words(seconds: float) -> str:
    """How long something takes, roughly.

    >>> in_words(40), in_words(600), in_words(9000)
    ('40 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:g} hours"
