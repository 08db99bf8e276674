"""Engines: polars and DuckDB in process, Apache Spark outside."""

from __future__ import annotations

import logging
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, did_you_mean, pip_install
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.rows import Rows, wrap_frame

POLARS, DUCKDB, SPARK = "polars", "duckdb", "spark"
ENGINES = (POLARS, DUCKDB, SPARK)
MISSING = f"Install the engines for large records: {pip_install('scale')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A running engine; `places` number its tables."""

    name: str
    session: Any = None
    places: Iterator[int] = field(default_factory=count, compare=False, repr=False)

    @property
    def is_eager(self) -> bool:
        return self.name == POLARS

    def for_part(self) -> Engine:
        return Engine(name=POLARS, session=Numbering()) if self.is_eager else self


class Numbering:
    """Numbers for persons in polars, equal in all tables; kept alive."""

    def __init__(self) -> None:
        self.type = pl.Categorical(pl.Categories.random())
        self.columns: list[pl.Series] = []


@contextmanager
def open_engine(name: str, folder: Path, *, memory: str = "4GB", master: str = "local[2]") -> Iterator[Engine]:
    """Open an engine; `folder` takes data beyond `memory`.

    `master` is a Spark address or ``local[n]``. Raises `SdmxmigError` for unknown or missing engines.
    """
    if name == POLARS:
        yield Engine(name=POLARS, session=Numbering())
    elif name == DUCKDB:
        yield from duckdb_engine(folder, memory)
    elif name == SPARK:
        yield from spark_engine(folder, memory, master)
    else:
        raise SdmxmigError(f"“{name}” is not an engine.", hint=did_you_mean(name, ENGINES))


def duckdb_engine(folder: Path, memory: str) -> Iterator[Engine]:
    """Open DuckDB in memory, with temporary files for data beyond it."""
    try:
        import duckdb
    except ImportError:
        raise MissingLibrary("DuckDB is not installed.", hint=MISSING) from None
    try:
        session = duckdb.connect(config={"temp_directory": str(folder / "duckdb"), "memory_limit": memory})
    except duckdb.Error:
        raise SdmxmigError(f"“{memory}” is not an amount of memory.", hint="Write for example 4GB.") from None
    try:
        yield Engine(name=DUCKDB, session=session)
    except duckdb.OutOfMemoryException:
        raise SdmxmigError(
            f"{memory} of memory is not enough.", hint="Increase --memory, for example to 4GB."
        ) from None
    except duckdb.IOException:
        raise SdmxmigError(
            "DuckDB cannot write temporary files to the disk.", hint="Free disk space, or set TMPDIR to another folder."
        ) from None
    finally:
        session.close()


def spark_engine(folder: Path, memory: str, master: str) -> Iterator[Engine]:
    """Start Apache Spark in its own process, or connect to a cluster."""
    check_address(master)
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise MissingLibrary("Apache Spark is not installed.", hint=MISSING) from None
    settings = {
        "spark.driver.memory": memory.lower().removesuffix("b"),
        "spark.local.dir": str(folder / "spark"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "spark" / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",  # errors are raised; task logs may quote cells
    }
    builder = SparkSession.builder.master(master).appName("sdmxmig")
    for key, value in settings.items():
        builder = builder.config(key, value)
    hears = signal.getsignal(signal.SIGINT)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError:
        raise SdmxmigError("Apache Spark does not start.", hint="It needs Java 17 or later: java -version") from None
    if signal.getsignal(signal.SIGINT) is not hears:  # Spark takes over Ctrl-C
        signal.signal(signal.SIGINT, hears)
    silence = logging.NullHandler()  # py4j would print where it was interrupted
    logging.getLogger().addHandler(silence)
    try:
        if is_cluster(master):
            wait_for_workers(session, master)
        yield Engine(name=SPARK, session=session)
    except Py4JError as error:
        if has_stopped(session):
            raise build_unreachable_error(master) from error
        raise
    finally:
        session.stop()
        logging.getLogger().removeHandler(silence)


def scan_table(engine: Engine, path: Path) -> Rows:
    if engine.name == DUCKDB:
        return cast("Rows", nw.from_native(engine.session.read_parquet(str(path))))
    if engine.name == SPARK:
        return cast("Rows", nw.from_native(engine.session.read.parquet(str(path))))
    frame = pl.read_parquet(path, hive_partitioning=False)
    numbering = engine.session
    numbering.columns.append(frame["person"].cast(numbering.type))
    return wrap_frame(frame.with_columns(numbering.columns[-1].to_physical().cast(pl.Int64)))


def materialise(engine: Engine, frame: Rows) -> Rows:
    """Materialise a frame; Spark plans of rules that look back are otherwise too long."""
    if engine.name == DUCKDB:
        relation, name = frame.to_native(), f"kept_{next(engine.places)}"
        relation.create(name)
        return cast("Rows", nw.from_native(engine.session.table(name)))
    if engine.name == SPARK:
        return cast("Rows", nw.from_native(frame.to_native().localCheckpoint()))
    return frame


def table_of(engine: Engine, frame: pl.DataFrame) -> Rows:
    if engine.name == DUCKDB:
        return cast("Rows", nw.from_native(engine.session.from_arrow(frame.to_arrow())))
    if engine.name == SPARK:
        return cast("Rows", nw.from_native(engine.session.createDataFrame(frame.rows(), schema=frame.columns)))
    return wrap_frame(frame)


def collect(engine: Engine, frame: Rows) -> pl.DataFrame:
    if engine.name != POLARS:
        others: pl.DataFrame = frame.collect("polars").to_native()
        return others
    result: pl.DataFrame = frame.to_native()
    if "person" not in result.columns:
        return result
    return result.with_columns(pl.col("person").cast(pl.UInt32).cat.to(engine.session.type).cast(pl.String))


ADDRESS = re.compile(r"local(?:\[(?:[1-9]\d{0,2}|\*)\])?|spark://([^\s/:,]+):(\d{1,5})", re.ASCII)
CONNECTING = 10
"""Seconds to wait for a master."""
WORKER_SECONDS = 120
"""Seconds to wait for a worker."""


POLLED = 0.2


def check_address(master: str) -> None:
    """Check a master address; raises `SdmxmigError` if invalid or silent."""
    address = ADDRESS.fullmatch(master)
    if not address:
        raise SdmxmigError(f"“{master}” is not an address of Spark.", hint="Write local[2], or spark://127.0.0.1:7077.")
    if is_cluster(master):
        try:
            socket.create_connection((address[1], int(address[2])), CONNECTING).close()
        except (OSError, OverflowError):
            raise build_unreachable_error(master) from None


def is_cluster(master: str) -> bool:
    return master.startswith("spark:")


def wait_for_workers(session: Any, master: str) -> None:
    context, end = session.sparkContext._jsc.sc(), time.monotonic() + WORKER_SECONDS
    while not has_stopped(session) and context.getExecutorMemoryStatus().size() <= 1:
        if time.monotonic() > end:
            raise SdmxmigError(
                f"The Spark cluster at {master} has provided no worker for {WORKER_SECONDS} seconds.",
                hint="Start a worker with at least 1 GB and one free processor, or use local[2].",
            )
        time.sleep(POLLED)
    if has_stopped(session):
        raise build_unreachable_error(master)


def has_stopped(session: Any) -> bool:
    return session.sparkContext._jsc is None or bool(session.sparkContext._jsc.sc().isStopped())


def build_unreachable_error(master: str) -> SdmxmigError:
    return SdmxmigError(
        f"The Spark cluster at {master} does not answer.", hint="Use the address that its master shows, or local[2]."
    )
