"""What a dataset says beside attributes in SDMX-ML, notes and reference metadata: elements at what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import polars as pl
from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats import noted, reported
from sdmxmig.formats.noted import Part, rendered
from sdmxmig.formats.sdmx_ml.data_writing.texts import NOTES, REPORTS
from sdmxmig.formats.sdmx_ml.dialects import SDMX_31, Dialect
from sdmxmig.formats.sdmx_ml.elements import add_annotations
from sdmxmig.formats.sdmx_ml.metadata_writing.attributes import add_attributes
from sdmxmig.formats.sdmx_ml.metadata_writing.writing import SetWriting
from sdmxmig.formats.sdmx_ml.placement import Placement
from sdmxmig.model.artefacts import Annotation, DataStructure, Text
from sdmxmig.model.data import Dataset
from sdmxmig.model.metadata import MetadataSet, ReportedAttribute

ALONE = "Send the reference metadata as a message of their own."


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


def metadata(attributes: Iterable[ReportedAttribute], dialect: Dialect) -> str:
    """The element with reference metadata inside data, which SDMX-ML has since 3.1.

    Raises `SdmxmigError` for structured text, which has to be sent in a message of its own.
    """
    space = dialect.namespace("metadata/generic")
    holder = etree.Element("Metadata", nsmap={"md": space, "com": dialect.common})
    given = tuple(attributes)
    if any(one.structured for one in with_those_below(given)):
        raise SdmxmigError("Structured text is not written into data.", hint=ALONE)
    add_attributes(SetWriting(dialect, MetadataSet(None, ())), holder, given)
    declared = f' xmlns:com="{dialect.common}"'  # as it is on the root of the message
    return etree.tostring(holder, encoding="unicode").replace(declared, "", 1)


def with_those_below(attributes: Iterable[ReportedAttribute]) -> list[ReportedAttribute]:
    """Reported attributes with all those below them."""
    return [one for given in attributes for one in (given, *with_those_below(given.attributes))]


def has_reports(dialect: Dialect, *, generic: bool) -> bool:
    """Whether reference metadata may stand inside data."""
    return dialect.id == SDMX_31.id and not generic


def takes_report(part: Part, structure: DataStructure, placement: Placement, _: Dialect) -> bool:
    """Whether there is an element for the reference metadata on a part of the key: group, series or observation."""
    named = set(part)
    elements = [set(structure.key), *(set(group.dimensions) for group in structure.groups)]
    if not placement.is_flat:
        elements.append(set(placement.series_key))
    return named in elements


@dataclass(frozen=True, slots=True)
class Beside:
    """One kind of what is said beside attributes.

    `parts` gives it by part of the key, in the column `said`; as elements it stands in the column `written`.
    """

    what: str
    said: str
    written: str
    parts: Callable[[Dataset], dict[Part, pl.DataFrame]]
    element: Callable[[list[str], Dialect], str]
    has_place: Callable[[Part, DataStructure, Placement, Dialect], bool]


NOTED = Beside(
    "a note",
    noted.NOTE,
    NOTES,
    noted.by_part,
    lambda lines, dialect: element(map(noted.unpacked, lines), dialect),
    has_place,
)
REPORTED = Beside(
    "a report",
    reported.REPORT,
    REPORTS,
    reported.by_part,
    lambda lines, dialect: metadata((one for line in lines for one in reported.unpacked(line)), dialect),
    takes_report,
)


class Waiting:
    """What is said beside the attributes of a dataset and waits for what it is about, by the dimensions it names."""

    def __init__(self, kind: Beside, placement: Placement, dialect: Dialect) -> None:
        self.kind = kind
        self.placement = placement
        self.dialect = dialect
        self.parts: dict[Part, pl.DataFrame] = {}

    def add(self, block: Dataset) -> None:
        """Take what a block says, but for what has no place."""
        for part, said in self.kind.parts(block).items():
            if self.kind.has_place(part, block.flow.structure, self.placement, self.dialect):
                known = [self.parts[part]] if part in self.parts else []
                both = pl.concat([*known, said]).group_by(part, maintain_order=True)
                self.parts[part] = both.agg(pl.col(self.kind.said).str.join("\n"))

    def onto(self, frame: pl.DataFrame, part: Part) -> pl.DataFrame:
        """A table with what is said of its rows beside them, if anything is: that waits no longer."""
        waiting = self.parts.get(part)
        if waiting is None or frame.is_empty():
            return frame
        found = frame.join(waiting, on=list(part), how="left", nulls_equal=True, maintain_order="left")
        if found[self.kind.said].null_count() == found.height:
            return frame
        rest = waiting.join(frame, on=list(part), how="anti", nulls_equal=True, maintain_order="left")
        if rest.is_empty():
            del self.parts[part]
        else:
            self.parts[part] = rest
        return self._written(found)

    def rest(self, part: Part) -> pl.DataFrame:
        """What is said of a part of the key and still waits; it is taken away."""
        return self._written(self.parts.pop(part))

    def _written(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts = rendered(frame[self.kind.said], lambda lines: self.kind.element(lines, self.dialect))
        return frame.drop(self.kind.said).with_columns(texts.alias(self.kind.written))

    def refuse_rest(self, flow_id: str) -> None:
        """Raise `SdmxmigError` if something is said of an observation that was not written."""
        for part, waiting in self.parts.items():
            named = ".".join(waiting.select(part).row(0))
            raise SdmxmigError(f"There is {self.kind.what} on {named} of {flow_id}, but no such observation.")
