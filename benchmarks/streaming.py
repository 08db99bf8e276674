"""How much memory a message takes on its way through ``sdmxmig transform``, and how long it takes.

``python -m benchmarks.streaming --sizes 1000000 10000000`` makes messages of so many observations in a temporary
folder, transforms each in a process of its own, and prints a table. Peak memory is that above the start of the
transformation, after a small message has gone the same way; it must not grow with the message.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import KW_ONLY, dataclass, replace
from io import StringIO
from pathlib import Path

import polars as pl

from benchmarks import speed_table
from benchmarks.data_speed import machine, memory
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, DEFAULT_LAYOUT, FORMATS, Layout, structure_bytes
from sdmxmig.sdmx.model.data import Dataset

BLOCK = 200_000
WARM = 1_000
LIMIT = 500
FLAT = ("--dimension-at-observation", ALL_DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Case:
    """One way of a message: the files from which and to which it goes, the format to write, and its options."""

    source: str
    target: str
    _: KW_ONLY
    out: str
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it stands in the table."""
        return f"{self.source} to {self.out}"


CASES = (
    Case("flat.xml", "sdmx-csv-2.0", out="out.csv"),
    Case("data.csv", "sdmx-ml-3.0", out="series.xml"),
    Case("data.csv", "sdmx-ml-3.0", out="flat.out.xml", options=FLAT),
    Case("flat.xml", "sdmx-json-2.0", out="out.json"),
    Case("flat.xml", "sdmx-json-2.0", out="flat.json", options=FLAT),
    Case("flat.xml", "sdmx-ml-2.1-generic", out="generic.xml"),
    Case("data.json", "sdmx-csv-2.0", out="out.csv"),
    Case("flat.xml.gz", "sdmx-csv-2.0", out="out.csv.gz"),
    Case("data.csv", "sdmx-ml-3.0", out="out.xml.zip"),
)
SOURCES: dict[str, tuple[str, Layout]] = {
    "flat.xml": ("sdmx-ml-3.0", Layout(ALL_DIMENSIONS)),
    "data.csv": ("sdmx-csv-2.0", DEFAULT_LAYOUT),
    "data.json": ("sdmx-json-2.0", DEFAULT_LAYOUT),
}


def blocks(size: int) -> Iterator[Dataset]:
    """One dataset of so many observations; each block is of one area, so that no two keys are equal."""
    first = speed_table.as_dataset(speed_table.plain_table(min(size, BLOCK)))
    for start in range(0, size, BLOCK):
        area = speed_table.CODES["REF_AREA"][start // BLOCK]
        rows = first.observations.head(size - start).with_columns(REF_AREA=pl.lit(area))
        yield replace(first, observations=rows, continues=start > 0)


def prepare(folder: Path, size: int, wanted: set[str]) -> None:
    """Make the messages of a size that cases start from."""
    folder.mkdir(parents=True)
    (folder / "structures.xml").write_bytes(
        structure_bytes(FORMATS["sdmx-ml-3.0"], speed_table.artefacts(), speed_table.HEADER)
    )
    for name, (format_id, layout) in SOURCES.items():
        write = FORMATS[format_id].write_data
        if write is None or not {name, f"{name}.gz"} & wanted:
            continue
        with (folder / name).open("w+b") as file:
            write(blocks(size), speed_table.HEADER, file, layout)
        if f"{name}.gz" in wanted:
            with (folder / name).open("rb") as file, gzip.open(folder / f"{name}.gz", "wb", 1) as packed:
                shutil.copyfileobj(file, packed, 1 << 20)


def run(case: Case, folder: Path) -> int:
    """Transform one message by the command line; gives the bytes that came out."""
    from sdmxmig.cli import run as sdmxmig  # noqa: PLC0415 - its time is that of the case

    out, structures = folder / case.out, folder / "structures.xml"
    arguments = ["transform", str(folder / case.source), "--to", case.target, "-o", str(out), *case.options]
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        code = sdmxmig([*arguments, "--structure", str(structures)])
    if code:
        raise SystemExit(said.getvalue())
    size = out.stat().st_size
    out.unlink()
    return size


def measure(case: Case, folder: Path) -> None:
    """Run a case in this process, warmed by a small message, and tell seconds, MiB and bytes."""
    run(case, folder / "warm")
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    start = time.perf_counter()
    size = run(case, folder)
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, (memory("VmHWM") - before) / 1024, size]))  # noqa: T201


def report(size: int, cases: list[Case], folder: Path) -> list[str]:
    """The rows of the table for one size."""
    prepare(folder, size, {case.source for case in cases})
    prepare(folder / "warm", WARM, {case.source for case in cases})
    rows = []
    for case in cases:
        command = [sys.executable, "-m", "benchmarks.streaming", "--case", case.name, "--folder", str(folder)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        title = f"| {size:,} | {case.name} ({case.target}) "
        if answer.returncode:
            rows.append(f"{title}| – | {answer.stderr.strip().splitlines()[-1][:120]} | | |")
            continue
        seconds, peak, written = json.loads(answer.stdout.splitlines()[-1])
        read = (folder / case.source).stat().st_size
        verdict = "yes" if peak <= LIMIT else "**no**"
        rows.append(f"{title}| {seconds:.1f} | {read >> 20:,} | {written >> 20:,} | {peak:.0f} | {verdict} |")
        print(rows[-1], file=sys.stderr)  # noqa: T201
    shutil.rmtree(folder)
    return rows


def main() -> None:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--only", default="", help="cases with this text in their names")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where messages lie while it runs")
    arguments = parser.parse_args()
    if arguments.case:
        measure(next(case for case in CASES if case.name == arguments.case), arguments.folder)
        return
    cases = [case for case in CASES if arguments.only in case.name]
    head = f"observations | from, to | s | MiB in | MiB out | peak MiB above start | at most {LIMIT}"
    lines = ["# Messages that pass through", "", machine(), "", f"| {head} |", "|---|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory(dir=arguments.folder) as kept:
        for size in arguments.sizes:
            lines += report(size, cases, Path(kept) / str(size))
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
