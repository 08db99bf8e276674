"""Formats: a receiver takes messages of a kind in some formats only, or none of that kind at all."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.transmission.demands import DEMANDS, Inspection, Miss


@DEMANDS.add("FORMAT")
def format_taken(inspection: Inspection) -> Iterable[Miss]:
    """Messages of the kind ``of`` (``data``, ``structures``, ``metadata``) are in one of ``formats``."""
    parameters = inspection.parameters
    kind, formats = parameters.text("of"), parameters.strings("formats", None)
    parameters.close()
    for message in inspection.outgoing.of(kind):
        if message.format not in formats:
            yield Miss(message.name, f"it is in {message.format}")
