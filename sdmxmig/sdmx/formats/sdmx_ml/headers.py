"""The header and footer of any SDMX-ML message, read without the content."""

from __future__ import annotations

from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.detection import ML_NAMESPACE
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import KINDS, KINDS_OF_METADATA, Node
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.message import Footer
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading, SkippedElement
from sdmxmig.sdmx.formats.xml_repair import repair_bytes
from sdmxmig.sdmx.model.submission import Header, Note

HEADER_PIECE = 1 << 12
FOOTER_PIECE = 1 << 16


def read_header(name: str, stream: BinaryIO, faults: Faults | None = None) -> Header:
    """Read the header and no further; raise `InputError` with line and column if it is missing."""
    reading = build_header_reading(name, faults)
    longer = iter(lambda: stream.read(HEADER_PIECE), b"") if faults is None else repair_bytes(name, stream, faults)
    for piece in (whole[at : at + HEADER_PIECE] for whole in longer for at in range(0, len(whole), HEADER_PIECE)):
        try:
            reading.feed.feed(piece)
        except InputError:
            if reading.header is None:  # content after the header is not needed
                raise
        if reading.header is not None:
            return reading.header
    reading.feed.close()
    raise InputError("The message has no Header.", reading.place)


def read_notes(name: str, stream: BinaryIO) -> tuple[Note, ...]:
    """Read the notes in the footer; raise `InputError` with line and column for malformed XML."""
    reading = build_header_reading(name)
    while piece := stream.read(FOOTER_PIECE):
        reading.feed.feed(piece)
    reading.feed.close()
    return tuple(map(read_note, reading.notes))


def read_note(node: Node) -> Note:
    return Note(node.attributes.get("code", ""), node.texts("Text"), severity=node.attributes.get("severity", ""))


def build_header_reading(name: str, faults: Faults | None = None) -> MessageReading:
    reading = MessageReading(name, {}, faults)
    reading.open.append(AnyDocument(reading))
    return reading


class AnyDocument(Element):
    title = "a document"

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        match = ML_NAMESPACE.fullmatch(namespace)
        if not match or match["area"].lower() != "message":
            self.reading.refuse(f"The root {name} is not a message of SDMX-ML (“{namespace}”).")
        self.reading.root = AnyRoot(self.reading, name)
        return self.reading.root


class AnyRoot(Element):
    def __init__(self, reading: MessageReading, title: str) -> None:
        super().__init__(reading)
        self.title = title

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Header" and self.reading.header is None:
            kinds = KINDS_OF_METADATA if "Metadata" in self.title else KINDS
            return Branch(self.reading, name, attributes, lambda node: self.reading.take_header(node, kinds))
        if self.reading.header is None:
            self.reading.refuse(f"The {name} comes before a Header.", "A message begins with its Header.")
        return Footer(self.reading) if name == "Footer" else SkippedElement(self.reading)
