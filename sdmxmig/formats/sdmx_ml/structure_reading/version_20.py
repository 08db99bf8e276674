"""SDMX-ML 2.0: codelists, concepts, data structures, dataflows and hierarchical codelists, which are still sent.

Everything else of that version is refused by name. What 2.0 calls differently gets the names of its successors: a
code's description is its name, a key family is a data structure, and concepts without a scheme get one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_hierarchies import read_hierarchical_codelist
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import identity, named, notes
from sdmxmig.model.artefacts import Annotation, Component, Dataflow, DataStructure, Group, Item, ItemScheme, Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact

ALONE = "STANDALONE_CONCEPT_SCHEME"
"""The scheme that concepts without one get, as in the guidelines for going from 2.0 to 2.1."""
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
    items = []
    for one in part.parts("Code"):
        one.attribute("urn")
        own = one.checked_id(one.needed("value"))
        items.append(Item(own, one.words("Description"), parent=one.attribute("parentCode"), annotations=notes(one)))
        one.close()
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


def read_concept_scheme(part: Part) -> Iterator[Artefact]:
    """A concept scheme."""
    ref, details = identity(part, "ConceptScheme")
    items = tuple(concept(one) for one in part.parts("Concept"))
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
    """A concept."""
    for name in ("urn", "agencyID", "version", "isExternalReference", "parentAgency"):
        part.attribute(name)
    codelist, agency = part.attribute("coreRepresentation"), part.attribute("coreRepresentationAgency")
    form = part.part("TextFormat")
    data_type, facets, _ = text_format(form, "") if form else ("", (), ())
    found = Item(
        part.checked_id(part.needed("id")),
        part.words("Name"),
        part.words("Description"),
        part.attribute("parent"),
        codelist=Ref("Codelist", agency, codelist, "1.0") if codelist else None,
        data_type=data_type,
        facets=facets,
        annotations=notes(part),
        uri=part.attribute("uri"),
    )
    part.close()
    return found


def read_dataflow(part: Part) -> Iterator[Artefact]:
    """A dataflow."""
    ref, details = identity(part, "Dataflow")
    structure = Ref("DataStructure", "", "", "")
    if one := part.part("KeyFamilyRef"):
        structure = named(one, "DataStructure", "KeyFamilyAgencyID", "KeyFamilyID")
    yield Dataflow(
        ref,
        part.words("Name"),
        structure,
        part.words("Description"),
        annotations=notes(part),
        place=part.origin,
        details=details,
    )
    part.close()


def read_key_family(part: Part) -> Iterator[Artefact]:
    """A data structure, which 2.0 calls a key family."""
    ref, details = identity(part, "DataStructure")
    components: tuple[Component, ...] = ()
    groups: list[Group] = []
    if one := part.part("Components"):
        dimensions = [component(child, "dimension", ref) for child in one.parts("Dimension")]
        dimensions += [component(child, "time", ref) for child in one.parts("TimeDimension")]
        measures = [component(child, "measure", ref) for child in one.parts("PrimaryMeasure")]
        attributes = [component(child, "attribute", ref) for child in one.parts("Attribute")]
        components = (*dimensions, *measures, *attributes)
        for child in one.parts("Group"):
            groups.append(Group(child.checked_id(child.needed("id")), tuple(child.texts("DimensionRef")), notes(child)))
            child.close()
        one.close()
    yield DataStructure(
        ref,
        part.words("Name"),
        components,
        part.words("Description"),
        annotations=notes(part),
        place=part.origin,
        details=details,
        groups=tuple(groups),
    )
    part.close()


def component(part: Part, role: str, owner: Ref) -> Component:
    """A dimension, measure or attribute."""
    own = part.checked_id(part.needed("conceptRef"))
    agency = part.attribute("conceptAgency", owner.agency)
    scheme, version = part.attribute("conceptSchemeRef", ALONE), part.attribute("conceptVersion", "1.0")
    concept_ref = Ref("Concept", part.attribute("conceptSchemeAgency", agency), scheme, version, own)
    codelist = part.attribute("codelist")
    form = part.part("TextFormat")
    data_type, facets, _ = text_format(form, "String") if form else ("", (), ())
    list_agency, list_version = part.attribute("codelistAgency", owner.agency), part.attribute("codelistVersion", "1.0")
    flags = tuple(Annotation(name, title="true") for name in FLAGS if part.flag(name))
    found = Component(
        own,
        role,
        concept_ref,
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
    "mes:CodeLists": {"CodeList": read_codelist},
    "mes:Concepts": {"ConceptScheme": read_concept_scheme, "Concept": read_concept},
    "mes:KeyFamilies": {"KeyFamily": read_key_family},
    "mes:Dataflows": {"Dataflow": read_dataflow},
    "mes:HierarchicalCodelists": {"HierarchicalCodelist": read_hierarchical_codelist},
}
"""What each collection holds, with its reader."""


def joined(artefacts: Iterator[Artefact]) -> Iterator[Artefact]:
    """The same artefacts, in which the concepts without a scheme stand in one scheme for each agency."""
    alone: dict[Ref, ItemScheme] = {}
    for artefact in artefacts:
        if isinstance(artefact, ItemScheme) and artefact.ref.id == ALONE:
            known = alone.get(artefact.ref)
            alone[artefact.ref] = replace(known, items=known.items + artefact.items) if known else artefact
        else:
            yield artefact
    yield from alone.values()
