"""The attributes of which a person may say what they are for all figures of a table, though nothing asks."""

from __future__ import annotations

from sdmxmig.conversion.suggestion.fixed import STATUS
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

LEVELS = ("dataset", "series", "observation")
"""The attributes that a block can give one value."""


def sayable_attributes(structure: DataStructure) -> tuple[Component, ...]:
    """The attributes that can have one value in a whole table.

    The status of figures is none of them: it is asked about, or said of the figures that have another than the rest.
    """
    return tuple(
        attribute
        for attribute in structure.attributes()
        if attribute.attachment in LEVELS and attribute.id != STATUS and not attribute.is_array
    )
