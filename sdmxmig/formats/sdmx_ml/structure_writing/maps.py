"""Maps of SDMX 3: how values and components become others."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.model.maps import (
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SourceValue,
    StructureMap,
    TimeLink,
    ValueMapping,
)
from sdmxmig.model.references import Ref

TIME_MAPS = {"epoch": "EpochMap", "pattern": "DatePatternMap"}


def add_representation_map(writing: Writing, holder: etree._Element, given: RepresentationMap) -> None:
    """Add how values become others; a map between item schemes has one source and one target."""
    element = start(writing, holder)
    if given.ref.kind != "RepresentationMap":
        add_scheme_map(writing, element, given)
        return
    for side, what in (("Source", given.sources), ("Target", given.targets)):
        for ref in what:
            if isinstance(ref, Ref):
                writing.reference(element, f"{side}Codelist", ref)
            else:
                writing.add(element, f"{side}DataType", ref)
    for mapping in given.mappings:
        add_mapping(writing, element, "RepresentationMapping", mapping)


def add_scheme_map(writing: Writing, element: etree._Element, given: RepresentationMap) -> None:
    """Add the content of a map between two item schemes."""
    schemes = [ref for ref in (*given.sources, *given.targets) if isinstance(ref, Ref)]
    if len(given.sources) != 1 or len(given.targets) != 1 or len(schemes) != 2:
        raise writing.refusal("other than one source and one target scheme", "Name one scheme on each side.")
    for name, scheme in zip(("Source", "Target"), schemes, strict=True):
        writing.reference(element, name, scheme)
    for mapping in given.mappings:
        if len(mapping.sources) != 1 or len(mapping.targets) > 1:
            raise writing.refusal("several values in one line", "A map between schemes has pairs.")
        add_mapping(writing, element, "ItemMap", mapping)


def add_mapping(writing: Writing, element: etree._Element, name: str, mapping: ValueMapping) -> None:
    """Add one line of a map."""
    line = writing.add(element, name, attributes={"validFrom": mapping.valid_from, "validTo": mapping.valid_to})
    writing.notes(line, mapping.annotations)
    for source in mapping.sources:
        writing.add(line, "SourceValue", source.value, source_attributes(source))
    for target in mapping.targets:
        writing.add(line, "TargetValue", target)


def source_attributes(source: SourceValue) -> dict[str, str]:
    """How a value is looked for: as a pattern, or in a part of the text."""
    return {"isRegEx": "true" if source.regex else "", "startIndex": source.start, "endIndex": source.end}


def add_structure_map(writing: Writing, holder: etree._Element, given: StructureMap) -> None:
    """Add how data of one structure become data of another, in the order which the schema wants."""
    element = start(writing, holder)
    writing.reference(element, "Source", given.source)
    writing.reference(element, "Target", given.target)
    for kind in TIME_MAPS:
        for link in given.times:
            if link.kind == kind:
                add_time(writing, element, link)
    add_formats(writing, element, given)
    for component in given.components:
        add_component_map(writing, element, component)
    for fixed in given.fixed:
        add_fixed(writing, element, fixed)


def add_time(writing: Writing, element: etree._Element, link: TimeLink) -> None:
    """Add how a date becomes a period."""
    if link.year_start:
        raise writing.refusal("the start of the reporting year in a map", "Write SDMX-JSON.")
    own = {"sourcePattern": link.pattern, "locale": link.locale or "en"}
    if link.kind == "epoch":
        own = {"basePeriod": link.base, "epochPeriod": link.unit}
    given = {"id": link.id, "resolvePeriod": link.resolve, **own}
    holder = writing.add(element, TIME_MAPS[link.kind], attributes=given)
    writing.notes(holder, link.annotations)
    for source, target in zip(link.sources, link.targets, strict=True):
        writing.add(holder, "Source", source)
        writing.add(holder, "Target", target)
    if link.frequency_dimension:
        writing.add(holder, "FrequencyDimension", link.frequency_dimension)
        for name, _, _ in link.formats:
            writing.add(holder, "MappedFrequencies", name)
    else:
        writing.add(holder, "TargetFrequencyID", link.frequency)


def add_formats(writing: Writing, element: etree._Element, given: StructureMap) -> None:
    """Add the patterns of periods by frequency, each once."""
    for name, frequency, pattern in given.all_formats:
        holder = writing.add(element, "FrequencyFormatMapping", attributes={"id": name})
        writing.add(holder, "FrequencyId", frequency)
        writing.add(holder, "DatePattern", pattern)


def add_component_map(writing: Writing, element: etree._Element, link: ComponentLink) -> None:
    """Add which components become which, and by which values."""
    holder = writing.add(element, "ComponentMap")
    writing.notes(holder, link.annotations)
    for source in link.sources:
        writing.add(holder, "Source", source)
    for target in link.targets:
        writing.add(holder, "Target", target)
    if link.representation:
        writing.reference(holder, "RepresentationMap", link.representation)


def add_fixed(writing: Writing, element: etree._Element, fixed: FixedValue) -> None:
    """Add a component that always has these values."""
    holder = writing.add(element, "FixedValueMap")
    writing.notes(holder, fixed.annotations)
    writing.add(holder, "Source" if fixed.on_source else "Target", fixed.component)
    for value in fixed.values:
        writing.add(holder, "Value", value)
