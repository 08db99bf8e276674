"""Metadata structures of SDMX-ML 2.0, which are nearly those of 2.1; names of their parts become notes."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import (
    concept_ref,
    data_type_of,
    identity,
    later_id,
    notes,
    old_ref,
    own_id,
)
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, MetadataAttribute, MetadataStructure, MetadataTarget, ReportStructure

Object = tuple[str, str, str]
CLASSES = {
    "KeyFamily": "DataStructure",
    "DataFlow": "Dataflow",
    "MetadataFlow": "Metadataflow",
    "KeyDescriptor": "DimensionDescriptor",
    "GroupKeyDescriptor": "GroupDimensionDescriptor",
    "DataSet": "DataSetTarget",
}
"""What classes of objects are called since SDMX 2.1."""
SCHEMES = {
    "Codelist": "Codelist",
    "Concept": "ConceptScheme",
    "Category": "CategoryScheme",
    "Organisation": "OrganisationUnitScheme",
}


def read_metadata_structure(part: Part) -> Iterator[Artefact]:
    """A metadata structure: its targets and reports."""
    ref, details = identity(part, "MetadataStructure")
    targets: tuple[MetadataTarget, ...] = ()
    if listing := part.part("TargetIdentifiers"):
        targets = metadata_targets(listing)
    reports = tuple(part.each(lambda child: report(child, ref), "ReportStructure"))
    yield MetadataStructure(
        ref,
        part.words("Name"),
        attributes=(),
        targets=targets,
        reports=reports,
        description=part.words("Description"),
        annotations=notes(part),
        details=details,
        place=part.origin,
    )
    part.close()


def names_of(part: Part, component_id: str = "") -> tuple[Annotation, ...]:
    """Name and description of a part that has none since SDMX 2.1, as notes."""
    texts = (("NAME", part.words("Name")), ("DESCRIPTION", part.words("Description")))
    return tuple(Annotation(type_, text, id=component_id) for type_, text in texts if text)


def metadata_targets(part: Part) -> tuple[MetadataTarget, ...]:
    """The targets of metadata: the full identifier and its partial ones."""
    whole = part.one("FullTargetIdentifier")
    target_id = identified(whole)
    name_notes = list(names_of(whole))
    objects: dict[str, Object] = {}
    for child in whole.parts("IdentifierComponent"):
        name = identified(child)
        name_notes += names_of(child, name)
        objects[name] = (name, *target_object(child))
    targets = [MetadataTarget(target_id, tuple(objects.values()), annotations=(*name_notes, *notes(whole)))]
    whole.close()
    for child in part.parts("PartialTargetIdentifier"):
        name = identified(child)
        chosen = [later_id(child, ref, name=True) for ref in child.texts("IdentifierComponentRef")]
        unknown = [component for component in chosen if component not in objects]
        if unknown:
            raise child.error(f"names “{unknown[0]}”, which is no component of the whole identifier.")
        all_notes = (*names_of(child), *notes(child))
        targets.append(MetadataTarget(name, tuple(objects[component] for component in chosen), annotations=all_notes))
        child.close()
    if notes(part):
        raise part.error("has annotations, which cannot be kept there.", "Put them on the artefact.")
    part.close()
    return tuple(targets)


def identified(part: Part) -> str:
    """The id of a part; its URN follows from it."""
    part.attribute("urn")
    part.attribute("uri")
    return own_id(part)


def target_object(part: Part) -> tuple[str, str]:
    """The class of an object, and the scheme in which it is looked for."""
    named = part.text("TargetObjectClass").strip()
    kind, representation = CLASSES.get(named, named), "DataSetReference" if named == "DataSet" else ""
    if scheme_part := part.part("RepresentationScheme"):
        scheme, agency = scheme_part.needed("representationScheme"), scheme_part.needed("representationSchemeAgency")
        type_ = scheme_part.choice(scheme_part.needed("representationSchemeType"), *SCHEMES)
        representation = old_ref(scheme_part, SCHEMES[type_], agency, scheme).urn
        scheme_part.close()
    if notes(part):
        raise part.error("has annotations, which cannot be kept there.", "Put them on the identifier.")
    part.close()
    return kind, representation


def report(part: Part, owner: Ref) -> ReportStructure:
    """A report on a target."""
    report_id = identified(part)
    attributes = tuple(part.each(lambda child: attribute(child, owner), "MetadataAttribute"))
    report = ReportStructure(
        report_id,
        (later_id(part, part.needed("target")),),
        attributes=attributes,
        annotations=(*names_of(part), *notes(part)),
    )
    part.close()
    return report


def attribute(part: Part, owner: Ref) -> MetadataAttribute:
    """An attribute of metadata, with those below it."""
    concept = concept_ref(part, owner)
    scheme, agency = part.attribute("representationScheme"), part.attribute("representationSchemeAgency", owner.agency)
    data_type, facets = data_type_of(part.part("TextFormat"), "")
    usage = part.choice(part.needed("usageStatus"), "Mandatory", "Conditional")
    metadata_attribute = MetadataAttribute(
        concept.item,
        concept,
        codelist=old_ref(part, "Codelist", agency, scheme) if scheme else None,
        data_type=data_type,
        facets=facets,
        min_occurs="1" if usage == "Mandatory" else "0",
        children=tuple(part.each(lambda child: attribute(child, owner), "MetadataAttribute")),
        annotations=notes(part),
    )
    part.close()
    return metadata_attribute
