"""The differences of SDMX-JSON 1.0, which goes with SDMX 2.1, from 2.x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.data_structures import basic
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_reading.version_10_hierarchies import hierarchical_codelist
from sdmxmig.formats.sdmx_json.structure_reading.version_10_maps import structure_set
from sdmxmig.formats.sdmx_json.structure_reading.version_10_metadata_structures import metadata_structure
from sdmxmig.formats.structures import data_structures as structures
from sdmxmig.formats.structures.data_structures import ListNotes, with_series
from sdmxmig.formats.structures.notes import NEVER_FINAL, Notes
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact


def drafts(data: Part) -> dict[Ref, Ref]:
    """The artefacts that are not final although their version has three numbers, and their names as drafts."""
    drafts_by_ref: dict[Ref, Ref] = {}
    for kind, member in {**words.CONTAINERS, **words.OLD_CONTAINERS}.items():
        if not data.has(member) or kind in NEVER_FINAL:
            continue
        for part in data.parts(member):
            version, is_final = part.text("version"), part.flag("isFinal")
            if not is_final and version.count(".") == 2 and words.OLD_VERSION.fullmatch(version):
                ref = Ref(kind, part.text("agencyID"), id=part.text("id"), version=version)
                drafts_by_ref[ref] = replace(ref, version=f"{version}-draft")
    return drafts_by_ref


def data_structure(part: Part, kind: str) -> DataStructure:
    """A data structure definition with its components and groups."""
    head = heading(part, kind)
    notes: ListNotes = []
    components: tuple[Component, ...] = ()
    groups: tuple[Group, ...] = ()
    if content := part.part("dataStructureComponents"):
        components = (*dimensions(content, notes), *measures(content, notes), *attributes(content, notes))
        key = {component.id for component in components if component.role == "dimension"}
        components = tuple(
            with_series(component, key) if component.role == "attribute" else component for component in components
        )
        groups = tuple(content.each(group, "groups"))
        content.close()
    part.close()
    return structures.data_structure(head, (components, groups), notes)


def listed(part: Part, name: str, notes: ListNotes, *, needed: bool = True) -> Part | None:
    """A list of components; its notes are kept apart."""
    member = words.LISTS[name][0]
    listing = part.one(member) if needed else part.part(member)
    if listing:
        listing.matched("id", words.ID)
        if annotations := minor_notes(listing):
            notes.append((name, annotations))
    return listing


def dimensions(part: Part, notes: ListNotes) -> list[Component]:
    """The dimensions in the order of their positions, if these are given, and time last."""
    holder = listed(part, "DimensionList", notes)
    positioned: list[tuple[int, Component]] = []
    for member in ("dimensions", "measureDimensions", "timeDimensions") if holder else ():
        role, used = ("time", "TIME_PERIOD") if member == "timeDimensions" else ("dimension", "")
        for dimension in holder.parts(member) if holder else ():
            position = dimension.position()
            dimension.text("type")
            positioned.append((len(positioned) if position is None else position, basic(dimension, role, used)))
            dimension.close()
    if holder:
        holder.close()
    ordered = sorted(positioned, key=lambda pair: (pair[1].role == "time", pair[0]))
    return [component for _, component in ordered]


def measures(part: Part, notes: ListNotes) -> list[Component]:
    """The primary measure."""
    holder = listed(part, "MeasureList", notes)
    if holder is None:
        return []
    primary = holder.one("primaryMeasure")
    measure = basic(primary, "measure", "OBS_VALUE")
    primary.close()
    holder.close()
    measure_notes = Notes(measure.annotations)
    optional = bool(measure_notes.title("USAGE", "optional"))
    return [replace(measure, mandatory=not optional, annotations=measure_notes.remaining)]


def attributes(part: Part, notes: ListNotes) -> list[Component]:
    """The attributes with what they describe."""
    holder = listed(part, "AttributeList", notes, needed=False)
    components = []
    for member in ("attributes", "reportingYearStartDays") if holder else ():
        for attribute in holder.parts(member) if holder else ():
            status = attribute.choice("assignmentStatus", "", "Mandatory", "Conditional")
            default = "REPORTING_YEAR_START_DAY" if member != "attributes" else ""
            component = replace(basic(attribute, "attribute", default), mandatory=status == "Mandatory")
            components.append(attached(attribute.one("attributeRelationship"), component))
            attribute.close()
    if holder:
        holder.close()
    return components


def attached(part: Part, component: Component) -> Component:
    """The attribute with what it describes."""
    chosen, groups = part.strings("dimensions", words.NCNAME), part.strings("attachmentGroups", words.NCNAME)
    own_group, measure = part.matched("group", words.ID), part.matched("primaryMeasure", words.NCNAME)
    none = part.part("none")
    if none:
        none.close()
    part.close()
    if bool(chosen) + bool(own_group) + bool(measure) + (none is not None) != 1 or (groups and not chosen):
        raise part.error("This does not say one thing that the attribute describes.")
    if chosen:
        return replace(component, attachment="dimensions", dimensions=chosen, group=" ".join(groups))
    if own_group:
        return replace(component, attachment="group", group=own_group)
    return replace(component, attachment="observation" if measure else "dataset")


def group(part: Part) -> Group:
    """A part of the key, by the dimensions that it fixes or by an attachment constraint."""
    group_id = part.matched("id", words.ID, needed=True)
    constraint = part.reference("attachmentConstraint", "AttachmentConstraint")
    group = Group(
        group_id, part.strings("groupDimensions", words.NCNAME), annotations=minor_notes(part), constraint=constraint
    )
    part.close()
    return group


READERS: dict[str, Callable[[Part, str], Artefact]] = {
    "DataStructure": data_structure,
    "MetadataStructure": metadata_structure,
    "HierarchicalCodelist": hierarchical_codelist,
    "StructureSet": structure_set,
}
