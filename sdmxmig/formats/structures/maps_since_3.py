"""Structure sets of SDMX 2.1 become the maps of SDMX 3, one artefact each, and these become the sets again.

The map `M` of the set `SET` is called `SET_M` in SDMX 3, with the version of its set: a codelist map becomes a
representation map, a structure map a structure map, the maps of other schemes what SDMX 3 has for them. The values of a
component become a representation map of texts. What has no place there travels as a note, from which the set is put
together again in SDMX 2.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.formats.structures.carried import note_of, taken
from sdmxmig.formats.structures.maps_before_3 import Map, check_simple, links_of, local, values_of
from sdmxmig.formats.structures.refusals import cannot_express
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.maps import (
    ComponentLink,
    RepresentationMap,
    SchemeMap,
    SourceValue,
    StructureMap,
    StructureSet,
    ValueMapping,
)
from sdmxmig.model.references import Ref

NOTE = "STRUCTURE_SET"
WHOLE_NAMES = "COMPONENTS"
"""The note on a link between components that SDMX 2.1 names with their class and list."""
LISTS = ("Codelist", "ValueList")
CODES = ("CodelistMap", "HybridCodelistMap")
VALUES = "ValueMap"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a map stood: its set without maps, its place there, its kind and id, and whether it extends another."""

    frame: StructureSet
    position: int
    _: KW_ONLY
    kind: str
    id: str
    extension: bool = False


def apart(given: StructureSet, version: str) -> list[Map]:
    """The maps of a set as artefacts of their own.

    Raises `SdmxmigError` for what this `version` of SDMX has no map for: hierarchies, and names for codes.
    """
    if not given.maps:
        hint = "Since SDMX 3.0 maps stand alone; give it one, or leave it out."
        raise cannot_express(version, given, "the set without maps", hint)
    frame = replace(given, maps=())
    found: list[Map] = []
    for position, scheme_map in enumerate(given.maps):
        origin = Origin(frame, position, kind=scheme_map.kind, id=scheme_map.id, extension=scheme_map.extension)
        found += structure_maps(given, scheme_map, origin, version) if scheme_map.kind == "StructureMap" else []
        found += [] if scheme_map.kind == "StructureMap" else [item_map(given, scheme_map, origin, version)]
    return found


def own_ref(origin: Origin, kind: str, *more: str) -> Ref:
    """The name of a map that stood in a set."""
    return replace(origin.frame.ref, kind=kind, id="_".join((origin.frame.ref.id, origin.id, *more)))


def item_map(given: StructureSet, one: SchemeMap, origin: Origin, version: str) -> RepresentationMap:
    """A map between two item schemes."""
    kind = "RepresentationMap" if one.kind in CODES else one.kind
    if kind == "RepresentationMap" and not {one.source.kind, one.target.kind} <= set(LISTS):
        hint = "A representation map is between codelists or value lists."
        raise cannot_express(version, given, f"the map {one.id} of a {one.source.kind} to a {one.target.kind}", hint)
    notes = one.link_notes or ((),) * len(one.links)
    mappings = tuple(
        ValueMapping((SourceValue(before),), (after,), annotations=own)
        for (before, after, _), own in zip(one.links, notes, strict=True)
    )
    return RepresentationMap(
        own_ref(origin, kind),
        one.name,
        sources=(one.source,),
        targets=(one.target,),
        mappings=mappings,
        description=one.description,
        annotations=(note_of(NOTE, origin), *one.annotations),
        details=given.details,
        place=given.place,
    )


def structure_maps(given: StructureSet, scheme_map: SchemeMap, origin: Origin, version: str) -> Iterator[Map]:
    """A map between two structures, and the maps of values that it holds."""
    if scheme_map.formats:
        source, how, _ = scheme_map.formats[0]
        what = f"the {how.lower()} as target of {source} in the map {scheme_map.id}"
        raise cannot_express(version, given, what, "Since SDMX 3.0 values are mapped to values.")
    by_id = {map_.id for map_ in given.maps if map_.kind in CODES}
    values = {source: pairs for source, pairs in scheme_map.values if pairs}
    notes = scheme_map.link_notes or ((),) * len(scheme_map.links)
    components = []
    for (source, target, by), own in zip(scheme_map.links, notes, strict=True):
        representation = None
        if by:
            if by not in by_id:
                raise cannot_express(
                    version, given, f"the map {scheme_map.id}: “{by}” is no codelist map", "Add the map."
                )
            representation = own_ref(replace(origin, id=by), "RepresentationMap")
        elif source in values:
            representation = own_ref(origin, "RepresentationMap", local(source))
            yield value_map(given, values[source], replace(origin, kind=VALUES, id=source), representation)
        whole = (Annotation(WHOLE_NAMES, title=json.dumps([source, target])),) if "=" in source + target else ()
        components.append(
            ComponentLink((local(source),), (local(target),), representation=representation, annotations=(*whole, *own))
        )
    yield StructureMap(
        own_ref(origin, "StructureMap"),
        scheme_map.name,
        source=scheme_map.source,
        target=scheme_map.target,
        components=tuple(components),
        description=scheme_map.description,
        annotations=(note_of(NOTE, origin), *scheme_map.annotations),
        details=given.details,
        place=given.place,
    )


def value_map(given: StructureSet, pairs: tuple[tuple[str, str], ...], origin: Origin, ref: Ref) -> RepresentationMap:
    """The values of a component as a map of texts."""
    mappings = tuple(ValueMapping((SourceValue(before),), (after,)) for before, after in pairs)
    notes = (note_of(NOTE, origin),)
    return RepresentationMap(
        ref,
        given.name,
        sources=("String",),
        targets=("String",),
        mappings=mappings,
        annotations=notes,
        details=given.details,
        place=given.place,
    )


def together(maps: Iterable[Map], version: str) -> list[Map | StructureSet]:
    """The sets in which maps stood, put together again; maps that never stood in one stay alone.

    Raises `SdmxmigError` for a map that was changed into what this `version` of SDMX has no map for.
    """
    found: list[Map | StructureSet] = []
    frames: dict[StructureSet, dict[Ref, tuple[Origin, Map]]] = {}
    for one in maps:
        origin, notes = taken(one.annotations, NOTE, Origin)
        if origin is None:
            found.append(one)
            continue
        own = replace(one.ref, kind="StructureSet", id=origin.frame.ref.id)
        members = frames.setdefault(replace(origin.frame, ref=own, details=one.details), {})
        members[one.ref] = (origin, replace(one, annotations=notes))
    for frame, members in frames.items():
        inner = [
            (origin.position, inside(one, origin, members, version))
            for origin, one in members.values()
            if origin.kind != VALUES
        ]
        if not inner:
            alone = next(one for _, one in members.values())
            raise cannot_express(version, alone, "the values of a component alone", "Write them with their map.")
        found.append(
            replace(frame, maps=tuple(scheme_map for _, scheme_map in sorted(inner, key=lambda pair: pair[0])))
        )
    return found


def inside(one: Map, origin: Origin, members: Mapping[Ref, tuple[Origin, Map]], version: str) -> SchemeMap:
    """A map as it stands in its set."""
    if isinstance(one, RepresentationMap):
        source, target = (side[0] for side in (one.sources, one.targets))
        if not (isinstance(source, Ref) and isinstance(target, Ref)):
            raise cannot_express(version, one, "the map of a data type", "Map codelists.")
        links, notes = links_of(one, version)
        return SchemeMap(
            origin.kind,
            origin.id,
            name=one.name,
            source=source,
            target=target,
            links=links,
            description=one.description,
            annotations=one.annotations,
            link_notes=notes,
        )
    check_simple(one, version)
    structure_links, values, link_notes = [], [], []
    for link in one.components:
        (source_id, target_id), own = whole_names(link)
        by = ""
        if link.representation:
            if link.representation not in members:
                what = f"the map {link.representation.short}, which is not in the message,"
                raise cannot_express(version, one, what, "Write it with the structure map.")
            where, representation = members[link.representation]
            if where.kind == VALUES and isinstance(representation, RepresentationMap):
                values.append((source_id, values_of(representation, version)))
            else:
                by = where.id
        structure_links.append((source_id, target_id, by))
        link_notes.append(own)
    return SchemeMap(
        origin.kind,
        origin.id,
        name=one.name,
        source=one.source,
        target=one.target,
        links=tuple(structure_links),
        description=one.description,
        annotations=one.annotations,
        values=tuple(values),
        link_notes=tuple(link_notes) if any(link_notes) else (),
        extension=origin.extension,
    )


def whole_names(link: ComponentLink) -> tuple[tuple[str, str], tuple[Annotation, ...]]:
    """The two components of a link as SDMX 2.1 names them, and the other notes on the link."""
    names, notes = taken(link.annotations, WHOLE_NAMES, tuple[str, str])
    return names or (link.sources[0], link.targets[0]), notes
