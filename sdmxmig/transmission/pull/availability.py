"""Availability of data by dimension."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Constraint, CubeRegion, Member, Selection, TimeRange
from sdmxmig.transmission.pull.data import Changes, Part, read_parts
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.transmission.pull.questions import (
    AvailabilityQuestion,
    DataQuestion,
    find_bounds,
    find_first_day,
    is_among,
    wrong,
)
from sdmxmig.transmission.pull.storage import build_row_selection
from sdmxmig.transmission.pull.structures import find_reachable, reduce_scheme

KINDS_BY_REFERENCE = {
    "codelist": ("Codelist", "GeographicCodelist", "GeoGridCodelist"),
    "valuelist": ("ValueList",),
    "datastructure": ("DataStructure",),
    "conceptscheme": ("ConceptScheme",),
    "dataflow": ("Dataflow",),
    "dataproviderscheme": ("DataProviderScheme",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    part: Part
    values: dict[str, list[str]]
    series: int
    observations: int


def list_constraints(holdings: Holdings, question: AvailabilityQuestion, changes: Changes) -> list[Artefact]:
    available_parts = [
        each
        for part in read_parts(holdings, question.data, changes)
        if (each := determine_availability(part, question)).observations
    ]
    constraints: list[Artefact] = [build_constraint(each) for each in available_parts]
    others: dict[Ref, Artefact] = {}
    for each in available_parts:
        for artefact in list_referenced(holdings, each, question):
            known = others.get(artefact.ref)
            others[artefact.ref] = merge_artefacts(known, artefact) if known else artefact
    return [*constraints, *others.values()]


def determine_availability(part: Part, question: AvailabilityQuestion) -> Available:
    """Determine availability; mode ``determine_availability`` also lists alternatives."""
    data, structure = part.data, part.data.flow.structure
    components = list_asked_components(structure, question.components)
    rows = build_row_selection(data, question.data).of(data.scan())
    key = list(structure.series_key)
    counted = rows.select(key).collect()
    values = {}
    for component in components:
        wider = (
            drop_component(question.data, structure, component.id) if question.mode == "available" else question.data
        )
        chosen = rows if wider is question.data else build_row_selection(data, wider).of(data.scan())
        column = chosen.select(pl.col(component.id)).unique().collect().to_series()
        values[component.id] = sort_values(part, component, column.drop_nulls().to_list())
    series = counted.unique().height if key else min(1, counted.height)
    return Available(part=part, values=values, series=series, observations=counted.height)


def list_asked_components(structure: DataStructure, names: Sequence[str]) -> list[Component]:
    for name in names:
        if name not in structure.key:
            raise wrong(f"{structure.ref.short} has no dimension {name}.", f"It has {', '.join(structure.key)}.")
    return [component for component in structure.dimensions if not names or component.id in names]


def drop_component(question: DataQuestion, structure: DataStructure, name: str) -> DataQuestion:
    place = structure.series_key.index(name) if name in structure.series_key else -1
    keys = tuple(tuple(() if at == place else codes for at, codes in enumerate(key)) for key in question.keys)
    filters = tuple(each for each in question.filters if each.component != name)
    is_time = structure.time is not None and structure.time.id == name
    periods = ("", "") if is_time else question.periods
    return replace(question, keys=keys, filters=filters, periods=periods)


def sort_values(part: Part, component: Component, values: list[str]) -> list[str]:
    codelist = part.data.flow.codelist(component)
    rank = {code: place for place, code in enumerate(codelist.ids if codelist else ())}
    if component.role == "time":
        return sorted(values, key=order_period)
    return sorted(values, key=lambda value: (rank.get(value, len(rank)), value))


def order_period(period: str) -> tuple[int, str]:
    return find_first_day(period), period


def build_constraint(there: Available) -> Constraint:
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


def build_selection(component: Component, values: Sequence[str]) -> Selection:
    if component.role != "time":
        return Selection(component.id, tuple(map(Member, values)))
    last = max(values, key=lambda value: (limits[1].toordinal() if (limits := find_bounds(value)) else 0, value))
    return Selection(component.id, time_range=TimeRange(values[0], last))


def list_referenced(holdings: Holdings, there: Available, question: AvailabilityQuestion) -> Iterator[Artefact]:
    """Yield referenced artefacts, item schemes only with used items."""
    offered = {**KINDS_BY_REFERENCE, "all": sum(KINDS_BY_REFERENCE.values(), ())}
    kinds = {kind for word in question.references for kind in offered.get(word, ())}
    if not kinds:
        return
    shelf, flow = holdings.shelf, there.part.data.flow
    about = there.part.refers_to or flow.dataflow.ref
    refs = find_reachable({about, flow.dataflow.ref} & shelf.artefacts.keys(), shelf.children)
    used: dict[Ref, set[str]] = {}
    for component in flow.structure.dimensions:
        used.setdefault(component.concept.scheme, set()).add(component.concept.item)
        codelist = flow.codelist(component)
        if codelist and component.id in there.values:
            used.setdefault(codelist.ref, set()).update(there.values[component.id])
    agreed = (agreement.provider for agreement in holdings.agreements if agreement.flow == flow.dataflow.ref)
    providers = [each for each in agreed if is_among(question.data.providers, each.agency, each.item)]
    for provider in providers:
        used.setdefault(provider.scheme, set()).add(provider.item)
    for ref in sorted(refs | {provider.scheme for provider in providers}):
        artefact = shelf.artefacts.get(ref)
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
