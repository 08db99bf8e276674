"""Whether a structure message that was written is valid, held against the official schema piece by piece."""

from __future__ import annotations

import io

from lxml import etree

from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.xsd import compiled, readable


def first_problem(content: bytes, dialect: Dialect) -> str:
    """What the official schema finds first in a well-formed message, in words; empty if it is valid.

    The tree of the message is taken apart as it grows, so that memory stays small.
    """
    try:
        for _, element in etree.iterparse(io.BytesIO(content), schema=compiled(dialect.id, ()), huge_tree=True):
            element.clear()
            before = element.getprevious()
            while before is not None:
                element.getparent().remove(before)
                before = element.getprevious()
    except etree.XMLSyntaxError as error:
        [(_, said)] = readable([(0, str(error.msg))])
        return said
    return ""
