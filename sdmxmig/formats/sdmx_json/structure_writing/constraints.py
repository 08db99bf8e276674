"""Constraints: what data or metadata may hold, or do hold."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.formats.structures.notes import COUNTS, count_notes
from sdmxmig.model.artefacts import Annotation, Details, Text
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange


def constraint(writing: Writing, given: Constraint) -> Json:
    """A constraint under the name that the version has for its kind.

    Raises `SdmxmigError` for what the version cannot say: roles, calendars, sources, validity, cascades.
    """
    kind = writing.artefact.ref.kind
    check(writing, given, kind)
    if kind == "AvailabilityConstraint":
        return availability(writing, given)
    found = start(writing, notes(writing, given))
    is_metadata = kind == "MetadataConstraint"
    if writing.is_20():
        found["role"] = given.role
    if attached := attachment(writing, given, words.METADATA_ATTACHMENTS if is_metadata else words.ATTACHMENTS):
        found["constraintAttachment"] = attached
    if given.calendar:
        found["releaseCalendar"] = dict(zip(("periodicity", "offset", "tolerance"), given.calendar, strict=True))
    if given.keys:
        found["dataKeySets"] = [key_set(writing, key) for key in given.keys]
    if given.regions:
        member = "metadataTargetRegions" if is_metadata else "cubeRegions"
        found[member] = [region(writing, cube_region, is_metadata=is_metadata) for cube_region in given.regions]
    return found


def check(writing: Writing, given: Constraint, kind: str) -> None:
    """Refuse what a kind of constraint cannot hold in this version."""
    if given.calendar and not writing.is_20():
        raise writing.refusal("the release calendar", "Write SDMX-JSON 2.0.")
    if given.sources and not writing.is_20():
        raise writing.refusal("the data sources", "Write SDMX-JSON 2.0.")
    if given.sets:
        raise writing.refusal("the attachment to sets of a provider", "Since SDMX 3.0 a metadata set has a name (URN).")
    if len(given.regions) > 2:
        raise writing.refusal("more than two regions", "Write one that includes and one that excludes.")
    if kind == "MetadataConstraint" and (given.keys or given.role != "Allowed"):
        raise writing.refusal("keys or another role than Allowed", "Constraints of metadata name allowed values only.")
    if any(keys.reports for keys in given.keys) or any(
        cube_region.report or cube_region.target for cube_region in given.regions
    ):
        raise writing.refusal("keys or regions of a report", "Only SDMX 2.1 has them.")


def notes(writing: Writing, given: Constraint) -> Iterator[Annotation]:
    """What has no place in this version: the role in 2.1, and the counts of an availability answer."""
    if not writing.is_20() and given.role != "Allowed":
        yield Annotation("CONSTRAINT_ROLE", title=given.role)
    yield from count_notes(given.counts)


def availability(writing: Writing, given: Constraint) -> Json:
    """Which data there are; this has no name of its own."""
    if len(given.attached) != 1 or len(given.regions) != 1 or given.keys:
        raise writing.refusal("anything but one region of one artefact", "An availability constraint has just these.")
    about = given.attached[0]
    own = (given.name, given.description, given.details, given.ref.short, given.role)
    if own != (Text(), Text(), Details(), about.short, "Actual"):
        hint = "It has no names, and as agency, id and version those of what it describes."
        raise writing.refusal("names of an availability constraint", hint)
    if about.kind not in words.AVAILABILITY:
        raise writing.refusal(f"the attachment to {about}")
    found = writing.notes(given.annotations)
    found["constraintAttachment"] = {words.AVAILABILITY[about.kind]: writing.urn(about)}
    found["cubeRegion"] = region(writing, given.regions[0], is_metadata=False)
    for name, count in given.counts:
        if name not in COUNTS or count.startswith("-"):
            raise writing.refusal(f"the count {name} of {count}")
        found[name] = writing.number(count, f"the {name}", whole=True)
    return found


def attachment(writing: Writing, given: Constraint, known: dict[str, str]) -> Json:
    """What is constrained: artefacts of one kind, or files; then the services that are queried for it."""
    simple = [address for kind, address in given.sources if kind == "simple"]
    kinds = {ref.kind for ref in given.attached} | ({"files"} if simple else set())
    if len(kinds) > 1 or not kinds <= {*known, "files"} or ("MetadataSet" in kinds and not writing.is_20()):
        raise writing.refusal(f"the attachment to {', '.join(sorted(kinds))}", "Attach it to artefacts of one kind.")
    found: Json = {}
    urns = [writing.urn(ref, *known, *(("MetadataSet",) if writing.is_20() else ())) for ref in given.attached]
    if len(set(urns)) != len(urns) or len(set(simple)) != len(simple):
        raise writing.refusal("the same attachment twice")
    if urns:
        member = known[given.attached[0].kind]
        if member.endswith("Provider") and len(urns) > 1:
            raise writing.refusal("several providers", "Name one.")
        found[member] = urns[0] if member.endswith("Provider") else urns
    if simple:
        found["simpleDataSources"] = [writing.address(one) for one in simple]
    queried = sources(writing, given)
    if queried:
        if not urns or next(iter(found)) in ("dataProvider", "metadataProvider", "metadataSets"):
            raise writing.refusal("services to be queried", "Attach the constraint to structures or flows.")
        found["queryableDataSources"] = queried
    return found


def sources(writing: Writing, given: Constraint) -> list[Json]:
    """The services that are queried, each with the descriptions that follow it."""
    found: list[Json] = []
    for kind, address in given.sources:
        if kind in words.QUERIES:
            names = ("isRESTDatasource", "isWebServiceDatasource")
            found.append({**dict(zip(names, words.QUERIES[kind], strict=True)), "dataURL": writing.address(address)})
        elif kind in ("wsdl", "wadl") and found and f"{kind}URL" not in found[-1]:
            found[-1][f"{kind}URL"] = writing.address(address)
        elif kind != "simple":
            raise writing.refusal(f"the data source {kind}", f"It is simple or one of {', '.join(words.QUERIES)}.")
    return found


def key_set(writing: Writing, given: KeySet) -> Json:
    """Keys that are allowed, present or forbidden."""
    number = len(given.keys)
    if not number:
        raise writing.refusal("a set without keys")
    valid, annotations = given.valid or (("", ""),) * number, given.notes or ((),) * number
    keys = []
    for selections, (begin, end), own in zip(given.keys, valid, annotations, strict=True):
        found = writing.notes(own)
        found["keyValues"] = [key_value(writing, selection) for selection in selections if selection.role == "key"]
        others = [selection(writing, one, in_key=True) for one in selections if one.role != "key"]
        found |= {"components": others} if others else {}
        keys.append(found | validity(writing, begin, end))
    return {"isIncluded": given.include, "keys": keys}


def validity(writing: Writing, begin: str, end: str) -> Json:
    """From when to when something holds."""
    given = (("validFrom", begin), ("validTo", end))
    return {name: writing.period(value) for name, value in given if value}


def key_value(writing: Writing, given: Selection) -> Json:
    """The value of a dimension in a key: several since 2.1, one to leave out in 2.0 alone."""
    plain = all(member == Member(member.value) for member in given.members)
    included = given.include or writing.is_20()
    if not included or given.time_range or given.valid_from or given.valid_to or not plain or not given.members:
        raise writing.refusal(f"more than plain values of {given.component} in a key", "Write the value alone.")
    found: Json = {"id": writing.checked(given.component, words.NCNAME, "the id of a dimension")}
    found |= {} if given.include else {"include": False}
    found |= {"removePrefix": True} if given.remove_prefix else {}
    if len(given.members) == 1:
        return found | {"value": given.members[0].value}
    if writing.is_20():
        raise writing.refusal(f"several values of {given.component} in a key", "Write a key for each, or 2.1.")
    return found | {"values": [member.value for member in given.members]}


def region(writing: Writing, given: CubeRegion, *, is_metadata: bool) -> Json:
    """A part of the cube, or of metadata."""
    found: Json = {**writing.notes(given.annotations), "include": given.include}
    if is_metadata:
        found |= validity(writing, given.valid_from, given.valid_to)
    elif given.valid_from or given.valid_to:
        raise writing.refusal("the validity of a region", "Only regions of metadata have one.")
    keys = [selection(writing, one, in_key=False) for one in given.selections if one.role == "key"]
    if keys and is_metadata:
        raise writing.refusal("dimensions in a region of metadata", "Only components can be named.")
    others = [selection(writing, one, in_key=False) for one in given.selections if one.role != "key"]
    return found | ({"keyValues": keys} if keys else {}) | ({"components": others} if others else {})


def selection(writing: Writing, given: Selection, *, in_key: bool) -> Json:
    """The values of one component, or a range of periods."""
    is_key = given.role == "key"
    pattern = words.NCNAME if is_key else words.AGENCY
    found: Json = {"id": writing.checked(given.component, pattern, "the id of a component")}
    found |= {} if given.include else {"include": False}
    found |= {"removePrefix": True} if given.remove_prefix else {}
    if is_key:
        found |= validity(writing, given.valid_from, given.valid_to)
    elif given.valid_from or given.valid_to:
        raise writing.refusal(f"the validity of {given.component}", "Only dimensions in a region have one.")
    if given.time_range is not None:
        if given.members:
            raise writing.refusal(f"values and a range of {given.component} at once", "Name one of them.")
        return found | {"timeRange": time_range(writing, given.time_range)}
    values = [member(writing, given, one, dated=not in_key) for one in given.members]
    return found | ({"values": values} if values else {})


def member(writing: Writing, owner: Selection, given: Member, *, dated: bool) -> str | Json:
    """One value: alone, or with its cascade, language and validity."""
    has_dates = bool(given.valid_from or given.valid_to)
    if given.kind or (has_dates and not dated) or (given.language and owner.role == "key"):
        what = f"an object, a validity or a language of {given.value} of {owner.component}"
        raise writing.refusal(what, "Write the value alone.")
    if given == Member(given.value):
        return given.value
    found: Json = {"value": given.value}
    if given.cascade:
        if given.cascade not in ("true", "excluderoot"):
            raise writing.refusal(f"the cascade {given.cascade} of {given.value}")
        found["cascadeValues"] = True if given.cascade == "true" else given.cascade
    if given.language:
        if given.language != given.language.lower():
            raise writing.refusal(f"the language {given.language} of a value", "Write it in small letters.")
        found["lang"] = writing.checked(given.language, words.LANGUAGE, "a language")
    return found | validity(writing, given.valid_from, given.valid_to)


def time_range(writing: Writing, given: TimeRange) -> Json:
    """A range of periods, open at one end or at none."""
    ends = ((given.start, given.includes_start), (given.end, given.includes_end))
    start_end, last_end = (
        {"period": writing.period(period, observed=True) if period else "", "isInclusive": inclusive}
        for period, inclusive in ends
    )
    if not (given.start or given.end):
        raise writing.refusal("a range of periods without ends", "Name the first or the last period.")
    if (given.valid_from or given.valid_to) and writing.is_20():
        raise writing.refusal("the validity of a range of periods", "Write SDMX-JSON 2.1.")
    found = validity(writing, given.valid_from, given.valid_to)
    if given.start and given.end:
        return found | {"startPeriod": start_end, "endPeriod": last_end}
    return found | ({"afterPeriod": start_end} if given.start else {"beforePeriod": last_end})
