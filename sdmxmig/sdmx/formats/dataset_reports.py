"""Reference metadata sent with data, for parts of the key.

`Dataset.reports` is a frame with the dimensions of the key (null: any), the attributes as JSON, and the properties of
their metadata set as JSON (null: none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats.dataset_notes import KeyPart, parts_of
from sdmxmig.sdmx.formats.structures.carried import plain
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute

REPORT, SET = "#report", "#set"
"""The columns beside the dimensions; no component has an id with this sign."""

Attributes = tuple[ReportedAttribute, ...]


def packed(attributes: Attributes) -> str:
    return msgspec.json.encode(plain(attributes)).decode()


def unpacked(text: str) -> Attributes:
    return msgspec.json.decode(text, type=Attributes)


def reports_frame(
    keys: pl.DataFrame, reports: Sequence[Attributes | MetadataSet], key: tuple[str, ...]
) -> pl.DataFrame:
    """Build the frame of reports; dimensions that `keys` lacks are null."""
    absent = [pl.lit(None, pl.String).alias(name) for name in key if name not in keys.columns]
    texts = [packed(attributes_of(report)) for report in reports]
    sets = [packed_set(metadata_set) if isinstance(metadata_set, MetadataSet) else None for metadata_set in reports]
    frame = pl.DataFrame({REPORT: texts, SET: sets}, schema={REPORT: pl.String, SET: pl.String})
    return frame.with_columns(*keys.get_columns(), *absent).select(*key, REPORT, SET)


def attributes_of(report: Attributes | MetadataSet) -> Attributes:
    if isinstance(report, MetadataSet):
        return tuple(attribute for entry in report.reports for attribute in entry.attributes)
    return report


def packed_set(metadata_set: MetadataSet) -> str:
    reports = tuple(Report(report.targets, ()) for report in metadata_set.reports)
    return msgspec.json.encode(plain(replace(metadata_set, reports=reports))).decode()


def reports_of(
    key: tuple[str, ...], reports: Sequence[tuple[Mapping[str, str], Attributes | MetadataSet]]
) -> pl.DataFrame | None:
    if not reports:
        return None
    keys = pl.DataFrame(
        [[named.get(name) for name in key] for named, _ in reports], schema=dict.fromkeys(key, pl.String), orient="row"
    )
    return reports_frame(keys, [report for _, report in reports], key)


def in_lines(reports: pl.DataFrame) -> pl.Series:
    set_text = pl.col(SET).fill_null("null")
    line = pl.concat_str([pl.lit("["), set_text, pl.lit(","), pl.col(REPORT), pl.lit("]")])
    return reports.select(line.alias(REPORT))[REPORT]


def as_metadata_set(line: str) -> MetadataSet:
    described_set, attributes = msgspec.json.decode(line, type=tuple[MetadataSet | None, Attributes])
    metadata_set = described_set or MetadataSet(None, (Report((), ()),))
    return replace(
        metadata_set, reports=tuple(replace(report, attributes=attributes) for report in metadata_set.reports)
    )


def by_part(dataset: Dataset) -> dict[KeyPart, pl.DataFrame]:
    if dataset.reports is None:
        return {}
    lines = dataset.reports.drop(SET).with_columns(in_lines(dataset.reports))
    return parts_of(lines, dataset.flow.structure.key, REPORT)


def about_all(dataset: Dataset) -> tuple[MetadataSet, ...]:
    if dataset.reports is None:
        return ()
    of_all = dataset.reports.filter(pl.all_horizontal(pl.col(dataset.flow.structure.key).is_null()))
    return tuple(map(as_metadata_set, in_lines(of_all)))


def reports_lost(name: str, dataset: Dataset) -> Iterator[str]:
    if dataset.reports is not None:
        yield f"Reference metadata are not written into data of {name}: send them as a message of their own."


def sets_lost(name: str, dataset: Dataset) -> Iterator[str]:
    if dataset.reports is not None and dataset.reports[SET].null_count() < dataset.reports.height:
        yield f"Data of {name} hold the attributes of metadata sets, but not their names, targets and annotations."
