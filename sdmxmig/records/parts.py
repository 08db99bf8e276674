"""Records in parts by person, for data beyond memory.

Rules judge persons separately and figures are sums, so parts give equal results.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.rows import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS = 300_000
"""So many rows are fastest: their columns stay in the caches of the processor."""
MOST = 512
"""So many files are written side by side."""


BYTES_OF_ROW = 4_000
"""More than a row takes with all that is reckoned from it."""
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def rows_within(memory: str) -> int:
    """How many rows a part may have so that it is reckoned within an amount of memory, such as ``4GB``.

    >>> rows_within("1MB"), rows_within("16 GB")
    (250, 300000)
    """
    amount = re.fullmatch(r"(\d{1,9}) ?([KMGT]?)i?B?", memory.strip(), re.ASCII | re.IGNORECASE)
    if not amount:
        raise SdmxmigError(f"“{memory}” is no amount of memory.", hint="Write for example 4GB.")
    size = int(amount[1]) * UNITS[amount[2].upper()]
    if size < BYTES_OF_ROW:
        raise SdmxmigError(f"Nothing is reckoned within {memory} of memory.", hint="Write for example 4GB.")
    return min(ROWS, size // BYTES_OF_ROW)


def parts_of(paths: Mapping[str, Path], folder: Path, *, memory: str) -> list[Mapping[str, Path]]:
    """Partition tables by person into the folder, keeping row numbers (`ROW`)."""
    largest = max(pl.scan_parquet(path).select(pl.len()).collect().item() for path in paths.values())
    count = min(MOST, -(-largest // rows_within(memory)))
    if count <= 1:
        return [paths]
    for name, path in paths.items():
        divide(path, folder / name, count)
    return [{name: folder / name / f"{PART}={number}" for name in paths} for number in range(count)]


def numbered(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows if ROW in rows.collect_schema() else rows.with_row_index(ROW, 1)


PART = "part"


def divide(path: Path, folder: Path, count: int) -> None:
    """Write a table in so many parts by its persons; those without rows are empty tables."""
    scan = numbered(pl.scan_parquet(path))
    part = (pl.col("person").hash() % count).cast(pl.Int64).alias(PART)
    scan.with_columns(part).sink_parquet(
        pl.PartitionBy(folder, key=PART, include_key=False), mkdir=True, statistics=False, compression="lz4"
    )
    for number in range(count):
        place = folder / f"{PART}={number}"
        if not place.exists():
            place.mkdir(parents=True)
            scan.head(0).sink_parquet(place / "none.parquet")
