"""Conversion of SDMX 2.1 structure sets to SDMX 3 maps and back.

Map `M` of set `SET` becomes `SET_M` with the set's version. Component values become a representation map of texts.
Annotations keep the rest for conversion back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sdmxmig.sdmx.formats.structures.maps_before_3 import (
    Map,
    build_links,
    build_value_mappings,
    check_simple,
    extract_component_id,
    list_value_pairs,
)
from sdmxmig.sdmx.formats.structures.notes import build_expression_error, take_record, write_note
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.maps import (
    ComponentLink,
    RepresentationMap,
    SchemeMap,
    SourceValue,
    StructureMap,
    StructureSet,
    ValueMapping,
)
from sdmxmig.sdmx.model.references import Ref

SET_NOTE = "STRUCTURE_SET"
COMPONENTS_NOTE = "COMPONENTS"
"""The note on a link between components that SDMX 2.1 names with their class and list."""
LIST_KINDS = ("Codelist", "ValueList")
CODE_MAPS = ("CodelistMap", "HybridCodelistMap")
VALUE_MAP = "ValueMap"


@dataclass(frozen=True, slots=True)
class Origin:
    frame: StructureSet
    position: int
    kind: str
    id: str
    extension: bool = False


def split_set(structure_set: StructureSet, version: str) -> list[Map]:
    """Split a set into maps; raise `SdmxmigError` for hierarchies and names for codes."""
    if not structure_set.maps:
        hint = "Since SDMX 3.0, maps are independent artefacts: give it one, or leave it out."
        raise build_expression_error(version, structure_set, "the set without maps", hint)
    frame = replace(structure_set, maps=())
    maps: list[Map] = []
    for position, scheme_map in enumerate(structure_set.maps):
        origin = Origin(frame, position, kind=scheme_map.kind, id=scheme_map.id, extension=scheme_map.extension)
        maps += (
            build_structure_maps(structure_set, scheme_map, origin, version)
            if scheme_map.kind == "StructureMap"
            else []
        )
        maps += (
            [] if scheme_map.kind == "StructureMap" else [build_item_map(structure_set, scheme_map, origin, version)]
        )
    return maps


def build_ref(origin: Origin, kind: str, *more: str) -> Ref:
    return replace(origin.frame.ref, kind=kind, id="_".join((origin.frame.ref.id, origin.id, *more)))


def build_item_map(
    structure_set: StructureSet, scheme_map: SchemeMap, origin: Origin, version: str
) -> RepresentationMap:
    kind = "RepresentationMap" if scheme_map.kind in CODE_MAPS else scheme_map.kind
    if kind == "RepresentationMap" and not {scheme_map.source.kind, scheme_map.target.kind} <= set(LIST_KINDS):
        hint = "A representation map is between codelists or value lists."
        raise build_expression_error(
            version,
            structure_set,
            f"the map {scheme_map.id} of a {scheme_map.source.kind} to a {scheme_map.target.kind}",
            hint,
        )
    return RepresentationMap(
        build_ref(origin, kind),
        scheme_map.name,
        sources=(scheme_map.source,),
        targets=(scheme_map.target,),
        mappings=build_value_mappings(scheme_map),
        description=scheme_map.description,
        annotations=(write_note(SET_NOTE, origin), *scheme_map.annotations),
        details=structure_set.details,
        place=structure_set.place,
    )


def build_structure_maps(
    structure_set: StructureSet, scheme_map: SchemeMap, origin: Origin, version: str
) -> Iterator[Map]:
    if scheme_map.formats:
        source, how, _ = scheme_map.formats[0]
        what = f"the {how.lower()} as target of {source} in the map {scheme_map.id}"
        raise build_expression_error(version, structure_set, what, "Since SDMX 3.0 values are mapped to values.")
    by_id = {map_.id for map_ in structure_set.maps if map_.kind in CODE_MAPS}
    values = {source: pairs for source, pairs in scheme_map.values if pairs}
    notes = scheme_map.link_notes or ((),) * len(scheme_map.links)
    components = []
    for (source, target, by), own_notes in zip(scheme_map.links, notes, strict=True):
        representation = None
        if by:
            if by not in by_id:
                raise build_expression_error(
                    version, structure_set, f"the map {scheme_map.id}: “{by}” is not a codelist map", "Add the map."
                )
            representation = build_ref(replace(origin, id=by), "RepresentationMap")
        elif source in values:
            representation = build_ref(origin, "RepresentationMap", extract_component_id(source))
            yield build_value_map(
                structure_set, values[source], replace(origin, kind=VALUE_MAP, id=source), representation
            )
        whole = (Annotation(COMPONENTS_NOTE, title=json.dumps([source, target])),) if "=" in source + target else ()
        components.append(
            ComponentLink(
                (extract_component_id(source),),
                (extract_component_id(target),),
                representation=representation,
                annotations=(*whole, *own_notes),
            )
        )
    yield StructureMap(
        build_ref(origin, "StructureMap"),
        scheme_map.name,
        source=scheme_map.source,
        target=scheme_map.target,
        components=tuple(components),
        description=scheme_map.description,
        annotations=(write_note(SET_NOTE, origin), *scheme_map.annotations),
        details=structure_set.details,
        place=structure_set.place,
    )


def build_value_map(
    structure_set: StructureSet, pairs: tuple[tuple[str, str], ...], origin: Origin, ref: Ref
) -> RepresentationMap:
    mappings = tuple(ValueMapping((SourceValue(before),), (after,)) for before, after in pairs)
    notes = (write_note(SET_NOTE, origin),)
    return RepresentationMap(
        ref,
        structure_set.name,
        sources=("String",),
        targets=("String",),
        mappings=mappings,
        annotations=notes,
        details=structure_set.details,
        place=structure_set.place,
    )


def join_maps(maps: Iterable[Map], version: str) -> list[Map | StructureSet]:
    """Reassemble sets from maps. Raises `SdmxmigError` for a map changed into an unsupported one."""
    joined: list[Map | StructureSet] = []
    frames: dict[StructureSet, dict[Ref, tuple[Origin, Map]]] = {}
    for map_ in maps:
        origin, notes = take_record(map_.annotations, SET_NOTE, Origin)
        if origin is None:
            joined.append(map_)
            continue
        set_ref = replace(map_.ref, kind="StructureSet", id=origin.frame.ref.id)
        members = frames.setdefault(replace(origin.frame, ref=set_ref, details=map_.details), {})
        members[map_.ref] = (origin, replace(map_, annotations=notes))
    for frame, members in frames.items():
        placed_maps = [
            (origin.position, build_scheme_map(map_, origin, members, version))
            for origin, map_ in members.values()
            if origin.kind != VALUE_MAP
        ]
        if not placed_maps:
            alone = next(map_ for _, map_ in members.values())
            raise build_expression_error(
                version, alone, "the values of a component alone", "Write them with their map."
            )
        joined.append(
            replace(frame, maps=tuple(scheme_map for _, scheme_map in sorted(placed_maps, key=lambda pair: pair[0])))
        )
    return joined


def build_scheme_map(map_: Map, origin: Origin, members: Mapping[Ref, tuple[Origin, Map]], version: str) -> SchemeMap:
    if isinstance(map_, RepresentationMap):
        source, target = (side[0] for side in (map_.sources, map_.targets))
        if not (isinstance(source, Ref) and isinstance(target, Ref)):
            raise build_expression_error(version, map_, "the map of a data type", "Map codelists.")
        links, notes = build_links(map_, version)
        return SchemeMap(
            origin.kind,
            origin.id,
            name=map_.name,
            source=source,
            target=target,
            links=links,
            description=map_.description,
            annotations=map_.annotations,
            link_notes=notes,
        )
    check_simple(map_, version)
    structure_links, values, link_notes = [], [], []
    for link in map_.components:
        (source_id, target_id), annotations = qualify_names(link)
        by = ""
        if link.representation:
            if link.representation not in members:
                what = f"the map {link.representation.short}, which is not in the message,"
                raise build_expression_error(version, map_, what, "Write it with the structure map.")
            where, representation = members[link.representation]
            if where.kind == VALUE_MAP and isinstance(representation, RepresentationMap):
                values.append((source_id, list_value_pairs(representation, version)))
            else:
                by = where.id
        structure_links.append((source_id, target_id, by))
        link_notes.append(annotations)
    return SchemeMap(
        origin.kind,
        origin.id,
        name=map_.name,
        source=map_.source,
        target=map_.target,
        links=tuple(structure_links),
        description=map_.description,
        annotations=map_.annotations,
        values=tuple(values),
        link_notes=tuple(link_notes) if any(link_notes) else (),
        extension=origin.extension,
    )


def qualify_names(link: ComponentLink) -> tuple[tuple[str, str], tuple[Annotation, ...]]:
    names, notes = take_record(link.annotations, COMPONENTS_NOTE, tuple[str, str])
    return names or (link.sources[0], link.targets[0]), notes
