"""Whom work tells how it goes on: a terminal, a notebook, or nobody."""

from __future__ import annotations

from typing import Protocol


class Talk(Protocol):
    """Listens while a task is at work; the results of the task do not depend on it."""

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """What a stage came to; it is `done` once its results are in place."""

    def say(self, text: str) -> None:
        """A sentence that a user should know, such as what could not be taken along."""


class Silence:
    """Listens and passes nothing on."""

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Nothing is said of a stage."""

    def say(self, text: str) -> None:
        """Nothing is said."""


SILENCE = Silence()


def quoted(path: object) -> str:
    """A path as it is typed into a command line: with blanks and the like between quotation marks.

    >>> quoted("work/ge"), quoted("my country")
    ('work/ge', '"my country"')
    """
    name = str(path)
    return f'"{name}"' if set(name) & set(" '&();*?<>|") else name
