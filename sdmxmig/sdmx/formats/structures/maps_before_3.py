"""Conversion of SDMX 3 maps to SDMX 2.1 structure sets and back.

A structure map includes its representation maps: codelist maps, or values of a component. Other maps get their own set,
with the map's name and an explanatory annotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sdmxmig.primitives.errors import apply_to_each
from sdmxmig.sdmx.formats.structures.notes import build_expression_error, copy_heading, take_record, write_note
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
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
from sdmxmig.sdmx.model.structures import Artefact

Map = RepresentationMap | StructureMap
Links = tuple[tuple[str, str, str], ...]
Notes = tuple[tuple[Annotation, ...], ...]
NOTE = "MAP"
REST_NOTE = "REPRESENTATION_MAP"
"""The note for contents of a representation map besides its values."""
REFERENCE_CLASSES = {
    "dimension": ("Dimension", "DimensionDescriptor"),
    "time": ("TimeDimension", "DimensionDescriptor"),
    "measure": ("PrimaryMeasure", "MeasureDescriptor"),
    "attribute": ("Attribute", "AttributeDescriptor"),
}
USUAL_ROLES = {"TIME_PERIOD": "time", "OBS_VALUE": "measure"}


def build_links(representation_map: RepresentationMap, version: str) -> tuple[Links, Notes]:
    if (len(representation_map.sources), len(representation_map.targets)) != (1, 1):
        raise build_expression_error(
            version, representation_map, "the map of several lists at once", "Write one map for each pair."
        )
    for value_mapping in representation_map.mappings:
        plain = all(value == SourceValue(value.value) for value in value_mapping.sources)
        if (
            not plain
            or (len(value_mapping.sources), len(value_mapping.targets)) != (1, 1)
            or value_mapping.valid_from
            or value_mapping.valid_to
        ):
            what = f"the line of “{value_mapping.sources[0].value if value_mapping.sources else ''}”"
            hint = "In this version, a map can only contain pairs of values."
            raise build_expression_error(version, representation_map, what, hint)
    notes = tuple(value_mapping.annotations for value_mapping in representation_map.mappings)
    links = tuple(
        (value_mapping.sources[0].value, value_mapping.targets[0], "") for value_mapping in representation_map.mappings
    )
    return links, notes if any(notes) else ()


def list_value_pairs(representation_map: RepresentationMap, version: str) -> tuple[tuple[str, str], ...]:
    links, notes = build_links(representation_map, version)
    if notes:
        raise build_expression_error(version, representation_map, "the annotations of values", "Leave them out.")
    return tuple((before, after) for before, after, _ in links)


def check_simple(structure_map: StructureMap, version: str) -> None:
    """Reject dates, fixed values and multi-component links, which SDMX 2.1 structure maps lack."""
    if structure_map.times or structure_map.formats:
        raise build_expression_error(version, structure_map, "the maps of dates", "Since SDMX 3.0 only.")
    if structure_map.fixed:
        raise build_expression_error(
            version, structure_map, f"the fixed value of {structure_map.fixed[0].component}", "Since SDMX 3.0 only."
        )
    for component_link in structure_map.components:
        if (len(component_link.sources), len(component_link.targets)) != (1, 1):
            what = f"the map from {', '.join(component_link.sources)} to {', '.join(component_link.targets)}"
            raise build_expression_error(
                version, structure_map, what, "In this version, one component maps to one other."
            )


@dataclass(frozen=True, slots=True)
class KnownArtefacts:
    artefacts: Mapping[Ref, Artefact]
    version: str

    def component(self, structure_map: StructureMap, structure: Ref, component: str) -> str:
        """Name a component with class and list; raise `SdmxmigError` if the message lacks its structure."""
        if component in USUAL_ROLES:
            return component
        definition = self.artefacts.get(structure)
        definition = self.artefacts.get(definition.structure) if isinstance(definition, Dataflow) else definition
        if not isinstance(definition, DataStructure) or component not in definition:
            what = f"the component {component} of {structure.short}, which is not in the message,"
            raise build_expression_error(self.version, structure_map, what, "Write the data structure with its map.")
        role = definition[component].role
        if role == "dimension":
            return component
        if role not in REFERENCE_CLASSES:
            raise build_expression_error(self.version, structure_map, f"the component {component} of {structure.short}")
        class_, list_ = REFERENCE_CLASSES[role]
        return f"{class_}={list_}.{component}"

    def representation(self, structure_map: StructureMap, ref: Ref) -> RepresentationMap:
        representation_map = self.artefacts.get(ref)
        if not isinstance(representation_map, RepresentationMap):
            what = f"the map {ref.short}, which is not in the message,"
            raise build_expression_error(
                self.version, structure_map, what, "In this version, it is part of the structure map: write both."
            )
        return representation_map


def build_structure_sets(maps: Iterable[Map], artefacts: Mapping[Ref, Artefact], version: str) -> list[StructureSet]:
    """Convert SDMX 3 maps to structure sets. Raises `SdmxmigError` for unsupported content and missing structures."""
    known = KnownArtefacts(artefacts, version)
    all_maps = list(maps)
    structures = [structure_map for structure_map in all_maps if isinstance(structure_map, StructureMap)]
    used = {link.representation for structure_map in structures for link in structure_map.components}
    alone = [
        representation_map
        for representation_map in all_maps
        if isinstance(representation_map, RepresentationMap) and representation_map.ref not in used
    ]
    return [
        *apply_to_each(structures, lambda map_: build_structure_set(map_, *build_structure_maps(map_, known))),
        *apply_to_each(
            alone,
            lambda representation_map: build_structure_set(
                representation_map, build_item_map(representation_map, version)
            ),
        ),
    ]


def build_structure_set(map_: Map, *maps: SchemeMap) -> StructureSet:
    notes = (Annotation(NOTE, title=map_.ref.kind), *map_.annotations)
    heading = copy_heading(map_, replace(map_.ref, kind="StructureSet"), notes)
    return StructureSet(**heading, related=(), maps=maps)


def build_item_map(
    representation_map: RepresentationMap, version: str, *, other_notes: tuple[Annotation, ...] = ()
) -> SchemeMap:
    """Convert a map between two lists or schemes; `other_notes` are for fields that the set lacks."""
    links, notes = build_links(representation_map, version)
    source, target = representation_map.sources[0], representation_map.targets[0]
    lists = {ref.kind if isinstance(ref, Ref) else ref for ref in (source, target)}
    kind = "CodelistMap" if representation_map.ref.kind == "RepresentationMap" else representation_map.ref.kind
    if not isinstance(source, Ref) or not isinstance(target, Ref) or (kind == "CodelistMap" and lists != {"Codelist"}):
        hint = "This version maps codelists. Map other values as those of a component, in a structure map."
        raise build_expression_error(version, representation_map, f"the map of {' and '.join(sorted(lists))}", hint)
    return SchemeMap(
        kind,
        representation_map.ref.id,
        name=representation_map.name,
        source=source,
        target=target,
        links=links,
        description=representation_map.description,
        annotations=other_notes,
        link_notes=notes,
    )


def build_structure_maps(structure_map: StructureMap, known: KnownArtefacts) -> list[SchemeMap]:
    check_simple(structure_map, known.version)
    codes: dict[str, tuple[Ref, SchemeMap]] = {}
    links, values, notes = [], [], []
    for component_link in structure_map.components:
        source = known.component(structure_map, structure_map.source, component_link.sources[0])
        target = known.component(structure_map, structure_map.target, component_link.targets[0])
        by, annotations = "", component_link.annotations
        if component_link.representation:
            representation = known.representation(structure_map, component_link.representation)
            lists = (*representation.sources, *representation.targets)
            if all(isinstance(ref, Ref) and ref.kind == "Codelist" for ref in lists):
                by = representation.ref.id
                rest = replace(representation, name=Text(), description=Text(), sources=(), targets=(), mappings=())
                codelist_map = build_item_map(representation, known.version, other_notes=(write_note(REST_NOTE, rest),))
                if codes.setdefault(by, (representation.ref, codelist_map))[0] != representation.ref:
                    raise build_expression_error(
                        known.version, structure_map, f"two maps of the name {by}", "Give each its own id."
                    )
            else:
                values.append((source, list_value_pairs(representation, known.version)))
                annotations = (write_note(REST_NOTE, replace(representation, mappings=())), *annotations)
        links.append((source, target, by))
        notes.append(annotations)
    if len({source for source, _ in values}) != len(values):
        raise build_expression_error(
            known.version, structure_map, "two maps of the values of one component", "Write one of them."
        )
    own_map = SchemeMap(
        "StructureMap",
        structure_map.ref.id,
        name=structure_map.name,
        source=structure_map.source,
        target=structure_map.target,
        links=tuple(links),
        values=tuple(values),
        link_notes=tuple(notes) if any(notes) else (),
    )
    return [*(codelist_map for _, codelist_map in codes.values()), own_map]


def restore_maps(structure_set: StructureSet) -> tuple[Map | StructureSet, ...]:
    """Return the SDMX 3 maps that a set represents according to its note; else the set itself."""
    kind = next(
        (
            annotation.title
            for annotation in structure_set.annotations
            if annotation == Annotation(NOTE, title=annotation.title)
        ),
        "",
    )
    if not kind or structure_set.related or not structure_set.maps or structure_set.maps[-1].id != structure_set.ref.id:
        return (structure_set,)
    notes = tuple(annotation for annotation in structure_set.annotations if annotation != Annotation(NOTE, title=kind))
    ref, last = replace(structure_set.ref, kind=kind), structure_set.maps[-1]
    if kind == last.kind == "StructureMap":
        return extract_map(structure_set, replace(structure_set, ref=ref, annotations=notes))
    if len(structure_set.maps) != 1 or last.kind != ("CodelistMap" if kind == "RepresentationMap" else kind):
        return (structure_set,)
    heading, mappings = copy_heading(structure_set, ref, notes), build_value_mappings(last)
    return (RepresentationMap(**heading, sources=(last.source,), targets=(last.target,), mappings=mappings),)


def build_value_mappings(scheme_map: SchemeMap) -> tuple[ValueMapping, ...]:
    notes = scheme_map.link_notes or ((),) * len(scheme_map.links)
    return tuple(
        ValueMapping((SourceValue(before),), (after,), annotations=annotations)
        for (before, after, _), annotations in zip(scheme_map.links, notes, strict=True)
    )


def extract_map(whole: StructureSet, structure_set: StructureSet) -> tuple[Map | StructureSet, ...]:
    """Extract a structure map and its representation maps from a set, or `whole` without annotations."""
    *codelist_maps, component_map = structure_set.maps
    maps: dict[str, RepresentationMap] = {}
    for scheme_map in codelist_maps:
        representation_map, notes = take_record(scheme_map.annotations, REST_NOTE, RepresentationMap)
        if representation_map is None or notes:
            return (whole,)
        sides = ((scheme_map.source,), (scheme_map.target,))
        maps[scheme_map.id] = replace(
            representation_map,
            name=scheme_map.name,
            description=scheme_map.description,
            sources=sides[0],
            targets=sides[1],
            mappings=build_value_mappings(scheme_map),
        )
    pairs = dict(component_map.values)
    components = []
    link_notes = component_map.link_notes or ((),) * len(component_map.links)
    for (source, target, by), own_notes in zip(component_map.links, link_notes, strict=True):
        representation, other_notes = take_record(own_notes, REST_NOTE, RepresentationMap)
        if by and by in maps:
            representation = maps[by]
        elif representation:
            mappings = tuple(ValueMapping((SourceValue(a),), (b,)) for a, b in pairs.get(source, ()))
            representation = replace(representation, mappings=mappings)
            maps[str(representation.ref)] = representation
        ref = representation.ref if representation else None
        components.append(
            ComponentLink(
                (extract_component_id(source),),
                (extract_component_id(target),),
                representation=ref,
                annotations=other_notes,
            )
        )
    heading = copy_heading(structure_set, structure_set.ref, structure_set.annotations)
    structure_map = StructureMap(
        **heading, source=component_map.source, target=component_map.target, components=tuple(components)
    )
    return (*maps.values(), structure_map)


def extract_component_id(component: str) -> str:
    return component.rpartition("=")[2].partition(".")[2] if "=" in component else component
