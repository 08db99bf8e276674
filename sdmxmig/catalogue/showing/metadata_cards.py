"""Cards of reference metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataAttribute, Metadataflow, MetadataStructure


def set_facts(metadata_set: MetadataSet) -> Iterator[tuple[str, str]]:
    if metadata_set.describes:
        yield "follows", metadata_set.describes.short
    for report in metadata_set.reports:
        for target in report.targets:
            yield "about", target.value.partition("infomodel.")[2] or target.value


def attribute_lines(
    metadata_set: MetadataSet, catalogue: Catalogue, language: str
) -> Iterator[tuple[int, ReportedAttribute, tuple[str, str, str]]]:
    declared = dict(attributes_by_id(structure_of(metadata_set, catalogue)))

    def walk(
        attributes: Sequence[ReportedAttribute], depth: int
    ) -> Iterator[tuple[int, ReportedAttribute, tuple[str, str, str]]]:
        for attribute in attributes:
            declared_attribute = declared.get(attribute.id)
            name = item_name(catalogue, declared_attribute.concept, language) if declared_attribute else ""
            yield (
                depth,
                attribute,
                (attribute.id, name, text_of_attribute(attribute, declared_attribute, catalogue, language)),
            )
            yield from walk(attribute.attributes, depth + 1)

    for report in metadata_set.reports:
        yield from walk(report.attributes, 0)


def declared_lines(structure: MetadataStructure) -> Iterator[tuple[int, MetadataAttribute, tuple[str, str]]]:
    """The attributes of a structure in their order with their depth and cells: id, and the values that it takes."""

    def walk(
        attributes: Sequence[MetadataAttribute], depth: int
    ) -> Iterator[tuple[int, MetadataAttribute, tuple[str, str]]]:
        for attribute in attributes:
            values = (
                "heading"
                if attribute.presentational
                else attribute.codelist.short
                if attribute.codelist
                else attribute.data_type
            )
            yield depth, attribute, (attribute.id, values)
            yield from walk(attribute.children, depth + 1)

    return walk(structure.attributes, 0)


def structure_of(metadata_set: MetadataSet, catalogue: Catalogue) -> Sequence[MetadataAttribute]:
    flow = catalogue.artefacts.get(metadata_set.describes) if metadata_set.describes else None
    structure = catalogue.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    return structure.attributes if isinstance(structure, MetadataStructure) else ()


def attributes_by_id(attributes: Sequence[MetadataAttribute]) -> Iterator[tuple[str, MetadataAttribute]]:
    for attribute in attributes:
        yield attribute.id, attribute
        yield from attributes_by_id(attribute.children)


def text_of_attribute(
    attribute: ReportedAttribute, declared_attribute: MetadataAttribute | None, catalogue: Catalogue, language: str
) -> str:
    if attribute.text:
        return attribute.text.in_language(language)
    codelist = declared_attribute.codelist if declared_attribute else None
    names = names_in(catalogue, codelist, language) if codelist else {}
    return "; ".join(f"{value} {names[value]}" if value in names else value for value in attribute.values)


def names_in(catalogue: Catalogue, ref: Ref, language: str) -> Mapping[str, str]:
    scheme = catalogue.artefacts.get(ref)
    return {item.id: item.name.in_language(language) for item in scheme} if isinstance(scheme, ItemScheme) else {}


def item_name(catalogue: Catalogue, ref: Ref, language: str) -> str:
    return names_in(catalogue, ref.scheme, language).get(ref.item, "")
