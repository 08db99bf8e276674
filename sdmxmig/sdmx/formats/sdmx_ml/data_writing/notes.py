"""Annotations and reference metadata in SDMX-ML data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, replace

import polars as pl
from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import dataset_notes
from sdmxmig.sdmx.formats.dataset_notes import KeyPart, rendered
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.texts import NOTES, REPORTS
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_30, SDMX_31, Dialect, Placement
from sdmxmig.sdmx.formats.sdmx_ml.elements import add_annotations
from sdmxmig.sdmx.formats.sdmx_ml.metadata_writing import add_attributes, add_set_of_version_3, writing_of
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet


def element(notes: Iterable[Annotation], dialect: Dialect) -> str:
    """Write annotations; values and localized addresses are omitted in 2.1 (see `Format.losses`)."""
    holder = etree.Element("holder", nsmap={"com": dialect.common})
    expressible = [
        replace(annotation, value="", urls=Text()) if dialect.has_final else annotation for annotation in notes
    ]
    add_annotations(holder, dialect, expressible)
    if not len(holder):
        return ""
    declared = f' xmlns:com="{dialect.common}"'  # as it is on the root of the message
    return etree.tostring(holder[0], encoding="unicode").replace(declared, "", 1)


def has_place(part: KeyPart, structure: DataStructure, placement: Placement, dialect: Dialect) -> bool:
    named = set(part)
    elements = [set(structure.key), *(set(group.dimensions) for group in structure.groups)]
    if not placement.is_flat:
        elements.append(set(placement.series_key))
    return dialect.mixes_groups or named in elements


def metadata(sets: Iterable[MetadataSet], dialect: Dialect) -> str:
    """Write reference metadata: one whole set in SDMX-ML 3.0, attributes with annotations in 3.1.

    Raises `SdmxmigError` for several sets in 3.0.
    """
    space, metadata_sets = dialect.namespace("metadata/generic"), list(sets)
    holder = etree.Element("Metadata", nsmap={"md": space, "com": dialect.common})
    if dialect.id == SDMX_30.id:
        if len(metadata_sets) > 1:
            names = " and ".join(metadata_set.ref.short for metadata_set in metadata_sets if metadata_set.ref)
            hint = "Write SDMX-ML 3.1, or send the sets as messages of their own."
            raise SdmxmigError(f"{names} are about the same data, where {dialect.name} has one set.", hint=hint)
        add_set_of_version_3(holder, dialect, metadata_sets[0])
        element = holder[0]
        element.tag = "Metadata"
        etree.cleanup_namespaces(element)
    else:
        element, writing = holder, writing_of(dialect, MetadataSet(None, ()))
        writing.notes(
            holder,
            dict.fromkeys(
                note for metadata_set in metadata_sets for note in metadata_set.annotations if not metadata_set.ref
            ),
        )
        add_attributes(
            writing,
            holder,
            [attribute for metadata_set in metadata_sets for attribute in dataset_notes.attributes_of(metadata_set)],
        )
    declared = f' xmlns:com="{dialect.common}"'  # as it is on the root of the message
    return etree.tostring(element, encoding="unicode").replace(declared, "", 1)


def has_reports(dialect: Dialect, *, generic: bool) -> bool:
    return dialect.mixes_groups and not generic


def with_place(dataset: Dataset, dialect: Dialect) -> Dataset:
    """Keep the reports that the version supports: in 3.0 whole metadata sets."""
    if dialect.id == SDMX_31.id or dataset.reports is None:
        return dataset
    lines = dataset_notes.in_lines(dataset.reports)
    named = [dataset_notes.as_metadata_set(line).ref is not None for line in lines]
    return replace(dataset, reports=dataset.reports.filter(pl.Series(named, dtype=pl.Boolean)))


def takes_report(part: KeyPart, structure: DataStructure, placement: Placement, _: Dialect) -> bool:
    named = set(part)
    elements = [set(structure.key), *(set(group.dimensions) for group in structure.groups)]
    if not placement.is_flat:
        elements.append(set(placement.series_key))
    return named in elements


@dataclass(frozen=True, slots=True)
class SideContent:
    """Annotations or reference metadata.

    `parts` holds them by key part in `column`; as elements they are in `element_column`.
    """

    title: str
    column: str
    _: KW_ONLY
    element_column: str
    parts: Callable[[Dataset], dict[KeyPart, pl.DataFrame]]
    element: Callable[[list[str], Dialect], str]
    has_place: Callable[[KeyPart, DataStructure, Placement, Dialect], bool]


NOTED = SideContent(
    "a note",
    dataset_notes.NOTE,
    element_column=NOTES,
    parts=dataset_notes.by_part,
    element=lambda lines, dialect: element(map(dataset_notes.unpacked_notes, lines), dialect),
    has_place=has_place,
)
REPORTED = SideContent(
    "a report",
    dataset_notes.REPORT,
    element_column=REPORTS,
    parts=dataset_notes.reports_by_part,
    element=lambda lines, dialect: metadata(map(dataset_notes.as_metadata_set, lines), dialect),
    has_place=takes_report,
)


class Waiting:
    """Content waiting for its subject, by the dimensions that it names."""

    def __init__(self, kind: SideContent, placement: Placement, dialect: Dialect) -> None:
        self.kind = kind
        self.placement = placement
        self.dialect = dialect
        self.parts: dict[KeyPart, pl.DataFrame] = {}

    def add(self, block: Dataset) -> None:
        for part, table in self.kind.parts(block).items():
            if self.kind.has_place(part, block.flow.structure, self.placement, self.dialect):
                earlier = [self.parts[part]] if part in self.parts else []
                grouped = pl.concat([*earlier, table]).group_by(part, maintain_order=True)
                self.parts[part] = grouped.agg(pl.col(self.kind.column).str.join("\n"))

    def onto(self, frame: pl.DataFrame, part: KeyPart) -> pl.DataFrame:
        """Add waiting content to the rows that it describes, and remove it."""
        waiting = self.parts.get(part)
        if waiting is None or frame.is_empty():
            return frame
        joined = frame.join(waiting, on=list(part), how="left", nulls_equal=True, maintain_order="left")
        if joined[self.kind.column].null_count() == joined.height:
            return frame
        unmatched = waiting.join(frame, on=list(part), how="anti", nulls_equal=True, maintain_order="left")
        if unmatched.is_empty():
            del self.parts[part]
        else:
            self.parts[part] = unmatched
        return self._as_elements(joined)

    def remaining(self, part: KeyPart) -> pl.DataFrame:
        return self._as_elements(self.parts.pop(part))

    def _as_elements(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts = rendered(frame[self.kind.column], lambda lines: self.kind.element(lines, self.dialect))
        return frame.drop(self.kind.column).with_columns(texts.alias(self.kind.element_column))

    def refuse_unplaced(self, flow_id: str) -> None:
        for part, waiting in self.parts.items():
            named = ".".join(waiting.select(part).row(0))
            raise SdmxmigError(f"There is {self.kind.title} on {named} of {flow_id}, but no such observation.")
