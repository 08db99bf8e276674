"""Differences between the SDMX-JSON data versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

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


@dataclass(frozen=True, slots=True)
class JsonVersion:
    """One version of SDMX-JSON data messages.

    `actions` are its words; 2.0 writes a merge as Append. `indexed_arrays`: arrays of indices are allowed (the 2.0
    schema rejects integer arrays). `bare_dimensions`: dimensions may lack values. `occurs_in_format`: where the number
    of values is stated. `any_key`: a key may leave all dimensions open. `loose_attributes`: reference metadata
    attributes need no relationship. `lists_all`: one structure, three levels, all attribute values listed.
    """

    id: str
    schema: str
    _: KW_ONLY
    actions: Mapping[str, str]
    schema_in_root: bool
    indexed_arrays: bool
    bare_dimensions: bool
    occurs_in_format: bool
    any_key: bool
    loose_attributes: bool
    lower_languages: bool
    lists_all: bool = False


VERSIONS = {
    "1.0": JsonVersion(
        "1.0",
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/1.0/sdmx-json-data-schema.json",
        actions=OLD_ACTIONS,
        schema_in_root=False,
        indexed_arrays=False,
        bare_dimensions=True,
        occurs_in_format=True,
        any_key=False,
        loose_attributes=False,
        lower_languages=True,
        lists_all=True,
    ),
    "2.0": JsonVersion(
        "2.0",
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
        actions=OLD_ACTIONS,
        schema_in_root=False,
        indexed_arrays=False,
        bare_dimensions=False,
        occurs_in_format=True,
        any_key=False,
        loose_attributes=False,
        lower_languages=True,
    ),
    "2.1": JsonVersion(
        "2.1",
        "https://json.sdmx.org/2.1/sdmx-json-data-schema.json",
        actions={**OLD_ACTIONS, "M": "Merge"},
        schema_in_root=True,
        indexed_arrays=True,
        bare_dimensions=True,
        occurs_in_format=False,
        any_key=True,
        loose_attributes=True,
        lower_languages=False,
    ),
}
