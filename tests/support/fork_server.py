"""Workbenches that are there at once: a process that has read all that ships becomes one of them, again and again.

Each line of its input has a folder, a file for what is printed, and a folder for what is remembered; it answers with
the number of the process that serves them. Polars is imported here and used in the workbenches only, since its threads
do not live through a fork.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import polars as pl  # noqa: F401

from sdmxmig import catalogue
from sdmxmig.conversion.tables import find_reader
from sdmxmig.web.server import Service, serve


def become(folder: str, printed: str, state: str) -> None:
    """Serve a workspace in this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.environ.update(XDG_STATE_HOME=state, TMPDIR=state)
    tempfile.tempdir = state
    serve(Path(folder), 0, lambda address: os.write(1, f"{address}\n".encode()), Service())


def main() -> None:
    """Make workbenches until the input ends."""
    ready = catalogue.load()
    find_reader("a.csv", b"Year,All\n2020,1\n")  # all readers are imported; nothing is read that would begin threads
    catalogue.load = lambda *_: ready  # type: ignore[assignment]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in iter(sys.stdin.readline, ""):
        process = os.fork()
        if not process:
            try:
                become(*line.rstrip("\n").split("\t"))
            finally:
                os._exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


main()
