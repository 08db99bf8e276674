"""Content without a place in any SDMX version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.sdmx.formats.structures.notes import cannot_express
from sdmxmig.sdmx.formats.wire.items import CODELISTS, DATAFLOWS, NESTED, OWN
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import MAP_TYPES, Component, DataStructure, Group
from sdmxmig.sdmx.model.maps import ComponentLink, RepresentationMap, StructureMap, TimeLink
from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
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
UNITS = ("nanosecond", "millisecond", "microsecond", "second", "day")
POINTS = ("startOfPeriod", "endOfPeriod", "midPeriod")
"""The dates of a period."""


def misplaced_in_item(kind: str, item: Item) -> str:
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


def misplaced_in_scheme(scheme: ItemScheme) -> str:
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


def misplaced_in_component(component: Component) -> str:
    role, attached = component.role, component.attachment
    described = {"attachment": attached, "dimensions": component.dimensions, "groups": component.group}
    described |= {"measures": component.measures, "optional dimensions": component.optional}
    misplaced_property = next((name for name, value in described.items() if value), "")
    several = (component.min_occurs, component.max_occurs) != ("1", "1")
    facts = (
        component.codelist,
        component.data_type,
        component.facets,
        component.sentinels,
        component.concept_roles,
        component.measures,
        several,
    )
    wrong = (
        (
            role not in ("attribute", "metadata") and misplaced_property,
            f"the {misplaced_property} of {component.id}, which is a {role},",
        ),
        (
            component.dimensions and attached != "dimensions",
            f"the dimensions of {component.id}, attached to the {attached},",
        ),
        (
            component.group and attached not in ("group", "dimensions"),
            f"the group of {component.id}, attached to the {attached},",
        ),
        (
            set(component.optional) - set(component.dimensions),
            f"the optional dimensions of {component.id}, to which it is not attached,",
        ),
        (role == "time" and component.codelist, f"the codes of {component.id}, which contains times,"),
        (
            not component.mandatory and role not in ("attribute", "measure"),
            f"that {component.id}, a {role}, may be left out",
        ),
        (
            role == "metadata" and any(facts),
            f"the representation or measures of {component.id}, an attribute of metadata,",
        ),
    )
    return next((what for is_wrong, what in wrong if is_wrong), "")


def misplaced_in_constraint(constraint: Constraint) -> str:
    roles = ("Allowed",) if constraint.ref.kind == "AttachmentConstraint" else ("Allowed", "Actual")
    if constraint.role not in roles:
        return f"the role {constraint.role}"
    selections = [selection for region in constraint.regions for selection in region.selections]
    selections += [selection for keys in constraint.keys for key in keys.keys for selection in key]
    return next((fault for selection in selections if (fault := misplaced_in_selection(selection))), "")


def misplaced_in_selection(selection: Selection) -> str:
    component, role, times = selection.component, selection.role, selection.time_range
    is_open = times and ((not times.start and not times.includes_start) or (not times.end and not times.includes_end))
    if role not in ("key", "component"):
        return f"the role {role} of {component}"
    if is_open:
        return f"the open end of the range of {component}, which is not included,"
    return next((what for member in selection.members if (what := misplaced_in_member(selection, member))), "")


def misplaced_in_member(selection: Selection, member: Member) -> str:
    component = selection.component
    plain = Member(member.value, kind=member.kind, provider=member.provider, key=member.key)
    others = (member.provider and member.kind != "DataSet") or (member.key and member.kind != "DataKey")
    wrong = (
        (
            member.kind and selection.role != "key",
            f"the {member.kind} of {component}, which is not a target of metadata,",
        ),
        (others, f"the provider or key of {member.value} of {component}"),
        (member.kind and member != plain, f"the cascade, validity or language of the {member.kind} of {component}"),
        (
            member.kind == "Object" and not member.value.startswith("urn:sdmx:"),
            f"“{member.value}” as an object of {component}",
        ),
    )
    return next((what for is_wrong, what in wrong if is_wrong), "")


def misplaced_in_time_link(link: TimeLink) -> str:
    if link.kind not in ("pattern", "epoch"):
        return f"a map of dates by {link.kind}"
    others = ONLY_EPOCHS if link.kind == "pattern" else ONLY_PATTERNS
    misplaced_field = next((name for name in others if getattr(link, name)), "")
    wrong = (
        (misplaced_field, f"the {misplaced_field} of a map of dates by {link.kind}"),
        (not link.sources or len(link.sources) != len(link.targets), "a map of dates that has no pairs of components"),
        (
            bool(link.frequency) == bool(link.frequency_dimension),
            "a map of dates without one frequency or one dimension that has it",
        ),
        (link.formats and link.frequency, "patterns by frequency beside a single frequency"),
        (link.kind == "epoch" and link.unit not in UNITS, f"epochs of “{link.unit}”"),
        (link.resolve and link.resolve not in POINTS, f"“{link.resolve}” as the date of a period"),
    )
    return next((what for is_wrong, what in wrong if is_wrong), "")


def misplaced_in_structure_map(structure_map: StructureMap) -> Iterator[str]:
    yield from map(misplaced_in_time_link, structure_map.times)
    yield from map(misplaced_in_component_link, structure_map.components)
    names = [name for name, _, _ in structure_map.all_formats]
    twice = next((name for name in names if names.count(name) > 1), "")
    yield f"two patterns of the name {twice}" if twice else ""


def misplaced_in_component_link(link: ComponentLink) -> str:
    return "" if link.sources and link.targets else "a map without a component on one side"


def misplaced_in_representation_map(representation_map: RepresentationMap) -> str:
    sides = (*representation_map.sources, *representation_map.targets)
    return next((f"the type {side}" for side in sides if isinstance(side, str) and side not in MAP_TYPES), "")


def misplaced_in_group(group: Group) -> str:
    return "" if group.dimensions or group.constraint else f"the group {group.id} without dimensions"


def misplaced_in_levels(level: Level | None) -> str:
    if level is None:
        return ""
    if level.data_type not in CODING_TYPES:
        return f"the type {level.data_type} of the codes of {level.id}"
    return misplaced_in_levels(level.below)


def misplaced(artefact: Artefact) -> str:
    faults: Iterable[str] = ()
    match artefact:
        case ItemScheme() as scheme:
            kind = ITEM_KINDS[scheme.ref.kind]
            faults = (misplaced_in_scheme(scheme), *(misplaced_in_item(kind, item) for item in scheme.items))
        case DataStructure() as structure:
            parts = map(misplaced_in_component, structure.components)
            faults = (*parts, *map(misplaced_in_group, structure.groups))
        case Constraint() as constraint:
            faults = (misplaced_in_constraint(constraint),)
        case StructureMap() as structure_map:
            faults = misplaced_in_structure_map(structure_map)
        case RepresentationMap() as values:
            faults = (misplaced_in_representation_map(values),)
        case Hierarchy() as tree:
            faults = (misplaced_in_levels(tree.levels),)
        case HierarchicalCodelist() as frame:
            faults = (misplaced_in_levels(tree.levels) for tree in frame.hierarchies)
        case MetadataStructure() as structure if structure.attributes and (structure.targets or structure.reports):
            faults = ("attributes beside targets and report structures",)
    return next(filter(None, faults), "")


def check_places(artefact: Artefact, version: str) -> None:
    """Reject content that no SDMX version supports; raises `SdmxmigError`."""
    if what := misplaced(artefact):
        raise cannot_express(version, artefact, what, "No version of SDMX has a place for it: leave it out.")
