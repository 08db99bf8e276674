"""Maps: how values, items and components become others."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.model.maps import ComponentLink, FixedValue, RepresentationMap, SourceValue, StructureMap, TimeLink
from sdmxmig.model.maps import ValueMapping as Mapping
from sdmxmig.model.references import Ref


def representation_map(writing: Writing, given: RepresentationMap) -> Json:
    """How values become others; a map between item schemes has one source and one target."""
    found = start(writing)
    if given.ref.kind != "RepresentationMap":
        return found | scheme_map(writing, given)
    for name, sides in (("source", given.sources), ("target", given.targets)):
        if sides:
            found[name] = [side(writing, one) for one in sides]
    if given.mappings:
        found["representationMappings"] = [mapping(writing, value_mapping) for value_mapping in given.mappings]
    return found


def side(writing: Writing, given: Ref | str) -> Json:
    """One side of a map: a list, or the name of a data type."""
    if isinstance(given, Ref):
        return {"codelist": writing.urn(given, "Codelist", "ValueList")}
    return {"dataType": given}


def scheme_map(writing: Writing, given: RepresentationMap) -> Json:
    """The content of a map between two item schemes."""
    schemes = [ref for ref in (*given.sources, *given.targets) if isinstance(ref, Ref)]
    if len(given.sources) != 1 or len(given.targets) != 1 or len(schemes) != 2:
        raise writing.refusal("other than one source and one target scheme", "Name one scheme on each side.")
    kind = given.ref.kind.removesuffix("Map")
    kinds = tuple(words.FIXED_VERSIONS) if kind == "OrganisationScheme" else (kind,)
    found: Json = {"source": writing.urn(schemes[0], *kinds), "target": writing.urn(schemes[1], *kinds)}
    pairs = []
    for value_mapping in given.mappings:
        line = mapping(writing, value_mapping)
        targets = line.pop("targetValues", [])
        if len(value_mapping.sources) != 1 or len(targets) > 1:
            raise writing.refusal("several values in one line", "A map between schemes has pairs.")
        line["sourceValue"] = line.pop("sourceValues")[0]
        pairs.append(line | ({"targetValue": targets[0]} if targets else {}))
    return found | ({"itemMaps": pairs} if pairs else {})


def mapping(writing: Writing, given: Mapping) -> Json:
    """One line of a map."""
    if not given.sources:
        raise writing.refusal("a line without source")
    found = writing.notes(given.annotations)
    found["sourceValues"] = [source_value(writing, source) for source in given.sources]
    if given.targets:
        found["targetValues"] = list(given.targets)
    for name, value in (("validFrom", given.valid_from), ("validTo", given.valid_to)):
        if value:
            found[name] = writing.moment(value)
    return found


def source_value(writing: Writing, given: SourceValue) -> Json:
    """A value that is looked for: whole, as a pattern, or in a part of the text."""
    found: Json = {"value": given.value, **({"isRegEx": True} if given.regex else {})}
    for name, value in (("startIndex", given.start), ("endIndex", given.end)):
        if value:
            found[name] = writing.number(value, f"the {name} of {given.value}", whole=True)
    return found


def structure_map(writing: Writing, given: StructureMap) -> Json:
    """How data of one structure become data of another."""
    found = start(writing)
    for name, ref in (("source", given.source), ("target", given.target)):
        if ref.id:
            found[name] = writing.urn(ref, *words.MAPPED_STRUCTURES)
    for kind, member in words.TIME_MAPS.items():
        times = [time_link(writing, one) for one in given.times if one.kind == kind]
        if times:
            found[member] = times
    if formats := frequency_formats(writing, given):
        found["frequencyFormatMappings"] = formats
    if given.components:
        found["componentMaps"] = [component_link(writing, component) for component in given.components]
    if given.fixed:
        found["fixedValueMaps"] = [fixed_value(writing, one) for one in given.fixed]
    return found


def frequency_formats(writing: Writing, given: StructureMap) -> list[Json]:
    """The patterns of periods by frequency, each once."""
    return [
        {
            "id": writing.checked(name, words.ID, "the id of a format"),
            "frequencyId": writing.checked(frequency, words.ID, "a frequency"),
            "datePattern": pattern,
        }
        for name, frequency, pattern in given.all_formats
    ]


def ids(writing: Writing, given: tuple[str, ...]) -> list[str]:
    """Names of components."""
    return [writing.checked(one, words.NESTED_ID, "a component of a map") for one in given]


def component_link(writing: Writing, given: ComponentLink) -> Json:
    """Which components become which, and by which values."""
    found = {
        **writing.notes(given.annotations),
        "source": ids(writing, given.sources),
        "target": ids(writing, given.targets),
    }
    if given.representation:
        found["representationMap"] = writing.urn(given.representation, "RepresentationMap")
    return found


def fixed_value(writing: Writing, given: FixedValue) -> Json:
    """A component that always has these values."""
    name = "source" if given.on_source else "target"
    found = {**writing.notes(given.annotations), name: ids(writing, (given.component,))[0]}
    return found | ({"values": list(given.values)} if given.values else {})


def time_link(writing: Writing, given: TimeLink) -> Json:
    """How a date becomes a period."""
    if given.year_start:
        raise writing.refusal("the start of the reporting year in a map")
    found: Json = {"id": writing.checked(given.id, words.ID, "the id of a map")} if given.id else {}
    found |= writing.notes(given.annotations)
    pairs = zip(ids(writing, given.sources), ids(writing, given.targets), strict=True)
    found["mappedComponents"] = [{"source": source, "target": target} for source, target in pairs]
    if given.resolve:
        found["resolvePeriod"] = given.resolve
    if given.frequency:
        found["targetFrequencyID"] = writing.checked(given.frequency, words.ID, "a frequency")
    else:
        found["frequencyDimension"] = writing.checked(given.frequency_dimension, words.ID, "a frequency dimension")
        if given.formats:
            found["mappedFrequencies"] = [name for name, _, _ in given.formats]
    if given.kind == "pattern":
        return found | {"sourcePattern": given.pattern, "locale": given.locale or "en"}
    return found | {"basePeriod": given.base, "epochPeriod": given.unit}
