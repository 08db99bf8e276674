"""Progress messages, and bug reports without the office's data."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sdmxmig.primitives import __version__


class ProgressListener(Protocol):
    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Report the result of a stage; call `done` once its results are in place."""

    def say(self, text: str) -> None:
        """Report a message to the user, such as an omission."""


class SilentListener:
    def stage(self, what: str, result: str, *, done: bool = True) -> None:
        """Discard the stage."""

    def say(self, text: str) -> None:
        """Discard the message."""


SILENCE = SilentListener()


def save_bug_report(error: BaseException, arguments: Sequence[str]) -> Path:
    """Save a bug report with command and traceback, and return its file."""
    report = {
        "sdmxmig": __version__,
        "python": sys.version,
        "platform": platform.platform(),
        "arguments": list(arguments),
        "traceback": traceback.format_exception(error),
    }
    handle, name = tempfile.mkstemp(prefix="sdmxmig-bug-", suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=True, indent=2)
    return Path(name)
