"""Constraints of SDMX-JSON 1.0: on what data or metadata may hold, and on what attributes are attached to."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.constraints import Sources, queried, release_calendar, time_range
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, moment
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection

Sets = tuple[tuple[str, Ref, str], ...]
ATTACHED = {
    "DataStructure": "dataStructures",
    "Dataflow": "dataflows",
    "MetadataStructure": "metadataStructures",
    "Metadataflow": "metadataflows",
    "ProvisionAgreement": "provisionAgreements",
}
SETS = {"DataSet": "dataSet", "MetadataSet": "metadataSet"}


def content_constraint(part: Part, kind: str) -> Constraint:
    """A constraint on what data or metadata may hold, or do hold."""
    head = heading(part, kind)
    attached, sources, sets = attachment(part.part("constraintAttachment"))
    calendar = release_calendar(part.part("releaseCalendar"))
    period = None
    if reference_period := part.part("referencePeriod"):
        period = (moment(reference_period, "startTime"), moment(reference_period, "endTime"))
        reference_period.close()
    regions = (*part.each(region, "cubeRegions"), *part.each(region, "metadataTargetRegions"))
    keys = key_sets(part)
    role = part.choice("type", "Actual", "Allowed", "Actual")
    part.close()
    return Constraint(
        role=role,
        attached=attached,
        regions=regions,
        keys=keys,
        sources=sources,
        calendar=calendar,
        counts=(),
        period=period,
        sets=sets,
        **head.shared(),
    )


def attachment_constraint(part: Part, kind: str) -> Constraint:
    """A constraint that gives the keys to which attributes are attached."""
    head = heading(part, kind)
    attached, sources, sets = attachment(part.part("constraintAttachment"))
    keys = key_sets(part)
    part.close()
    return Constraint(
        role="Allowed",
        attached=attached,
        regions=(),
        keys=keys,
        sources=sources,
        calendar=None,
        counts=(),
        period=None,
        sets=sets,
        **head.shared(),
    )


def attachment(part: Part | None) -> tuple[tuple[Ref, ...], Sources, Sets]:
    """The artefacts that are constrained, the files or queries, and the sets of data or metadata.

    Constraints on content name one file or set, those for attachment several.
    """
    if part is None:
        return (), (), ()
    provider = part.reference("dataProvider", "DataProvider")
    attached = [provider] if provider else []
    for kind, member in ATTACHED.items():
        attached += part.references(member, kind)
    sources = [("simple", part.text("simpleDataSource"))] if part.has("simpleDataSource") else []
    part.forget("simpleDataSource")
    sources += [("simple", address) for address in part.strings("simpleDataSources")]
    for source in part.parts("queryableDataSources"):
        sources += queried(source)
    sets = []
    for kind, member in SETS.items():
        alone = part.part(member)
        sets += [(kind, *set_of(data_set)) for data_set in ([alone] if alone else []) + part.parts(f"{member}s")]
    part.close()
    return tuple(attached), tuple(sources), tuple(sets)


def set_of(part: Part) -> tuple[Ref, str]:
    """The provider and id of a set of data or metadata."""
    provider, set_id = part.reference("dataProvider", "DataProvider"), part.matched("id", words.ID, needed=True)
    part.close()
    if provider is None:
        raise part.error("“dataProvider” is missing.")
    return provider, set_id


def region(part: Part) -> CubeRegion:
    """A region of the cube, or of metadata."""
    keys = tuple(part.each(key_selection, "keyValues"))
    others = tuple(part.each(attribute_selection, "attributes"))
    report, target = part.matched("report", words.ID), part.matched("metadataTarget", words.ID)
    include = part.flag("include" if report else "isIncluded", default=True)
    part.close()
    return CubeRegion((*keys, *others), include, report=report, target=target)


def key_selection(part: Part) -> Selection:
    """The values of a dimension, or of a target of metadata."""
    return selection(part, "key")


def attribute_selection(part: Part) -> Selection:
    """The values of an attribute."""
    return selection(part, "component")


def selection(part: Part, role: str) -> Selection:
    """The values of one component, those that include their children named apart; or a range of periods."""
    range_part, values, cascading = part.part("timeRange"), part.strings("values"), part.strings("cascadeValues")
    known = dict.fromkeys((*values, *cascading))
    members = [Member(value, "true" if value in cascading else "") for value in known]
    members += [Member(ref.urn, kind="Object") for ref in part.references("objects")]
    members += [data_set(target) for target in part.parts("dataSets")]
    members += [data_key(target) for target in part.parts("dataKeys")]
    if members and range_part:
        raise part.error("This has both values and a range of periods.")
    component_id = part.matched("id", words.NCNAME if role == "key" else words.AGENCY, needed=True)
    selection = Selection(
        component_id, tuple(members), time_range=time_range(range_part) if range_part else None, role=role
    )
    part.close()
    return selection


def data_set(part: Part) -> Member:
    """A set of data that metadata are about."""
    provider, set_id = set_of(part)
    return Member(set_id, kind="DataSet", provider=provider)


def data_key(part: Part) -> Member:
    """A key of data that metadata are about."""
    key = []
    for key_value in part.parts("keyValues"):
        key.append((key_value.matched("id", words.NCNAME, needed=True), key_value.needed("value")))
        key_value.close()
    part.close()
    return Member("", kind="DataKey", key=tuple(key))


def key_sets(part: Part) -> tuple[KeySet, ...]:
    """The sets of keys of data, and of metadata."""
    return (*part.each(key_set, "dataKeySets"), *part.each(key_set, "metadataKeySets"))


def key_set(part: Part) -> KeySet:
    """A set of keys; those of metadata name a report and a target."""
    keys, reports = [], []
    for key in part.parts("keys"):
        keys.append(tuple(key_value(value) for value in key.parts("keyValues")))
        reports.append((key.matched("report", words.ID), key.matched("metadataTarget", words.ID)))
        key.close()
    include = part.flag("isIncluded", default=True)
    part.close()
    return KeySet(tuple(keys), include, reports=tuple(reports) if any(any(pair) for pair in reports) else ())


def key_value(part: Part) -> Selection:
    """The value of a dimension in a key, or of a target in a key of metadata."""
    component_id, about = part.matched("id", words.NCNAME, needed=True), part.reference("object")
    members = [Member(part.text("value"))] if part.has("value") else []
    part.forget("value")
    members += [Member(about.urn, kind="Object")] if about else []
    if target := part.part("dataSet"):
        members.append(data_set(target))
    if target := part.part("dataKey"):
        members.append(data_key(target))
    part.close()
    if len(members) != 1:
        raise part.error("This has to name one value.")
    return Selection(component_id, tuple(members))
