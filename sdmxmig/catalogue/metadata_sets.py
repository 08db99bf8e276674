"""Reference metadata in TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.heads import origin, read_head
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataAttribute, Metadataflow, MetadataStructure

PATTERNS = {"GregorianDay": r"\d{4}-\d{2}-\d{2}", "Integer": r"[+-]?\d+", "Decimal": r"[+-]?\d+(\.\d+)?"}
"""How values of some data types are written; other types take any text."""


def read_metadata_set(declared: Declared, index: ArtefactIndex) -> MetadataSet:
    """Read a metadata set.

    Keys: ``metadataflow``, ``dataflows``, ``[[attribute]]`` with ``id``, ``values`` or ``text``, ``source``. Raises
    `DeclarationError` for unknown attributes and codes, and wrong values.
    """
    head = read_head(declared, "MetadataSet")
    flow = index.artefacts[index.ref(declared.text("metadataflow"), "Metadataflow", declared.at("metadataflow"))]
    structure = structure_of(flow, index, declared)
    dataflows = declared.strings("dataflows", None)
    targets = [index.ref(name, "Dataflow", declared.at("dataflows")) for name in dataflows]
    reported = reported_attributes(declared, structure, index)
    declared.close()
    reports = (Report(tuple(Target(ref.urn) for ref in targets), tuple(in_place(structure.attributes, reported))),)
    return MetadataSet(
        flow.ref,
        reports,
        **head.shared(),
    )


def structure_of(flow: object, index: ArtefactIndex, declared: Declared) -> MetadataStructure:
    structure = index.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    if not isinstance(structure, MetadataStructure) or structure.details.external:
        raise DeclarationError("The structure of this metadataflow is not here.", declared.at("metadataflow"))
    return structure


def reported_attributes(
    declared: Declared, structure: MetadataStructure, index: ArtefactIndex
) -> dict[str, ReportedAttribute]:
    attributes = dict(flat(structure.attributes))
    reported: dict[str, ReportedAttribute] = {}
    for entry in declared.tables("attribute"):
        attribute_id = entry.text("id")
        if attribute_id not in attributes:
            hint = did_you_mean(attribute_id, attributes)
            raise DeclarationError(f"{structure.ref.short} has no attribute “{attribute_id}”.", entry.at("id"), hint)
        if attribute_id in reported:
            raise DeclarationError(
                f"The attribute “{attribute_id}” stands twice.", entry.at("id"), "Give it all its values at once."
            )
        values, text, source = entry.strings("values"), entry.texts("text"), entry.text("source", "")
        check(attributes[attribute_id], values, entry, index)
        if bool(values) == bool(text):
            raise DeclarationError(
                f"“{attribute_id}” has either values or a text.", entry.place, "What is not known is left out."
            )
        reported[attribute_id] = ReportedAttribute(
            attribute_id, values, text=text, annotations=tuple(origin("", source))
        )
        entry.close()
    return reported


def check(attribute: MetadataAttribute, values: Sequence[str], declared: Declared, index: ArtefactIndex) -> None:
    """Refuse values that an attribute cannot have."""
    place = declared.at("values")
    if attribute.presentational:
        raise DeclarationError(
            f"“{attribute.id}” is only a heading.", declared.at("id"), "Fill in what stands below it."
        )
    if attribute.codelist and not values:
        raise DeclarationError(f"“{attribute.id}” takes codes of {attribute.codelist.short}.", declared.place)
    if attribute.codelist:
        index.check_items(attribute.codelist, values, place)
    if attribute.max_occurs != "unbounded" and len(values) > int(attribute.max_occurs):
        raise DeclarationError(f"“{attribute.id}” has at most {attribute.max_occurs} value.", place)
    pattern = PATTERNS.get(attribute.data_type, "")
    for value in values:
        if pattern and not re.fullmatch(pattern, value):
            raise DeclarationError(f"“{value}” is not of type {attribute.data_type}.", place)


def flat(attributes: Sequence[MetadataAttribute]) -> Iterator[tuple[str, MetadataAttribute]]:
    for attribute in attributes:
        yield attribute.id, attribute
        yield from flat(attribute.children)


def in_place(
    attributes: Sequence[MetadataAttribute], reported: Mapping[str, ReportedAttribute]
) -> Iterator[ReportedAttribute]:
    for attribute in attributes:
        children = tuple(in_place(attribute.children, reported))
        reported_attribute = reported.get(attribute.id, ReportedAttribute(attribute.id))
        if children or attribute.id in reported:
            yield ReportedAttribute(
                attribute.id,
                reported_attribute.values,
                text=reported_attribute.text,
                attributes=children,
                annotations=reported_attribute.annotations,
            )


def by_name(sets: Sequence[MetadataSet]) -> dict[Ref, MetadataSet]:
    sets_by_ref: dict[Ref, MetadataSet] = {}
    for metadata_set in sets:
        assert metadata_set.ref is not None  # noqa: S101 - read_metadata_set names each set
        if metadata_set.ref in sets_by_ref:
            raise DeclarationError(f"{metadata_set.ref} is declared twice.", metadata_set.place)
        sets_by_ref[metadata_set.ref] = metadata_set
    return sets_by_ref
