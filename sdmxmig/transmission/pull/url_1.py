"""API 1.x addresses (up to 1.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.transmission.pull.queries import (
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
    ArtefactQuery,
    AvailabilityRequest,
    DataRequest,
    Key,
    MetadataRequest,
    Question,
    SchemaRequest,
    StructureRequest,
    VersionPattern,
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


def parse_request_1(address: Address) -> Question:
    """Parse a query address of API 1.x.

    >>> from sdmxmig.transmission.pull.queries import parse_address
    >>> parse_request_1(parse_address("codelist/SDMX/CL_FREQ", "")).wanted.ids
    ('CL_FREQ',)

    Raises `QueryError` for an address that the API does not have.
    """
    resource = address.segment(0, "").lower()
    readers: dict[str, Callable[[Address], Question]] = {
        **dict.fromkeys(("structure", *KINDS_1), parse_structures),
        **dict.fromkeys(("availableconstraint", "availability"), parse_availability),
        "data": parse_data,
        "schema": parse_schema_request,
        "metadata": parse_metadata,
    }
    if resource not in readers:
        hint = did_you_mean(resource, ["data", "schema", *KINDS_1])
        hint = "Ask /sdmx/v2/registration." if resource == "registration" else hint
        raise unknown(f"API 1.x has no resource “{resource}”.", hint)
    parsed = readers[resource](address)
    address.close()
    return parsed


def parse_structures(address: Address) -> StructureRequest:
    resource = address.segment(0, "").lower()
    kinds = KINDS_1.get(resource, ())
    address.check_length(5 if not kinds or set(kinds) & set(KINDS_WITH_ITEMS) else 4)
    references = address.choice("references", (*REFERENCES_1, *KINDS_1), "none")
    return StructureRequest(
        wanted=replace(parse_artefacts(address, 1, kinds), role=ROLES_1.get(resource, "")),
        items=parse_alternatives(address.segment(4, ANY), "id of an item", NESTED_ID_PATTERN, words=(ANY,)),
        detail=address.choice("detail", DETAILS_1, "full"),
        references=(references,) if references in REFERENCES_1 else KINDS_1[references],
    )


def parse_artefacts(address: Address, start: int, kinds: tuple[str, ...]) -> ArtefactQuery:
    agency, name = (address.segment(index, ANY) for index in (start, start + 1))
    return build_artefact_query(kinds, agency, name, address.segment(start + 2, NEWEST))


def build_artefact_query(kinds: tuple[str, ...], agency: str, name: str, version: str) -> ArtefactQuery:
    return ArtefactQuery(
        kinds=kinds,
        agencies=parse_alternatives(agency, "agency", NESTED_ID_PATTERN),
        ids=parse_alternatives(name, "id"),
        versions=(parse_version_pattern(PLUS),) if version == PLUS else tuple(map(parse_version, version.split(PLUS))),
    )


def parse_alternatives(
    text: str, what: str, pattern: re.Pattern[str] = ID_PATTERN, words: tuple[str, ...] = (ANY, ALL)
) -> tuple[str, ...]:
    return () if text.lower() in words else split_alternatives(text, PLUS, what, pattern)


def parse_version(text: str) -> VersionPattern:
    if text.lower() == ANY:
        return VersionPattern(wildcard=ALL)
    pattern = VersionPattern(wildcard=LATEST) if text.lower() == NEWEST else parse_version_pattern(text)
    return replace(pattern, bare=True)


def parse_flow(text: str, kind: str = "Dataflow") -> ArtefactQuery:
    """Parse a reference such as ``AGENCY,ID,VERSION``; agency and version may be omitted."""
    parts = text.split(COMMA)
    if not text or len(parts) > 3:
        raise wrong(f"“{text}” does not name a flow.", "Write AGENCY,ID,VERSION or only ID.")
    agency, name, number = {1: (ANY, *parts, NEWEST), 2: (*parts, NEWEST), 3: tuple(parts)}[len(parts)]
    return build_artefact_query((kind,), agency, name, number)


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


def parse_data(address: Address) -> DataRequest:
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


def parse_cube(address: Address) -> DataRequest:
    return DataRequest(
        wanted=parse_flow(address.segment(1, "")),
        keys=parse_key(address.segment(2, ANY)),
        is_whole_key=True,
        providers=parse_providers(address.segment(3, ANY)),
        periods=(address.text("startPeriod"), address.text("endPeriod")),
        updated_after=address.moment("updatedAfter"),
    )


def parse_availability(address: Address) -> AvailabilityRequest:
    address.check_length(5)
    return AvailabilityRequest(
        data=parse_cube(address),
        components=parse_alternatives(address.segment(4, ANY), "id of a dimension", words=(ANY,)),
        references=(address.choice("references", AVAILABILITY_REFERENCES, "none"),),
        mode=address.choice("mode", ("exact", "available"), "exact"),
    )


def parse_schema_request(address: Address) -> SchemaRequest:
    address.check_length(5)
    context, agency, name = (address.segment(index, "") for index in (1, 2, 3))
    if context.lower() not in SCHEMA_CONTEXTS or not agency or not name:
        raise wrong("A schema is asked for by context, agency and id.", f"Contexts are: {', '.join(SCHEMA_CONTEXTS)}.")
    wanted = parse_artefacts(address, 2, (SCHEMA_CONTEXTS[context.lower()],))
    dimension, explicit = address.text("dimensionAtObservation"), address.flag("explicitMeasure")
    return SchemaRequest(wanted=wanted, at_observation=dimension, explicit=explicit)


def parse_metadata(address: Address) -> MetadataRequest:
    address.check_length(4)
    keys = parse_key(address.segment(2, ANY))
    address.choice("detail", DETAIL_CHOICES, "full")  # of data; metadata have only the full one
    return MetadataRequest(
        by="metadataflow",
        wanted=parse_flow(address.segment(1, ANY), "Metadataflow"),
        providers=parse_providers(address.segment(3, ANY)),
        key=keys[0] if keys else (),
        periods=(address.text("startPeriod"), address.text("endPeriod")),
    )
