"""Maps of SDMX 3: between representations, structures and item schemes."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, minor_notes
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import optional_reference, reference
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

Formats = dict[str, tuple[str, str, str]]


def read_representation_map(part: Part) -> RepresentationMap:
    """How values of lists or data types become values of others."""
    head = heading(part, "RepresentationMap")
    sources = tuple(side(one) for one in part.parts("SourceCodelist", "SourceDataType"))
    targets = tuple(side(one) for one in part.parts("TargetCodelist", "TargetDataType"))
    mappings = tuple(part.each(value_mapping, "RepresentationMapping"))
    part.close()
    if not sources or not targets:
        raise part.error("lacks a source or a target.")
    return RepresentationMap(
        sources=sources,
        targets=targets,
        mappings=mappings,
        **head.shared(),
    )


def read_item_scheme_map(part: Part) -> RepresentationMap:
    """How items of one scheme become items of another."""
    head = heading(part, part.name)
    source, target = reference(part.one("Source"), ""), reference(part.one("Target"), "")
    mappings = tuple(part.each(value_mapping, "ItemMap"))
    part.close()
    return RepresentationMap(
        sources=(source,),
        targets=(target,),
        mappings=mappings,
        **head.shared(),
    )


def side(part: Part) -> Ref | str:
    """One side of a map: a list, or the name of a data type."""
    return part.content().strip() if part.name.endswith("DataType") else reference(part, "Codelist")


def value_mapping(part: Part) -> ValueMapping:
    """One line of a map."""
    sources = []
    for one in part.parts("SourceValue"):
        regex, start, end = one.flag("isRegEx"), one.attribute("startIndex"), one.attribute("endIndex")
        sources.append(SourceValue(one.content(), regex, start=start, end=end))
    found = ValueMapping(
        tuple(sources),
        tuple(part.texts("TargetValue")),
        valid_from=part.attribute("validFrom"),
        valid_to=part.attribute("validTo"),
        annotations=annotations_of(part),
    )
    part.close()
    return found


def read_structure_map(part: Part) -> StructureMap:
    """How data of one structure become data of another."""
    head = heading(part, "StructureMap")
    source, target = reference(part.one("Source"), ""), reference(part.one("Target"), "")
    formats: Formats = {}
    for one in part.parts("FrequencyFormatMapping"):
        own = one.checked_id(one.needed("id"))
        formats[own] = (own, one.text("FrequencyId").strip(), one.text("DatePattern"))
        if minor_notes(one):
            raise one.error("has annotations or links, which cannot be kept there.")
        one.close()
    used: set[str] = set()
    times = tuple(time_link(one, formats, used) for one in part.parts("EpochMap", "DatePatternMap"))
    components = tuple(component_link(one) for one in part.parts("ComponentMap"))
    fixed = tuple(fixed_value(one) for one in part.parts("FixedValueMap"))
    part.close()
    left = tuple(one for own, one in formats.items() if own not in used)
    return StructureMap(
        source=source,
        target=target,
        components=components,
        fixed=fixed,
        times=times,
        formats=left,
        **head.shared(),
    )


def component_link(part: Part) -> ComponentLink:
    """Components that become others."""
    found = ComponentLink(
        tuple(part.texts("Source")),
        tuple(part.texts("Target")),
        representation=optional_reference(part, "RepresentationMap", "RepresentationMap"),
        annotations=annotations_of(part),
    )
    part.close()
    return found


def fixed_value(part: Part) -> FixedValue:
    """A component that always has the same values."""
    component = part.one("Source", "Target")
    on_source = component.name == "Source"
    found = FixedValue(
        component.content(), tuple(part.texts("Value")), on_source=on_source, annotations=annotations_of(part)
    )
    part.close()
    return found


def time_link(part: Part, formats: Formats, used: set[str]) -> TimeLink:
    """How a date becomes a period."""
    is_epoch = part.name == "EpochMap"
    mapped = []
    for one in part.parts("MappedFrequencies"):
        own = one.content().strip()
        if own not in formats:
            raise one.error(f"names “{own}”, which is no frequency format of this map.")
        mapped.append(formats[own])
        used.add(own)
    found = TimeLink(
        "epoch" if is_epoch else "pattern",
        tuple(part.texts("Source")),
        targets=tuple(part.texts("Target")),
        pattern="" if is_epoch else part.needed("sourcePattern"),
        locale="" if is_epoch else part.needed("locale"),
        base=part.needed("basePeriod") if is_epoch else "",
        unit=part.needed("epochPeriod") if is_epoch else "",
        frequency=part.text("TargetFrequencyID"),
        frequency_dimension=part.text("FrequencyDimension"),
        resolve=part.attribute("resolvePeriod"),
        formats=tuple(mapped),
        id=part.attribute("id"),
        annotations=minor_notes(part),
    )
    part.close()
    return found
