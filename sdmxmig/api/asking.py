"""Differences of Python from the command line: errors name parameters, and progress is displayed."""

from __future__ import annotations

import functools
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ParamSpec, TextIO, TypeVar

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.visible import visible
from sdmxmig.workspace.tasks.trouble import system_trouble

Given = ParamSpec("Given")
Made = TypeVar("Made")

OPTION = re.compile(
    r"(?<!\S)-(?:-(?P<name>[a-z][a-z-]+)|o)(?: (?P<value>[a-z_]+=\w+(?:\.\w+)?|[A-Z][A-Z0-9_]*|\d[\d:]*)\b)?"
)
"""How messages of the command line name an option, perhaps with a value, or with a name and what it stands for."""
METAVARS = frozenset({"FILE", "DIR", "FOLDER", "ID", "FORMAT", "NAME", "CODE", "TIME", "PATH"})
"""Words that stand for a value."""
COMMAND = re.compile(
    r"\bsdmxmig (?P<task>init|convert|validate|build|package|assess|report|run)\b(?: (?P<folder>[^\s,;]*[^\s,;.]))?"
)
"""How they name a task on a workspace."""
PARAMETERS = {"to": "format"}
"""Options whose parameter has another name."""
OWN_PARAMETERS = {
    "derive": {"from": "first", "to": "last", "set": "parameters", "year": "years"},
    "coverage": {"list": "lists", "round": "base"},
}
"""The same by the functions that they are parameters of."""
COMMAND_LINE_ONLY = {"new-flow": "sdmxmig map WORKBOOK --new-flow ID, on the command line"}
"""Options of what Python does not do."""


class SdmxmigWarning(UserWarning):
    """Something that one should know about a result, such as data that were changed since they were made."""


def in_python(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let what goes wrong be an `SdmxmigError` whose hint names parameters, since no options were typed."""
    place = "output" if function.__qualname__.startswith("Workspace") else "target"
    names = {**PARAMETERS, "output": place, **OWN_PARAMETERS.get(function.__qualname__, {})}

    @functools.wraps(function)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return function(*args, **kwargs)
        except SdmxmigError as error:
            error.message, error.hint = (parameters_in(text, names) for text in (error.message, error.hint))
            error.args = (error.message,)
            raise
        except OSError as error:
            raise system_trouble(error) from error

    return asked


def parameters_in(text: str, names: Mapping[str, str] = MappingProxyType({**PARAMETERS, "output": "target"})) -> str:
    """A sentence in which options and commands are called as the parameters and methods that say the same.

    `names` are those of parameters whose options are called otherwise.

    >>> parameters_in("Run first: sdmxmig convert work/ge")
    'Run first: Workspace("work/ge").convert()'
    >>> parameters_in("Give the structure with --structure FILE, or name another file with -o FILE.")
    'Give the structure with structure=…, or name another file with target=….'
    >>> parameters_in("Write: --linked movements=border.")
    'Write: linked={"movements": "border"}.'
    """
    text = COMMAND.sub(lambda match: _method(match["task"], match["folder"] or "…"), text)
    return OPTION.sub(lambda match: _parameter(match["name"] or "output", names, match["value"] or ""), text)


def _method(task: str, folder: str) -> str:
    return f'Workspace.create("{folder}")' if task == "init" else f'Workspace("{folder}").{task}()'


def _parameter(option: str, names: Mapping[str, str], value: str) -> str:
    if option in COMMAND_LINE_ONLY:
        return COMMAND_LINE_ONLY[option]
    name = names.get(option, option.replace("-", "_"))
    key, equals, meant = value.partition("=")
    if equals:
        return f'{name}={{"{key}": "{meant}"}}'
    return f'{name}="{value}"' if value and value not in METAVARS else f"{name}=…"


class Listener:
    """Displays progress where visible and keeps messages; important ones become warnings."""

    def __init__(self, progress: bool | None = None) -> None:
        self.stream = stream_of(progress)
        self.said: list[str] = []

    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """One line a stage, with a tick once its results are in place."""
        self._show(f"{'✓' if done else '·'} {what:<10} {result}")

    def say(self, text: str) -> None:
        """A sentence; one that begins with an exclamation mark is a warning."""
        self.said.append(text)
        if text.startswith("! "):
            warnings.warn(visible(text.removeprefix("! ")), SdmxmigWarning, stacklevel=2)
        else:
            self._show(text)

    def _show(self, line: str) -> None:
        if self.stream is not None:
            print(visible(line), file=self.stream, flush=True)


def stream_of(progress: bool | None) -> TextIO | None:
    """Where progress is shown: below the cell in a notebook, on the error stream of a terminal; else nowhere."""
    if progress is False:
        return None
    if is_notebook():
        return sys.stdout
    stream = sys.stderr
    is_seen = stream is not None and stream.isatty() and not os.environ.get("CI")
    return stream if progress or is_seen else None


def is_notebook() -> bool:
    """Whether this runs in the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")
