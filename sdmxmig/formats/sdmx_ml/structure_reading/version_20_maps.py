"""Structure sets and processes of SDMX-ML 2.0; aliases and languages of lines become notes."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_categories import category_path
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import (
    data_type_of,
    identity,
    later_id,
    named,
    notes,
    own_id,
)
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.maps import SchemeMap, StructureSet
from sdmxmig.model.processes import Computation, Process, ProcessStep, Transition
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact

REFERENCES = {
    "KeyFamilyRef": ("DataStructure", "KeyFamilyAgencyID", "KeyFamilyID"),
    "MetadataStructureRef": ("MetadataStructure", "MetadataStructureAgencyID", "MetadataStructureID"),
    "ConceptSchemeRef": ("ConceptScheme", "AgencyID", "ConceptSchemeID"),
    "CategorySchemeRef": ("CategoryScheme", "AgencyID", "CategorySchemeID"),
    "OrganisationSchemeRef": ("OrganisationUnitScheme", "AgencyID", "OrganisationSchemeID"),
    "CodelistRef": ("Codelist", "AgencyID", "CodelistID"),
    "HierarchicalCodelistRef": ("HierarchicalCodelist", "AgencyID", "HierarchicalCodelistID"),
}
MAPS = {
    "StructureMap": ("ComponentMap", "MapConceptRef", "MapTargetConceptRef", "componentAlias"),
    "CodelistMap": ("CodeMap", "MapCodeRef", "MapTargetCodeRef", "CodeAlias"),
    "CategorySchemeMap": ("CategoryMap", "CategoryID", "TargetCategoryID", "categoryAlias"),
    "ConceptSchemeMap": ("ConceptMap", "ConceptID", "TargetConceptID", "conceptAlias"),
    "OrganisationSchemeMap": ("OrganisationMap", "OrganisationID", "TargetOrganisationID", "organisationAlias"),
}
"""Each map with the element of its lines, and what these are made of."""
Formats = list[tuple[str, str, str]]


def read_structure_set(part: Part) -> Iterator[Artefact]:
    """A collection of maps."""
    ref, details = identity(part, "StructureSet")
    related: tuple[Ref, ...] = ()
    if listing := part.part("RelatedStructures"):
        related = tuple(reference(child) for child in listing.parts(*REFERENCES))
        listing.close()
    maps = tuple(scheme_map(child) for child in part.parts(*MAPS))
    yield StructureSet(
        ref,
        part.words("Name"),
        related=related,
        maps=maps,
        description=part.words("Description"),
        annotations=notes(part),
        details=details,
        place=part.origin,
    )
    part.close()


def reference(part: Part) -> Ref:
    """The artefact that a reference names; the alias of a codelist is not needed here."""
    part.text("Alias")
    return named(part, *REFERENCES[part.name.removeprefix("Target")])


def scheme_map(part: Part) -> SchemeMap:
    """A map between two schemes or structures."""
    part.attribute("urn")
    line, before, after, alias = MAPS[part.name]
    source, target = (reference(part.one(*(f"{side}{name}" for name in REFERENCES))) for side in ("", "Target"))
    formats: Formats = []
    links, link_notes = [], []
    for link in part.parts(line):
        source_id = local(link, before)
        links.append((source_id, local(link, after), representation(link, source_id, formats)))
        note_texts = {
            "ALIAS": link.attribute(alias),
            "LANGUAGE": link.attribute("preferredLanguage").removeprefix("en"),
        }
        link_notes.append(tuple(Annotation(type_, title=text) for type_, text in note_texts.items() if text))
        link.close()
    lists = {source.kind, target.kind}
    kind = "HybridCodelistMap" if part.name == "CodelistMap" and "HierarchicalCodelist" in lists else part.name
    scheme_map = SchemeMap(
        kind,
        own_id(part),
        name=part.words("Name"),
        source=source,
        target=target,
        links=tuple(links),
        description=part.words("Description"),
        annotations=notes(part),
        formats=tuple(formats),
        link_notes=tuple(link_notes) if any(link_notes) else (),
        extension=part.flag("isExtension") if part.name == "StructureMap" else False,
    )
    part.close()
    return scheme_map


def local(part: Part, name: str) -> str:
    """The item or component on one side of a line."""
    if name.endswith("CategoryID"):
        return category_path(part.one(name))
    return later_id(part, part.text(name).strip(), name="Concept" in name)


def representation(part: Part, source: str, formats: Formats) -> str:
    """How the values of a component change: by a map, whose id is given back, or by a type of text."""
    by = ""
    if child := part.part("RepresentationMapRef"):
        by = later_id(child, child.text("RepresentationMapID").strip())
        child.text("RepresentationMapAgencyID")
        child.choice(child.attribute("representationType", "Codelist"), "Codelist")
        child.close()
    if part.has("ToTextFormat"):
        data_type, facets = data_type_of(part.part("ToTextFormat"), "String")
        if facets:
            raise part.error("has facets, which cannot be kept there.")
        formats.append((source, part.text("ToValueType").strip(), data_type))
    return by


def read_process(part: Part) -> Iterator[Artefact]:
    """A process with its steps."""
    ref, details = identity(part, "Process")
    steps = tuple(part.each(step, "ProcessStep"))
    yield Process(
        ref,
        part.words("Name"),
        steps=steps,
        description=part.words("Description"),
        annotations=notes(part),
        details=details,
        place=part.origin,
    )
    part.close()


def step(part: Part) -> ProcessStep:
    """A step of a process; its inputs and outputs are only classes of objects, which become notes."""
    input_notes = [
        Annotation(child.name.upper(), title=child.content().strip()) for child in part.parts("Input", "Output")
    ]
    words = part.words("Computation")
    process_step = ProcessStep(
        own_id(part),
        part.words("Name"),
        description=part.words("Description"),
        computation=Computation(words) if words else None,
        transitions=tuple(part.each(transition, "Transition")),
        steps=tuple(part.each(step, "ProcessStep")),
        annotations=(*input_notes, *notes(part)),
    )
    part.close()
    return process_step


def transition(part: Part) -> Transition:
    """Where a step leads, and under which condition."""
    transition = Transition(later_id(part, part.text("TargetStep").strip()), part.words("Condition"))
    part.close()
    return transition
