"""SDMX data messages among the tables of a workspace: they need no mapping."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.messages import carry_over, detected_message
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import InputError

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.conversion.messages import CarriedMessage

REPORTING = "REF_AREA"


@dataclass(frozen=True, slots=True, eq=False)
class IncomingMessage:
    """A file with a data message, and its unpacked content."""

    path: Path
    name: str
    content: bytes

    def carried_over(self, catalogue: Catalogue) -> CarriedMessage:
        return carry_over(self.name, self.content, catalogue)


def message_in(path: Path) -> IncomingMessage | None:
    """Read the data message in a file, possibly packed; None for tables and others."""
    try:
        name, content = read_message(path)
    except InputError:
        return None
    return IncomingMessage(path, name, content) if detected_message(name, content) else None


def reporting_areas(message: CarriedMessage) -> list[str]:
    of_datasets = [dataset.observations for dataset in message.datasets if REPORTING in dataset.observations.columns]
    return sorted({area for frame in of_datasets for area in frame[REPORTING].drop_nulls().unique()})


def as_record(carried: CarriedMessage) -> dict[str, object]:
    return {
        "format": carried.format,
        "named": list(carried.named),
        "datasets": [
            {"dataflow": dataset.flow.id, "observations": dataset.observations.height} for dataset in carried.datasets
        ],
        "left_out": [finding.sentence() for finding in carried.findings.items],
    }
