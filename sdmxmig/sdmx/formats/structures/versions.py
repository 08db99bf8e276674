"""Lossless conversion of artefacts between the kinds of SDMX 2.1 and 3.

Hierarchy `ONE` of codelist `HCL` becomes `HCL_ONE`, with the version and validity of its frame. An annotation keeps the
rest for conversion back. Codes that share an id, such as a country in several groups, get new ids and an annotation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count

from sdmxmig.primitives.errors import apply_to_each
from sdmxmig.sdmx.formats.structures import data_structures, maps_before_3, maps_since_3
from sdmxmig.sdmx.formats.structures.notes import build_expression_error, copy_heading, take_record, write_note
from sdmxmig.sdmx.formats.structures.representations import convert_all_to_3, map_each, reduce_representation
from sdmxmig.sdmx.formats.wire.tables import CODELISTS, DATAFLOWS, NESTED, OWN
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import MAP_TYPES, Component, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet, TimeLink
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    HierarchicalCode,
    HierarchicalCodelist,
    Hierarchy,
    Level,
    Member,
    MetadataStructure,
    Selection,
)

ORGANISATIONS = ("Agency", "DataProvider", "DataConsumer", "MetadataProvider", "OrganisationUnit")
CODING_TYPES = ("", "Alpha", "AlphaNumeric", "Numeric")
"""The types of texts that the codes of a level of a hierarchy may have."""
ONLY_PATTERNS, ONLY_EPOCHS = ("pattern", "locale"), ("base", "unit")
TIME_UNITS = ("nanosecond", "millisecond", "microsecond", "second", "day")
PERIOD_POINTS = ("startOfPeriod", "endOfPeriod", "midPeriod")


def find_item_problem(kind: str, item: Item) -> str:
    occurs = (item.min_occurs, item.max_occurs) != ("1", "1")
    represented = item.codelist or item.data_type or item.facets or item.iso or item.sentinels or occurs
    if kind != "Concept" and represented:
        return f"the representation of {item.id}, which is not a concept,"
    maps_dataflow = kind == "VtlMapping" and any(name in DATAFLOWS for name, _ in item.properties)
    if not maps_dataflow and (item.to_vtl or item.from_vtl):
        return f"the method of {item.id}, which is not a mapping of a dataflow to VTL,"
    if item.contacts and kind not in ORGANISATIONS:
        return f"the contacts of {item.id}, which is not an organisation,"
    if kind == "ValueItem" and (item.uri or item.links):
        return f"the addresses of {item.id}, an item of a value list,"
    if item.properties and kind not in OWN:
        return f"the property {item.properties[0][0]} of {item.id}"
    return ""


def find_scheme_problem(scheme: ItemScheme) -> str:
    if scheme.extensions and scheme.ref.kind not in CODELISTS:
        return "the codes taken from other codelists"
    if scheme.properties and scheme.ref.kind not in OWN:
        return f"the property {scheme.properties[0][0]}"
    for extension in scheme.extensions:
        unknown = [member for member, _ in extension.cascade if member not in extension.members]
        if unknown:
            return f"the cascade of {unknown[0]}, which is not taken from {extension.codelist.short},"
    known: set[tuple[str, str]] = set()
    for item in scheme.items if scheme.ref.kind != "ValueList" else ():
        key = (item.parent if ITEM_KINDS[scheme.ref.kind] in NESTED else "", item.id)
        if key in known:
            return f"two items {item.id}"
        known.add(key)
    return ""


def find_data_structure_problems(structure: DataStructure) -> Iterator[str]:
    for component in structure.components:
        yield from find_component_problems(component)
    for group in structure.groups:
        if not group.dimensions and not group.constraint:
            yield f"the group {group.id} without dimensions"


def find_component_problems(component: Component) -> Iterator[str]:
    name, role, attached = component.id, component.role, component.attachment
    described = {"attachment": attached, "dimensions": component.dimensions, "groups": component.group}
    described |= {"measures": component.measures, "optional dimensions": component.optional}
    misplaced_property = next((property_ for property_, value in described.items() if value), "")
    if role not in ("attribute", "metadata") and misplaced_property:
        yield f"the {misplaced_property} of {name}, which is a {role},"
    if component.dimensions and attached != "dimensions":
        yield f"the dimensions of {name}, attached to the {attached},"
    if component.group and attached not in ("group", "dimensions"):
        yield f"the group of {name}, attached to the {attached},"
    if set(component.optional) - set(component.dimensions):
        yield f"the optional dimensions of {name}, to which it is not attached,"
    if role == "time" and component.codelist:
        yield f"the codes of {name}, which contains times,"
    if not component.mandatory and role not in ("attribute", "measure"):
        yield f"that {name}, a {role}, may be left out"
    if role == "metadata" and has_representation_or_measures(component):
        yield f"the representation or measures of {name}, an attribute of metadata,"


def has_representation_or_measures(component: Component) -> bool:
    represented = component.codelist or component.data_type or component.facets or component.sentinels
    is_repeated = (component.min_occurs, component.max_occurs) != ("1", "1")
    return bool(represented or component.concept_roles or component.measures or is_repeated)


def find_constraint_problem(constraint: Constraint) -> str:
    roles = ("Allowed",) if constraint.ref.kind == "AttachmentConstraint" else ("Allowed", "Actual")
    if constraint.role not in roles:
        return f"the role {constraint.role}"
    selections = [selection for region in constraint.regions for selection in region.selections]
    selections += [selection for keys in constraint.keys for key in keys.keys for selection in key]
    return next((fault for selection in selections if (fault := find_selection_problem(selection))), "")


def find_selection_problem(selection: Selection) -> str:
    component, role, times = selection.component, selection.role, selection.time_range
    is_open = times and ((not times.start and not times.includes_start) or (not times.end and not times.includes_end))
    if role not in ("key", "component"):
        return f"the role {role} of {component}"
    if is_open:
        return f"the open end of the range of {component}, which is not included,"
    return next((what for member in selection.members for what in find_member_problems(selection, member)), "")


def find_member_problems(selection: Selection, member: Member) -> Iterator[str]:
    component, kind = selection.component, member.kind
    plain = Member(member.value, kind=kind, provider=member.provider, key=member.key)
    if kind and selection.role != "key":
        yield f"the {kind} of {component}, which is not a target of metadata,"
    if (member.provider and kind != "DataSet") or (member.key and kind != "DataKey"):
        yield f"the provider or key of {member.value} of {component}"
    if kind and member != plain:
        yield f"the cascade, validity or language of the {kind} of {component}"
    if kind == "Object" and not member.value.startswith("urn:sdmx:"):
        yield f"“{member.value}” as an object of {component}"


def find_time_link_problems(link: TimeLink) -> Iterator[str]:
    if link.kind not in ("pattern", "epoch"):
        yield f"a map of dates by {link.kind}"
        return
    others = ONLY_EPOCHS if link.kind == "pattern" else ONLY_PATTERNS
    if misplaced_field := next((name for name in others if getattr(link, name)), ""):
        yield f"the {misplaced_field} of a map of dates by {link.kind}"
    if not link.sources or len(link.sources) != len(link.targets):
        yield "a map of dates that has no pairs of components"
    if bool(link.frequency) == bool(link.frequency_dimension):
        yield "a map of dates without one frequency or one dimension that has it"
    if link.formats and link.frequency:
        yield "patterns by frequency beside a single frequency"
    if link.kind == "epoch" and link.unit not in TIME_UNITS:
        yield f"epochs of “{link.unit}”"
    if link.resolve and link.resolve not in PERIOD_POINTS:
        yield f"“{link.resolve}” as the date of a period"


def find_structure_map_problems(structure_map: StructureMap) -> Iterator[str]:
    for link in structure_map.times:
        yield from find_time_link_problems(link)
    if any(not link.sources or not link.targets for link in structure_map.components):
        yield "a map without a component on one side"
    names = [name for name, _, _ in structure_map.all_formats]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        yield f"two patterns of the name {twice}"


def find_representation_map_problem(representation_map: RepresentationMap) -> str:
    sides = (*representation_map.sources, *representation_map.targets)
    return next((f"the type {side}" for side in sides if isinstance(side, str) and side not in MAP_TYPES), "")


def find_level_problem(level: Level | None) -> str:
    if level is None:
        return ""
    if level.data_type not in CODING_TYPES:
        return f"the type {level.data_type} of the codes of {level.id}"
    return find_level_problem(level.below)


def find_problem(artefact: Artefact) -> str:
    faults: Iterable[str] = ()
    match artefact:
        case ItemScheme() as scheme:
            kind = ITEM_KINDS[scheme.ref.kind]
            faults = (find_scheme_problem(scheme), *(find_item_problem(kind, item) for item in scheme.items))
        case DataStructure() as structure:
            faults = find_data_structure_problems(structure)
        case Constraint() as constraint:
            faults = (find_constraint_problem(constraint),)
        case StructureMap() as structure_map:
            faults = find_structure_map_problems(structure_map)
        case RepresentationMap() as values:
            faults = (find_representation_map_problem(values),)
        case Hierarchy() as tree:
            faults = (find_level_problem(tree.levels),)
        case HierarchicalCodelist() as frame:
            faults = (find_level_problem(tree.levels) for tree in frame.hierarchies)
        case MetadataStructure() as structure if structure.attributes and (structure.targets or structure.reports):
            faults = ("attributes beside targets and report structures",)
    return next(filter(None, faults), "")


def check_places(artefact: Artefact, version: str) -> None:
    if what := find_problem(artefact):
        raise build_expression_error(version, artefact, what, "No version of SDMX has a place for it: leave it out.")


NOTE = "HIERARCHICAL_CODELIST"
VERSION, ID = "VERSION", "HIERARCHICAL_CODE_ID"
FRAME_NOTE = Annotation("HIERARCHY", title="true")
"""Marks the frame of a hierarchy of SDMX 3."""


@dataclass(frozen=True, slots=True)
class Origin:
    frame: HierarchicalCodelist
    position: int
    id: str
    details: Details = Details()


def split_frame(frame: HierarchicalCodelist, version: str) -> list[Hierarchy]:
    """Split a frame into hierarchies; raise `SdmxmigError` for one without hierarchies."""
    if not frame.hierarchies:
        hint = "Since SDMX 3.0, hierarchies are independent artefacts: give it one, or leave it out."
        raise build_expression_error(version, frame, "the frame without hierarchies", hint)
    empty = replace(frame, hierarchies=())
    return [build_hierarchy(hierarchy, empty, position) for position, hierarchy in enumerate(frame.hierarchies)]


def build_hierarchy(hierarchy: Hierarchy, frame: HierarchicalCodelist, position: int) -> Hierarchy:
    """Take one hierarchy from its frame, with validity and finality of the frame and its own addresses."""
    origin = Origin(frame, position, id=hierarchy.ref.item, details=replace(hierarchy.details, uri="", links=()))
    used: set[str] = set()
    return replace(
        hierarchy,
        ref=replace(frame.ref, kind="Hierarchy", id=f"{frame.ref.id}_{hierarchy.ref.item}"),
        codes=tuple(convert_code_to_3(code, used) for code in hierarchy.codes),
        annotations=(write_note(NOTE, origin), *hierarchy.annotations),
        details=replace(frame.details, uri=hierarchy.details.uri, links=hierarchy.details.links),
        place=hierarchy.place or frame.place,
    )


def convert_code_to_3(code: HierarchicalCode, used: set[str]) -> HierarchicalCode:
    numbered = (f"{code.id}_{number}" for number in count(2))
    free_id = next(candidate for candidate in chain([code.id], numbered) if candidate not in used)
    used.add(free_id)
    notes = [Annotation(ID, title=code.id)] if free_id != code.id else []
    notes += [Annotation(VERSION, title=code.version)] if code.version else []
    children = tuple(convert_code_to_3(child, used) for child in code.children)
    return replace(code, id=free_id, version="", annotations=(*notes, *code.annotations), children=children)


def find_repeated_id(codes: Iterable[HierarchicalCode]) -> str:
    counted = Counter(list_ids(codes))
    return next((code_id for code_id, number in counted.items() if number > 1), "")


def list_ids(codes: Iterable[HierarchicalCode]) -> Iterator[str]:
    for code in codes:
        yield code.id
        yield from list_ids(code.children)


def join_hierarchies(hierarchies: Iterable[Hierarchy]) -> list[HierarchicalCodelist | Hierarchy]:
    artefacts: list[HierarchicalCodelist | Hierarchy] = []
    frames: dict[HierarchicalCodelist, list[tuple[int, Hierarchy]]] = {}
    for hierarchy in hierarchies:
        origin, notes = take_record(hierarchy.annotations, NOTE, Origin)
        if origin is None:
            artefacts.append(hierarchy)
            continue
        owner = replace(hierarchy.ref, kind="HierarchicalCodelist", id=origin.frame.ref.id)
        frame = replace(origin.frame, ref=owner)
        frames.setdefault(frame, []).append(
            (origin.position, build_inner_hierarchy(replace(hierarchy, annotations=notes), frame, origin))
        )
    for frame, placed_hierarchies in frames.items():
        ordered = sorted(placed_hierarchies, key=lambda pair: pair[0])
        artefacts.append(
            replace(frame, hierarchies=tuple(hierarchy for _, hierarchy in ordered), place=ordered[0][1].place)
        )
    return artefacts


def wrap_in_frame(hierarchy: Hierarchy) -> Hierarchy | HierarchicalCodelist:
    """Return a frame of the same name around a hierarchy, empty for a stub; hierarchies in a frame stay unchanged."""
    if hierarchy.ref.item:
        return hierarchy
    inner = Hierarchy(
        replace(hierarchy.ref, item=hierarchy.ref.id),
        hierarchy.name,
        codes=hierarchy.codes,
        levels=hierarchy.levels,
        formal_levels=hierarchy.formal_levels,
    )
    ref = replace(hierarchy.ref, kind="HierarchicalCodelist")
    heading = copy_heading(hierarchy, ref, (FRAME_NOTE, *hierarchy.annotations))
    return HierarchicalCodelist(**heading, hierarchies=() if hierarchy.details.external else (inner,))


def extract_hierarchy(frame: HierarchicalCodelist) -> HierarchicalCodelist | Hierarchy:
    if [hierarchy.ref.item for hierarchy in frame.hierarchies] != [frame.ref.id] or FRAME_NOTE not in frame.annotations:
        return frame
    place = frame.annotations.index(FRAME_NOTE)
    notes = frame.annotations[:place] + frame.annotations[place + 1 :]
    return replace(frame.hierarchies[0], **copy_heading(frame, replace(frame.ref, kind="Hierarchy"), notes))


def build_inner_hierarchy(hierarchy: Hierarchy, frame: HierarchicalCodelist, origin: Origin) -> Hierarchy:
    return replace(
        hierarchy,
        ref=replace(frame.ref, kind="Hierarchy", item=origin.id),
        codes=tuple(convert_code_from_3(code) for code in hierarchy.codes),
        details=replace(origin.details, uri=hierarchy.details.uri, links=hierarchy.details.links),
    )


def convert_code_from_3(code: HierarchicalCode) -> HierarchicalCode:
    old_id, notes = read_first_title(code.annotations, ID)
    version, notes = read_first_title(notes, VERSION)
    children = tuple(convert_code_from_3(child) for child in code.children)
    code_id, version = old_id or code.id, version or code.version
    return replace(code, id=code_id, version=version, annotations=notes, children=children)


def read_first_title(notes: tuple[Annotation, ...], kind: str) -> tuple[str, tuple[Annotation, ...]]:
    first = notes[0] if notes else None
    if first is None or not first.title or first != Annotation(kind, title=first.title):
        return "", notes
    return first.title, notes[1:]


def convert_kinds(artefacts: Iterable[Artefact], kinds: Container[str], version: str) -> list[Artefact]:
    """Convert artefacts to the kinds of a version; kinds without an equivalent are left for the writer to reject."""
    prepared = [map_each(artefact, reduce_representation) for artefact in artefacts]
    apply_to_each(prepared, lambda artefact: check_places(artefact, version))
    if "StructureSet" in kinds:
        return convert_to_version_21(prepared, version)
    return [
        converted
        for parts in apply_to_each(convert_all_to_3(prepared), lambda artefact: convert_to_3(artefact, version))
        for converted in parts
    ]


def convert_to_3(artefact: Artefact, version: str) -> list[Artefact]:
    if isinstance(artefact, StructureSet):
        return list(maps_since_3.split_set(artefact, version))
    if isinstance(artefact, HierarchicalCodelist):
        return list(split_frame(artefact, version))
    if isinstance(artefact, MetadataStructure):
        return [data_structures.convert_to_version_3(artefact, version)]
    return [artefact]


def convert_to_version_21(artefacts: Iterable[Artefact], version: str) -> list[Artefact]:
    prepared = [
        data_structures.convert_to_version_21(metadata_structure)
        if isinstance(metadata_structure, MetadataStructure)
        else metadata_structure
        for metadata_structure in artefacts
    ]
    maps = [artefact for artefact in prepared if isinstance(artefact, RepresentationMap | StructureMap)]
    trees = [hierarchy for hierarchy in prepared if isinstance(hierarchy, Hierarchy)]
    if not maps and not trees:
        return prepared
    known: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in prepared}
    converted: list[Artefact] = [
        artefact for artefact in prepared if not isinstance(artefact, RepresentationMap | StructureMap | Hierarchy)
    ]
    converted += [wrap_in_frame(tree) if isinstance(tree, Hierarchy) else tree for tree in join_hierarchies(trees)]
    brought = maps_since_3.join_maps(maps, version)
    converted += [structure_set for structure_set in brought if isinstance(structure_set, StructureSet)]
    single = [artefact for artefact in brought if not isinstance(artefact, StructureSet)]
    return converted + maps_before_3.build_structure_sets(single, known, version)


def restore_version_3(artefacts: Iterable[Artefact]) -> tuple[Artefact, ...]:
    artefacts_by_ref: dict[tuple[Ref, int], Artefact] = {}
    for number, artefact in enumerate(artefacts):
        if isinstance(artefact, StructureSet):
            for map_ in maps_before_3.restore_maps(artefact):
                artefacts_by_ref[map_.ref, 0] = map_
        elif isinstance(artefact, MetadataStructure):
            artefacts_by_ref[artefact.ref, number] = data_structures.drop_usual_report(artefact)
        elif isinstance(artefact, HierarchicalCodelist):
            artefacts_by_ref[artefact.ref, number] = extract_hierarchy(artefact)
        else:
            artefacts_by_ref[artefact.ref, number] = artefact
    return tuple(artefacts_by_ref.values())
