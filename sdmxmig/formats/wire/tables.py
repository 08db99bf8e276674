"""All wire tables, and the fields that travel as a note where a version has no place for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from sdmxmig.formats.structures.data_structures import LISTS, NOWHERE
from sdmxmig.formats.structures.notes import Notes
from sdmxmig.formats.wire import (
    Field,
    Form,
    Key,
    Shape,
    data_structures,
    flows,
    hierarchies,
    items,
    maps,
    processes,
    rows,
)
from sdmxmig.model.artefacts import Annotation, ItemScheme
from sdmxmig.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.model.hierarchies import Hierarchy, HierarchyAssociation
from sdmxmig.model.maps import RepresentationMap, StructureMap, ValueMapping
from sdmxmig.model.processes import Process
from sdmxmig.model.references import ITEM_KINDS, Ref
from sdmxmig.model.structures import Agreement, Categorisation, Metadataflow, MetadataStructure

SHAPES: dict[Key, Shape] = {
    **processes.SHAPES,
    **flows.SHAPES,
    **hierarchies.SHAPES,
    **maps.SHAPES,
    **data_structures.SHAPES,
    **items.SHAPES,
}
ARTEFACTS: dict[str, Any] = {
    "DataStructure": DataStructure,
    "MetadataStructure": MetadataStructure,
    "Dataflow": Dataflow,
    "Metadataflow": Metadataflow,
    "ProvisionAgreement": Agreement,
    "MetadataProvisionAgreement": Agreement,
    "Categorisation": Categorisation,
    "Hierarchy": Hierarchy,
    "HierarchyAssociation": HierarchyAssociation,
    "RepresentationMap": RepresentationMap,
    "ConceptSchemeMap": RepresentationMap,
    "CategorySchemeMap": RepresentationMap,
    "OrganisationSchemeMap": RepresentationMap,
    "ReportingTaxonomyMap": RepresentationMap,
    "StructureMap": StructureMap,
    "Process": Process,
    **dict.fromkeys(ITEM_KINDS, ItemScheme),
}
"""The kinds of artefacts that are spelt by tables alone, with their records."""
RECORDS: dict[str, Any] = {
    "ItemMap": ValueMapping,
    **dict.fromkeys(("ToVtlMapping", "FromVtlMapping"), items.vtl_way),
    **dict.fromkeys(("DataStructureComponents", "MetadataStructureComponents", "MetadataAttributeList"), dict),
    **{str(row.of): partial(Component, role=row.name, concept=NOWHERE) for name in LISTS for row in SHAPES[name]},
}
"""What is made of the fields of tables that are not of one record."""
LISTED = r"[\w@$\-]+(,[\w@$\-]+)*"
URN = r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=.+\(.+\).*"


def noted(kind: str, family: str, version: str) -> Iterator[Field]:
    """The fields of an artefact that travel as a note, in this version."""
    spelt_names = {row.name for row in rows(SHAPES, kind, family=family, version=version)}
    yield from (row for row in SHAPES[kind] if row.note and row.name not in spelt_names)


def as_notes(
    kind: str, artefact: Any, *, family: str, version: str, ref: Callable[[Ref], Ref] = lambda ref: ref
) -> Iterator[Annotation]:
    """The notes that carry what this version has no place for; `ref` spells references as the version does."""
    for row in noted(kind, family, version):
        value = getattr(artefact, row.name)
        if row.form is Form.TARGETS:
            titles = value
        elif value:
            titles = [ref(value).urn if isinstance(value, Ref) else "true" if value is True else ",".join(value)]
        else:
            titles = []
        yield from (Annotation(row.note, title=title) for title in titles)


def from_notes(
    kind: str, notes: Notes, rows: Iterable[Field], *, reference: Callable[[str], Ref] = Ref.parse
) -> dict[str, Any]:
    """The fields that notes carry, with status and source; these notes are taken out of the others.

    `reference` reads a URN.
    """
    fields: dict[str, Any] = {}
    for row in rows:
        if row.form is Form.TARGETS:
            targets = notes.titles(row.note)
            fields[row.name] = () if targets == (row.default,) else targets
        elif row.form is Form.FLAG:
            fields[row.name] = notes.flag(row.note)
        elif title := notes.title(row.note, URN if row.form is Form.REFERENCE else LISTED):
            fields[row.name] = reference(title) if row.form is Form.REFERENCE else tuple(title.split(","))
    if "status" in ARTEFACTS[kind].__dataclass_fields__:
        fields |= {"status": notes.title("STATUS"), "source": notes.english("SOURCE")}
    return fields
