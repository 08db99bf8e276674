"""A registry on this machine, made after the documented interface of FMR, the Fusion Metadata Registry.

It keeps what is submitted as it came, SDMX-ML or SDMX-JSON, and gives it back in the same. `Habits` are the things for
which FMR is known; `tricks` is what a network or a bad registry may do to the next submissions. It knows nothing of the
program that is tried against it.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\w+\.\w+=([\w.-]+):([\w@$-]+)\(([^)]+)\)")
SUBMIT, METADATA = "/ws/secure/sdmxapi/rest", "/ws/secure/sdmx/v2/metadata"
ASKED = ("/sdmx/v2/structure/", "/ws/public/sdmxapi/rest/")
TRANSACTIONS = "/ws/registry/tx/searchTransactions"
ACTIONS = ("append", "replace", "merge", "fullreplace", "delete")
PACKAGES = {
    "Codelist": "codelist",
    "Hierarchy": "codelist",
    "ConceptScheme": "conceptscheme",
    "AgencyScheme": "base",
    "DataConstraint": "registry",
    "ContentConstraint": "registry",
}
NEWEST = ("~", "+", "*", "latest", "all")
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;</a>'
Name = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Known behaviour of FMR.

    `refuses_mixed` is for each submission of a codelist with its structure, in turn, whether it is refused.
    `wrong_json` is FMR before 11.18.1. `agencies` are the known ones.
    """

    refuses_mixed: tuple[bool, ...] = ()
    upper_case: bool = False
    newest: float = 3.0
    wrong_json: bool = False
    agencies: tuple[str, ...] = ("SDMX",)
    lists_transactions: bool = True
    user: str = "office"
    password: str = "canary"  # noqa: S105 - of this machine alone


@dataclass(frozen=True)
class Held:
    """A received artefact: its kind and name, the version of SDMX-ML (empty for JSON), and its references."""

    kind: str
    name: Name
    version: str
    content: Any
    refers: frozenset[Name]

    @property
    def urn(self) -> str:
        agency, id_, version = self.name
        package = PACKAGES.get(self.kind, "datastructure")
        kind = "DataStructure" if self.kind == "dataStructure" else self.kind[0].upper() + self.kind[1:]
        return f"urn:sdmx:org.sdmx.infomodel.{package}.{kind}={agency}:{id_}({version})"


@dataclass
class Registry:
    """The content of a registry, and its requests: `posts` are action and names of each submission."""

    habits: Habits = field(default_factory=Habits)
    held: dict[Name, Held] = field(default_factory=dict)
    sets: dict[Name, Any] = field(default_factory=dict)
    posts: list[tuple[str, list[Name]]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    tricks: list[str] = field(default_factory=list)
    transactions: list[dict[str, Any]] = field(default_factory=list)
    effect: threading.Event = field(default_factory=threading.Event)
    address: str = ""
    mixed: int = 0

    def transact(self, action: str) -> None:
        """List another transaction, under the next number, as FMR does."""
        number = 784 + len(self.transactions)
        made = {
            "Date": 1_612_434_448_408 + number,
            "Id": number,
            "Action": action.title(),
            "Type": "Structure Submission",
        }
        self.transactions.append(made)


class Refused(Exception):  # noqa: N818 - what happens to a submission
    """A submission that is not taken, with why."""


def from_xml(content: bytes) -> list[Held]:
    """The artefacts of a structure message."""
    try:
        root = ET.fromstring(content)  # noqa: S314 - the tests send it
    except ET.ParseError as error:
        raise Refused(f"Unreadable structure message: {error}") from None
    version = re.search(r"/v(\d_\d)/", root.tag)
    structures = next((each for each in root if each.tag.endswith("}Structures")), None)
    if version is None or structures is None:
        raise Refused("No structures were submitted")
    return [
        Held(
            artefact.tag.rpartition("}")[2],
            (artefact.get("agencyID", ""), artefact.get("id", ""), artefact.get("version", "1.0")),
            version[1].replace("_", "."),
            artefact,
            frozenset(references(artefact)),
        )
        for container in structures
        for artefact in container
    ]


def references(artefact: ET.Element) -> Iterator[Name]:
    """The references of an artefact: by URN as in SDMX 3, or by the parts of a name as in SDMX 2.1."""
    for element in artefact.iter():
        if match := URN.search(element.text or ""):
            yield match[1], match[2], match[3]
        if element.tag == "Ref" and element.get("agencyID"):
            id_ = element.get("maintainableParentID") or element.get("id", "")
            yield (
                element.get("agencyID", ""),
                id_,
                element.get("maintainableParentVersion") or element.get("version", "1.0"),
            )


def from_json(content: bytes, container: str = "") -> list[Held]:
    """The artefacts of a message in SDMX-JSON; with a container only those in it."""
    try:
        lists = json.loads(content)["data"]
    except (ValueError, KeyError, TypeError):
        raise Refused("Unreadable SDMX-JSON message") from None
    return [
        Held(
            name.removesuffix("s"),
            (each.get("agencyID", ""), each["id"], each.get("version", "1.0")),
            "",
            each,
            frozenset((m[1], m[2], m[3]) for m in URN.finditer(json.dumps(each))),
        )
        for name, listed in lists.items()
        for each in listed
        if not container or name == container
    ]


def check(registry: Registry, submitted: list[Held], action: str) -> None:
    """Refuse what FMR would refuse."""
    habits, names = registry.habits, {each.name for each in submitted}
    agencies = {*habits.agencies} | {
        f"{each.name[0]}.{item.get('id')}".removeprefix("SDMX.")
        for each in (*registry.held.values(), *submitted)
        if each.kind == "AgencyScheme" and each.version
        for item in each.content
        if item.tag.endswith("}Agency")
    }
    for each in submitted:
        if each.version and float(each.version) > habits.newest:
            raise Refused(f"SDMX-ML {each.version} is not supported")
        if each.name[0] not in agencies:
            raise Refused(f"Agency '{each.name[0]}' is not known")
        missing = sorted(name for name in each.refers - names if name not in registry.held and name != each.name)
        if missing:
            raise Refused("Could not resolve reference to {}:{}({})".format(*missing[0]))
        if action == "append" and each.name in registry.held:
            raise Refused(f"Structure already exists: {each.urn}")
    kinds = {each.kind.lower() for each in submitted}
    if {"codelist", "datastructure"} <= kinds and habits.refuses_mixed:
        registry.mixed += 1
        if habits.refuses_mixed[(registry.mixed - 1) % len(habits.refuses_mixed)]:
            raise Refused("Could not resolve reference to a codelist of this message")


def renamed(registry: Registry, submitted: list[Held]) -> list[Held]:
    """The artefacts under the names that the registry gives them."""
    if not registry.habits.upper_case:
        return submitted
    return [
        Held(each.kind, (each.name[0], each.name[1].upper(), each.name[2]), each.version, each.content, each.refers)
        if each.kind.lower() == "codelist"
        else each
        for each in submitted
    ]


def take(registry: Registry, content: bytes, action: str) -> tuple[int, bytes]:
    """Store a submission in one transaction, or refuse it; return the status and the answer."""
    submitted: list[Held] = []
    try:
        if action not in ACTIONS:
            raise Refused(f"Unknown action '{action}'")
        submitted = from_json(content) if content.lstrip().startswith(b"{") else from_xml(content)
        registry.posts.append((action, [each.name for each in submitted]))
        check(registry, submitted, action)
    except Refused as error:
        return 400, answer_of(submitted, action, str(error))
    stored = renamed(registry, submitted)
    if action == "fullreplace":
        registry.held.clear()
    for each in stored:
        if action == "delete":
            registry.held.pop(each.name, None)
        else:
            registry.held[each.name] = each
    registry.transact(action)
    return 200, answer_of(stored, action)


def answer_of(submitted: list[Held], action: str, fault: str = "") -> bytes:
    """A SubmitStructureResponse with a verdict for each artefact; without one, an error message."""
    if not submitted:
        return error_of(fault)
    status = "Failure" if fault else "Success"
    words = f'<reg:MessageText code="1001"><com:Text>{escape(fault)}</com:Text></reg:MessageText>' if fault else ""
    results = "".join(
        f"<reg:SubmissionResult><reg:SubmittedStructure action={quoteattr(action.title())}>"
        f"<reg:MaintainableObject><URN>{each.urn}</URN></reg:MaintainableObject></reg:SubmittedStructure>"
        f'<reg:StatusMessage status="{status}">{words}</reg:StatusMessage></reg:SubmissionResult>'
        for each in submitted
    )
    spaces = " ".join(
        f'xmlns:{prefix}="{SCHEMAS}/v2_1/{name}"'
        for prefix, name in (("mes", "message"), ("reg", "registry"), ("com", "common"))
    )
    header = "<mes:ID>R1</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-03-01T00:00:00</mes:Prepared>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><mes:RegistryInterface {spaces}><mes:Header>{header}'
        f'<mes:Sender id="FMR"/><mes:Receiver id="office"/></mes:Header>'
        f"<mes:SubmitStructureResponse>{results}</mes:SubmitStructureResponse></mes:RegistryInterface>"
    ).encode()


def error_of(fault: str) -> bytes:
    """SDMX's error message."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><mes:Error xmlns:mes="{SCHEMAS}/v2_1/message" '
        f'xmlns:com="{SCHEMAS}/v2_1/common"><mes:ErrorMessage code="100"><com:Text>{escape(fault)}</com:Text>'
        "</mes:ErrorMessage></mes:Error>"
    ).encode()


def answer_to(registry: Registry, path: str, wanted: str) -> tuple[int, str, bytes]:
    """The artefact of a name in its stored form; 404 if missing, 406 in another form."""
    kind, agency, id_, version = ([unquote(part) for part in path.strip("/").split("/")] + ["*"] * 4)[:4]
    fitting = [
        each
        for (of, name, number), each in sorted(registry.held.items())
        if kind.lower() in (each.kind.lower(), "*")
        and of == agency
        and id_ in (name, "*", "all")
        and version in (number, *NEWEST)
    ]
    if not fitting:
        return 404, "application/xml", error_of("No structures found")
    if "json" in wanted:
        if any(each.version for each in fitting):
            return 406, "application/xml", error_of("This stub gives JSON only of JSON")
        lists = {f"{fitting[0].kind}s": [each.content for each in fitting]}
        meta = {"id": "R1", "prepared": "2026-03-01T00:00:00Z", "sender": {"id": "FMR"}}
        message = {"meta": meta, **lists} if registry.habits.wrong_json else {"meta": meta, "data": lists}
        return 200, "application/vnd.sdmx.structure+json;version=2.0.0", json.dumps(message).encode()
    number = fitting[0].version
    if not number or f"version={number}" not in wanted:
        return 406, "application/xml", error_of("This stub gives a message only in the version in which it came")
    return 200, f"application/vnd.sdmx.structure+xml;version={number}", message_of(fitting)


def message_of(fitting: list[Held]) -> bytes:
    """A structure message with these artefacts, kind by kind."""
    of = f"{SCHEMAS}/v{fitting[0].version.replace('.', '_')}"
    root = ET.Element(f"{{{of}/message}}Structure")
    header = ET.SubElement(root, f"{{{of}/message}}Header")
    for name, text in (("ID", "R1"), ("Test", "false"), ("Prepared", "2026-03-01T00:00:00Z")):
        ET.SubElement(header, f"{{{of}/message}}{name}").text = text
    ET.SubElement(header, f"{{{of}/message}}Sender", id="FMR")
    structures = ET.SubElement(root, f"{{{of}/message}}Structures")
    names = {"Hierarchy": "Hierarchies", "ConceptScheme": "Concepts" if "2_1" in of else "ConceptSchemes"}
    if "2_1" in of:
        names |= {"AgencyScheme": "OrganisationSchemes", "ContentConstraint": "Constraints"}
    for kind in sorted({each.kind for each in fitting}):
        container = ET.SubElement(structures, f"{{{of}/structure}}{names.get(kind, f'{kind}s')}")
        container.extend(each.content for each in fitting if each.kind == kind)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def take_metadata(registry: Registry, content: bytes) -> tuple[int, bytes]:
    """Store metadata sets in SDMX-JSON, with an empty answer."""
    try:
        submitted = from_json(content, "metadataSets")
    except Refused as error:
        return 400, error_of(str(error))
    registry.sets |= {each.name: each.content for each in submitted}
    return 200, b""


def answer_sets(registry: Registry, path: str) -> tuple[int, str, bytes]:
    """The metadata set of a name, or all of a provider."""
    agency, id_, version = (unquote(part) for part in path.strip("/").split("/"))
    held = [each for name, each in sorted(registry.sets.items()) if name == (agency, id_, version)]
    if (id_, version) == ("*", "*"):
        held = [each for name, each in sorted(registry.sets.items()) if name[0] == agency]
    if not held:
        return 404, "application/xml", error_of("No metadata sets found")
    meta = {"id": "R1", "prepared": "2026-03-01T00:00:00Z", "sender": {"id": "FMR"}, "test": False}
    content = json.dumps({"meta": meta, "data": {"metadataSets": held}}).encode()
    return 200, "application/vnd.sdmx.metadata+json;version=2.0.0", content


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address at which a handler answers on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class Answering(BaseHTTPRequestHandler):
    """Shared parts of the stubs: parse requests, answer, and play tricks."""

    def log_message(self, *_: object) -> None:
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def cut_before_the_effect(self, effect: threading.Event) -> None:
        """End the connection, and go on with what was asked when it is time for the effect."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
        effect.wait(5)

    def play(self, trick: str, status: int, body: bytes) -> None:
        """Answer otherwise than the receiver would."""
        if trick in ("cut", "late"):
            self.close_connection = True
        elif trick == "half":
            self.say(status, body[: len(body) // 2], Content_Length=str(len(body)))
        elif trick == "half as whole":
            self.say(status, body[: len(body) // 2])
        elif trick == "slow":
            self.send_response(status)
            self.end_headers()
            for index in range(len(body)):
                self.wfile.write(body[index : index + 1])
                time.sleep(0.05)
        elif trick == "elsewhere":
            self.say(307, Location="https://elsewhere.example.org/")
        elif trick in ("bomb", "a web page", "nothing"):
            self.say(200, {"bomb": BOMB, "a web page": b"<html>Welcome</html>", "nothing": b""}[trick])
        else:
            self.say(int(trick), b"proxy", Retry_After="7")


def answer_submission(registry: Registry, request: Answering) -> None:
    """Store a posted submission of a known user."""
    content, path = request.body(), urlsplit(request.path).path.rstrip("/")
    registry.heads.append({name.lower(): text for name, text in request.headers.items()})
    shown = base64.b64encode(f"{registry.habits.user}:{registry.habits.password}".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {shown}":
        request.say(401)
        return
    trick = registry.tricks.pop(0) if registry.tricks else ""
    if trick.isdigit() or trick == "elsewhere":  # nothing has come to the registry
        request.play(trick, 0, b"")
        return
    if path not in (SUBMIT, METADATA):
        request.say(404)
        return
    if trick == "late":
        request.cut_before_the_effect(registry.effect)
    action = request.headers.get("Action", "append").lower()
    before = dict(registry.held)
    status, answer = take(registry, content, action) if path == SUBMIT else take_metadata(registry, content)
    if trick == "another's receipt":
        request.say(200, answer.replace(b"=XA:", b"=XB:"))
    elif trick in ("Failure", "Warning", "Warning in vain"):
        registry.held = before if trick == "Warning in vain" else registry.held
        request.say(200, answer.replace(b'"Success"', f'"{trick.split()[0]}"'.encode()))
    elif trick:
        request.play(trick, status, answer)
    else:
        request.say(status, answer, Content_Type="application/xml")


def answer_question(registry: Registry, request: Answering) -> None:
    """Return the stored artefacts."""
    url, wanted = urlsplit(request.path), request.headers.get("Accept", "")
    trick = next((trick for trick in registry.tricks if trick.startswith("asked ")), "")
    if trick:
        request.play(trick.removeprefix("asked "), 200, b"<a>")
        return
    if url.path == TRANSACTIONS:
        asked_for = {name: texts[0] for name, texts in parse_qs(url.query).items()}
        action, most = asked_for.get("action", "").lower(), int(asked_for.get("max", len(registry.transactions)))
        listed = [each for each in reversed(registry.transactions) if action in ("", each["Action"].lower())]
        if registry.habits.lists_transactions:
            request.say(200, json.dumps(listed[:most]).encode(), Content_Type="application/json")
        else:
            request.say(404)
        return
    if url.path.startswith("/sdmx/v2/metadata/metadataset/"):
        status, kind, content = answer_sets(registry, url.path.removeprefix("/sdmx/v2/metadata/metadataset"))
    else:
        start = next((start for start in ASKED if url.path.startswith(start)), None)
        asked = url.path.removeprefix(start) if start else ""
        status, kind, content = answer_to(registry, asked, wanted) if start else (404, "text/plain", b"")
    request.say(status, content, Content_Type=kind)


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """A registry at its address."""

    class Handler(Answering):
        def do_POST(self) -> None:
            answer_submission(registry, self)

        def do_GET(self) -> None:
            answer_question(registry, self)

    with served(Handler) as address:
        registry.address = address
        yield registry
