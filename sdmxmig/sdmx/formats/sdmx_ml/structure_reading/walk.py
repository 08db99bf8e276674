"""Streaming reader of structure messages; items of large lists leave the tree one by one.

Hierarchies of SDMX 3, hierarchical codelists of SDMX 2.1, and hierarchy associations. Structure sets of SDMX 2.1 with
their maps.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import refusal
from sdmxmig.sdmx.formats.sdmx_ml.parts import (
    LAST_KEPT_LINE,
    Message,
    Names,
    Part,
    kept_line,
    line_of_element,
    opened,
)
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import version_20
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import READER
from sdmxmig.sdmx.formats.wire import containers
from sdmxmig.sdmx.model.artefacts import Item
from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.sdmx.model.structures import Artefact

DEPTH_OF_ITEMS = 5
TOO_BIG_TO_EMPTY = 20_000
PARTS_OF_MESSAGE = ("Header", "Structures", "Footer")
WITHOUT_ARTEFACTS = ("mes:Header", "mes:Footer")
"""Parts of a message without artefacts."""


class Walk:
    """Reads a message as it arrives, tracking depth and current scheme."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.path: list[etree._Element] = []  # from the root down to an item; deeper elements are only counted
        self.passed_over = 0  # the depth at which lenient reading skips an element
        self.refused: set[str] = set()
        self.begun = self.item_begun = self.artefact_begun = 0
        self.current: etree._Element | None = None
        self.last_item: etree._Element | None = None
        self.message = Message(name, "", names=Names(""), line_of=self.line_of)
        self.handlers: dict[str, tuple[str, ...]] = {}

    def artefacts(self) -> Iterator[Artefact]:
        path, depth = self.path, 0
        for event, element in iterate_xml(self.content, self.name):
            if event == "start":
                self.begun += 1
                depth += 1
                if depth <= DEPTH_OF_ITEMS:
                    path.append(element)
                    self.current = element
                    if depth == DEPTH_OF_ITEMS:
                        self.item_begun = self.begun
                    elif not self.passed_over:
                        self.begin_at(path)
                self.seen(element, depth)
                continue
            depth -= 1
            if self.passed_over:
                self.passed_over = 0 if depth + 1 == self.passed_over else self.passed_over
                del path[depth:]
                continue
            if depth > 1 and self.name_of(path[1]) in WITHOUT_ARTEFACTS:
                drop(element)
            if depth < DEPTH_OF_ITEMS:
                path.pop()
                self.current = element
                yield from self.ended(element, path)

    def ended(self, element: etree._Element, path: list[etree._Element]) -> Iterator[Artefact]:
        """Yield the artefact of a closed element; `path` leads to its ancestors."""
        depth = len(path)
        if self.message.version == "2.0":
            yield from self.old_artefacts(element, path)
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
        self.enter(path)

    def seen(self, element: etree._Element, depth: int) -> None:
        """Record an element that has begun, at any depth."""

    def enter(self, path: list[etree._Element]) -> None:
        """Check that an element is allowed here: root, part of the message, collection or artefact."""
        element, depth = path[-1], len(path)
        if depth < 4 or self.message.version != "2.0":
            self.artefact_begun = self.begun
        if depth == 1:
            self.message = self.begin(element)
            self.handlers = collections(self.message.version)
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

    def old_artefacts(self, element: etree._Element, path: list[etree._Element]) -> Iterator[Artefact]:
        if len(path) != 2 or self.name_of(path[1]) == "mes:Header":
            return
        readers = version_20.READERS[self.name_of(path[1])]
        part, name = Part(element, self.message), self.name_of(element)
        if name not in readers:
            raise part.error("is not read from SDMX-ML 2.0.")
        yield from self.old_artefact(part, name)
        self.empty(element, self.artefact_begun)

    def take_item(self, element: etree._Element, path: list[etree._Element]) -> None:
        kind = self.name_of(path[3])
        if ITEM_KINDS.get(kind) != self.name_of(element):
            return
        self.message.items += self.read_items(Part(element, self.message), ITEM_KINDS[kind])
        if self.last_item is not None:
            path[3].remove(self.last_item)
        self.last_item = element if self.empty(element, self.item_begun) else None

    def empty(self, element: etree._Element, begun: int) -> bool:
        """Empty a closed element; `begun` counts elements up to its start.

        Very large elements stay: removing parts that the parser holds takes quadratic time.
        """
        if self.begun - begun > TOO_BIG_TO_EMPTY:
            return False
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
        return True

    def read_items(self, part: Part, kind: str) -> list[Item]:
        return READER.items_in(part, kind)

    def old_artefact(self, part: Part, name: str) -> list[Artefact]:
        return list(version_20.READERS[self.name_of(self.path[1])][name](part))

    def artefact(self, element: etree._Element) -> Artefact | None:
        return READER.artefact(Part(element, self.message), self.name_of(element))

    def name_of(self, element: etree._Element) -> str:
        return self.message.names[str(element.tag)]

    def begin(self, root: etree._Element) -> Message:
        folder, version, local = opened(self.name, root)
        if local == "Error":
            raise refusal(self.name, self.content)
        if local != "Structure":
            raise InputError(
                f"<{local}> is not a structure message of SDMX-ML {version}.",
                Place(self.name, line=kept_line(root)),
                "A structure message begins with <Structure>.",
            )
        return Message(self.name, version, names=Names(folder), line_of=self.line_of)

    def unknown(self, element: etree._Element, parent: etree._Element, known: object) -> InputError:
        local = str(element.tag).rpartition("}")[2]
        names = [str(name).removeprefix("mes:") for name in known]  # type: ignore[attr-defined]
        parent_name = str(parent.tag).rpartition("}")[2]
        what = f"<{local}> does not belong in <{parent_name}>"
        hint = did_you_mean(local, names) if local not in names else "It is in another namespace."
        hint = "Its prefix is not declared." if ":" in local else hint
        return InputError(f"{what} of SDMX-ML {self.message.version}.", self.message.place(element), hint)

    def line_of(self, element: etree._Element) -> int:
        """Return the line of an element; beyond the XML library's limit, elements are counted."""
        line = kept_line(element)
        if line <= LAST_KEPT_LINE or self.current is None:
            return line
        later = 0
        for node in self.current.iter():
            later = 0 if node is element else later + 1
        return line_of_element(self.content, self.begun - later) or line


def drop(element: etree._Element) -> None:
    """Empty an element and remove the previous one; the parser may still add text after this one."""
    before, parent = element.getprevious(), element.getparent()
    element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
    if before is not None and parent is not None:
        parent.remove(before)


def collections(version: str) -> dict[str, tuple[str, ...]]:
    kinds_by_collection: dict[str, tuple[str, ...]] = {}
    for kind, container in containers("ml", version).items():
        kinds_by_collection[container] = (*kinds_by_collection.get(container, ()), kind)
    return kinds_by_collection
