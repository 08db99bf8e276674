"""Simulating a country with known truth, and the sources that see some of it, into a folder."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.errors import SdmxmigError
from sdmxmig.publishing.files import open_result, publish_file
from sdmxmig.simulation.files import files_of, readme, write
from sdmxmig.simulation.truth import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    world = World(request.persons, request.seed, first_year=request.first_year, last_year=request.last_year)
    rows: dict[str, int] = {}
    for path, table in files_of(world, is_faulty=request.has_faults):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_result(target, target.suffix) as file:
            write(table, path, file)
        rows[path] = table.height
        if on_file is not None:
            on_file(path, table.height)
    publish_file(folder / "README.md", readme(world, rows, is_faulty=request.has_faults).encode())
    return rows


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
