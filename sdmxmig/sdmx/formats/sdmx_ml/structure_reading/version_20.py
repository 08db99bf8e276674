"""Readers for SDMX-ML 2.0.

Names of later versions are used: a code's description is its name, a key family is a data structure, standalone
concepts get a scheme, and each kind of organisation has one scheme. Flows in categories become categorisations.
Anything else becomes an annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sdmxmig.sdmx.formats.message_header import escape_agency_id
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_names import ALONE
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_records import (
    SCHEMES_OF_ORGANISATIONS,
    read_artefacts,
    read_record,
)
from sdmxmig.sdmx.formats.structures.notes import write_note
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation


def read_concept(part: Part) -> list[Artefact]:
    agency = part.attribute("agencyID")
    if not agency:
        raise part.error("lacks the attribute agencyID.")
    ref = Ref("ConceptScheme", escape_agency_id(agency), id=ALONE, version="1.0")
    part.message.owner = ref
    name = Text.of(en="Concepts without a scheme")
    return [ItemScheme(ref, name, items=(read_record(part),), partial=True, place=part.place)]


READERS: dict[str, dict[str, Callable[[Part], list[Artefact]]]] = {
    "mes:OrganisationSchemes": {"OrganisationScheme": read_artefacts},
    "mes:Dataflows": {"Dataflow": read_artefacts},
    "mes:Metadataflows": {"Metadataflow": read_artefacts},
    "mes:CategorySchemes": {"CategoryScheme": read_artefacts},
    "mes:CodeLists": {"CodeList": read_artefacts},
    "mes:HierarchicalCodelists": {"HierarchicalCodelist": read_artefacts},
    "mes:Concepts": {"ConceptScheme": read_artefacts, "Concept": read_concept},
    "mes:MetadataStructureDefinitions": {"MetadataStructureDefinition": read_artefacts},
    "mes:KeyFamilies": {"KeyFamily": read_artefacts},
    "mes:StructureSets": {"StructureSet": read_artefacts},
    "mes:ReportingTaxonomies": {"ReportingTaxonomy": read_artefacts},
    "mes:Processes": {"Process": read_artefacts},
}
GATHERED_SCHEMES = {ALONE, *(scheme_id for _, scheme_id in SCHEMES_OF_ORGANISATIONS.values())}


def join_schemes(artefacts: Iterator[Artefact]) -> Iterator[Artefact]:
    """Yield each artefact once; schemes from several places become one per agency."""
    gathered: dict[Ref, list[ItemScheme]] = {}
    filed: set[Artefact] = set()
    for artefact in artefacts:
        if isinstance(artefact, ItemScheme) and artefact.ref.id in GATHERED_SCHEMES:
            gathered.setdefault(artefact.ref, []).append(artefact)
        elif not isinstance(artefact, Categorisation):
            yield artefact
        elif artefact not in filed:  # flows and categories may both state it
            filed.add(artefact)
            yield artefact
    for first, *others in gathered.values():
        yield replace(first, items=drop_repeated(item for scheme in (first, *others) for item in scheme))


def drop_repeated(items: Iterable[Item]) -> tuple[Item, ...]:
    """Keep each id once; a repeated item that differs becomes a note of the first."""
    items_by_id: dict[str, Item] = {}
    more: dict[str, list[Item]] = {}
    for item in items:
        if items_by_id.setdefault(item.id, item) != item and item not in more.get(item.id, ()):
            more.setdefault(item.id, []).append(item)
    for item_id, others in more.items():
        notes_of_others = (write_note("STANDS_AGAIN", item) for item in others)
        items_by_id[item_id] = replace(
            items_by_id[item_id], annotations=(*items_by_id[item_id].annotations, *notes_of_others)
        )
    return tuple(items_by_id.values())
