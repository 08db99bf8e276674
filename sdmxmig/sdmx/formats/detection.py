"""Detection of the SDMX format, version and kind of message of a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.io.intake.files import CHUNK, FOREIGN_FORMATS, MIB, SAVE_AGAIN_HINT
from sdmxmig.io.intake.incoming import Incoming
from sdmxmig.io.intake.json import parse_json, yield_json_members
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path, read_csv_rows
from sdmxmig.sdmx.formats.sdmx_json.structure_words import CONTAINERS, OLD_CONTAINERS
from sdmxmig.sdmx.formats.wire import list_containers

if TYPE_CHECKING:
    from lxml import etree

    from sdmxmig.io.intake import xml
else:
    xml = import_lazily("sdmxmig.io.intake.xml")

ML_NAMESPACE = re.compile(
    r"https?://(?:www\.)?sdmx\.org/resources/sdmxml/schemas/v(?P<version>\d_\d)/(?P<area>\w+)(?:/\w+)*/?", re.IGNORECASE
)
"""A namespace of SDMX-ML, including misspelt ones: https, without www, other case, trailing slash."""
ROOTS = {row["root"]: row["kind"] for row in read_csv_rows(Path(__file__).with_name("message_roots.csv"))}
ANSWER, SUBMISSION = "QueryStructureResponse", ("SubmitStructureRequest", "Structure")
"""The registry messages of SDMX-ML 2.0 that contain structures."""
QUERY_ROOT = re.compile(r"^\w+Query$")
SOAP = re.compile(
    r"\{(?:http://schemas\.xmlsoap\.org/soap/envelope/|http://www\.w3\.org/2003/05/soap-envelope)\}Envelope"
)
GENERIC = ("GenericData", "GenericTimeSeriesData")
SCHEMA_MEMBERS = (("", "$schema"), ("meta", "schema"))
JSON_SCHEMA = re.compile(rb'\s*"[^"]*sdmx-json-(data|structure|metadata)-schema[^"]*')
JSON_VERSION = re.compile(rb"/(?:v?)(\d+)\.(\d+)(?:\.\d+)?/|version=(\d+)\.(\d+)")
CSV_FIRST = re.compile(rb'^(?:\xef\xbb\xbf)?"?(DATAFLOW|STRUCTURE|MDSTRUCTURE)(\[.\])?"?[,;\t|]')
HEAD_BYTES = 4096
WEB_PAGE = re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html\b|html[\s/>])", re.IGNORECASE)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
FINAL_MEMBER = "isFinal"
"""A member of 1.0 that registries also write in later versions."""
OLD_MEMBERS = ("structureUsage", "primaryMeasure", "assignmentStatus", "textFormat")
NEW_MEMBERS = ("availabilityConstraints", "evolvingStructure", "dimensionConstraint", "isPartialLanguage")
LATER_CONTAINERS = tuple(name for kind, name in CONTAINERS.items() if kind not in list_containers("json", "2.1"))
MARKING_MEMBERS = (FINAL_MEMBER, *OLD_MEMBERS, *NEW_MEMBERS, *OLD_CONTAINERS.values(), *LATER_CONTAINERS, "reports")
SEMANTIC_VERSION = "version of three numbers"
MARKER_PATTERN = re.compile(
    rb'(?<!\\)"(?:(%b)"\s{0,40}:|version"\s{0,40}:\s{0,40}"\d+\.\d+\.\d)' % "|".join(MARKING_MEMBERS).encode()
)
NAME_LENGTH = 100
MAX_SEARCHED_BYTES = 16 * MIB
"""Maximum number of bytes searched in a JSON message that names no schema."""
MAX_MEMBERS = 100_000
"""Maximum number of top-level members searched."""


class FirstVersionError(InputError):
    """The message is in SDMX-ML 1.0, which is not supported."""

    def __init__(self, name: str) -> None:
        hint = "Ask the sender for version 2.0 or later."
        super().__init__("This is SDMX-ML 1.0, which is no longer read.", Place(name), hint)


@dataclass(frozen=True, slots=True)
class Detection:
    """The detected format id (empty if unsupported), version and kind of message.

    `kind` is ``structure``, ``data``, ``metadata``, ``registry``, ``error`` or ``query``; `name` is the display name.
    """

    format: str
    kind: str
    name: str


def detect(name: str, content: bytes | Incoming) -> Detection:
    """Detect the format of a file from its beginning, without consuming a stream.

    Raises `InputError` for SDMX-ML 1.0, reference metadata in SDMX-CSV, and files that are not SDMX. Does not check
    that the file is well formed.

    >>> detect("pop.csv", b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ").name
    'SDMX-CSV 2.0 or 2.1 data'
    """
    message = Incoming([content], name) if isinstance(content, bytes) else content
    with message.looking_ahead():
        first_bytes = message.read(HEAD_BYTES)
        match = CSV_FIRST.match(first_bytes)
        if match:
            return _detect_csv(name, match)
        beginning = first_bytes.lstrip(b"\xef\xbb\xbf \t\r\n")
        _refuse_other_files(name, beginning, is_whole=len(first_bytes) < HEAD_BYTES)
        pieces = chain([beginning], _read_searched_part(message))
        if beginning.startswith(UTF_16):
            wide = CSV_FIRST.match(_convert_to_utf_8(beginning))
            if wide:
                return _detect_csv(name, wide)
            if _convert_to_utf_8(beginning).lstrip().startswith(b"{"):
                raise InputError("The JSON is in UTF-16.", Place(name), "Save it as UTF-8.")
        if beginning.startswith((b"<", *UTF_16)):
            return _detect_xml(name, pieces)
        if beginning.startswith(b"{"):
            try:
                return _detect_json(name, pieces)
            except InputError as error:
                unknown = error
        else:
            raise _build_unknown_error(name)
    with message.looking_ahead():
        whole = message.read(MAX_SEARCHED_BYTES)
    if len(whole) < MAX_SEARCHED_BYTES:
        parse_json(whole, name)  # report the end of a truncated text
    raise unknown


def _refuse_other_files(name: str, beginning: bytes, *, is_whole: bool) -> None:
    if is_whole and beginning in (b"", *UTF_16):
        raise InputError("The file is empty.", Place(name), SAVE_AGAIN_HINT)
    if WEB_PAGE.match(_convert_to_utf_8(beginning).lstrip() if beginning.startswith(UTF_16) else beginning):
        hint = "Open it in a browser: it may give the reason. Then fetch the message again."
        raise InputError("This is a web page, not an SDMX message.", Place(name), hint)
    for magic, what, remedy in FOREIGN_FORMATS:
        if magic != b"<" and beginning.startswith(magic):
            raise InputError(f"This is {what}, not an SDMX message.", Place(name), remedy)


def _convert_to_utf_8(text: bytes) -> bytes:
    return text.decode("utf-16", "replace").encode("utf-8", "replace")


def _read_searched_part(message: Incoming) -> Iterator[bytes]:
    for _ in range(MAX_SEARCHED_BYTES // CHUNK):
        if not (piece := message.read(CHUNK)):
            return
        yield piece


def _detect_csv(name: str, match: re.Match[bytes]) -> Detection:
    if match[1] == b"MDSTRUCTURE":
        hint = "Ask the sender for SDMX-ML or SDMX-JSON."
        raise InputError("Reference metadata are not read from SDMX-CSV.", Place(name), hint)
    if match[1] == b"DATAFLOW":
        return Detection("sdmx-csv-1.0", "data", name="SDMX-CSV 1.0 data")
    return Detection("sdmx-csv-2.0", "data", name="SDMX-CSV 2.0 or 2.1 data")  # both begin in the same way


def _detect_xml(name: str, pieces: Iterable[bytes]) -> Detection:
    events = xml.iterate_xml(pieces, name)
    _, root = next(events)
    if SOAP.fullmatch(root.tag):
        raise _build_envelope_error(name, events)
    namespace, element = match_namespace(root.tag), xml.strip_namespace(root.tag)
    if namespace is None:
        raise _build_unknown_error(name, f"Its root is “{element}”.")
    version = namespace["version"].replace("_", ".")
    if version == "1.0":
        raise FirstVersionError(name)
    kind = ROOTS.get(element, "query" if QUERY_ROOT.match(element) else "")
    if not kind:
        raise _build_unknown_error(name, f"Its root is “{element}”.")
    if element == "RegistryInterface":
        body, inner = _detect_dialogue(events)
        kind = "structure" if version == "2.0" and (body == ANSWER or (body, inner) == SUBMISSION) else kind
        element = f"{element}, {body}" if body else element
    generic = "-generic" if element in GENERIC and version == "2.1" else ""
    title = f"SDMX-ML {version} {kind} ({element})"
    return Detection(f"sdmx-ml-{version}{generic}", kind, name=title)


def match_namespace(tag: str) -> re.Match[str] | None:
    match = ML_NAMESPACE.fullmatch(tag[1:].rpartition("}")[0])
    return match if match and match["area"].lower() == "message" else None


def is_as_published(match: re.Match[str]) -> bool:
    return match[0].lower().startswith("http://www.") and not match[0].endswith("/")


def _detect_dialogue(events: Iterable[tuple[str, etree._Element]]) -> tuple[str, str]:
    begun: list[str] = []
    depth, in_header = 1, False
    with suppress(InputError):  # reading reports it
        for event, element in events:
            depth += 1 if event == "start" else -1
            name = xml.strip_namespace(str(element.tag))
            if event == "start" and depth == 2:
                in_header = name == "Header"
            if event == "start" and not in_header:
                begun.append(name)
            if len(begun) == 2 or (begun and event == "end" and depth == 1):
                break
    return (*begun, "", "")[0], (*begun, "", "")[1]


def _build_envelope_error(name: str, events: Iterator[tuple[str, etree._Element]]) -> InputError:
    first_element, inside, in_body = "", "", False
    with suppress(InputError):  # a damaged envelope is reported as envelope
        for event, element in events:
            local_name = xml.strip_namespace(str(element.tag))
            in_body = in_body or (event == "start" and local_name == "Body")
            if event == "start" and in_body and local_name != "Body":
                first_element = first_element or local_name
                if match_namespace(str(element.tag)) and (local_name in ROOTS or QUERY_ROOT.match(local_name)):
                    inside = local_name
                    break
    contents = (
        f"It contains the SDMX message “{inside}”."
        if inside
        else f"It contains “{first_element}”."
        if first_element
        else "It is empty."
    )
    hint = (
        f"Save the element {inside} with its content as a separate file."
        if inside
        else ("Ask the service again. Only the content of Body can be an SDMX message.")
    )
    return InputError(f"This is a SOAP envelope of a web service. {contents}", Place(name), hint)


def _detect_json(name: str, pieces: Iterable[bytes]) -> Detection:
    markers = _VersionMarkers(pieces)
    members: dict[tuple[str, str], bytes] = {}
    for outer, member, value in islice(yield_json_members(markers), MAX_MEMBERS):
        members.setdefault((outer, member), value.lstrip())
        schema = JSON_SCHEMA.match(value.replace(b"\\/", b"/")) if (outer, member) in SCHEMA_MEMBERS else None
        if schema and (version := JSON_VERSION.search(schema[0])):
            number = f"{(version[1] or version[3]).decode()}.{(version[2] or version[4]).decode()}"
            return Detection(f"sdmx-json-{number}", schema[1].decode(), name=f"SDMX-JSON {number} {schema[1].decode()}")
    outer = "data" if members.get(("", "data"), b"").startswith(b"{") else ""
    body = {member: value for (place, member), value in members.items() if place == outer}
    kind = _detect_json_kind(body, members)
    if not kind:
        raise _build_unknown_error(name, "It has neither structures nor data sets.")
    version_id = _detect_json_version(kind, body, ("", "structure") in members, markers.names)
    return Detection(f"sdmx-json-{version_id}", kind, name=f"SDMX-JSON {version_id} {kind}")


class _VersionMarkers:
    """Passes on pieces of a JSON text and records the members that show its version."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.names: Counter[str] = Counter()

    def __iter__(self) -> Iterator[bytes]:
        carry = b""
        for piece in self._pieces:
            text, end = carry + piece, 0
            for match in MARKER_PATTERN.finditer(text):
                self.names[match[1].decode() if match[1] else SEMANTIC_VERSION] += 1
                end = match.end()
            carry = text[max(end, len(text) - NAME_LENGTH) :]
            yield piece


def _detect_json_kind(body: Mapping[str, bytes], members: Mapping[tuple[str, str], bytes]) -> str:
    if "dataSets" in body:
        return "data"
    if "metadataSets" in body:
        return "metadata"
    if body.keys() & {*CONTAINERS.values(), *OLD_CONTAINERS.values()} or {"id", "agencyID"} <= body.keys():
        return "structure"
    return "error" if members.get(("", "errors"), b"").startswith(b"[") else ""


def _detect_json_version(kind: str, body: Mapping[str, bytes], has_structure: bool, names: Counter[str]) -> str:
    """Detect the version of a message without a schema from version-specific members; default 2.0.

    Data of 1.0 have one `structure` (or the older `header`); structures of 1.0 have members or collections that 2.0
    lacks; metadata of 1.0 have `reports`. Evolving structures, partial languages and availability constraints exist
    only in 2.1. Some registries write `isFinal` in later versions too, so it means 1.0 only without collections of SDMX
    3, and if no artefact with a version of three numbers lacks it.
    """
    if kind == "data":
        return "2.0" if body.get("structures", b"").startswith(b"[") and not has_structure else "1.0"
    if kind == "metadata":
        return "1.0" if "reports" in names else "2.0"
    is_later = names.keys() & {*LATER_CONTAINERS, *NEW_MEMBERS} or names[SEMANTIC_VERSION] > names[FINAL_MEMBER]
    if names.keys() & {*OLD_CONTAINERS.values(), *OLD_MEMBERS} or (names[FINAL_MEMBER] and not is_later):
        return "1.0"
    return "2.1" if names.keys() & {*NEW_MEMBERS} else "2.0"


def _build_unknown_error(name: str, more: str = "") -> InputError:
    message = f"This is not an SDMX message that sdmxmig knows. {more}".rstrip()
    hint = (
        f"Supported formats: SDMX-ML, SDMX-JSON and SDMX-CSV. For a table of figures: sdmxmig start {quote_path(name)}"
    )
    return InputError(message, Place(name), hint)
