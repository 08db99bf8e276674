"""Processes: carried through as they were written."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.formats.sdmx_ml.verbatim import as_element
from sdmxmig.model.structures import Process


def add_process(writing: Writing, holder: etree._Element, process: Process) -> None:
    """Add a process as it was read; SDMX 3.0 and 3.1 have the same ones, 2.1 others.

    Raises `SdmxmigError` for a process of a version that this one cannot take.
    """
    source = next((one for one in DIALECTS if one.id == f"sdmx-ml-{process.version}"), None)
    if source is None or source.has_final != writing.dialect.has_final:
        hint = "Processes are carried through as they were written; write that version."
        raise writing.refusal(f"the process of SDMX-ML {process.version}", hint)
    holder.append(as_element(process.content, source, writing.dialect, process.ref.short))
