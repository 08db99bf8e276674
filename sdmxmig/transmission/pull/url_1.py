"""API 1.x addresses (up to 1.5)."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.transmission.pull.questions import (
    ALL,
    AVAILABILITY_REFERENCES,
    DETAILS_1,
    ID_PATTERN,
    KINDS_1,
    KINDS_WITH_ITEMS,
    LATEST,
    NESTED_ID_PATTERN,
    REFERENCES_1,
    ROLES_1,
    SCHEMA_CONTEXTS,
    Address,
    AvailabilityQuestion,
    DataQuestion,
    Key,
    MetadataQuestion,
    Question,
    SchemaQuestion,
    StructureQuestion,
    VersionPattern,
    Wanted,
    parse_version_pattern,
    split_alternatives,
    unknown,
    wrong,
)

ANY, NEWEST, PLUS, COMMA = "all", "latest", "+", ","
DETAIL_CHOICES = {
    "full": (("all",), ("all",)),
    "dataonly": (("none",), ("all",)),
    "serieskeysonly": (("none",), ("none",)),
    "nodata": (("dataset", "series"), ("none",)),
}
AVAILABILITY_RESOURCES = ("availableconstraint", "availability")


def parse_question_1(address: Address) -> Question:
    """Parse a query address of API 1.x.

    >>> from sdmxmig.transmission.pull.questions import parse_address
    >>> parse_question_1(parse_address("codelist/SDMX/CL_FREQ", "")).wanted.ids
    ('CL_FREQ',)

    Raises `NotAnswered` for an address that the API does not have.
    """
    resource = address.segment(0, "").lower()
    if resource == "data":
        parsed: Question = parse_data(address)
    elif resource in AVAILABILITY_RESOURCES:
        parsed = parse_availability(address)
    elif resource == "schema":
        parsed = parse_schema_question(address)
    elif resource == "metadata":
        parsed = parse_metadata(address)
    elif resource == "structure" or resource in KINDS_1:
        parsed = parse_structures(address, resource)
    else:
        hint = did_you_mean(resource, ["data", "schema", *KINDS_1])
        hint = "Ask /sdmx/v2/registration." if resource == "registration" else hint
        raise unknown(f"API 1.x has no resource “{resource}”.", hint)
    address.close()
    return parsed


def parse_structures(address: Address, resource: str) -> StructureQuestion:
    kinds = KINDS_1.get(resource, ())
    address.check_length(5 if not kinds or set(kinds) & set(KINDS_WITH_ITEMS) else 4)
    items = address.segment(4, ANY)
    references = address.choice("references", (*REFERENCES_1, *KINDS_1), "none")
    return StructureQuestion(
        wanted=Wanted(
            kinds=kinds,
            agencies=parse_names(address.segment(1, ANY), "agency", nested=True),
            ids=parse_names(address.segment(2, ANY), "id"),
            versions=parse_versions(address.segment(3, NEWEST)),
            role=ROLES_1.get(resource, ""),
        ),
        items=() if items.lower() == ANY else split_alternatives(items, PLUS, "id of an item", NESTED_ID_PATTERN),
        detail=address.choice("detail", DETAILS_1, "full"),
        references=(references,) if references in REFERENCES_1 else KINDS_1[references],
    )


def parse_names(text: str, what: str, *, nested: bool = False) -> tuple[str, ...]:
    return (
        ()
        if text.lower() in (ANY, ALL)
        else split_alternatives(text, PLUS, what, NESTED_ID_PATTERN if nested else ID_PATTERN)
    )


def parse_versions(text: str) -> tuple[VersionPattern, ...]:
    return tuple(parse_version(part) for part in text.split(PLUS)) if text != PLUS else (parse_version_pattern(PLUS),)


def parse_version(text: str) -> VersionPattern:
    if text.lower() == ANY:
        return VersionPattern(wildcard=ALL)
    pattern = VersionPattern(wildcard=LATEST) if text.lower() == NEWEST else parse_version_pattern(text)
    return replace(pattern, bare=True)


def parse_flow(text: str, kind: str = "Dataflow") -> Wanted:
    """Parse a reference such as ``AGENCY,ID,VERSION``; agency and version may be omitted."""
    parts = text.split(COMMA)
    if not text or len(parts) > 3:
        raise wrong(f"“{text}” does not name a flow.", "Write AGENCY,ID,VERSION or only ID.")
    agency, name, number = {1: (ANY, *parts, NEWEST), 2: (*parts, NEWEST), 3: tuple(parts)}[len(parts)]
    return Wanted(
        kinds=(kind,),
        agencies=parse_names(agency, "agency", nested=True),
        ids=parse_names(name, "id"),
        versions=parse_versions(number),
    )


def parse_providers(text: str) -> tuple[tuple[str, str], ...]:
    if text.lower() in (ANY, ALL):
        return ()
    pairs = []
    for part in text.split(PLUS):
        agency, _, name = part.rpartition(COMMA)
        named = split_alternatives(name, PLUS, "provider", NESTED_ID_PATTERN)[0]
        pairs.append(
            (
                "" if agency.lower() in ("", ANY) else split_alternatives(agency, PLUS, "agency", NESTED_ID_PATTERN)[0],
                named,
            )
        )
    return tuple(pairs)


def parse_key(text: str) -> tuple[Key, ...]:
    if text.lower() in (ANY, ALL):
        return ()
    return (tuple(split_alternatives(part, PLUS, "code") if part not in ("", ALL) else () for part in text.split(".")),)


def parse_data(address: Address) -> DataQuestion:
    address.check_length(4)
    attributes, measures = DETAIL_CHOICES[address.choice("detail", DETAIL_CHOICES, "full")]
    return replace(
        parse_cube(address),
        first=address.number("firstNObservations", least=1),
        last=address.number("lastNObservations", least=1),
        at_observation=address.text("dimensionAtObservation"),
        attributes=attributes,
        measures=measures,
        history=address.flag("includeHistory"),
    )


def parse_cube(address: Address) -> DataQuestion:
    return DataQuestion(
        wanted=parse_flow(address.segment(1, "")),
        keys=parse_key(address.segment(2, ANY)),
        is_whole_key=True,
        providers=parse_providers(address.segment(3, ANY)),
        periods=(address.text("startPeriod"), address.text("endPeriod")),
        updated_after=address.moment("updatedAfter"),
    )


def parse_availability(address: Address) -> AvailabilityQuestion:
    address.check_length(5)
    components = address.segment(4, ANY)
    return AvailabilityQuestion(
        data=parse_cube(address),
        components=() if components.lower() == ANY else split_alternatives(components, PLUS, "id of a dimension"),
        references=(address.choice("references", AVAILABILITY_REFERENCES, "none"),),
        mode=address.choice("mode", ("exact", "available"), "exact"),
    )


def parse_schema_question(address: Address) -> SchemaQuestion:
    address.check_length(5)
    context, agency, name = (address.segment(index, "") for index in (1, 2, 3))
    if context.lower() not in SCHEMA_CONTEXTS or not agency or not name:
        raise wrong("A schema is asked for by context, agency and id.", f"Contexts are: {', '.join(SCHEMA_CONTEXTS)}.")
    wanted = Wanted(
        kinds=(SCHEMA_CONTEXTS[context.lower()],),
        agencies=parse_names(agency, "agency", nested=True),
        ids=parse_names(name, "id"),
        versions=parse_versions(address.segment(4, NEWEST)),
    )
    dimension, explicit = address.text("dimensionAtObservation"), address.flag("explicitMeasure")
    return SchemaQuestion(wanted=wanted, at_observation=dimension, explicit=explicit)


def parse_metadata(address: Address) -> MetadataQuestion:
    """Parse a query for metadata of a metadataflow, by key and periods."""
    address.check_length(4)
    keys = parse_key(address.segment(2, ANY))
    address.choice("detail", DETAIL_CHOICES, "full")  # of data; metadata have only the full one
    return MetadataQuestion(
        by="metadataflow",
        wanted=parse_flow(address.segment(1, ANY), "Metadataflow"),
        providers=parse_providers(address.segment(3, ANY)),
        key=keys[0] if keys else (),
        periods=(address.text("startPeriod"), address.text("endPeriod")),
    )
