"""Streaming validation of written structure messages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast

from lxml import etree

from sdmxmig.io.intake.files import read_stream
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.xsd import compiled, readable


def first_problem(content: bytes, dialect: Dialect) -> str:
    """Return the first schema violation of a well-formed message, or an empty text."""
    parser = etree.XMLPullParser(events=("end",), schema=compiled(dialect.id, ()), huge_tree=True)
    try:
        for piece in read_stream(io.BytesIO(content)):  # of much at once the parser says that it is not well formed
            parser.feed(piece)
            for _, element in cast("Iterator[tuple[str, etree._Element]]", parser.read_events()):
                forget(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        [(_, message)] = readable([(0, str(error.msg))])
        return message
    return ""


def forget(element: etree._Element) -> None:
    element.clear()
    above = element.getparent()
    if above is not None:
        for sibling in list(element.itersiblings(preceding=True)):
            above.remove(sibling)
