"""Progress display."""

from __future__ import annotations

import shlex
from typing import Protocol


class Talk(Protocol):
    """Receives progress."""

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Report the result of a stage, `done` once its results are in place."""

    def say(self, text: str) -> None:
        """A sentence that a user should know, such as what could not be taken along."""


class Silence:
    """Discards progress."""

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Discard the stage."""

    def say(self, text: str) -> None:
        """Discard the message."""


SILENCE = Silence()


SPLIT_BY_SHELLS = frozenset(" '&();*?<>|#[]{}")
RUN_BY_SHELLS = frozenset('"$`!\n\r\t')


def quoted(path: object) -> str:
    """Quote a path for a command line.

    >>> quoted("work/ge"), quoted("my country"), quoted("$(ls).csv")
    ('work/ge', '"my country"', "'$(ls).csv'")
    """
    name = str(path)
    if set(name) & RUN_BY_SHELLS:
        return shlex.quote(name)
    return f'"{name}"' if set(name) & SPLIT_BY_SHELLS else name
