"""Facts for the draft of a block: region, knowledge, reporter, decisions."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.questions import Decisions
from sdmxmig.conversion.suggestion.regions import Region


@dataclass(frozen=True, slots=True)
class Basis:
    """A region and what is known about it; `area` is empty if unknown."""

    region: Region
    known: FlowKnowledge
    _: KW_ONLY
    area: str
    decisions: Decisions

    @property
    def sheet(self) -> str:
        return self.region.name
