"""Requests generated from the paths and parameters of SDMX REST never cause a server error."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from small_service import small_holdings
from starlette.testclient import TestClient

from sdmxmig.transmission.pull.queries import (
    CONTEXT_KINDS,
    DETAILS_2,
    KINDS_1,
    KINDS_2,
    REFERENCES_2,
    SCHEMA_CONTEXTS,
)
from sdmxmig.transmission.pull.url_1 import DETAIL_CHOICES
from sdmxmig.web.sdmx.application import Access, ServiceCache, build_application

KNOWN = (
    *(
        "XX",
        "DF",
        "DSD",
        "PA",
        "CL_SEX",
        "CL_FREQ",
        "CAS",
        "CS",
        "H",
        "MS",
        "MDF",
        "MSD",
        "OFFICE",
        "DF_EMPTY",
        "A",
        "F",
    ),
    *("all", "*", "latest", "~", "+", "1.0.0", "1.0+.0", "2.0.0-draft", "A.GE.M", "A..", "A.*.F", "A.GE.F,Q.GE.F"),
    *("XX,DF", "XX,DF,1.0.0", "SEX", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT", "TITLE", "NOTE"),
    *(
        "2020",
        "2020-Q1",
        "2019-12-31",
        "true",
        "false",
        "0",
        "1",
        "3",
        "--07-01",
        "2024-06-01T00:00:00Z",
        "none",
        "dsd",
    ),
    *("series_key", "TIME_PERIOD:desc", "AllDimensions", "ge:2020", "ne:A", "co:a", "ge:2020+le:2021", "A,Q", "le:9"),
)
STRANGE = (
    *("", " ", ".", "..", "%", "%00", "%2F", "%ff", "a" * 300, "é", "\u202e", "{}", "[]", "'", '"', "<a>", "1" * 40),
    *("-1", "1e9", "NaN", "0x1", "٣", "A" + "." * 50, "," * 50, "+" * 50, "9999-99-99", "0000", "c[", "c[]", "null"),
)
ACCEPTED = (
    *("", "*/*", "application/xml", "application/json", "text/csv", "application/nonsense", "a;q=x,,;", "*/*;q=0"),
    *("application/vnd.sdmx.data+csv;version=2.1.0;labels=both", "application/vnd.sdmx.data+csv;version=1.0.0"),
    *("application/vnd.sdmx.structure+xml;version=3.0+.0", "application/vnd.sdmx.data+xml;version=3.1.0"),
    *("application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1", "application/vnd.sdmx.schema+xml"),
    *("application/vnd.sdmx.schema+json;version=2.0.0", "application/vnd.sdmx.schema+xml;version=2.1"),
    *("application/vnd.sdmx.genericmetadata+xml;version=2.1", "application/vnd.sdmx.structure+json;version=1.0.0"),
)
OTHERS: tuple[dict[str, str], ...] = (
    {},
    {"accept-language": "fr, *;q=0.1"},
    {"accept-encoding": "gzip"},
    {"range": "bytes=5-20"},
    {"if-modified-since": "Thu, 01 Jan 2026 12:00:00 GMT"},
    {"if-none-match": "*"},
)


OF_DATA = (
    "updatedAfter reportingYearStartDay firstNObservations lastNObservations dimensionAtObservation includeHistory"
)
PATHS = (
    "v1/{resource}/{agency}/{id}/{version}/{item}?detail references",
    f"v1/data/{{flow}}/{{key}}/{{provider}}?startPeriod endPeriod detail {OF_DATA}",
    "v1/availableconstraint/{flow}/{key}/{provider}/{component}?startPeriod endPeriod updatedAfter references mode",
    "v1/schema/{schema}/{agency}/{id}/{version}?dimensionAtObservation explicitMeasure",
    "v1/metadata/{flow}/{key}/{provider}?startPeriod endPeriod detail",
    "v2/structure/{type}/{agency}/{id}/{version}/{item}?detail references asOf",
    f"v2/data/{{context}}/{{agency}}/{{id}}/{{version}}/{{key}}?c attributes measures offset limit sort asOf {OF_DATA}",
    "v2/availability/{context}/{agency}/{id}/{version}/{key}/{component}?c reportingYearStartDay references mode",
    "v2/schema/{schema}/{agency}/{id}/{version}?dimensionAtObservation deletion asOf",
    "v2/metadata/metadataset/{provider}/{id}/{version}?detail asOf",
    "v2/metadata/metadataflow/{agency}/{id}/{version}/{provider}?detail asOf",
    "v2/metadata/structure/{type}/{agency}/{id}/{version}?detail asOf",
    "v2/registration/id/{id}?updatedAfter updatedBefore",
    "v2/registration/provider/{agency}/{provider}?updatedAfter updatedBefore",
    "v2/registration/{context}/{agency}/{id}/{version}?updatedAfter updatedBefore",
)
"""The paths of the service, with the names of their parameters."""
CHOICES: dict[str, tuple[str, ...]] = {
    "resource": ("structure", *KINDS_1),
    "type": ("*", *KINDS_2),
    "context": ("*", *CONTEXT_KINDS),
    "schema": (*SCHEMA_CONTEXTS,),
    "detail": (*DETAILS_2, *DETAIL_CHOICES),
    "references": (*REFERENCES_2, *KINDS_2),
    "mode": ("exact", "available"),
    **dict.fromkeys(("includeHistory", "explicitMeasure", "deletion"), ("true", "false")),
    **dict.fromkeys(("firstNObservations", "lastNObservations", "offset", "limit"), ("0", "1", "2", "5", "100")),
}


def value(chance: random.Random, name: str) -> str:
    """A value for a part of a path or a parameter: mostly one that it may have, else a known or a strange one."""
    lot = chance.random()
    return chance.choice(CHOICES[name] if name in CHOICES and lot < 0.7 else KNOWN if lot < 0.9 else STRANGE)


def address(chance: random.Random, path: str) -> str:
    """An address at a path: some of its last parts left away, some of its parameters given."""
    place, _, parameters = path.partition("?")
    parts = ["sdmx", *place.split("/")]
    fixed = next(number for number, part in enumerate(parts) if part.startswith("{"))
    kept = parts[: chance.randint(max(fixed, 3), len(parts))]
    filled = "/".join(value(chance, part[1:-1]) if part.startswith("{") else part for part in kept)
    asked = []
    for parameter in parameters.split():
        if chance.random() < 0.25:
            name = f"c[{chance.choice(KNOWN)}]" if parameter == "c" else parameter
            spell: Callable[[str], str] = quote if chance.random() < 0.5 else str
            asked.append(f"{name}={spell(value(chance, parameter))}")
    return f"/{filled}" + (f"?{'&'.join(asked)}" if asked else "")


def never_fails(seed: int, count: int) -> dict[int, int]:
    """Send so many requests, consume all bodies, and return the count of each status."""
    chance = random.Random(seed)
    bugs: list[BaseException] = []
    cache = ServiceCache(small_holdings, lambda: "", now=lambda: datetime(2026, 1, 1, 12, tzinfo=UTC))
    statuses: dict[int, int] = {}
    with (
        cache.folder,
        TestClient(build_application(cache, Access(), bugs.append), base_url="http://x") as client,
    ):
        for _ in range(count):
            asked = address(chance, chance.choice(PATHS))
            headers = {"accept": chance.choice(ACCEPTED), **chance.choice(OTHERS)}
            answer = client.get(asked.encode("utf-8", "surrogateescape").decode("utf-8"), headers=headers)
            assert answer.status_code < 500, (asked, headers, answer.text, bugs)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    assert not bugs
    return statuses


def test_generated_requests_are_answered_without_fault() -> None:
    statuses = never_fails(seed=18, count=400)
    assert {200, 206, 304, 400, 404, 406} <= statuses.keys(), "the requests reach most of what may be answered"
