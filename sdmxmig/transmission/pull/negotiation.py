"""Content negotiation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.transmission.pull.queries import VERSION, QueryError, parse_numbers, parse_version_pattern, unacceptable

MAX_RANGES = 100
QUALITY_VALUE = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
CSV_PARAMETERS = {
    "labels": ("id", "name", "both"),
    "timeformat": ("original", "normalized"),
    "keys": ("none", "obs", "series", "both"),
}
CSV_1_PARAMETERS = {**CSV_PARAMETERS, "labels": ("id", "both"), "keys": ("none",)}
PARAMETER_SPELLINGS = {"key": "keys"}
"""Also written so in examples of the standard."""
PLAIN_TYPES = {
    "application/xml": "+xml",
    "text/xml": "+xml",
    "application/json": "+json",
    "text/csv": "+csv",
    "application/csv": "+csv",
}


@dataclass(frozen=True, slots=True)
class OfferedFormat:
    """An offered representation; `format` is empty for data schemas."""

    media_type: str
    version: str
    format: str = ""
    is_time_series: bool = False


@dataclass(frozen=True, slots=True)
class Representation:
    offer: OfferedFormat
    content_type: str
    labels: str = "id"
    keys: str = "none"
    times: str = "original"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    media_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0


SDMX_TYPE_PREFIX = "application/vnd.sdmx."
JSON_SCHEMA = f"{SDMX_TYPE_PREFIX}schema+json"
OFFER_GROUPS: dict[str, tuple[OfferedFormat, ...]] = {}
for row in read_csv_rows(Path(__file__).with_name("offers.csv")):
    offer = OfferedFormat(
        f"{SDMX_TYPE_PREFIX}{row['media_type']}", row["version"], row["format"], bool(row["is_time_series"])
    )
    OFFER_GROUPS[row["group"]] = (*OFFER_GROUPS.get(row["group"], ()), offer)
"""Representations of the same resource, in the generations of the standard (1: before SDMX 3)."""
STUBS_OF_SETS = tuple(offer for offer in OFFER_GROUPS["metadata"] if offer.media_type.endswith("+xml"))
"""Representations in which metadata sets may be named without content."""


OFFERS: dict[tuple[int, str], tuple[OfferedFormat, ...]] = {
    (int(row["api"]), row["resource"]): tuple(
        offer for group in row["offers"].split("; ") for offer in OFFER_GROUPS[group]
    )
    for row in read_csv_rows(Path(__file__).with_name("resources.csv"))
}
"""Offers by API version and resource; the first is the default."""


def negotiate(offers: Sequence[OfferedFormat], accept: str) -> Representation:
    """Choose the best representation for ``Accept``, the first of equals.

    >>> negotiate(OFFERS[1, "structure"], "application/vnd.sdmx.structure+xml;version=3.0+.0").offer.version
    '3.1.0'

    Raises `QueryError` if none of them suits.
    """
    ranges = list(list_media_ranges(accept or "*/*"))
    best: tuple[float, int] | None = None
    chosen = None
    for place, offer in enumerate(offers):
        suiting = [wanted for wanted in ranges if is_acceptable(wanted, offer)]
        liked = max(suiting, key=lambda wanted: (measure_closeness(wanted), wanted.weight), default=None)
        if liked is None or liked.weight == 0:
            continue
        rank = (liked.weight, -place)
        if best is None or rank > best:
            best, chosen = rank, build_representation(offer, liked)
    if chosen is None:
        names = ", ".join(f"{offer.media_type};version={offer.version}" for offer in offers)
        raise unacceptable("None of the requested formats is available.", f"Use one of: {names}.")
    return chosen


def list_media_ranges(accept: str) -> Iterator[MediaRange]:
    for name, parameters, weight in parse_weighted_values(accept):
        spelt = {PARAMETER_SPELLINGS.get(key, key): value for key, value in parameters.items()}
        if "/" in name:
            yield MediaRange(media_type=name.lower(), parameters=spelt, weight=weight)


def parse_weighted_values(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield the values of a header such as ``Accept``, with parameters and weights, without those of invalid weight.

    >>> list(parse_weighted_values('text/csv;Labels="name";q=0.5, */*;q=high'))
    [('text/csv', {'labels': 'name'}, 0.5)]
    """
    for text in header.split(",")[:MAX_RANGES]:
        name, *rest = (part.strip() for part in text.split(";"))
        pairs = (part.partition("=") for part in rest)
        parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        weight = parameters.pop("q", "1")
        if QUALITY_VALUE.fullmatch(weight):
            yield name, parameters, float(weight)


def measure_closeness(wanted: MediaRange) -> tuple[int, int]:
    level = 0 if wanted.media_type == "*/*" else 1 if wanted.media_type.endswith("/*") else 2
    return level + (wanted.media_type not in PLAIN_TYPES and level == 2), len(wanted.parameters)


def is_acceptable(wanted: MediaRange, offer: OfferedFormat) -> bool:
    name = wanted.media_type
    if name in PLAIN_TYPES:
        return offer.media_type.endswith(PLAIN_TYPES[name])
    if name.endswith("/*"):
        return name == "*/*" or offer.media_type.startswith(name[:-1])
    return (
        name == offer.media_type
        and is_version(wanted.parameters.get("version", ""), offer.version)
        and all(
            wanted.parameters.get(key, allowed[0]).lower() in allowed
            for key, allowed in read_csv_parameters(offer).items()
        )
    )


def read_csv_parameters(offer: OfferedFormat) -> Mapping[str, tuple[str, ...]]:
    if not offer.media_type.endswith("+csv"):
        return {}
    return CSV_1_PARAMETERS if offer.format == "sdmx-csv-1.0" else CSV_PARAMETERS


def is_version(wanted: str, offered: str) -> bool:
    if not wanted:
        return True
    numbers = pad_version(offered)
    match = VERSION.fullmatch(wanted)
    if match is not None:
        return pad_version(match[1]) == numbers
    try:
        return parse_version_pattern(wanted.replace(" ", "+")).fits(".".join(map(str, numbers)))
    except QueryError:
        return False


def pad_version(version: str) -> tuple[int, ...]:
    numbers = parse_numbers(version)
    return numbers + (0,) * (3 - len(numbers))


def build_representation(offer: OfferedFormat, wanted: MediaRange) -> Representation:
    version = wanted.parameters.get("version", "")
    spelt = (
        replace(offer, version=version)
        if VERSION.fullmatch(version) and wanted.media_type not in PLAIN_TYPES
        else offer
    )
    content_type = f"{spelt.media_type};version={spelt.version}"
    selected = {
        key: wanted.parameters.get(key, allowed[0]).lower() for key, allowed in read_csv_parameters(offer).items()
    }
    labels, times, keys = (
        selected.get(key, usual) for key, usual in (("labels", "id"), ("timeformat", "original"), ("keys", "none"))
    )
    content_type += f";labels={labels}" if labels != "id" else ""
    content_type += f";timeFormat={times}" if times != "original" else ""
    content_type += f";keys={keys}" if keys != "none" else ""
    return Representation(offer, content_type, labels=labels, times=times, keys=keys)
