"""Speed, latency and memory of the SDMX REST service for a million observations.

``python -m benchmarks.pull_speed --size 1000000`` makes a release of this size, serves it in its own process, and
requests all of it in each format, then with 50 clients at once. First byte is from request to first byte of the body;
memory is the peak of the serving process above its start.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn

from benchmarks import speed_table
from benchmarks.data_speed import machine
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull.holdings import Holdings, Release, Shelf
from sdmxmig.transmission.pull.storage import store
from sdmxmig.web.sdmx.application import Access, Desk, application
from sdmxmig.web.server import build_config, listen

BLOCK = 100_000
CLIENTS = 50
FORMATS = (
    "application/vnd.sdmx.data+csv;version=2.0.0",
    "application/vnd.sdmx.data+xml;version=3.0.0",
    "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    "application/vnd.sdmx.genericdata+xml;version=2.1",
    "application/vnd.sdmx.data+json;version=2.0.0",
)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
OF_CITIZENS = "A.R000.STOCK.*.*.C"
"""A key that lacks the number of a citizenship: of each there are some observations."""
DATA = f"/sdmx/v2/data/dataflow/{speed_table.AGENCY}"


def blocks(size: int) -> Iterator[Dataset]:
    whole = speed_table.as_dataset(speed_table.plain_table(size))
    for start in range(0, size, BLOCK):
        rows = whole.observations.slice(start, BLOCK)
        yield replace(
            whole, observations=rows, series=whole.series if not start else whole.series.clear(), continues=start > 0
        )


def holdings_of(size: int, folder: Path) -> Holdings:
    """A release of so many observations."""
    data = store(blocks(size), folder, "data", with_confidential=True)
    assert data is not None  # noqa: S101 - there are observations
    shelf = Shelf({artefact.ref: artefact for artefact in speed_table.artefacts()})
    releases = {data.flow.dataflow.ref: (Release(id="R", prepared=MOMENT, data=data),)}
    return Holdings(shelf=shelf, releases=releases, sender=Party("XX"), edition="1", changed=MOMENT)


def serve(size: int, pipe: Connection) -> None:
    """Serve so many observations; the port goes into the pipe."""

    def opened(folder: Path) -> Holdings:
        return holdings_of(size, folder)

    desk = Desk(opened, lambda: "", now=lambda: MOMENT)
    desk.current()
    with listen(0) as listening, desk.folder:
        pipe.send(listening.getsockname()[1])
        uvicorn.Server(build_config(application(desk, Access(), print))).run(sockets=[listening])


def peak(process: int, *, reset: bool = False) -> float:
    """The most memory that a process has had since it was reset, in MB."""
    if reset:
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def asked(address: str, accept: str) -> tuple[float, float, int]:
    """The seconds to the first byte of an answer, to its last one, and its size."""
    request = urllib.request.Request(address, headers={"accept": accept})  # noqa: S310 - our own service
    start, size, first = time.perf_counter(), 0, 0.0
    with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
        while chunk := answer.read(1 << 16):
            first = first or time.perf_counter() - start
            size += len(chunk)
    return first, time.perf_counter() - start, size


def in_parallel(address: str) -> tuple[float, int]:
    """Measure 50 parallel clients, each requesting one citizenship; returns seconds and failures."""
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            if not asked(f"{address}/~/{OF_CITIZENS}{number:03}", FORMATS[number % len(FORMATS)])[2]:
                raise ValueError(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start, len(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    size = parser.parse_args().size
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(size, there), daemon=True)
    process.start()
    address = f"http://127.0.0.1:{here.recv()}{DATA}/{speed_table.flow().id}"
    rows = []
    for accept in FORMATS:
        asked(f"{address}/~/{OF_CITIZENS}001", accept)  # what a format needs is read now
        before = peak(process.pid or os.getpid(), reset=True)
        first, seconds, count = asked(address, accept)
        grown = peak(process.pid or os.getpid()) - before
        megabytes = count / 1e6
        rows.append(
            (accept, f"{megabytes:.0f}", f"{seconds:.2f}", f"{megabytes / seconds:.0f}", f"{first:.3f}", f"{grown:.0f}")
        )
    seconds, failed = in_parallel(address)
    process.kill()
    head = ("format", "MB", "seconds", "MB/s", "first byte (s)", "memory (+MB)")
    lines = [" | ".join(row) for row in (head, ("---",) * len(head), *rows)]
    text = [f"{size:,} observations over HTTP. {machine()}", "", *(f"| {line} |" for line in lines), ""]
    text.append(f"{CLIENTS} clients at once, a citizenship each: {seconds:.1f} s, {failed} failed.")
    print("\n".join(text))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
