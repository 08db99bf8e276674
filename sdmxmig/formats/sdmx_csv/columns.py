"""The columns of SDMX-CSV 2.0."""

from __future__ import annotations

from sdmxmig.model.artefacts import DataStructure

STRUCTURE, STRUCTURE_ID, ACTION = "STRUCTURE", "STRUCTURE_ID", "ACTION"
LEADING = (STRUCTURE, STRUCTURE_ID, ACTION)
DERIVED = ("STRUCTURE_NAME", "SERIES_KEY", "OBS_KEY")
"""Columns that the standard allows and that only repeat what others say; they are not read."""

ACTIONS = ("I", "A", "M", "R", "D")
DEFAULT_ACTION = "I"
"""What a file without the column ACTION means in SDMX-CSV 2.0."""


def component_ids(structure: DataStructure) -> list[str]:
    """The columns of a structure: its key, measures, and attributes from the observation upwards."""
    levels = [structure.attributes(level) for level in ("observation", "series", "dataset")]
    own = [component.id for components in (structure.measures, *levels) for component in components]
    return [*structure.key, *own]
