"""The mark of simulated records, carried by all derived data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.codes import TRUE
from sdmxmig.records.files import opened
from sdmxmig.sdmx.model.records import SIMULATED

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset

NOTICE = "Simulated records: the persons do not exist, and the figures say nothing about a country"
DETAIL = "SOURCE_DETAIL"


def is_simulated(path: Path) -> bool:
    scan = opened(path, [SIMULATED])
    return SIMULATED in scan.collect_schema() and says_so(scan.select(SIMULATED).collect())


def says_so(table: pl.DataFrame) -> bool:
    if SIMULATED not in table.columns:
        return False
    return bool(table[SIMULATED].cast(pl.String).str.strip_chars().str.to_lowercase().is_in(TRUE).any())


def tells_of_simulated(dataset: Dataset) -> bool:
    if NOTICE in dataset.attributes.get("COMMENT_DSET", ""):
        return True
    frames = [frame for frame in (dataset.observations, dataset.series) if DETAIL in frame.columns]
    begins = pl.col(DETAIL).cast(pl.String).str.starts_with(f"{SIMULATED} records: ")
    return any(frame.select(begins.any()).item() for frame in frames)


def any_simulated(paths: Iterable[Path]) -> bool:
    return any(is_simulated(path) for path in paths)


def marked(table: pl.DataFrame, *, simulated: bool) -> pl.DataFrame:
    return table.with_columns(pl.lit(value=True).alias(SIMULATED)) if simulated else table
