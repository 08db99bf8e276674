"""Simulating a country with known truth, and the sources that see some of it, into a folder."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.errors import OutputError, SdmxmigError
from sdmxmig.lazily import pl
from sdmxmig.places import Place
from sdmxmig.publishing.files import BESIDE, open_result, publish_file
from sdmxmig.publishing.refusing import a_file
from sdmxmig.simulation.files import HEAD, MARK, files_of, readme, write
from sdmxmig.simulation.truth import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

README = "README.md"
FEWEST, MOST = 100, 5_000_000
"""So many residents a simulated country has at least, and at most."""
EARLIEST, LATEST, LONGEST = 1990, 2050, 20
"""The years that can be simulated, and how many at most."""


@dataclass(frozen=True, slots=True)
class SimulateRequest:
    """What is to be simulated: about how many residents, by which seed, in which years; with faults or without."""

    persons: int
    seed: int
    _: KW_ONLY
    first_year: int
    last_year: int
    has_faults: bool = True


def simulate(
    request: SimulateRequest, folder: Path, on_file: Callable[[str, int], None] | None = None
) -> dict[str, int]:
    """Simulate a country into a folder: ``truth/``, ``sources/`` and a README; gives the rows of each file.

    `on_file` hears of each file that is written, with its rows. The same request gives the same bytes. Raises
    `SdmxmigError` for what cannot be simulated, or a folder that cannot be written.
    """
    check(request)
    check_place(folder)
    (folder / README).unlink(missing_ok=True)  # a folder without it is of a run that was broken off
    world = World(request.persons, request.seed, first_year=request.first_year, last_year=request.last_year)
    rows: dict[str, int] = {}
    for path, table in files_of(world, is_faulty=request.has_faults):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_table(table, path, target)
        rows[path] = table.height
        if on_file is not None:
            on_file(path, table.height)
    publish_file(folder / README, readme(world, rows, is_faulty=request.has_faults).encode())
    return rows


def write_table(table: pl.DataFrame, path: str, target: Path) -> None:
    """Write one file, whole or not at all; raises `OutputError` where there is no room for it."""
    try:
        with open_result(target, target.suffix) as file:
            write(table, path, file)
    except pl.exceptions.ComputeError:  # what the system says to a library of a library
        hint = "Check the space that is left, or choose another place with -o FOLDER."
        raise OutputError("Writing failed.", Place(str(target)), hint) from None


def check_place(folder: Path) -> None:
    """Refuse a folder with files that no simulation wrote: they would be replaced, or taken for simulated ones."""
    if folder.is_file():
        raise a_file(folder, "-o FOLDER")
    others = (path for path in folder.rglob("*") if path.is_file() and not is_simulated(path))
    if next(others, None):
        raise OutputError(
            "This folder holds files that sdmxmig simulate did not write.",
            Place(str(folder)),
            "Name another folder with -o.",
        )


def is_simulated(path: Path) -> bool:
    """Whether a simulation wrote a file: its name says so, or its head."""
    if path.name == README:
        return path.read_text(encoding="utf-8", errors="replace").startswith(HEAD)
    return path.name.startswith((f"{MARK}_", BESIDE))


def check(request: SimulateRequest) -> None:
    """Refuse what cannot be simulated."""
    if not FEWEST <= request.persons <= MOST:
        raise SdmxmigError(
            f"A country of {request.persons:,} persons cannot be simulated.",
            hint=f"Ask for {FEWEST:,} to {MOST:,} persons.",
        )
    if request.seed < 0:
        raise SdmxmigError("A seed is a whole number from 0 on.", hint="Choose any, and write it down.")
    first, last = request.first_year, request.last_year
    if not (EARLIEST <= first <= last <= LATEST and last - first < LONGEST):
        raise SdmxmigError(
            f"The years {first}-{last} cannot be simulated.",
            hint=f"Ask for at most {LONGEST} years from {EARLIEST} to {LATEST}, the first before the last: 2018-2022.",
        )
