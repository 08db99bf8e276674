"""Start files for the workbench: Linux (Desktop Entry Specification 1.5), Windows, macOS."""

from __future__ import annotations

import re
import shlex
from dataclasses import KW_ONLY, dataclass
from pathlib import Path, PurePath

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.tasks.first_tables import LONGEST_NAME, NON_FOLDER_CHARACTERS

WINDOWS, MACOS = "win32", "darwin"
"""Names of these systems in Python; all others follow the desktop specification of freedesktop.org."""
FILE_MODE = 0o755
"""Executable for everyone, writable for the owner."""
UNPRINTABLE = re.compile(r"[\0-\x1f\x7f\ud800-\udfff]")
SHELL_SIGNS = re.compile(r'(["`$\\])')


@dataclass(frozen=True, slots=True)
class Start:
    python: str
    folder: str
    _: KW_ONLY
    title: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return (self.python, "-P", "-m", "sdmxmig", "open", "--clicked", self.folder)


def build_start(folder: Path, python: str) -> Start:
    folder = folder.resolve()
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder “{folder}”.", hint="Name a workspace, or a folder for new ones.")
    try:
        workspace = open_workspace(folder)
    except (SdmxmigError, OSError):
        return Start(python, str(folder))
    return Start(python, str(folder), title=workspace.country.name.in_language(workspace.country.language))


def build_start_file(start: Start, system: str) -> tuple[str, bytes]:
    """Return the name and content of the start file for a system."""
    for path in (start.python, start.folder):
        if UNPRINTABLE.search(path):
            message = "The path contains a line break or another character that a start file cannot contain."
            raise SdmxmigError(message, Place(ascii(path)), "Rename the folder.")
    name = NON_FOLDER_CHARACTERS.sub("-", PurePath(start.folder).name).strip("-_")[:LONGEST_NAME] or "workspaces"
    if system == WINDOWS:
        return f"sdmxmig-{name}.cmd", write_command_file(start).encode()
    if system == MACOS:
        return f"sdmxmig-{name}.command", f"#!/bin/sh\nexec {shlex.join(start.words)}\n".encode()
    return f"sdmxmig-{name}.desktop", write_desktop_entry(start).encode()


def write_desktop_entry(start: Start) -> str:
    """Write a desktop entry without a terminal, since the workbench is closed in the browser."""
    if "=" in start.python:
        message = "An entry of the desktop cannot name a program whose path has an equals sign."
        raise SdmxmigError(message, Place(start.python), "Install sdmxmig in a folder without it.")
    lines = {
        "Type": "Application",
        "Version": "1.5",
        "Name": quote_string(f"sdmxmig – {' '.join(start.title.split())}" if start.title else "sdmxmig"),
        "Comment": quote_string(start.folder),
        "TryExec": quote_string(start.python),
        "Exec": quote_string(" ".join(map(quote_argument, start.words))),
        "Icon": "x-office-spreadsheet",
        "Terminal": "false",
        "Categories": "Office;",
    }
    return "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def quote_argument(word: str) -> str:
    r"""Quote a word of ``Exec``: escape shell characters, and double percent signs.

    >>> print(quote_argument("50% of $x"))
    "50%% of \$x"
    """
    return '"' + SHELL_SIGNS.sub(r"\\\1", word).replace("%", "%%") + '"'


def quote_string(text: str) -> str:
    r"""Escape a value of a desktop entry by doubling backslashes.

    >>> print(quote_string("a\\b"))
    a\\b
    """
    return UNPRINTABLE.sub(" ", text).replace("\\", "\\\\")


def write_command_file(start: Start) -> str:
    words = " ".join(map(quote_windows_word, start.words))
    lines = ("@echo off", "setlocal DisableDelayedExpansion", "chcp 65001 >nul", words, "if errorlevel 1 pause")
    return "".join(f"{line}\r\n" for line in lines)


def quote_windows_word(word: str) -> str:
    r"""Quote a word of a command file: double percent signs and a final backslash.

    >>> print(quote_windows_word("D:\\"), quote_windows_word("100% sure & more"))
    "D:\\" "100%% sure & more"
    """
    if '"' in word:  # Windows has no such path
        raise SdmxmigError("The path has a quotation mark.", Place(word), "Rename the folder.")
    end = len(word) - len(word.rstrip("\\"))
    return '"' + word.replace("%", "%%") + "\\" * end + '"'


def write_start_file(folder: Path, name: str, content: bytes) -> Path:
    if not folder.is_dir():
        raise OutputError("There is no such folder.", Place(str(folder)), "Name another one, such as the desktop.")
    path = folder / name
    if path.exists() and (not path.is_file() or path.read_bytes() != content):
        raise OutputError("A file of this name already exists.", Place(str(path)), "Remove it first.")
    publish_file(path, content, "--shortcut FOLDER")
    path.chmod(FILE_MODE)
    return path
