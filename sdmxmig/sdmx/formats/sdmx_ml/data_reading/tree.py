"""Small parts of a message, such as its header, as a tree of nodes that know their line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.formats.sdmx_ml.parts import in_lines
from sdmxmig.sdmx.model.artefacts import Text

NODE_LIMIT = 20_000
XML_LANG = "http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class Node:
    """One element with what is in it; `tag` is without namespace."""

    tag: str
    attributes: dict[str, str]
    _: KW_ONLY
    line: int
    column: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        """The elements of this name directly inside."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        """The first element of this name directly inside."""
        return next((child for child in self.children if child.tag == tag), None)

    def text_of(self, tag: str) -> str:
        """The text of the first element of this name, without blanks around it; empty if there is none."""
        node = self.first(tag)
        return node.text.strip() if node else ""

    def texts(self, tag: str) -> Text:
        """The texts of the elements of this name by their languages, English if none is named.

        Several in one language become one of several lines.
        """
        return in_lines((child.attributes.get(XML_LANG, "en"), child.text) for child in self.all(tag) if child.text)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)
