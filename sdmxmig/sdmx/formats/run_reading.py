"""Two readers for each format: a fast one for regular runs of a message and a careful one for the rest.

A run holds whole series, observations or records. The fast reader returns None for a run that it cannot prove regular;
the careful reader locates faults. Both give the same result. The careful readers alone take three to nine times as long
(``python -m benchmarks.careful_readers``).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

Run_contra = TypeVar("Run_contra", contravariant=True)
Records_co = TypeVar("Records_co", covariant=True)
Run = TypeVar("Run")
Records = TypeVar("Records")


class RunReader(Protocol[Run_contra, Records_co]):
    """Reader of runs of a message."""

    def read(self, run: Run_contra, /) -> Records_co | None:
        """Read a run; None leaves it to the careful reader."""


class CarefulReader(RunReader[Run_contra, Records_co], Protocol[Run_contra, Records_co]):
    """Reader of any run of a message."""

    def read(self, run: Run_contra, /) -> Records_co:
        """Read a run; raises `InputError` with its place, or records the fault and leaves out the part."""


def read_run(fast: RunReader[Run, Records], careful: CarefulReader[Run, Records], run: Run) -> Records:
    records = fast.read(run)
    return careful.read(run) if records is None else records


@contextmanager
def no_collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
