"""How every format reads the data of a message: run by run, quickly where a run is proved regular, else with care.

A run is a part of a message that holds whole series, observations or records. Two readers of runs share one protocol
(`RunReader`). The fast one reads a run as columns at once, and leaves a run that it cannot prove regular to the other
one, without a word about it. The careful one reads every run, piece by piece, and says what is wrong and where. What
both can read they read alike.

=========  ========================  ================  ==================================
format     run                       fast              careful
=========  ========================  ================  ==================================
SDMX-ML    whole elements            `RegularLane`     `ParserReader`, by elements
SDMX-JSON  members of one object     `ColumnReader`    `MemberReader`, by members
SDMX-CSV   whole records             `TableReader`     `RecordReader`, by records
=========  ========================  ================  ==================================

Both stay because the careful ones alone take three to nine times as long (``python -m benchmarks.careful_readers``).
"""

from __future__ import annotations

from typing import Protocol, TypeVar

Run_contra = TypeVar("Run_contra", contravariant=True)
Records_co = TypeVar("Records_co", covariant=True)
Run = TypeVar("Run")
Records = TypeVar("Records")


class RunReader(Protocol[Run_contra, Records_co]):
    """Reads runs of a message."""

    def read(self, run: Run_contra, /) -> Records_co | None:
        """What a run holds; None if it is left to the careful reader."""


class CarefulReader(RunReader[Run_contra, Records_co], Protocol[Run_contra, Records_co]):
    """Reads every run of a message, whatever is in it."""

    def read(self, run: Run_contra, /) -> Records_co:
        """What a run holds; raises `InputError` with the place, or notes it and leaves out what cannot be read."""


def read_run(fast: RunReader[Run, Records], careful: CarefulReader[Run, Records], run: Run) -> Records:
    """What a run holds, read quickly if the fast reader can, else with care."""
    records = fast.read(run)
    return careful.read(run) if records is None else records
