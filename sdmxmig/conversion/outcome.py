"""What comes of a conversion: a dataset, what was found on the way, and what became of every figure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.conversion.coverage import Coverage
from sdmxmig.lazily import later
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Findings

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")


@dataclass(frozen=True, slots=True)
class Conversion:
    """The dataset that a mapping made of tables, what was found on the way, and how much of the sheets it read.

    `unused_cells` lists the figures of the mapped files that became no observation: ``file``, ``sheet``, ``row``,
    ``column``, ``fate`` (``skipped`` or ``unread``) and ``reason``.
    """

    dataset: Dataset
    findings: Findings
    _: KW_ONLY
    coverage: tuple[Coverage, ...]
    unused_cells: pl.DataFrame
