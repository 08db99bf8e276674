"""How long all that is declared takes to load, to write in every version, and to be judged by the official schemas.

``python -m benchmarks.all_structures`` prints a Markdown table: seconds by the clock and of the processor for each
step, and their sum. The goal is ten seconds for everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sdmxmig.catalogue import load, structures_of
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import fitting
from sdmxmig.sdmx.formats.sdmx_json import schemas
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.building import STRUCTURE_FORMATS

Made = TypeVar("Made")
GOAL_SECONDS = 10
HEADER = Header("ALL", "2026-01-01T00:00:00Z", sender=Party("SDMXMIG"))
STEPS: list[tuple[str, float, float]] = []


def timed(step: str, do: Callable[[], Made]) -> Made:
    """What a step gives; how long it took is noted."""
    start, processor = time.perf_counter(), time.process_time()
    made = do()
    STEPS.append((step, time.perf_counter() - start, time.process_time() - processor))
    return made


def problems(name: str, content: bytes) -> int:
    """How many problems the official schemas find in a message."""
    if FORMATS[name].suffix == ".xml":
        return len(xsd.problems(content))
    return len(schemas.problems(name, content, name.rpartition("-")[2], "structure"))


def main() -> None:
    """Do everything once and print how long each step took."""
    artefacts = structures_of(timed("load", load))
    found = 0
    for name in STRUCTURE_FORMATS:
        content = timed(f"write {name}", partial(fitting, FORMATS[name], artefacts, HEADER)).content
        found += timed(f"judge {name}", partial(problems, name, content))
    sums = [sum(step[column] for step in STEPS) for column in (1, 2)]
    lines = [f"# {len(artefacts)} artefacts in {len(STRUCTURE_FORMATS)} versions, {found} problems", ""]
    lines += ["| step | seconds | of the processor |", "|---|---|---|"]
    lines += [f"| {name} | {seconds:.2f} | {used:.2f} |" for name, seconds, used in STEPS]
    lines += [f"| all (goal {GOAL_SECONDS}) | {sums[0]:.2f} | {sums[1]:.2f} |"]
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
