"""Standard output and error: in UTF-8, and let go of where nobody reads on."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def speak_utf_8() -> None:
    """Results in files and pipes are UTF-8 on every system; a terminal shows what it can and never fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def let_go_of(stream: TextIO) -> None:
    """Send what is still to be printed nowhere, so that the end of the program is silent."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
