"""Metadata structures, metadataflows and agreements in TOML."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.data_structures import facets_of, representation
from sdmxmig.catalogue.heads import read_head
from sdmxmig.catalogue.naming import check_id
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.structures import Agreement, MetadataAttribute, Metadataflow, MetadataStructure


def read_metadata_structure(declared: Declared, index: ArtefactIndex) -> list[MetadataStructure]:
    """Read a metadata structure: ``concepts``, ``[[attribute]]``.

    ``id``, ``parent``, ``concept``, ``codelist`` or ``type``, ``facets``, ``min`` (0), ``max`` (1, ``"unbounded"``),
    ``presentational``. Raises `DeclarationError`.
    """
    head = read_head(declared, "MetadataStructure")
    default = declared.text("concepts", "")
    children: dict[str, list[MetadataAttribute]] = {"": []}
    for entry in declared.tables("attribute"):
        parent = entry.text("parent", "")
        attribute = attribute_of(entry, default, index)
        if attribute.id in children:
            raise DeclarationError(f"The attribute “{attribute.id}” stands twice.", entry.at("id"))
        if parent not in children:
            hint = did_you_mean(parent, [name for name in children if name])
            raise DeclarationError(f"The parent “{parent}” does not stand above it.", entry.at("parent"), hint)
        children[attribute.id] = []
        children[parent].append(attribute)
    declared.close()
    if not children[""] and not head.details.external:
        raise DeclarationError("The structure has no attributes.", declared.place, "Write [[attribute]].")
    return [
        MetadataStructure(
            attributes=tuple(with_children(attribute, children) for attribute in children[""]),
            **head.shared(),
        )
    ]


def attribute_of(declared: Declared, default: str, index: ArtefactIndex) -> MetadataAttribute:
    """One attribute, still without those below it."""
    attribute_id = declared.text("id")
    check_id("MetadataAttribute", attribute_id, declared.at("id"))
    place = declared.at("concept") if "concept" in declared.values else declared.at("id")
    concept = index.item(declared.text("concept", f"{default}.{attribute_id}"), "Concept", place)
    presentational = declared.flag("presentational", default=False)
    codelist, data_type = representation(declared, concept, index)
    maximum = declared.values.get("max", 1)
    attribute = MetadataAttribute(
        attribute_id,
        concept,
        codelist=None if presentational else codelist,
        data_type="" if presentational else data_type,
        facets=facets_of(declared),
        min_occurs=str(declared.integer("min", 0)),
        max_occurs=declared.text("max") if maximum == "unbounded" else str(declared.integer("max", 1)),
        presentational=presentational,
    )
    declared.close()
    return attribute


def with_children(attribute: MetadataAttribute, children: dict[str, list[MetadataAttribute]]) -> MetadataAttribute:
    return replace(attribute, children=tuple(with_children(child, children) for child in children[attribute.id]))


def read_metadataflow(declared: Declared, index: ArtefactIndex) -> list[Metadataflow]:
    """Read a metadataflow: ``structure``, ``targets`` (``*`` wildcard)."""
    head = read_head(declared, "Metadataflow")
    structure = index.ref(declared.text("structure"), "MetadataStructure", declared.at("structure"))
    targets = declared.strings("targets")
    for target in targets:
        if not target.startswith("urn:sdmx:org.sdmx.infomodel."):
            hint = "Write it like urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:*(*)."
            raise DeclarationError(f"“{target}” is not a URN.", declared.at("targets"), hint)
    declared.close()
    return [
        Metadataflow(
            structure=structure,
            targets=targets,
            **head.shared(),
        )
    ]


def read_agreement(declared: Declared, index: ArtefactIndex) -> list[Agreement]:
    """Read an agreement: ``flow`` or ``metadataflow``, and ``provider``."""
    is_metadata = "metadataflow" in declared.values
    head = read_head(declared, "MetadataProvisionAgreement" if is_metadata else "ProvisionAgreement")
    key, kind = ("metadataflow", "Metadataflow") if is_metadata else ("flow", "Dataflow")
    flow = index.ref(declared.text(key), kind, declared.at(key))
    provider = index.item(
        declared.text("provider"), "MetadataProvider" if is_metadata else "DataProvider", declared.at("provider")
    )
    declared.close()
    return [
        Agreement(
            flow=flow,
            provider=provider,
            **head.shared(),
        )
    ]
