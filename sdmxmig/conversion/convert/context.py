"""What every step of a conversion knows: the dataflow, where its mapping stands, and the findings so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.finding_collector import FindingCollector
from sdmxmig.sdmx.model.findings import Rule


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """The dataflow that tables are converted to, the place of the mapping, and the collector of what is found."""

    flow: Flow
    mapping_place: Place
    _: KW_ONLY
    collector: FindingCollector


def context_of(flow: Flow, mapping_place: Place, rules: Mapping[str, Rule]) -> ConversionContext:
    """The context of a conversion that reports by these rules."""
    return ConversionContext(flow, mapping_place, collector=FindingCollector(flow.id, rules))
