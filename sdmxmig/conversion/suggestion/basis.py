"""What the draft of a block rests on: the region of a sheet, what is known, who reports, and what a person decided."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.questions import Decisions
from sdmxmig.conversion.suggestion.regions import Region


@dataclass(frozen=True, slots=True)
class Basis:
    """The region of a sheet, with all that is known before it is read; `area` is empty if nobody said who reports."""

    region: Region
    known: FlowKnowledge
    _: KW_ONLY
    area: str
    decisions: Decisions

    @property
    def sheet(self) -> str:
        """The name of the region in questions and decisions."""
        return self.region.name
