"""Content that a version of SDMX-ML omits, reported as losses."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.formats.dataset_notes import notes_of, part_name, unplaced
from sdmxmig.sdmx.formats.dataset_reports import by_part, reports_lost, sets_lost
from sdmxmig.sdmx.formats.losses import action_lost
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.limits import DATA_SCOPE
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.notes import has_place, has_reports, takes_report, with_place
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_30, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.placement import place
from sdmxmig.sdmx.formats.shapes import dimension_at_observation
from sdmxmig.sdmx.model.data import Dataset


def losses_of(dataset: Dataset, layout: Layout, dialect: Dialect, *, generic: bool = False) -> Iterator[str]:
    name = f"{dialect.name}{' generic' * generic}"
    yield from action_lost(dialect.name, dataset, dict(dialect.actions).get(dataset.action, ""))
    if DATA_SCOPE in dataset.properties and (generic or not dialect.data_scope):
        yield f"{name} has no place for the dataScope of a dataset."
    structure = dataset.flow.structure
    dimension = dimension_at_observation(structure, layout.dimension_at_observation)
    placement = place(structure, dimension, has_atts=dialect.mixes_groups)
    placed = with_place(dataset, dialect)
    report_count, placed_count = (
        0 if candidate.reports is None else candidate.reports.height for candidate in (dataset, placed)
    )
    if not has_reports(dialect, generic=generic) or (report_count and not placed_count):
        yield from reports_lost(name, dataset)
    else:
        if placed_count < report_count:
            yield f"Data of {name} hold reference metadata as metadata sets: those that stand alone are left out."
        if dialect.id != SDMX_30.id:
            yield from sets_lost(name, dataset)
        unplaced_parts = [part for part in by_part(placed) if not takes_report(part, structure, placement, dialect)]
        if unplaced_parts:
            words = dict.fromkeys(part_name(part, structure) for part in unplaced_parts)
            yield f"{name} has no place for the reference metadata of {', '.join(words)}."
    if dataset.notes is not None:
        lost = unplaced(dataset, lambda part: has_place(part, structure, placement, dialect))
        if lost:
            yield f"{name} has no place for the annotations of {', '.join(lost)}."
    if dialect.has_final and any(note.value or note.urls for note in notes_of(dataset)):
        yield f"{name} has no place for values of annotations, and for their addresses by language."
