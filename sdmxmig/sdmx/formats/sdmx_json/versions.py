"""Differences between the SDMX-JSON data versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
ID = re.compile(r"[A-Za-z0-9_@$-]+")
OLD_ACTIONS = {"I": "Information", "A": "Append", "M": "Append", "R": "Replace", "D": "Delete"}

PROPERTIES = {
    "reportingBegin": "reportingBeginDate",
    "reportingEnd": "reportingEndDate",
    "validFrom": "validFromDate",
    "validTo": "validToDate",
    "publicationYear": "publicationYear",
    "publicationPeriod": "publicationPeriod",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonVersion:
    """One version of SDMX-JSON data messages.

    `actions` are its words; 2.0 writes a merge as Append. `indexed_arrays`: arrays of indices are allowed (the 2.0
    schema rejects integer arrays). `bare_dimensions`: dimensions may lack values. `occurs_in_format`: where the number
    of values is stated. `any_key`: a key may leave all dimensions open. `loose_attributes`: reference metadata
    attributes need no relationship. `lists_all`: one structure, three levels, all attribute values listed.
    """

    id: str
    schema: str
    actions: Mapping[str, str]
    schema_in_root: bool = False
    indexed_arrays: bool = False
    bare_dimensions: bool = False
    occurs_in_format: bool = False
    any_key: bool = False
    loose_attributes: bool = False
    lower_languages: bool = False
    lists_all: bool = False


_SCHEMAS = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas"
V2_0 = JsonVersion(
    id="2.0",
    schema=f"{_SCHEMAS}/2.0.0/sdmx-json-data-schema.json",
    actions=OLD_ACTIONS,
    occurs_in_format=True,
    lower_languages=True,
)
V1_0 = replace(
    V2_0, id="1.0", schema=f"{_SCHEMAS}/1.0/sdmx-json-data-schema.json", bare_dimensions=True, lists_all=True
)
V2_1 = JsonVersion(
    id="2.1",
    schema="https://json.sdmx.org/2.1/sdmx-json-data-schema.json",
    actions={**OLD_ACTIONS, "M": "Merge"},
    schema_in_root=True,
    indexed_arrays=True,
    bare_dimensions=True,
    any_key=True,
    loose_attributes=True,
)
VERSIONS = {version.id: version for version in (V1_0, V2_0, V2_1)}
