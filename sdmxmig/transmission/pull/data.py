"""Answers to data queries, in blocks, and to availability queries."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, Constraint, CubeRegion, Member, TimeRange
from sdmxmig.sdmx.model.structures import Selection as CodeSelection
from sdmxmig.transmission.pull.holdings import Holdings, Release
from sdmxmig.transmission.pull.queries import (
    AVAILABILITY_REFERENCES,
    KINDS_2,
    AvailabilityRequest,
    DataRequest,
    find_bounds,
    find_first_day,
    impossible,
    matches_provider,
    unknown,
    wrong,
)
from sdmxmig.transmission.pull.storage import ROWS_PER_PIECE, Selection, StoredData, build_row_selection, read_pieces
from sdmxmig.transmission.pull.structures import find_reachable, reduce_scheme

REFERENCE_WORDS = ("dsd", "msd", "dataset", "series", "obs", "all", "none")
VALID_FROM, VALID_TO = "validFromDate", "validToDate"
LEVEL_NAMES = {"dataset": "dataset", "observation": "obs"}
Changes = Callable[[str, Release, Release], StoredData]


@dataclass(frozen=True, slots=True)
class Part:
    data: StoredData
    refers_to: Ref | None
    action: str = "R"
    properties: tuple[tuple[str, str], ...] = ()


def find_requested_flows(holdings: Holdings, request: DataRequest) -> Mapping[Ref, Ref | None]:
    """Return the requested dataflows, each with the artefact that its data refer to if not the dataflow."""
    if request.providers:  # the provider decides; data have the name of the requested dataflow
        return {agreement.flow: agreement.flow for agreement in list_agreements_of_providers(holdings, request)}
    artefacts = holdings.collection.matching(request.wanted)
    if not artefacts:
        raise unknown("There is no such dataflow, structure or agreement here.", "Ask for structure/dataflow.")
    places = {kind: place for place, kind in enumerate(request.wanted.kinds)}
    flows: dict[Ref, Ref | None] = {}
    for artefact in sorted(artefacts, key=lambda each: (places.get(each.ref.kind, 0), each.ref)):
        for flow in find_flows_using(holdings, artefact.ref, request.as_of):
            flows.setdefault(flow, None if flow == artefact.ref else artefact.ref)
    return flows


def find_flows_using(holdings: Holdings, ref: Ref, as_of: datetime | None) -> list[Ref]:
    """Find the dataflows of an agreement or structure, or the dataflow itself."""
    if ref.kind == "Dataflow":
        return [ref]
    if ref.kind == "ProvisionAgreement":
        return [agreement.flow for agreement in holdings.agreements if agreement.ref == ref]
    flows = (earlier[-1].flow for name in holdings.releases if (earlier := holdings.at(name, as_of)))
    return [flow.dataflow.ref for flow in flows if flow.structure.ref == ref]


def list_agreements_of_providers(holdings: Holdings, request: DataRequest) -> list[Agreement]:
    flows = {artefact.ref for artefact in holdings.collection.matching(request.wanted)}
    fitting = [
        agreement
        for agreement in holdings.agreements
        if agreement.flow in flows
        and matches_provider(request.providers, agreement.provider.agency, agreement.provider.item)
    ]
    if not fitting:
        raise unknown("No such provider has an agreement on this dataflow.", "Ask for structure/provisionagreement.")
    return fitting


def read_parts(holdings: Holdings, request: DataRequest, changes: Changes) -> Iterator[Part]:
    for flow, named in find_requested_flows(holdings, request).items():
        releases = holdings.at(flow, request.as_of)
        if not releases:
            continue
        refers_to = named or releases[-1].data.refers_to
        if request.history:
            yield from read_history(releases, refers_to, changes)
        elif request.updated_after:
            earlier = [release for release in releases if release.prepared <= request.updated_after]
            if not earlier:
                yield build_whole_release(releases[-1], refers_to)
            elif earlier[-1] is not releases[-1]:
                yield from read_changes(earlier[-1], releases[-1], refers_to, changes)
        else:
            yield Part(releases[-1].data, refers_to)


def read_history(releases: Sequence[Release], refers_to: Ref | None, changes: Changes) -> Iterator[Part]:
    yield build_whole_release(releases[0], refers_to)
    for before, after in itertools.pairwise(releases):
        yield from read_changes(before, after, refers_to, changes)


def build_whole_release(release: Release, refers_to: Ref | None) -> Part:
    return Part(release.data, refers_to, properties=((VALID_FROM, format_moment(release.prepared)),))


def read_changes(before: Release, after: Release, refers_to: Ref | None, changes: Changes) -> Iterator[Part]:
    moment = format_moment(after.prepared)
    revised, gone = changes("revised", before, after), changes("gone", before, after)
    if revised.count:
        yield Part(revised, refers_to, properties=((VALID_FROM, moment),))
    if gone.count:
        yield Part(gone, refers_to, action="D", properties=((VALID_TO, moment),))


def format_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def choose_dimension(flows: Iterable[Flow], requested: str) -> str:
    names = set()
    for flow in flows:
        structure = flow.structure
        if requested not in ("", ALL_DIMENSIONS, *structure.key):
            hint = f"It has {', '.join(structure.key)}."
            raise wrong(f"{structure.ref.short} has no dimension {requested} to place at observations.", hint)
        names.add(requested or structure.time_id or ALL_DIMENSIONS)
    return names.pop() if len(names) == 1 else ALL_DIMENSIONS


def read_blocks(part: Part, request: DataRequest) -> Iterator[Dataset]:
    selection = build_row_selection(part.data, request)
    shape = choose_shape(part.data, request)
    frames = (
        read_series_keys(part.data, request, selection)
        if not shape.columns
        else read_pieces(part.data, request, selection)
    )
    is_first = True
    for rows in frames:
        if not rows.height:
            continue
        yield make_block(part, shape, selection, rows, is_first=is_first)
        is_first = False
    if is_first and not selection.is_partial and not part.data.count and part.data.series.height:
        yield make_block(part, shape, selection, pl.DataFrame(schema=dict(part.data.columns)), is_first=True)


def index_stored_values(part: Part, request: DataRequest) -> Mapping[str, Sequence[str]] | None:
    """Return stored values by component if a large answer contains all of them."""
    data, is_whole = part.data, not build_row_selection(part.data, request).is_partial
    asks_some = request.sort or request.first or request.last or request.offset or request.limit is not None
    at_time = request.at_observation in ("", data.flow.structure.time_id)
    shape = choose_shape(data, request)
    if not is_whole or asks_some or not at_time or data.count <= ROWS_PER_PIECE or not shape.columns:
        return None
    has_all = shape.attributes >= {component.id for component in data.flow.structure.attributes()}
    return data.listed if has_all else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The requested attributes and measures; without `columns`, there are no observations."""

    columns: tuple[str, ...]
    attributes: frozenset[str]
    with_reports: bool = False


def choose_shape(data: StoredData, request: DataRequest) -> Shape:
    structure = data.flow.structure
    measures = select_requested_components(structure, structure.measures, request.measures)
    attributes = select_requested_components(structure, structure.attributes(), request.attributes)
    values = [name for name in (*measures, *attributes) if name in data.columns]
    is_keys = [name for name in data.columns if name in structure.key]
    wants_observations = bool(measures) or any(name in data.columns for name in attributes)
    return Shape(
        columns=(*is_keys, *(name for name in data.columns if name in values)) if wants_observations else (),
        attributes=frozenset(attributes),
        with_reports=bool({"msd", "all"} & set(request.attributes)),
    )


def select_requested_components(
    structure: DataStructure, components: Sequence[Component], words: Sequence[str]
) -> list[str]:
    names = {component.id for component in structure.components}
    for word in words:
        if word not in REFERENCE_WORDS and word not in names:
            raise wrong(f"{structure.ref.short} has no component {word}.", f"Use one of: {', '.join(REFERENCE_WORDS)}.")
    if "none" in words:
        if len(words) > 1:
            raise impossible("“none” cannot be combined with other values.", "Name the values, or none.")
        return []
    if {"all", "dsd"} & set(words):
        return [component.id for component in components]
    return [
        component.id
        for component in components
        if component.id in words or LEVEL_NAMES.get(component.attachment, "series") in words
    ]


def read_series_keys(data: StoredData, request: DataRequest, selection: Selection) -> Iterator[pl.DataFrame]:
    key = list(data.flow.structure.series_key)
    if not key:
        return
    keys = selection.of(data.scan()).select(key).unique(maintain_order=True).collect()
    if not selection.is_partial and data.series.width:
        keys = pl.concat([keys, data.series.select(key)]).unique(maintain_order=True)
    if request.sort:
        keys = keys.sort(key)
    limit = request.limit if request.limit is not None else keys.height
    yield keys.slice(request.offset, limit)


def make_block(part: Part, shape: Shape, selection: Selection, rows: pl.DataFrame, *, is_first: bool) -> Dataset:
    data, structure = part.data, part.data.flow.structure
    key = list(structure.series_key)
    names = [name for name in data.series.columns if name in shape.attributes]
    of_rows = rows.select(key).unique(maintain_order=True) if key else pl.DataFrame()
    if names:
        series = of_rows.join(
            data.series.select(*key, *names), on=key, how="left", nulls_equal=True, maintain_order="left"
        )
    else:
        series = of_rows if not shape.columns else pl.DataFrame()
    observations = (
        rows.select(shape.columns) if shape.columns else pl.DataFrame(schema=dict.fromkeys(structure.key, pl.String))
    )
    return Dataset(
        data.flow,
        observations,
        series=series,
        attributes={name: value for name, value in data.attributes.items() if name in shape.attributes},
        origins=build_origins(),
        action=part.action,
        partial=dict(read_groups(data, shape, selection)) if is_first else {},
        properties=dict(part.properties),
        refers_to=part.refers_to,
        continues=not is_first,
        annotations=data.annotations if shape.attributes else (),
        reports=data.reports if shape.with_reports and is_first and not selection.is_partial else None,
    )


def read_groups(data: StoredData, shape: Shape, selection: Selection) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    for key, frame in data.partial.items():
        names = [name for name in frame.columns if name in shape.attributes]
        fitting = selection.around(frame).select(*key, *names) if names else frame.clear()
        if names and fitting.height:
            yield key, fitting


KINDS_BY_REFERENCE = {word: KINDS_2[word] for word in ("codelist", "valuelist", *AVAILABILITY_REFERENCES[3:])}


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableContent:
    part: Part
    values: dict[str, list[str]]
    series: int
    observations: int


def list_constraints(holdings: Holdings, request: AvailabilityRequest, changes: Changes) -> list[Artefact]:
    available_parts = [
        each
        for part in read_parts(holdings, request.data, changes)
        if (each := compute_availability(part, request)).observations
    ]
    constraints: list[Artefact] = [build_constraint(each) for each in available_parts]
    others: dict[Ref, Artefact] = {}
    for each in available_parts:
        for artefact in list_referenced(holdings, each, request):
            known = others.get(artefact.ref)
            others[artefact.ref] = merge_artefacts(known, artefact) if known else artefact
    return [*constraints, *others.values()]


def compute_availability(part: Part, request: AvailabilityRequest) -> AvailableContent:
    """Determine availability; mode ``available`` also lists alternatives."""
    data, structure = part.data, part.data.flow.structure
    components = list_requested_components(structure, request.components)
    rows = build_row_selection(data, request.data).of(data.scan())
    key = list(structure.series_key)
    counted = rows.select(key).collect()
    values = {}
    for component in components:
        wider = drop_component(request.data, structure, component.id) if request.mode == "available" else request.data
        chosen = rows if wider is request.data else build_row_selection(data, wider).of(data.scan())
        column = chosen.select(pl.col(component.id)).unique().collect().to_series()
        values[component.id] = sort_values(part, component, column.drop_nulls().to_list())
    series = counted.unique().height if key else min(1, counted.height)
    return AvailableContent(part=part, values=values, series=series, observations=counted.height)


def list_requested_components(structure: DataStructure, names: Sequence[str]) -> list[Component]:
    for name in names:
        if name not in structure.key:
            raise wrong(f"{structure.ref.short} has no dimension {name}.", f"It has {', '.join(structure.key)}.")
    return [component for component in structure.dimensions if not names or component.id in names]


def drop_component(request: DataRequest, structure: DataStructure, name: str) -> DataRequest:
    place = structure.series_key.index(name) if name in structure.series_key else -1
    keys = tuple(tuple(() if at == place else codes for at, codes in enumerate(key)) for key in request.keys)
    filters = tuple(each for each in request.filters if each.component != name)
    is_time = structure.time is not None and structure.time.id == name
    periods = ("", "") if is_time else request.periods
    return replace(request, keys=keys, filters=filters, periods=periods)


def sort_values(part: Part, component: Component, values: list[str]) -> list[str]:
    codelist = part.data.flow.codelist(component)
    rank = {code: place for place, code in enumerate(codelist.ids if codelist else ())}
    if component.role == "time":
        return sorted(values, key=lambda period: (find_first_day(period), period))
    return sorted(values, key=lambda value: (rank.get(value, len(rank)), value))


def build_constraint(there: AvailableContent) -> Constraint:
    flow = there.part.data.flow
    about = there.part.refers_to or flow.dataflow.ref
    selections = [build_selection(flow.structure[name], values) for name, values in there.values.items() if values]
    return Constraint(
        replace(about, kind="AvailabilityConstraint"),
        Text(),
        role="Actual",
        attached=(about,),
        regions=(CubeRegion(tuple(selections)),),
        counts=(("seriesCount", str(there.series)), ("obsCount", str(there.observations))),
    )


def build_selection(component: Component, values: Sequence[str]) -> CodeSelection:
    if component.role != "time":
        return CodeSelection(component.id, tuple(map(Member, values)))
    last = max(values, key=lambda value: (limits[1].toordinal() if (limits := find_bounds(value)) else 0, value))
    return CodeSelection(component.id, time_range=TimeRange(values[0], last))


def list_referenced(holdings: Holdings, there: AvailableContent, request: AvailabilityRequest) -> Iterator[Artefact]:
    """Yield referenced artefacts; item schemes contain only used items."""
    offered = {**KINDS_BY_REFERENCE, "all": sum(KINDS_BY_REFERENCE.values(), ())}
    kinds = {kind for word in request.references for kind in offered.get(word, ())}
    if not kinds:
        return
    collection, flow = holdings.collection, there.part.data.flow
    about = there.part.refers_to or flow.dataflow.ref
    refs = find_reachable({about, flow.dataflow.ref} & collection.artefacts.keys(), collection.children)
    used: dict[Ref, set[str]] = {}
    for component in flow.structure.dimensions:
        used.setdefault(component.concept.scheme, set()).add(component.concept.item)
        codelist = flow.codelist(component)
        if codelist and component.id in there.values:
            used.setdefault(codelist.ref, set()).update(there.values[component.id])
    agreed = (agreement.provider for agreement in holdings.agreements if agreement.flow == flow.dataflow.ref)
    providers = [each for each in agreed if matches_provider(request.data.providers, each.agency, each.item)]
    for provider in providers:
        used.setdefault(provider.scheme, set()).add(provider.item)
    for ref in sorted(refs | {provider.scheme for provider in providers}):
        artefact = collection.artefacts.get(ref)
        if artefact is None or ref.kind not in kinds:
            continue
        if not isinstance(artefact, ItemScheme):
            yield artefact
        elif ref in used:
            yield reduce_scheme(artefact, used[ref], with_parents=True)


def merge_artefacts(known: Artefact, artefact: Artefact) -> Artefact:
    if not isinstance(known, ItemScheme) or not isinstance(artefact, ItemScheme):
        return known
    items = {item.id: item for item in (*known.items, *artefact.items)}
    return replace(known, items=tuple(items.values()))
