"""Web pages, parsed as streams; references are never followed."""

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


class PageHandler(Protocol):
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
        """End the page."""


def declared_encoding(content: bytes) -> str:
    """Return a page's declared encoding as a Python codec, or empty.

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
    """Parse a web page as browsers do; raises `InputError` if impossible."""
    target: Any = _Target(handler)
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)
    try:
        for start in range(0, len(text), CHUNK):
            parser.feed(text[start : start + CHUNK].encode("utf-8", errors="replace"))
        parser.close()
    except (etree.LxmlError, SyntaxError) as error:
        raise InputError("The web page cannot be read.", Place(name), SAVE_AGAIN) from error
