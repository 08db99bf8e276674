"""Simulation of a country, written to a folder."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.publishing.files import build_output_error, compute_hash, explain_write_errors
from sdmxmig.io.publishing.folders import WORK_FOLDER, open_transaction
from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.simulation.files import HEADING, SIMULATION_MARK, build_files, write, write_readme
from sdmxmig.records.simulation.true_tables import World

README, OPTION = "README.md", "-o FOLDER"
MIN_RESIDENTS, MAX_RESIDENTS = 100, 5_000_000
"""Minimum and maximum number of residents in a simulated country."""
EARLIEST, LATEST, LONGEST = 1990, 2050, 20
"""The years that can be simulated, and how many at most."""


def simulate(
    world: World, folder: Path, on_file: Callable[[str, int], None] | None = None, *, has_faults: bool = True
) -> dict[str, int]:
    """Simulate a country into ``truth/`` and ``sources/`` (deterministic)."""
    check(world)
    if folder.is_file():
        raise build_output_error(folder, OPTION)
    place = folder.resolve()
    rows: dict[str, int] = {}
    with explain_write_errors(folder, OPTION), open_transaction(place, place / WORK_FOLDER) as (writing, _):
        earlier = list_earlier_files(folder)
        for path, table in build_files(world, is_faulty=has_faults):
            with writing.open_file(path, earlier.pop(path, "")) as file:
                write_table(table, path, file)
            rows[path] = table.height
            if on_file is not None:
                on_file(path, table.height)
        text = write_readme(world, rows, is_faulty=has_faults)
        writing.put_file(README, text.encode(), earlier.pop(README, ""))
        for path, sha256 in earlier.items():
            writing.remove(path, sha256)
        writing.commit()
    return rows


def write_table(table: pl.DataFrame, path: str, file: BinaryIO) -> None:
    try:
        write(table, path, file)
    except pl.exceptions.ComputeError:  # an error of the operating system, passed on by libraries
        raise OSError(errno.ENOSPC, "the disk may have no room left") from None


def list_earlier_files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file() and WORK_FOLDER not in path.relative_to(folder).parts]
    if not all(map(is_simulated, paths)):
        raise OutputError(
            "This folder contains files that sdmxmig simulate did not write.",
            Place(str(folder)),
            f"Name another folder with {OPTION}.",
        )
    return {path.relative_to(folder).as_posix(): compute_hash(path) for path in paths}


def is_simulated(path: Path) -> bool:
    if path.name == README:
        return path.read_text(encoding="utf-8", errors="replace").startswith(HEADING)
    return path.name.startswith(f"{SIMULATION_MARK}_")


def check(world: World) -> None:
    if not MIN_RESIDENTS <= world.persons <= MAX_RESIDENTS:
        raise SdmxmigError(
            f"A country of {world.persons:,} persons cannot be simulated.",
            hint=f"Ask for {MIN_RESIDENTS:,} to {MAX_RESIDENTS:,} persons.",
        )
    if world.seed < 0:
        raise SdmxmigError("A seed must be a whole number of 0 or more.", hint="Choose any, and write it down.")
    first, last = world.first_year, world.last_year
    if not (EARLIEST <= first <= last <= LATEST and last - first < LONGEST):
        raise SdmxmigError(
            f"The years {first}-{last} cannot be simulated.",
            hint=f"Ask for at most {LONGEST} years from {EARLIEST} to {LATEST}, the first before the last: 2018-2022.",
        )
