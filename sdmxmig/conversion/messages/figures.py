"""Figures of an agency's dataflow translated back by the structure maps that lead to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.messages.maps import with_codes, with_known_names
from sdmxmig.conversion.translation import ROW, Untranslated, flat, flow_at, translate
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats.inference import attributes_of
from sdmxmig.sdmx.frames import with_series_values
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.maps import StructureMap

TOTALS = ("_T", "_Z", "T", "TOTAL")
"""Codes that restrict no figure."""
UNKNOWN_CODE = "_U"
NOT_COUNTED = "No dataflow here has these figures."
NOT_IN_MESSAGE = "The message does not state it, and no value is certain."
NOT_IN_MAP = "It limits the figures, and no component here has this meaning."


def by_maps(
    dataset: Dataset, maps: Sequence[StructureMap], catalogue: Catalogue
) -> tuple[list[Dataset], list[Untranslated]]:
    """Translate the figures of a dataset, each by the map with its fixed values."""
    figures = flat(dataset)
    carried: list[Dataset] = []
    untranslated: list[Untranslated] = []
    remaining = figures.select(ROW)
    counted: dict[str, set[str]] = {}
    for dataflow_map in maps:
        named = with_codes(with_known_names(figures, dataflow_map), dataflow_map, catalogue)
        values = {fact.component: fact.values for fact in dataflow_map.fixed if not fact.on_source}
        values = {component: codes for component, codes in values.items() if component in named.columns}
        own = named
        for component, codes in values.items():
            counted.setdefault(component, set()).update(codes)
            own = own.filter(pl.col(component).is_in(list(codes)) | pl.col(component).is_null())
        if own.is_empty():
            continue
        remaining = remaining.join(own, on=ROW, how="anti")
        if refusals := list(unfit_components(own, dataset, dataflow_map, catalogue)):
            untranslated += refusals
            continue
        rows = replace(dataset, observations=own.drop(ROW), series=pl.DataFrame(), attributes={})
        translated, lost = translate(rows, dataflow_map, catalogue, back=True)
        carried += [with_unknown(translated)] if translated.observations.height else []
        untranslated += lost
    return carried, [*untranslated, *uncounted(figures.join(remaining, on=ROW, how="semi"), counted)]


def with_unknown(dataset: Dataset) -> Dataset:
    """Set unstated mandatory attributes to unknown."""
    flow, observations = dataset.flow, dataset.observations
    attributes = dict.fromkeys(may_be_unknown(flow, "dataset"), UNKNOWN_CODE) | {**dataset.attributes}
    series = with_series_values(dataset.series, dict.fromkeys(may_be_unknown(flow, "series"), UNKNOWN_CODE))
    of_figures = [name for name in may_be_unknown(flow, "observation") if name in observations.columns]
    filled = observations.with_columns(pl.col(name).fill_null(UNKNOWN_CODE) for name in of_figures)
    return replace(dataset, observations=filled, series=series, attributes=attributes, properties={}, action="R")


def may_be_unknown(flow: Flow, level: str) -> Iterator[str]:
    for component in flow.structure.attributes(level):
        codelist = flow.codelist(component)
        if component.mandatory and codelist is not None and UNKNOWN_CODE in codelist.ids:
            yield component.id


def uncounted(figures: pl.DataFrame, counted: Mapping[str, Collection[str]]) -> Iterator[Untranslated]:
    """Describe figures that no map covers, by the codes absent from all maps, else by all codes."""
    components = [component for component in counted if component in figures.columns]
    if figures.is_empty() or not components:
        return
    for *values, count in figures.group_by(components, maintain_order=True).len().iter_rows():
        pairs = [(component, value or "") for component, value in zip(components, values, strict=True)]
        foreign = [(component, value) for component, value in pairs if value not in counted[component]] or pairs
        names, codes = zip(*foreign, strict=True)
        yield Untranslated(names, codes, observations=count, reason=NOT_COUNTED)


def unfit_components(
    figures: pl.DataFrame, dataset: Dataset, dataflow_map: StructureMap, catalogue: Catalogue
) -> Iterator[Untranslated]:
    """Yield components that leave our key open, and unmapped ones that limit the figures."""
    ours = flow_at(dataflow_map.source, dataflow_map, catalogue).structure
    known = {fact.component for fact in dataflow_map.fixed if not fact.on_source}
    known |= {target for time in dataflow_map.times for target in time.targets}
    for link in dataflow_map.components:
        known |= {*link.targets}
        absent = [target for target in link.targets if target not in figures.columns]
        if absent and any(source in ours.key for source in link.sources):
            yield Untranslated(tuple(absent), (), observations=figures.height, reason=NOT_IN_MESSAGE)
    attributes = attributes_of(catalogue.flows.values())
    for component in dataset.flow.structure.key:
        if component in figures.columns and component not in known and component not in attributes:
            limits = figures[component].drop_nulls().unique(maintain_order=True)
            values = tuple(value for value in limits if value not in TOTALS)
            if values:
                yield Untranslated((component,), values, observations=figures.height, reason=NOT_IN_MAP)
