"""Constraints: which codes, keys and periods data or metadata may hold, or do hold."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.item_schemes import cascade_of
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, period
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.structures.notes import COUNTS, counts_in
from sdmxmig.model.artefacts import Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

Sources = tuple[tuple[str, str], ...]
WAYS = {ways: kind for kind, ways in words.QUERIES.items()}


def constraint(part: Part, kind: str) -> Constraint:
    """A constraint on data or metadata."""
    head = heading(part, kind)
    is_metadata = kind == "MetadataConstraint"
    known = words.METADATA_ATTACHMENTS if is_metadata else words.ATTACHMENTS
    attached, sources = attachment(part.part("constraintAttachment"), known)
    noted_role = head.notes.title("CONSTRAINT_ROLE", "Allowed|Actual") if part.message.version != "2.0" else ""
    role = part.choice("role", noted_role or "Allowed", "Allowed", "Actual")
    member = "metadataTargetRegions" if is_metadata else "cubeRegions"
    regions = tuple(region(cube_region, is_metadata=is_metadata) for cube_region in part.parts(member))
    keys = () if is_metadata else tuple(key_set(listed_keys) for listed_keys in part.parts("dataKeySets"))
    calendar = release_calendar(part.part("releaseCalendar"))
    part.close()
    notes, counts = counts_in(head.annotations)
    return Constraint(
        head.ref,
        head.name,
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
    )


def release_calendar(part: Part | None) -> tuple[str, str, str] | None:
    """How often, when and how punctually data come."""
    if part is None:
        return None
    calendar = (part.needed("periodicity"), part.needed("offset"), part.needed("tolerance"))
    part.close()
    return calendar


def availability(part: Part, kind: str) -> Constraint:
    """The answer which data are available; its name is that of the artefact that it describes."""
    notes = annotations_of(part)
    holder = part.one("constraintAttachment")
    references = [holder.reference(member, name) for name, member in words.AVAILABILITY.items()]
    attached = tuple(ref for ref in references if ref)
    holder.close()
    if len(attached) != 1:
        raise holder.error("This has to name one structure, flow or agreement.")
    counts = [(name, part.number(name, words.WHOLE)) for name in COUNTS]
    cube_region = part.part("cubeRegion")
    about = attached[0]
    ref = Ref(kind, about.agency, id=about.id, version=about.version)
    regions = (region(cube_region, is_metadata=False),) if cube_region else ()
    part.close()
    return Constraint(
        ref,
        Text(),
        role="Actual",
        attached=attached,
        regions=regions,
        counts=tuple((name, count) for name, count in counts if count),
        annotations=notes,
        place=part.place,
    )


def attachment(part: Part | None, known: dict[str, str]) -> tuple[tuple[Ref, ...], Sources]:
    """The artefacts that are constrained, and the files or queries."""
    if part is None:
        return (), ()
    attached: list[Ref] = []
    for kind, member in known.items():
        if member.endswith("Provider"):
            provider = part.reference(member, kind)
            attached += [provider] if provider else []
        else:
            attached += part.references(member, kind)
    sources = [("simple", address) for address in part.strings("simpleDataSources")]
    for source in part.parts("queryableDataSources"):
        sources += queried(source)
    part.close()
    if len({ref.kind for ref in attached}) > 1:
        raise part.error("A constraint is attached to artefacts of one kind.")
    return tuple(attached), tuple(sources)


def queried(part: Part) -> list[tuple[str, str]]:
    """A service that is queried, with its descriptions."""
    ways = (part.flag("isRESTDatasource"), part.flag("isWebServiceDatasource"))
    sources = [(WAYS[ways], part.needed("dataURL"))]
    sources += [(kind, part.text(f"{kind}URL")) for kind in ("wsdl", "wadl") if part.has(f"{kind}URL")]
    part.forget("wsdlURL", "wadlURL")
    part.close()
    return sources


def region(part: Part, *, is_metadata: bool) -> CubeRegion:
    """A region of the cube, or of metadata."""
    keys = [] if is_metadata else [selection(child, "key") for child in part.parts("keyValues")]
    others = [selection(child, "component") for child in part.parts("components")]
    cube_region = CubeRegion(
        (*keys, *others),
        part.flag("include", default=True),
        annotations=annotations_of(part),
        valid_from=period(part, "validFrom") if is_metadata else "",
        valid_to=period(part, "validTo") if is_metadata else "",
    )
    part.close()
    return cube_region


def key_set(part: Part) -> KeySet:
    """A set of keys."""
    keys, valid, notes = [], [], []
    for key_part in part.parts("keys"):
        if not key_part.flag("include", default=True):
            raise key_part.error("A key cannot be left out, only the whole set.", at="include")
        values = [key_value(key) for key in key_part.parts("keyValues")]
        keys.append(
            (*values, *(selection(component, "component", dated=False) for component in key_part.parts("components")))
        )
        valid.append((period(key_part, "validFrom"), period(key_part, "validTo")))
        notes.append(annotations_of(key_part))
        key_part.close()
    if not part.has("isIncluded") or not keys:
        raise part.error("This has to have “isIncluded” and “keys”.")
    include = part.flag("isIncluded")
    part.close()
    return KeySet(
        tuple(keys),
        include,
        valid=tuple(valid) if any(any(pair) for pair in valid) else (),
        notes=tuple(notes) if any(notes) else (),
    )


def key_value(part: Part) -> Selection:
    """The value of a dimension in a key: several since 2.1, one to leave out in 2.0 alone."""
    include = part.flag("include", default=True)
    if not include and part.message.version != "2.0":
        raise part.error("A value of a key cannot be left out.", at="include")
    single = (part.text("value"),) if part.has("value") else ()
    part.forget("value")
    values = part.strings("values") + single
    if not values or (single and len(values) > 1):
        raise part.error("This has to have either a “value” or “values”.")
    component_id, prefix = part.matched("id", words.NCNAME, needed=True), part.flag("removePrefix")
    part.close()
    return Selection(component_id, tuple(Member(value) for value in values), include=include, remove_prefix=prefix)


def selection(part: Part, role: str, *, dated: bool = True) -> Selection:
    """The values of one component, or a range of periods."""
    range_part = part.part("timeRange")
    members = []
    for value, pointer in part.raw("values"):
        plain = type(value) is str
        members.append(Member(value) if plain else member(Part(value, part.message, pointer), role, dated=dated))
    if members and range_part:
        raise part.error("This has both values and a range of periods.")
    pattern = words.NCNAME if role == "key" else words.AGENCY
    selection = Selection(
        part.matched("id", pattern, needed=True),
        tuple(members),
        time_range=time_range(range_part) if range_part else None,
        role=role,
        include=part.flag("include", default=True),
        remove_prefix=part.flag("removePrefix"),
        valid_from=period(part, "validFrom") if role == "key" else "",
        valid_to=period(part, "validTo") if role == "key" else "",
    )
    part.close()
    return selection


def member(part: Part, role: str, *, dated: bool) -> Member:
    """One value of a component with its cascade, validity and language."""
    valid = (period(part, "validFrom"), period(part, "validTo")) if dated else ("", "")
    language = part.matched("lang", words.LANGUAGE) if role != "key" or part.message.version == "2.0" else ""
    value, cascade = part.needed("value"), cascade_of(part)
    member = Member(value, cascade, valid_from=valid[0], valid_to=valid[1], language=language)
    part.close()
    return member


def time_range(part: Part) -> TimeRange:
    """A range of periods, perhaps open at one end."""
    ends: dict[str, tuple[str, bool]] = {}
    for name in ("beforePeriod", "afterPeriod", "startPeriod", "endPeriod"):
        if bound := part.part(name):
            text = period(bound, "period", observed=True)
            if not text:
                raise bound.error("“period” is missing.")
            ends[name] = (text, bound.flag("isInclusive", default=True))
            bound.close()
    valid_from, valid_to = period(part, "validFrom"), period(part, "validTo")
    part.close()
    if set(ends) not in ({"beforePeriod"}, {"afterPeriod"}, {"startPeriod", "endPeriod"}):
        raise part.error("This is neither before, after, nor from one period to another.")
    start, end = ends.get("afterPeriod") or ends.get("startPeriod"), ends.get("beforePeriod") or ends.get("endPeriod")
    first, last = start or ("", True), end or ("", True)
    return TimeRange(
        first[0],
        last[0],
        includes_start=first[1],
        includes_end=last[1],
        valid_from=valid_from,
        valid_to=valid_to,
    )
