"""Context of a conversion: dataflow, mapping and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Rule


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """The dataflow, the place of the mapping and the finding collector."""

    flow: Flow
    mapping_place: Place
    _: KW_ONLY
    collector: FindingCollector


def context_of(flow: Flow, mapping_place: Place, rules: Mapping[str, Rule]) -> ConversionContext:
    return ConversionContext(flow, mapping_place, collector=FindingCollector(flow.id, rules))
