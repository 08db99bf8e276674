"""Web pages, read tag by tag without building a tree; nothing that they name is opened or run."""

from __future__ import annotations

import codecs
import re
from typing import Any, Protocol

from lxml import etree

from sdmxmig.io.intake.files import CHUNK, SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

HEAD = 4096
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
AS_BROWSERS_DO = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-16": "utf-8",
}
"""What browsers take some declared encodings for (WHATWG Encoding Standard)."""


class PageHandler(Protocol):
    """What receives the parts of a web page while it is read; nothing of it is kept."""

    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        """An element begins; its name is in lower case."""

    def end(self, tag: str, /) -> None:
        """An element ends; every element that began ends, also if the page leaves that out."""

    def data(self, text: str, /) -> None:
        """Characters, in pieces of any length."""


class _Target:
    """Hands the parts on that a handler wants."""

    def __init__(self, handler: PageHandler) -> None:
        self._handler = handler
        self.data = handler.data
        self.end = handler.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._handler.start(tag, dict(attributes))

    def close(self) -> None:
        """Nothing is left to hand over at the end of the page."""


def declared_encoding(content: bytes) -> str:
    """The encoding that a page says it has, by its mark or in its head, as Python names it; empty if it says none.

    >>> declared_encoding(b'<meta charset="windows-1251">')
    'cp1251'
    """
    for mark, codec in MARKS:
        if content.startswith(mark):
            return codec
    match = DECLARED.search(content[:HEAD])
    try:
        codec = codecs.lookup(match[1].decode()).name if match else ""
    except LookupError:
        return ""
    return AS_BROWSERS_DO.get(codec, codec)


def stream_html(text: str, name: str, handler: PageHandler) -> None:
    """Read a web page; `name` is the file's name in messages. What is not well formed is read as browsers do.

    Raises `InputError` if it cannot be read at all.
    """
    target: Any = _Target(handler)
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)
    try:
        for start in range(0, len(text), CHUNK):
            parser.feed(text[start : start + CHUNK].encode("utf-8", errors="replace"))
        parser.close()
    except (etree.LxmlError, SyntaxError) as error:
        raise InputError("The web page cannot be read.", Place(name), SAVE_AGAIN) from error
