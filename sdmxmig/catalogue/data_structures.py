"""Data structures, metadata structures, metadataflows and agreements in TOML.

``concepts``, ``[[dimension]]``, ``[time]``, ``[[measure]]``, ``[[attribute]]`` with ``id``, ``concept``, ``codelist``
or ``type``, ``facets``; attributes with ``mandatory`` and ``attachment`` (``dataset``, ``series``, ``observation``,
``dimensions``, ``group``); ``[[group]]``. Stubs have ``external``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue.artefact_heads import ArtefactIndex, read_head
from sdmxmig.catalogue.rows import check_id
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.formats.structures.notes import build_origin_notes
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, Group
from sdmxmig.sdmx.model.metadata import FlowMetadata, MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, MetadataAttribute, Metadataflow, MetadataStructure

ATTACHMENTS = ("dataset", "series", "observation", "dimensions", "group")


def read_data_structure(declared: Declared, index: ArtefactIndex) -> list[DataStructure]:
    head = read_head(declared, "DataStructure")
    default = declared.text("concepts", "")
    components = [read_component(dimension, "dimension", default, index) for dimension in declared.tables("dimension")]
    time = declared.table("time")
    if time.values:
        components.append(read_component(time, "time", default, index))
    components += [read_component(measure, "measure", default, index) for measure in declared.tables("measure")]
    attributes = declared.tables("attribute")
    components += [read_component(attribute, "attribute", default, index) for attribute in attributes]
    key = [component.id for component in components if component.role == "dimension"]
    groups = tuple(read_group(group, key) for group in declared.tables("group"))
    structure = DataStructure(components=tuple(components), groups=groups, **head.add_origin())
    declared.close()
    check_unique(structure)
    for attribute in attributes:
        check_listed(attribute, "dimensions", structure[attribute.text("id")].dimensions, key)
        check_listed(attribute, "group", [structure[attribute.text("id")].group], ["", *(group.id for group in groups)])
    if not components and not head.details.external:
        raise DeclarationError(
            "The structure has no components.", declared.place, "Write [[dimension]] and [[measure]]."
        )
    return [structure]


def read_component(declared: Declared, role: str, default: str, index: ArtefactIndex) -> Component:
    """Read a component; its concept defaults to the same id, its codelist to that of the concept."""
    component_id = declared.text("id")
    check_id("Component", component_id, declared.at("id"))
    concept = index.item(
        declared.text("concept", f"{default}.{component_id}"),
        "Concept",
        declared.at("concept") if "concept" in declared.values else declared.at("id"),
    )
    codelist, data_type = find_representation(declared, concept, index)
    attachment = declared.text("attachment", "observation") if role == "attribute" else ""
    if attachment and attachment not in ATTACHMENTS:
        hint = f"Write one of: {', '.join(ATTACHMENTS)}."
        raise DeclarationError(f"“{attachment}” is not an attachment.", declared.at("attachment"), hint)
    component = Component(
        component_id,
        role,
        concept=concept,
        codelist=codelist,
        data_type=data_type,
        facets=read_facets(declared),
        mandatory=declared.flag("mandatory", default=role != "attribute"),
        attachment=attachment,
        dimensions=declared.strings("dimensions", None) if attachment == "dimensions" else (),
        group=declared.text("group") if attachment == "group" else "",
    )
    declared.close()
    return component


def find_representation(declared: Declared, concept: Ref, index: ArtefactIndex) -> tuple[Ref | None, str]:
    codelist_name, own_type = declared.text("codelist", ""), declared.text("type", "")
    if codelist_name:
        return index.ref(codelist_name, "Codelist", declared.at("codelist")), ""
    if own_type:
        return None, own_type
    item = index.items(concept.scheme).get(concept.item)
    if item is None:
        return None, "String"
    return item.codelist, "" if item.codelist else item.data_type or "String"


def read_facets(declared: Declared) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in declared.table("facets").values.items())


def read_group(declared: Declared, key: Collection[str]) -> Group:
    group = Group(declared.text("id"), declared.strings("dimensions", None))
    check_id("Group", group.id, declared.at("id"))
    check_listed(declared, "dimensions", group.dimensions, key)
    declared.close()
    return group


def check_listed(declared: Declared, key: str, names: Iterable[str], known_names: Collection[str]) -> None:
    for name in names:
        if name not in known_names:
            kind = key.removesuffix("s")
            hint = did_you_mean(name, [candidate for candidate in known_names if candidate])
            raise DeclarationError(f"There is no {kind} “{name}” in this structure.", declared.at(key), hint)


def check_unique(structure: DataStructure) -> None:
    ids = [component.id for component in structure.components]
    for component_id in ids:
        if ids.count(component_id) > 1:
            raise DeclarationError(f"The component “{component_id}” occurs twice.", structure.place)


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
        attribute = read_attribute(entry, default, index)
        if attribute.id in children:
            raise DeclarationError(f"The attribute “{attribute.id}” occurs twice.", entry.at("id"))
        if parent not in children:
            hint = did_you_mean(parent, [name for name in children if name])
            raise DeclarationError(f"The parent “{parent}” is not in a row above.", entry.at("parent"), hint)
        children[attribute.id] = []
        children[parent].append(attribute)
    declared.close()
    if not children[""] and not head.details.external:
        raise DeclarationError("The structure has no attributes.", declared.place, "Write [[attribute]].")
    return [
        MetadataStructure(
            attributes=tuple(add_children(attribute, children) for attribute in children[""]), **head.shared()
        )
    ]


def read_attribute(declared: Declared, default: str, index: ArtefactIndex) -> MetadataAttribute:
    attribute_id = declared.text("id")
    check_id("MetadataAttribute", attribute_id, declared.at("id"))
    place = declared.at("concept") if "concept" in declared.values else declared.at("id")
    concept = index.item(declared.text("concept", f"{default}.{attribute_id}"), "Concept", place)
    presentational = declared.flag("presentational", default=False)
    codelist, data_type = find_representation(declared, concept, index)
    maximum = declared.values.get("max", 1)
    attribute = MetadataAttribute(
        attribute_id,
        concept,
        codelist=None if presentational else codelist,
        data_type="" if presentational else data_type,
        facets=read_facets(declared),
        min_occurs=str(declared.integer("min", 0)),
        max_occurs=declared.text("max") if maximum == "unbounded" else str(declared.integer("max", 1)),
        presentational=presentational,
    )
    declared.close()
    return attribute


def add_children(attribute: MetadataAttribute, children: dict[str, list[MetadataAttribute]]) -> MetadataAttribute:
    return replace(attribute, children=tuple(add_children(child, children) for child in children[attribute.id]))


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
    return [Metadataflow(structure=structure, targets=targets, **head.shared())]


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
    return [Agreement(flow=flow, provider=provider, **head.shared())]


TYPE_PATTERNS = {"GregorianDay": r"\d{4}-\d{2}-\d{2}", "Integer": r"[+-]?\d+", "Decimal": r"[+-]?\d+(\.\d+)?"}
"""Patterns of values by data type; other types accept any text."""


def read_metadata_set(declared: Declared, index: ArtefactIndex) -> MetadataSet:
    """Read a metadata set.

    Keys: ``metadataflow``, ``dataflows``, ``[[attribute]]`` with ``id``, ``values`` or ``text``, ``source``. Raises
    `DeclarationError` for unknown attributes and codes, and wrong values.
    """
    head = read_head(declared, "MetadataSet")
    flow = index.artefacts[index.ref(declared.text("metadataflow"), "Metadataflow", declared.at("metadataflow"))]
    structure = index.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    if not isinstance(structure, MetadataStructure) or structure.details.external:
        raise DeclarationError("The structure of this metadataflow is missing.", declared.at("metadataflow"))
    dataflows = declared.strings("dataflows", None)
    targets = [index.ref(name, "Dataflow", declared.at("dataflows")) for name in dataflows]
    reported = read_reported_attributes(declared, structure, index)
    declared.close()
    reports = (
        Report(tuple(Target(ref.urn) for ref in targets), tuple(nest_attributes(structure.attributes, reported))),
    )
    return MetadataSet(flow.ref, reports, **head.shared())


def read_reported_attributes(
    declared: Declared, structure: MetadataStructure, index: ArtefactIndex
) -> dict[str, ReportedAttribute]:
    attributes = dict(flatten_attributes(structure.attributes))
    reported: dict[str, ReportedAttribute] = {}
    for entry in declared.tables("attribute"):
        attribute_id = entry.text("id")
        if attribute_id not in attributes:
            hint = did_you_mean(attribute_id, attributes)
            raise DeclarationError(f"{structure.ref.short} has no attribute “{attribute_id}”.", entry.at("id"), hint)
        if attribute_id in reported:
            raise DeclarationError(
                f"The attribute “{attribute_id}” occurs twice.", entry.at("id"), "List all its values in one entry."
            )
        values, text, source = entry.strings("values"), entry.texts("text"), entry.text("source", "")
        check(attributes[attribute_id], values, entry, index)
        if bool(values) == bool(text):
            raise DeclarationError(
                f"“{attribute_id}” must have either values or a text.", entry.place, "Leave out unknown values."
            )
        reported[attribute_id] = ReportedAttribute(
            attribute_id, values, text=text, annotations=tuple(build_origin_notes("", source))
        )
        entry.close()
    return reported


def check(attribute: MetadataAttribute, values: Sequence[str], declared: Declared, index: ArtefactIndex) -> None:
    place = declared.at("values")
    if attribute.presentational:
        raise DeclarationError(
            f"“{attribute.id}” is only a heading.", declared.at("id"), "Give values to the attributes below it."
        )
    if attribute.codelist and not values:
        raise DeclarationError(f"“{attribute.id}” takes codes of {attribute.codelist.short}.", declared.place)
    if attribute.codelist:
        index.check_items(attribute.codelist, values, place)
    if attribute.max_occurs != "unbounded" and len(values) > int(attribute.max_occurs):
        raise DeclarationError(f"“{attribute.id}” has at most {attribute.max_occurs} value.", place)
    pattern = TYPE_PATTERNS.get(attribute.data_type, "")
    for value in values:
        if pattern and not re.fullmatch(pattern, value):
            raise DeclarationError(f"“{value}” is not of type {attribute.data_type}.", place)


def flatten_attributes(attributes: Sequence[MetadataAttribute]) -> Iterator[tuple[str, MetadataAttribute]]:
    for attribute in attributes:
        yield attribute.id, attribute
        yield from flatten_attributes(attribute.children)


def nest_attributes(
    attributes: Sequence[MetadataAttribute], reported: Mapping[str, ReportedAttribute]
) -> Iterator[ReportedAttribute]:
    for attribute in attributes:
        children = tuple(nest_attributes(attribute.children, reported))
        reported_attribute = reported.get(attribute.id, ReportedAttribute(attribute.id))
        if children or attribute.id in reported:
            yield ReportedAttribute(
                attribute.id,
                reported_attribute.values,
                text=reported_attribute.text,
                attributes=children,
                annotations=reported_attribute.annotations,
            )


def index_by_reference(sets: Sequence[MetadataSet]) -> dict[Ref, MetadataSet]:
    sets_by_ref: dict[Ref, MetadataSet] = {}
    for metadata_set in sets:
        assert metadata_set.ref is not None  # noqa: S101 - read_metadata_set names each set
        if metadata_set.ref in sets_by_ref:
            raise DeclarationError(f"{metadata_set.ref} is declared twice.", metadata_set.place)
        sets_by_ref[metadata_set.ref] = metadata_set
    return sets_by_ref


def find_flow_metadata(urn: str, sets: Mapping[Ref, MetadataSet], artefacts: Mapping[Ref, Artefact]) -> FlowMetadata:
    about = tuple(
        metadata_set
        for _, metadata_set in sorted(sets.items())
        if any(target.value == urn for report in metadata_set.reports for target in report.targets)
    )
    texts: dict[str, tuple[str, ...]] = {}
    for metadata_set in about:
        for report in metadata_set.reports:
            for concept, text in list_attributes(report.attributes):
                if text.strip():
                    texts[concept] = (*texts.get(concept, ()), text)
    names = {name: text for metadata_set in about for name, text in list_concept_names(metadata_set, artefacts)}
    return FlowMetadata(texts=texts, names=names, sets=about)


def list_attributes(attributes: Sequence[ReportedAttribute]) -> Iterator[tuple[str, str]]:
    for attribute in attributes:
        yield from ((attribute.id, value) for value in attribute.values)
        yield from ((attribute.id, text) for _, text in (*attribute.text, *attribute.structured))
        yield from list_attributes(attribute.attributes)


def list_concept_names(metadata_set: MetadataSet, artefacts: Mapping[Ref, Artefact]) -> Iterator[tuple[str, Text]]:
    flow = artefacts.get(metadata_set.describes) if metadata_set.describes else None
    structure = artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    for attribute in list_all_attributes(structure.attributes if isinstance(structure, MetadataStructure) else ()):
        scheme = artefacts.get(attribute.concept.scheme)
        item = attribute.concept.item
        if isinstance(scheme, ItemScheme) and item in scheme:
            yield attribute.id, scheme[item].name


def list_all_attributes(attributes: Sequence[MetadataAttribute]) -> Iterator[MetadataAttribute]:
    for attribute in attributes:
        yield attribute
        yield from list_all_attributes(attribute.children)
