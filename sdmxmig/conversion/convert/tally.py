"""Counts of figures of a long table, by piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.convert.coverage import UNREAD_FATE, BlockUsage, Coverage, cover, unused_frame
from sdmxmig.conversion.convert.unconfirmed import unconfirmed
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.rule_ids import RuleId


class Tally:
    """Counts figures by piece and keeps the places of the first unread ones."""

    def __init__(self, mapping: model.Mapping) -> None:
        self.mapping = mapping
        self.used = self.unread = 0
        self.skipped: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.places: list[Place] = []
        self.unconfirmed: dict[str, list[Place]] = {}
        self.uncollected: list[pl.DataFrame] = []
        self.names = ("", "")

    def add(self, grid: Grid, block_usages: Sequence[BlockUsage]) -> None:
        """Count the figures of a piece."""
        self.names = (grid.table.file, grid.table.sheet)
        if block_usages:  # their marks are known below them too
            self.mapping = replace(self.mapping, blocks=tuple(block_usage.layout.block for block_usage in block_usages))
        coverages, unused = cover([grid], block_usages, self.mapping)
        for coverage in coverages:
            self.used += coverage.used
            self.unread += coverage.unread
            self.skipped.update(dict(coverage.skipped))
        self.uncollected.append(unused)
        for reason, places in unconfirmed(unused, grid, self.mapping.blocks):
            self.counts[reason] += len(places)
            self.unconfirmed.setdefault(reason, places)
        if not self.places:
            self.places = grid.table.places(unused.filter(pl.col("fate") == UNREAD_FATE))

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        skipped = tuple(sorted(self.skipped.items()))
        return (Coverage(*self.names, used=self.used, skipped=skipped, unread=self.unread),)

    def unused_cells(self) -> pl.DataFrame:
        unused, self.uncollected = pl.concat([unused_frame(None, []), *self.uncollected]), []
        return unused

    def check(self, context: ConversionContext) -> None:
        file, sheet = self.names
        context.collector.add(RuleId.UNREAD_FIGURES, self.places, sheet=sheet or file, count=str(self.unread))
        for reason, places in self.unconfirmed.items():
            context.collector.add(
                RuleId.LEFT_OUT_UNCONFIRMED, places, sheet=sheet or file, reason=reason, count=str(self.counts[reason])
            )
        if not (self.used or self.skipped):
            context.collector.add(
                RuleId.NO_OBSERVATION, [Place(file, sheet)], sheet=sheet or file, flow=context.flow.id
            )
