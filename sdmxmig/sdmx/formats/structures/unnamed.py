"""Missing names, replaced by ids and reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.sdmx.formats.metadata_versions import called
from sdmxmig.sdmx.model.artefacts import ItemScheme, Sentinel
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.hierarchies import HierarchicalCodelist, Hierarchy, Level
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.processes import Process, ProcessStep
from sdmxmig.sdmx.model.structures import Artefact, MetadataAttribute, MetadataStructure

SHOWN = 5


def names_made(artefacts: Iterable[Artefact]) -> str:
    return sentence([nameless for artefact in artefacts for nameless in unnamed(artefact)])


def names_made_of_sets(sets: Iterable[MetadataSet]) -> str:
    return sentence([called(metadata_set) for metadata_set in sets if not metadata_set.name])


def sentence(nameless: Sequence[str]) -> str:
    if not nameless:
        return ""
    more = f" and {len(nameless) - SHOWN:,} more" if len(nameless) > SHOWN else ""
    return (
        f"Without a name in the source, so that the id becomes the English name: {', '.join(nameless[:SHOWN])}{more}."
    )


def unnamed(artefact: Artefact) -> Iterator[str]:
    whole = f"{artefact.ref.kind} {artefact.ref.short}"
    if not artefact.name and artefact.ref.kind != "AvailabilityConstraint":
        yield whole
    yield from (f"{part} of {whole}" for part in parts(artefact))


def parts(artefact: Artefact) -> Iterator[str]:
    """The ids of the parts of an artefact that have no name."""
    if isinstance(artefact, ItemScheme):
        may_lack = artefact.ref.kind == "ValueList"
        yield from (item.id for item in artefact.items if not item.name and not may_lack)
        yield from (nameless for item in artefact.items for nameless in of_sentinels(item.sentinels))
    elif isinstance(artefact, DataStructure):
        yield from (nameless for component in artefact.components for nameless in of_sentinels(component.sentinels))
    elif isinstance(artefact, MetadataStructure):
        for attributes in (
            artefact.attributes,
            *(report_structure.attributes for report_structure in artefact.reports),
        ):
            yield from of_attributes(attributes)
    elif isinstance(artefact, HierarchicalCodelist):
        for hierarchy in artefact.hierarchies:
            yield from () if hierarchy.name else (hierarchy.ref.item,)
            yield from of_levels(hierarchy.levels)
    elif isinstance(artefact, Hierarchy):
        yield from of_levels(artefact.levels)
    elif isinstance(artefact, Process):
        yield from of_steps(artefact.steps)
    elif isinstance(artefact, StructureSet):
        yield from (
            scheme_map.id for scheme_map in artefact.maps if isinstance(scheme_map, SchemeMap) and not scheme_map.name
        )


def of_sentinels(sentinels: Iterable[Sentinel]) -> Iterator[str]:
    return (f"the value “{sentinel.value}”" for sentinel in sentinels if not sentinel.name)


def of_attributes(attributes: Iterable[MetadataAttribute]) -> Iterator[str]:
    for attribute in attributes:
        yield from of_sentinels(attribute.sentinels)
        yield from of_attributes(attribute.children)


def of_levels(level: Level | None) -> Iterator[str]:
    while level is not None:
        if not level.name:
            yield level.id
        level = level.below


def of_steps(steps: Iterable[ProcessStep]) -> Iterator[str]:
    for step in steps:
        if not step.name:
            yield step.id
        yield from of_steps(step.steps)
