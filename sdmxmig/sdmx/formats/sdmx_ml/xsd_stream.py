"""Whether a structure message that was written is valid, held against the official schema piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast

from lxml import etree

from sdmxmig.io.intake.files import read_stream
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.xsd import compiled, readable


def first_problem(content: bytes, dialect: Dialect) -> str:
    """What the official schema finds first in a well-formed message, in words; empty if it is valid.

    The tree of the message is taken apart as it grows, so that memory stays small.
    """
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
    """Empty an element that was judged, and take out of the tree what stands before it."""
    element.clear()
    above = element.getparent()
    if above is not None:
        for sibling in list(element.itersiblings(preceding=True)):
            above.remove(sibling)
