"""Processes, carried as they were written."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.structure_reading.notes import heading
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.verbatim import as_text
from sdmxmig.model.structures import Process


def read_process(part: Part) -> Process:
    """A process: its heading is read, its steps stay as XML text."""
    content = as_text(part.element)
    head = heading(part, "Process")
    part.forget("ProcessStep")
    part.close()
    described = (head.description, head.annotations, head.details, head.place)
    return Process(head.ref, head.name, content, part.message.version, *described)
