"""The notes of a dataset in SDMX-ML: as elements, each at what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl
from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.noted import NOTE, Part, by_part, rendered
from sdmxmig.formats.sdmx_ml.data_writing.texts import NOTES
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import add_annotations
from sdmxmig.formats.sdmx_ml.placement import Placement
from sdmxmig.model.artefacts import Annotation, DataStructure, Text
from sdmxmig.model.data import Dataset


def element(notes: Iterable[Annotation], dialect: Dialect) -> str:
    """The element with notes; empty if there are none.

    Their values and addresses by language are left out in 2.1, which has no place for them and says so
    (`Format.says_otherwise`).
    """
    holder = etree.Element("holder", nsmap={"com": dialect.common})
    known = [replace(one, value="", urls=Text()) if dialect.has_final else one for one in notes]
    add_annotations(holder, dialect, known)
    if not len(holder):
        return ""
    declared = f' xmlns:com="{dialect.common}"'  # as it is on the root of the message
    return etree.tostring(holder[0], encoding="unicode").replace(declared, "", 1)


def has_place(part: Part, structure: DataStructure, placement: Placement, dialect: Dialect) -> bool:
    """Whether there is an element for the notes on a part of the key."""
    named = set(part)
    elements = [set(structure.key), *(set(group.dimensions) for group in structure.groups)]
    if not placement.is_flat:
        elements.append(set(placement.series_key))
    return dialect.mixes_groups or named in elements


class Waiting:
    """The notes of a dataset that wait for what they are about, block by block, by the dimensions that they name."""

    def __init__(self, placement: Placement, dialect: Dialect) -> None:
        self.placement = placement
        self.dialect = dialect
        self.parts: dict[Part, pl.DataFrame] = {}

    def add(self, block: Dataset) -> None:
        """Take the notes of a block, but for those that have no place."""
        for part, notes in by_part(block).items():
            if has_place(part, block.flow.structure, self.placement, self.dialect):
                known = [self.parts[part]] if part in self.parts else []
                both = pl.concat([*known, notes]).group_by(part, maintain_order=True)
                self.parts[part] = both.agg(pl.col(NOTE).str.join("\n"))

    def onto(self, frame: pl.DataFrame, part: Part) -> pl.DataFrame:
        """A table with the notes on its rows beside them, if there are any: they wait no longer."""
        waiting = self.parts.get(part)
        if waiting is None or frame.is_empty():
            return frame
        found = frame.join(waiting, on=list(part), how="left", nulls_equal=True, maintain_order="left")
        if found[NOTE].null_count() == found.height:
            return frame
        rest = waiting.join(frame, on=list(part), how="anti", nulls_equal=True, maintain_order="left")
        if rest.is_empty():
            del self.parts[part]
        else:
            self.parts[part] = rest
        return self._written(found)

    def rest(self, part: Part) -> pl.DataFrame:
        """The notes on a part of the key that still wait; they are taken away."""
        return self._written(self.parts.pop(part))

    def _written(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts = rendered(frame[NOTE], lambda found: element(found, self.dialect))
        return frame.drop(NOTE).with_columns(texts.alias(NOTES))

    def refuse_rest(self, flow_id: str) -> None:
        """Raise `SdmxmigError` if a note is about an observation that was not written."""
        for part, notes in self.parts.items():
            said = ".".join(notes.select(part).row(0))
            raise SdmxmigError(f"There is a note on {said} of {flow_id}, but no such observation.")
