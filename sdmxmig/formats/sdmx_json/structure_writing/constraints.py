"""Constraints: which codes, keys and periods data or metadata may hold, or do hold."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.formats.structures.notes import COUNTS, count_notes
from sdmxmig.model.artefacts import Annotation, Details, Text
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange


def constraint(writing: Writing, constraint: Constraint) -> Json:
    """A constraint under the name that the version has for its kind.

    Raises `SdmxmigError` for what the version cannot say: roles, calendars, sources, validity, cascades.
    """
    kind = writing.artefact.ref.kind
    check(writing, constraint, kind)
    if kind == "AvailabilityConstraint":
        return availability(writing, constraint)
    members = start(writing, notes(writing, constraint))
    is_metadata = kind == "MetadataConstraint"
    if writing.is_20():
        members["role"] = constraint.role
    if attached := attachment(writing, constraint, words.METADATA_ATTACHMENTS if is_metadata else words.ATTACHMENTS):
        members["constraintAttachment"] = attached
    if constraint.calendar:
        members["releaseCalendar"] = dict(zip(("periodicity", "offset", "tolerance"), constraint.calendar, strict=True))
    if constraint.keys:
        members["dataKeySets"] = [key_set(writing, key) for key in constraint.keys]
    if constraint.regions:
        member = "metadataTargetRegions" if is_metadata else "cubeRegions"
        members[member] = [region(writing, cube_region, is_metadata=is_metadata) for cube_region in constraint.regions]
    return members


def check(writing: Writing, constraint: Constraint, kind: str) -> None:
    """Refuse what a kind of constraint cannot hold in this version."""
    if constraint.calendar and not writing.is_20():
        raise writing.refusal("the release calendar", "Write SDMX-JSON 2.0.")
    if constraint.sources and not writing.is_20():
        raise writing.refusal("the data sources", "Write SDMX-JSON 2.0.")
    if constraint.sets:
        raise writing.refusal("the attachment to sets of a provider", "Since SDMX 3.0 a metadata set has a name (URN).")
    if len(constraint.regions) > 2:
        raise writing.refusal("more than two regions", "Write one that includes and one that excludes.")
    if kind == "MetadataConstraint" and (constraint.keys or constraint.role != "Allowed"):
        raise writing.refusal("keys or another role than Allowed", "Constraints of metadata name allowed values only.")
    if any(keys.reports for keys in constraint.keys) or any(
        cube_region.report or cube_region.target for cube_region in constraint.regions
    ):
        raise writing.refusal("keys or regions of a report", "Only SDMX 2.1 has them.")


def notes(writing: Writing, constraint: Constraint) -> Iterator[Annotation]:
    """Notes of what has no place in this version: the role in 2.1, and the counts of an availability answer."""
    if not writing.is_20() and constraint.role != "Allowed":
        yield Annotation("CONSTRAINT_ROLE", title=constraint.role)
    yield from count_notes(constraint.counts)


def availability(writing: Writing, constraint: Constraint) -> Json:
    """The answer which data are available; it has no name of its own."""
    if len(constraint.attached) != 1 or len(constraint.regions) != 1 or constraint.keys:
        raise writing.refusal("anything but one region of one artefact", "An availability constraint has just these.")
    about = constraint.attached[0]
    naming = (constraint.name, constraint.description, constraint.details, constraint.ref.short, constraint.role)
    if naming != (Text(), Text(), Details(), about.short, "Actual"):
        hint = "It has no names, and as agency, id and version those of what it describes."
        raise writing.refusal("names of an availability constraint", hint)
    if about.kind not in words.AVAILABILITY:
        raise writing.refusal(f"the attachment to {about}")
    members = writing.notes(constraint.annotations)
    members["constraintAttachment"] = {words.AVAILABILITY[about.kind]: writing.urn(about)}
    members["cubeRegion"] = region(writing, constraint.regions[0], is_metadata=False)
    for name, count in constraint.counts:
        if name not in COUNTS or count.startswith("-"):
            raise writing.refusal(f"the count {name} of {count}")
        members[name] = writing.number(count, f"the {name}", whole=True)
    return members


def attachment(writing: Writing, constraint: Constraint, known: dict[str, str]) -> Json:
    """The attachment of a constraint: artefacts of one kind, or files; then the services that are queried for it."""
    simple = [address for kind, address in constraint.sources if kind == "simple"]
    kinds = {ref.kind for ref in constraint.attached} | ({"files"} if simple else set())
    if len(kinds) > 1 or not kinds <= {*known, "files"} or ("MetadataSet" in kinds and not writing.is_20()):
        raise writing.refusal(f"the attachment to {', '.join(sorted(kinds))}", "Attach it to artefacts of one kind.")
    members: Json = {}
    urns = [writing.urn(ref, *known, *(("MetadataSet",) if writing.is_20() else ())) for ref in constraint.attached]
    if len(set(urns)) != len(urns) or len(set(simple)) != len(simple):
        raise writing.refusal("the same attachment twice")
    if urns:
        member = known[constraint.attached[0].kind]
        if member.endswith("Provider") and len(urns) > 1:
            raise writing.refusal("several providers", "Name one.")
        members[member] = urns[0] if member.endswith("Provider") else urns
    if simple:
        members["simpleDataSources"] = [writing.address(address) for address in simple]
    queried = sources(writing, constraint)
    if queried:
        if not urns or next(iter(members)) in ("dataProvider", "metadataProvider", "metadataSets"):
            raise writing.refusal("services to be queried", "Attach the constraint to structures or flows.")
        members["queryableDataSources"] = queried
    return members


def sources(writing: Writing, constraint: Constraint) -> list[Json]:
    """The services that are queried, each with the descriptions that follow it."""
    queryable: list[Json] = []
    for kind, address in constraint.sources:
        if kind in words.QUERIES:
            names = ("isRESTDatasource", "isWebServiceDatasource")
            queryable.append(
                {**dict(zip(names, words.QUERIES[kind], strict=True)), "dataURL": writing.address(address)}
            )
        elif kind in ("wsdl", "wadl") and queryable and f"{kind}URL" not in queryable[-1]:
            queryable[-1][f"{kind}URL"] = writing.address(address)
        elif kind != "simple":
            raise writing.refusal(f"the data source {kind}", f"It is simple or one of {', '.join(words.QUERIES)}.")
    return queryable


def key_set(writing: Writing, key_set: KeySet) -> Json:
    """Keys that are allowed, present or forbidden."""
    number = len(key_set.keys)
    if not number:
        raise writing.refusal("a set without keys")
    valid, annotations = key_set.valid or (("", ""),) * number, key_set.notes or ((),) * number
    keys = []
    for selections, (begin, end), key_notes in zip(key_set.keys, valid, annotations, strict=True):
        members = writing.notes(key_notes)
        members["keyValues"] = [key_value(writing, selection) for selection in selections if selection.role == "key"]
        others = [selection(writing, chosen, in_key=True) for chosen in selections if chosen.role != "key"]
        members |= {"components": others} if others else {}
        keys.append(members | validity(writing, begin, end))
    return {"isIncluded": key_set.include, "keys": keys}


def validity(writing: Writing, begin: str, end: str) -> Json:
    """The first and last day on which something holds, as members."""
    dates = (("validFrom", begin), ("validTo", end))
    return {name: writing.period(value) for name, value in dates if value}


def key_value(writing: Writing, selection: Selection) -> Json:
    """The value of a dimension in a key: several since 2.1, one to leave out in 2.0 alone."""
    plain = all(member == Member(member.value) for member in selection.members)
    included = selection.include or writing.is_20()
    if (
        not included
        or selection.time_range
        or selection.valid_from
        or selection.valid_to
        or not plain
        or not selection.members
    ):
        raise writing.refusal(f"more than plain values of {selection.component} in a key", "Write the value alone.")
    members: Json = {"id": writing.checked(selection.component, words.NCNAME, "the id of a dimension")}
    members |= {} if selection.include else {"include": False}
    members |= {"removePrefix": True} if selection.remove_prefix else {}
    if len(selection.members) == 1:
        return members | {"value": selection.members[0].value}
    if writing.is_20():
        raise writing.refusal(f"several values of {selection.component} in a key", "Write a key for each, or 2.1.")
    return members | {"values": [member.value for member in selection.members]}


def region(writing: Writing, cube_region: CubeRegion, *, is_metadata: bool) -> Json:
    """A part of the cube, or of metadata."""
    members: Json = {**writing.notes(cube_region.annotations), "include": cube_region.include}
    if is_metadata:
        members |= validity(writing, cube_region.valid_from, cube_region.valid_to)
    elif cube_region.valid_from or cube_region.valid_to:
        raise writing.refusal("the validity of a region", "Only regions of metadata have one.")
    keys = [selection(writing, chosen, in_key=False) for chosen in cube_region.selections if chosen.role == "key"]
    if keys and is_metadata:
        raise writing.refusal("dimensions in a region of metadata", "Only components can be named.")
    others = [selection(writing, chosen, in_key=False) for chosen in cube_region.selections if chosen.role != "key"]
    return members | ({"keyValues": keys} if keys else {}) | ({"components": others} if others else {})


def selection(writing: Writing, selection: Selection, *, in_key: bool) -> Json:
    """The values of one component, or a range of periods."""
    is_key = selection.role == "key"
    pattern = words.NCNAME if is_key else words.AGENCY
    members: Json = {"id": writing.checked(selection.component, pattern, "the id of a component")}
    members |= {} if selection.include else {"include": False}
    members |= {"removePrefix": True} if selection.remove_prefix else {}
    if is_key:
        members |= validity(writing, selection.valid_from, selection.valid_to)
    elif selection.valid_from or selection.valid_to:
        raise writing.refusal(f"the validity of {selection.component}", "Only dimensions in a region have one.")
    if selection.time_range is not None:
        if selection.members:
            raise writing.refusal(f"values and a range of {selection.component} at once", "Name one of them.")
        return members | {"timeRange": time_range(writing, selection.time_range)}
    values = [member(writing, selection, chosen, dated=not in_key) for chosen in selection.members]
    return members | ({"values": values} if values else {})


def member(writing: Writing, owner: Selection, member: Member, *, dated: bool) -> str | Json:
    """One value: alone, or with its cascade, language and validity."""
    has_dates = bool(member.valid_from or member.valid_to)
    if member.kind or (has_dates and not dated) or (member.language and owner.role == "key"):
        what = f"an object, a validity or a language of {member.value} of {owner.component}"
        raise writing.refusal(what, "Write the value alone.")
    if member == Member(member.value):
        return member.value
    members: Json = {"value": member.value}
    if member.cascade:
        if member.cascade not in ("true", "excluderoot"):
            raise writing.refusal(f"the cascade {member.cascade} of {member.value}")
        members["cascadeValues"] = True if member.cascade == "true" else member.cascade
    if member.language:
        if member.language != member.language.lower():
            raise writing.refusal(f"the language {member.language} of a value", "Write it in small letters.")
        members["lang"] = writing.checked(member.language, words.LANGUAGE, "a language")
    return members | validity(writing, member.valid_from, member.valid_to)


def time_range(writing: Writing, time_range: TimeRange) -> Json:
    """A range of periods, open at one end or at none."""
    ends = ((time_range.start, time_range.includes_start), (time_range.end, time_range.includes_end))
    start_end, last_end = (
        {"period": writing.period(period, observed=True) if period else "", "isInclusive": inclusive}
        for period, inclusive in ends
    )
    if not (time_range.start or time_range.end):
        raise writing.refusal("a range of periods without ends", "Name the first or the last period.")
    if (time_range.valid_from or time_range.valid_to) and writing.is_20():
        raise writing.refusal("the validity of a range of periods", "Write SDMX-JSON 2.1.")
    members = validity(writing, time_range.valid_from, time_range.valid_to)
    if time_range.start and time_range.end:
        return members | {"startPeriod": start_end, "endPeriod": last_end}
    return members | ({"afterPeriod": start_end} if time_range.start else {"beforePeriod": last_end})
