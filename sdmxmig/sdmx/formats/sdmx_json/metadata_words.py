"""Names of metadata sets in SDMX-JSON, used for reading and writing."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS, JsonVersion

SCHEMAS = {
    "2.0": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/metadata-message/tools/schemas/2.0.0/sdmx-json-metadata-schema.json",
    "2.1": "https://json.sdmx.org/2.1/sdmx-json-metadata-schema.json",
}
DESCRIBED = {"Metadataflow": "metadataflow", "MetadataProvisionAgreement": "metadataProvisionAgreement"}
PERIODS = {"reportingBegin": "reportingBeginDate", "reportingEnd": "reportingEndDate"}
ACTIONS = {"Append": "A", "Replace": "R", "Delete": "D", "Information": "I"}
WORD_OF = {letter: word for word, letter in ACTIONS.items()} | {"M": "Append"}
"""The words for actions; a merge of metadata is written as Append."""

KINDS_OF = {version: kinds - {"ValueList"} for version, kinds in words.KINDS_OF.items()}
"""The kinds allowed in URNs; the schemas misspell value lists."""

XHTML, STRING = "XHTML", "String"
NUMBER, BOOLEAN, TEXT = "number", "boolean", "string"
"""The types of values."""

YEAR = re.compile(r"(?:[1-9]\d{3,}|0\d{3})(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?", re.ASCII)
THREE_NUMBERS = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-.+)?", re.ASCII)
UNVERSIONED = "1.0"
"""The version of a set that has none."""


def metadata_version(version: str) -> JsonVersion:
    return replace(VERSIONS[version], schema=SCHEMAS[version], occurs_in_format=False)
