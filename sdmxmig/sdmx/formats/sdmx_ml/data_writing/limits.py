"""Content that a version of SDMX-ML does not support, rejected before writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.formats.dataset_notes import notes_of, part_name, reports_by_part, reports_lost, sets_lost, unplaced
from sdmxmig.sdmx.formats.faults import carried
from sdmxmig.sdmx.formats.fitting import action_lost
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.notes import has_place, has_reports, takes_report, with_place
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_30, Dialect, place
from sdmxmig.sdmx.formats.sdmx_ml.elements import reference_attributes
from sdmxmig.sdmx.formats.sdmx_ml.markup import quoted
from sdmxmig.sdmx.formats.shapes import dimension_at_observation, several_columns
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

PROPERTIES = (
    "setID",
    "reportingBeginDate",
    "reportingEndDate",
    "validFromDate",
    "validToDate",
    "publicationYear",
    "publicationPeriod",
)
DATA_SCOPE = "dataScope"
PROVIDER = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")
LATER = "Write sdmx-ml-3.0 or later."


def refuse_what_is_lost(dataset: Dataset, frames: Iterable[pl.DataFrame], dialect: Dialect) -> None:
    """Reject several measures, multiple values and multilingual texts in versions without them.

    Raises `SdmxmigError` naming component and version.
    """
    if dialect.mixes_groups:
        return
    later = [measure.id for measure in dataset.flow.structure.measures[1:]]
    for frame in frames:
        for name in several_columns(frame):
            if frame[name].null_count() < frame.height:
                complaint = f"{name} of {dataset.flow.id} has several values or languages"
                raise SdmxmigError(f"{complaint}, which {dialect.name} cannot say.", hint=LATER)
        for name in later:
            if name in frame.columns and frame[name].null_count() < frame.height:
                complaint = f"{name} is a second measure of {dataset.flow.id}"
                raise SdmxmigError(f"{complaint}, and {dialect.name} has one only.", hint=LATER)


def action(dataset: Dataset, dialect: Dialect) -> str:
    words = dict(dialect.actions)
    if dataset.action not in words:
        hint = f"It is one of {', '.join(words)}."
        raise SdmxmigError(f"“{dataset.action}” is not an action of {dataset.flow.id}.", hint=hint)
    return words[dataset.action]


def properties(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the properties of a dataset as attributes, without ``dataScope``.

    Raises `SdmxmigError` for an unknown property.
    """
    for name in dataset.properties:
        if name not in (*PROPERTIES, *PROVIDER, DATA_SCOPE):
            raise SdmxmigError(f"SDMX-ML has no {name} of a dataset.", hint=did_you_mean(name, PROPERTIES))
    return [(name, dataset.properties[name]) for name in PROPERTIES if name in dataset.properties]


def provider(dataset: Dataset, dialect: Dialect, prefix: str) -> str:
    """Write the data provider element, or an empty text.

    Raises `SdmxmigError` if the agency of its scheme is missing, which a reference requires.
    """
    agency, scheme, provider_id = (dataset.properties.get(name, "") for name in PROVIDER)
    if not provider_id:
        return ""
    if not agency:
        raise SdmxmigError(
            f"The data provider {provider_id} of {dataset.flow.id} is of no agency.", hint=f"Give {PROVIDER[0]}."
        )
    ref = dialect.ref(Ref("DataProvider", agency, id=scheme or "DATA_PROVIDERS", version="1.0", item=provider_id))
    if dialect.by_urn:
        inside = quoted(carried(ref.urn, PROVIDER[2]))
    else:
        attributes = reference_attributes(ref).items()
        inside = (
            "<Ref" + "".join(f' {name}="{quoted(carried(value, name))}"' for name, value in attributes if value) + "/>"
        )
    return f"    <{prefix}DataProvider>{inside}</{prefix}DataProvider>\n"


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
            yield f"Data of {name} hold reference metadata as metadata sets: other metadata sets are left out."
        if dialect.id != SDMX_30.id:
            yield from sets_lost(name, dataset)
        unplaced_parts = [
            part for part in reports_by_part(placed) if not takes_report(part, structure, placement, dialect)
        ]
        if unplaced_parts:
            words = dict.fromkeys(part_name(part, structure) for part in unplaced_parts)
            yield f"{name} has no place for the reference metadata of {', '.join(words)}."
    if dataset.notes is not None:
        lost = unplaced(dataset, lambda part: has_place(part, structure, placement, dialect))
        if lost:
            yield f"{name} has no place for the annotations of {', '.join(lost)}."
    if dialect.has_final and any(note.value or note.urls for note in notes_of(dataset)):
        yield f"{name} has no place for values of annotations, and for their addresses by language."
