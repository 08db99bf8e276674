"""Maps: how values, items and components become others."""

from __future__ import annotations

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, minor_notes, moment
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.structures.data_types import MAP_TYPES
from sdmxmig.formats.structures.places import POINTS, UNITS
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
NOWHERE = Ref("", "", id="", version="")
"""What a stub refers to, since it does not say."""


def representation_map(part: Part, kind: str) -> RepresentationMap:
    """How values of lists or data types become values of others."""
    head = heading(part, kind)
    sources, targets = (tuple(side(one) for one in part.parts(name)) for name in ("source", "target"))
    mappings = tuple(part.each(mapping, "representationMappings"))
    part.close()
    return RepresentationMap(
        sources=sources,
        targets=targets,
        mappings=mappings,
        **head.shared(),
    )


def side(part: Part) -> Ref | str:
    """One side of a map: a list, or the name of a data type."""
    codelist, data_type = part.reference("codelist", "Codelist", "ValueList"), part.text("dataType")
    part.close()
    if bool(codelist) == bool(data_type):
        raise part.error("This has to name either a “codelist” or a “dataType”.")
    if data_type and data_type not in MAP_TYPES:
        hint = did_you_mean(data_type, MAP_TYPES)
        raise part.error(f"“{data_type[:80]}” is no data type.", hint, at="dataType")
    return codelist or data_type


def item_scheme_map(part: Part, kind: str) -> RepresentationMap:
    """How items of one scheme become items of another."""
    head = heading(part, kind)
    scheme = kind.removesuffix("Map")
    kinds = tuple(words.FIXED_VERSIONS) if scheme == "OrganisationScheme" else (scheme,)
    source, target = part.reference("source", *kinds), part.reference("target", *kinds)
    mappings = []
    for one in part.parts("itemMaps"):
        goal = (one.text("targetValue"),) if one.has("targetValue") else ()
        one.forget("targetValue")
        value = source_value(one.one("sourceValue"))
        mappings.append(
            ValueMapping(
                (value,),
                goal,
                valid_from=moment(one, "validFrom"),
                valid_to=moment(one, "validTo"),
                annotations=annotations_of(one),
            )
        )
        one.close()
    part.close()
    return RepresentationMap(
        sources=(source or NOWHERE,),
        targets=(target or NOWHERE,),
        mappings=tuple(mappings),
        **head.shared(),
    )


def mapping(part: Part) -> ValueMapping:
    """One line of a map."""
    found = ValueMapping(
        tuple(source_value(one) for one in part.parts("sourceValues")),
        part.strings("targetValues"),
        valid_from=moment(part, "validFrom"),
        valid_to=moment(part, "validTo"),
        annotations=annotations_of(part),
    )
    if not found.sources:
        raise part.error("“sourceValues” is missing.")
    part.close()
    return found


def source_value(part: Part) -> SourceValue:
    """A value that is looked for: whole, as a pattern, or in a part of the text."""
    found = SourceValue(
        part.needed("value"),
        part.flag("isRegEx"),
        start=part.number("startIndex", words.WHOLE),
        end=part.number("endIndex", words.WHOLE),
    )
    part.close()
    return found


def structure_map(part: Part, kind: str) -> StructureMap:
    """How data of one structure become data of another."""
    head = heading(part, kind)
    source, target = (part.reference(name, *words.MAPPED_STRUCTURES) for name in ("source", "target"))
    formats: Formats = {}
    for one in part.parts("frequencyFormatMappings"):
        own = one.matched("id", words.ID, needed=True)
        if own in formats:
            raise one.error(f"There are two formats “{own}”.", at="id")
        formats[own] = (own, one.matched("frequencyId", words.ID, needed=True), one.needed("datePattern"))
        if minor_notes(one):
            raise one.error("Annotations and links have no place here in the model.")
        one.close()
    used: set[str] = set()
    times = tuple(
        time_link(one, name, formats, used) for name, member in words.TIME_MAPS.items() for one in part.parts(member)
    )
    components = tuple(component_link(one) for one in part.parts("componentMaps"))
    fixed = tuple(fixed_value(one) for one in part.parts("fixedValueMaps"))
    part.close()
    left = tuple(one for own, one in formats.items() if own not in used)
    return StructureMap(
        source=source or NOWHERE,
        target=target or NOWHERE,
        components=components,
        fixed=fixed,
        times=times,
        formats=left,
        **head.shared(),
    )


def component_link(part: Part) -> ComponentLink:
    """Components that become others."""
    sides = (part.strings("source", words.NESTED_ID), part.strings("target", words.NESTED_ID))
    if not all(sides):
        raise part.error("This has to have a source and a target.")
    by = part.reference("representationMap", "RepresentationMap")
    found = ComponentLink(*sides, representation=by, annotations=annotations_of(part))
    part.close()
    return found


def fixed_value(part: Part) -> FixedValue:
    """A component that always has the same values."""
    source, target = part.matched("source", words.NESTED_ID), part.matched("target", words.NESTED_ID)
    if bool(source) == bool(target):
        raise part.error("This has to name either a source or a target.")
    found = FixedValue(
        source or target, part.strings("values"), on_source=bool(source), annotations=annotations_of(part)
    )
    part.close()
    return found


def time_link(part: Part, kind: str, formats: Formats, used: set[str]) -> TimeLink:
    """How a date becomes a period."""
    pairs = []
    for one in part.parts("mappedComponents"):
        pairs.append(tuple(one.matched(name, words.NESTED_ID, needed=True) for name in ("source", "target")))
        one.close()
    mapped = []
    for own in part.strings("mappedFrequencies", words.ID):
        if own not in formats:
            raise part.error(f"“{own}” is no frequency format of this map.", at="mappedFrequencies")
        mapped.append(formats[own])
        used.add(own)
    frequency, dimension = part.matched("targetFrequencyID", words.ID), part.matched("frequencyDimension", words.ID)
    if not pairs or bool(frequency) == bool(dimension) or (mapped and frequency):
        raise part.error("This has to map components, and to name either a frequency or the dimension that has it.")
    is_epoch = kind == "epoch"
    resolve = part.choice("resolvePeriod", "", "", *POINTS)
    found = TimeLink(
        kind,
        tuple(pair[0] for pair in pairs),
        targets=tuple(pair[1] for pair in pairs),
        pattern="" if is_epoch else part.needed("sourcePattern"),
        locale="" if is_epoch else part.needed("locale"),
        base=part.needed("basePeriod") if is_epoch else "",
        unit=part.choice("epochPeriod", "", *UNITS) if is_epoch else "",
        frequency=frequency,
        frequency_dimension=dimension,
        resolve=resolve,
        formats=tuple(mapped),
        id=part.matched("id", words.ID),
        annotations=minor_notes(part),
    )
    part.close()
    return found
