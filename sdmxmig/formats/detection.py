"""What a file is: which SDMX format and version, and what kind of message, told from what it says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sdmxmig.errors import InputError
from sdmxmig.formats.sdmx_json.structure_words import CONTAINERS, OLD_CONTAINERS
from sdmxmig.places import Place

ML_NAMESPACE = re.compile(r"^\{https?://www\.sdmx\.org/resources/sdmxml/schemas/v(\d)_(\d)/message\}", re.IGNORECASE)
ROOTS = {
    "Structure": "structure",
    "GenericData": "data",
    "GenericTimeSeriesData": "data",
    "StructureSpecificData": "data",
    "StructureSpecificTimeSeriesData": "data",
    "CompactData": "data",
    "UtilityData": "data",
    "CrossSectionalData": "data",
    "GenericMetadata": "metadata",
    "StructureSpecificMetadata": "metadata",
    "MetadataReport": "metadata",
    "MetadataSet": "metadata",
    "RegistryInterface": "registry",
    "Error": "error",
    "QueryMessage": "query",
    "MessageGroup": "data",
}
QUERY = re.compile(r"^\w+Query$")
GENERIC = ("GenericData", "GenericTimeSeriesData")
JSON_SCHEMA = re.compile(r"sdmx-json-(data|structure|metadata)-schema")
JSON_VERSION = re.compile(r"/(?:v?)(\d+)\.(\d+)(?:\.\d+)?/|version=(\d+)\.(\d+)")
CSV_FIRST = re.compile(rb'^(?:\xef\xbb\xbf)?"?(DATAFLOW|STRUCTURE|MDSTRUCTURE)(\[.\])?"?[,;\t|]')
BEGINNING = 4096
OLD_MEMBERS = ("isFinal", "structureUsage", "primaryMeasure", "assignmentStatus", "textFormat")
NEW_MEMBERS = ("availabilityConstraints", "evolvingStructure", "dimensionConstraint", "isPartialLanguage")
DEEP, FEW = 9, 50
"""How deep, and at how many artefacts of a list, to look for members that tell a version."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file is: the id of its format (empty if sdmxmig has none for it), its version, and its kind of message.

    `kind` is ``structure``, ``data``, ``metadata``, ``registry``, ``error`` or ``query``; `name` is how people say it.
    """

    format: str
    kind: str
    name: str


def detect(name: str, content: bytes) -> Detected:
    """Tell what a file is; raises `InputError` if it is no SDMX message.

    >>> detect("pop.csv", b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ").name
    'SDMX-CSV 2.0 data'
    """
    beginning = content[:BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _xml(name, content)
    if beginning.startswith((b"{", b"[")):
        return _json(name, content)
    found = CSV_FIRST.match(content[:BEGINNING])
    if found is None:
        raise _unknown(name)
    if found[1] == b"DATAFLOW":
        return Detected("sdmx-csv-1.0", "data", "SDMX-CSV 1.0 data")
    kind = "metadata" if found[1] == b"MDSTRUCTURE" else "data"
    return Detected("sdmx-csv-2.0", kind, f"SDMX-CSV 2.0 {kind}")


def _xml(name: str, content: bytes) -> Detected:
    """An XML message, by the name and namespace of its root."""
    from sdmxmig.intake.xml import iterate_xml, local

    _, root = next(iter(iterate_xml(content, name)))
    found, element = ML_NAMESPACE.match(root.tag), local(root.tag)
    if found is None:
        raise _unknown(name, f"Its root is “{element}”.")
    version = f"{found[1]}.{found[2]}"
    kind = ROOTS.get(element, "query" if QUERY.match(element) else "")
    if not kind:
        raise _unknown(name, f"Its root is “{element}”.")
    generic = "-generic" if element in GENERIC and version == "2.1" else ""
    said = f"SDMX-ML {version} {kind} ({element})"
    return Detected(f"sdmx-ml-{version}{generic}", kind, said)


def _json(name: str, content: bytes) -> Detected:
    """A JSON message, by the schema that it names, else by what stands in it."""
    from sdmxmig.intake.json import parse_json

    message = parse_json(content, name)
    if not isinstance(message, dict):
        raise _unknown(name)
    meta, data = message.get("meta"), message.get("data")
    named = [message.get("$schema"), meta.get("schema") if isinstance(meta, dict) else None]
    schema = next((one for one in named if isinstance(one, str) and JSON_SCHEMA.search(one)), "")
    held = data if isinstance(data, dict) else message
    kind = _json_kind(schema, held)
    if not kind:
        raise _unknown(name, "It has neither structures nor data sets.")
    found = JSON_VERSION.search(schema)
    version = f"{found[1] or found[3]}.{found[2] or found[4]}" if found else _json_version(kind, message, held)
    return Detected(f"sdmx-json-{version}", kind, f"SDMX-JSON {version} {kind}")


def _json_kind(schema: str, held: dict[str, Any]) -> str:
    """What a message holds; a single artefact without a message around it counts as structure."""
    named = JSON_SCHEMA.search(schema)
    if named:
        return named[1]
    if "dataSets" in held:
        return "data"
    if "metadataSets" in held:
        return "metadata"
    if held.keys() & {*CONTAINERS.values(), *OLD_CONTAINERS.values()} or {"id", "agencyID"} <= held.keys():
        return "structure"
    return "error" if isinstance(held.get("errors"), list) else ""


def _json_version(kind: str, message: dict[str, Any], held: dict[str, Any]) -> str:
    """The version of a message that names no schema, by members that only one version has; else 2.0.

    Data of 1.0 have one `structure` (or the older `header`); structures of 1.0 say `isFinal`, or stand in collections
    that 2.0 does not have; metadata of 1.0 have `reports`. Only 2.1 has evolving structures, partial languages and
    availability constraints.
    """
    if kind == "data":
        return "2.0" if isinstance(held.get("structures"), list) and "structure" not in message else "1.0"
    names = _members(held)
    if kind == "metadata":
        return "1.0" if "reports" in names else "2.0"
    if names & {*OLD_CONTAINERS.values(), *OLD_MEMBERS}:
        return "1.0"
    return "2.1" if names & {*NEW_MEMBERS} else "2.0"


def _members(value: Any, depth: int = 0) -> set[str]:
    """The names of the members of a message, down to those of the parts of artefacts; of a list its first ones tell."""
    if depth > DEEP:
        return set()
    if isinstance(value, list):
        return {name for one in value[:FEW] for name in _members(one, depth + 1)}
    if isinstance(value, dict):
        return {*value, *(name for one in value.values() for name in _members(one, depth + 1))}
    return set()


def _unknown(name: str, more: str = "") -> InputError:
    message = f"This is no SDMX message that sdmxmig knows. {more}".rstrip()
    return InputError(message, Place(name), "It reads SDMX-ML, SDMX-JSON and SDMX-CSV.")
