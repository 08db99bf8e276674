"""What comes of a conversion: a dataset, what was found on the way, and what became of every figure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.conversion.coverage import Coverage
from sdmxmig.lazily import later
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Findings
from sdmxmig.summaries import Summary, summarised

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

SHOWN = 5
"""So many sheets show what became of their figures."""


@summarised
@dataclass(frozen=True, slots=True)
class Conversion:
    """The dataset that a mapping made of tables, what was found on the way, and how much of the sheets it read.

    `left` lists the figures of the mapped files that became no observation: ``file``, ``sheet``, ``row``, ``column``,
    ``fate`` (``skipped`` or ``unread``) and ``reason``.
    """

    dataset: Dataset
    findings: Findings
    _: KW_ONLY
    coverage: tuple[Coverage, ...]
    left: pl.DataFrame

    def summary(self) -> Summary:
        """The dataset, what was found, and what became of the figures of every sheet, as it shows itself."""
        dataset, findings = self.dataset.summary(), self.findings.summary()
        rows = [
            (one.file, one.sheet, one.used, sum(count for _, count in one.skipped), one.unread) for one in self.coverage
        ]
        return Summary(
            f"Conversion to {self.dataset.flow.id}",
            (*dataset.facts, ("findings", findings.title.removeprefix("Findings: "))),
            columns=("file", "sheet", "used", "skipped", "unread") if rows else (),
            rows=tuple(tuple(map(str, row)) for row in rows[:SHOWN]),
            more=f"… {len(rows) - SHOWN} more sheets" if len(rows) > SHOWN else "",
        )
