"""Where a task shows its progress: in a terminal, in a notebook, or nowhere."""

from __future__ import annotations

import shlex
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


SPLIT_BY_SHELLS = frozenset(" '&();*?<>|#[]{}")
RUN_BY_SHELLS = frozenset('"$`!\n\r\t')
"""What keeps a name from being one word of a command line as it is, and what keeps it so between quotation marks."""


def quoted(path: object) -> str:
    """A path as it is typed into a command line: with blanks and the like between quotation marks.

    What a shell would run between them, as in a name of somebody else, stands between single ones.

    >>> quoted("work/ge"), quoted("my country"), quoted("$(ls).csv")
    ('work/ge', '"my country"', "'$(ls).csv'")
    """
    name = str(path)
    if set(name) & RUN_BY_SHELLS:
        return shlex.quote(name)
    return f'"{name}"' if set(name) & SPLIT_BY_SHELLS else name
