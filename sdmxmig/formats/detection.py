"""What a file is: which SDMX format and version, and what kind of message, told from its first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sdmxmig.errors import InputError
from sdmxmig.intake import iterate_xml, local, parse_json
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

    >>> detect("pop.csv", b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ\\n").name
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
    message = parse_json(content, name)
    if not isinstance(message, dict):
        raise _unknown(name)
    meta, data = message.get("meta"), message.get("data")
    schema = str(meta.get("schema", "")) if isinstance(meta, dict) else ""
    kind = _json_kind(schema, data if isinstance(data, dict) else message)
    if not kind:
        raise _unknown(name, "It has neither structures nor data sets.")
    version = _json_version(schema, message)
    return Detected(f"sdmx-json-{version}", kind, f"SDMX-JSON {version} {kind}")


def _json_kind(schema: str, held: dict[str, Any]) -> str:
    named = JSON_SCHEMA.search(schema)
    if named:
        return named[1]
    if "dataSets" in held:
        return "data"
    if "metadataSets" in held:
        return "metadata"
    lists = [key for key, value in held.items() if isinstance(value, list) and key not in ("errors", "links")]
    return "structure" if lists else ""


def _json_version(schema: str, message: dict[str, Any]) -> str:
    """The version that the schema names; without one, by the shape of the message."""
    found = JSON_VERSION.search(schema)
    if found:
        return f"{found[1] or found[3]}.{found[2] or found[4]}"
    data = message.get("data")
    if isinstance(data, dict) and "structures" in data:
        return "2.0"
    return "1.0"


def _unknown(name: str, more: str = "") -> InputError:
    message = f"This is no SDMX message that sdmxmig knows. {more}".rstrip()
    return InputError(message, Place(name), "It reads SDMX-ML, SDMX-JSON and SDMX-CSV.")
