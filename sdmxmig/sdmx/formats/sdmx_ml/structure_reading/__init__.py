"""SDMX-ML 2.0, 2.1, 3.0 and 3.1 structure messages to artefacts, read strictly or leniently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.detection import ML_NAMESPACE, match_namespace
from sdmxmig.sdmx.formats.faults import Deviation, Faults, attempt, convert_to_surplus, report_fault, use_no_collector
from sdmxmig.sdmx.formats.sdmx_ml.elements import (
    VERSION_BY_NAMESPACE,
    Message,
    Names,
    Part,
    find_line,
    open_message,
    open_root,
)
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import build_answer_error
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import version_20
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import mark_drafts
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import READER
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20 import READERS
from sdmxmig.sdmx.formats.structures.representations import map_each, restore_from_version_3, restore_representation
from sdmxmig.sdmx.formats.structures.versions import restore_version_3
from sdmxmig.sdmx.formats.wire import list_containers
from sdmxmig.sdmx.formats.xml_repair import repair_text
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.sdmx.model.structures import Artefact

ITEM_DEPTH = 5
TOO_BIG_TO_EMPTY = 20_000
PARTS_OF_MESSAGE = ("Header", "Structures", "Footer")
WITHOUT_ARTEFACTS = ("mes:Header", "mes:Footer")


class StructureStream:
    """Reads a message as a stream; with `faults`, skips unexpected elements and unreadable artefacts."""

    def __init__(self, name: str, content: bytes, faults: Faults | None) -> None:
        self.name = name
        self.content = content if faults is None else declare_prefixes(repair_text(name, content, faults))
        self.faults = faults
        self.path: list[etree._Element] = []  # from the root down to an item; deeper elements are only counted
        self.passed_over = 0  # the depth at which lenient reading skips an element
        self.refused: set[str] = set()
        self.begun = self.item_begun = self.artefact_begun = 0
        self.last_item: etree._Element | None = None
        self.message = Message(name, "", names=Names(""))
        self.handlers: dict[str, tuple[str, ...]] = {}

    def artefacts(self) -> Iterator[Artefact]:
        """Yield the artefacts; lenient reading stops at a truncation and then yields the truncated list as partial.

        Raises `InputError` if the root is not a structure message.
        """
        try:
            yield from self.closed_artefacts()
        except InputError as error:
            if not self.message.version:
                raise
            report_fault(self.faults, error)
            if scheme := self.cut():
                yield scheme

    def cut(self) -> Artefact | None:
        if len(self.path) < ITEM_DEPTH - 1 or self.passed_over or self.message.version == "2.0":
            return None
        scheme = self.artefact(self.path[3]) if self.message.items else None
        return replace(scheme, partial=True) if isinstance(scheme, ItemScheme) else None

    def closed_artefacts(self) -> Iterator[Artefact]:
        path, depth = self.path, 0
        for event, element in iterate_xml(self.content, self.name):
            if event == "start":
                self.begun += 1
                depth += 1
                if depth <= ITEM_DEPTH:
                    path.append(element)
                    if depth == ITEM_DEPTH:
                        self.item_begun = self.begun
                    elif not self.passed_over:
                        self.begin_at(path)
                if depth > 1 and self.faults is not None:
                    self.report_misspelling(element, self.faults)
                continue
            depth -= 1
            if self.passed_over:
                self.passed_over = 0 if depth + 1 == self.passed_over else self.passed_over
                del path[depth:]
                continue
            if depth > 1 and self.name_of(path[1]) in WITHOUT_ARTEFACTS:
                drop(element)
            if depth < ITEM_DEPTH:
                path.pop()
                yield from self.ended(element, path)

    def ended(self, element: etree._Element, path: list[etree._Element]) -> Iterator[Artefact]:
        """Yield the artefact of a closed element; `path` leads to its ancestors."""
        depth = len(path)
        if self.message.version == "2.0":
            yield from self.read_old_artefacts(element, path)
        elif depth == 0 or self.name_of((*path, element)[1]) != "mes:Structures":
            return
        elif depth == 4:
            self.take_item(element, path)
        elif depth == 3:
            artefact = self.artefact(element)
            if artefact is not None:
                yield artefact
            self.empty(element, self.artefact_begun)
        else:
            part = Part(element, self.message)
            part.ignore(*(self.handlers if depth == 1 else self.handlers[self.name_of(element)]), *self.refused)
            part.close()

    def begin_at(self, path: list[etree._Element]) -> None:
        try:
            self.enter(path)
        except InputError as error:
            if len(path) == 1 or self.faults is None:
                raise
            self.faults.note(convert_to_surplus(error))
            self.passed_over = len(path)
            self.refused.add(self.name_of(path[-1]))

    def report_misspelling(self, element: etree._Element, faults: Faults) -> None:
        names = self.message.names
        if not self.passed_over and names[str(self.path[1].tag)] not in WITHOUT_ARTEFACTS:
            odd = names.describe_misspelling(str(element.tag)) if isinstance(names, LenientNames) else ""
            if odd:
                faults.note(Deviation(odd, self.message.place(element)))

    def enter(self, path: list[etree._Element]) -> None:
        element, depth = path[-1], len(path)
        if depth < 4 or self.message.version != "2.0":
            self.artefact_begun = self.begun
        if depth == 1:
            self.message = self.begin(element)
            self.handlers = list_collections(self.message.version)
            return
        name = self.name_of(element)
        if self.message.version == "2.0":
            self.enter_old(path, name)
        elif depth == 2:
            known = [f"mes:{part_name}" for part_name in PARTS_OF_MESSAGE]
            if name not in known:
                raise self.unknown(element, path[-2], known)
        elif self.name_of(path[1]) != "mes:Structures":
            return
        elif depth == 3 and name not in self.handlers:
            raise self.unknown(element, path[-2], self.handlers)
        elif depth == 4:
            kinds = self.handlers[self.name_of(path[2])]
            if name not in kinds:
                raise self.unknown(element, path[-2], kinds)
            self.message.items, self.last_item = [], None

    def enter_old(self, path: list[etree._Element], name: str) -> None:
        known: list[str] = []
        if len(path) == 2:
            known = ["mes:Header", *version_20.READERS]
        elif len(path) == 3 and self.name_of(path[1]) != "mes:Header":
            known = [*version_20.READERS[self.name_of(path[1])], "Annotations"]
        if known and name not in known:
            raise self.unknown(path[-1], path[-2], known)

    def read_old_artefacts(self, element: etree._Element, path: list[etree._Element]) -> Iterator[Artefact]:
        if len(path) != 2 or self.name_of(path[1]) == "mes:Header":
            return
        readers = version_20.READERS[self.name_of(path[1])]
        part, name = Part(element, self.message), self.name_of(element)
        if name not in readers:
            raise part.error("is not read from SDMX-ML 2.0.")
        yield from attempt(self.faults, readers[name], part) or ()
        self.empty(element, self.artefact_begun)

    def take_item(self, element: etree._Element, path: list[etree._Element]) -> None:
        kind = self.name_of(path[3])
        if ITEM_KINDS.get(kind) != self.name_of(element):
            return
        part = Part(element, self.message)
        self.message.items += attempt(self.faults, lambda part: READER.read_items(part, ITEM_KINDS[kind]), part) or []
        if self.last_item is not None:
            path[3].remove(self.last_item)
        self.last_item = element if self.empty(element, self.item_begun) else None

    def empty(self, element: etree._Element, begun: int) -> bool:
        """Empty a closed element, except very large ones, from which removing parts takes quadratic time."""
        if self.begun - begun > TOO_BIG_TO_EMPTY:
            return False
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
        return True

    def artefact(self, element: etree._Element) -> Artefact | None:
        def read(element: etree._Element) -> Artefact:
            return READER.artefact(Part(element, self.message), self.name_of(element))

        return attempt(self.faults, read, element)

    def name_of(self, element: etree._Element) -> str:
        return self.message.names[str(element.tag)]

    def begin(self, root: etree._Element) -> Message:
        if self.faults is not None:
            self.respell_namespace(root, self.faults)
        folder, version, local = open_root(self.name, root)
        if local == "Error":
            raise build_answer_error(self.name, self.content)
        if local != "Structure":
            raise InputError(
                f"<{local}> is not a structure message of SDMX-ML {version}.",
                Place(self.name, line=find_line(root)),
                "A structure message begins with <Structure>.",
            )
        names = Names(folder) if self.faults is None else LenientNames(folder)
        return Message(self.name, version, names=names, faults=self.faults)

    def respell_namespace(self, root: etree._Element, faults: Faults) -> None:
        namespace = str(root.tag)[1:].rpartition("}")[0]
        odd = match_namespace(str(root.tag))
        folder = next((known for known in VERSION_BY_NAMESPACE if odd and known.endswith(f"v{odd['version']}")), "")
        if folder and namespace != f"{folder}/message":
            place = Place(self.name, line=find_line(root))
            faults.note(Deviation(f"“{namespace}” differs in spelling from the namespace of SDMX-ML.", place))
            root.tag = f"{{{folder}/message}}{etree.QName(root).localname}"

    def unknown(self, element: etree._Element, parent: etree._Element, known: object) -> InputError:
        local = str(element.tag).rpartition("}")[2]
        names = [str(name).removeprefix("mes:") for name in known]  # type: ignore[attr-defined]
        parent_name = str(parent.tag).rpartition("}")[2]
        what = f"<{local}> does not belong in <{parent_name}>"
        hint = did_you_mean(local, names) if local not in names else "It is in another namespace."
        hint = "Its prefix is not declared." if ":" in local else hint
        return InputError(f"{what} of SDMX-ML {self.message.version}.", self.message.place(element), hint)


def drop(element: etree._Element) -> None:
    """Empty an element and remove the previous one; the parser may still add text after this one."""
    before, parent = element.getprevious(), element.getparent()
    element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
    if before is not None and parent is not None:
        parent.remove(before)


def list_collections(version: str) -> dict[str, tuple[str, ...]]:
    kinds_by_collection: dict[str, tuple[str, ...]] = {}
    for kind, container in list_containers("ml", version).items():
        kinds_by_collection[container] = (*kinds_by_collection.get(container, ()), kind)
    return kinds_by_collection


PREFIX_BY_AREA = {"message": "mes:", "structure": "", "common": "com:"}
KNOWN_PREFIXES = {"m": "mes:", "mes": "mes:", "message": "mes:", "c": "com:", "com": "com:", "common": "com:"}
UNDECLARED_PREFIX = "undeclared:"
"""The prefix of namespaces given to undeclared prefixes, so that the message can be parsed."""
USED, DECLARED = re.compile(rb"<([A-Za-z_][\w.-]*):"), re.compile(rb"xmlns:([A-Za-z_][\w.-]*)\s*=")
ROOT_TAG = re.compile(rb"<[A-Za-z_][^\s/>]*")
STRUCTURES_PATH = ("Structures",)
COMMON_ELEMENTS = (
    "Name",
    "Description",
    "Annotations",
    "Annotation",
    "AnnotationType",
    "AnnotationTitle",
    "AnnotationText",
    "AnnotationURL",
    "AnnotationValue",
)
"""Elements that one namespace alone has, since SDMX 2.1."""


def declare_prefixes(content: bytes) -> bytes:
    """Declare all undeclared prefixes of a message.

    >>> declare_prefixes(b"<a><b:c/></a>")
    b'<a xmlns:b="undeclared:b"><b:c/></a>'
    """
    missing = sorted(set(USED.findall(content)) - set(DECLARED.findall(content)))
    root = ROOT_TAG.search(content)
    if not missing or root is None:
        return content
    more = b"".join(b' xmlns:%s="%s%s"' % (prefix, UNDECLARED_PREFIX.encode(), prefix) for prefix in missing)
    return content[: root.end()] + more + content[root.end() :]


class LenientNames(Names):
    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.odd: dict[str, str] = {}
        self.misspelt: dict[str, str] = {}
        self.reported: set[str] = set()
        self.is_old = folder.endswith("v2_0")

    def __missing__(self, tag: str) -> str:
        name = super().__missing__(tag)
        if not isinstance(tag, str):
            return name
        namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if namespace.startswith(UNDECLARED_PREFIX):
            namespace, local = "", f"{namespace.removeprefix(UNDECLARED_PREFIX)}:{local}"
        meant = self.find_intended_name(name, namespace, local)
        if meant != name:
            self[tag] = meant
            if ":" in local:
                self.odd[tag] = f"<{local}> has a prefix that is not declared."
            elif self.find_namespace_area(namespace) and name.startswith("{"):
                self.misspelt[tag] = namespace
            else:
                self.odd[tag] = f"<{local}> is in the namespace “{namespace}”, where it does not belong."
        return meant

    def describe_misspelling(self, tag: str) -> str:
        self[tag]
        namespace = self.misspelt.get(tag, "")
        if not namespace or namespace in self.reported:
            return self.odd.get(tag, "")
        self.reported.add(namespace)
        return f"“{namespace}” differs in spelling from the namespace of SDMX-ML."

    def find_namespace_area(self, namespace: str) -> str:
        """Return the area of a misspelt namespace or of another version of SDMX-ML; empty for others."""
        match = ML_NAMESPACE.fullmatch(namespace)
        area = match["area"].lower() if match else ""
        return area if area in PREFIX_BY_AREA else ""

    def find_intended_name(self, name: str, namespace: str, local: str) -> str:
        prefix, _, plain = local.rpartition(":")
        if prefix:
            return f"{KNOWN_PREFIXES.get(prefix.lower(), '')}{plain}"
        if name.startswith("{") and (area := self.find_namespace_area(namespace)):
            name = f"{PREFIX_BY_AREA[area]}{plain}"
        known = not name.startswith("{")
        if known and not self.is_old and plain in (*STRUCTURES_PATH, *COMMON_ELEMENTS):
            return f"{'mes:' if plain in STRUCTURES_PATH else 'com:'}{plain}"
        return name


OLD_DIALOGUE = re.compile(rb"<(?:[\w.-]+:)?RegistryInterface[\s>]")
HEAD_BYTES = 8192
"""Number of bytes searched for the root."""


def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    """Read the artefacts of a structure message of SDMX-ML 2.0 to 3.1 in order.

    Includes structures in SDMX-ML 2.0 registry messages. The namespace determines the version. Texts, ids and order are
    preserved; content that the model lacks is rejected.

    Raises `InputError` with line and element, or records the fault and leaves out the annotation, item or artefact.
    """
    if OLD_DIALOGUE.search(content[:HEAD_BYTES]):
        root, artefacts = read_dialogue(name, content, faults)
        return complete_artefacts(tuple(version_20.join_schemes(artefacts)), root.message)
    walk = StructureStream(name, content, faults)
    with use_no_collector():
        joined_artefacts = tuple(version_20.join_schemes(walk.artefacts()))
    return complete_artefacts(joined_artefacts, walk.message)


def complete_artefacts(artefacts: tuple[Artefact, ...], message: Message) -> tuple[Artefact, ...]:
    drafts = message.drafts
    named = tuple(mark_drafts(artefact, drafts) for artefact in artefacts) if drafts else artefacts
    in_model = restore_version_3(named) if message.is_21 else restore_from_version_3(named)
    return tuple(map_each(artefact, restore_representation) for artefact in in_model)


BODY_ELEMENTS = ("QueryStructureResponse", "SubmitStructureRequest")


def read_dialogue(name: str, content: bytes, faults: Faults | None) -> tuple[Part, Iterator[Artefact]]:
    """Return the root and artefacts of a registry message; raises the registry's error if it has no artefacts."""
    root = open_message(name, content, faults)
    if root.message.version != "2.0":
        hint = "A structure message begins with <Structure>."
        raise root.error(f"is not a structure message of SDMX-ML {root.message.version}.", hint)
    root.part("mes:Header")
    body = root.one(*(f"mes:{name}" for name in BODY_ELEMENTS))
    root.close()
    if body.name == "SubmitStructureRequest":
        return root, read_submitted_artefacts(body)
    return root, read_submission_results(body)


def read_submitted_artefacts(body: Part) -> Iterator[Artefact]:
    if location := body.text("reg:StructureLocation").strip():
        hint = f"Its message: {location}"
        raise body.error("names only the address of structures.", hint)
    holder = body.one("reg:Structure")
    body.ignore("reg:SubmittedStructure")
    body.close()
    yield from read_collections(holder)


def read_submission_results(body: Part) -> Iterator[Artefact]:
    status = body.one("reg:StatusMessage")
    word = status.attribute("status")
    texts = "; ".join(part.content().strip() for part in status.parts("reg:MessageText"))
    if word == "Failure":
        raise status.error(
            f"says that the registry failed: {texts}", "Correct the error that it reports, and send the request again."
        )
    yield from read_collections(body)


def read_collections(holder: Part) -> Iterator[Artefact]:
    faults = holder.message.faults
    for name, collection in holder.children():
        readers = READERS.get(f"mes:{name.removeprefix('reg:')}") if name.startswith("reg:") else None
        if readers is None:
            collection.surplus(f"does not belong in <{holder.name}>.")
            continue
        for kind, part in collection.children():
            if kind in readers:
                read = readers[kind]
                yield from attempt(faults, lambda child, read=read: tuple(read(child)), part) or ()  # type: ignore[misc]
            elif kind != "Annotations":
                part.surplus(f"does not belong in <{collection.name}>.")
        collection.close()
    holder.close()
