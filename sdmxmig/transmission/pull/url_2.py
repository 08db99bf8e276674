"""API 2.x addresses (up to 2.2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.transmission.pull.queries import (
    ALL,
    AVAILABILITY_REFERENCES,
    CONTEXT_KINDS,
    DETAILS_2,
    ID_PATTERN,
    KINDS_2,
    KINDS_WITH_ITEMS,
    LATEST,
    NESTED_ID_PATTERN,
    REFERENCES_2,
    SCHEMA_CONTEXTS,
    Address,
    ArtefactQuery,
    AvailabilityRequest,
    Condition,
    DataRequest,
    Filter,
    Key,
    MetadataRequest,
    Question,
    RegistrationRequest,
    SchemaRequest,
    StructureRequest,
    impossible,
    parse_version_pattern,
    split_alternatives,
    unknown,
    wrong,
)

ENCODED_COMMA = ","
COMPONENT_PARAMETER = re.compile(r"c\[([A-Za-z][A-Za-z0-9_\-]*)\]", re.ASCII)
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "co", "nc", "sw", "ew")
SORT_DIRECTIONS = {"asc": False, "desc": True}
ITEM_PATTERN = re.compile(r"[^/,]{1,200}")


def parse_request_2(address: Address) -> Question:
    """Parse a query address of API 2.x.

    >>> from sdmxmig.transmission.pull.queries import parse_address
    >>> address = parse_address("data/dataflow/ECB/EXR/1.0.0/M.*", "c[TIME_PERIOD]=ge:2020+le:2021")
    >>> parse_request_2(address).filters[0].choices
    ((Condition(operator='ge', value='2020'), Condition(operator='le', value='2021')),)

    Raises `QueryError` for an address that the API does not have.
    """
    resource = address.segment(0, "").lower()
    readers: dict[str, Callable[[Address], Question]] = {
        "structure": parse_structures,
        "data": parse_data,
        "availability": parse_availability,
        "schema": parse_schema_request,
        "metadata": parse_metadata,
        "registration": parse_registrations,
    }
    if resource not in readers:
        raise unknown(f"API 2.x has no resource “{resource}”.", did_you_mean(resource, readers))
    parsed = readers[resource](address)
    address.close()
    return parsed


def parse_artefacts(address: Address, start: int, kinds: tuple[str, ...], default: str = LATEST) -> ArtefactQuery:
    return ArtefactQuery(
        kinds=kinds,
        agencies=parse_alternatives(address.segment(start, ALL), "agency", NESTED_ID_PATTERN),
        ids=parse_alternatives(address.segment(start + 1, ALL), "id"),
        versions=tuple(map(parse_version_pattern, address.segment(start + 2, default).split(ENCODED_COMMA))),
    )


def parse_alternatives(text: str, what: str, pattern: re.Pattern[str] = ID_PATTERN) -> tuple[str, ...]:
    return () if text == ALL else split_alternatives(text, ENCODED_COMMA, what, pattern)


def parse_kinds(text: str) -> tuple[str, ...]:
    if text == ALL:
        return ()
    if text.lower() not in KINDS_2:
        raise wrong(f"There is no type of artefact “{text}”.", did_you_mean(text.lower(), KINDS_2))
    return KINDS_2[text.lower()]


def parse_structures(address: Address) -> StructureRequest:
    kinds = parse_kinds(address.segment(1, ALL))
    address.check_length(6 if not kinds or set(kinds) & set(KINDS_WITH_ITEMS) else 5)
    return StructureRequest(
        wanted=parse_artefacts(address, 2, kinds),
        items=parse_alternatives(address.segment(5, ALL), "id of an item", ITEM_PATTERN),
        detail=address.choice("detail", DETAILS_2, "full"),
        references=parse_references(address.text("references", "none")),
        as_of=address.moment("asOf"),
    )


def parse_references(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for word in text.lower().split(ENCODED_COMMA):
        if word in REFERENCES_2:
            words.append(word)
        elif word in KINDS_2:
            words += KINDS_2[word]
        else:
            raise wrong(f"“{word}” is not a value of references.", did_you_mean(word, (*REFERENCES_2, *KINDS_2)))
    return tuple(words)


def read_contexts(text: str) -> tuple[str, ...]:
    if text == ALL:
        return tuple(CONTEXT_KINDS.values())
    for part in text.lower().split(ENCODED_COMMA):
        if part not in CONTEXT_KINDS:
            raise wrong(f"There is no context “{part}”.", did_you_mean(part, CONTEXT_KINDS))
    return tuple(CONTEXT_KINDS[part] for part in text.lower().split(ENCODED_COMMA))


def parse_key(text: str) -> Key:
    return tuple(parse_alternatives(part, "code") for part in text.split("."))


def parse_data(address: Address) -> DataRequest:
    address.check_length(6)
    asked, as_of = parse_cube(address), address.moment("asOf")
    if asked.updated_after and as_of and asked.updated_after > as_of:
        raise impossible("updatedAfter is later than asOf.", "Use an earlier updatedAfter.")
    return replace(
        asked,
        first=address.number("firstNObservations", least=1),
        last=address.number("lastNObservations", least=1),
        at_observation=address.text("dimensionAtObservation"),
        attributes=parse_words(address.text("attributes", "dsd")),
        measures=parse_words(address.text("measures", "all")),
        history=address.flag("includeHistory"),
        offset=address.number("offset", least=0) or 0,
        limit=address.number("limit", least=1),
        sort=parse_sorting(address.text("sort")),
        as_of=as_of,
    )


def parse_cube(address: Address) -> DataRequest:
    key = address.segment(5, ALL)
    return DataRequest(
        wanted=parse_artefacts(address, 2, read_contexts(address.segment(1, ALL)), ALL),
        keys=() if key == ALL else tuple(map(parse_key, key.split(ENCODED_COMMA))),
        filters=tuple(parse_filters(address)),
        updated_after=address.moment("updatedAfter"),
        year_start=address.year_start(),
    )


def parse_words(text: str) -> tuple[str, ...]:
    return split_alternatives(text, ENCODED_COMMA, "component")


def parse_sorting(text: str) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in filter(None, re.split(r"[+ ]", text)):
        name, _, direction = part.partition(":")
        if direction not in ("", *SORT_DIRECTIONS) or not (name == ALL or ID_PATTERN.fullmatch(name)):
            raise wrong(f"“{part}” is not a value of sort.", "Write it as REF_AREA:asc+TIME_PERIOD:desc.")
        order.append((name, SORT_DIRECTIONS.get(direction, False)))
    return tuple(order)


def parse_filters(address: Address) -> list[Filter]:
    parsed = []
    for name in [name for name in address.raw if name.startswith("c[") or name == "c"]:
        match = COMPONENT_PARAMETER.fullmatch(name)
        if match is None:
            raise wrong(f"“{name}” does not name a component.", "Write it as c[REF_AREA]=GE.")
        text = unquote(address.raw.pop(name))
        if not text:
            raise wrong(f"{name} has no value.", "Write it as c[REF_AREA]=GE.")
        choices = tuple(tuple(map(parse_condition, parse_conjunction(part))) for part in text.split(ENCODED_COMMA))
        parsed.append(Filter(match[1], choices))
    return parsed


def parse_conjunction(text: str) -> list[str]:
    pieces: list[str] = []
    for piece in text.split("+"):
        if pieces and re.fullmatch(r"\d\d:?\d\d", piece) and re.search(r"T\d\d:\d\d", pieces[-1]):
            pieces[-1] += f"+{piece}"
        else:
            pieces.append(piece)
    return pieces


def parse_condition(text: str) -> Condition:
    operator, colon, value = text.partition(":")
    return Condition(operator, value) if colon and operator in OPERATORS else Condition("eq", text)


def parse_availability(address: Address) -> AvailabilityRequest:
    address.check_length(7)
    words = address.text("references", "none").lower().split(ENCODED_COMMA)
    for word in words:
        if word not in (*AVAILABILITY_REFERENCES, "valuelist"):
            raise wrong(f"“{word}” is not a value of references.", did_you_mean(word, AVAILABILITY_REFERENCES))
    return AvailabilityRequest(
        data=parse_cube(address),
        components=parse_alternatives(address.segment(6, ALL), "id of a dimension"),
        references=tuple(words),
        mode=address.choice("mode", ("exact", "available"), "exact"),
    )


def parse_schema_request(address: Address) -> SchemaRequest:
    address.check_length(5)
    context = address.segment(1, "").lower()
    if context not in SCHEMA_CONTEXTS or len(address.segments) < 4:
        raise wrong("A schema is asked for by context, agency and id.", f"Contexts are: {', '.join(SCHEMA_CONTEXTS)}.")
    return SchemaRequest(
        wanted=parse_artefacts(address, 2, (SCHEMA_CONTEXTS[context],)),
        at_observation=address.text("dimensionAtObservation"),
        deletion=address.flag("deletion"),
        as_of=address.moment("asOf"),
    )


def parse_metadata(address: Address) -> MetadataRequest:
    by = address.segment(1, ALL).lower()
    detail, as_of = address.choice("detail", ("full", "allstubs"), "full"), address.moment("asOf")
    if by in ("metadataset", ALL):
        address.check_length(5)
        by, wanted = "metadataset", parse_artefacts(address, 2, ("MetadataSet",))
    elif by == "metadataflow":
        address.check_length(6)
        wanted = parse_artefacts(address, 2, ("Metadataflow",))
    elif by == "structure":
        address.check_length(6)
        wanted = parse_artefacts(address, 3, parse_kinds(address.segment(2, ALL)))
    else:
        hint = did_you_mean(by, ("metadataset", "metadataflow", "structure"))
        raise wrong(f"Metadata cannot be asked for by “{by}”.", hint)
    by_whom = parse_providers(address.segment(5, ALL)) if by == "metadataflow" else ()
    return MetadataRequest(by=by, wanted=wanted, providers=by_whom, detail=detail, as_of=as_of)


def parse_providers(text: str) -> tuple[tuple[str, str], ...]:
    if text == ALL:
        return ()
    pairs = []
    for part in text.split(ENCODED_COMMA):
        agency, _, name = part.removeprefix(f"{ALL}.").rpartition(".")
        pairs.append(
            (split_alternatives(agency, ENCODED_COMMA, "agency", NESTED_ID_PATTERN)[0] if agency else "", name)
        )
        split_alternatives(name, ENCODED_COMMA, "provider")
    return tuple(pairs)


def parse_registrations(address: Address) -> RegistrationRequest:
    by = address.segment(1, ALL).lower()
    asked = RegistrationRequest(
        by=by, updated_after=address.moment("updatedAfter"), updated_before=address.moment("updatedBefore")
    )
    if by == "id":
        address.check_length(3)
        return replace(asked, id=address.segment(2, ""))
    if by == "provider":
        address.check_length(4)
        agency = address.segment(2, ALL)
        ids = parse_alternatives(address.segment(3, ALL), "provider", NESTED_ID_PATTERN)
        return replace(asked, providers=tuple(("" if agency == ALL else agency, name) for name in ids))
    address.check_length(5)
    return replace(asked, by="context", wanted=parse_artefacts(address, 2, read_contexts(by), ALL))
