"""SDMX-ML 2.0: the readers of codelists and concepts, and a table of the readers of all other kinds.

What 2.0 calls differently gets the names of its successors: a code's description is its name, a key family is a data
structure, and concepts without a scheme get one. What later versions have no place for becomes an annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_categories import (
    read_category_scheme,
    read_dataflow,
    read_metadataflow,
    read_reporting_taxonomy,
)
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_hierarchies import read_hierarchical_codelist
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_key_families import read_key_family
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_maps import read_process, read_structure_set
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_metadata_structures import read_metadata_structure
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import (
    ALONE,
    data_type_of,
    identity,
    notes,
    old_ref,
    own_id,
)
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_organisations import SCHEMES, read_organisation_scheme
from sdmxmig.formats.spelling_of_ids import spelt, spelt_agency
from sdmxmig.formats.structures.carried import note_of
from sdmxmig.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, Categorisation


def read_codelist(part: Part) -> Iterator[Artefact]:
    """A codelist."""
    ref, details = identity(part, "Codelist")
    items = tuple(part.each(code, "Code"))
    if len({item.id for item in items}) < len(items):  # what stands there again and says the same is the same
        items = tuple(dict.fromkeys(items))
    yield ItemScheme(
        ref,
        part.words("Name"),
        items=items,
        description=part.words("Description"),
        annotations=notes(part),
        place=part.origin,
        details=details,
    )
    part.close()


def code(part: Part) -> Item:
    """A code."""
    part.attribute("urn")
    code_id, parent = own_id(part), spelt(part.attribute("parentCode"))
    item = Item(code_id, part.words("Description"), parent=parent, annotations=notes(part))
    part.close()
    return item


def read_concept_scheme(part: Part) -> Iterator[Artefact]:
    """A concept scheme."""
    ref, details = identity(part, "ConceptScheme")
    items = tuple(part.each(concept, "Concept"))
    yield ItemScheme(
        ref,
        part.words("Name"),
        items=items,
        description=part.words("Description"),
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
    ref = Ref("ConceptScheme", spelt_agency(agency), id=ALONE, version="1.0")
    yield ItemScheme(
        ref, Text.of(en="Concepts without a scheme"), items=(concept(part),), partial=True, place=part.origin
    )


def concept(part: Part) -> Item:
    """A concept; its own agency and version, which only its scheme has since SDMX 2.1, become notes."""
    part.attribute("urn")
    part.attribute("agencyID")
    note_texts = {"VERSION": part.attribute("version", "1.0"), "PARENT_AGENCY": part.attribute("parentAgency")}
    note_texts["IS_EXTERNAL_REFERENCE"] = "true" if part.flag("isExternalReference") else ""
    own_notes = tuple(Annotation(type_, title=text) for type_, text in note_texts.items() if text not in ("", "1.0"))
    codelist, agency = part.attribute("coreRepresentation"), part.attribute("coreRepresentationAgency")
    data_type, facets = data_type_of(part.part("TextFormat"), "")
    item = Item(
        own_id(part),
        part.words("Name"),
        description=part.words("Description"),
        parent=spelt(part.attribute("parent"), name=True) if part.element.get("parent") else "",
        codelist=old_ref(part, "Codelist", agency, codelist) if codelist else None,
        data_type=data_type,
        facets=facets,
        annotations=(*own_notes, *notes(part)),
        uri=part.attribute("uri"),
    )
    part.close()
    return item


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
GATHERED = {ALONE, *(scheme_id for _, _, scheme_id in SCHEMES.values())}
"""The schemes of which several may stand in one message: here they are one for each agency."""


def joined(artefacts: Iterator[Artefact]) -> Iterator[Artefact]:
    """The artefacts, each once; schemes gathered from several places of a message are one for each agency."""
    gathered: dict[Ref, list[ItemScheme]] = {}
    filed: set[Artefact] = set()
    for artefact in artefacts:
        if isinstance(artefact, ItemScheme) and artefact.ref.id in GATHERED:
            gathered.setdefault(artefact.ref, []).append(artefact)
        elif not isinstance(artefact, Categorisation):
            yield artefact
        elif artefact not in filed:  # flows and categories may both say it
            filed.add(artefact)
            yield artefact
    for first, *others in gathered.values():
        yield replace(first, items=each_once(item for scheme in (first, *others) for item in scheme))


def each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Items, each id once: a repeated item that differs becomes a note of the first one."""
    items_by_id: dict[str, Item] = {}
    more: dict[str, list[Item]] = {}
    for item in items:
        if items_by_id.setdefault(item.id, item) != item and item not in more.get(item.id, ()):
            more.setdefault(item.id, []).append(item)
    for item_id, others in more.items():
        notes_of_others = (note_of("STANDS_AGAIN", item) for item in others)
        items_by_id[item_id] = replace(
            items_by_id[item_id], annotations=(*items_by_id[item_id].annotations, *notes_of_others)
        )
    return tuple(items_by_id.values())
