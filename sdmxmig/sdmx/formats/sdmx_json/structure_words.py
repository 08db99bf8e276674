"""Names of artefacts, members and facets in SDMX-JSON, used for reading and writing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sdmxmig.sdmx.formats import wire
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS, JsonVersion
from sdmxmig.sdmx.formats.structures.representations import FACET_KINDS, FACETS, TIME_FACETS
from sdmxmig.sdmx.model.data_structures import CODE_TYPES, SIMPLE_TYPES, TIME_TYPES
from sdmxmig.sdmx.model.references import BASE_KINDS, KINDS, PACKAGE_OF

SCHEMAS = {
    "1.0": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/1.0.0/sdmx-json-structure-schema.json",
    "2.0": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json",
    "2.1": "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json",
}

CONTAINERS = wire.list_containers("json", "3.1")
OLD_CONTAINERS = {
    kind: name
    for kind, name in wire.list_containers("json", "2.1").items()
    if kind not in wire.list_containers("json", "3.1")
}
"""The collections of SDMX-JSON 2.x, and those that only 1.0 has."""
FIXED_IDS = {
    "AgencyScheme": "AGENCIES",
    "DataProviderScheme": "DATA_PROVIDERS",
    "DataConsumerScheme": "DATA_CONSUMERS",
    "MetadataProviderScheme": "METADATA_PROVIDERS",
}
FIXED_VERSIONS = (*FIXED_IDS, "OrganisationUnitScheme")
"""Schemes with the fixed version 1.0."""

NCNAME_IDS = ("Codelist", "GeographicCodelist", "GeoGridCodelist", "ValueList", "ConceptScheme", "CategoryScheme")
NCNAME_ITEMS = ("Concept", "Agency")


@dataclass(frozen=True, slots=True)
class Shape:
    types: tuple[str, ...]
    facets: tuple[str, ...]
    whole: bool = False
    positive: bool = False
    sentinels: bool = True


SHAPES = {
    "basic": Shape((*SIMPLE_TYPES, "XHTML"), tuple(FACET_KINDS)),
    "simple": Shape(SIMPLE_TYPES, FACETS),
    "coded": Shape(CODE_TYPES, tuple(n for n in FACETS if n != "decimals"), whole=True, sentinels=False),
    "time": Shape(TIME_TYPES, TIME_FACETS),
    "coding": Shape(
        ("Alpha", "AlphaNumeric", "Numeric"),
        tuple(n for n in FACETS if n not in ("decimals", "timeInterval", "startTime", "endTime")),
        whole=True,
        positive=True,
        sentinels=False,
    ),
}


ID = re.compile(r"[A-Za-z0-9_@$\-]+")
NESTED_ID = re.compile(r"[A-Za-z0-9_@$\-]+(?:\.[A-Za-z0-9_@$\-]+)*")
NCNAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(?:\.[A-Za-z][A-Za-z0-9_\-]*)*")
_N = r"(?:0|[1-9]\d*)"
_THREE = rf"{_N}\.{_N}\.{_N}"
_TAG = r"(?:0|[1-9]\d*|\d*[A-Za-z-][A-Za-z0-9-]*)"
VERSION = re.compile(rf"{_N}(?:\.{_N})?|{_THREE}(?:-{_TAG}(?:\.{_TAG})*)?", re.ASCII)
WILD_VERSION = re.compile(
    rf"{VERSION.pattern}|{_N}\+\.{_N}\.{_N}|{_N}\.{_N}\+\.{_N}|{_N}\.{_N}\.{_N}\+",
    re.ASCII,
)
ANY = re.compile(".*", re.DOTALL)
OLD_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
WILD_URN = re.compile(
    rf"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=(?:{AGENCY.pattern}|\*):(?:{ID.pattern}|\*)"
    rf"\((?:{WILD_VERSION.pattern}|\*)\)(?:\.(?:{NESTED_ID.pattern}|\*)(?:\.\*)?)?",
    re.ASCII,
)
MEMBER = re.compile(r"[A-Za-z0-9_@$\-]+%?")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
DURATION = re.compile(
    r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    re.ASCII,
)
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
YEARS = re.compile(rf"(?:[1-9]\d{{3,}}|0\d{{3}})(?:-(?:0[1-9]|1[0-2]))?{_ZONE}", re.ASCII)
REPORTING = re.compile(r"\d{4}-(?:[ASTQ]\d|[MW]\d\d|D\d{3})(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
RANGE = re.compile(r".+/P[^T]+|.+/P.*T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:.[0-9]+)?S)?")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
LOOSE_ADDRESS = re.compile(r"[^\s<>\"{}|\\^`]*")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
UNNAMED = [row["kind"] for row in KINDS if row["is_unnamed"]]
URN_KINDS = frozenset(PACKAGE_OF.keys() - OLD_CONTAINERS.keys() - BASE_KINDS.keys()).difference(UNNAMED)
"""The kinds allowed in URNs; kinds specific to SDMX 2.1 are excluded."""

# The schema of 2.0 lacks one and misspells the other.
KINDS_OF = {
    "1.0": URN_KINDS - {"AvailabilityConstraint", "ValueList", "DataConstraint"} | OLD_CONTAINERS.keys(),
    "2.0": URN_KINDS - {"AvailabilityConstraint", "ValueList"},
    "2.1": URN_KINDS,
}


def find_array_name(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}s"


def find_structure_version(version: str) -> JsonVersion:
    known = VERSIONS["2.0" if version == "1.0" else version]  # their headers are the same
    return replace(known, id=version, schema=SCHEMAS[version], occurs_in_format=False)


METADATA_SCHEMAS = {
    "2.0": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/metadata-message/tools/schemas/2.0.0/sdmx-json-metadata-schema.json",
    "2.1": "https://json.sdmx.org/2.1/sdmx-json-metadata-schema.json",
}
DESCRIBED = {"Metadataflow": "metadataflow", "MetadataProvisionAgreement": "metadataProvisionAgreement"}
PERIODS = {"reportingBegin": "reportingBeginDate", "reportingEnd": "reportingEndDate"}
ACTIONS = {"Append": "A", "Replace": "R", "Delete": "D", "Information": "I"}
WORD_OF = {letter: word for word, letter in ACTIONS.items()} | {"M": "Append"}
"""The words for actions; a merge of metadata is written as Append."""

METADATA_KINDS_OF = {version: kinds - {"ValueList"} for version, kinds in KINDS_OF.items()}
"""The kinds allowed in URNs; the schemas misspell value lists."""

XHTML, STRING = "XHTML", "String"
METADATA_NUMBER, BOOLEAN, TEXT = "number", "boolean", "string"
"""The types of values."""

YEAR = re.compile(r"(?:[1-9]\d{3,}|0\d{3})(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?", re.ASCII)
THREE_NUMBERS = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-.+)?", re.ASCII)
UNVERSIONED = "1.0"
"""The version of a set that has none."""
