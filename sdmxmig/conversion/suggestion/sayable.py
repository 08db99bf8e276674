"""Attributes that users may set for all figures."""

from __future__ import annotations

from sdmxmig.conversion.suggestion.fixed import STATUS
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

LEVELS = ("dataset", "series", "observation")
"""The attributes that a block can give one value."""


def sayable_attributes(structure: DataStructure) -> tuple[Component, ...]:
    """List attributes with one value per table, except status."""
    return tuple(
        attribute
        for attribute in structure.attributes()
        if attribute.attachment in LEVELS and attribute.id != STATUS and not attribute.is_array
    )
