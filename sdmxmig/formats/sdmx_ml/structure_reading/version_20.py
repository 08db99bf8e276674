"""SDMX-ML 2.0: codelists, concepts and data structures here, which are still sent; other kinds in modules beside.

What 2.0 calls differently gets the names of its successors: a code's description is its name, a key family is a data
structure, and concepts without a scheme get one. What later versions have no place for becomes an annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_categories import (
    read_category_scheme,
    read_dataflow,
    read_metadataflow,
    read_reporting_taxonomy,
)
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_hierarchies import read_hierarchical_codelist
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_maps import read_process, read_structure_set
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_metadata_structures import read_metadata_structure
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import (
    ALONE,
    concept_ref,
    data_type_of,
    identity,
    notes,
)
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_organisations import SCHEMES, read_organisation_scheme
from sdmxmig.formats.structures.carried import note_of
from sdmxmig.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, Categorisation

FLAGS = (
    *("isMeasureDimension", "isFrequencyDimension", "isEntityDimension", "isCountDimension", "isTimeFormat"),
    *("isNonObservationTimeDimension", "isIdentityDimension", "isEntityAttribute", "isNonObservationalTimeAttribute"),
    *("isCountAttribute", "isFrequencyAttribute", "isIdentityAttribute", "crossSectionalAttachDataSet"),
    *("crossSectionalAttachGroup", "crossSectionalAttachSection", "crossSectionalAttachObservation"),
)
"""What only 2.0 says of components; where it is true it becomes an annotation."""
LEVELS = {"DataSet": "dataset", "Series": "series", "Group": "group", "Observation": "observation"}


def read_codelist(part: Part) -> Iterator[Artefact]:
    """A codelist."""
    ref, details = identity(part, "Codelist")
    items = part.each(code, "Code")
    yield ItemScheme(
        ref,
        part.words("Name"),
        tuple(items),
        part.words("Description"),
        annotations=notes(part),
        place=part.origin,
        details=details,
    )
    part.close()


def code(part: Part) -> Item:
    """A code."""
    part.attribute("urn")
    own = part.checked_id(part.needed("value"))
    found = Item(own, part.words("Description"), parent=part.attribute("parentCode"), annotations=notes(part))
    part.close()
    return found


def read_concept_scheme(part: Part) -> Iterator[Artefact]:
    """A concept scheme."""
    ref, details = identity(part, "ConceptScheme")
    items = tuple(part.each(concept, "Concept"))
    yield ItemScheme(
        ref,
        part.words("Name"),
        items,
        part.words("Description"),
        annotations=notes(part),
        place=part.origin,
        details=details,
    )
    part.close()


def read_concept(part: Part) -> Iterator[Artefact]:
    """A concept without a scheme, in a scheme of its own."""
    agency = part.attribute("agencyID")
    if not agency:
        raise part.error("lacks the attribute agencyID.")
    ref = Ref("ConceptScheme", agency, ALONE, "1.0")
    yield ItemScheme(ref, Text.of(en="Concepts without a scheme"), (concept(part),), partial=True, place=part.origin)


def concept(part: Part) -> Item:
    """A concept; what it says of its own agency and version, which its scheme has since SDMX 2.1, becomes notes."""
    part.attribute("urn")
    part.attribute("agencyID")
    said = {"VERSION": part.attribute("version", "1.0"), "PARENT_AGENCY": part.attribute("parentAgency")}
    said["IS_EXTERNAL_REFERENCE"] = "true" if part.flag("isExternalReference") else ""
    own_notes = tuple(Annotation(type_, title=text) for type_, text in said.items() if text not in ("", "1.0"))
    codelist, agency = part.attribute("coreRepresentation"), part.attribute("coreRepresentationAgency")
    data_type, facets = data_type_of(part.part("TextFormat"), "")
    found = Item(
        part.checked_id(part.needed("id")),
        part.words("Name"),
        part.words("Description"),
        part.attribute("parent"),
        codelist=Ref("Codelist", agency, codelist, "1.0") if codelist else None,
        data_type=data_type,
        facets=facets,
        annotations=(*own_notes, *notes(part)),
        uri=part.attribute("uri"),
    )
    part.close()
    return found


def read_key_family(part: Part) -> Iterator[Artefact]:
    """A data structure, which 2.0 calls a key family."""
    ref, details = identity(part, "DataStructure")
    components: tuple[Component, ...] = ()
    groups: list[Group] = []
    crossed: list[Annotation] = []
    if one := part.part("Components"):
        dimensions = [component(child, "dimension", ref) for child in one.parts("Dimension")]
        dimensions += [component(child, "time", ref) for child in one.parts("TimeDimension")]
        measures = [component(child, "measure", ref) for child in one.parts("PrimaryMeasure")]
        attributes = [*one.each(lambda child: component(child, "attribute", ref), "Attribute")]
        components = (*dimensions, *measures, *attributes)
        crossed = [cross_sectional(child, ref) for child in one.parts("CrossSectionalMeasure")]
        groups = [group(child, ref) for child in one.parts("Group")]
        one.close()
    yield DataStructure(
        ref,
        part.words("Name"),
        components,
        part.words("Description"),
        annotations=(*crossed, *notes(part)),
        place=part.origin,
        details=details,
        groups=tuple(groups),
    )
    part.close()


def group(part: Part, owner: Ref) -> Group:
    """A part of the key, by the dimensions that it fixes or by an attachment constraint."""
    constraint = part.text("AttachmentConstraintRef").strip()
    ref = Ref("AttachmentConstraint", owner.agency, part.checked_id(constraint), "1.0") if constraint else None
    described = part.words("Description")
    said = (Annotation("DESCRIPTION", described),) if described else ()
    own = part.checked_id(part.needed("id"))
    found = Group(own, tuple(part.texts("DimensionRef")), (*said, *notes(part)), ref)
    part.close()
    return found


def cross_sectional(part: Part, owner: Ref) -> Annotation:
    """A measure of data in cross-sections, which exist no more, as a note: component, measure dimension and code."""
    where, code_here = part.needed("measureDimension"), part.needed("code")
    said = (Annotation("MEASURE_DIMENSION", title=where), Annotation("CODE", title=code_here))
    found = component(part, "measure", owner)
    return note_of("CROSS_SECTIONAL_MEASURE", replace(found, annotations=(*said, *found.annotations)))


def component(part: Part, role: str, owner: Ref) -> Component:
    """A dimension, measure or attribute."""
    concept_used = concept_ref(part, owner)
    codelist = part.attribute("codelist")
    data_type, facets = data_type_of(part.part("TextFormat"), "String")
    list_agency, list_version = part.attribute("codelistAgency", owner.agency), part.attribute("codelistVersion", "1.0")
    flags = tuple(Annotation(name, title="true") for name in FLAGS if part.flag(name))
    found = Component(
        concept_used.item,
        role,
        concept_used,
        Ref("Codelist", list_agency, codelist, list_version) if codelist else None,
        data_type or ("ObservationalTimePeriod" if role == "time" and not codelist else ""),
        facets,
        annotations=(*flags, *notes(part)),
    )
    if role == "attribute":
        level = part.choice(part.needed("attachmentLevel"), *LEVELS)
        usage = part.choice(part.needed("assignmentStatus"), "Mandatory", "Conditional")
        groups = " ".join(part.texts("AttachmentGroup"))
        measures = tuple(part.texts("AttachmentMeasure"))
        found = replace(
            found, attachment=LEVELS[level], mandatory=usage == "Mandatory", group=groups, measures=measures
        )
    part.close()
    return found


READERS: dict[str, dict[str, Callable[[Part], Iterator[Artefact]]]] = {
    "mes:OrganisationSchemes": {"OrganisationScheme": read_organisation_scheme},
    "mes:Dataflows": {"Dataflow": read_dataflow},
    "mes:Metadataflows": {"Metadataflow": read_metadataflow},
    "mes:CategorySchemes": {"CategoryScheme": read_category_scheme},
    "mes:CodeLists": {"CodeList": read_codelist},
    "mes:HierarchicalCodelists": {"HierarchicalCodelist": read_hierarchical_codelist},
    "mes:Concepts": {"ConceptScheme": read_concept_scheme, "Concept": read_concept},
    "mes:MetadataStructureDefinitions": {"MetadataStructureDefinition": read_metadata_structure},
    "mes:KeyFamilies": {"KeyFamily": read_key_family},
    "mes:StructureSets": {"StructureSet": read_structure_set},
    "mes:ReportingTaxonomies": {"ReportingTaxonomy": read_reporting_taxonomy},
    "mes:Processes": {"Process": read_process},
}
"""What each collection holds, with its reader."""
GATHERED = {ALONE, *(own for _, _, own in SCHEMES.values())}
"""The schemes of which several may stand in one message: here they are one for each agency."""


def joined(artefacts: Iterator[Artefact]) -> Iterator[Artefact]:
    """The same artefacts, each once, and one of those schemes that go together for each agency."""
    gathered: dict[Ref, ItemScheme] = {}
    filed: set[Artefact] = set()
    for artefact in artefacts:
        if isinstance(artefact, ItemScheme) and artefact.ref.id in GATHERED:
            known = gathered.get(artefact.ref)
            gathered[artefact.ref] = replace(known, items=known.items + artefact.items) if known else artefact
        elif not isinstance(artefact, Categorisation):
            yield artefact
        elif artefact not in filed:  # flows and categories may both say it
            filed.add(artefact)
            yield artefact
    yield from gathered.values()
