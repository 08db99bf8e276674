"""Releases of artefacts and version steps."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.catalogue.folders import shipped
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.versions import ArtefactComparison, compare, read_step_rules


def compared(old: Sequence[Artefact], new: Sequence[Artefact]) -> list[ArtefactComparison]:
    table = shipped("structures") / "versions.toml"
    comparisons = compare(old, new, read_step_rules(table.name, table.read_bytes()))
    return [comparison for comparison in comparisons if comparison.changes or not comparison.old or not comparison.new]
