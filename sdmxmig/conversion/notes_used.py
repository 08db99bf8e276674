"""Notes on figures that are not there: a mapping that speaks of them is out of date, or says the wrong codes."""

from __future__ import annotations

from sdmxmig.conversion.context import ConversionContext
from sdmxmig.errors import DeclarationError
from sdmxmig.mapping.noted_figures import figures_meant
from sdmxmig.mapping.readings import Readings
from sdmxmig.model import data as model
from sdmxmig.model.data import Noted
from sdmxmig.places import Place


class NotesWaiting:
    """The notes of a mapping of which no figure has been read yet."""

    def __init__(self, mapping: model.Mapping) -> None:
        """Nothing has been read yet."""
        self.notes: dict[str, Noted] = {noted.key: noted for block in mapping.blocks for noted in block.notes}

    def add(self, readings: Readings) -> None:
        """Look which notes are about the figures of a block."""
        for noted in readings.layout.block.notes:
            meant = figures_meant(noted, readings.components, readings.fixed, readings.cells.height)
            if noted.key in self.notes and meant.any():
                del self.notes[noted.key]

    def check(self, context: ConversionContext) -> None:
        """Raise `DeclarationError` for a note that is about no figure of its tables."""
        for noted in self.notes.values():
            codes = " and ".join(f"{name} {code}" for name, code in noted.where)
            raise DeclarationError(
                f"A note is about figures with {codes}, and the table has none.",
                Place(context.mapping_place.file, key=f"{noted.key}.where"),
                "Correct its codes, or remove it.",
            )
