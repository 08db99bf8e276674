"""Constraints: which data are allowed or available, as regions of the cube and as keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from sdmxmig.formats.sdmx_ml.dialects import XML
from sdmxmig.formats.sdmx_ml.elements import add, add_reference
from sdmxmig.formats.sdmx_ml.structure_writing.attachments import add_attachment, add_set
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, moment, start
from sdmxmig.formats.structures.notes import count_notes
from sdmxmig.model.artefacts import Annotation, Details, Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

"""The counts of an availability answer, and how the REST interface 1.x calls them in annotations."""


def add_constraint(writing: Writing, holder: etree._Element, constraint: Constraint) -> None:
    """Add a constraint under the name that the version has for its kind.

    Raises `SdmxmigError` for what the version cannot say: roles, calendars, sources, validity, cascades.
    """
    spelling = writing.dialect.structures
    kind = spelling.kind_of.get(constraint.ref.kind, constraint.ref.kind)
    check(writing, constraint, kind)
    if kind == "AvailabilityConstraint":
        add_availability(writing, holder, constraint)
        return
    has_role = spelling.constraint_role and kind != "AttachmentConstraint"
    attributes = {spelling.constraint_role: constraint.role} if has_role else {}
    element = start(writing, holder, kind=kind, attributes=attributes, notes=notes(writing, constraint))
    add_attachment(writing, element, constraint, kind)
    if constraint.calendar and not writing.dialect.has_final:
        add_calendar(writing, element, constraint.calendar)
    for keys in constraint.keys:
        add_keys(writing, element, keys)
    for region in constraint.regions:
        is_metadata = kind == "MetadataConstraint" or bool(region.report)
        add_region(writing, element, "MetadataTargetRegion" if is_metadata else "CubeRegion", region)
    if constraint.calendar and writing.dialect.has_final:
        add_calendar(writing, element, constraint.calendar)
    if constraint.period:
        attributes = dict(zip(("startTime", "endTime"), map(moment, constraint.period), strict=True))
        writing.add(element, "ReferencePeriod", attributes=attributes)


def check(writing: Writing, constraint: Constraint, kind: str) -> None:
    """Refuse what a kind of constraint cannot hold in this version."""
    spelling = writing.dialect.structures
    if constraint.calendar and not spelling.has_release_calendar:
        raise writing.refusal("the release calendar", "Write SDMX-ML 3.0 or 2.1.")
    if constraint.sources and not spelling.has_data_sources:
        raise writing.refusal("the data sources", "Write SDMX-ML 3.0 or 2.1.")
    if constraint.period and kind != "ContentConstraint":
        raise writing.refusal("the reference period", "Only constraints of SDMX 2.1 on content have one.")
    includes = [region.include for region in constraint.regions]
    if not writing.dialect.has_final and len(set(includes)) != len(includes):
        hint = "Write one that includes and one that excludes."
        raise writing.refusal("several regions that all include or all exclude", hint)
    if kind == "MetadataConstraint" and (constraint.keys or constraint.role != "Allowed"):
        raise writing.refusal("keys or another role than Allowed", "Constraints of metadata name allowed values only.")
    if kind == "AttachmentConstraint" and (constraint.regions or constraint.calendar):
        raise writing.refusal("regions or a calendar", "Constraints for attachment hold keys only.")


def notes(writing: Writing, constraint: Constraint) -> Iterator[Annotation]:
    """Notes of what has no attribute in this version: the role in 3.1, and the counts of an availability answer."""
    if not writing.dialect.structures.constraint_role and constraint.role != "Allowed":
        yield Annotation("CONSTRAINT_ROLE", title=constraint.role)
    yield from count_notes(constraint.counts)


def add_availability(writing: Writing, holder: etree._Element, constraint: Constraint) -> None:
    """Add the answer which data are available; in 3.1 this has no name of its own."""
    if len(constraint.attached) != 1 or len(constraint.regions) != 1 or constraint.keys:
        raise writing.refusal("anything but one region of one artefact", "An availability constraint has just these.")
    naming = (constraint.name, constraint.description, constraint.details, constraint.ref.short, constraint.role)
    if naming != (Text(), Text(), Details(), constraint.attached[0].short, "Actual"):
        hint = "It has no names, and as agency, id and version those of what it describes."
        raise writing.refusal("names of an availability constraint", hint)
    element = writing.add(holder, "AvailabilityConstraint", attributes=dict(constraint.counts))
    writing.notes(element, constraint.annotations)
    add_attachment(writing, element, constraint, "AvailabilityConstraint")
    add_region(writing, element, "CubeRegion", constraint.regions[0])


def add_calendar(writing: Writing, element: etree._Element, calendar: Sequence[str]) -> None:
    """Add how often, when and how punctually data come."""
    holder = writing.add(element, "ReleaseCalendar")
    for name, text in zip(("Periodicity", "Offset", "Tolerance"), calendar, strict=True):
        writing.add(holder, name, text)


def add_keys(writing: Writing, element: etree._Element, keys: KeySet) -> None:
    """Add keys that are allowed, present or forbidden."""
    is_21 = writing.dialect.has_final
    if keys.reports and not is_21:
        raise writing.refusal("keys of metadata", "Only SDMX 2.1 has them.")
    name = "MetadataKeySet" if keys.reports else "DataKeySet"
    holder = writing.add(element, name, attributes={"isIncluded": "true" if keys.include else "false"})
    number = len(keys.keys)
    valid, reports = keys.valid or (("", ""),) * number, keys.reports or (("", ""),) * number
    notes = keys.notes or ((),) * number
    for key, (begin, end), own_notes, (report, target) in zip(keys.keys, valid, notes, reports, strict=True):
        if is_21 and (begin or end or own_notes):
            raise writing.refusal("the validity or the annotations of a key")
        attributes = {"validFrom": begin, "validTo": end, "report": report, "metadataTarget": target}
        key_element = writing.add(holder, "Key", attributes=attributes)
        writing.notes(key_element, own_notes)
        for selection in by_role(key):
            check_in_key(writing, selection)
            add_selection(writing, key_element, selection, in_key=True)


def check_in_key(writing: Writing, selection: Selection) -> None:
    """Refuse what a key cannot hold: several values (before 3.1) and, in 2.1, what is no dimension."""
    one_value = len(selection.members) == 1 or writing.dialect.structures.has_key_value_lists
    if selection.role == "key" and not (selection.include and selection.members and one_value):
        raise writing.refusal(f"the values of {selection.component} in a key", "A key has one value of each.")
    if selection.role != "key" and writing.dialect.has_final:
        raise writing.refusal(f"{selection.component}, which is no dimension, in a key")


def by_role(selections: Sequence[Selection]) -> list[Selection]:
    """Selections of dimensions first, as the schema wants."""
    return sorted(selections, key=lambda selection: selection.role != "key")


def add_region(writing: Writing, element: etree._Element, name: str, region: CubeRegion) -> None:
    """Add a part of the cube."""
    is_21, is_metadata = writing.dialect.has_final, name == "MetadataTargetRegion"
    if not is_21 and (region.report or region.target):
        raise writing.refusal("the report and target of a region", "Only SDMX 2.1 has them.")
    if bool(region.report) != bool(region.target):
        raise writing.refusal("a region with a report or a target alone", "Name both.")
    if (region.valid_from or region.valid_to) and (is_21 or not is_metadata):
        raise writing.refusal("the validity of a region", "Only regions of metadata have one, in SDMX 3.")
    attributes = {"include": "true" if region.include else "false"}
    attributes |= {"report": region.report, "metadataTarget": region.target}
    attributes |= {"validFrom": region.valid_from, "validTo": region.valid_to}
    holder = writing.add(element, name, attributes=attributes)
    if region.annotations:
        if is_21 or is_metadata:
            raise writing.refusal("the annotations of a region")
        writing.notes(holder, region.annotations)
    for selection in by_role(region.selections):
        is_empty = not selection.members and selection.time_range is None
        if selection.role == "key" and (is_empty or (is_metadata and not is_21)):
            what = f"the selection of {selection.component} in a region"
            raise writing.refusal(what, "Name its values; of metadata only components can be named.")
        add_selection(writing, holder, selection, in_key=False)


def add_selection(writing: Writing, holder: etree._Element, selection: Selection, *, in_key: bool) -> None:
    """Add the values of one component, or a range of periods."""
    is_key = selection.role == "key"
    name = "KeyValue" if is_key else writing.dialect.structures.constraint_component
    dated = bool(selection.valid_from or selection.valid_to)
    if writing.dialect.has_final and (dated or selection.remove_prefix):
        raise writing.refusal(f"the validity or the prefix of {selection.component}")
    if dated and (in_key or not is_key):
        raise writing.refusal(f"the validity of {selection.component}", "Only dimensions in a region have one.")
    attributes = {
        "id": selection.component,
        "include": "" if selection.include else "false",
        "removePrefix": "true" if selection.remove_prefix else "",
        "validFrom": selection.valid_from,
        "validTo": selection.valid_to,
    }
    element = add_part(writing, holder, name, attributes=attributes)
    add_members(writing, element, selection, in_key=in_key)
    if selection.time_range is not None:
        if selection.members:
            raise writing.refusal(f"values and a range of {selection.component} at once", "Name one of them.")
        add_time_range(writing, element, selection.time_range)


def add_members(writing: Writing, element: etree._Element, selection: Selection, *, in_key: bool) -> None:
    """Add the values of a selection, with the cascade, validity and language that the place allows."""
    is_key = selection.role == "key"
    for member in selection.members:
        dated, cascades = bool(member.valid_from or member.valid_to), bool(member.cascade)
        if writing.dialect.has_final and (dated or member.language or member.cascade == "excluderoot"):
            raise writing.refusal(f"validity, language or excluderoot of {member.value} of {selection.component}")
        if (dated and in_key) or (cascades and in_key and is_key) or (member.language and is_key):
            what = f"validity, cascade or language of {member.value} of {selection.component}"
            raise writing.refusal(what, "Write the value alone.")
        if member.kind:
            add_object(writing, element, selection, member)
            continue
        attributes = {"cascadeValues": member.cascade, "validFrom": member.valid_from, "validTo": member.valid_to}
        add_part(
            writing,
            element,
            name="Value",
            text=member.value,
            attributes={**attributes, f"{{{XML}}}lang": member.language},
        )


def add_object(writing: Writing, element: etree._Element, selection: Selection, member: Member) -> None:
    """Add a target that metadata of SDMX 2.1 may have beside values: an object, a set of data, or a key of data."""
    if not writing.dialect.has_final:
        raise writing.refusal(f"the {member.kind} of {selection.component}", "Only SDMX 2.1 has them.")
    if member.kind == "Object":
        add_reference(
            element, writing.dialect, namespace=writing.dialect.common, name="Object", ref=Ref.parse(member.value)
        )
    elif member.kind == "DataSet":
        add_set(writing, add_part(writing, element, "DataSet"), member.provider, member.value)
    elif member.kind == "DataKey" and member.key:
        key = add_part(writing, element, "DataKey")
        for name, value in member.key:
            add_part(writing, add_part(writing, key, "KeyValue", attributes={"id": name}), "Value", value)
    else:
        raise writing.refusal(f"the {member.kind} of {selection.component}", "It is Object, DataSet or DataKey.")


def add_part(
    writing: Writing, parent: etree._Element, name: str, text: str = "", attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add a part of a region or key; in 2.1 these are elements of the common namespace."""
    dialect = writing.dialect
    return add(
        parent, dialect.common if dialect.has_final else dialect.structure, name=name, text=text, attributes=attributes
    )


def add_time_range(writing: Writing, element: etree._Element, time_range: TimeRange) -> None:
    """Add a range of periods, open at one end or at none."""
    ends = [
        ("StartPeriod", time_range.start, time_range.includes_start),
        ("EndPeriod", time_range.end, time_range.includes_end),
    ]
    if not time_range.start:
        ends = [("BeforePeriod", time_range.end, time_range.includes_end)]
    elif not time_range.end:
        ends = [("AfterPeriod", time_range.start, time_range.includes_start)]
    if not (time_range.start or time_range.end):
        raise writing.refusal("a range of periods without ends", "Name the first or the last period.")
    if writing.dialect.has_final and (time_range.valid_from or time_range.valid_to):
        raise writing.refusal("the validity of a range of periods")
    attributes = {"validFrom": time_range.valid_from, "validTo": time_range.valid_to}
    holder = add_part(writing, element, "TimeRange", attributes=attributes)
    for name, period, inclusive in ends:
        add_part(writing, holder, name=name, text=period, attributes={"isInclusive": "true" if inclusive else "false"})
