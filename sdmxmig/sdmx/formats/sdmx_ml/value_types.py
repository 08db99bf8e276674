"""Value checks by the types of the generated schema, also used for tables and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast
from xml.sax.saxutils import escape

from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats.forbidden import FORBIDDEN
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import FACETS, XS, add_type
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

OWN = "urn:sdmxmig:values"
COMMON = "SDMXCommon.xsd"
MANY = 10_000
"""So many texts are judged at once."""
UNWRITABLE = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")
INSTEAD = "\ufffd"
"""Stands for a character that no XML can hold."""
FACET = re.compile(r"\[facet '(\w+)'\]")
NAMES = {name: facet for facet, name in FACETS.items()}
BLANKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
HEAD, TAIL = f'<o:values xmlns:o="{OWN}">\n', "\n</o:values>"


class ValueType:
    """The allowed texts of a component in a version of SDMX.

    `with_nan` allows NaN and ``#N/A`` (intentionally missing). Raises `DeclarationError` for an invalid pattern;
    `wrong` raises it for a pattern that takes too long.
    """

    def __init__(self, flow: Flow, component: Component, dialect: Dialect, *, with_nan: bool) -> None:
        schema = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS, "own": OWN, "common": dialect.common})
        schema.set("targetNamespace", OWN)
        type_ = add_type(schema, flow, component, with_nan=with_nan)
        named = [type_, *(str(value) for element in schema.iter() for value in element.attrib.values())]
        if any("common:" in name for name in named):
            common = etree.Element(f"{{{XS}}}import", namespace=dialect.common, schemaLocation=COMMON)
            schema.insert(0, common)
        values = etree.SubElement(schema, f"{{{XS}}}element", name="values")
        sequence = etree.SubElement(etree.SubElement(values, f"{{{XS}}}complexType"), f"{{{XS}}}sequence")
        etree.SubElement(sequence, f"{{{XS}}}element", name="v", type=type_, maxOccurs="unbounded")
        self._where = f"The type of {component.id} in {flow.structure.ref.short}"
        try:
            self._schema = _compiled(dialect.id, etree.tostring(schema))
        except etree.XMLSchemaParseError as error:
            raise DeclarationError(f"{self._where} is none: {error}.", hint="Its values were not checked.") from error

    def wrong(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield invalid texts with the violated facet; empty if the type is wrong."""
        for start in range(0, len(texts), MANY):
            part = texts[start : start + MANY]
            broken = self._broken(part)
            yield from ((text, broken[number]) for number, text in enumerate(part) if number in broken)

    def _broken(self, texts: Sequence[str]) -> dict[int, str]:
        escaped = (escape(UNWRITABLE.sub(INSTEAD, text), BLANKS) for text in texts)
        content = HEAD + "\n".join(f"<v>{text}</v>" for text in escaped) + TAIL
        root = etree.fromstring(content.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
        try:
            if self._schema.validate(root):
                return {}
        except etree.XMLSchemaValidateError as error:
            message = f"{self._where} has a pattern that takes too long to be tried."
            raise DeclarationError(message, hint="Its values were not checked.") from error
        facets: dict[int, str] = {}
        for entry in cast("Iterable[Any]", self._schema.error_log):
            facet = FACET.search(entry.message)
            facets.setdefault(entry.line - 2, NAMES.get(facet[1], "") if facet else "")
        return facets


@lru_cache(maxsize=64)
def _compiled(dialect_id: str, text: bytes) -> etree.XMLSchema:
    dialect = next(dialect for dialect in DIALECTS if dialect.id == dialect_id)
    parser = etree.XMLParser(no_network=True)
    beside = dialect.schema.with_name("values.xsd").as_uri()
    return etree.XMLSchema(etree.fromstring(text, parser, base_url=beside))
