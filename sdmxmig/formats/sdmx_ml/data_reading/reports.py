"""Reference metadata inside data of SDMX-ML 3.1: at a dataset, a group, a series or an observation."""

from __future__ import annotations

from collections.abc import Callable

from sdmxmig.formats.metadata_values import arrays
from sdmxmig.formats.sdmx_ml.data_reading.annotations import notes_in
from sdmxmig.formats.sdmx_ml.data_reading.reading import Branch, Reading
from sdmxmig.formats.sdmx_ml.data_reading.tree import Node
from sdmxmig.model.metadata import ReportedAttribute

ALONE = "Send the reference metadata as a message of their own."
PARTS = ("Annotations", "Attribute", "StructuredText", "Text", "Value")


class Metadata(Branch):
    """The element ``Metadata``; `take` gets its attributes.

    That of SDMX-ML 3.0 is a whole metadata set, with targets of its own, and is refused.
    """

    def __init__(
        self,
        reading: Reading,
        name: str,
        attributes: dict[str, str],
        take: Callable[[tuple[ReportedAttribute, ...]], object],
    ) -> None:
        if reading.format_id != "sdmx-ml-3.1":
            reading.refuse("Metadata sets inside a data set are not read.", ALONE)
        reading.nodes = 0  # they are data, not something beside them
        super().__init__(reading, name, attributes)
        self.take = take

    def kept(self, node: Node) -> None:
        """Hand the attributes over."""
        for one in node:
            self._expect(one, ("Annotations", "Attribute"))
        if node.first("Annotations"):
            self.reading.wrong("Annotations of reference metadata inside a data set are not read.", ALONE)
        self.take(arrays(map(self._attribute, node.all("Attribute"))))

    def _attribute(self, node: Node) -> ReportedAttribute:
        for one in node:
            self._expect(one, PARTS)
        if node.first("StructuredText"):
            self._refuse(node, "Structured text inside a data set is not read.", ALONE)
        if not node.attributes.get("id"):
            self._refuse(node, "An attribute of reference metadata has no id.", "It is the id in its structure.")
        notes = node.first("Annotations")
        return ReportedAttribute(
            node.attributes["id"],
            tuple(one.text for one in node.all("Value")),
            node.texts("Text"),
            attributes=arrays(map(self._attribute, node.all("Attribute"))),
            annotations=tuple(notes_in(notes)) if notes else (),
        )

    def _expect(self, node: Node, known: tuple[str, ...]) -> None:
        if node.tag not in known:
            self._refuse(node, f"{node.tag} may not stand in Metadata.", f"It holds {', '.join(known)}.")

    def _refuse(self, node: Node, message: str, hint: str) -> None:
        self.reading.spot = (node.line, node.column)
        self.reading.refuse(message, hint)
