"""Constraints: which codes, keys and periods data or metadata may hold, or do hold."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.formats.sdmx_ml.parts import LANGUAGE, Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, moment
from sdmxmig.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.formats.structures.notes import COUNTS, Notes, counts_in
from sdmxmig.model.artefacts import Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

ATTACHED = (
    *("DataProvider", "MetadataProvider", "DataStructure", "MetadataStructure", "Dataflow", "Metadataflow"),
    *("ProvisionAgreement", "MetadataProvisionAgreement"),
)
SETS = ("DataSet", "MetadataSet")
"""What SDMX 2.1 names by a provider and an id; in SDMX 3 metadata sets have names of their own."""
Sources = tuple[tuple[str, str], ...]
Sets = tuple[tuple[str, Ref, str], ...]
CASCADES = {"true": "true", "false": "", "1": "true", "0": "", "excluderoot": "excluderoot"}
"""Whether the codes below a value belong to it, as it is written and as we say it."""
QUERIES = {(True, False): "rest", (False, True): "soap", (True, True): "rest+soap", (False, False): "query"}


def read_constraint(part: Part) -> Constraint:
    """A constraint of any kind."""
    if part.name == "AvailabilityConstraint":
        return read_availability(part)
    head = heading(part, part.name)
    attached, sources, sets = attachment(part.part("ConstraintAttachment"))
    regions = tuple(region(cube_region) for cube_region in part.parts("CubeRegion", "MetadataTargetRegion"))
    keys = tuple(key_set(listed_keys) for listed_keys in part.parts("DataKeySet", "MetadataKeySet"))
    role = constraint_role(part, head.notes)
    calendar = period = None
    if release_calendar := part.part("ReleaseCalendar"):
        calendar = (
            release_calendar.text("Periodicity"),
            release_calendar.text("Offset"),
            release_calendar.text("Tolerance"),
        )
        release_calendar.close()
    if reference_period := part.part("ReferencePeriod"):
        period = (moment(reference_period.attribute("startTime")), moment(reference_period.attribute("endTime")))
        reference_period.close()
    part.close()
    notes, counts = counts_in(head.annotations)
    return Constraint(
        ref=head.ref,
        name=head.name,
        role=role,
        attached=attached,
        regions=regions,
        keys=keys,
        sources=sources,
        calendar=calendar,
        counts=counts,
        description=head.description,
        annotations=notes,
        details=head.details,
        place=head.place,
        period=period,
        sets=sets,
    )


def constraint_role(part: Part, notes: Notes) -> str:
    """The role of a constraint: the data that are allowed (Allowed), or those that there are (Actual)."""
    if part.message.version == "3.1":
        return notes.title("CONSTRAINT_ROLE", "Allowed|Actual") or "Allowed"
    if part.message.version == "3.0":
        default = "Allowed" if part.name == "MetadataConstraint" else ""
        return part.choice(part.attribute("role", default), "Allowed", "Actual")
    if part.name == "AttachmentConstraint":
        return "Allowed"
    return part.choice(part.attribute("type", "Actual"), "Allowed", "Actual")


def read_availability(part: Part) -> Constraint:
    """The answer of SDMX 3.1 which data are available; its name is that of the artefact that it describes."""
    notes = annotations_of(part)
    attached, sources, _ = attachment(part.one("ConstraintAttachment"))
    regions = tuple(region(cube_region) for cube_region in part.parts("CubeRegion"))
    counts = tuple((name, part.attribute(name)) for name in COUNTS if name in part.element.attrib)
    part.close()
    about = attached[0] if attached else Ref("", "", id="", version="")
    ref = Ref("AvailabilityConstraint", about.agency, id=about.id, version=about.version)
    return Constraint(
        ref,
        Text(),
        role="Actual",
        attached=attached,
        regions=regions,
        sources=sources,
        counts=counts,
        annotations=notes,
        place=part.origin,
    )


def attachment(part: Part | None) -> tuple[tuple[Ref, ...], Sources, Sets]:
    """The artefacts that are constrained, the files or queries, and the sets of data or metadata."""
    if part is None:
        return (), (), ()
    known = ATTACHED if part.message.is_21 else (*ATTACHED, "MetadataSet")
    attached = tuple(reference(target, target.name) for target in part.parts(*known))
    sources = data_sources(part.parts("SimpleDataSource", "QueryableDataSource"))
    sets = tuple((data_set.name, *set_of(data_set)) for data_set in part.parts(*SETS)) if part.message.is_21 else ()
    part.close()
    return attached, sources, sets


def set_of(part: Part) -> tuple[Ref, str]:
    """The provider and id of a set of data or metadata (SDMX 2.1)."""
    provider = reference(part.one("com:DataProvider"), "DataProvider")
    set_id = part.checked_id(part.text("com:ID").strip())
    part.close()
    return provider, set_id


def data_sources(parts: Iterable[Part]) -> tuple[tuple[str, str], ...]:
    """Files and services as pairs of kind and address; the description of a service follows it."""
    sources: list[tuple[str, str]] = []
    for part in parts:
        part.attribute("TYPE")  # repeats in registrations what the element says
        if part.name == "SimpleDataSource":
            sources.append(("simple", part.content()))
            continue
        ways = part.flag("isRESTDatasource"), part.flag("isWebServiceDatasource")
        common = "com:" if part.has("com:DataURL") else ""
        sources.append((QUERIES[ways], part.one(f"{common}DataURL").content()))
        for name, kind in (("WSDLURL", "wsdl"), ("WADLURL", "wadl")):
            if text := part.text(f"{common}{name}"):
                sources.append((kind, text))
        part.close()
    return tuple(sources)


def region(part: Part) -> CubeRegion:
    """A region of the cube, or of metadata."""
    is_21, is_target = part.message.is_21, part.name == "MetadataTargetRegion"
    cube_region = CubeRegion(
        selections=selections(part),
        include=part.flag("include", default=True),
        annotations=() if is_21 else annotations_of(part),
        report=part.needed("report") if is_target and is_21 else "",
        target=part.needed("metadataTarget") if is_target and is_21 else "",
        valid_from=part.attribute("validFrom") if is_target and not is_21 else "",
        valid_to=part.attribute("validTo") if is_target and not is_21 else "",
    )
    part.close()
    return cube_region


def key_set(part: Part) -> KeySet:
    """A set of keys."""
    keys, valid, notes, reports = [], [], [], []
    for key in part.parts("Key"):
        keys.append(selections(key))
        if not key.flag("include", default=True):
            raise key.error("is not included, which only the whole set can be.", "Put it into a set of its own.")
        valid.append((key.attribute("validFrom"), key.attribute("validTo")))
        notes.append(() if part.message.is_21 else annotations_of(key))
        is_metadata = part.name == "MetadataKeySet"
        reports.append((key.needed("report"), key.needed("metadataTarget")) if is_metadata else ("", ""))
        key.close()
    include = part.flag("isIncluded", default=True)
    part.close()
    return KeySet(
        keys=tuple(keys),
        include=include,
        valid=tuple(valid) if any(any(pair) for pair in valid) else (),
        notes=tuple(notes) if any(notes) else (),
        reports=tuple(reports) if any(any(pair) for pair in reports) else (),
    )


def selections(part: Part) -> tuple[Selection, ...]:
    """The values of each component in a region or key, dimensions first, wherever they stand."""
    prefix, component = ("com:", "Attribute") if part.message.is_21 else ("", "Component")
    component_selections = [
        selection(child, prefix) for child in part.parts(f"{prefix}KeyValue", f"{prefix}{component}")
    ]
    return tuple(sorted(component_selections, key=lambda selection: selection.role != "key"))


def selection(part: Part, prefix: str) -> Selection:
    """The values of one component, or a range of periods."""
    range_part = part.part(f"{prefix}TimeRange")
    members = [member(value) for value in part.parts(f"{prefix}Value")]
    if part.message.is_21:
        members += [target_member(target) for target in part.parts("com:Object", "com:DataSet", "com:DataKey")]
    elif members and range_part:
        raise part.error("has both values and a range of periods.")
    is_3 = not part.message.is_21
    selection = Selection(
        component=part.checked_id(part.needed("id")),
        members=tuple(members),
        time_range=time_range(range_part, prefix) if range_part else None,
        role="key" if part.name == "KeyValue" else "component",
        include=part.flag("include", default=True),
        remove_prefix=part.flag("removePrefix") if is_3 else False,
        valid_from=part.attribute("validFrom") if is_3 else "",
        valid_to=part.attribute("validTo") if is_3 else "",
    )
    part.close()
    return selection


def target_member(part: Part) -> Member:
    """The targets that metadata of SDMX 2.1 may have beside values: an object, a set of data, or a key of data."""
    if part.name == "Object":
        return Member(reference(part, "").urn, kind="Object")
    if part.name == "DataSet":
        provider, set_id = set_of(part)
        return Member(set_id, kind="DataSet", provider=provider)
    key = []
    for key_value in part.parts("com:KeyValue"):
        key.append((key_value.checked_id(key_value.needed("id")), key_value.one("com:Value").content()))
        key_value.close()
    part.close()
    return Member("", kind="DataKey", key=tuple(key))


def member(part: Part) -> Member:
    """One value of a component."""
    cascade = CASCADES[part.choice(part.attribute("cascadeValues", "false"), *CASCADES)]
    is_3 = not part.message.is_21
    valid_from, valid_to = (part.attribute("validFrom"), part.attribute("validTo")) if is_3 else ("", "")
    language = part.attribute(LANGUAGE) if is_3 else ""
    return Member(part.content(), cascade, valid_from=valid_from, valid_to=valid_to, language=language)


def time_range(part: Part, prefix: str) -> TimeRange:
    """A range of periods, perhaps open at one end."""
    before, after = part.part(f"{prefix}BeforePeriod"), part.part(f"{prefix}AfterPeriod")
    start, end = part.part(f"{prefix}StartPeriod"), part.part(f"{prefix}EndPeriod")
    if [bool(before), bool(after), bool(start and end)].count(True) != 1 or bool(start) != bool(end):
        raise part.error("is neither before, after, nor from one period to another.")
    first, last = after or start, before or end
    is_3 = not part.message.is_21
    time_range = TimeRange(
        includes_start=first.flag("isInclusive", default=True) if first else True,
        includes_end=last.flag("isInclusive", default=True) if last else True,
        start=first.content().strip() if first else "",
        end=last.content().strip() if last else "",
        valid_from=part.attribute("validFrom") if is_3 else "",
        valid_to=part.attribute("validTo") if is_3 else "",
    )
    part.close()
    return time_range
