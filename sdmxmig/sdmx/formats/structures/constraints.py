"""Limits of constraints in each SDMX version and format family."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.sdmx.formats.wire.tables import ATTACHABLE_KINDS, FILES, SET_KINDS
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.structures import Constraint, CubeRegion, KeySet, Member, Selection

Refusals = Iterator[tuple[str, str]]
OLDER_VERSIONS = {"ml": "Write SDMX-ML 3.0 or 2.1.", "json": "Write SDMX-JSON 2.0."}
ONLY_21_REASON = "Only SDMX 2.1 has them."
ONLY_CONTENT_REASON = "Only constraints of SDMX 2.1 on content have one."
ONLY_KEYS_REASON = "Constraints for attachment contain keys only."
ONLY_VALUES_REASON = "Constraints of metadata name allowed values only."
ONLY_ONE_REASON = "An availability constraint has only these."
NO_NAMES_REASON = "It has no names, and as agency, id and version those of what it describes."
TWO_REGIONS_HINT = "Write one that includes and one that excludes."
ATTACHMENT_HINT = "Attach the constraint to structures, flows or agreements."


def check_constraint(constraint: Constraint, kind: str, *, family: str, version: str) -> Refusals:
    yield from check_kind(constraint, kind)
    includes = [region.include for region in constraint.regions]
    if constraint.calendar and version == "3.1":
        yield "the release calendar", OLDER_VERSIONS[family]
    if constraint.sources and version == "3.1":
        yield "the data sources", OLDER_VERSIONS[family]
    if family == "json" and len(includes) > 2:
        yield "more than two regions", TWO_REGIONS_HINT
    if family == "ml" and version != "2.1" and len(set(includes)) != len(includes):
        yield "several regions that all include or all exclude", TWO_REGIONS_HINT
    yield from check_attachment(constraint, kind, family=family, version=version)
    for keys in constraint.keys:
        yield from check_keys(keys, family=family, version=version)
    for region in constraint.regions:
        is_metadata = kind == "MetadataConstraint" or bool(region.report)
        yield from check_region(region, family=family, version=version, is_metadata=is_metadata)


def check_kind(constraint: Constraint, kind: str) -> Refusals:
    if constraint.period and kind != "ContentConstraint":
        yield "the reference period", ONLY_CONTENT_REASON
    if kind == "MetadataConstraint" and (constraint.keys or constraint.role != "Allowed"):
        yield "keys or another role than Allowed", ONLY_VALUES_REASON
    if kind == "AttachmentConstraint" and (constraint.regions or constraint.calendar):
        yield "regions or a calendar", ONLY_KEYS_REASON
    if kind == "AvailabilityConstraint":
        naming = (constraint.name, constraint.description, constraint.details, constraint.ref.short, constraint.role)
        if len(constraint.attached) != 1 or len(constraint.regions) != 1 or constraint.keys:
            yield "anything but one region of one artefact", ONLY_ONE_REASON
        elif naming != (Text(), Text(), Details(), constraint.attached[0].short, "Actual"):
            yield "names of an availability constraint", NO_NAMES_REASON


def check_attachment(constraint: Constraint, kind: str, *, family: str, version: str) -> Refusals:
    attached = [*(ref.kind for ref in constraint.attached), *(name for name, _, _ in constraint.sets)]
    attached += [FILES for source, _ in constraint.sources if source == "simple"]
    if not attached and not constraint.sources:
        return
    kinds, known = sorted(set(attached)), ATTACHABLE_KINDS[kind]
    if len(kinds) != 1 or kinds[0] not in known:
        what = f"the attachment to {', '.join(kinds) or 'services alone'}"
        yield what, f"Attach it to artefacts of one kind: {', '.join(known)}."
        return
    is_alone = kinds[0].endswith("Provider") or (kind == "ContentConstraint" and kinds[0] in (*SET_KINDS, FILES))
    if is_alone and len(attached) > 1:
        yield f"the attachment to more than one of {kinds[0]}", "Name one."
    without_services = is_alone or kind == "AttachmentConstraint" or kinds[0] in (*SET_KINDS, FILES)
    if without_services and any(source != "simple" for source, _ in constraint.sources):
        yield "services to be queried", ATTACHMENT_HINT
    if family == "json" and len(set(constraint.attached)) != len(constraint.attached):
        yield "the same attachment twice", ""
    yield from check_named_sets(constraint, family=family, version=version)


def check_named_sets(constraint: Constraint, *, family: str, version: str) -> Refusals:
    by_name = any(ref.kind == "MetadataSet" for ref in constraint.attached)
    if constraint.sets and version != "2.1":
        yield "the attachment to sets of a provider", "Since SDMX 3.0 a metadata set has a name (URN)."
    if by_name and version == "2.1":
        yield "the attachment to metadata sets by name", "There they have a provider and an id."
    if by_name and version == "3.1":
        yield "the attachment to metadata sets", OLDER_VERSIONS[family].replace(" or 2.1", "")


def check_keys(keys: KeySet, *, family: str, version: str) -> Refusals:
    if not keys.keys:
        yield "a set without keys", ""
    if keys.reports and version != "2.1":
        yield "keys of metadata", ONLY_21_REASON
    if version == "2.1" and (keys.valid or keys.notes):
        yield "the validity or the annotations of a key", ""
    for selection in (selection for key in keys.keys for selection in key):
        component, is_key = selection.component, selection.role == "key"
        excluded = not selection.include and (family, version) != ("json", "3.0")
        if is_key and (excluded or not selection.members):
            yield f"the values of {component} in a key", "A key has one value of each."
        if is_key and len(selection.members) > 1 and version != "3.1":
            yield f"several values of {component} in a key", "Write a key for each, or the version of SDMX 3.1."
        if not is_key and version == "2.1":
            yield f"{component}, which is not a dimension, in a key", ""
        yield from check_selection(selection, family=family, version=version, is_in_key=True)


def check_region(region: CubeRegion, *, family: str, version: str, is_metadata: bool) -> Refusals:
    if version != "2.1" and (region.report or region.target):
        yield "the report and target of a region", ONLY_21_REASON
    if bool(region.report) != bool(region.target):
        yield "a region with a report or a target alone", "Name both."
    if (region.valid_from or region.valid_to) and (version == "2.1" or not is_metadata):
        yield "the validity of a region", "Only regions of metadata have one, in SDMX 3."
    if region.annotations and (version == "2.1" or (is_metadata and family == "ml")):
        yield "the annotations of a region", ""
    for selection in region.selections:
        is_empty = family == "ml" and not selection.members and selection.time_range is None
        if selection.role == "key" and (is_empty or (is_metadata and version != "2.1")):
            what = f"the selection of {selection.component} in a region"
            yield what, "Name its values; of metadata only components can be named."
        yield from check_selection(selection, family=family, version=version, is_in_key=False)


def check_selection(selection: Selection, *, family: str, version: str, is_in_key: bool) -> Refusals:
    component, is_key, times = selection.component, selection.role == "key", selection.time_range
    is_dated = bool(selection.valid_from or selection.valid_to)
    if version == "2.1" and (is_dated or selection.remove_prefix):
        yield f"the validity or the prefix of {component}", ""
    if is_dated and (is_in_key or not is_key):
        yield f"the validity of {component}", "Only dimensions in a region have one."
    for member in selection.members:
        for what, hint in check_member(member, version=version, is_in_key=is_in_key, is_key=is_key):
            yield f"{what} of {component}", hint
    if times and selection.members:
        yield f"values and a range of {component} at once", "Name one of them."
    if times and not (times.start or times.end):
        yield "a range of periods without ends", "Name the first or the last period."
    if times and (times.valid_from or times.valid_to) and (version == "2.1" or (family, version) == ("json", "3.0")):
        yield "the validity of a range of periods", "Write SDMX-JSON 2.1." if family == "json" else ""


def check_member(member: Member, *, version: str, is_in_key: bool, is_key: bool) -> Refusals:
    is_dated = bool(member.valid_from or member.valid_to)
    if version == "2.1" and (is_dated or member.language or member.cascade == "excluderoot"):
        yield f"validity, language or excluderoot of {member.value}", ""
    if (is_dated and is_in_key) or (member.cascade and is_in_key and is_key) or (member.language and is_key):
        yield f"validity, cascade or language of {member.value}", "Write the value alone."
    if member.cascade not in ("", "true", "excluderoot"):
        yield f"the cascade {member.cascade} of {member.value}", ""
    if member.kind and version != "2.1":
        yield f"the {member.kind}", ONLY_21_REASON
    if member.kind not in ("", "Object", "DataSet", "DataKey") or (member.kind == "DataKey" and not member.key):
        yield f"the {member.kind}", "It is Object, DataSet or DataKey."
    if member.kind == "DataSet" and member.provider is None:
        yield f"the set {member.value} without a provider", "Name its provider."
