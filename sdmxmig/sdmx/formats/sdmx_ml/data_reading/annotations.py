"""Annotations of a dataset or its parts."""

from __future__ import annotations

from collections.abc import Callable

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import XML_LANG, Node
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading
from sdmxmig.sdmx.model.artefacts import Annotation, Text

PARTS = ("AnnotationTitle", "AnnotationType", "AnnotationURL", "AnnotationText", "AnnotationValue")


class Annotations(Branch):
    """The element ``Annotations``, before the annotated data or, in SDMX-ML 2.0, after them.

    `take` receives them. `of_part`: below dataset level, and possibly many.
    """

    def __init__(
        self,
        reading: MessageReading,
        name: str,
        attributes: dict[str, str],
        *,
        take: Callable[[list[Annotation]], object],
        of_part: bool = True,
    ) -> None:
        if of_part:
            reading.nodes = 0
        super().__init__(reading, name, attributes)
        self.take = take

    def finished(self, node: Node) -> None:
        for note_node in node:
            self._expect(note_node, node, ("Annotation",))
            for part in note_node:
                self._expect(part, note_node, PARTS)
        self.take(notes_in(node))

    def _expect(self, node: Node, above: Node, allowed: tuple[str, ...]) -> None:
        if node.tag not in allowed:
            self.reading.spot = (node.line, node.column)
            self.reading.surplus(f"{node.tag} is not allowed in {above.tag}.")


def notes_in(node: Node) -> list[Annotation]:
    return list(map(annotation_of, node.all("Annotation")))


def annotation_of(node: Node) -> Annotation:
    """Read an annotation; its own address is the first without a language, others are by language."""
    addresses = [(address.attributes.get(XML_LANG, ""), address.text.strip()) for address in node.all("AnnotationURL")]
    bare_address = next((url for language, url in addresses if not language), "")
    others = tuple(pair for pair in addresses if pair != ("", bare_address))
    return Annotation(
        node.text_of("AnnotationType"),
        node.texts("AnnotationText"),
        title=node.text_of("AnnotationTitle"),
        url=bare_address,
        id=node.attributes.get("id", ""),
        value=node.text_of("AnnotationValue"),
        urls=Text(others),
    )


class NotedElement(Element):
    """An element that may have annotations, kept until their subject is known."""

    def __init__(self, reading: MessageReading) -> None:
        super().__init__(reading)
        self.notes: list[tuple[str, Annotation]] = []

    def annotations(self, name: str, attributes: dict[str, str]) -> Element:
        return Annotations(self.reading, name, attributes, take=self._note)

    def _note(self, notes: list[Annotation]) -> None:
        self.notes += (("", annotation) for annotation in notes)
