"""Engines for person records: polars, and DuckDB for data beyond memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, pip_install
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.days import EPOCH, number_dates
from sdmxmig.records.rows import Rows, wrap_frame

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POLARS, DUCKDB = "polars", "duckdb"
MISSING = f"Install the engine for large records: {pip_install('scale')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A running engine; `places` number its tables."""

    name: str
    session: Any = None
    places: Iterator[int] = field(default_factory=count, compare=False, repr=False)

    def for_part(self) -> Engine:
        return Engine(name=POLARS, session=Numbering()) if self.name == POLARS else self


class Numbering:
    """Numbers for persons in polars, equal in all tables; kept alive."""

    def __init__(self) -> None:
        self.type = pl.Categorical(pl.Categories.random())
        self.columns: list[pl.Series] = []


@contextmanager
def open_engine(name: str, folder: Path, *, memory: str = "4GB") -> Iterator[Engine]:
    """Open polars or DuckDB; `folder` takes data beyond `memory`."""
    if name == POLARS:
        yield Engine(name=POLARS, session=Numbering())
    else:
        with open_duckdb(folder, memory, MISSING) as session:
            yield Engine(name=DUCKDB, session=session)


@contextmanager
def open_duckdb(folder: Path, memory: str, missing: str) -> Iterator[DuckDBPyConnection]:
    """Open DuckDB in memory, with temporary files for data beyond it; `missing` is the hint if it is not installed."""
    try:
        import duckdb
    except ImportError:
        raise MissingLibrary("DuckDB is not installed.", hint=missing) from None
    try:
        session = duckdb.connect(config={"temp_directory": str(folder / "duckdb"), "memory_limit": memory})
    except duckdb.Error:
        raise SdmxmigError(f"“{memory}” is not an amount of memory.", hint="Write for example 4GB.") from None
    try:
        yield session
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


def scan_table(engine: Engine, path: Path) -> Rows:
    """Scan a table of records; dates become numbers of days."""
    if engine.name == DUCKDB:
        rows = cast("Rows", nw.from_native(engine.session.read_parquet(str(path))))
        return rows.with_columns(nw.selectors.by_dtype(nw.Date) - EPOCH)
    frame = number_dates(pl.read_parquet(path, hive_partitioning=False))
    numbering = engine.session
    numbering.columns.append(frame["person"].cast(numbering.type))
    return wrap_frame(frame.with_columns(numbering.columns[-1].to_physical().cast(pl.Int64)))


def materialise(engine: Engine, frame: Rows) -> Rows:
    """Compute a frame once, if several steps read it."""
    if engine.name == DUCKDB:
        relation, name = frame.to_native(), f"kept_{next(engine.places)}"
        relation.create(name)
        return cast("Rows", nw.from_native(engine.session.table(name)))
    return frame


def table_of(engine: Engine, frame: pl.DataFrame) -> Rows:
    if engine.name == DUCKDB:
        return cast("Rows", nw.from_native(engine.session.from_arrow(frame.to_arrow())))
    return wrap_frame(frame)


def collect(engine: Engine, frame: Rows) -> pl.DataFrame:
    if engine.name != POLARS:
        others: pl.DataFrame = frame.collect("polars").to_native()
        return others
    result: pl.DataFrame = frame.to_native()
    if "person" not in result.columns:
        return result
    return result.with_columns(pl.col("person").cast(pl.UInt32).cat.to(engine.session.type).cast(pl.String))
