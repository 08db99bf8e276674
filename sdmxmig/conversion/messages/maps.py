"""Structure maps by the dataflow to which they lead, and their components and codes by other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats.surveyed import UNKNOWN
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme
from sdmxmig.sdmx.model.maps import ALSO_NAMED, RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref

Maps = Mapping[tuple[str, str], Sequence[StructureMap]]
VIEW = "$"
"""Eurostat calls a saved view of a dataflow by the id of the dataflow, this sign, and a name."""
STRUCTURE_PREFIX = "dsd_"
TIME, OLD_TIME = "TIME_PERIOD", "TIME"
"""The id of the time dimension, and that of SDMX 2.0."""


def maps_by_target(catalogue: Catalogue) -> Maps:
    """Group structure maps by agency and folded id of the target: dataflow, other names or structure."""
    structures = {flow.dataflow.ref: flow.structure.ref for flow in catalogue.flows.values()}
    maps: dict[tuple[str, str], dict[Ref, StructureMap]] = {}
    for dataflow_map in catalogue.artefacts.values():
        if isinstance(dataflow_map, StructureMap):
            target = dataflow_map.target
            ids = (target.id, *other_names(dataflow_map.annotations), structures.get(target, target).id)
            for target_id in ids:
                maps.setdefault((target.agency, folded(target_id)), {})[dataflow_map.ref] = dataflow_map
    return {key: tuple(found.values()) for key, found in maps.items()}


def maps_to(ref: Ref, maps: Maps) -> Sequence[StructureMap]:
    """Return the maps to a dataflow of any version; without agency, to the only dataflow of this id."""
    dataflow_id = folded(ref.id)
    if ref.agency not in ("", UNKNOWN):
        return maps.get((ref.agency, dataflow_id), ())
    of_id = [found for (_, target_id), found in maps.items() if target_id == dataflow_id]
    return of_id[0] if len(of_id) == 1 else ()


def folded(dataflow_id: str) -> str:
    """Normalise an id for comparison: old Eurostat messages use lower case and a prefix.

    >>> folded("DSD_migr_imm8") == folded("MIGR_IMM8$DV_12") == "migr_imm8"
    True
    """
    return dataflow_id.partition(VIEW)[0].casefold().removeprefix(STRUCTURE_PREFIX)


def other_names(annotations: Sequence[Annotation]) -> tuple[str, ...]:
    return tuple(annotation.title for annotation in annotations if annotation.type == ALSO_NAMED)


def with_known_names(frame: pl.DataFrame, dataflow_map: StructureMap) -> pl.DataFrame:
    names = {other: link.targets[0] for link in dataflow_map.components for other in other_names(link.annotations)}
    targets = [target for link in dataflow_map.components for target in link.targets]
    targets += [fact.component for fact in dataflow_map.fixed if not fact.on_source]
    names |= {target: target for target in targets} | {OLD_TIME: TIME}
    target_by_name = {name.casefold(): target for name, target in names.items()}
    column_by_target: dict[str, str] = {}
    for column in frame.columns:
        column_by_target.setdefault(target_by_name.get(column.casefold(), column), column)
    return frame.rename({column: target for target, column in column_by_target.items() if target not in frame.columns})


def with_codes(frame: pl.DataFrame, dataflow_map: StructureMap, catalogue: Catalogue) -> pl.DataFrame:
    """Replace names of codes, as some messages have them, by codes; ambiguous names stay."""
    columns = []
    for component, codelist in lists_of(dataflow_map, catalogue):
        if component not in frame.columns:
            continue
        values = frame[component].drop_nulls().unique()
        named = [value for value in values if value not in codelist.ids]
        codes = codes_by_name(codelist) if named else {}
        code_by_value = {value: codes[value.casefold()] for value in named if value.casefold() in codes}
        columns.append(pl.col(component).replace(code_by_value))
    return frame.with_columns(columns)


def lists_of(dataflow_map: StructureMap, catalogue: Catalogue) -> Iterator[tuple[str, ItemScheme]]:
    """Yield the known codelists of the source components."""
    ours = next(flow for flow in catalogue.flows.values() if flow.dataflow.ref == dataflow_map.source)
    theirs = next((flow for flow in catalogue.flows.values() if flow.dataflow.ref == dataflow_map.target), None)
    for link in dataflow_map.components:
        representation = catalogue.artefacts.get(link.representation) if link.representation else None
        for number, component in enumerate(link.targets):
            ref = representation.targets[number] if isinstance(representation, RepresentationMap) else None
            codelist = catalogue.artefacts.get(ref) if isinstance(ref, Ref) else ours.codelist(link.sources[number])
            if isinstance(codelist, ItemScheme):
                yield component, codelist
    for fact in dataflow_map.fixed:
        codelist = theirs.codelist(fact.component) if theirs and not fact.on_source else None
        if codelist is not None:
            yield fact.component, codelist


def codes_by_name(codelist: ItemScheme) -> Mapping[str, str]:
    codes: dict[str, set[str]] = {}
    for item in codelist.items:
        for _, name in item.name:
            codes.setdefault(name.casefold(), set()).add(item.id)
    return {name: min(ids) for name, ids in codes.items() if len(ids) == 1}
