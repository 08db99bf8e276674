"""Metadata sets of SDMX-JSON 1.0, which goes with SDMX 2.1: unnamed, with several reports, each on one target."""

from __future__ import annotations

from sdmxmig.formats.metadata_values import arrays
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.metadata_sets import facts
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, link_of, moment
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.model.artefacts import Details, Link
from sdmxmig.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.model.references import Ref

FOLLOWED = ("Metadataflow", "ProvisionAgreement", "MetadataStructure")
"""What a link may name as that which a set follows; the first of these counts."""


def metadata_set(part: Part) -> MetadataSet:
    """A set with its reports; a link names the structure that it follows."""
    describes, links = followed(part)
    properties, action = facts(part)
    own = part.matched("id", words.ID)
    details = Details(moment(part, "validFrom"), moment(part, "validTo"), links=links)
    reports = tuple(part.each(report, "reports"))
    found = MetadataSet(
        describes,
        reports,
        name=part.words("name"),
        annotations=annotations_of(part),
        details=details,
        provider=part.reference("dataProvider", "DataProvider"),
        action=action,
        properties={**({"setID": own} if own else {}), **properties},
        place=part.place,
    )
    part.close()
    if not reports:
        raise part.error("“reports” is missing.")
    return found


def report(part: Part) -> Report:
    """A report with its target."""
    target = part.one("target")
    targets = tuple(target.each(reference_value, "referenceValues"))
    attributes = attribute_set(part.one("attributeSet"))
    own, where = part.matched("id", words.ID, needed=True), target.matched("id", words.ID, needed=True)
    found = Report(targets, attributes, id=own, target_id=where, annotations=annotations_of(part))
    target.close()
    part.close()
    if not targets:
        raise target.error("“referenceValues” is missing.")
    return found


def attribute_set(part: Part) -> tuple[ReportedAttribute, ...]:
    """The attributes of a report, or those below an attribute, in their order."""
    found = arrays(part.each(attribute, "reportedAttributes"))
    part.close()
    return found


def attribute(part: Part) -> ReportedAttribute:
    """One attribute with those below it; it may have a value beside its texts."""
    inner = part.part("attributeSet")
    value = part.text("value")
    found = ReportedAttribute(
        part.matched("id", words.ID, needed=True),
        (value,) if part.has("value") else (),
        text=part.words("text"),
        structured=part.words("structuredText"),
        attributes=attribute_set(inner) if inner else (),
        annotations=annotations_of(part),
    )
    part.close()
    return found


def reference_value(part: Part) -> Target:
    """One thing that a report is about."""
    own = part.matched("id", words.ID, needed=True)
    key, dataset = part.part("dataKey"), part.part("dataSet")
    if key:
        key.flag("include", default=True)
        found = Target(kind="key", id=own, key=tuple(key.each(key_value, "keyValues")))
        key.close()
    elif dataset:
        provider = reference_in(dataset, "dataProvider", "DataProvider")
        found = Target(dataset.matched("id", words.ID, needed=True), "dataset", id=own, ref=provider)
        dataset.close()
    elif part.has("constraintContent"):
        found = Target(kind="constraint", id=own, ref=reference_in(part, "constraintContent"))
    elif part.has("reportPeriod"):
        found = Target(part.text("reportPeriod"), "period", id=own)
    else:
        reference_in(part, "object")
        found = Target(part.text("object"), "object", id=own)
    part.close()
    return found


def key_value(part: Part) -> tuple[str, tuple[str, ...]]:
    """The value of one dimension in the key of data."""
    found = (part.matched("id", words.NCNAME, needed=True), (part.needed("value"),))
    if not part.flag("include", default=True):
        raise part.error("A key that leaves a value out is not read.", at="include")
    part.close()
    return found


def reference_in(part: Part, member: str, *kinds: str) -> Ref:
    """The artefact that a member names, which has to be there."""
    found = part.reference(member, *kinds)
    if found is None:
        raise part.error(f"“{member}” is missing.")
    return found


def followed(part: Part) -> tuple[Ref | None, tuple[Link, ...]]:
    """What a set follows, and its other links; one that says more than the name stays among them."""
    parts = part.parts("links")
    links = [link_of(part) for part in parts]
    named = [part.urn(link.urn, at="urn") for part, link in zip(parts, links, strict=True) if link.urn]
    known = {ref.kind: ref for ref in reversed(named)}
    describes = next((known[kind] for kind in FOLLOWED if kind in known), None)
    own = describes.urn if describes else ""
    return describes, tuple(link for link in links if not own or link != Link(link.rel, own, urn=own, type=link.type))
