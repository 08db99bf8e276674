"""Speed, latency and memory of the SDMX REST service for a million observations.

``python -m benchmarks.pull_speed --size 1000000`` makes a release of this size, serves it in its own process, and
requests all of it in each format, then with 50 clients at once. First byte is from request to first byte of the body;
memory is the peak of the serving process above its start.

``--engines`` compares readers of the Parquet file: polars, as in the service, and DuckDB, for the same queries in
SDMX-CSV with the same writer, each in its own process and on one thread.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import polars as pl
import uvicorn

from benchmarks import speed_table
from benchmarks.data_speed import machine
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull import data as pulled
from sdmxmig.transmission.pull.addresses import address_of
from sdmxmig.transmission.pull.holdings import Holdings, Release, Shelf
from sdmxmig.transmission.pull.questions import DataQuestion
from sdmxmig.transmission.pull.selection import Selection
from sdmxmig.transmission.pull.service import Client, Service
from sdmxmig.transmission.pull.storage import PIECE, StoredData, store
from sdmxmig.web.sdmx.access import Access
from sdmxmig.web.sdmx.application import Desk, application
from sdmxmig.web.sdmx.server import configured
from sdmxmig.web.server import listen

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
        uvicorn.Server(configured(application(desk, Access(), print))).run(sockets=[listening])


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


QUESTIONS = {
    "all of it": "all",
    "one citizenship": "A.R000.STOCK...C001..",
    "every other one": f"A.R000.STOCK...{'+'.join(f'C{number:03}' for number in range(0, 200, 2))}..",
}
"""What both engines are asked for, by keys of API 1.x."""


@dataclass(slots=True)
class Sink:
    """Discards an answer, recording its size and start."""

    size: int = 0
    first: float = 0.0

    def write(self, content: bytes) -> int:
        self.first = self.first or time.perf_counter()
        self.size += len(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing."""


def by_duckdb(data: StoredData, question: DataQuestion, selection: Selection) -> Iterator[pl.DataFrame]:
    """The observations that are meant, piece by piece, as DuckDB reads them from the same file."""
    del selection
    names = ", ".join(f'"{name}"' for name in data.columns)
    conditions = []
    for key in question.keys:
        pairs = zip(data.flow.structure.series_key, key, strict=False)
        conditions += [(name, codes) for name, codes in pairs if codes]
    where = " AND ".join(f'"{name}" IN ({", ".join("?" for _ in codes)})' for name, codes in conditions) or "true"
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET enable_progress_bar = false")
        text = f"SELECT {names} FROM read_parquet(?) WHERE {where}"  # noqa: S608 - names of our own table
        values = [str(data.file), *(code for _, codes in conditions for code in codes)]
        query = connection.sql(text, params=values)
        for batch in query.to_arrow_reader(PIECE):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)  # noqa: S101 - of a batch
            yield frame


Measured = tuple[int, float, float, float]
"""The size of an answer, the processor seconds for it, the seconds to its first byte, the memory that it took."""


def read_by(engine: str, size: int, pipe: Connection) -> None:
    """Answer the queries with an engine; measurements go into the pipe."""
    if engine == "DuckDB":
        pulled.pieces = by_duckdb
    with tempfile.TemporaryDirectory() as folder:
        service = Service(holdings_of(size, Path(folder)), Path(folder))
        measured = [answered(service, key) for key in (QUESTIONS["one citizenship"], *QUESTIONS.values())]
    pipe.send(measured[1:])  # with the first one, what is needed was read


def answered(service: Service, key: str) -> Measured:
    client, own = Client(api=1, accept=FORMATS[0]), os.getpid()
    address = address_of(f"data/{speed_table.AGENCY},{speed_table.flow().id}/{key}", "")
    before, used, start, sink = peak(own, reset=True), time.process_time(), time.perf_counter(), Sink()
    service.answer(address, client).write(sink)  # type: ignore[arg-type]
    return sink.size, time.process_time() - used, sink.first - start, peak(own) - before


def compare(size: int, rounds: int) -> None:
    """Ask both engines in turn, each round in new processes, and print the medians."""
    context = multiprocessing.get_context("spawn")
    measured: dict[str, list[list[Measured]]] = {"polars": [], "DuckDB": []}
    for _ in range(rounds):
        for engine, results in measured.items():
            here, there = context.Pipe()
            process = context.Process(target=read_by, args=(engine, size, there))
            process.start()
            there.close()  # else nobody would notice that it has ended early
            results.append(here.recv())
            process.join()
    rows = []
    for number, what in enumerate(QUESTIONS):
        for engine, results in measured.items():
            columns = zip(*(result[number] for result in results), strict=True)
            count, seconds, first, grown = (sorted(column)[rounds // 2] for column in columns)
            row = (what, engine, f"{count / 1e6:.1f}", f"{seconds:.2f}", f"{count / 1e6 / seconds:.0f}")
            rows.append((*row, f"{first:.3f}", f"{grown:.0f}"))
    head = ("question", "engine", "MB", "processor seconds", "MB a second of it", "first byte (s)", "memory (+MB)")
    lines = [" | ".join(row) for row in (head, ("---",) * len(head), *rows)]
    text = [f"{size:,} observations in SDMX-CSV, medians of {rounds}. {machine()} DuckDB {duckdb.__version__}.", ""]
    print("\n".join([*text, *(f"| {line} |" for line in lines)]))  # noqa: T201 - the result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--engines", action="store_true", help="compare polars and DuckDB")
    parser.add_argument("--rounds", type=int, default=3, help="how often each engine is asked")
    options = parser.parse_args()
    size = options.size
    if options.engines:
        compare(size, options.rounds)
        return
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
