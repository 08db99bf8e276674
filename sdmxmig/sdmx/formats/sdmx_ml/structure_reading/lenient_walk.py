"""Lenient reading of structure messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.detection import message_namespace
from sdmxmig.sdmx.formats.faults import Deviation, Faults, attempt, surplus
from sdmxmig.sdmx.formats.sdmx_ml.parts import VERSIONS, Message, Part, kept_line
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.leniency import LenientNames, declared
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.walk import DEPTH_OF_ITEMS, PASSED_OVER, Walk
from sdmxmig.sdmx.formats.xml_repair import mended_text
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.structures import Artefact


class LenientWalk(Walk):
    """Skips unexpected elements and unreadable items and artefacts."""

    def __init__(self, name: str, content: bytes, faults: Faults) -> None:
        super().__init__(name, declared(mended_text(name, content, faults)))
        self.faults = faults

    def to_the_end(self) -> Iterator[Artefact]:
        """Yield the artefacts up to truncation; a truncated list is partial.

        Raises `InputError` if the root is not a structure message.
        """
        try:
            yield from self.artefacts()
        except InputError as error:
            if not self.message.version:
                raise
            self.faults.note(error)
            if scheme := self.cut():
                yield scheme

    def cut(self) -> Artefact | None:
        if len(self.path) < DEPTH_OF_ITEMS - 1 or self.passed_over or self.message.version == "2.0":
            return None
        scheme = self.artefact(self.path[3]) if self.message.items else None
        return replace(scheme, partial=True) if isinstance(scheme, ItemScheme) else None

    def begin_at(self, path: list[etree._Element]) -> None:
        try:
            super().begin_at(path)
        except InputError as error:
            if len(path) == 1:
                raise
            self.faults.note(surplus(error))
            self.passed_over = len(path)
            self.refused.add(self.name_of(path[-1]))

    def seen(self, element: etree._Element, depth: int) -> None:
        names = self.message.names
        if depth > 1 and not self.passed_over and names[str(self.path[1].tag)] not in PASSED_OVER:
            odd = names.oddness(str(element.tag)) if isinstance(names, LenientNames) else ""
            if odd:
                self.faults.note(Deviation(odd, self.message.place(element)))

    def read_items(self, part: Part, kind: str) -> list[Item]:
        return attempt(self.faults, lambda part: super(LenientWalk, self).read_items(part, kind), part) or []

    def artefact(self, element: etree._Element) -> Artefact | None:
        return attempt(self.faults, super().artefact, element)

    def old_artefact(self, part: Part, name: str) -> list[Artefact]:
        return attempt(self.faults, lambda part: super(LenientWalk, self).old_artefact(part, name), part) or []

    def begin(self, root: etree._Element) -> Message:
        """The message that a root element begins, also if its namespace is misspelt."""
        namespace = str(root.tag)[1:].rpartition("}")[0]
        odd = message_namespace(str(root.tag))
        folder = next((known for known in VERSIONS if odd and known.endswith(f"v{odd['version']}")), "")
        if odd and folder and namespace != f"{folder}/message":
            place = Place(self.name, line=kept_line(root))
            self.faults.note(Deviation(f"“{namespace}” is not spelt as the namespace of SDMX-ML is.", place))
            root.tag = f"{{{folder}/message}}{etree.QName(root).localname}"
        begun = super().begin(root)
        return replace(begun, names=LenientNames(folder or begun.names.folder), faults=self.faults)
