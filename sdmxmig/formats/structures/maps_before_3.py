"""Maps of SDMX 3 become structure sets of SDMX 2.1, one each, and are taken out of them again when these are read.

A structure map brings the representation maps that it names into its set: those between codelists as codelist maps,
others as values of the component. A representation map that no structure map names, and a map between other schemes,
gets a set of its own. The set has the name of the map, and a note that says what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sdmxmig.errors import for_each
from sdmxmig.formats.structures.carried import note_of, taken
from sdmxmig.formats.structures.refusals import cannot_express
from sdmxmig.model.artefacts import Annotation, Text
from sdmxmig.model.data_structures import Dataflow, DataStructure
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
from sdmxmig.model.structures import Artefact

Map = RepresentationMap | StructureMap
Links = tuple[tuple[str, str, str], ...]
Notes = tuple[tuple[Annotation, ...], ...]
NOTE = "MAP"
REST = "REPRESENTATION_MAP"
"""The note that carries what a representation map says beside its values."""
CLASSES = {
    "dimension": ("Dimension", "DimensionDescriptor"),
    "time": ("TimeDimension", "DimensionDescriptor"),
    "measure": ("PrimaryMeasure", "MeasureDescriptor"),
    "attribute": ("Attribute", "AttributeDescriptor"),
}
USUAL = {"TIME_PERIOD": "time", "OBS_VALUE": "measure"}
"""The components whose ids say what they are in SDMX 2.1."""


def links_of(given: RepresentationMap, version: str) -> tuple[Links, Notes]:
    """The lines of a map as pairs with their notes.

    Raises `SdmxmigError` if they are more than that.
    """
    if (len(given.sources), len(given.targets)) != (1, 1):
        raise cannot_express(version, given, "the map of several lists at once", "Write one map for each pair.")
    for value_mapping in given.mappings:
        plain = all(value == SourceValue(value.value) for value in value_mapping.sources)
        if (
            not plain
            or (len(value_mapping.sources), len(value_mapping.targets)) != (1, 1)
            or value_mapping.valid_from
            or value_mapping.valid_to
        ):
            what = f"the line of “{value_mapping.sources[0].value if value_mapping.sources else ''}”"
            hint = "There a map has pairs of values: no patterns, no parts of texts, no validity, nothing left out."
            raise cannot_express(version, given, what, hint)
    notes = tuple(value_mapping.annotations for value_mapping in given.mappings)
    links = tuple((value_mapping.sources[0].value, value_mapping.targets[0], "") for value_mapping in given.mappings)
    return links, notes if any(notes) else ()


def values_of(given: RepresentationMap, version: str) -> tuple[tuple[str, str], ...]:
    """The lines of a map as pairs; there these have no notes."""
    links, notes = links_of(given, version)
    if notes:
        raise cannot_express(version, given, "the annotations of values", "Leave them out.")
    return tuple((before, after) for before, after, _ in links)


def check_simple(given: StructureMap, version: str) -> None:
    """Refuse what a structure map of SDMX 2.1 does not have."""
    if given.times or given.formats:
        raise cannot_express(version, given, "the maps of dates", "Since SDMX 3.0 only.")
    if given.fixed:
        raise cannot_express(version, given, f"the fixed value of {given.fixed[0].component}", "Since SDMX 3.0 only.")
    for component_link in given.components:
        if (len(component_link.sources), len(component_link.targets)) != (1, 1):
            what = f"the map from {', '.join(component_link.sources)} to {', '.join(component_link.targets)}"
            raise cannot_express(version, given, what, "There one component becomes one other.")


@dataclass(frozen=True, slots=True)
class Known:
    """The artefacts of a message, by their names, and the version of SDMX in which it is written."""

    artefacts: Mapping[Ref, Artefact]
    version: str

    def component(self, given: StructureMap, structure: Ref, component: str) -> str:
        """How SDMX 2.1 names a component of a structure: with its class and list unless these are the usual ones.

        Raises `SdmxmigError` if the structure is not in the message, so that nothing tells what the component is.
        """
        if component in USUAL:
            return component
        found = self.artefacts.get(structure)
        found = self.artefacts.get(found.structure) if isinstance(found, Dataflow) else found
        if not isinstance(found, DataStructure) or component not in found:
            what = f"the component {component} of {structure.short}, which is not in the message,"
            raise cannot_express(self.version, given, what, "Write the data structure with its map.")
        role = found[component].role
        if role == "dimension":
            return component
        if role not in CLASSES:
            raise cannot_express(self.version, given, f"the component {component} of {structure.short}")
        class_, list_ = CLASSES[role]
        return f"{class_}={list_}.{component}"

    def representation(self, given: StructureMap, ref: Ref) -> RepresentationMap:
        """A representation map that a structure map names."""
        found = self.artefacts.get(ref)
        if not isinstance(found, RepresentationMap):
            what = f"the map {ref.short}, which is not in the message,"
            raise cannot_express(self.version, given, what, "There it stands with the structure map: write both.")
        return found


def framed(maps: Iterable[Map], artefacts: Mapping[Ref, Artefact], version: str) -> list[StructureSet]:
    """Maps of SDMX 3 as structure sets.

    Raises `SdmxmigError` for what SDMX 2.1 does not have, and for what its form asks for and the message lacks.
    """
    known = Known(artefacts, version)
    given = list(maps)
    structures = [structure_map for structure_map in given if isinstance(structure_map, StructureMap)]
    used = {link.representation for structure_map in structures for link in structure_map.components}
    alone = [
        representation_map
        for representation_map in given
        if isinstance(representation_map, RepresentationMap) and representation_map.ref not in used
    ]
    return [
        *for_each(structures, lambda one: frame(one, *structure_map(one, known))),
        *for_each(alone, lambda representation_map: frame(representation_map, item_map(representation_map, version))),
    ]


def frame(given: Map, *maps: SchemeMap) -> StructureSet:
    """The set that stands for a map."""
    notes = (Annotation(NOTE, title=given.ref.kind), *given.annotations)
    ref = replace(given.ref, kind="StructureSet")
    return StructureSet(
        ref,
        given.name,
        related=(),
        maps=maps,
        description=given.description,
        annotations=notes,
        details=given.details,
        place=given.place,
    )


def item_map(given: RepresentationMap, version: str, *, rest: tuple[Annotation, ...] = ()) -> SchemeMap:
    """A map between two lists or schemes; `rest` is the note that carries what the set does not say."""
    links, notes = links_of(given, version)
    source, target = given.sources[0], given.targets[0]
    lists = {ref.kind if isinstance(ref, Ref) else ref for ref in (source, target)}
    kind = "CodelistMap" if given.ref.kind == "RepresentationMap" else given.ref.kind
    if not isinstance(source, Ref) or not isinstance(target, Ref) or (kind == "CodelistMap" and lists != {"Codelist"}):
        hint = "There codelists are mapped; others only as values of a component, in a structure map."
        raise cannot_express(version, given, f"the map of {' and '.join(sorted(lists))}", hint)
    return SchemeMap(
        kind,
        given.ref.id,
        name=given.name,
        source=source,
        target=target,
        links=links,
        description=given.description,
        annotations=rest,
        link_notes=notes,
    )


def structure_map(given: StructureMap, known: Known) -> list[SchemeMap]:
    """A map between two structures, after the codelist maps that it names."""
    check_simple(given, known.version)
    codes: dict[str, tuple[Ref, SchemeMap]] = {}
    links, values, notes = [], [], []
    for component_link in given.components:
        source = known.component(given, given.source, component_link.sources[0])
        target = known.component(given, given.target, component_link.targets[0])
        by, own = "", component_link.annotations
        if component_link.representation:
            representation = known.representation(given, component_link.representation)
            if is_of_codes(representation):
                by = representation.ref.id
                inner = item_map(representation, known.version, rest=(note_of(REST, without_lines(representation)),))
                if codes.setdefault(by, (representation.ref, inner))[0] != representation.ref:
                    raise cannot_express(known.version, given, f"two maps of the name {by}", "Give each its own id.")
            else:
                values.append((source, values_of(representation, known.version)))
                own = (note_of(REST, replace(representation, mappings=())), *own)
        links.append((source, target, by))
        notes.append(own)
    if len({source for source, _ in values}) != len(values):
        raise cannot_express(known.version, given, "two maps of the values of one component", "Write one of them.")
    own_map = SchemeMap(
        "StructureMap",
        given.ref.id,
        name=given.name,
        source=given.source,
        target=given.target,
        links=tuple(links),
        values=tuple(values),
        link_notes=tuple(notes) if any(notes) else (),
    )
    return [*(inner for _, inner in codes.values()), own_map]


def is_of_codes(given: RepresentationMap) -> bool:
    """Whether a map is between codelists."""
    return all(isinstance(ref, Ref) and ref.kind == "Codelist" for ref in (*given.sources, *given.targets))


def without_lines(given: RepresentationMap) -> RepresentationMap:
    """What a map says beside its lines, names and lists, which stand in the codelist map itself."""
    return replace(given, name=Text(), description=Text(), sources=(), targets=(), mappings=())


def unframed(found: StructureSet) -> tuple[Map | StructureSet, ...]:
    """The maps of SDMX 3 for which a set stands, as its note says; else the set itself."""
    kind = next(
        (
            annotation.title
            for annotation in found.annotations
            if annotation == Annotation(NOTE, title=annotation.title)
        ),
        "",
    )
    if not kind or found.related or not found.maps or found.maps[-1].id != found.ref.id:
        return (found,)
    notes = tuple(annotation for annotation in found.annotations if annotation != Annotation(NOTE, title=kind))
    ref, last = replace(found.ref, kind=kind), found.maps[-1]
    if kind == last.kind == "StructureMap":
        return taken_out(found, replace(found, ref=ref, annotations=notes))
    if len(found.maps) != 1 or last.kind != ("CodelistMap" if kind == "RepresentationMap" else kind):
        return (found,)
    return (
        RepresentationMap(
            ref,
            found.name,
            sources=(last.source,),
            targets=(last.target,),
            mappings=lines(last),
            description=found.description,
            annotations=notes,
            details=found.details,
            place=found.place,
        ),
    )


def lines(given: SchemeMap) -> tuple[ValueMapping, ...]:
    """The pairs of a map as the lines of one of SDMX 3."""
    notes = given.link_notes or ((),) * len(given.links)
    return tuple(
        ValueMapping((SourceValue(before),), (after,), annotations=own)
        for (before, after, _), own in zip(given.links, notes, strict=True)
    )


def taken_out(whole: StructureSet, found: StructureSet) -> tuple[Map | StructureSet, ...]:
    """The structure map of a set, and the representation maps that it brought into it.

    `found` has the map's own name and notes; the `whole` set is given back if its maps carry nothing.
    """
    *inner, own = found.maps
    maps: dict[str, RepresentationMap] = {}
    for scheme_map in inner:
        rest, notes = taken(scheme_map.annotations, REST, RepresentationMap)
        if rest is None or notes:
            return (whole,)
        sides = ((scheme_map.source,), (scheme_map.target,))
        maps[scheme_map.id] = replace(
            rest,
            name=scheme_map.name,
            description=scheme_map.description,
            sources=sides[0],
            targets=sides[1],
            mappings=lines(scheme_map),
        )
    pairs = dict(own.values)
    components = []
    link_notes = own.link_notes or ((),) * len(own.links)
    for (source, target, by), noted in zip(own.links, link_notes, strict=True):
        representation, left = taken(noted, REST, RepresentationMap)
        if by and by in maps:
            representation = maps[by]
        elif representation:
            mappings = tuple(ValueMapping((SourceValue(a),), (b,)) for a, b in pairs.get(source, ()))
            representation = replace(representation, mappings=mappings)
            maps[str(representation.ref)] = representation
        ref = representation.ref if representation else None
        components.append(ComponentLink((local(source),), (local(target),), representation=ref, annotations=left))
    given = StructureMap(
        found.ref,
        found.name,
        source=own.source,
        target=own.target,
        components=tuple(components),
        fixed=(),
        times=(),
        description=found.description,
        annotations=found.annotations,
        details=found.details,
        place=found.place,
    )
    return (*maps.values(), given)


def local(component: str) -> str:
    """The id of a component that may be written with its class and list."""
    return component.rpartition("=")[2].partition(".")[2] if "=" in component else component
