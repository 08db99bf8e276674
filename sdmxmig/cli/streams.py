"""Standard streams in UTF-8, tolerating closed pipes."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def speak_utf_8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def let_go_of(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
