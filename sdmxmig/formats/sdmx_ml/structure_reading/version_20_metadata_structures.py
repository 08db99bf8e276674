"""Metadata structures of SDMX-ML 2.0, which are nearly those of 2.1; names of their parts become notes."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
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
    if one := part.part("TargetIdentifiers"):
        targets = metadata_targets(one)
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


def names_of(part: Part, own: str = "") -> tuple[Annotation, ...]:
    """Name and description of a part that has none since SDMX 2.1, as notes."""
    texts = (("NAME", part.words("Name")), ("DESCRIPTION", part.words("Description")))
    return tuple(Annotation(type_, text, id=own) for type_, text in texts if text)


def metadata_targets(part: Part) -> tuple[MetadataTarget, ...]:
    """The whole identifier of what metadata are about, and its parts."""
    whole = part.one("FullTargetIdentifier")
    own = identified(whole)
    said = list(names_of(whole))
    objects: dict[str, Object] = {}
    for one in whole.parts("IdentifierComponent"):
        name = identified(one)
        said += names_of(one, name)
        objects[name] = (name, *target_object(one))
    targets = [MetadataTarget(own, tuple(objects.values()), annotations=(*said, *notes(whole)))]
    whole.close()
    for one in part.parts("PartialTargetIdentifier"):
        name, chosen = identified(one), [later_id(one, ref, name=True) for ref in one.texts("IdentifierComponentRef")]
        unknown = [component for component in chosen if component not in objects]
        if unknown:
            raise one.error(f"names “{unknown[0]}”, which is no component of the whole identifier.")
        all_notes = (*names_of(one), *notes(one))
        targets.append(MetadataTarget(name, tuple(objects[component] for component in chosen), annotations=all_notes))
        one.close()
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
    if one := part.part("RepresentationScheme"):
        scheme, agency = one.needed("representationScheme"), one.needed("representationSchemeAgency")
        type_ = one.choice(one.needed("representationSchemeType"), *SCHEMES)
        representation = old_ref(one, SCHEMES[type_], agency, scheme).urn
        one.close()
    if notes(part):
        raise part.error("has annotations, which cannot be kept there.", "Put them on the identifier.")
    part.close()
    return kind, representation


def report(part: Part, owner: Ref) -> ReportStructure:
    """A report on a target."""
    own = identified(part)
    attributes = tuple(part.each(lambda child: attribute(child, owner), "MetadataAttribute"))
    found = ReportStructure(
        own,
        (later_id(part, part.needed("target")),),
        attributes=attributes,
        annotations=(*names_of(part), *notes(part)),
    )
    part.close()
    return found


def attribute(part: Part, owner: Ref) -> MetadataAttribute:
    """An attribute of metadata, with those below it."""
    concept = concept_ref(part, owner)
    scheme, agency = part.attribute("representationScheme"), part.attribute("representationSchemeAgency", owner.agency)
    data_type, facets = data_type_of(part.part("TextFormat"), "")
    usage = part.choice(part.needed("usageStatus"), "Mandatory", "Conditional")
    found = MetadataAttribute(
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
    return found
