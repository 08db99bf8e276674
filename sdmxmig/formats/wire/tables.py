"""All wire tables, and the fields that travel as a note where a version has no place for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sdmxmig.formats.structures.notes import Notes
from sdmxmig.formats.wire import Field, Form, Key, Shape, flows, hierarchies, items, maps, processes, rows
from sdmxmig.model.artefacts import Annotation, ItemScheme
from sdmxmig.model.data_structures import Dataflow
from sdmxmig.model.hierarchies import Hierarchy, HierarchyAssociation
from sdmxmig.model.maps import RepresentationMap, StructureMap, ValueMapping
from sdmxmig.model.processes import Process
from sdmxmig.model.references import ITEM_KINDS
from sdmxmig.model.structures import Agreement, Categorisation, Metadataflow

SHAPES: dict[Key, Shape] = {**processes.SHAPES, **flows.SHAPES, **hierarchies.SHAPES, **maps.SHAPES, **items.SHAPES}
ARTEFACTS: dict[str, Any] = {
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
RECORDS: dict[str, Any] = {"ItemMap": ValueMapping, "ToVtlMapping": items.vtl_way, "FromVtlMapping": items.vtl_way}
"""The records of tables that are not of one record."""
LISTED = r"[\w@$\-]+(,[\w@$\-]+)*"


def noted(kind: str, family: str, version: str) -> Iterator[Field]:
    """The fields of an artefact that travel as a note, in this version."""
    spelt_names = {row.name for row in rows(SHAPES, kind, family=family, version=version)}
    yield from (row for row in SHAPES[kind] if row.note and row.name not in spelt_names)


def as_notes(kind: str, artefact: Any, *, family: str, version: str) -> Iterator[Annotation]:
    """The notes that carry what this version has no place for."""
    for row in noted(kind, family, version):
        value = getattr(artefact, row.name)
        titles = value if row.form is Form.TARGETS else [",".join(value)] if value and row.form is Form.TEXTS else []
        yield from (Annotation(row.note, title=title) for title in titles)


def from_notes(kind: str, notes: Notes, rows: Iterable[Field]) -> dict[str, Any]:
    """The fields that notes carry, with status and source; these notes are taken out of the others."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.form is Form.TARGETS:
            targets = notes.titles(row.note)
            fields[row.name] = () if targets == (row.default,) else targets
        elif row.form is Form.FLAG:
            fields[row.name] = notes.flag(row.note)
        elif listed := notes.title(row.note, LISTED):
            fields[row.name] = tuple(listed.split(","))
    if "status" in ARTEFACTS[kind].__dataclass_fields__:
        fields |= {"status": notes.title("STATUS"), "source": notes.english("SOURCE")}
    return fields
