"""Demands on formats."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.transmission.demands import DEMANDS, Inspection, Miss


@DEMANDS.add("FORMAT")
def format_taken(inspection: Inspection) -> Iterable[Miss]:
    """Messages of the kind ``of`` (``data``, ``structures``, ``metadata``) use one of ``formats``."""
    parameters = inspection.parameters
    kind, formats = parameters.text("of"), parameters.strings("formats", None)
    parameters.close()
    for message in inspection.outgoing.of(kind):
        if message.format not in formats:
            yield Miss(message.name, f"it is in {message.format}")
