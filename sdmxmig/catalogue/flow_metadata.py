"""Reference metadata of dataflows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.flow_metadata import FlowMetadata
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, MetadataAttribute, Metadataflow, MetadataStructure


def metadata_of_flow(urn: str, sets: Mapping[Ref, MetadataSet], artefacts: Mapping[Ref, Artefact]) -> FlowMetadata:
    about = tuple(
        metadata_set
        for _, metadata_set in sorted(sets.items())
        if any(target.value == urn for report in metadata_set.reports for target in report.targets)
    )
    texts: dict[str, tuple[str, ...]] = {}
    for metadata_set in about:
        for report in metadata_set.reports:
            for concept, text in said_in(report.attributes):
                if text.strip():
                    texts[concept] = (*texts.get(concept, ()), text)
    names = {name: text for metadata_set in about for name, text in names_of_concepts(metadata_set, artefacts)}
    return FlowMetadata(texts=texts, names=names, sets=about)


def said_in(attributes: Sequence[ReportedAttribute]) -> Iterator[tuple[str, str]]:
    for attribute in attributes:
        yield from ((attribute.id, value) for value in attribute.values)
        yield from ((attribute.id, text) for _, text in (*attribute.text, *attribute.structured))
        yield from said_in(attribute.attributes)


def names_of_concepts(metadata_set: MetadataSet, artefacts: Mapping[Ref, Artefact]) -> Iterator[tuple[str, Text]]:
    flow = artefacts.get(metadata_set.describes) if metadata_set.describes else None
    structure = artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    for attribute in all_attributes(structure.attributes if isinstance(structure, MetadataStructure) else ()):
        scheme = artefacts.get(attribute.concept.scheme)
        item = attribute.concept.item
        if isinstance(scheme, ItemScheme) and item in scheme:
            yield attribute.id, scheme[item].name


def all_attributes(attributes: Sequence[MetadataAttribute]) -> Iterator[MetadataAttribute]:
    for attribute in attributes:
        yield attribute
        yield from all_attributes(attribute.children)
