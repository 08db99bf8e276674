"""Metadata sets of SDMX-JSON 1.0 (SDMX 2.1): unnamed, with several reports of one target each."""

from __future__ import annotations

from sdmxmig.sdmx.formats.metadata_values import arrays
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.metadata_sets import facts
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotations_of, link_of, moment
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.model.artefacts import Details, Link
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

FOLLOWED = ("Metadataflow", "ProvisionAgreement", "MetadataStructure")
"""The kinds that a set may follow, in order of precedence."""


def metadata_set(part: Part) -> MetadataSet:
    """A set with its reports; a link names the structure that it follows."""
    describes, links = followed(part)
    properties, action = facts(part)
    set_id = part.matched("id", words.ID)
    details = Details(moment(part, "validFrom"), moment(part, "validTo"), links=links)
    reports = tuple(part.each(report, "reports"))
    metadata_set = MetadataSet(
        describes,
        reports,
        name=part.words("name"),
        annotations=annotations_of(part),
        details=details,
        provider=part.reference("dataProvider", "DataProvider"),
        action=action,
        properties={**({"setID": set_id} if set_id else {}), **properties},
        place=part.place,
    )
    part.close()
    if not reports:
        raise part.error("“reports” is missing.")
    return metadata_set


def report(part: Part) -> Report:
    """A report with its target."""
    target = part.one("target")
    targets = tuple(target.each(reference_value, "referenceValues"))
    attributes = attribute_set(part.one("attributeSet"))
    report_id, where = part.matched("id", words.ID, needed=True), target.matched("id", words.ID, needed=True)
    report = Report(targets, attributes, id=report_id, target_id=where, annotations=annotations_of(part))
    target.close()
    part.close()
    if not targets:
        raise target.error("“referenceValues” is missing.")
    return report


def attribute_set(part: Part) -> tuple[ReportedAttribute, ...]:
    attributes = arrays(part.each(attribute, "reportedAttributes"))
    part.close()
    return attributes


def attribute(part: Part) -> ReportedAttribute:
    """One attribute with those below it; it may have a value beside its texts."""
    inner_set = part.part("attributeSet")
    value = part.text("value")
    attribute = ReportedAttribute(
        part.matched("id", words.ID, needed=True),
        (value,) if part.has("value") else (),
        text=part.words("text"),
        structured=part.words("structuredText"),
        attributes=attribute_set(inner_set) if inner_set else (),
        annotations=annotations_of(part),
    )
    part.close()
    return attribute


def reference_value(part: Part) -> Target:
    """One object of the target of a report."""
    target_id = part.matched("id", words.ID, needed=True)
    key, dataset = part.part("dataKey"), part.part("dataSet")
    if key:
        key.flag("include", default=True)
        target = Target(kind="key", id=target_id, key=tuple(key.each(key_value, "keyValues")))
        key.close()
    elif dataset:
        provider = reference_in(dataset, "dataProvider", "DataProvider")
        target = Target(dataset.matched("id", words.ID, needed=True), "dataset", id=target_id, ref=provider)
        dataset.close()
    elif part.has("constraintContent"):
        target = Target(kind="constraint", id=target_id, ref=reference_in(part, "constraintContent"))
    elif part.has("reportPeriod"):
        target = Target(part.text("reportPeriod"), "period", id=target_id)
    else:
        reference_in(part, "object")
        target = Target(part.text("object"), "object", id=target_id)
    part.close()
    return target


def key_value(part: Part) -> tuple[str, tuple[str, ...]]:
    pair = (part.matched("id", words.NCNAME, needed=True), (part.needed("value"),))
    if not part.flag("include", default=True):
        raise part.error("A key that leaves a value out is not read.", at="include")
    part.close()
    return pair


def reference_in(part: Part, member: str, *kinds: str) -> Ref:
    ref = part.reference(member, *kinds)
    if ref is None:
        raise part.error(f"“{member}” is missing.")
    return ref


def followed(part: Part) -> tuple[Ref | None, tuple[Link, ...]]:
    """The structure that a set follows, and its other links; a link that has more than the URN stays among them."""
    parts = part.parts("links")
    links = [link_of(part) for part in parts]
    named = [part.urn(link.urn, at="urn") for part, link in zip(parts, links, strict=True) if link.urn]
    known = {ref.kind: ref for ref in reversed(named)}
    describes = next((known[kind] for kind in FOLLOWED if kind in known), None)
    structure_urn = describes.urn if describes else ""
    return describes, tuple(
        link
        for link in links
        if not structure_urn or link != Link(link.rel, structure_urn, urn=structure_urn, type=link.type)
    )
