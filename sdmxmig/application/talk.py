"""Where a task shows its progress: in a terminal, in a notebook, or nowhere."""

from __future__ import annotations

from typing import Protocol


class Talk(Protocol):
    """Takes in the progress of a task, whose results do not depend on it."""

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """What a stage came to; it is `done` once its results are in place."""

    def say(self, text: str) -> None:
        """A sentence that a user should know, such as what could not be taken along."""


class Silence:
    """Takes in the progress of a task and shows nothing of it."""

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
