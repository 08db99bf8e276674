"""How long a structure message with a very large codelist takes to write and to read, and how much memory.

``python -m benchmarks.large_codelist`` writes a list of 700,000 codes (two names, a parent and a description each) and
reads it back, each in a process of its own, and prints a Markdown table: seconds by the clock and of the processor, and
peak memory. The goal is 30 seconds and 3 GiB for reading.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data_speed import memory
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party

FORMS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
GOAL_SECONDS, GOAL_GIB = 30, 3
HEADER = Header("LARGE", "2026-01-01T00:00:00Z", sender=Party("SDMXMIG"))


def codes(number: int) -> ItemScheme:
    """A codelist of so many codes."""
    items = tuple(
        Item(
            f"C{index}",
            Text.of(en=f"Code number {index}", fr=f"Code numéro {index}"),
            description=Text.of(en=f"What the code {index} stands for"),
            parent=f"C{index // 10}" if index else "",
        )
        for index in range(number)
    )
    return ItemScheme(
        Ref("Codelist", "SDMXMIG", id="CL_LARGE", version="1.0.0"), Text.of(en="A large list"), items=items
    )


def measure(job: str, form: str, path: Path, number: int) -> None:
    """Write or read the list in this process, and tell both times, the peak in GiB and the size in MiB."""
    found = FORMATS[form]
    scheme = codes(number) if job == "write" else None
    content = path.read_bytes() if job == "read" else b""
    start, processor = time.perf_counter(), time.process_time()
    if scheme is not None and found.write_structures:
        content = found.write_structures([scheme], HEADER)
    elif found.read_structures:
        [back] = found.read_structures(path.name, content)
        if not isinstance(back, ItemScheme) or len(back) != number:
            raise SystemExit(f"{form} does not give the list back")
    seconds = (time.perf_counter() - start, time.process_time() - processor)
    if job == "write":
        path.write_bytes(content)
    print(json.dumps([*seconds, memory("VmHWM") / 2**20, len(content) / 2**20]))  # noqa: T201


def table(number: int, folder: Path) -> str:
    """The figures of all formats as a Markdown table."""
    lines = [
        f"A codelist of {number:,} codes; goal for reading: {GOAL_SECONDS} s, {GOAL_GIB} GiB.",
        "",
        "| format | MiB | write s | processor s | peak GiB | read s | processor s | peak GiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for form in FORMS:
        figures = {}
        for job in ("write", "read"):
            own = [
                sys.executable,
                "-m",
                "benchmarks.large_codelist",
                "--one",
                job,
                form,
                str(folder / form),
                str(number),
            ]
            done = subprocess.run(own, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
            figures[job] = json.loads(done.stdout)
        sizes = [figures["write"].pop(), figures["read"].pop()]
        times = (f"{one:.1f} | {busy:.1f} | {peak:.2f}" for one, busy, peak in figures.values())
        lines.append(f"| {form} | {sizes[0]:.0f} | {' | '.join(times)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, or measure one job of one format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=700_000)
    parser.add_argument("--one", nargs=4, metavar=("JOB", "FORMAT", "FILE", "CODES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        job, form, path, number = arguments.one
        measure(job, form, Path(path), int(number))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(table(arguments.codes, Path(folder)))  # noqa: T201


if __name__ == "__main__":
    main()
