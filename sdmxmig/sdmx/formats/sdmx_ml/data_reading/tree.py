"""Small parts of a message, such as its header, as a tree with line numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.formats.sdmx_ml.parts import in_lines
from sdmxmig.sdmx.model.artefacts import Text

NODE_LIMIT = 20_000
XML_LANG = "http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class Node:
    """An element with its content; `tag` has no namespace."""

    tag: str
    attributes: dict[str, str]
    _: KW_ONLY
    line: int
    column: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def text_of(self, tag: str) -> str:
        node = self.first(tag)
        return node.text.strip() if node else ""

    def texts(self, tag: str) -> Text:
        """Return the texts by language, English if unstated; repeated languages become lines."""
        return in_lines((child.attributes.get(XML_LANG, "en"), child.text) for child in self.all(tag) if child.text)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)
