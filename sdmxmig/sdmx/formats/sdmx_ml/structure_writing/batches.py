"""Long item lists written in batches, which bounds the tree of a message.

A placeholder element marks the place of each batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

BATCH = 5_000
"""How many items a batch has."""

PLACE = "Batch"


@dataclass(slots=True)
class Batches:
    """The batches of one message, as text, in the order of their places."""

    texts: list[bytes] = field(default_factory=list)

    def holders(self, element: etree._Element, count: int) -> Iterator[etree._Element]:
        """For each of `count` items in turn, the element to put it in: `element` itself if they are few."""
        if count <= BATCH:
            yield from (element for _ in range(count))
            return
        lineage = [*reversed(list(element.iterancestors())), element]
        before, after = self._around(lineage)
        for start in range(0, count, BATCH):
            root, holder = copied(lineage)
            yield from (holder for _ in range(min(BATCH, count - start)))
            text = indented(root)
            self.texts.append(text[len(before) : len(text) - len(after)])
            etree.SubElement(element, tag_beside(element))

    def _around(self, lineage: list[etree._Element]) -> tuple[bytes, bytes]:
        root, holder = copied(lineage)
        etree.SubElement(holder, tag_beside(holder))
        before, _, after = divided(indented(root))
        return before, after

    def filled(self, message: bytes) -> bytes:
        parts = []
        for text in self.texts:
            before, _, message = divided(message)
            parts += [before, text]
        return b"".join([*parts, message])


def copied(lineage: list[etree._Element]) -> tuple[etree._Element, etree._Element]:
    declared = cast("dict[str, str]", lineage[0].nsmap)  # a message declares no namespace without a prefix
    root = holder = etree.Element(lineage[0].tag, nsmap=declared)
    for element in lineage[1:]:
        holder = etree.SubElement(holder, element.tag)
    return root, holder


def tag_beside(element: etree._Element) -> str:
    return f"{{{etree.QName(element).namespace}}}{PLACE}"


def divided(text: bytes) -> tuple[bytes, bytes, bytes]:
    end = text.index(b"\n", text.index(f":{PLACE}/>".encode())) + 1
    start = text.rfind(b"\n", 0, end - 1) + 1
    return text[:start], text[start:end], text[end:]


def indented(root: etree._Element) -> bytes:
    text: bytes = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    return text
