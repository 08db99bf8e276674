"""All wire tables, and the fields written as annotations in versions without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.structures.data_structures import LISTS, NOWHERE
from sdmxmig.sdmx.formats.structures.notes import Notes, count_notes, counts_in
from sdmxmig.sdmx.formats.wire import (
    Field,
    Form,
    Key,
    Shape,
    constraints,
    data_structures,
    flows,
    hierarchies,
    items,
    maps,
    processes,
    rows,
)
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.hierarchies import Hierarchy, HierarchyAssociation
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, ValueMapping
from sdmxmig.sdmx.model.processes import Process
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import Agreement, Categorisation, Constraint, KeySet, Metadataflow, MetadataStructure

SHAPES: dict[Key, Shape] = {
    **processes.SHAPES,
    **flows.SHAPES,
    **hierarchies.SHAPES,
    **maps.SHAPES,
    **data_structures.SHAPES,
    **items.SHAPES,
    **constraints.SHAPES,
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
    "ContentConstraint": Constraint,
    "AttachmentConstraint": Constraint,
    "DataConstraint": Constraint,
    "MetadataConstraint": Constraint,
    "AvailabilityConstraint": Constraint,
}
"""The kinds of artefacts that are spelt by tables alone, with their records."""
RECORDS: dict[Key, Any] = {
    "ItemMap": ValueMapping,
    **dict.fromkeys(("ToVtlMapping", "FromVtlMapping"), items.vtl_way),
    **dict.fromkeys(("DataStructureComponents", "MetadataStructureComponents", "MetadataAttributeList"), dict),
    **{str(row.of): partial(Component, role=row.name, concept=NOWHERE) for name in LISTS for row in SHAPES[name]},
    **constraints.RECORDS,
}
NAMELESS = "AvailabilityConstraint"
"""The kind that has no name of its own, so that several may describe one artefact."""
LISTED = r"[\w@$\-]+(,[\w@$\-]+)*"
URN = r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=.+\(.+\).*"


def with_fields(key: Key, record: Any) -> Any:
    if isinstance(record, KeySet):
        return SimpleNamespace(include=record.include, keys=tuple(constraints.keys_of(record)))
    if type(record) is tuple:
        return SimpleNamespace(**dict(zip(dict.fromkeys(row.name for row in SHAPES[key]), record, strict=True)))
    return record


def answered(place: Place, fields: dict[str, Any]) -> Constraint:
    about = fields["attached"][0] if fields.get("attached") else Ref("", "", id="", version="")
    ref = replace(about, kind=NAMELESS, item="")
    return Constraint(ref, Text(), role="Actual", place=place, **fields)


def noted(kind: str, family: str, version: str) -> Iterator[Field]:
    spelt_names = {row.name for row in rows(SHAPES, kind, family=family, version=version)}
    yield from (row for row in SHAPES[kind] if row.note and row.name not in spelt_names)


def as_notes(
    kind: str, artefact: Any, *, family: str, version: str, ref: Callable[[Ref], Ref] = lambda ref: ref
) -> Iterator[Annotation]:
    """The notes that carry what this version has no place for; `ref` spells references as the version does."""
    for row in noted(kind, family, version):
        value = getattr(artefact, row.name)
        if row.form is Form.COUNTS:
            yield from count_notes(value)
            continue
        if row.form is Form.ROLE:
            value = () if value == row.choices[0] else (value,)
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
    """The fields that notes carry, with status and source; these notes are taken out of the others."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.form is Form.TARGETS:
            targets = notes.titles(row.note)
            fields[row.name] = () if targets == (row.default,) else targets
        elif row.form is Form.COUNTS:
            notes.remaining, fields[row.name] = counts_in(notes.remaining)
        elif row.form is Form.ROLE:
            fields[row.name] = notes.title(row.note, "|".join(row.choices)) or row.choices[0]
        elif row.form is Form.FLAG:
            fields[row.name] = notes.flag(row.note)
        elif title := notes.title(row.note, URN if row.form is Form.REFERENCE else LISTED):
            fields[row.name] = reference(title) if row.form is Form.REFERENCE else tuple(title.split(","))
    if "status" in ARTEFACTS[kind].__dataclass_fields__:
        fields |= {"status": notes.title("STATUS"), "source": notes.english("SOURCE")}
    return fields
