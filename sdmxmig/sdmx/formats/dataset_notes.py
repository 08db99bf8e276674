"""Annotations of parts of a dataset: series, observations, groups, key parts and values.

`Dataset.notes` is a frame with the dimensions of the key (null: any), the annotated component (null: all) and the
annotation as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats.structures.notes import simplify_value
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute

COMPONENT, NOTE = "#component", "#note"
"""The columns beside the dimensions; ids of components never contain ``#``."""

WORDS = ("groups", "parts of the key", "series", "observations", "values")

KeyPart = tuple[str, ...]
"""The dimensions of a note, in key order."""


def encode_note(note: Annotation) -> str:
    return msgspec.json.encode(simplify_value(note)).decode()


def decode_note(text: str) -> Annotation:
    return msgspec.json.decode(text, type=Annotation)


def build_notes_frame(
    key: Sequence[str], rows: Iterable[tuple[Mapping[str, str], str, Annotation]]
) -> pl.DataFrame | None:
    packed_rows = [
        (*(part_name.get(name) for name in key), component or None, encode_note(note))
        for part_name, component, note in rows
    ]
    schema = dict.fromkeys((*key, COMPONENT, NOTE), pl.String())
    return pl.DataFrame(packed_rows, schema=schema, orient="row") if packed_rows else None


def group_notes_by_part(dataset: Dataset) -> dict[KeyPart, pl.DataFrame]:
    """Group the notes of a dataset by their dimensions, in a column `NOTE`."""
    if dataset.notes is None:
        return {}
    notes = dataset.notes.filter(pl.col(COMPONENT).is_null())
    return group_by_key_part(notes, dataset.flow.structure.key, NOTE)


def group_by_key_part(frame: pl.DataFrame, key: KeyPart, column: str) -> dict[KeyPart, pl.DataFrame]:
    """Group the texts of a column by the dimensions of their key parts, one text per line."""
    has_value = frame.select(pl.col(key).is_not_null())
    frames = {}
    for row in has_value.unique(maintain_order=True).iter_rows():
        part = tuple(name for name, is_named in zip(key, row, strict=True) if is_named)
        part_rows = frame.filter(
            has_value.select(pl.all_horizontal(pl.col(n) == v for n, v in zip(key, row, strict=True)))[:, 0]
        )
        if part:
            frames[part] = part_rows.group_by(part, maintain_order=True).agg(pl.col(column).str.join("\n"))
    return frames


def list_notes(dataset: Dataset) -> list[Annotation]:
    texts = [] if dataset.notes is None else dataset.notes[NOTE].unique(maintain_order=True).to_list()
    return [*dataset.annotations, *map(decode_note, texts)]


def render_texts(texts: pl.Series, render: Callable[[list[str]], str]) -> pl.Series:
    rendered_texts = {text: render(text.split("\n")) for text in texts.drop_nulls().unique(maintain_order=True)}
    return texts.replace_strict(rendered_texts, default=None, return_dtype=pl.String)


def name_part(part: KeyPart, structure: DataStructure) -> str:
    if set(part) == set(structure.key):
        return "observations"
    if set(part) == set(structure.series_key):
        return "series"
    is_group = any(set(group.dimensions) == set(part) for group in structure.groups)
    return "groups" if is_group else "parts of the key"


def list_unplaced_notes(dataset: Dataset, has_place: Callable[[KeyPart], bool]) -> list[str]:
    if dataset.notes is None:
        return []
    structure = dataset.flow.structure
    unplaced_words = {name_part(part, structure) for part in group_notes_by_part(dataset) if not has_place(part)}
    if dataset.notes[COMPONENT].null_count() < dataset.notes.height:
        unplaced_words.add("values")
    return [word for word in WORDS if word in unplaced_words]


REPORT, SET = "#report", "#set"
"""The columns beside the dimensions; no component has an id with this sign."""

Attributes = tuple[ReportedAttribute, ...]


def build_reports_frame(
    keys: pl.DataFrame, reports: Sequence[Attributes | MetadataSet], key: tuple[str, ...]
) -> pl.DataFrame:
    absent = [pl.lit(None, pl.String).alias(name) for name in key if name not in keys.columns]
    texts = [msgspec.json.encode(simplify_value(list_attributes(report))).decode() for report in reports]
    sets = [
        encode_metadata_set(metadata_set) if isinstance(metadata_set, MetadataSet) else None for metadata_set in reports
    ]
    frame = pl.DataFrame({REPORT: texts, SET: sets}, schema={REPORT: pl.String, SET: pl.String})
    return frame.with_columns(*keys.get_columns(), *absent).select(*key, REPORT, SET)


def list_attributes(report: Attributes | MetadataSet) -> Attributes:
    if isinstance(report, MetadataSet):
        return tuple(attribute for entry in report.reports for attribute in entry.attributes)
    return report


def encode_metadata_set(metadata_set: MetadataSet) -> str:
    reports = tuple(Report(report.targets, ()) for report in metadata_set.reports)
    return msgspec.json.encode(simplify_value(replace(metadata_set, reports=reports))).decode()


def build_reports(
    key: tuple[str, ...], reports: Sequence[tuple[Mapping[str, str], Attributes | MetadataSet]]
) -> pl.DataFrame | None:
    if not reports:
        return None
    keys = pl.DataFrame(
        [[named.get(name) for name in key] for named, _ in reports], schema=dict.fromkeys(key, pl.String), orient="row"
    )
    return build_reports_frame(keys, [report for _, report in reports], key)


def build_report_lines(reports: pl.DataFrame) -> pl.Series:
    set_text = pl.col(SET).fill_null("null")
    line = pl.concat_str([pl.lit("["), set_text, pl.lit(","), pl.col(REPORT), pl.lit("]")])
    return reports.select(line.alias(REPORT))[REPORT]


def build_metadata_set(line: str) -> MetadataSet:
    described_set, attributes = msgspec.json.decode(line, type=tuple[MetadataSet | None, Attributes])
    metadata_set = described_set or MetadataSet(None, (Report((), ()),))
    return replace(
        metadata_set, reports=tuple(replace(report, attributes=attributes) for report in metadata_set.reports)
    )


def group_reports(dataset: Dataset) -> dict[KeyPart, pl.DataFrame]:
    if dataset.reports is None:
        return {}
    lines = dataset.reports.drop(SET).with_columns(build_report_lines(dataset.reports))
    return group_by_key_part(lines, dataset.flow.structure.key, REPORT)


def list_general_sets(dataset: Dataset) -> tuple[MetadataSet, ...]:
    if dataset.reports is None:
        return ()
    of_all = dataset.reports.filter(pl.all_horizontal(pl.col(dataset.flow.structure.key).is_null()))
    return tuple(map(build_metadata_set, build_report_lines(of_all)))


def list_lost_reports(name: str, dataset: Dataset) -> Iterator[str]:
    if dataset.reports is not None:
        yield f"Reference metadata are not written into data of {name}: send them as a message of their own."


def list_lost_sets(name: str, dataset: Dataset) -> Iterator[str]:
    if dataset.reports is not None and dataset.reports[SET].null_count() < dataset.reports.height:
        yield f"Data of {name} contain the attributes of metadata sets, but not their names, targets and annotations."
